// The scope *Syscall*: the call that a task is in or comes back from. Number and name, each argument decoded with what stands behind its pointer before and after, result, errno with its reason
// and the place of the check, the C library's errno, and whether the call will be restarted. Arguments can be changed at the entry, the result at the return.
// Not here: the text of the whole call (machine/log_source.ts).
import { findErrno } from '../../abi/errno';
import type { ArgType } from '../../abi/arg_types';
import { findNumber32 } from '../../abi/unistd_32';
import { UserError } from '../../base/errors';
import { kernel } from '../../kernel/state';
import { syscalls, syscalls32, syscallsByName, type SyscallDeclaration } from '../../kernel/syscall';
import { entryText } from '../../trace/format/call_text';
import { argumentText } from '../../trace/format/kinds';
import { noFacts, Printer } from '../../trace/format/printer';
import { splitTop } from '../../trace/format/typed';
import { defaultOptions } from '../../trace/options';
import { describeErrno, errnoAddress, readErrno } from '../errno';
import type { Modules } from '../modules';
import type { Abi, CallFacts, Target } from '../target';
import { fact, group, kernelFact, type Fact } from './fact';
import { pointeeOf } from './pointees';
import { findReasonPlaces } from './reason_place';

const ARGUMENTS = ['rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9'], ARGUMENTS32 = ['rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp'];
const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;

export interface CallState { nr: number; abi: Abi; phase: 'enter' | 'exit'; call?: CallFacts }

/** The call that a task stands in: the one that the last stop told of, or the one that it sleeps in or that its kernel code works on. */
export function callOf(target: Target, pid: number, stop?: { call?: CallFacts; phase?: 'enter' | 'exit'; pid: number }): CallState | undefined {
  if (stop?.call && stop.pid === pid) return { nr: stop.call.nr, abi: stop.call.abi, phase: stop.phase ?? 'enter', call: stop.call };
  const call = kernel.tasks.get(pid)?.call;
  return call ? { nr: call.nr, abi: call.abi === 0 ? 'x86-64' : 'i386', phase: call.over ? 'exit' : 'enter' } : undefined;
}

export function syscallScope(target: Target, modules: Modules, pid: number, state: CallState): Fact[] {
  const { nr, abi, call, phase } = state;
  const declaration = (abi === 'x86-64' ? syscalls : syscalls32).get(nr);
  const name = declaration?.name ?? call?.name ?? `syscall_0x${nr.toString(16)}`;
  const printer = declaration && printerOf(target, pid, state, declaration);
  const facts = [fact('call', call?.text ?? (printer ? `${name}(${entryText(printer).replace(/, $/, '')})` : name), declaration ? `${declaration.brief} (man 2 ${name})` : 'Linux has no such call'), numberFact(nr, abi, name)];
  facts.push(...argumentFacts(target, pid, state, declaration));
  if (phase === 'exit') facts.push(...resultFacts(target, pid, call));
  const errno = readErrno(target, modules, pid);
  if (errno !== undefined) {
    const where = errnoAddress(target, modules, pid);
    facts.push(fact('errno of the program', describeErrno(errno), `the C library's thread-local variable${where === undefined ? '' : ` at ${hex(where)}`}: the libc wrapper sets it after the kernel has returned`, where === undefined ? {} : { memory: where }));
  }
  const task = kernel.tasks.get(pid);
  if (task?.restart_block.fn) facts.push(kernelFact('restart_block', { kind: { kind: 'object', type: 'restart_block' }, value: task.restart_block }, 'current->restart_block'));
  return facts;
}

/** Calls that the two tables have under names of their own, apart from suffixes that say how wide i386's arguments are. */
const NAMES32: Readonly<Record<string, string>> = { newfstatat: 'fstatat64' };
const NAMES64: Readonly<Record<string, string>> = { fstatat64: 'newfstatat' };

/** The same call in the other table: under the same name, or the one that it has there. */
function counterpart(abi: Abi, name: string): { nr: number; name: string } | undefined {
  const asked = abi === 'x86-64' ? [NAMES32[name], name, `${name}64`] : [NAMES64[name], name, name.replace(/^_(new|l)/, ''), name.replace(/(_time64|64|32|2)$/, '')];
  for (const one of asked) {
    const nr = one === undefined ? undefined : abi === 'x86-64' ? findNumber32(one) : syscallsByName.get(one)?.nr;
    if (one !== undefined && nr !== undefined && nr >= 0) return { nr, name: one };
  }
  return undefined;
}

function numberFact(nr: number, abi: Abi, name: string): Fact {
  const there = abi === 'x86-64' ? 'i386' : 'x86-64', other = counterpart(abi, name);
  const text = name.startsWith('syscall_') ? '' : other === undefined ? `; not on ${there}` : `; ${other.nr} on ${there}${other.name === name ? '' : ` (${other.name})`}`;
  return fact('number', `${nr} on ${abi}${text}`, abi === 'x86-64' ? 'in RAX at the SYSCALL instruction' : 'in EAX at int 0x80');
}

/** The six arguments as pairs of 32-bit words: at the return as they were passed. */
function wordsOf(target: Target, pid: number, { abi, phase, call }: CallState): number[] {
  const user = target.registers(pid, 'user');
  return (abi === 'x86-64' ? ARGUMENTS : ARGUMENTS32).flatMap((register, i) => {
    const raw = phase === 'exit' && call?.args[i] ? call.args[i].raw : user.read(register) ?? 0n;
    return [Number(raw & 0xffffffffn), abi === 'i386' ? 0 : Number(raw >> 32n)];
  });
}

function printerOf(target: Target, pid: number, state: CallState, declaration: SyscallDeclaration): Printer {
  const memory = { read: (address: number, length: number): Uint8Array | null => { const bytes = target.readMemory(pid, BigInt(address), length); return bytes.length === 0 && length > 0 ? null : bytes; } };
  return new Printer(pid, declaration, wordsOf(target, pid, state), memory, defaultOptions, noFacts);
}

function argumentFacts(target: Target, pid: number, state: CallState, declaration: SyscallDeclaration | undefined): Fact[] {
  const { abi, phase, call } = state;
  const order = abi === 'x86-64' ? ARGUMENTS : ARGUMENTS32;
  const words = wordsOf(target, pid, state);
  const types: [string, ArgType<number> | ArgType<bigint> | undefined][] = declaration ? Object.entries(declaration.args) : order.map((_, i) => [`arg${i}`, undefined]);
  const printer = declaration && printerOf(target, pid, state, declaration);
  if (printer && phase === 'exit') { printer.exiting = true; printer.ret = Number(call?.ret ?? 0n); }
  const parts = printer ? partsOf(call?.text ?? `(${entryText(printerOf(target, pid, state, declaration))}`) : [];
  return types.map(([name, type], i) => {
    const raw = BigInt((words[2 * i + 1] ?? 0) >>> 0) << 32n | BigInt((words[2 * i] ?? 0) >>> 0);
    const register = order[i] ?? '';
    const isLater = phase === 'enter' && type?.direction === 'out';
    const plain = !printer || !type ? hex(raw) : isLater ? printer.address(i) : argumentText(printer, i, type);
    const text = /^(0x[0-9a-f]+|\d+)$/.test(plain) ? namedIn(parts, i, name) ?? plain : plain;
    const children = type && declaration && behind(target, pid, name, type, raw, lengthOf(type, declaration, words, state), call?.before?.[i], phase);
    return fact(name, isLater ? `${text} (the call writes there)` : text, `${type?.c ?? 'unsigned long'}, in ${register.toUpperCase()}`, {
      ...(type?.c.includes('*') && raw !== 0n && { memory: raw }), ...(children && { children }),
      ...(phase === 'enter' && { set: (value: bigint) => write(target, pid, register, value) }),
    });
  });
}

/** The arguments in the text of a call, as its own formatter has written them. */
const partsOf = (text: string): string[] => splitTop(splitTop(text.slice(text.indexOf('(') + 1), ')')[0] ?? '', ', ');

/** What the call's own formatter calls a number: the operation of a futex, the request of an ioctl, the flags of a clone. */
function namedIn(parts: readonly string[], i: number, name: string): string | undefined {
  const text = parts.find(part => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? parts[i];
  return text !== undefined && /^[A-Z][A-Z0-9_]+(\|[A-Z0-9_x]+)*$/.test(text) ? text : undefined;
}

function write(target: Target, pid: number, register: string, value: bigint): void {
  if (!target.registers(pid, 'user').write(register, BigInt.asUintN(64, value))) throw new UserError(`${register} cannot be changed here`);
}

/** What unfolds below an argument: the open file of a descriptor, what stands behind a pointer, before and after the call. */
function behind(target: Target, pid: number, name: string, type: ArgType<number> | ArgType<bigint>, raw: bigint, length: number | undefined, before: Uint8Array | undefined, phase: 'enter' | 'exit'): (() => Fact[]) | undefined {
  if (type.kind === 'fd' || type.kind === 'dirfd') {
    const found = kernel.tasks.get(pid)?.files?.fd[Number(BigInt.asIntN(32, raw))];
    return found ? () => [kernelFact('file', { kind: { kind: 'object', type: 'file' }, value: found }, `$file(${BigInt.asIntN(32, raw)})`)] : undefined;
  }
  const pointee = /[*\]]$/.test(type.c) && raw !== 0n ? pointeeOf(name, type, length) : undefined;
  if (!pointee) return undefined;
  const now = (): Uint8Array => target.readMemory(pid, raw, pointee.size);
  if (phase === 'enter' || !before) return () => pointee.rows(now(), raw);
  return () => {
    const after = now(), old = before.subarray(0, pointee.size);
    if (old.every((byte, i) => byte === after[i])) return pointee.rows(after, raw);
    return [group('before', pointee.text(old), () => pointee.rows(old, raw), 'memory as the call found it'), group('after', pointee.text(after), () => pointee.rows(after, raw), 'memory as the call left it')];
  };
}

/** How much the call says that there is behind a pointer: what another argument counts, and of what it has written by bytes, its result. */
function lengthOf(type: ArgType<number> | ArgType<bigint>, declaration: SyscallDeclaration, words: readonly number[], { phase, call }: CallState): number | undefined {
  const i = type.length === undefined ? -1 : declaration.names.indexOf(type.length), counter = declaration.types[i];
  if (!counter || counter.c.endsWith('*')) return undefined;
  const length = Number(counter.decode(words[2 * i] ?? 0, words[2 * i + 1] ?? 0)), isWritten = type.kind === 'outBuffer' || type.kind === 'outPath' || type.kind === 'epollEvents';
  return isWritten && phase === 'exit' && call?.ret !== undefined && call.ret >= 0n ? Math.min(length, Number(call.ret)) : length;
}

/** Linux's own results of an interrupted call, which ring 3 never sees. Linux: include/linux/errno.h */
const isRestart = (result: bigint): boolean => result <= -512n && result >= -516n;

/** Where a signal's handler finds RAX and RIP of what it has interrupted: behind the return address, in struct ucontext. Linux: arch/x86/include/uapi/asm/sigcontext.h */
const SAVED_RAX = 8n + 40n + 13n * 8n, SAVED_RIP = 8n + 40n + 16n * 8n;
const EINTR = 4n;

/** What becomes of an interrupted call, read off what the kernel has prepared for ring 3. */
function restartFacts(target: Target, pid: number, call: CallFacts): Fact[] {
  const user = target.registers(pid, 'user'), rip = user.read('rip') ?? 0n, rsp = user.read('rsp') ?? 0n;
  const word = (address: bigint): bigint | undefined => { const bytes = target.readMemory(pid, address, 8); return bytes.length < 8 ? undefined : new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true); };
  const isCall = (address: bigint): boolean => { const bytes = target.readMemory(pid, address, 2); return bytes[0] === 0x0f && bytes[1] === 0x05 || bytes[0] === 0xcd && bytes[1] === 0x80; };
  const saved = word(rsp + SAVED_RIP);
  const text = isCall(rip) ? 'made again at once: RIP stands at the call again' : word(rsp + SAVED_RAX) === -EINTR ? 'not made again: it gives -1 EINTR when the signal\'s handler has returned' : saved !== undefined && isCall(saved) ? 'made again when the signal\'s handler has returned: RIP in its frame stands at the call again' : 'made again, or it gives EINTR';
  const name = call.text.slice(call.text.lastIndexOf(' = ') + ' = '.length);
  return [
    fact('result', name, 'what the kernel\'s function gave; ring 3 never sees it'),
    fact('restart', text, 'man 7 signal: "Interruption of system calls"; Linux: arch/x86/kernel/signal.c:handle_signal()'),
  ];
}

function resultFacts(target: Target, pid: number, call: CallFacts | undefined): Fact[] {
  if (call?.ret !== undefined && isRestart(call.ret)) return restartFacts(target, pid, call);
  const rax = BigInt.asIntN(64, target.registers(pid, 'user').read('rax') ?? call?.ret ?? 0n);
  const isFailure = rax < 0n && rax >= -4095n;
  const errno = isFailure ? findErrno(Number(-rax)) : undefined;
  const facts = [fact('result', isFailure ? `-1: the kernel gives ${rax} (-${errno?.name ?? Number(-rax)})` : rax > 0xffffn ? `${rax} (${hex(rax)})` : String(rax), 'RAX of pt_regs: what ring 3 will find; it can be changed', { set: value => write(target, pid, 'rax', value) })];
  if (!isFailure) return facts;
  facts.push(fact('errno', errno ? `${errno.name} (${errno.number}) ${errno.text}` : String(-rax), 'man 3 errno'));
  const reason = call?.errno && call.ret === rax ? call.errno.reason : null;
  if (!reason || !errno) return facts;
  const places = findReasonPlaces(target.kernel, call?.name ?? '', errno.name, reason);
  facts.push(fact('because', reason, 'the check of the simulated kernel that refused the call'));
  if (places.length > 0) facts.push(fact('refused by', places.map(({ name, file, line }) => `${name}() at ${file}:${line}`).join(' or '), 'open it with "Ringside: Open Kernel Source", or set a function breakpoint there'));
  return facts;
}
