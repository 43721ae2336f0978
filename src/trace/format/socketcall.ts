// i386's socketcall as the socket call that it makes: its name, and the arguments that stand in memory. strace: src/socketcall.c (decode_socket_subcall)
import { SOCKETCALLS, socketcallArgs } from '../../abi/socket';
import { findName } from '../../abi/table';
import type { MemoryReader } from '../memory';
import { readExactly } from '../memory';
import type { CallDeclaration } from './printer';

/** The x86-64 numbers of the calls behind it, whose declarations say what the words are. */
const NUMBERS: Readonly<Record<string, number>> = {
  socket: 41, bind: 49, connect: 42, listen: 50, accept: 43, getsockname: 51, getpeername: 52, socketpair: 53, send: 44, recv: 45, sendto: 44, recvfrom: 45, shutdown: 48, setsockopt: 54, getsockopt: 55,
  sendmsg: 46, recvmsg: 47, accept4: 288, recvmmsg: 299, sendmmsg: 307,
};

/** The call and its arguments as pairs of words; null when there is no such call or no memory. */
export function socketSubcall(args: ArrayLike<number>, memory: MemoryReader, declaration: (nr: number) => CallDeclaration | undefined): { call: CallDeclaration; words: Float64Array } | null {
  const which = args[0] ?? 0, name = findName(SOCKETCALLS, which)?.replace('SYS_', '').toLowerCase(), count = socketcallArgs(which);
  const declared = name === undefined ? undefined : declaration(NUMBERS[name] ?? -1), bytes = readExactly(memory, args[2] ?? 0, count * 4);
  if (!declared || !bytes || name === undefined) return null;
  const words = new Float64Array(12), view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let i = 0; i < count; i++) words[2 * i] = view.getUint32(i * 4, true);
  return { call: { ...declared, name, args: Object.fromEntries(Object.entries(declared.args).slice(0, count)) }, words };
}
