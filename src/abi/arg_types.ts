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
const s64 = (lo: number, hi: number): number => (hi | 0) * TWO32 + (lo >>> 0);

function type<T>(c: string, kind: string, decode: (lo: number, hi: number) => T, direction: Direction = 'in', extra: Partial<ArgType<T>> = {}): ArgType<T> {
  return { c, kind, direction, decode, ...extra };
}

export const int = type('int', 'int', s32);
export const uint = type('unsigned int', 'uint', u32);
export const long = type('long', 'long', s64);
export const ulong = type('unsigned long', 'ulong', u64);
/** Printed in hexadecimal. */
export const hex = type('unsigned long', 'hex', u64);
export const size = type('size_t', 'size', u64);
export const off = type('off_t', 'off', s64);
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
