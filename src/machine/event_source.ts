// The event log of a machine: what it records, and what it asks the machine for while it does.
import { kernel } from '../kernel/state';
import { EventLog, type CallShape, type EventSource } from '../trace/event';
import type { LogSource } from '../trace/strace_text';
import { findDeclaration, type Abi } from './calls';
import type { VirtualClock } from './clock';
import { PT_REGS } from './image/layout';
import { regsOf } from './kernel_facts';
import type { Machine } from './machine';
import { PathReader } from './path_reader';
import type { GuestPages } from './physical_pages';
import type { Core } from './processor';
import { watchVdso } from './vdso_watch';

/** A log that listens from now on. */
export function eventLog(machine: Machine, source: LogSource, memoryMB?: number): EventLog {
  const log = new EventLog(new MachineEvents(machine, source), memoryMB);
  machine.listen(log);
  watchVdso(machine, machine.parts.vdso);
  return log;
}

class MachineEvents implements EventSource {
  ipLow = 0;
  ipHigh = 0;
  readonly nsPerInstruction: number;
  private readonly core: Core;
  private readonly clock: VirtualClock;
  private readonly phys: GuestPages;
  private readonly paths: PathReader;
  readonly shapeOf = shapeOf;

  constructor(private readonly machine: Machine, private readonly source: LogSource) {
    const { core, clock, ports } = machine.parts;
    this.core = core;
    this.clock = clock;
    this.nsPerInstruction = clock.costs.instruction;
    this.phys = ports.phys;
    this.paths = new PathReader(ports.phys, source);
  }

  instructionPointer(pid: number): number { return this.source.instructionPointer(pid); }

  get instructions(): number { return this.core.instructionsRetired; }
  get extraNs(): number { return this.clock.skippedNs; }
  get entry(): number { return this.machine.entriesBefore; }

  lookAtCall(pid: number): void {
    const { current } = kernel, { phys } = this;
    if (current?.pid !== pid) {
      const ip = this.source.instructionPointer(pid);
      this.ipLow = ip | 0;
      this.ipHigh = ip / 2 ** 32 | 0;
    } else {
      const { words } = phys, at = (regsOf(current) + PT_REGS.rip) >>> 2;
      this.ipLow = (words[at] as number) | 0;
      this.ipHigh = (words[at + 1] as number) | 0;
    }
  }

  readString(pid: number, address: number): string | null { return this.paths.read(pid, address); }
  isStringAt(pid: number, address: number, text: string): boolean { return this.paths.isAt(pid, address, text); }
}

/** By number; numbers that no table has are not kept. */
const shapes: Record<Abi, (CallShape | undefined)[]> = { 'x86-64': [], i386: [] };
/** What is not declared keeps all that it was called with. */
const UNKNOWN: CallShape = { argumentCount: 6, pathArgument: -1 };

/** Remembered, since every call asks. */
function shapeOf(nr: number, abi: Abi): CallShape {
  const known = shapes[abi][nr];
  if (known) return known;
  const declaration = findDeclaration(nr, abi);
  if (!declaration) return UNKNOWN;
  const args = Object.values(declaration.args);
  return shapes[abi][nr] = { argumentCount: args.length, pathArgument: args.findIndex(type => type.kind === 'path') };
}
