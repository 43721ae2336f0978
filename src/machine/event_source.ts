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
    now: () => clock.now(), instructions: () => machine.instructionsRetired, kernelEntries: () => machine.entriesBefore,
    instructionPointer: pid => source.instructionPointer(pid),
    shapeOf,
    readString: (pid, address) => readString(source, pid, address),
  }, memoryMB);
  machine.listen(log);
  watchVdso(machine, machine.parts.vdso);
  return log;
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

const PATH_MAX = 4096;

function readString(source: LogSource, pid: number, address: number): string | null {
  const bytes = source.memory(pid).read(address, PATH_MAX);
  if (!bytes) return null;
  const end = bytes.indexOf(0);
  let text = '';
  for (const byte of end < 0 ? bytes : bytes.subarray(0, end)) text += String.fromCharCode(byte);
  return text;
}
