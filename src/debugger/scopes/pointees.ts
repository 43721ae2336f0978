// What stands behind a pointer argument of a system call, as rows: structs, arrays of them by the count that another argument gives, integers, texts, sets of signals, bytes.
// Not here: the text of an argument (trace/format), before and after (syscall.ts).
import type { ArgType } from '../../abi/arg_types';
import { readBig, type Scalar, type StructLayout } from '../../abi/struct';
import { sigsetText } from '../../trace/format/signal';
import { fact, type Fact } from './fact';
import { bytesText, layoutOf, structFacts, summary } from './layouts';

export interface Pointee {
  /** Bytes to be read. */
  size: number;
  /** One line for bytes that stood, or stand, there. */
  text(bytes: Uint8Array): string;
  /** `at`: where they stand. */
  rows(bytes: Uint8Array, at: bigint): Fact[];
}

/** Of arrays and buffers, no more is shown. */
const MOST = { elements: 64, bytes: 64 };

const INTEGERS: Readonly<Record<string, Scalar>> = { int: 's32', 'unsigned int': 'u32', socklen_t: 'u32', uid_t: 'u32', loff_t: 's64', 'unsigned long': 'u64' };
const cOf: Readonly<Record<string, string>> = { s32: 'int', u32: 'unsigned int', s64: 'long', u64: 'unsigned long' };
const BYTES: Readonly<Record<string, number>> = { s32: 4, u32: 4, s64: 8, u64: 8 };

/** `length`: how many elements or bytes are there, where the call says so. Undefined: nothing. */
export function pointeeOf(name: string, type: ArgType<number> | ArgType<bigint>, length: number | undefined): Pointee | undefined {
  const { c, kind } = type, isSized = length !== undefined && kind !== 'cpuset' && kind !== 'fdset';
  if (isSized && length <= 0) return undefined;
  const shape = type.struct ? { layout: type.struct, count: 1 } : layoutOf(c);
  if (shape && kind !== 'sockaddr' && kind !== 'dirents') return structs(name, shape.layout, isSized && shape.count === 1 ? Math.min(length, MOST.elements) : shape.count, kind);
  if (kind === 'sigset') return { size: 8, text: bytes => sigsetText(readBig(bytes, 0, 'u64')), rows: bytes => bytes.length < 8 ? [nothing(name, c)] : [fact('signals', sigsetText(readBig(bytes, 0, 'u64')), 'the set as the kernel reads it: 64 bits')] };
  const [, word = '', many = '1'] = /^(?:const )?([\w ]+?) (?:\*|\[(\d+)\])$/.exec(c) ?? [], scalar = INTEGERS[word];
  if (scalar && kind !== 'cpuset') return integers(name, scalar, Number(many));
  if (kind === 'path' || kind === 'str') return { size: MOST.bytes, text: bytes => bytesText(untilNul(bytes)), rows: (bytes, at) => byteRows(untilNul(bytes), at) };
  return { size: isSized ? Math.min(length, MOST.bytes) : MOST.bytes, text: bytesText, rows: byteRows };
}

const nothing = (name: string, c: string): Fact => fact(`*${name}`, 'cannot be read: nothing is mapped there', c);

const untilNul = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.indexOf(0) + 1 || bytes.length);

function byteRows(bytes: Uint8Array, at: bigint): Fact[] {
  return [fact('bytes', bytesText(bytes), `${bytes.length === 1 ? 'the byte' : `the first ${bytes.length} bytes`} at 0x${at.toString(16)}`, { memory: at })];
}

function structs(name: string, layout: StructLayout, count: number, kind: string): Pointee {
  const isArray = count > 1 || kind === 'iovec' || kind === 'pollfds' || kind === 'epollEvents' || kind === 'array', whole = (bytes: Uint8Array): number => Math.min(count, Math.floor(bytes.length / layout.size));
  return {
    size: layout.size * count,
    text: bytes => whole(bytes) === 0 ? bytesText(bytes) : isArray ? `[${Array.from({ length: whole(bytes) }, (_, i) => summary(layout, bytes, i * layout.size)).join(', ')}]` : summary(layout, bytes),
    rows: bytes => {
      if (whole(bytes) === 0) return [nothing(name, layout.c)];
      if (!isArray) return structFacts(layout, bytes);
      return Array.from({ length: whole(bytes) }, (_, i) => fact(`[${i}]`, summary(layout, bytes, i * layout.size), layout.c, { children: () => structFacts(layout, bytes, i * layout.size) }));
    },
  };
}

function integers(name: string, scalar: Scalar, count: number): Pointee {
  const bytesEach = BYTES[scalar] ?? 8;
  const values = (bytes: Uint8Array): string[] => Array.from({ length: Math.min(count, Math.floor(bytes.length / bytesEach)) }, (_, i) => String(readBig(bytes, i * bytesEach, scalar)));
  return {
    size: count * bytesEach,
    text: bytes => count === 1 ? values(bytes)[0] ?? '' : `[${values(bytes).join(', ')}]`,
    rows: bytes => bytes.length < bytesEach ? [nothing(name, cOf[scalar] ?? '')] : values(bytes).map((value, i) => fact(count === 1 ? `*${name}` : `[${i}]`, value, cOf[scalar])),
  };
}
