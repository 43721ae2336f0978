// The processor: run loop, delivery of exceptions, breakpoints and watchpoints. What instructions mean: isa/. How they
// run: handlers.ts (interpreter). Knows nothing of any operating system.
import { AddressSpaces } from './address_spaces';
import { BounceBuffers } from './bounce';
import { CodeCache } from './code_cache';
import { ALONE, Context } from './context';
import { Decoder, type Form } from './decode';
import { deliver, Fault, type Source, type SystemAccess } from './exceptions';
import { InstructionFetch } from './fetch';
import { AC_FLAG, IF, TF } from './flags';
import { Handlers, LEFT } from './handlers';
import { lists } from './isa/index';
import { cpuid_leaf } from './isa/cpuid';
import { AC, DB, GP, UD } from './isa/machine';
import { readCode } from './kept_code';
import { ENGINE, PAGE_SIZE, RECORD, RECORD_BYTES, STATE } from './layout';
import { halves, LinearMemory } from './linear_memory';
import { EXECUTE, Mmu, USER, WRITE } from './mmu';
import type { PhysicalMemory } from './physical_memory';
import type { Access, CpuOptions, Exit, Processor, SyscallGate, TimeStampCounter, TranslationFault, WatchKind } from './ports';
import { prebuilt } from './prebuilt';
import { EngineProfile } from './profile';
import { Registers } from './registers';
import { readState, writeState } from './saved_state';
import { MISALIGNED, NEEDS_ALONE, SlowPath } from './slow_path';
import { Translator } from './translator/translator';
import { blockedUnits, isX87StateStale } from './units';
import { Watchpoints } from './watchpoints';
import { initialize, loadXsave, saveXsave } from './xsave';

/** Instructions before anything is looked at: programs that are over soon are not worth translating. */
const LOOK_AFTER = 300_000;
/**
 * Instructions between two looks at what runs, however often run() comes back meanwhile. An odd number, so that loops are not met at one place always.
 * Without the translator fewer do; V8 replaces a running function's code only between calls.
 */
const SAMPLE_PERIOD = 30_011, INTERPRETER_PERIOD = 100_003;
/** Looks that met interpreted code before the inner function is built; four times as many before each renewal. */
const PROMOTE_AFTER = 4000, PROMOTE_INTERPRETER_AFTER = 5;
const CR0_AM = 0x40000;

const HYPERCALL: Exit = { kind: 'hypercall' };
type Pending = 'none' | 'fault' | 'alone' | 'boundary';

export class Cpu implements Processor, SystemAccess {
  readonly registers: Registers;
  readonly timeStampCounter: TimeStampCounter = { base: 0, perInsn: 1 };
  onTimeStamp: (() => void) | null = null;
  onMark: (() => void) | null = null;
  onHypercall: (() => number) | null = null;
  private readonly decoder: Decoder;
  private readonly handlers: Handlers;
  private readonly mmu: Mmu;
  private readonly spaces: AddressSpaces;
  readonly code: CodeCache;
  private readonly fetch: InstructionFetch;
  private readonly context: Context;
  readonly translator: Translator | undefined;
  /** Everything that is reached by a jump is translated at once: for tests. */
  private readonly isEager: boolean;
  private retired = 0;
  /** Instructions retired when this run(), and this slice of it, is over; the slice is one instruction for a reason of its own. */
  private end = 0;
  private sliceEnd = 0;
  private isStepwise = false;
  /** The slice began at a breakpoint that it passes. */
  private isPassing = false;
  private promoteAt: number;
  private interpreted = 0;
  /** When to look next at what runs, in instructions retired. */
  private lookAt = LOOK_AFTER;
  private shadow = false;
  private stopRequested = false;
  private pending: Pending = 'none';
  /** The budget ended the last slice: the processor goes on where no jump need lead. */
  private isSliced = false;
  /** One instruction runs alone: its odd accesses go to bounce buffers that are written back when it is complete. */
  private alone = false;
  private readonly bounce: BounceBuffers;
  private readonly breakpoints = new Set<bigint>();
  private gate: SyscallGate | null = null;
  private readonly watches = new Watchpoints();
  private readonly slow: SlowPath;
  readonly linear: LinearMemory;
  /** The breakpoint that the last run() stopped at: the next one passes it. */
  private stoppedAt: bigint | undefined;
  private shutdownReason: string | undefined;
  private profile: EngineProfile | undefined;
  /** An instruction asks for memory, and `context` knows which one. */
  private isExecuting = false;
  /** The last instruction was a repeated one that goes on. */
  private isIncomplete = false;

  constructor(readonly memory: PhysicalMemory, private readonly options: CpuOptions = {}) {
    this.isEager = options.translateAfter === 0;
    this.promoteAt = options.engine === 'interpreter' ? PROMOTE_INTERPRETER_AFTER : PROMOTE_AFTER;
    this.bounce = new BounceBuffers(memory);
    this.decoder = new Decoder(lists, prebuilt?.rows);
    this.mmu = new Mmu(memory);
    this.linear = new LinearMemory(memory, this.mmu, this.watches, () => this.alone, address => this.isExecuting && this.context.isStackAccess(address));
    this.handlers = new Handlers(memory, {
      slowPath: (record, info) => { const found = this.slowPath(record, info); if (found === -1) this.raiseHere(record); return found; },
      callHelper: (record, number) => { const status = this.callHelper(record, number); if (status !== 0) this.raiseHere(record); return status; },
      hypercall: left => this.hypercall(left),
    }, this.decoder, prebuilt, options.compileModule);
    this.code = new CodeCache(memory, this.decoder, this.handlers, (low, high) => this.mmu.walk(low, high, this.fetch.rights, false), options.keptCode ? readCode(options.keptCode) : null);
    this.code.initialize();
    this.slow = new SlowPath(memory, this.mmu, this.watches, this.bounce, this.code);
    this.spaces = new AddressSpaces(memory, this.mmu, this.code);
    this.code.onNewCodePage = page => { this.mmu.flushWritesTo(page); this.spaces.forgetTranslations(); };
    this.fetch = new InstructionFetch(memory, this.mmu, this.code, (low, high) => this.pageFault(low, high), (jumper, page, record) => {
      if (jumper !== 0) this.translator?.noteJump(jumper, page, record);
      if (this.isEager) this.translator?.translateNow(page, record);
    });
    this.context = new Context(this);
    if (options.engine !== 'interpreter') {
      this.translator = new Translator(memory, this.handlers, this.code, (low, high, isUser, isData = false) => this.mmu.walk(low, high, (isData ? 0 : EXECUTE) | (isUser ? USER : 0), false), options.translateAfter, options.translatedBytes);
    }
    if (this.translator?.expectsRegions) this.lookAt = SAMPLE_PERIOD;
    this.registers = new Registers(memory, name => { if (name === 'cr3') this.flushAddressSpace(); this.controlChanged(); });
    memory.onCodeWrite = (pa, length) => { if (this.code.touches(pa, length)) this.code.dropPage(Math.floor(pa / PAGE_SIZE)); };
    memory.onCodeReplaced = page => this.code.shelvePage(page);
    this.reset();
  }

  reset(): void {
    const { view, u8, u64 } = this.memory;
    u8.fill(0, STATE.gpr, STATE.end);
    initialize(view, 7);
    view.setUint32(STATE.mxcsr, 0x1f80, true);
    view.setUint32(STATE.flagSystem, 2, true);
    view.setUint32(STATE.flagResult, 1, true);
    view.setUint32(STATE.cr0, 0x60000010, true);
    view.setUint32(STATE.xcr0, 1, true);
    u64[STATE.pat >> 3] = 0x0007040600070406n;
    u64[STATE.apicBase >> 3] = 0xfee00900n;
    view.setUint32(STATE.dr + 48, 0xffff0ff0, true);
    view.setUint32(STATE.dr + 56, 0x400, true);
    u64[ENGINE.plus2G >> 3] = 0x80000000n;
    view.setUint32(ENGINE.fetchGeneration, 1, true);
    this.retired = 0;
    this.interrupt = -1;
    this.shadow = false;
    this.shutdownReason = undefined;
    this.stoppedAt = undefined;
    this.flushTlb();
    this.controlChanged();
  }

  get instructionsRetired(): number { return this.retired; }
  set instructionsRetired(value: number) { this.retired = value; }
  timeStamp(): bigint { return BigInt(Math.floor(this.timeStampCounter.base + this.retired * this.timeStampCounter.perInsn)); }
  isUser(): boolean { return this.memory.u32[STATE.cpl >> 2] === 3; }
  private ring(): number { return this.isUser() ? USER : 0; }
  codePageAddress(): bigint { return this.memory.u64[ENGINE.codePage >> 3] as bigint; }

  // --- running -------------------------------------------------------------------------------------------------------------------------------
  run(maxInsns: number): Exit {
    if (this.shutdownReason !== undefined) return { kind: 'shutdown', reason: this.shutdownReason };
    this.stopRequested = false;
    this.end = this.retired + maxInsns;
    let pass = this.stoppedAt;
    this.stoppedAt = undefined;
    for (;;) {
      if (this.retired >= this.end || this.stopRequested) return { kind: 'budget' };
      const system = this.memory.u32[STATE.flagSystem >> 2] as number;
      const shadow = this.shadow;
      this.shadow = false;
      if (this.interrupt >= 0 && system & IF && !shadow) {
        const vector = this.interrupt;
        this.interrupt = -1;
        if (!this.deliver(vector, 0, 'interrupt')) continue;
      }
      const traps = (system & TF) !== 0, wasUser = this.isUser();
      const before = this.retired, wasAlone = this.alone;
      this.isIncomplete = false;
      this.isStepwise = wasAlone || traps || (shadow && this.interrupt >= 0);
      const exit = this.execute(this.isStepwise ? 1 : this.sliceLength(), pass);
      // What has to run again, alone, is still to be passed.
      if (wasAlone || !this.alone) pass = undefined;
      const hasRun = this.retired > before || this.isIncomplete, hit = wasAlone ? this.watches.takeHit() : undefined, rip = hit && this.registers.get('rip');
      if (wasAlone) this.alone = false;
      // What enters ring 0 has cleared TF before its trap could come: the step ends behind the way back.
      if (traps && hasRun && exit?.kind !== 'shutdown' && this.isUser() === wasUser) {
        this.memory.u32[(STATE.dr + 48) >> 2] = (this.memory.u32[(STATE.dr + 48) >> 2] as number) | 0x4000;
        this.deliver(DB, 0, this.isIncomplete ? 'exception' : 'trap');
      }
      if (this.shutdownReason !== undefined) return { kind: 'shutdown', reason: this.shutdownReason };
      if (exit) return exit;
      if (hasRun && hit && rip !== undefined) return { kind: 'watchpoint', ...hit, rip };
    }
  }

  /** The operand forms met so far (bench/cpu/common_forms.mjs makes isa/common.ts from them). */
  metForms(): { name: string; key: number }[] { return this.handlers.met(); }

  keepCode(): Uint8Array | null { return this.code.keep(); }

  get passesBreakpoint(): boolean { return this.stoppedAt !== undefined && this.stoppedAt === this.registers.get('rip'); }
  passBreakpoint(): void { this.stoppedAt = this.registers.get('rip'); }

  requestStop(): void { this.stopRequested = true; }

  /** Runs up to `slice` instructions; undefined when the run loop should look around and go on. */
  private execute(slice: number, pass: bigint | undefined): Exit | undefined {
    const { memory } = this;
    this.sliceEnd = this.retired + slice;
    this.isPassing = pass !== undefined;
    let left = slice;
    let record = this.fetch.entry(this.isSliced);
    this.isSliced = false;
    for (;;) {
      if (record < 0) { this.raisePending(); return undefined; }
      const why = this.handlers.run(record, left);
      this.profile?.exit(why);
      left = memory.i32[ENGINE.left >> 2] as number;
      record = memory.i32[ENGINE.record >> 2] as number;
      if (left < 0) left = 0;
      this.retired = this.sliceEnd - left;
      if (why !== LEFT.lookup && why !== LEFT.hypercall && why !== LEFT.raised) this.setRipTo(record);
      switch (why) {
        case LEFT.budget:
          this.isSliced = true;
          this.profile?.sample(this.registers.get('rip'), this.isUser(), this.translator?.holds(record) === true);
          if (this.alone) this.bounce.complete();
          else if (this.retired >= this.lookAt) this.look(record);
          return undefined;
        case LEFT.lookup:
          if (left === 0) { if (this.alone) this.bounce.complete(); return undefined; }
          record = this.fetch.isReturn() ? this.fetch.entry(true) : this.fetch.entry(false, record);
          continue;
        case LEFT.raised: return undefined;
        case LEFT.stub: {
          if (left === 0) { if (this.alone) this.bounce.complete(); return undefined; }
          const jumper = memory.u32[(record + RECORD.immediate) >> 2] as number;
          const drops = this.code.drops;
          record = this.fetch.entry();
          if (record > 0 && jumper !== 0 && this.code.drops === drops) memory.i32[(jumper + RECORD.link) >> 2] = record;
          continue;
        }
        case LEFT.cross: {
          if (left === 0) { if (this.alone) this.bounce.complete(); return undefined; }
          record = this.fetch.checkCrossing(record);
          continue;
        }
        case LEFT.stale:
          if (left === 0) { if (this.alone) this.bounce.complete(); return undefined; }
          this.translator?.revalidate(record);
          continue;
        case LEFT.breakpoint: {
          const rip = this.registers.get('rip');
          if (this.breakpoints.has(rip) && pass !== rip) {
            this.stoppedAt = rip;
            if (this.alone) this.discardAlone();
            return { kind: 'breakpoint', address: rip };
          }
          pass = undefined;
          this.isPassing = false;
          record += RECORD_BYTES;
          continue;
        }
        case LEFT.hypercall: if (this.alone) this.bounce.complete(); return HYPERCALL;
        case LEFT.undefined:
          this.undefinedInstruction(record);
          return undefined;
        case LEFT.fetchFault: record = this.fetch.behindPage(record); continue;
        default:
          return this.left(record);
      }
    }
  }

  /** To the end of the budget, or the next look at what runs. */
  private sliceLength(): number { return Math.min(Math.max(1, this.lookAt - this.retired), this.end - this.retired); }

  /** VMCALL in ring 0, `left` instructions before the end of the slice. */
  private hypercall(left: number): number {
    this.retired = this.sliceEnd - left;
    if (this.profile) this.profile.hypercalls++;
    const budget = this.isStepwise ? -1 : this.onHypercall?.() ?? -1;
    this.sliceEnd = this.retired + left;
    if (budget < 0 || this.stopRequested) return -1;
    this.end = this.retired + budget;
    const slice = this.sliceLength();
    this.sliceEnd = this.retired + slice;
    return slice;
  }

  /** The program is about to execute `record`. */
  private look(record: number): void {
    if (!this.translator) { this.lookAt = this.retired + INTERPRETER_PERIOD; this.countInterpreted(); return; }
    const page = this.fetch.page();
    if (page && !this.translator.sample(page, record)) this.countInterpreted();
    this.lookAt = this.retired + SAMPLE_PERIOD * this.translator.periods;
  }

  cpuid(leaf: number, sub: number): readonly number[] {
    return cpuid_leaf(this.memory.view, leaf, sub);
  }

  startProfile(clock: () => number): EngineProfile {
    if (this.translator) this.translator.clock = clock;
    return this.profile = new EngineProfile(clock, this.translator?.statistics, this.memory);
  }

  private countInterpreted(): void {
    if (++this.interpreted >= this.promoteAt) this.promote();
  }

  /** What hot loops are made of moves into the interpreter's inner function, after a while and again when more of it was met. */
  private promote(): void {
    this.handlers.promote();
    this.promoteAt *= 4;
  }

  /** A handler left its instruction: an exception, a need to run alone, or a boundary. */
  private left(record: number): Exit | undefined {
    const { context } = this, exact = this.memory.i32[ENGINE.exactHelper >> 2] as number;
    if (exact !== 0) {
      this.memory.i32[ENGINE.exactHelper >> 2] = 0;
      if (this.callHelper(record, exact - 1) === 0) this.pending = 'boundary';
    }
    const { pending } = this;
    this.pending = 'none';
    if (pending === 'alone') {
      this.alone = true;
      this.bounce.discard();
      return undefined;
    }
    if (pending !== 'boundary') {
      this.discardAlone();
      this.raisePending();
      return undefined;
    }
    if (this.alone) this.bounce.complete();
    if (context.isIncomplete) { this.isIncomplete = true; return undefined; }
    this.retired++;
    const { u32, u64, u8 } = this.memory;
    if (context.jumps) this.setRip(context.ripLow, context.ripHigh);
    else this.setRip((u32[STATE.rip >> 2] as number) + (u8[record + RECORD.length] as number), u32[(STATE.rip >> 2) + 1] as number);
    if (context.shadow) this.shadow = true;
    if (context.marked) this.onMark?.();
    if (context.interruptVector >= 0) {
      const vector = context.interruptVector;
      // A fault while delivering INT n is reported at the INT itself.
      const after = u64[STATE.rip >> 3] as bigint;
      const at = BigInt.asUintN(64, after - BigInt(u8[record + RECORD.length] as number));
      this.deliver(vector, 0, 'software', at);
    }
    if (context.trapVector >= 0) this.deliver(context.trapVector, 0, 'trap');
    // Nor does where an interrupt returns to say where jumps lead.
    this.isSliced = context.jumps;
    return context.leaving ? { kind: context.leaving } : undefined;
  }

  private setRipTo(record: number): void {
    const { u32, u16 } = this.memory;
    this.setRip((u32[ENGINE.codePage >> 2] as number) + (u16[(record + RECORD.pageOffset) >> 1] as number), u32[(ENGINE.codePage >> 2) + 1] as number);
  }

  /** `low` may be more than 32 bits by a carry. */
  private setRip(low: number, high: number): void {
    const { u32 } = this.memory;
    u32[STATE.rip >> 2] = low;
    u32[(STATE.rip >> 2) + 1] = high + (low >= 2 ** 32 ? 1 : 0);
  }

  private undefinedInstruction(record: number): void {
    const { memory } = this;
    if (memory.u8[record + RECORD.flags]) { this.setFault(GP, 0); this.raisePending(); return; }
    const rip = this.registers.get('rip'), bytes = this.linear.instructionBytes(rip, EXECUTE | this.ring());
    this.options.onUnimplemented?.({ rip, bytes: Uint8Array.from(bytes), text: `the instruction at 0x${rip.toString(16)} is undefined or not implemented: ${bytes.map(b => b.toString(16).padStart(2, '0')).join(' ')}` });
    this.setFault(UD, 0);
    this.raisePending();
  }

  // --- exceptions ----------------------------------------------------------------------------------------------------------------------------

  private setFault(vector: number, errorCode: number): void {
    this.memory.u32[ENGINE.faultVector >> 2] = vector;
    this.memory.u32[ENGINE.faultCode >> 2] = errorCode;
  }

  /** After a failed walk. */
  private pageFault(low: number, high: number): void {
    const { vector, errorCode } = this.linear.faultAt(low, high);
    this.setFault(vector, errorCode);
  }

  /**
   * Delivers what `record` raises while the inner function waits, which goes on with the handler. Not where something else may come between, or somebody has to be
   * asked: run() sees to that.
   */
  private raiseHere(record: number): void {
    if (this.pending !== 'fault' || this.isStepwise || this.isPassing || this.stopRequested || this.interrupt >= 0 || this.options.onException) return;
    const { u32, i32 } = this.memory;
    this.pending = 'none';
    this.setRipTo(record);
    this.raisePending();
    i32[ENGINE.handledAt >> 2] = this.shutdownReason === undefined ? this.fetch.cached(u32[STATE.rip >> 2] as number, u32[(STATE.rip >> 2) + 1] as number) || -1 : -1;
  }

  private raisePending(): void {
    this.discardAlone();
    this.deliver(this.memory.u32[ENGINE.faultVector >> 2] as number, this.memory.u32[ENGINE.faultCode >> 2] as number, 'exception');
  }

  /** True when it went well; else the processor is shut down. */
  private deliver(vector: number, errorCode: number, source: Source, instruction?: bigint): boolean {
    if (source !== 'interrupt') this.options.onException?.({ vector, errorCode: source === 'software' ? undefined : errorCode, rip: this.registers.get('rip'), cr2: this.registers.get('cr2') });
    const reason = deliver(this, vector, errorCode, source, instruction);
    if (reason !== undefined) this.shutdownReason = reason;
    return reason === undefined;
  }

  /** The vector of an interrupt that waits for IF; -1: none. */
  private get interrupt(): number { return this.memory.i32[ENGINE.interrupt >> 2] as number; }
  private set interrupt(vector: number) { this.memory.i32[ENGINE.interrupt >> 2] = vector; }

  injectInterrupt(vector: number): void { this.interrupt = vector; }

  cancelInterrupt(): boolean {
    const was = this.interrupt >= 0;
    this.interrupt = -1;
    return was;
  }

  // --- memory accesses of the emitted code that miss the TLB --------------------------------------------------------------------------------

  private slowPath(record: number, info: number): number {
    if (this.profile) this.profile.slowAccesses++;
    const found = this.slow.access(info, this.isUser(), this.alone);
    if (found >= 0) return found;
    if (found === NEEDS_ALONE) { this.pending = 'alone'; return -1; }
    this.pending = 'fault';
    if (found === MISALIGNED) { this.setFault(AC, 0); return -1; }
    this.context.begin(record, this.formAt(record));
    this.isExecuting = true;
    this.pageFault(this.slow.failedLow, this.slow.failedHigh);
    this.isExecuting = false;
    return -1;
  }

  /** Where a region begins, the record names the region, not its form. */
  private formAt(record: number): Form | undefined {
    return this.translator ? this.translator.formAt(record) : this.handlers.formOf(this.memory.u16[record >> 1] as number);
  }

  get checksAlignment(): boolean { return this.slow.checksAlignment; }

  /** Of an access by a helper. */
  checkAlignment(address: bigint, size: number): void {
    if (this.slow.checksAlignment && this.slow.isMisaligned(...halves(address), size)) throw new Fault(AC, 0);
  }

  touchesCode(address: bigint, length: number): boolean {
    const [low, high] = halves(address), pa = this.mmu.walk(low, high, this.ring(), false);
    return pa >= 0 && this.memory.u8[ENGINE.codePages + Math.floor(pa / PAGE_SIZE)] !== 0 && this.code.touches(pa, Math.min(length, PAGE_SIZE - (low & 0xfff)));
  }

  private discardAlone(): void {
    this.bounce.discard();
    this.watches.takeHit();
  }

  private callHelper(record: number, number: number): number {
    const { context, handlers } = this;
    const helper = handlers.helper(number);
    this.profile?.helper(this.formAt(record)?.encoding.mnemonic);
    context.begin(record, this.formAt(record));
    this.isExecuting = true;
    try {
      helper(context);
    } catch (e) {
      if (e === ALONE) { this.pending = 'alone'; return 1; }
      if (!(e instanceof Fault)) throw e;
      this.setFault(e.vector, e.errorCode);
      this.pending = 'fault';
      return 1;
    } finally {
      this.isExecuting = false;
    }
    if (!context.atBoundary) return 0;
    this.pending = 'boundary';
    return 1;
  }

  // --- control -------------------------------------------------------------------------------------------------------------------------------

  setCpl(cpl: number): void {
    this.memory.u32[STATE.cpl >> 2] = cpl;
    this.controlChanged();
  }

  /** Renews what the engines derive from CPL and control registers. */
  controlChanged(): void {
    const { u32 } = this.memory;
    const cr0 = u32[STATE.cr0 >> 2] as number, isUser = this.isUser(), checksAlignment = isUser && (cr0 & CR0_AM) !== 0 && ((u32[STATE.flagSystem >> 2] as number) & AC_FLAG) !== 0;
    if (checksAlignment && !this.checksAlignment) this.forgetTranslations();
    this.slow.checksAlignment = checksAlignment;
    this.mmu.useRing(isUser);
    u32[ENGINE.blockedUnits >> 2] = blockedUnits(u32);
  }

  /** FSW.ES may have changed. */
  unitsChanged(): void {
    if (isX87StateStale(this.memory.u32)) this.controlChanged();
  }

  flushTlb(): void { this.mmu.flush(); this.code.forgetAllJumps(); this.code.translationsChanged(); this.spaces.forget(); }
  /** CR3 was loaded. */
  private flushAddressSpace(): void { this.mmu.flushAddressSpace(); this.code.forgetAddressSpace(); this.code.translationsChanged(); this.spaces.forget(); }
  switchAddressSpace(pa: number): void { this.spaces.switchTo(pa); }
  /** Code is where it was, but who may reach what has changed. */
  private forgetTranslations(): void { this.mmu.flush(); this.spaces.forgetTranslations(); }

  invlpg(address: bigint): void { this.spaces.invlpg(...halves(address)); }
  flushTlbRange(low: number, high: number, pages: number): void { this.spaces.flushRange(low, high, pages); }

  translate(address: bigint, access: Access, user = this.isUser()): { pa: number } | TranslationFault {
    const bits = (access === 'write' ? WRITE : access === 'execute' ? EXECUTE : 0) | (user ? USER : 0);
    const pa = this.mmu.walk(...halves(address), bits, false);
    if (pa >= 0) return { pa };
    return this.mmu.errorCode < 0 ? { vector: 13, errorCode: 0 } : { vector: 14, errorCode: this.mmu.errorCode };
  }

  beginEpoch(onFirstWrite?: (page: number) => void): void {
    this.memory.beginEpoch(onFirstWrite);
    this.mmu.flushWrites();
    this.spaces.forgetTranslations();
  }

  get syscallGate(): SyscallGate | null { return this.gate; }
  set syscallGate(gate: SyscallGate | null) {
    this.gate = this.handlers.syscallGate = gate;
    this.openGate();
  }

  /** Who stops in the code that the gate stands for has it executed. */
  private openGate(): void {
    const { gate } = this;
    this.memory.u32[ENGINE.gate >> 2] = gate !== null && ![...this.breakpoints].some(address => address >= gate.from && address < gate.to) ? 1 : 0;
  }

  // --- breakpoints and watchpoints -----------------------------------------------------------------------------------------------------------

  setBreakpoint(address: bigint): void {
    if (this.breakpoints.has(address)) return;
    this.breakpoints.add(address);
    this.code.addBreakpoint(...halves(address));
    this.openGate();
  }

  clearBreakpoint(address: bigint): void {
    if (!this.breakpoints.delete(address)) return;
    this.code.removeBreakpoint(...halves(address));
    this.openGate();
  }

  setWatchpoint(address: bigint, size: number, kind: WatchKind): void {
    this.watches.add(address, size, kind);
    this.forgetTranslations();
  }

  clearWatchpoint(address: bigint, size: number, kind: WatchKind): void {
    this.watches.remove(address, size, kind);
    this.forgetTranslations();
  }

  // --- saving --------------------------------------------------------------------------------------------------------------------------------

  saveState(): Uint8Array {
    const { retired, interrupt, shadow, timeStampCounter: { base, perInsn } } = this;
    return writeState(this.memory, { retired, interrupt, shadow, tscBase: base, tscPrice: perInsn });
  }

  loadState(bytes: Uint8Array): void {
    const { retired, interrupt, shadow, tscBase, tscPrice } = readState(this.memory, bytes);
    Object.assign(this, { retired, interrupt, shadow });
    this.lookAt = Math.max(LOOK_AFTER, this.retired + SAMPLE_PERIOD);
    Object.assign(this.timeStampCounter, { base: tscBase, perInsn: tscPrice });
    this.shutdownReason = undefined;
    this.stoppedAt = undefined;
    this.alone = false;
    this.discardAlone();
    this.flushTlb();
    this.controlChanged();
  }

  xsave(pa: number, mask = 7): void { saveXsave(this.memory, pa, mask); }

  xrstor(pa: number, mask = 7): boolean {
    const isWellFormed = loadXsave(this.memory, pa, mask);
    this.unitsChanged();
    return isWellFormed;
  }
}
