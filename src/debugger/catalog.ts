// What conditions may name: the kernel's declared calls, their arguments, and the constants of the ABI.
// Not here: strace's grammar of sets (src/trace/filter.ts).
import * as fcntl from '../abi/fcntl';
import * as fs from '../abi/fs';
import * as futex from '../abi/futex';
import * as ioctl from '../abi/ioctl';
import * as ipc from '../abi/ipc';
import * as mman from '../abi/mman';
import * as poll from '../abi/poll';
import * as prctl from '../abi/prctl';
import * as resource from '../abi/resource';
import * as sched from '../abi/sched';
import * as seccomp from '../abi/seccomp';
import * as signal from '../abi/signal';
import * as socket from '../abi/socket';
import * as stat from '../abi/stat';
import * as time from '../abi/time';
import * as wait from '../abi/wait';
import { syscalls, syscalls32, type SyscallDeclaration } from '../kernel/syscall';
import { parseCallSet } from '../trace/filter';
import type { SyscallCatalog } from './syscall_filter';

const HEADERS: readonly object[] = [fcntl, fs, futex, ioctl, ipc, mman, poll, prctl, resource, sched, seccomp, signal, socket, stat, time, wait];

/** The catalog of the kernel of this build. */
export function kernelCatalog(): SyscallCatalog {
  const byName = new Map<string, SyscallDeclaration>();
  for (const declaration of [...syscalls.values(), ...syscalls32.values()]) if (!byName.has(declaration.name)) byName.set(declaration.name, declaration);
  const names = [...byName.keys()];
  return {
    select: set => { const chosen = parseCallSet(set, byName.values()); return name => chosen.has(name); },
    names: () => names,
    nameOf: (nr, abi) => (abi === 'x86-64' ? syscalls : syscalls32).get(nr)?.name,
    argumentsOf: name => Object.keys(byName.get(name)?.args ?? {}),
    constant: name => constants().get(name),
  };
}

let known: Map<string, bigint> | undefined;

/** Every constant that an abi header exports, alone or in a table. */
function constants(): Map<string, bigint> {
  if (known) return known;
  known = new Map([['NULL', 0n]]);
  for (const header of HEADERS) {
    for (const [name, value] of Object.entries(header) as [string, unknown][]) {
      if (typeof value === 'number' && Number.isSafeInteger(value)) known.set(name, BigInt(value));
      else if (isTable(value)) for (const [entry, number] of value.entries) if (!known.has(entry)) known.set(entry, BigInt(number));
    }
  }
  return known;
}

function isTable(value: unknown): value is { entries: readonly (readonly [string, number])[] } {
  return typeof value === 'object' && value !== null && 'entries' in value && Array.isArray(value.entries) && 'unknown' in value;
}
