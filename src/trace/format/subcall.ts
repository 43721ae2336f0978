// Calls of i386 whose arguments stand in memory or behind a number, as the calls that they make: socketcall, ipc, and the first select and mmap. strace: src/syscall.c (decode_socket_subcall, decode_ipc_subcall), src/mmap.c, src/desc.c
import { int, unused, withTime32 } from '../../abi/arg_types';
import { SOCKETCALLS, socketcallArgs } from '../../abi/socket';
import { findName } from '../../abi/table';
import type { MemoryReader } from '../memory';
import { readExactly } from '../memory';
import type { CallDeclaration } from './printer';

export interface Subcall { readonly call: CallDeclaration; readonly words: Float64Array }
type Find = (nr: number) => CallDeclaration | undefined;

/** The x86-64 numbers of the calls behind it, whose declarations say what the words are. */
const SOCKET_NUMBERS: Readonly<Record<string, number>> = {
  socket: 41, bind: 49, connect: 42, listen: 50, accept: 43, getsockname: 51, getpeername: 52, socketpair: 53, send: 44, recv: 45, sendto: 44, recvfrom: 45, shutdown: 48, setsockopt: 54, getsockopt: 55,
  sendmsg: 46, recvmsg: 47, accept4: 288, recvmmsg: 299, sendmmsg: 307,
};

/** Words of 32 bits in memory as pairs of words. */
function wordsAt(memory: MemoryReader, at: number, count: number): Float64Array | null {
  const bytes = readExactly(memory, at, count * 4);
  if (!bytes) return null;
  const words = new Float64Array(12), view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let i = 0; i < count; i++) words[2 * i] = view.getUint32(i * 4, true);
  return words;
}

function socketSubcall(args: ArrayLike<number>, memory: MemoryReader, find: Find): Subcall | null {
  const which = args[0] ?? 0, name = findName(SOCKETCALLS, which)?.replace('SYS_', '').toLowerCase(), count = socketcallArgs(which);
  const declared = name === undefined ? undefined : find(SOCKET_NUMBERS[name] ?? -1), words = wordsAt(memory, args[2] ?? 0, count);
  if (!declared || !words || name === undefined) return null;
  return { call: { ...declared, name, args: withTime32(Object.fromEntries(Object.entries(declared.args).slice(0, count))) }, words };
}

/** Of each call behind ipc: its number, and which of ipc's arguments are its own. */
const IPC_CALLS: Readonly<Record<number, { nr: number; from: readonly number[] }>> = {
  1: { nr: 65, from: [1, 4, 2] }, 2: { nr: 64, from: [1, 2, 3] }, 3: { nr: 66, from: [1, 2, 3, 4] }, 4: { nr: 220, from: [1, 4, 2, 5] },
  11: { nr: 69, from: [1, 4, 2, 3] }, 12: { nr: 70, from: [1, 4, 2, 5, 3] }, 13: { nr: 68, from: [1, 2] }, 14: { nr: 71, from: [1, 2, 4] },
  21: { nr: 30, from: [1, 4, 2, 3] }, 22: { nr: 67, from: [4] }, 23: { nr: 29, from: [1, 2, 3] }, 24: { nr: 31, from: [1, 2, 4] },
};

const MSGRCV = 12;

function ipcSubcall(args: ArrayLike<number>, memory: MemoryReader, find: Find): Subcall | null {
  const number = args[0] ?? 0, which = IPC_CALLS[number & 0xffff], declared = which && find(which.nr);
  if (!which || !declared) return null;
  const words = new Float64Array(12), put = (i: number, k: number): void => { words[2 * i] = args[2 * k] ?? 0; words[2 * i + 1] = args[2 * k + 1] ?? 0; };
  which.from.forEach((k, i) => put(i, k));
  const behind = { ...withTime32(declared.args), isBehindIpc: unused };
  if ((number & 0xffff) !== MSGRCV || number >>> 16 !== 0) return { call: { ...declared, args: behind }, words };
  // The message's place and its type stand in memory.
  const kludge = wordsAt(memory, (args[9] ?? 0) * 4294967296 + (args[8] ?? 0), 2);
  if (kludge) {
    words[2] = kludge[0] ?? 0;
    words[3] = 0;
    words[6] = kludge[2] ?? 0;
    words[7] = (words[6] | 0) < 0 ? 0xffffffff : 0;
    return { call: { ...declared, args: behind }, words };
  }
  put(3, 3);
  const { msqid = int, msgp = int, msgsz = int, msgflg = int } = declared.args;
  return { call: { ...declared, args: { msqid, msgp, msgsz, msgflg } }, words };
}

/** All arguments in one structure. */
function structSubcall(args: ArrayLike<number>, memory: MemoryReader, count: number, declared: CallDeclaration | undefined): Subcall | null {
  const words = wordsAt(memory, (args[1] ?? 0) * 4294967296 + (args[0] ?? 0), count);
  return declared && words ? { call: { ...declared, args: withTime32(declared.args) }, words } : null;
}

/** The call behind this one of i386 and its arguments as pairs of words; null when there is none, or no memory. */
export function subcallOf(nr: number, args: ArrayLike<number>, memory: MemoryReader, find: Find): Subcall | null {
  switch (nr) {
    case 82: return structSubcall(args, memory, 5, find(23));
    case 90: return structSubcall(args, memory, 6, find(9));
    case 102: return socketSubcall(args, memory, find);
    case 117: return ipcSubcall(args, memory, find);
    default: return null;
  }
}
