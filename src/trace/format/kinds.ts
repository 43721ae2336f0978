// Every kind of argument type with its text.
import { ptr, type ArgType } from '../../abi/arg_types';
import { isStruct } from '../../abi/struct';
import { creds } from './creds';
import { io } from './io';
import { epollEventText, polls } from './poll';
import type { Printer } from './printer';
import { scalars, type Format } from './scalars';
import { signals } from './signal';
import { sockets } from './socket';
import { files } from './stat';
import { system } from './system';
import { times } from './time';

let made: Readonly<Record<string, Format>> | undefined;
/** The text of each kind. */
export const kinds = (): Readonly<Record<string, Format>> => made ??= { ...scalars, ...times, ...signals, ...io, ...files, ...polls, ...sockets, ...system, ...creds };

/** Arrays of structs have the text of their family where there is one. */
const arrays: Record<string, Format> = {
  'struct iovec': (p, i, type) => kinds().iovec?.(p, i, type) ?? '',
  'struct pollfd': (p, i, type) => kinds().pollfds?.(p, i, type) ?? '',
  'struct epoll_event': (p, i) => !p.failed && p.ret === 0 && p.num(i) !== 0 ? '[]' : p.failed ? p.address(i) : p.array(i, p.num(i), p.ret, 12, b => epollEventText(p, b)),
};

/** The text of argument `i`. */
export function argumentText(p: Printer, i: number, type: ArgType<number> | ArgType<bigint>): string {
  const format = kinds()[type.kind];
  if (format) return format(p, i, type);
  const layout = type.struct;
  if (type.kind === 'array' && layout) {
    const family = arrays[layout.c];
    if (family) return family(p, i, type);
    if (p.failed) return p.address(i);
    return p.array(i, p.num(i), p.named(type.length), layout.size, b => p.struct(layout, b));
  }
  if (layout && isStruct(layout)) return p.pointed(i, layout, b => p.struct(layout, b));
  return p.address(i);
}

/** The text of argument `i` as an in-argument of this kind, for calls that know their types better than the declaration can say. Times are of 32 bits where the declaration says so. */
export function kindText(kind: string, p: Printer, i: number): string {
  const declared = p.call.args[p.names[i] ?? '']?.kind;
  return argumentText(p, i, { ...ptr, kind: declared === `${kind}32` ? declared : kind });
}
