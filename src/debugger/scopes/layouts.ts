// The structs of the kernel's ABI by their C names, and a struct in memory as rows: what stands behind the pointer arguments of a system call.
import * as fcntl from '../../abi/fcntl';
import * as fs from '../../abi/fs';
import * as futex from '../../abi/futex';
import * as ioctl from '../../abi/ioctl';
import * as ipc from '../../abi/ipc';
import * as poll from '../../abi/poll';
import * as resource from '../../abi/resource';
import * as sched from '../../abi/sched';
import * as seccomp from '../../abi/seccomp';
import * as signal from '../../abi/signal';
import * as socket from '../../abi/socket';
import * as stat from '../../abi/stat';
import { isStruct, readBig, sizeOf, type Scalar, type StructLayout } from '../../abi/struct';
import * as time from '../../abi/time';
import * as utsname from '../../abi/utsname';
import { flags } from '../../trace/format/flags';
import { sigsetText } from '../../trace/format/signal';
import { modeText } from '../objects/summary';
import { fact, type Fact } from './fact';

const layouts = structLayouts();

function structLayouts(): ReadonlyMap<string, StructLayout> {
  const found = new Map<string, StructLayout>();
  for (const header of [fcntl, fs, futex, ioctl, ipc, poll, resource, sched, seccomp, signal, socket, stat, time, utsname]) {
    for (const value of Object.values(header) as unknown[]) if (isLayout(value) && !found.has(value.c)) found.set(value.c, value);
  }
  // The kernel's call takes its own struct, though the manual names the library's.
  return found.set('struct sigaction', signal.kernel_sigaction);
}

function isLayout(value: unknown): value is StructLayout {
  return typeof value === 'object' && value !== null && 'c' in value && 'fields' in value && 'align' in value;
}

/** The layout that a C type points at: `const struct timespec *`, `struct timespec [2]`. */
export function layoutOf(c: string): { layout: StructLayout; count: number } | undefined {
  const match = /^(?:const )?((?:struct |union )?\w+) (?:\*|\[(\d+)\])$/.exec(c);
  const layout = match?.[1] === undefined ? undefined : layouts.get(match[1]);
  return layout && { layout, count: Number(match?.[2] ?? 1) };
}

/** How the kernel reads a field, by struct and name. */
const meanings: Readonly<Record<string, (value: number) => string>> = {
  st_mode: value => `0${value.toString(8)} ${modeText(value)}`, stx_mode: value => `0${value.toString(8)} ${modeText(value)}`,
  sa_handler: value => value === 0 ? 'SIG_DFL' : value === 1 ? 'SIG_IGN' : `0x${value.toString(16)}`, sa_flags: value => `0x${value.toString(16)}${value ? ` ${flags(signal.SA, value)}` : ''}`,
  events: value => value ? flags(poll.POLL_EVENTS, value) : '0', revents: value => value ? flags(poll.POLL_EVENTS, value) : '0',
};

const isHexField = (name: string): boolean => /flags|mode|addr|base|handler|restorer|mask|ptr/.test(name);

/** One row a field; arrays of bytes as text where they are text. */
export function structFacts(layout: StructLayout, bytes: Uint8Array, base = 0): Fact[] {
  return Object.values(layout.fields).filter(({ name }) => !/^_+(pad|reserved)/.test(name)).map(({ name, type, count, offset, isArray }) => {
    const at = base + offset;
    if (isStruct(type)) {
      if (!isArray) return fact(name, summary(type, bytes, at), type.c, { children: () => structFacts(type, bytes, at) });
      return fact(name, `${count} of them`, `${type.c}[${count}]`, { children: () => Array.from({ length: count }, (_, i) => fact(`[${i}]`, summary(type, bytes, at + i * type.size), type.c, { children: () => structFacts(type, bytes, at + i * type.size) })) });
    }
    if (isArray) return fact(name, type === 'u8' || type === 's8' ? bytesText(bytes.subarray(at, at + count)) : `{${Array.from({ length: count }, (_, i) => readBig(bytes, at + i * sizeOf(type), type)).join(', ')}}`, `${cName[type]}[${count}]`);
    const value = readBig(bytes, at, type), meaning = meanings[name];
    if (meaning && value >= 0n) return fact(name, meaning(Number(value)), cName[type]);
    if (name === 'sa_mask') return fact(name, sigsetText(BigInt.asUintN(64, value)), cName[type]);
    return fact(name, type === 'ptr' || isHexField(name) ? `0x${BigInt.asUintN(64, value).toString(16)}` : String(value), cName[type]);
  });
}

export const summary = (layout: StructLayout, bytes: Uint8Array, base = 0): string => {
  const text = structFacts(layout, bytes, base).map(({ name, value }) => `${name}=${value}`).join(', ');
  return `{${text.length > 120 ? `${text.slice(0, 120)} ...` : text}}`;
};

const cName: Readonly<Record<Scalar, string>> = { s8: 'signed char', u8: 'unsigned char', s16: 'short', u16: 'unsigned short', s32: 'int', u32: 'unsigned int', s64: 'long', u64: 'unsigned long', ptr: 'void *' };

export function bytesText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  if (text.length > 0 && text.every(byte => byte >= 0x20 && byte < 0x7f)) return JSON.stringify(String.fromCharCode(...text));
  return Array.from(bytes.subarray(0, 32), byte => byte.toString(16).padStart(2, '0')).join(' ') + (bytes.length > 32 ? ' ...' : '');
}
