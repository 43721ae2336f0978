// The kernel's ports while the probed build runs: memory pages are saved before their first write, registers, clock, terminal and entropy are taken back
// with them, and nothing leaves the machine - no output, no event - since what the person is told comes from the plain build's run of the same entry.
import type { Console, EventSink, HostFiles, MachinePorts, PhysicalPages, Processor, ThreadContext } from '../kernel/arch/x86/ports';
import { serial } from '../kernel/kobject';
import type { RecordedConsole } from './console';
import type { Machine, MachineState } from './machine';
import type { GuestPages } from './physical_pages';
import { save, stashJournal, undoJournal, unstashJournal, type Stash } from './probe';

const PAGE = 4096;
const XSAVE_AREA = 1024;
/** Pages whose room is kept for the next step. */
const SPARE = 1024;

/** What a run changes besides objects and memory. */
interface Whole { core: Uint8Array; clock: { extraNs: number; timer: number }; console: ReturnType<RecordedConsole['saveState']>; entropy: Uint32Array; serial: number; machine: MachineState }

/** What a run has changed, while that is taken back for something else. */
export interface Aside { readonly whole: Whole; readonly journal: Stash; readonly pages: ReadonlyMap<number, { readonly before: Uint8Array; readonly after: Uint8Array }> }

export class SpeculativePorts implements MachinePorts {
  readonly phys: JournaledPages;
  readonly cpu: Processor;
  readonly clock: MachinePorts['clock'];
  readonly files: HostFiles;
  readonly console: Console;
  readonly facts: MachinePorts['facts'];
  readonly entropy: MachinePorts['entropy'];
  readonly kallsyms: MachinePorts['kallsyms'];
  readonly cpuid: MachinePorts['cpuid'];
  /** Called instead of telling anybody of an event: those that EventFan counts. */
  onEvent: () => void = ignored;
  readonly events: EventSink = eventsAs(() => this.onEvent());
  private before: Whole | null = null;

  constructor(private readonly machine: Machine) {
    const { ports, space } = machine.parts;
    this.phys = new JournaledPages(ports.phys);
    this.cpu = journaledProcessor(ports.cpu, this.phys, [space.perCpuPa, space.scratchPa]);
    this.clock = ports.clock;
    this.files = ports.files;
    this.console = silentConsole(ports.console);
    this.facts = ports.facts;
    this.kallsyms = ports.kallsyms;
    this.cpuid = ports.cpuid;
    this.entropy = { fill: bytes => { save(bytes); ports.entropy.fill(bytes); } };
  }

  /** Remembers everything that is not journaled; to be called at the entry, once. */
  begin(): void {
    this.before = this.whole();
    this.machine.parts.console.isInputHeld = true;
  }

  /** Back to the entry: objects, memory, registers, time, terminal. */
  undo(): void {
    if (!this.before) return;
    undoJournal();
    this.phys.undo();
    this.put(this.before);
  }

  /** Back to the entry for a while. */
  setAside(): Aside {
    const aside = { whole: this.whole(), pages: this.phys.aside(), journal: stashJournal() };
    this.undo();
    return aside;
  }

  /** What was set aside is there again, the same objects; what came between is undone. */
  resume({ whole, journal, pages }: Aside): void {
    this.undo();
    unstashJournal(journal);
    this.phys.resume(pages);
    this.put(whole);
  }

  private whole(): Whole {
    const { core, clock, console, entropy } = this.machine.parts;
    return { core: core.saveState(), clock: clock.saveState(), console: console.saveState(), entropy: entropy.state.slice(), serial: serial.next, machine: this.machine.saveState() };
  }

  private put(whole: Whole): void {
    const { core, clock, console, entropy } = this.machine.parts;
    // Loading flushes the TLB, and forgets that the processor stands at a breakpoint.
    if (!isSame(core.saveState(), whole.core)) core.loadState(whole.core);
    clock.loadState(whole.clock);
    console.loadState(whole.console);
    entropy.state.set(whole.entropy);
    serial.next = whole.serial;
    this.machine.loadState(whole.machine);
  }

  /** The entry is left behind: what was remembered is forgotten. */
  end(): void {
    this.before = null;
    this.machine.parts.console.isInputHeld = false;
  }
}

/** Saves each page before its first write. */
export class JournaledPages implements PhysicalPages {
  private readonly pages = new Map<number, Uint8Array>();
  /** Room for pages that was used before. */
  private readonly spare: Uint8Array[] = [];

  constructor(private readonly real: GuestPages) {}

  get start(): number { return this.real.start; }
  get end(): number { return this.real.end; }
  get words(): Uint32Array { return this.real.words; }
  read8(pa: number): number { return this.real.read8(pa); }
  read16(pa: number): number { return this.real.read16(pa); }
  read32(pa: number): number { return this.real.read32(pa); }
  read64(pa: number): number { return this.real.read64(pa); }
  readBig64(pa: number): bigint { return this.real.readBig64(pa); }
  readBytes(pa: number, length: number): Uint8Array { return this.real.readBytes(pa, length); }
  viewBytes(pa: number, length: number): Uint8Array { return this.real.viewBytes(pa, length); }
  readText(pa: number, most: number): string { return this.real.readText(pa, most); }
  write8(pa: number, value: number): void { this.touch(pa, 1); this.real.write8(pa, value); }
  write16(pa: number, value: number): void { this.touch(pa, 2); this.real.write16(pa, value); }
  write32(pa: number, value: number): void { this.touch(pa, 4); this.real.write32(pa, value); }
  write64(pa: number, value: number): void { this.touch(pa, 8); this.real.write64(pa, value); }
  writeBig64(pa: number, value: bigint): void { this.touch(pa, 8); this.real.writeBig64(pa, value); }
  writeBytes(pa: number, bytes: Uint8Array): void { this.touch(pa, bytes.length); this.real.writeBytes(pa, bytes); }
  fill(pa: number, length: number, value: number): void { this.touch(pa, length); this.real.fill(pa, length, value); }
  copy(toPa: number, fromPa: number, length: number): void { this.touch(toPa, length); this.real.copy(toPa, fromPa, length); }

  touch(pa: number, length: number): void {
    for (let page = Math.floor(pa / PAGE); page * PAGE < pa + length; page++) {
      if (this.pages.has(page)) continue;
      const room = this.spare.pop() ?? new Uint8Array(PAGE);
      // Memory that is not there before its first write reads as zeros.
      room.fill(0, this.real.readInto(page * PAGE, room));
      this.pages.set(page, room);
    }
  }

  /** What is needed to make the changes again after they are undone. */
  aside(): Aside['pages'] {
    return new Map([...this.pages].map(([page, before]) => [page, { before: before.slice(), after: this.real.readBytes(page * PAGE, PAGE).slice() }]));
  }

  resume(pages: Aside['pages']): void {
    for (const [page, { before, after }] of pages) {
      this.pages.set(page, before);
      this.real.writeBytes(page * PAGE, after);
    }
  }

  undo(): void {
    for (const [page, bytes] of this.pages) {
      this.real.writeBytes(page * PAGE, bytes);
      if (this.spare.length < SPARE) this.spare.push(bytes);
    }
    this.pages.clear();
  }
}

/** The processor writes to memory where threads are switched and FPU images are stored. Registers are restored as a whole. */
function journaledProcessor(real: Processor, pages: JournaledPages, fixed: readonly number[]): Processor {
  const touchFixed = (): void => { for (const pa of fixed) pages.touch(pa, PAGE); };
  return Object.assign(Object.create(real) as Processor, {
    xsave(pa: number): void { pages.touch(pa, XSAVE_AREA); real.xsave(pa); },
    resetFpu(): void { touchFixed(); real.resetFpu(); },
    switchTo(prev: ThreadContext | null, next: ThreadContext): void {
      touchFixed();
      if (prev) { save(prev); pages.touch(prev.fpuPa, XSAVE_AREA); }
      real.switchTo(prev, next);
    },
  });
}

/** Reads as the guest would; its places are restored with the rest. */
function silentConsole(real: Console): Console {
  return {
    kind: unit => real.kind(unit), windowSize: () => real.windowSize(), newWindowSize: () => real.newWindowSize(), write: ignored,
    read: (unit, length) => real.read(unit, length), isReadable: unit => real.isReadable(unit),
  };
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i]);
const ignored = (): undefined => undefined;
const eventsAs = (tell: () => void): EventSink => ({ syscallEnter: ignored, syscallExit: tell, signal: tell, exit: tell, fork: tell, exec: tell, superseded: tell, stopped: tell, switch: tell, fault: tell, vdso: tell, notice: tell });
