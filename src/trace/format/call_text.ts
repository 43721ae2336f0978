// The arguments and the result of one call as text: what is known at entry, what at exit. Lines are made of these by strace_text.ts.
import { findErrno } from '../../abi/errno';
import type { CallFormat } from './call_format';
import { files } from './calls/files';
import { ipc } from './calls/ipc';
import { memory } from './calls/memory';
import { network } from './calls/network';
import { process } from './calls/process';
import { sleeping } from './calls/time';
import { argumentText } from './kinds';
import type { Printer } from './printer';
import { hexNumber, octal } from './text';

/** Calls whose arguments strace does not know: how many words it shows. strace: src/linux/x86_64/syscallent.h (printargs) */
const WORDS: Readonly<Record<string, number>> = { create_module: 2, get_kernel_syms: 1, query_module: 5, nfsservctl: 3, tuxcall: 3, security: 3, vserver: 5, afs_syscall: 5, getpmsg: 5, putpmsg: 5, epoll_ctl_old: 4, epoll_wait_old: 4 };
const words: Record<string, CallFormat> = Object.fromEntries(Object.entries(WORDS).map(([name, count]) => [name, { enter: (p: Printer) => Array.from({ length: count }, (_, i) => p.hex(i)).join(', ') }]));

/** The calls that have a text of their own, by name. */
export const callFormats: Readonly<Record<string, CallFormat>> = { ...words, ...memory, ...process, ...files, ...network, ...ipc, ...sleeping };

/** The first argument that is known only at exit, or how many there are. */
function firstOut(p: Printer): number {
  const types = Object.values(p.call.args);
  const at = types.findIndex(type => type.direction !== 'in');
  return at < 0 ? types.length : at;
}

const texts = (p: Printer, from: number, to: number): string[] =>
  Object.values(p.call.args).slice(from, to).flatMap((type, k) => {
    if (type.kind === 'unused') return [];
    // What the call reads is printed though the call failed.
    p.trustMemory = type.direction === 'in';
    const text = argumentText(p, from + k, type);
    p.trustMemory = false;
    return [text];
  });

/** The arguments as far as they are known when the call is made. */
export function entryText(p: Printer): string {
  p.exiting = false;
  const own = callFormats[p.call.name];
  if (own) return own.enter(p);
  const first = firstOut(p);
  return texts(p, 0, first).map(t => first < p.names.length ? `${t}, ` : t).join(first < p.names.length ? '' : ', ');
}

/** Whether nothing more comes when the call ends: what a task that is killed in the call shows depends on it. */
export function isComplete(p: Printer, entry: string): boolean {
  const own = callFormats[p.call.name];
  return own ? !own.pending && !entry.endsWith(', ') : firstOut(p) >= p.names.length;
}

/** The rest of the arguments. */
export function exitText(p: Printer, ret: number): string {
  p.exiting = true;
  p.ret = ret;
  const own = callFormats[p.call.name];
  if (own) return own.exit?.(p) ?? '';
  return texts(p, firstOut(p), p.names.length).join(', ');
}

/** What stands after the equals sign, with the auxiliary text in parentheses. */
export function resultText(p: Printer, ret: number): string {
  if (ret < 0 && ret >= -4095) {
    const code = findErrno(-ret);
    if (ret <= -512 && code) return `? ${code.name} (${code.text})`;
    if (!code) return `-1 (errno ${-ret})`;
    return `-1 ${code.name} (${code.text})${p.aux === null ? '' : ` (${p.aux})`}`;
  }
  const aux = p.aux === null ? '' : ` (${p.aux})`;
  return `${value(p, ret)}${aux}`;
}

function value(p: Printer, ret: number): string {
  const { kind } = p.call.ret;
  const form = p.returnForm ?? ({ fd: 'fd', dirfd: 'fd', ptr: 'hex', hex: 'hex', mode: 'oct', umode: 'oct', uid: 'udec', gid: 'udec' } as Record<string, string>)[kind];
  if (form === 'hex') return hexNumber(ret);
  if (form === 'oct') return octal(ret);
  if (form === 'fd') return p.fd(ret);
  return String(ret);
}
