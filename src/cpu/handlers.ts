// The interpreter's machine code: one inner function with the hot handlers behind a br_table, and modules of further handlers compiled when a form is
// first met, reached through a table. Which record runs next is the inner function's business; what a handler does is in isa/.
import { assert } from '../base/assert';
import { ENGINE, JUMP_CACHE, JUMP_CACHE_ENTRIES, JUMP_ENTRY_BYTES, RECORD, RECORD_BYTES, REGION_ENTRY, REGION_EXIT, REGION_EXIT_MASK, REGIONS, STATE } from './layout';
import type { Decoder, Form } from './decode';
import { common } from './isa/common';
import { routines, type Helper, type Routine } from './isa/machine';
import { Tier0, type Surroundings } from './tier0';
import { Bytes } from './wasm/bytes';
import { Code, Locals, type Callee, type Label, type V, type Variable } from './wasm/code';
import { ModuleBuilder } from './wasm/module';
import type { KeptCode } from './kept_code';
import type { RegionModule } from './translator/kept_regions';
import { GATE, SyscallGateEmitter } from './translator/syscall_gate';
import type { CpuOptions, SyscallGate } from './ports';
import type { Prebuilt } from './prebuilt';
import type { PhysicalMemory } from './physical_memory';

/** Records that are no instructions, by handler number. */
export const PSEUDO = {
  /** What comes next is not known (or no longer valid): look up RIP. `immediate` low: the record of the jump that leads here, 0 for none. */
  stub: 0,
  /** Goes on at `immediate`, or at `link`. */
  goto: 1,
  /** The next record is of an instruction that goes over the page's end. `immediate` low: fetchGeneration when both pages were last checked. */
  cross: 2,
  breakpoint: 3,
  undefined: 4,
  /** The instruction's bytes cannot be fetched. */
  fetchFault: 5,
  count: 6,
} as const;

/** Handler numbers from here on are entries of regions (translator/). */
export const FIRST_REGION = 0x8000;

/** Why the inner function came back. */
export const LEFT = { budget: 0, leave: 1, lookup: 2, stub: 3, cross: 4, breakpoint: 5, undefined: 6, fetchFault: 7, stale: 8, hypercall: 9, raised: 10 } as const;

/** What a region's function returns when its pages have to be looked at first; and when run() is to come back from a hypercall. */
export const REGION_STALE = -1, REGION_HYPERCALL = -2;

/** What a handler outside the inner function returns. */
const STATUS = { next: 0, leave: 1, jump: 2, branch: 3, ring: 4, hypercall: 5 } as const;

export interface HandlerImports {
  /** These two may have delivered the exception of the instruction that they have leave: see ENGINE.handledAt. */
  slowPath: (record: number, info: number) => number;
  callHelper: (record: number, number: number) => number;
  /** VMCALL, with RIP behind it; `left`: what is left of the budget. What is left of it now, or a negative number: the inner function comes back. */
  hypercall: (left: number) => number;
}

export type InnerFunction = (record: number, left: number) => number;

/** How isa/common.ts names an encoding. */
export const formName = ({ encoding }: Pick<Form, 'encoding'>): string => [encoding.row[0], encoding.mnemonic, ...encoding.operands.map(o => o.code)].join(' ');

/** Hot loops are made of it: it belongs into the inner function. */
const isInlined = (form: Form | undefined): form is Form => form?.encoding.options.hot === true && !form.isRare;

const knownAs = (encoding: number, key: number): number => encoding * 2 ** 14 + key;

export class Handlers {
  private readonly helpers: (Helper | { form: () => Form; ordinal: number })[] = [];
  private readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: 4096 });
  private readonly regions = new WebAssembly.Table({ element: 'anyfunc', initial: 1024 });
  private readonly routineFunctions = new Map<Routine, unknown>();
  private tablesEnd: number = ENGINE.tables;
  private readonly tables = new Map<string, number>();
  /** By handler number, those that were met. */
  private readonly forms: (Form | undefined)[] = [];
  /** Handler numbers of prebuilt code, by knownAs(). */
  private readonly known = new Map<number, number>();
  /** Encoding number and key by handler number, for forms of prebuilt code. */
  private readonly prebuiltForms: (readonly [encoding: number, key: number] | undefined)[] = [];
  /** Handlers below it have the same number in every processor of this build. */
  private readonly shared: number;
  /** What the records of another processor name: see adopt(). */
  private metBefore: readonly number[] = [];
  private missing: Form[] = [];
  run!: InnerFunction;
  private gate: ((...args: number[]) => number) | undefined;
  /** For regions: see translator/syscall_gate.ts. */
  syscallGate: SyscallGate | null = null;
  /** Numbers of the handlers in the inner function. */
  private inlined: ReadonlySet<number> = new Set();

  constructor(private readonly memory: PhysicalMemory, private readonly imports: HandlerImports, private readonly decoder: Decoder, prebuilt: Prebuilt | undefined | 'none', private readonly compileModule: NonNullable<CpuOptions['compileModule']> = bytes => new WebAssembly.Module(bytes)) {
    for (let i = 0; i < PSEUDO.count; i++) this.forms.push(undefined);
    if (prebuilt && prebuilt !== 'none') this.restore(prebuilt, decoder);
    else if (prebuilt !== 'none') { this.run = this.buildInner(new Set()); this.needCommon(decoder); }
    this.shared = this.forms.length;
  }

  /** Promises the forms that ordinary programs meet, so that they stand in the first module that is compiled. */
  private needCommon(decoder: Decoder): void {
    const byName = new Map(decoder.encodings.map(encoding => [formName({ encoding }), encoding]));
    for (const [name, ...keys] of common) {
      const encoding = byName.get(name);
      if (encoding) for (const key of keys) this.need(decoder.formFor(encoding, key));
    }
  }

  /** Builds the inner function anew with the hot forms that have been met so far inside, if it lacks any. */
  promote(): void {
    for (const handler of this.metBefore) this.formOf(handler);
    const met = new Set(this.forms.filter(isInlined));
    if ([...met].every(form => this.inlined.has(form.handler))) return;
    this.run = this.buildInner(met);
  }

  /** The form that a handler number stands for. */
  formOf(handler: number): Form | undefined {
    const known = this.forms[handler];
    if (known) return known;
    const prebuilt = this.prebuiltForms[handler];
    if (!prebuilt) return undefined;
    const form = this.decoder.formFor(this.decoder.encoding(prebuilt[0]), prebuilt[1]);
    form.handler = handler;
    return this.forms[handler] = form;
  }

  // --- code that was decoded by another processor --------------------------------------------------------------------------------------------

  /** The forms that have handlers which not every processor of this build has, by handler; and the handlers, of the others, that were met. */
  namedForms(): Pick<KeptCode, 'forms' | 'met'> {
    const own = this.forms.slice(this.shared) as Form[], met = new Set(this.metBefore);
    for (let handler = PSEUDO.count; handler < this.shared; handler++) if (this.forms[handler]) met.add(handler);
    return { forms: own.map(({ encoding, key }) => [encoding.id, key] as const), met: [...met] };
  }

  /** Gives the handlers of namedForms() of another processor the numbers that they had there. Before any other need(). */
  adopt({ forms, met }: Pick<KeptCode, 'forms' | 'met'>): void {
    for (const [id, key] of forms) this.need(this.decoder.formFor(this.decoder.encoding(id), key));
    this.compile();
    this.metBefore = met;
  }

  /** Every form that has a handler, as `opcode mnemonic` and key: what isa/common.ts is made from. */
  met(): { name: string; key: number }[] {
    return this.forms.flatMap(form => form ? [{ name: formName(form), key: form.key }] : []);
  }

  /** Gives the form a handler number; compile() must follow before it runs. */
  need(form: Form): number {
    if (form.handler >= 0) return form.handler;
    const known = this.known.get(knownAs(form.encoding.id, form.key));
    form.handler = known ?? this.forms.length;
    this.forms[form.handler] = form;
    if (known === undefined) this.missing.push(form);
    return form.handler;
  }

  /** Compiles what need() has promised. */
  compile(): void {
    if (this.missing.length === 0) return;
    const forms = this.missing;
    this.missing = [];
    this.install(this.emitOuter(forms));
  }

  /** With the routines that the handlers call. */
  private emitOuter(forms: readonly Form[]): Uint8Array<ArrayBuffer> {
    const module = new ModuleBuilder(), routines = new Map<Routine, Callee>();
    const routine = (r: Routine): Callee => {
      let callee = routines.get(r);
      if (!callee) routines.set(r, callee = module.addFunction(r.params, r.results, this.routineBody(r, routine)));
      return callee;
    };
    const around = { ...this.importsOf(module), routine }, first = forms[0]?.handler ?? 0;
    module.importTable('e', 'table');
    assert(forms.every(({ handler }, i) => handler === first + i), 'handlers of one module have numbers in a row');
    const bodies = forms.map(form => this.outerBody(form, around));
    module.addElements(first, bodies.map(body => module.addFunction(['i32'], ['i32'], body)));
    return module.finish();
  }

  /** Puts the handlers of a module into the table. */
  private install(bytes: Uint8Array<ArrayBuffer>, isCommon = false): void {
    if (this.table.length < this.forms.length) this.table.grow(this.forms.length + 1024 - this.table.length);
    this.instantiate(bytes, [], isCommon);
  }

  /** Writes regions into one module. */
  writeRegions(emitters: readonly ((around: RegionSurroundings) => Code)[]): RegionModule {
    const module = new ModuleBuilder(), around = this.importsOf(module), callOut = module.importFunction('e', 'hypercall', ['i32'], ['i32']);
    let imported: Callee | undefined;
    const gate = this.syscallGate && ((): Callee => imported ??= module.importFunction('e', 'gate', ['i32', 'i32', 'i32'], ['i32']));
    const bodies = emitters.map(emit => {
      const out = new Bytes(), locals = new Locals(3);
      emit({ slowPath: around.slowPath, callHelper: around.callHelper, callOut, gate: gate ?? undefined, helperNumber: h => this.helperNumber(h), routine: r => around.routine(r), table: b => this.constantTable(b) }).emit(out, locals);
      out.byte(0x00);
      return locals.body(out);
    });
    bodies.forEach((body, i) => module.addFunction(['i32', 'i32', 'i32'], ['i32'], body, `r${i}`));
    return { ...module.finishMarked(), routines: [...around.routines.keys()].map(({ name }) => name) };
  }

  /** The functions of a module of regions, by their place in it. */
  loadRegions({ bytes, routines: names }: RegionModule): (index: number) => unknown {
    const used = names.map(name => routines.get(name) ?? assert(false, `routine ${name}`) as never);
    const { exports } = this.instantiate(bytes, used);
    return index => exports[`r${index}`];
  }

  /** Made when the first region asks for it. */
  private gateFunction(): (...args: number[]) => number {
    const { syscallGate } = this;
    if (!syscallGate) return () => GATE.refused;
    return this.gate ??= this.loadRegions(this.writeRegions([around => new SyscallGateEmitter(this.formOf(PSEUDO.count) as Form, syscallGate, around)]))(0) as (...args: number[]) => number;
  }

  /** Puts a region's function where its entries call it. */
  placeRegion(slot: number, region: unknown): void {
    if (this.regions.length <= slot) this.regions.grow(slot + 1024 - this.regions.length);
    this.regions.set(slot, region);
  }

  /** Constant tables in the order in which they stand in memory. */
  constantTables(): readonly (readonly number[])[] { return [...this.tables.keys()].map(key => key.split(',').map(Number)); }
  /** Gives constant tables the places that they have in another processor. Before any other is asked for. */
  placeTables(tables: readonly (readonly number[])[]): void { for (const table of tables) this.constantTable(table); }

  // --- what is made when the product is built ------------------------------------------------------------------------------------------------

  /** The code that every processor starts with, for `prebuilt.ts`; called on a processor's handlers that have met nothing yet. */
  snapshot(decoder: Decoder): Omit<Prebuilt, 'rows' | 'mnemonics'> {
    this.needCommon(decoder);
    const forms = this.missing;
    this.missing = [];
    const hot = forms.filter(isInlined), bytes = this.emitOuter(forms), inner = this.emitInner(new Set(hot));
    const helpers = [...forms, ...hot].flatMap(form => this.helpersOf(form).map((_, ordinal) => [forms.indexOf(form), ordinal] as const));
    return { inner, outer: bytes, hot: hot.map(form => form.handler), forms: forms.map(form => [form.encoding.id, form.key]), helpers, tables: this.constantTables() };
  }

  /** Forms have their handlers at once; they themselves are made when a program meets them. */
  private restore(prebuilt: Prebuilt, decoder: Decoder): void {
    this.placeTables(prebuilt.tables);
    const first = this.forms.length;
    prebuilt.forms.forEach(([id, key], i) => {
      this.known.set(knownAs(id, key), first + i);
      this.prebuiltForms[first + i] = [id, key];
    });
    this.forms.length += prebuilt.forms.length;
    for (const [index, ordinal] of prebuilt.helpers) {
      const [id, key] = prebuilt.forms[index] as readonly [number, number];
      this.helpers.push({ form: () => decoder.formFor(decoder.encoding(id), key), ordinal });
    }
    this.install(prebuilt.outer, true);
    this.run = this.instantiate(prebuilt.inner, [], true).exports['run'] as InnerFunction;
    this.inlined = new Set(prebuilt.hot);
  }

  /** What the semantics of a form call, without emitting it. */
  private helpersOf(form: Form): Helper[] {
    const helpers: Helper[] = [], none: Callee = { index: 0, params: ['i32', 'i32'], results: ['i32'] };
    const m = new Tier0(form, {
      record: new Code().parameter('i32', 0), slowPath: none, callHelper: none, tlb: c => c.i32(0), leave: () => undefined, jumpTo: () => undefined, branchTo: () => undefined, changeRing: () => undefined, hypercall: () => undefined,
      helperNumber: helper => helpers.push(helper), routine: r => ({ index: 0, params: r.params, results: r.results }), table: () => 0,
    });
    m.build();
    return helpers;
  }

  /** The helper behind a number; those of prebuilt code are found in their form's semantics when first called. */
  helper(number: number): Helper {
    const known = this.helpers[number];
    assert(known, `helper ${number}`);
    if (typeof known === 'function') return known;
    const form = known.form(), found = this.helpersOf(form)[known.ordinal];
    assert(found, `helper ${known.ordinal} of ${formName(form)}`);
    this.helpers[number] = found;
    return found;
  }

  // --- handlers outside the inner function ---------------------------------------------------------------------------------------------------

  private outerBody(form: Form, module: OuterModule): Bytes {
    const build = (): Tier0 => {
      const record = new Code().parameter('i32', 0);
      const m: Tier0 = new Tier0(form, {
        record, slowPath: module.slowPath, callHelper: module.callHelper,
        tlb: (c, access) => c.state(access === 'w' ? ENGINE.writeTlb : ENGINE.readTlb),
        leave: c => c.return(c.i32(STATUS.leave)),
        jumpTo: (c, target) => { c.setState(ENGINE.target, target); c.return(c.i32(STATUS.jump)); },
        branchTo: c => c.return(c.i32(STATUS.branch)),
        changeRing: (c, target) => { c.setState(ENGINE.target, target); c.return(c.i32(STATUS.ring)); },
        hypercall: c => c.return(c.i32(STATUS.hypercall)),
        helperNumber: helper => this.helperNumber(helper),
        routine: routine => module.routine(routine),
        table: bytes => this.constantTable(bytes),
      });
      m.build();
      m.return(m.i32(STATUS.next));
      return m;
    };
    const out = new Bytes(), locals = new Locals(1);
    build().emit(out, locals);
    out.byte(0x00);
    return locals.body(out);
  }

  private importsOf(module: ModuleBuilder): OuterModule {
    module.importMemory('e', 'memory');
    const slowPath = module.importFunction('e', 'slowPath', ['i32', 'i32'], ['i32']);
    const callHelper = module.importFunction('e', 'callHelper', ['i32', 'i32'], ['i32']);
    const routines = new Map<Routine, Callee>();
    const routine = (r: Routine): Callee => {
      let callee = routines.get(r);
      if (!callee) {
        this.routineFunction(r);
        routines.set(r, callee = module.importFunction('r', r.name, r.params, r.results));
      }
      return callee;
    };
    return { slowPath, callHelper, routines, routine };
  }

  /** The wasm function of a routine, compiled when first asked for, in a module of its own. */
  private routineFunction(routine: Routine): unknown {
    const known = this.routineFunctions.get(routine);
    if (known) return known;
    const module = new ModuleBuilder(), around = this.importsOf(module);
    module.addFunction(routine.params, routine.results, this.routineBody(routine, around.routine), 'f');
    const made = this.instantiate(module.finish(), around.routines.keys()).exports['f'];
    this.routineFunctions.set(routine, made);
    return made;
  }

  private routineBody(routine: Routine, calleeOf: (routine: Routine) => Callee): Bytes {
    const code = new Code(), out = new Bytes(), locals = new Locals(routine.params.length);
    const results = routine.body(code, routine.params.map((type, i) => code.parameter(type, i)), (r, ...values) => code.call(calleeOf(r), ...values), bytes => code.i32(this.constantTable(bytes)));
    code.return(...results);
    code.emit(out, locals);
    out.byte(0x00);
    return locals.body(out);
  }

  private instantiate(bytes: Uint8Array<ArrayBuffer>, routines: Iterable<Routine>, isCommon = false): WebAssembly.Instance {
    const r: Record<string, unknown> = {};
    for (const routine of routines) {
      assert(!(routine.name in r), `two routines are named ${routine.name}`);
      r[routine.name] = this.routineFunction(routine);
    }
    const gate = (): unknown => this.gateFunction();
    return new WebAssembly.Instance(this.compileModule(bytes, isCommon), { e: { memory: this.memory.memory, table: this.table, regions: this.regions, ...this.imports, get gate() { return gate(); } }, r });
  }

  private helperNumber(helper: Helper): number {
    return this.helpers.push(helper) - 1;
  }

  private constantTable(bytes: readonly number[]): number {
    const key = bytes.join();
    let at = this.tables.get(key);
    if (at === undefined) {
      at = this.tablesEnd;
      this.tablesEnd = (at + bytes.length + 15) & ~15;
      assert(this.tablesEnd <= ENGINE.tablesEnd, 'room for constant tables');
      this.memory.u8.set(bytes, at);
      this.tables.set(key, at);
    }
    return at;
  }

  /** A record at which a region begins: the region, if the budget covers its first block; else the record's own handler. See emitter.ts:REGION_LEFT. */
  private enterRegion(code: Code, { record, left, handler, status, again, call, goNext, lookup, stale, hypercalled }: RegionEntrance): void {
    const entryOf = (h: V<'i32'>): V<'i32'> => code.op('i32.add', code.op('i32.shl', code.op('i32.sub', h, code.i32(FIRST_REGION)), code.i32(4)), code.i32(REGIONS));
    const entry = entryOf(handler.get()), budget = code.op('i32.add', left.get(), code.i32(1));
    code.when(code.op('i32.lt_s', budget, code.load('i32.load', entry, REGION_ENTRY.minimum)), () => {
      handler.set(code.load('i32.load16_u', entry, REGION_ENTRY.original));
      code.br(again);
    });
    const [to] = code.call(call, record.get(), budget, code.load('i32.load16_u', entry, REGION_ENTRY.state), code.load('i32.load', entry, REGION_ENTRY.slot)) as [V<'i32'>];
    const count = (cause: V<'i32'>): void => {
      const at = code.op('i32.shl', cause, code.i32(2));
      code.store('i32.store', at, ENGINE.regionExits, code.op('i32.add', code.load('i32.load', at, ENGINE.regionExits), code.i32(1)));
    };
    const counted = (cause: keyof typeof REGION_EXIT, act: () => void) => (): void => { count(code.i32(REGION_EXIT[cause])); act(); };
    const causeOf = (place: V<'i32'>): V<'i32'> => code.op('i32.and', place, code.i32(REGION_EXIT_MASK)), recordOf = (place: V<'i32'>): V<'i32'> => code.op('i32.and', place, code.i32(~REGION_EXIT_MASK));
    status.set(to);
    code.when(code.op('i32.eq', to, code.i32(REGION_STALE)), counted('stale', stale));
    left.set(code.load('i32.load', code.i32(0), ENGINE.regionLeft));
    code.when(code.op('i32.gt_s', to, code.i32(0)), () => { count(causeOf(to)); goNext(recordOf(to)); });
    code.when(code.op('i32.eqz', to), counted('lookup', lookup));
    code.when(code.op('i32.eq', to, code.i32(REGION_HYPERCALL)), counted('hypercall', hypercalled));
    // Interpret this one, whatever begins there.
    const place = code.op('i32.sub', code.i32(0), to), at = recordOf(place), own = code.load('i32.load16_u', at, RECORD.handler);
    count(causeOf(place));
    record.set(at);
    left.set(code.op('i32.sub', left.get(), code.i32(1)));
    handler.set(own);
    code.when(code.op('i32.ge_u', own, code.i32(FIRST_REGION)), () => handler.set(code.load('i32.load16_u', entryOf(own), REGION_ENTRY.original)));
    code.br(again);
  }

  // --- the inner function --------------------------------------------------------------------------------------------------------------------

  private buildInner(inline: ReadonlySet<Form>): InnerFunction {
    this.inlined = new Set([...inline].map(form => form.handler));
    return this.instantiate(this.emitInner(inline), []).exports['run'] as InnerFunction;
  }

  private emitInner(inline: ReadonlySet<Form>): Uint8Array<ArrayBuffer> {
    const module = new ModuleBuilder();
    module.importMemory('e', 'memory');
    module.importTable('e', 'table');
    module.importTable('e', 'regions');
    const slowPath = module.importFunction('e', 'slowPath', ['i32', 'i32'], ['i32']);
    const callHelper = module.importFunction('e', 'callHelper', ['i32', 'i32'], ['i32']), hypercall = module.importFunction('e', 'hypercall', ['i32'], ['i32']);
    const statusType = module.type(['i32'], ['i32']), regionType = module.type(['i32', 'i32', 'i32'], ['i32']);
    const out = new Bytes(), locals = new Locals(8);
    const RECORD_LOCAL = 0, LEFT_LOCAL = 1, CODE = 2, READ_TLB = 3, WRITE_TLB = 4, TARGET = 5, STATUS_LOCAL = 6, HANDLER = 7;
    const exit: Label = { depth: 0 }, next: Label = { depth: 1 }, lookup: Label = { depth: 2 }, leave: Label = { depth: 3 }, again: Label = { depth: 4 };
    const block = (): void => out.bytes([0x02, 0x40]);

    /** Code written at the given block depth. */
    const at = (depth: number, write: (code: Code) => void): void => {
      locals.reset();
      const code = new Code();
      write(code);
      code.emit(out, locals, depth);
    };
    const record = (code: Code): V<'i32'> => code.variableAt('i32', RECORD_LOCAL).get();
    const goNext = (code: Code, to: V<'i32'>): void => { code.variableAt('i32', RECORD_LOCAL).set(to); code.br(next); };
    const leaveWith = (code: Code, reason: number): void => { code.variableAt('i32', CODE).set(code.i32(reason)); code.br(exit); };
    const giveBack = (code: Code): void => { const left = code.variableAt('i32', LEFT_LOCAL); left.set(code.op('i32.add', left.get(), code.i32(1))); };
    const jumpTo = (code: Code, target: V<'i64'>): void => { code.variableAt('i64', TARGET).set(target); code.br(lookup); };
    const branchTo = (code: Code): void => {
      const link = code.load('i32.load', record(code), RECORD.link);
      code.when(link, () => goNext(code, link));
      jumpTo(code, code.load('i64.load', record(code), RECORD.immediate));
    };

    const loadTlbs = (code: Code): void => {
      code.variableAt('i32', READ_TLB).set(code.load('i32.load', code.i32(0), ENGINE.readTlb));
      code.variableAt('i32', WRITE_TLB).set(code.load('i32.load', code.i32(0), ENGINE.writeTlb));
    };
    /** Whoever answers may change all that there is of the processor: where it goes on is looked up. */
    const callOut = (code: Code): void => {
      const left = code.variableAt('i32', LEFT_LOCAL), [more] = code.call(hypercall, left.get()) as [V<'i32'>];
      code.when(code.op('i32.lt_s', more, code.i32(0)), () => leaveWith(code, LEFT.hypercall));
      left.set(more);
      loadTlbs(code);
      jumpTo(code, code.load('i64.load', code.i32(0), STATE.rip));
    };

    at(0, loadTlbs);
    block();
    out.bytes([0x03, 0x40]);
    block(); block();
    // Depth 5: one block per handler, the default outermost.
    const base = 5, inside: number[] = [];
    this.forms.forEach((form, i) => { if (i < PSEUDO.count || (form && inline.has(form))) inside.push(i); });
    const count = inside.length, top = (inside.at(-1) ?? 0) + 1;
    at(base - 1, code => {
      const left = code.variableAt('i32', LEFT_LOCAL);
      left.set(code.op('i32.sub', left.get(), code.i32(1)));
      code.when(code.op('i32.lt_s', left.get(), code.i32(0)), () => leaveWith(code, LEFT.budget));
      code.variableAt('i32', HANDLER).set(code.load('i32.load16_u', record(code), RECORD.handler));
    });
    out.bytes([0x03, 0x40]);
    for (let i = 0; i <= count; i++) block();
    out.bytes([0x20, HANDLER, 0x0e]);
    out.u32(top);
    for (let handler = 0, i = 0; handler < top; handler++) out.u32(inside[i] === handler ? i++ : count);
    out.u32(count);
    for (let i = 0; i < count; i++) {
      out.byte(0x0b);
      const depth = base + count - i, handler = inside[i] as number;
      const form = this.forms[handler];
      if (!form) { at(depth, code => pseudo(code, handler)); continue; }
      locals.reset();
      const m = new Tier0(form, {
        record: new Code().parameter('i32', RECORD_LOCAL), slowPath, callHelper,
        tlb: (code, access) => code.parameter('i32', access === 'w' ? WRITE_TLB : READ_TLB),
        leave: code => code.br(leave),
        jumpTo, branchTo,
        changeRing: (code, target) => { loadTlbs(code); jumpTo(code, target); },
        hypercall: callOut,
        helperNumber: helper => this.helperNumber(helper),
        routine: r => { throw new Error(`a hot row calls routine ${r.name}`); },
        table: bytes => this.constantTable(bytes),
      } satisfies Surroundings);
      m.build();
      goNext(m, m.op('i32.add', record(m), m.i32(RECORD_BYTES)));
      m.emit(out, locals, depth);
    }
    out.byte(0x0b);
    out.bytes([0x20, HANDLER, 0x41]); out.s32(FIRST_REGION);
    out.bytes([0x4f, 0x04, 0x40]);
    at(base + 1, code => this.enterRegion(code, { record: code.variableAt('i32', RECORD_LOCAL), left: code.variableAt('i32', LEFT_LOCAL), handler: code.variableAt('i32', HANDLER), status: code.variableAt('i32', STATUS_LOCAL), again,
      call: { index: -1, params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'], type: regionType, table: 1 }, goNext: to => goNext(code, to), lookup: () => { loadTlbs(code); jumpTo(code, code.load('i64.load', code.i32(0), ENGINE.target)); }, stale: () => { giveBack(code); leaveWith(code, LEFT.stale); }, hypercalled: () => leaveWith(code, LEFT.hypercall) }));
    out.byte(0x0b);
    // Every other handler: through the table.
    out.bytes([0x20, RECORD_LOCAL, 0x20, HANDLER]);
    out.byte(0x11); out.u32(statusType); out.byte(0);
    out.bytes([0x21, STATUS_LOCAL]);
    at(base, code => {
      const status = code.parameter('i32', STATUS_LOCAL);
      code.when(code.op('i32.eqz', status), () => goNext(code, code.op('i32.add', record(code), code.i32(RECORD_BYTES))));
      code.br(leave, code.op('i32.eq', status, code.i32(STATUS.leave)));
      code.when(code.op('i32.eq', status, code.i32(STATUS.branch)), () => branchTo(code));
      code.when(code.op('i32.eq', status, code.i32(STATUS.hypercall)), () => callOut(code));
      code.when(code.op('i32.eq', status, code.i32(STATUS.ring)), () => loadTlbs(code));
      jumpTo(code, code.load('i64.load', code.i32(0), ENGINE.target));
    });
    // End of the loop that runs a record by another handler, and of `leave`: the instruction was not retired.
    out.bytes([0x0b, 0x0b]);
    at(3, code => {
      giveBack(code);
      const handledAt = code.load('i32.load', code.i32(0), ENGINE.handledAt);
      code.when(handledAt, () => {
        code.store('i32.store', code.i32(0), ENGINE.handledAt, code.i32(0));
        code.when(code.op('i32.lt_s', handledAt, code.i32(0)), () => leaveWith(code, LEFT.raised));
        loadTlbs(code);
        goNext(code, handledAt);
      });
      leaveWith(code, LEFT.leave);
    });
    // End of `lookup`: the jump cache.
    out.byte(0x0b);
    at(2, code => {
      const target = code.variableAt('i64', TARGET).get();
      const low = code.wrap(target);
      const index = code.op('i32.and', code.op('i32.xor', low, code.op('i32.shr_u', low, code.i32(14))), code.i32(JUMP_CACHE_ENTRIES - 1));
      const entry = code.op('i32.shl', index, code.i32(4));
      const tag = code.xor(target, code.load('i64.load', code.i32(0), ENGINE.ringTag));
      for (const place of [entry, code.op('i32.xor', entry, code.i32(JUMP_ENTRY_BYTES))]) {
        code.when(code.op('i64.eq', code.load('i64.load', place, JUMP_CACHE), tag), () => {
          code.store('i64.store', code.i32(0), ENGINE.codePage, code.and(target, code.i64(-4096)));
          goNext(code, code.load('i32.load', place, JUMP_CACHE + 8));
        });
      }
      code.store('i64.store', code.i32(0), STATE.rip, target);
      leaveWith(code, LEFT.lookup);
    });
    out.bytes([0x0b, 0x0b]);
    at(0, code => {
      code.store('i32.store', code.i32(0), ENGINE.record, record(code));
      code.store('i32.store', code.i32(0), ENGINE.left, code.variableAt('i32', LEFT_LOCAL).get());
      code.return(code.variableAt('i32', CODE).get());
    });
    out.byte(0x00);
    const body = new Bytes();
    // Locals 2.. in the order of their numbers, then those of the handlers.
    const runs: [number, number][] = [[3, 0x7f], [1, 0x7e], [2, 0x7f]];
    const codes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
    for (const type of locals.types) runs.push([1, codes[type]]);
    body.u32(runs.length);
    for (const [n, type] of runs) { body.u32(n); body.byte(type); }
    body.bytes(out.view());
    body.byte(0x0b);
    module.addFunction(['i32', 'i32'], ['i32'], body, 'run');
    return module.finish();

    function pseudo(code: Code, which: number): void {
      giveBack(code);
      switch (which) {
        case PSEUDO.stub: leaveWith(code, LEFT.stub); return;
        case PSEUDO.goto: branchTo(code); return;
        case PSEUDO.cross:
          code.when(code.op('i32.eq', code.load('i32.load', record(code), RECORD.immediate), code.load('i32.load', code.i32(0), ENGINE.fetchGeneration)),
            () => goNext(code, code.op('i32.add', record(code), code.i32(RECORD_BYTES))));
          leaveWith(code, LEFT.cross);
          return;
        case PSEUDO.breakpoint: leaveWith(code, LEFT.breakpoint); return;
        case PSEUDO.undefined: leaveWith(code, LEFT.undefined); return;
        default: leaveWith(code, LEFT.fetchFault);
      }
    }
  }
}

/** What entering a region needs of the inner function. */
interface RegionEntrance {
  record: Variable<'i32'>; left: Variable<'i32'>; handler: Variable<'i32'>; status: Variable<'i32'>;
  /** Runs `record` by the handler in `handler`. */
  again: Label;
  call: Callee;
  goNext(to: V<'i32'>): void;
  lookup(): void;
  stale(): void;
  hypercalled(): void;
}

/** What a region's code calls; `callOut`: HandlerImports.hypercall; `gate`: translator/syscall_gate.ts. */
export type RegionSurroundings = Pick<Surroundings, 'slowPath' | 'callHelper' | 'helperNumber' | 'routine' | 'table'> & { readonly callOut: Callee; readonly gate: (() => Callee) | undefined };

interface OuterModule {
  slowPath: Callee; callHelper: Callee;
  routines: Map<Routine, Callee>;
  routine(routine: Routine): Callee;
}
