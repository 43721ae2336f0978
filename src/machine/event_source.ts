// The event log of a machine: what it records, and what it asks the machine for while it does.
import { EventLog, type CallShape } from '../trace/event';
import type { LogSource } from '../trace/strace_text';
import { findDeclaration, type Abi } from './calls';
import type { Machine } from './machine';
import { watchVdso } from './vdso_watch';

/** A log that listens from now on. */
export function eventLog(machine: Machine, source: LogSource, memoryMB?: number): EventLog {
  const { clock } = machine.parts;
  const log = new EventLog({
    now: () => clock.now(), instructions: () => machine.instructionsRetired, kernelEntries: () => machine.instant.entry,
    instructionPointer: pid => source.instructionPointer(pid),
    shapeOf,
    readString: (pid, address) => readString(source, pid, address),
  }, memoryMB);
  machine.listen(log);
  watchVdso(machine, machine.parts.vdso);
  return log;
}

const shapes: Record<Abi, Map<number, CallShape>> = { 'x86-64': new Map(), i386: new Map() };
/** What is not declared keeps all that it was called with. */
const UNKNOWN: CallShape = { argumentCount: 6, pathArgument: -1 };

/** Remembered, since every call asks. */
function shapeOf(nr: number, abi: Abi): CallShape {
  const known = shapes[abi].get(nr);
  if (known) return known;
  const args = Object.values(findDeclaration(nr, abi)?.args ?? {});
  const shape = findDeclaration(nr, abi) ? { argumentCount: args.length, pathArgument: args.findIndex(type => type.kind === 'path') } : UNKNOWN;
  shapes[abi].set(nr, shape);
  return shape;
}

const PATH_MAX = 4096;

function readString(source: LogSource, pid: number, address: number): string | null {
  const bytes = source.memory(pid).read(address, PATH_MAX);
  if (!bytes) return null;
  const end = bytes.indexOf(0);
  let text = '';
  for (const byte of end < 0 ? bytes : bytes.subarray(0, end)) text += String.fromCharCode(byte);
  return text;
}
