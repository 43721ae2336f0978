// Kernel values as text: scalars as Linux prints them, flags by name, objects by summary and address. Text is bytes held as latin1, as the kernel holds it.
import { Errno } from '../../abi/errno';
import { OPEN_FLAGS } from '../../abi/fcntl';
import { CAP } from '../../abi/prctl';
import { SA } from '../../abi/signal';
import { flags } from '../../trace/format/flags';
import { sigsetText } from '../../trace/format/signal';
import { addressOf, fieldValue, isObject, opsName, type KernelValue } from './kernel_value';
import { modeText, openFlagsText, pathText, policyText, summaryOf, taskStateText, untilText } from './summary';
import type { path } from '../../kernel/fs/types';

export interface KernelFormat {
  /** Integers in hexadecimal. */
  isHex?: boolean;
  /** The name of the field, where it tells how the value is meant (f_mode, __state). */
  name?: string;
}

const LONGEST = 200;

/** One line. */
export function formatKernel({ kind, value }: KernelValue, { isHex = false, name = '' }: KernelFormat = {}): string {
  if (value === null) return kind.kind === 'ops' || kind.kind === 'object' ? 'NULL' : 'null';
  switch (kind.kind) {
    case 'int': return typeof value === 'number' ? integer(value, kind.c, isHex ? 'hex' : kind.show, name) : String(value);
    case 'big': return big(value as bigint, kind.c, isHex);
    case 'flags': return kind.names === OPEN_FLAGS.entries ? `${hexOf(Number(value))} ${openFlagsText({ f_flags: Number(value) })}` : `${hexOf(Number(value))}${value === 0 ? '' : ` ${flags({ unknown: '???', entries: kind.names, values: {} }, Number(value))}`}`;
    case 'bool': return String(value);
    case 'string': return JSON.stringify(value);
    case 'object': return isObject(value) ? [summaryOf(value), `0x${addressOf(value).toString(16)}`].filter(Boolean).join(' @ ') : 'NULL';
    case 'list': case 'set': case 'map': return collection({ kind, value });
    case 'bytes': return bytesText(value as Uint8Array);
    case 'struct': return struct(value as Record<string, unknown>, kind.fields);
    case 'ops': return opsName(value) ?? 'NULL';
    case 'errno': return value instanceof Errno ? `-${value.name} (${value.text})${value.reason ? `, because ${value.reason}` : ''}` : String(value);
    case 'block': return 'BLOCK: the task goes to sleep and the call runs again when it is woken';
    case 'function': return `${typeof value === 'function' ? value.name : ''}()`;
    case 'none': return 'not set';
  }
}

const hexOf = (value: number): string => value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;

function integer(value: number, c: string, show: 'dec' | 'hex' | 'oct', name: string): string {
  if (c === 'umode_t') return `0${value.toString(8)}${value > 0o7777 ? ` ${modeText(value)}` : ''}`;
  if (name === '__state' || name === 'exit_state') return `${value} ${value === 0 && name === 'exit_state' ? '(alive)' : taskStateText(value)}`;
  if (name === 'policy') return `${value} ${policyText(value)}`;
  if (name === 'sa_flags') return `${hexOf(value)}${value ? ` ${flags(SA, value)}` : ''}`;
  if (c === 'ktime_t' && (name === 'expires' || name === 'deadline')) return value < 0 ? `${value} (not set)` : `${value} (${untilText(value)})`;
  if (!Number.isFinite(value)) return value > 0 ? 'infinite' : String(value);
  return show === 'hex' ? hexOf(value) : show === 'oct' ? `0${value.toString(8)}` : String(value);
}

function big(value: bigint, c: string, isHex: boolean): string {
  if (c === 'sigset_t') return `0x${value.toString(16)} ${sigsetText(value)}`;
  if (c === 'kernel_cap_t') return `0x${value.toString(16)}${value === 0n ? '' : ` ${capabilities(value)}`}`;
  return isHex ? `0x${value.toString(16)}` : String(value);
}

function capabilities(mask: bigint): string {
  const names = CAP.entries.filter(([, bit]) => (mask >> BigInt(bit)) & 1n).map(([text]) => text);
  return names.length === CAP.entries.length ? 'all' : names.join('|');
}

function collection({ kind, value }: KernelValue): string {
  const count = Array.isArray(value) ? value.length : value instanceof Map || value instanceof Set ? value.size : 0;
  if (count === 0) return 'none';
  if (kind.kind === 'set') return clip(`{${[...(value as Set<unknown>)].map(one => formatKernel(fieldValue(kind.of, one))).join(', ')}}`);
  if (kind.kind === 'list' && kind.of.kind !== 'object' && kind.of.kind !== 'struct') return clip(`{${(value as unknown[]).slice(0, 64).map(one => formatKernel(fieldValue(kind.of, one))).join(', ')}}`);
  const present = Array.isArray(value) ? value.filter(one => one !== null).length : count;
  return present === count ? `${count} of them` : `${present} of ${count} set`;
}

function struct(value: Record<string, unknown>, fields: Record<string, Parameters<typeof fieldValue>[0]>): string {
  // A walk of the page tables ends in its page.
  if ('PGD' in fields && typeof value['page'] === 'string') return value['page'];
  if (isPath(value)) return JSON.stringify(pathText(value));
  return clip(`{${Object.entries(fields).map(([name, kind]) => `${name} = ${kind.kind === 'struct' ? '{...}' : formatKernel(fieldValue(kind, value[name]), { name })}`).join(', ')}}`);
}

function isPath(value: unknown): value is path {
  return typeof value === 'object' && value !== null && 'mnt' in value && isObject(value.mnt) && 'dentry' in value && isObject(value.dentry);
}

function bytesText(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, 48), byte => byte.toString(16).padStart(2, '0')).join(' ');
  const isText = bytes.length > 0 && bytes.every(byte => byte === 0 || byte >= 0x20 && byte < 0x7f || byte === 9 || byte === 10);
  return isText ? JSON.stringify(String.fromCharCode(...bytes.subarray(0, LONGEST)).replace(/\0+$/, '')) : `{${shown}${bytes.length > 48 ? ' ...' : ''}}`;
}

const clip = (text: string): string => text.length > LONGEST ? `${text.slice(0, LONGEST - 4)}...}` : text;
