// The event log of a machine: what it records, and what it asks the machine for while it does.
import { EventLog } from '../trace/event';
import type { LogSource } from '../trace/strace_text';
import { findDeclaration, type Abi } from './calls';
import type { Machine } from './machine';
import { watchVdso } from './vdso_watch';

/** A log that listens from now on. */
export function eventLog(machine: Machine, source: LogSource, memoryMB?: number): EventLog {
  const { clock } = machine.parts;
  const log = new EventLog({
    now: () => clock.now(), instructions: () => machine.instructionsRetired, kernelEntries: () => machine.kernelEntries,
    instructionPointer: pid => source.instructionPointer(pid),
    pathOf(pid, nr, abi, args) {
      const argument = pathArgument(nr, abi);
      return argument < 0 ? null : readString(source, pid, (args[2 * argument + 1] ?? 0) * 2 ** 32 + (args[2 * argument] ?? 0));
    },
  }, memoryMB);
  machine.listen(log);
  watchVdso(machine, machine.parts.vdso);
  return log;
}

const pathArguments: Record<Abi, Map<number, number>> = { 'x86-64': new Map(), i386: new Map() };

/** Which argument of a call is its first path; -1: none. Remembered, since every call asks. */
function pathArgument(nr: number, abi: Abi): number {
  const known = pathArguments[abi].get(nr);
  if (known !== undefined) return known;
  const found = Object.values(findDeclaration(nr, abi)?.args ?? {}).findIndex(type => type.kind === 'path');
  pathArguments[abi].set(nr, found);
  return found;
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
