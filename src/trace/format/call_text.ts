// The arguments and the result of one call as text: what is known at entry, what at exit. Lines are made of these by strace_text.ts.
import type { ArgType } from '../../abi/arg_types';
import { findErrno } from '../../abi/errno';
import type { CallFormat } from './call_format';
import { files } from './calls/files';
import { ipc } from './calls/ipc';
import { memory } from './calls/memory';
import { network } from './calls/network';
import { old } from './calls/old';
import { process } from './calls/process';
import { ptrace } from './calls/ptrace';
import { refused } from './calls/refused';
import { sleeping } from './calls/time';
import { argumentText, kinds } from './kinds';
import type { CallDeclaration, Printer, ReturnForm } from './printer';
import { useStyle } from './flags';
import type { Format } from './scalars';
import { hexNumber, octal } from './text';

/** Calls whose arguments strace does not know: how many words it shows. strace: src/linux/x86_64/syscallent.h (printargs) */
const WORDS: Readonly<Record<string, number>> = { create_module: 2, get_kernel_syms: 1, query_module: 5, nfsservctl: 3, tuxcall: 3, security: 3, vserver: 5, afs_syscall: 5, getpmsg: 5, putpmsg: 5, epoll_ctl_old: 4, epoll_wait_old: 4 };
const words: Record<string, CallFormat> = Object.fromEntries(Object.entries(WORDS).map(([name, count]) => [name, { enter: (p: Printer) => Array.from({ length: count }, (_, i) => p.hex(i)).join(', ') }]));

/** What i386 calls those that x86-64 has by a shorter name. */
const TIME64 = ['clock_nanosleep', 'futex', 'io_pgetevents', 'mq_timedreceive', 'ppoll', 'pselect6', 'recvmmsg', 'semtimedop', 'rt_sigtimedwait'], IN_64 = ['clock_adjtime', 'sendfile'];
function makeFormats(): Record<string, CallFormat> {
  const own: Readonly<Record<string, CallFormat>> = { ...words, ...memory, ...process, ...files, ...network, ...ipc, ...sleeping, ...refused, ptrace };
  const aliases = (names: readonly string[], suffix: string): Record<string, CallFormat> => Object.fromEntries(names.flatMap(name => own[name] ? [[name + suffix, own[name]]] : []));
  return { ...own, ...old, ...own.select && { _newselect: own.select }, ...aliases(TIME64, '_time64'), ...aliases(IN_64, '64') };
}

let made: Readonly<Record<string, CallFormat>> | undefined;
/** The calls that have a text of their own, by name. */
export const callFormats = (): Readonly<Record<string, CallFormat>> => made ??= makeFormats();

/** What a call's text is made of. `firstOut`: the first argument that is known only at exit, or how many there are. */
interface Plan { readonly own: CallFormat | undefined; readonly types: readonly (ArgType<number> | ArgType<bigint>)[]; readonly formats: readonly Format[]; readonly firstOut: number }

/** Remembered, since every call asks. */
const plans = new WeakMap<CallDeclaration, Plan>();

function planOf(call: CallDeclaration): Plan {
  let plan = plans.get(call);
  if (!plan) {
    const types = Object.values(call.args), at = types.findIndex(type => type.direction !== 'in');
    plans.set(call, plan = { own: types[0]?.kind === 'wholeStruct' ? undefined : callFormats()[call.name], types, formats: types.map(type => kinds()[type.kind] ?? argumentText), firstOut: at < 0 ? types.length : at });
  }
  return plan;
}

/** Arguments with commas between them, or with `isMore` one behind each. */
function texts(p: Printer, { types, formats }: Plan, from: number, to: number, isMore = false): string {
  let out = '';
  for (let i = from; i < to; i++) {
    const type = types[i], format = formats[i];
    if (!type || !format || type.kind === 'unused') continue;
    // What the call reads is printed though the call failed.
    p.trustMemory = type.direction === 'in';
    const text = format(p, i, type);
    p.trustMemory = false;
    if (isMore) out += `${text}, `;
    else out += out === '' ? text : `, ${text}`;
  }
  return out;
}

/** Calls that strace gives another number of words than they have arguments. strace: src/linux/x86_64/syscallent.h */
const RAW_WORDS: Readonly<Record<string, number>> = {};

/** -e raw=: all words that the call takes. */
const rawWords = (p: Printer): string => Array.from({ length: RAW_WORDS[p.call.name] ?? p.names.length }, (_, i) => p.hex(i)).join(', ');

/** The arguments as far as they are known when the call is made. */
export function entryText(p: Printer): string {
  p.exiting = false;
  const plan = planOf(p.call), { own, types, firstOut } = plan;
  useStyle(p.options.constStyle);
  if (p.options.raw) return rawWords(p);
  return own ? own.enter(p) : texts(p, plan, 0, firstOut, firstOut < types.length);
}

/** Whether nothing more comes when the call ends: what a task that is killed in the call shows depends on it. */
export function isComplete(p: Printer, entry: string): boolean {
  const { own, types, firstOut } = planOf(p.call);
  if (p.options.raw) return true;
  return own ? !own.pending && !entry.endsWith(', ') : firstOut >= types.length;
}

/** The rest of the arguments. */
export function exitText(p: Printer, ret: number): string {
  p.exiting = true;
  p.ret = ret;
  if (p.options.raw) return '';
  const plan = planOf(p.call), { own, types, firstOut } = plan;
  useStyle(p.options.constStyle);
  return own ? own.exit?.(p) ?? '' : texts(p, plan, firstOut, types.length);
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
  return `${value(p, p.returnValue ?? ret)}${aux}`;
}

const RETURN_FORMS: ReadonlyMap<string, ReturnForm> = new Map([['fd', 'fd'], ['dirfd', 'fd'], ['ptr', 'hex'], ['hex', 'hex'], ['mode', 'oct'], ['umode', 'oct'], ['uid', 'udec'], ['gid', 'udec']]);

/** Calls whose result is a process that is still there. */
const PROCESS_RESULTS = new Set(['getpid', 'gettid', 'getppid', 'fork', 'vfork', 'clone', 'clone3']);

function value(p: Printer, ret: number): string {
  if (p.options.raw) return hexNumber(ret);
  const { kind } = p.call.ret;
  const form = p.returnForm ?? RETURN_FORMS.get(kind);
  if (form === 'hex') return hexNumber(ret);
  if (form === 'oct') return octal(ret);
  if (form === 'fd') return p.fd(ret);
  if (PROCESS_RESULTS.has(p.call.name)) return p.process(ret);
  return String(ret);
}
