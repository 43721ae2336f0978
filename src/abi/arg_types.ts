// The argument types of system calls: how a raw 64-bit register becomes a value, and what a formatter needs to know about it.
// Not here: text. trace/format prints each `kind`. Numbers are doubles: exact below 2^53; ask for big types where all 64 bits matter.

import type { StructLayout } from './struct';
import type { NameTable } from './table';

export type Direction = 'in' | 'out' | 'inout';

/** A type of a system call's argument. `decode` takes the register as two unsigned 32-bit words. */
export interface ArgType<T> {
  /** The C type, as the man page writes it. */
  readonly c: string;
  /** What the formatter dispatches on. */
  readonly kind: string;
  /** `out`: memory that is meaningful only after the call. */
  readonly direction: Direction;
  decode(lo: number, hi: number): T;
  readonly table?: NameTable;
  /** With bits: the part of the value that is a choice and not bits (MAP_TYPE), with its names. */
  readonly choiceTable?: NameTable;
  /** The name of the argument that tells the length or count of this one; or of the buffer that this one measures. */
  readonly length?: string;
  readonly struct?: StructLayout;
  /** Whether a choice is in the low 32 bits only and may be negative. */
  readonly signed?: boolean;
}

/** The value type of an ArgType. */
export type ArgValue<A> = A extends ArgType<infer T> ? T : never;

const TWO32 = 4294967296;
const s32 = (lo: number): number => lo | 0;
const u32 = (lo: number): number => lo >>> 0;
const u64 = (lo: number, hi: number): number => (hi >>> 0) * TWO32 + (lo >>> 0);
/** The largest ones are no doubles: they are the last double below 2^63, so that they do not become 2^63. */
const s64 = (lo: number, hi: number): number => (hi | 0) === 0x7fffffff ? 0x7fffffff * TWO32 + Math.min(lo >>> 0, 0xfffffc00) : (hi | 0) * TWO32 + (lo >>> 0);

function type<T>(c: string, kind: string, decode: (lo: number, hi: number) => T, direction: Direction = 'in', extra: Partial<ArgType<T>> = {}): ArgType<T> {
  return { c, kind, direction, decode, ...extra };
}

export const int = type('int', 'int', s32);
export const uint = type('unsigned int', 'uint', u32);
export const long = type('long', 'long', s64);
export const ulong = type('unsigned long', 'ulong', u64);
/** Printed in hexadecimal. */
export const hex = type('unsigned long', 'hex', u64);
/** The same for 32 bits. */
export const uhex = type('unsigned int', 'uhex', u32);
export const size = type('size_t', 'size', u64);
export const off = type('off_t', 'off', s64);
/** An off_t that strace prints without its sign. */
export const offUnsigned = type('off_t', 'ulong', s64);
export const u64big = type('u64', 'u64', (lo: number, hi: number): bigint => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0));
export const ptr = type('void *', 'ptr', u64);
export const path = type('const char *', 'path', u64);
export const str = type('const char *', 'str', u64);
export const argv = type('char *const []', 'argv', u64);
export const envp = type('char *const []', 'envp', u64);
export const fd = type('int', 'fd', s32);
export const dirfd = type('int', 'dirfd', s32);
export const mode = type('mode_t', 'mode', (lo: number): number => lo & 0xffff);
export const umode = type('mode_t', 'umode', (lo: number): number => lo & 0xffff);
export const dev = type('dev_t', 'dev', u64);
export const pid = type('pid_t', 'pid', s32);
/** As unsigned; (uid_t)-1 is 0xffffffff and prints as -1. */
export const uid = type('uid_t', 'uid', u32);
export const gid = type('gid_t', 'gid', u32);
/** A number of 16 bits, -1 being none. Linux: include/linux/highuid.h:low2highuid() */
export const uid16 = type('old_uid_t', 'uid16', (lo: number): number => (lo & 0xffff) === 0xffff ? 0xffffffff : lo & 0xffff);
export const signo = type('int', 'signo', s32);
export const openFlags = type('int', 'openFlags', s32);
export const clockid = type('clockid_t', 'clockid', s32);
/** The argument is not used by this variant of the call and not printed. */
export const unused = type('unsigned long', 'unused', u64);

/** A set of bits; `choices` names the values of the low part that is a choice. */
export function bits(table: NameTable, choices?: NameTable, c = 'int'): ArgType<number> {
  return type(c, 'bits', u32, 'in', { table, choiceTable: choices });
}

/** One of some named values, a signed int. */
export function choice(table: NameTable, c = 'int'): ArgType<number> {
  return type(c, 'choice', s32, 'in', { table, signed: true });
}

/** Bytes that the call reads; `length` is the name of the argument that counts them. */
export function buffer(length: string): ArgType<number> {
  return type('const void *', 'buffer', u64, 'in', { length });
}

/** Bytes that the call writes; as many as it returns. */
export function outBuffer(length: string): ArgType<number> {
  return type('void *', 'outBuffer', u64, 'out', { length });
}

/** A path that the call writes, as long as it returns (readlink, getcwd). */
export function outPath(length: string): ArgType<number> {
  return type('char *', 'outPath', u64, 'out', { length });
}

/** The count of bytes of the argument named. */
export function lenOf(of: string): ArgType<number> {
  return type('size_t', 'lenOf', u64, 'in', { length: of });
}

/** 'timespec' for 'struct timespec': the kind of a pointer to one. */
const structKind = (layout: StructLayout): string => layout.c.replace(/^(struct|union) /, '');

/** A pointer to a structure. */
export function struct(layout: StructLayout, direction: Direction): ArgType<number> {
  return type(`${layout.c} *`, structKind(layout), u64, direction, { struct: layout });
}

/** A pointer to as many structures as the argument `count` says. */
export function arrayOf(layout: StructLayout, count: string, direction: Direction = 'in'): ArgType<number> {
  return type(`${layout.c} *`, 'array', u64, direction, { struct: layout, length: count });
}

/** A pointer whose memory the formatter of `kind` knows ('timespec', 'sigset', 'stat', 'wstatus' ...). */
export function pointer(kind: string, c: string, direction: Direction, length?: string): ArgType<number> {
  return type(c, kind, u64, direction, { length });
}

const TIME_KINDS = new Set(['timespec', 'timeval', 'itimerspec', 'itimerval', 'timespecs', 'timevals', 'timex', 'utimbuf']);

/** The same arguments with times of 32 bits, which are kinds of their own. Linux: include/vdso/time32.h */
export function withTime32<A extends Record<string, ArgType<number> | ArgType<bigint>>>(args: A): A {
  return Object.fromEntries(Object.entries(args).map(([name, one]) => [name, TIME_KINDS.has(one.kind) ? { ...one, kind: `${one.kind}32`, c: one.c.replace(/struct (\w+)/, 'struct old_$132') } : one])) as A;
}

/** A plain number whose text the formatter of `kind` knows. */
export function special(kind: string, c: string): ArgType<number> {
  return type(c, kind, s64);
}

export const iovec = (count: string, direction: Direction = 'in'): ArgType<number> => pointer('iovec', 'const struct iovec *', direction, count);
export const sockaddr = (length: string, direction: Direction = 'in'): ArgType<number> => pointer('sockaddr', 'struct sockaddr *', direction, length);
export const sigset = pointer('sigset', 'const sigset_t *', 'in');
export const outSigset = pointer('sigset', 'sigset_t *', 'out');
export const timespec = pointer('timespec', 'const struct timespec *', 'in');
export const outTimespec = pointer('timespec', 'struct timespec *', 'out');
export const timeval = pointer('timeval', 'const struct timeval *', 'in');
export const outTimeval = pointer('timeval', 'struct timeval *', 'out');
export const outInt = pointer('outInt', 'int *', 'out');
/** Two descriptors that the call writes (pipe, socketpair). */
export const outFds = pointer('outFds', 'int [2]', 'out');

// The kinds below are pointers whose text trace/format knows. in: printed at entry; out: at exit, as an address when the call failed.
export const stat = pointer('stat', 'struct stat *', 'out');
export const statx = pointer('statx', 'struct statx *', 'out');
export const statfs = pointer('statfs', 'struct statfs *', 'out');
export const utsname = pointer('utsname', 'struct new_utsname *', 'out');
export const sysinfo = pointer('sysinfo', 'struct sysinfo *', 'out');
export const rusage = pointer('rusage', 'struct rusage *', 'out');
export const rlimit = pointer('rlimit', 'const struct rlimit *', 'in');
export const outRlimit = pointer('rlimit', 'struct rlimit *', 'out');
export const wstatus = pointer('wstatus', 'int *', 'out');
export const siginfo = pointer('siginfo', 'siginfo_t *', 'in');
export const outSiginfo = pointer('siginfo', 'siginfo_t *', 'out');
export const sigaction = pointer('sigaction', 'const struct sigaction *', 'in');
export const outSigaction = pointer('sigaction', 'struct sigaction *', 'out');
export const sigaltstack = pointer('sigaltstack', 'const stack_t *', 'in');
export const outSigaltstack = pointer('sigaltstack', 'stack_t *', 'out');
export const itimerval = pointer('itimerval', 'const struct itimerval *', 'in');
export const outItimerval = pointer('itimerval', 'struct itimerval *', 'out');
export const itimerspec = pointer('itimerspec', 'const struct itimerspec *', 'in');
export const outItimerspec = pointer('itimerspec', 'struct itimerspec *', 'out');
export const timezone = pointer('timezone', 'struct timezone *', 'in');
export const outTimezone = pointer('timezone', 'struct timezone *', 'out');
export const outTms = pointer('tms', 'struct tms *', 'out');
export const sigevent = pointer('sigevent', 'struct sigevent *', 'in');
/** Two times: utimensat, utimes. */
export const timespecs = pointer('timespecs', 'const struct timespec [2]', 'in');
export const timevals = pointer('timevals', 'const struct timeval [2]', 'in');
export const pollfds = (count: string): ArgType<number> => pointer('pollfds', 'struct pollfd *', 'in', count);
export const fdset = (count: string): ArgType<number> => pointer('fdset', 'fd_set *', 'in', count);
export const epollEvent = pointer('epollEvent', 'struct epoll_event *', 'in');
export const epollEvents = (count: string): ArgType<number> => pointer('epollEvents', 'struct epoll_event *', 'out', count);
export const dirents = (count: string): ArgType<number> => pointer('dirents', 'struct linux_dirent64 *', 'out', count);
export const msghdr = pointer('msghdr', 'const struct msghdr *', 'in');
export const outMsghdr = pointer('msghdr', 'struct msghdr *', 'out');
export const outSockaddr = (length: string): ArgType<number> => pointer('sockaddr', 'struct sockaddr *', 'out', length);
/** A length that the call reads and writes: [128 => 16]. */
export const socklen = pointer('socklen', 'socklen_t *', 'out');
/** A file position that the call reads and writes: [0] => [18]. */
export const inoutOff = pointer('inoutOff', 'loff_t *', 'out');
/** A file position that the call reads: [2]. */
export const offAt = pointer('offAt', 'loff_t *', 'in');
export const outUint = pointer('outUint', 'unsigned int *', 'out');
export const outPtr = pointer('outPtr', 'unsigned long *', 'out');
/** An id that the call writes (getresuid). */
export const outUid = pointer('outUid', 'uid_t *', 'out');
export const cpuset = (length: string, direction: Direction = 'in'): ArgType<number> => pointer('cpuset', 'unsigned long *', direction, length);
export const fprog = pointer('fprog', 'struct sock_fprog *', 'in');
export const cloneArgs = pointer('cloneArgs', 'struct clone_args *', 'in');
