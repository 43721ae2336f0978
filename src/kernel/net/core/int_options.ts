// Options that are an int and change nothing in a machine whose network is its own memory: kept, within what Linux takes, and read back.
import type { int } from '../../../abi/c_types';
import { EINVAL, ENOPROTOOPT, type Errno } from '../../../abi/errno';
import type { sock } from '../types';

/** What a set stores: 1 for anything but 0, any number, one of a range, or nothing at all (ENOPROTOOPT). */
export interface int_option { readonly initial: int; readonly takes: 'flag' | 'any' | 'nothing' | readonly [least: int, most: int]; /** -1 brings the first value back. */ readonly resets?: boolean }
export type int_options = ReadonlyMap<int, int_option>;

export const flag = (initial = 0): int_option => ({ initial, takes: 'flag' });
export const any = (initial = 0): int_option => ({ initial, takes: 'any' });
export const readOnly = (initial = 0): int_option => ({ initial, takes: 'nothing' });
export const range = (initial: int, least: int, most: int): int_option => ({ initial, takes: [least, most] });
export const resettable = (initial: int, least: int, most: int): int_option => ({ initial, takes: [least, most], resets: true });

const key = (level: int, name: int): string => `${level}:${name}`;

export const int_bytes = (value: int): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);

/** The int that a value begins with; a shorter one is a byte, and an empty one 0. */
export const int_of = (value: Uint8Array): int => value.length >= 4 ? new DataView(value.buffer, value.byteOffset).getInt32(0, true) : value[0] ?? 0;

export const get_int_option = (sk: sock, level: int, name: int, initial: int): int => sk.options.get(key(level, name)) ?? initial;

export const keep_int_option = (sk: sock, level: int, name: int, value: int): 0 => {
  sk.options.set(key(level, name), value);
  return 0;
};

export function set_int_option(sk: sock, level: int, name: int, { initial, takes, resets }: int_option, value: int): Errno | 0 {
  if (takes === 'nothing') return ENOPROTOOPT.because('the option cannot be set on this socket');
  if (resets && value === -1) return keep_int_option(sk, level, name, initial);
  if (typeof takes !== 'string' && (value < takes[0] || value > takes[1])) return EINVAL.because(`the option takes ${takes[0]} to ${takes[1]}`);
  return keep_int_option(sk, level, name, takes === 'flag' ? Number(value !== 0) : value);
}
