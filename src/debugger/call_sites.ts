// Which line of the person's source made a call: the innermost frame whose source is there, found at each call. So it must be quick: rows of unwinding are
// remembered as offsets where that is all they say, and what a code address stands for is remembered until code is mapped anew.
// Not here: a whole call stack (unwind.ts), listening for the calls.
import type { Module, Modules } from './modules';
import { RBP, RSP } from './registers';
import type { UnwindRow } from './symbols';
import type { Target } from './target';
import { unwind } from './unwind';

/** A line of the person's source. */
export interface CallSite { file: string; line: number; function: string }

/** A row of the usual kind: the frame's address from a register, the return address below it, the frame pointer saved or untouched. */
interface Simple { cfa: 'rsp' | 'rbp'; offset: number; rbpAt: number | null }
interface Place { site: CallSite | null; step: Simple | 'complex' | null }

const MOST_FRAMES = 64;
const RETURN_ADDRESS = 16;
const WORD_BYTES = 8;
/** Of the user's half of the address space. */
const USER_END = 2 ** 47;

export class CallSiteFinder {
  private readonly places = new Map<number, Map<number, Place>>();
  private readonly haveSource = new Map<number, boolean>();

  /** `localPath`: where a source of a module is for the person; undefined when it is not there. */
  constructor(private readonly target: Target, private readonly modules: Modules, private readonly localPath: (file: string, module: Module) => string | undefined) {}

  /** Code of the task was mapped or replaced. */
  codeChanged(pid: number): void {
    this.places.delete(pid);
    this.haveSource.delete(pid);
    this.modules.forget();
  }

  moved(): void {
    this.places.clear();
    this.haveSource.clear();
    this.modules.forget();
  }

  /** The site of the call that the task is in. */
  ofCall(pid: number): CallSite | undefined {
    if (!this.hasSource(pid)) return undefined;
    return this.walk(pid, 'user');
  }

  /** The site of a call of a vDSO function; asked when it returns, or has returned to `returnAddress`. */
  ofVdso(pid: number, returnAddress: number): CallSite | undefined {
    if (!this.hasSource(pid)) return undefined;
    const direct = this.place(pid, returnAddress - 1).site;
    return direct ?? this.walk(pid, 'innermost');
  }

  /** Programs without sources are the most: their stacks are not worth a walk. */
  private hasSource(pid: number): boolean {
    let known = this.haveSource.get(pid);
    if (known === undefined) {
      // The shell that launches the program is no task of the machine.
      known = this.target.tasks().some(task => task.pid === pid) && this.modules.of(pid).some((module, i) => this.isPersons(module, i === 0) && (module.symbols?.sources() ?? []).some(source => this.localPath(source.file, module) !== undefined));
      this.haveSource.set(pid, known);
    }
    return known;
  }

  /** Code that may have been compiled from sources of the person's. Nobody else's line tables are read: a C library's take longer than a short run. */
  private isPersons(module: Module, isLowest: boolean): boolean {
    return !module.isKernel && module.path !== '[vdso]' && (isLowest || module.symbols?.isDistributions !== true);
  }

  private walk(pid: number, level: 'user' | 'innermost'): CallSite | undefined {
    const registers = this.target.registers(pid, level);
    let pc = Number(registers.read('rip') ?? 0n), rsp = Number(registers.read('rsp') ?? 0n), rbp = Number(registers.read('rbp') ?? 0n);
    for (let depth = 0; depth < MOST_FRAMES && pc !== 0; depth++) {
      const { site, step } = this.place(pid, depth === 0 && level === 'innermost' ? pc : pc - 1);
      if (site) return site;
      if (step === 'complex') return this.walkSlowly(pid);
      if (!step) return undefined;
      const cfa = (step.cfa === 'rsp' ? rsp : rbp) + step.offset;
      const back = this.word(pid, cfa - WORD_BYTES);
      if (back === undefined) return undefined;
      if (step.rbpAt !== null) rbp = this.word(pid, cfa + step.rbpAt) ?? rbp;
      pc = back;
      rsp = cfa;
    }
    return undefined;
  }

  /** An address in the task's memory. */
  private word(pid: number, at: number): number | undefined {
    const bytes = at >= 0 && at < USER_END ? this.target.readMemory(pid, BigInt(at), WORD_BYTES) : undefined;
    if (!bytes || bytes.length < WORD_BYTES) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
  }

  private walkSlowly(pid: number): CallSite | undefined {
    let depth = 0;
    for (const { ring, lookupPc } of unwind(this.target, this.modules, pid)) {
      if (depth++ > MOST_FRAMES) return undefined;
      const site = ring === 3 ? this.place(pid, Number(lookupPc)).site : null;
      if (site) return site;
    }
    return undefined;
  }

  private place(pid: number, pc: number): Place {
    let known = this.places.get(pid);
    if (!known) this.places.set(pid, known = new Map());
    let place = known.get(pc);
    if (!place) known.set(pc, place = this.look(pid, BigInt(pc)));
    return place;
  }

  private look(pid: number, pc: bigint): Place {
    const module = this.modules.at(pid, pc);
    if (!module) return { site: null, step: null };
    const line = this.isPersons(module, this.modules.of(pid)[0] === module) ? module.lineAt(pc) : undefined;
    const file = line && line.line > 0 ? this.localPath(line.file, module) : undefined;
    if (line && file !== undefined) return { site: { file, line: line.line, function: module.functionAt(pc)?.name ?? '' }, step: null };
    const row = module.unwindRow(pc);
    return { site: null, step: row ? simple(row) ?? 'complex' : null };
  }
}

function simple({ cfa, rules, returnAddressRegister, isSignalFrame }: UnwindRow): Simple | null {
  if (isSignalFrame || cfa.kind === 'expression' || cfa.register !== RSP && cfa.register !== RBP || returnAddressRegister !== RETURN_ADDRESS) return null;
  const back = rules.get(RETURN_ADDRESS), base = rules.get(RBP);
  if (back?.kind !== 'offset' || back.offset !== -8) return null;
  if (base && base.kind !== 'offset' && base.kind !== 'same') return null;
  return { cfa: cfa.register === RSP ? 'rsp' : 'rbp', offset: cfa.offset, rbpAt: base?.kind === 'offset' ? base.offset : null };
}
