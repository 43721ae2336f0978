// What the translator has to know of an operand form before it writes code for it: found by running the semantics once against an emitter that only looks.
import type { Form } from '../decode';
import type { ArithKind, Doubt, FlagValues, Operand } from '../isa/machine';
import { Tier0 } from '../tier0';
import { Code, type Callee, type V } from '../wasm/code';

export interface FormFacts {
  /** On every path something happens that regions have no code for: a TypeScript helper, an exception. */
  readonly needsInterpreter: boolean;
  /** On some path the instruction is left before it is complete: a memory access, an exception, a helper. */
  readonly mayLeave: boolean;
  readonly readsFlags: boolean;
  /** All arithmetic flags are set, on every path. */
  readonly setsAllFlags: boolean;
  /** Flags are set on some path only. */
  readonly setsFlagsInside: boolean;
}

const ALL = ['cf', 'pf', 'af', 'zf', 'sf', 'of'] as const;
const NOTHING: Callee = { index: 0, params: ['i32', 'i32'], results: ['i32'] };

class Looker extends Tier0 {
  private nest = 0;
  needsInterpreter = false; mayLeave = false; readsFlags = false; setsAllFlags = false; setsFlagsInside = false;

  constructor(form: Form) {
    super(form, {
      record: new Code().parameter('i32', 0), slowPath: NOTHING, callHelper: NOTHING, tlb: c => c.i32(0), leave: () => undefined, jumpTo: () => undefined, branchTo: () => undefined, changeRing: () => undefined, hypercall: () => undefined,
      helperNumber: () => 0, routine: r => ({ index: 0, params: r.params, results: r.results }), table: () => 0,
    });
  }

  override when(condition: V<'i32'>, then: () => void, otherwise?: () => void): void {
    this.nest++;
    super.when(condition, then, otherwise);
    this.nest--;
  }
  override pointer(...args: Parameters<Tier0['pointer']>): V<'i32'> { this.mayLeave = true; return super.pointer(...args); }
  override raise(vector: number, condition?: V<'i32'>, errorCode?: number): void {
    this.mayLeave = true;
    if (!condition && this.nest === 0) this.needsInterpreter = true;
    super.raise(vector, condition, errorCode);
  }
  override callHelper(): void {
    this.mayLeave = true;
    if (this.nest === 0) this.needsInterpreter = true;
  }
  override attempt(act: (doubt: Doubt) => void): void {
    this.mayLeave = true;
    act(() => undefined);
  }
  override callExactly(): void { this.needsInterpreter = true; }
  override enterRing(): void { /* the ways out are those of jump() */ }
  override hypercall(): void { this.mayLeave = true; }
  override flag(name: keyof FlagValues): V<'i32'> { this.readsFlags = true; return super.flag(name); }
  override test(condition: Parameters<Tier0['test']>[0]): V<'i32'> { this.readsFlags = true; return super.test(condition); }
  override arith(kind: ArithKind, a: V<'i64'>, b: V<'i64'>, r: V<'i64'>, bits?: number): void { this.sets(true); super.arith(kind, a, b, r, bits); }
  override logic(r: V<'i64'>, bits?: number): void { this.sets(true); super.logic(r, bits); }
  override resultFlags(r: V<'i64'>, rest: FlagValues, bits?: number): void {
    this.sets(rest.cf !== undefined && rest.of !== undefined && rest.af !== undefined);
    super.resultFlags(r, rest, bits);
  }
  override setFlags(values: FlagValues): void {
    this.sets(ALL.every(name => values[name] !== undefined));
    super.setFlags(values);
  }
  private sets(all: boolean): void {
    if (this.nest > 0) this.setsFlagsInside = true;
    else if (all) this.setsAllFlags = true;
    else this.readsFlags = true;
  }
}

const known = new WeakMap<Form, FormFacts>();

export function factsOf(form: Form): FormFacts {
  let facts = known.get(form);
  if (!facts) {
    const looker = new Looker(form);
    looker.build();
    const { mayLeave, readsFlags, setsAllFlags, setsFlagsInside } = looker;
    known.set(form, facts = { needsInterpreter: looker.needsInterpreter, mayLeave, readsFlags, setsAllFlags, setsFlagsInside });
  }
  return facts;
}

/** How an instruction ends its block, by mnemonic and operands. */
export type Ending = 'none' | 'conditional' | 'jump' | 'call' | 'indirect' | 'indirect call' | 'return' | 'syscall' | 'hypercall';

export function endingOf(form: Form): Ending {
  const { mnemonic, operands, options } = form.encoding;
  const isRelative = (operands.at(-1) as Operand['kind'] | undefined)?.class === 'relative';
  if (isRelative) return mnemonic === 'jmp' ? 'jump' : mnemonic === 'call' ? 'call' : 'conditional';
  if (mnemonic === 'ret') return 'return';
  if (mnemonic === 'syscall') return 'syscall';
  if (mnemonic === 'vmcall') return 'hypercall';
  return !options.ends ? 'none' : mnemonic === 'call' ? 'indirect call' : 'indirect';
}
