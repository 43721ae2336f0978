// The one declaration per system call. Dispatch, strace text, conditions, hover, completion, tree and coverage table are derived from it.
import { withTime32, type ArgType, type ArgValue } from '../abi/arg_types';
import type { int } from '../abi/c_types';
import { ENOSYS } from '../abi/errno';
import { assert } from '../base/assert';
import { call_record, type task_struct } from './kernel/types';
import type { SyscallResult } from './result';
import { notice, ports } from './state';

export type { Block, SyscallResult } from './result';

export type ArgDeclarations = Record<string, ArgType<number> | ArgType<bigint>>;
export type ArgValues<A> = { readonly [K in keyof A]: ArgValue<A[K]> };

/** `ringside` for a call that works as Linux's; a sentence for what does not; 'none' where every use is ENOSYS. */
export type Support = 'full' | { partial: string } | { none: string };

/** A variant of a call whose later arguments depend on an earlier one (ioctl, fcntl, prctl, futex): keyed by that argument's value. */
export interface Variants { readonly on: string; readonly rows: ReadonlyMap<number, { name: string; args: ArgDeclarations }> }

export interface SyscallDeclaration {
  readonly nr: number;
  readonly nr32?: number;
  readonly name: string;
  readonly brief: string;
  readonly args: ArgDeclarations;
  /** How the result is printed and typed. */
  readonly ret: ArgType<number> | ArgType<bigint>;
  /** strace's classes: 'desc', 'file', 'memory', 'process', 'signal', 'ipc', 'network' ... */
  readonly classes: readonly string[];
  readonly support: Support;
  readonly variants?: Variants;
  /** The names and types of the arguments. */
  readonly names: readonly string[];
  readonly types: readonly (ArgType<number> | ArgType<bigint>)[];
  /** An object that has all arguments: copied for each call, made for the first. */
  blank: Readonly<Record<string, number | bigint>> | null;
  /** The call never returns to its caller (exit, rt_sigreturn to it). */
  readonly noreturn: boolean;
  readonly handler: Handler | null;
}

export type Handler = (task: task_struct, args: Readonly<Record<string, number | bigint>>) => SyscallResult;

interface Declaration<A> {
  nr: number; nr32?: number; /** The i386 number that takes the same with times of 32 bits. */ nr_time32?: number; /** What strace calls that one, where it differs. */ name_time32?: string; /** What the i386 table calls it, where that differs. */ name32?: string; name: string; brief: string; args: A; ret: ArgType<number> | ArgType<bigint>; classes?: readonly string[]; support?: Support; variants?: Variants; noreturn?: boolean;
}

export const syscalls = new Map<number, SyscallDeclaration>();
export const syscalls32 = new Map<number, SyscallDeclaration>();
/** More than numbers of calls are: a list that grows by high numbers is a hash table to the engine. */
const NR_SYSCALLS = 512;
/** The same by number, for dispatch. */
const sys_call_table = Array.from<SyscallDeclaration | undefined>({ length: NR_SYSCALLS }), ia32_sys_call_table = Array.from<SyscallDeclaration | undefined>({ length: NR_SYSCALLS });
export const syscallsByName = new Map<string, SyscallDeclaration>();

/** Numbers of i386 whose times are two words of 32 bits; the first select, socketcall and ipc are so for the calls behind them. */
const time32_calls = new Set([82, 102, 117]);

/** Declares a system call with its handler. A duplicate number or name throws at load. With nr -1 it is of the i386 table alone, and may have the name of an x86-64 call whose arguments are laid out otherwise. */
export function syscall<A extends ArgDeclarations>(declaration: Declaration<A>, handler: ((task: task_struct, args: ArgValues<A>) => SyscallResult) | null): SyscallDeclaration {
  const made: SyscallDeclaration = {
    names: Object.keys(declaration.args), types: Object.values(declaration.args), blank: null,
    classes: [], noreturn: false, support: handler ? 'full' : { none: 'not implemented' }, ...declaration, handler: handler as unknown as Handler | null,
  };
  if (made.nr >= 0) {
    assert(!syscalls.has(made.nr), `system call ${made.nr} (${made.name}) is declared twice`);
    syscalls.set(made.nr, made);
    sys_call_table[made.nr] = made;
  }
  if (made.nr32 !== undefined) {
    assert(!syscalls32.has(made.nr32), `i386 system call ${made.nr32} (${made.name}) is declared twice`);
    const made32 = declaration.name32 === undefined ? made : { ...made, name: declaration.name32 };
    syscalls32.set(made.nr32, made32);
    ia32_sys_call_table[made.nr32] = made32;
  }
  if (declaration.nr_time32 !== undefined) {
    const nr = declaration.nr_time32, args = withTime32(declaration.args), old = { ...made, nr32: nr, name: declaration.name_time32 ?? made.name, args, types: Object.values(args) };
    assert(!syscalls32.has(nr), `i386 system call ${nr} (${made.name}) is declared twice`);
    time32_calls.add(nr);
    syscalls32.set(nr, old);
    ia32_sys_call_table[nr] = old;
  }
  if (made.nr < 0) return made;
  assert(!syscallsByName.has(made.name), `system call ${made.name} is declared twice`);
  syscallsByName.set(made.name, made);
  return made;
}

/** Parsed, not built: an object to which many properties are added one by one is a hash table to the engine, and so are its copies. */
const blankOf = (names: readonly string[]): Record<string, number> => JSON.parse(JSON.stringify(Object.fromEntries(names.map(name => [name, 0])))) as Record<string, number>;

/** The call came by int 0x80: structures have the layouts of i386. */
export const in_compat_syscall = (task: task_struct): boolean => task.call?.abi === 1;

/** The times of this call, which came by int 0x80, are of 32 bits. Linux: kernel/time/time.c:get_old_timespec32() */
export const in_time32_syscall = (task: task_struct): boolean => in_compat_syscall(task) && time32_calls.has(task.call?.nr ?? -1);

/** The low half of an argument's register, for what Linux takes as an unsigned int: a number beside 2^63 is rounded. */
export const low_word = (task: task_struct, index: int, value: number): number => task.call?.args[index * 2] ?? value >>> 0;

/** The record of a call that begins. A task has one call at a time, and a record lives as long as its call: the one before is used again, every field but its arguments as call_record.make() gives it. */
export function begin_call(task: task_struct, nr: int, abi: int): call_record {
  const call = task.call_slot ?? call_record.make({ args: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] });
  call.nr = nr;
  call.abi = abi;
  call.deadline = -1;
  call.done = call.step = call.messages = 0;
  if (call.files.length > 0) call.files = [];
  if (call.objects.length > 0) call.objects = [];
  if (call.data.length > 0) call.data = new Uint8Array(0);
  call.interrupted = '';
  call.over = call.failed = call.woken = call.secured = false;
  call.entry_ns = call.exit_ns = call.copy_ns = call.blocked_ns = call.copied = 0;
  task.call_slot = null;
  task.call = call;
  return call;
}

/** Runs the handler of the call that `task` is in (task.call) from its top. */
export function invoke_syscall(task: task_struct): SyscallResult {
  const { call } = task;
  if (call === null) assert(false, 'invoke_syscall without a call record');
  const { nr, abi } = call, declaration = (abi === 0 ? sys_call_table : ia32_sys_call_table)[nr];
  if (declaration === undefined || declaration.handler === null) return not_implemented(task, call, declaration?.name);
  ports().clock.chargeCall(declaration.name, abi === 0 ? nr : -1);
  return declaration.handler(task, declaration.names.length === 0 ? NO_ARGUMENTS : abi === 0 ? values_of(declaration, call.args) : values_of_32(declaration, call.args));
}

const NO_ARGUMENTS = {};

/** The arguments by name, as their types say. */
function values_of(declaration: SyscallDeclaration, args: readonly number[]): Record<string, number | bigint> {
  const { names, types } = declaration, values: Record<string, number | bigint> = { ...declaration.blank ??= blankOf(names) };
  for (let i = 0; i < names.length; i++) values[names[i] as string] = (types[i] as ArgType<number>).decode(args[2 * i] as number, args[2 * i + 1] as number);
  return values;
}

/** The same of the lower halves: longs and offsets of i386 have a sign there. */
function values_of_32(declaration: SyscallDeclaration, args: readonly number[]): Record<string, number | bigint> {
  const { names, types } = declaration, values: Record<string, number | bigint> = {};
  for (let i = 0; i < names.length; i++) {
    const type = types[i] as ArgType<number>, low = args[2 * i] as number;
    values[names[i] as string] = type.decode(low, SIGNED.has(type.c) ? low >> 31 : 0);
  }
  return values;
}

const SIGNED = new Set(['long', 'off_t']);

function not_implemented(task: task_struct, { nr, abi }: call_record, name: string | undefined): SyscallResult {
  if (name === undefined) {
    notice(`syscall ${abi} ${nr}`, `System call number ${nr}${abi === 0 ? '' : ' (i386)'} is not implemented; ${task.comm} got ENOSYS.`);
    return ENOSYS.because(`system call number ${nr} is not implemented`);
  }
  notice(`syscall ${name}`, `${name}() is not implemented; ${task.comm} got ENOSYS.`);
  return ENOSYS.because(`${name} is not implemented`);
}
