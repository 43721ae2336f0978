// Strings, paths, buffers, vectors of them, and small out-parameters. strace: src/util.c (printstr_ex), src/io.c, src/execve.c.
import { COMPAT_IOVEC_SIZE } from '../../abi/compat';
import { iovec } from '../../abi/socket';
import type { Printer } from './printer';
import type { Format } from './scalars';
import { hexNumber } from './text';
import { readBig, readNumber, type Scalar } from '../../abi/struct';

/** [{iov_base="ab", iov_len=2}, ...]; `limit`: how many bytes in all were moved. `show` overrides how the data is printed. */
export function iovText(p: Printer, i: number, at: number, count: number, limit = Infinity, reading = false, show = (base: number, length: number): string => p.bytes(base, length)): string {
  let left = limit;
  return p.array(i, at, count, p.isCompat ? COMPAT_IOVEC_SIZE : iovec.size, (b) => {
    const base = p.isCompat ? readNumber(b, 0, 'u32') : p.pointer(p.big(iovec, b, 'iov_base'));
    const length = p.isCompat ? readBig(b, 4, 'u32') : p.big(iovec, b, 'iov_len');
    const shown = Math.min(Number(length), left);
    left -= shown;
    const data = reading && p.failed ? p.hexAddress(base) : base === 0 ? 'NULL' : show(base, shown);
    return `{iov_base=${data}, iov_len=${length}}`;
  });
}

/** The bytes of a pointer. */
const wordOf = (p: Printer): number => p.isCompat ? 4 : 8;

/** argv: ["a", "b"]; at most -s elements unless -v. */
export function argvText(p: Printer, at: number): string {
  if (at === 0) return 'NULL';
  const parts: string[] = [];
  for (let k = 0; ; k++) {
    const bytes = p.read(at + wordOf(p) * k, wordOf(p));
    if (!bytes) {
      if (k === 0) return p.hexAddress(at);
      parts.push(`... /* ${p.hexAddress(at + wordOf(p) * k)} */`);
      break;
    }
    const item = p.pointer(readBig(bytes, 0, p.isCompat ? 'u32' : 'u64'));
    if (item === 0) break;
    if (k >= p.options.stringLimit && !p.options.verbose) { parts.push('...'); break; }
    parts.push(p.string(item));
  }
  return `[${parts.join(', ')}]`;
}

/** The environment: an address and how many there are; in full with -v. */
function envpText(p: Printer, at: number): string {
  if (p.options.verbose || at === 0) return argvText(p, at);
  let count = 0;
  for (; ; count++) {
    const bytes = p.read(at + wordOf(p) * count, wordOf(p));
    if (!bytes && count === 0) return p.hexAddress(at);
    if (!bytes) return `${p.hexAddress(at)} /* ${count} var${count === 1 ? '' : 's'}, unterminated */`;
    if (readNumber(bytes, 0, p.isCompat ? 'u32' : 'u64') === 0) break;
  }
  return `${p.hexAddress(at)} /* ${count} var${count === 1 ? '' : 's'} */`;
}

/** A scalar behind a pointer: [42]. */
const scalarAt = (type: Scalar, show: (v: bigint) => string = String): Format => (p, i) => {
  const bytes = p.fetch(i, { s8: 1, u8: 1, s16: 2, u16: 2, s32: 4, u32: 4, s64: 8, u64: 8, ptr: 8 }[type]);
  return bytes ? `[${show(readBig(bytes, 0, type))}]` : p.address(i);
};

/** Bytes that the call has written: as many as it returned. */
const outBuffer: Format = (p, i) => p.failed || p.num(i) === 0 ? p.address(i) : p.bytes(p.num(i), p.ret);

export const io: Record<string, Format> = {
  path: (p, i) => p.path(p.num(i)),
  str: (p, i) => p.string(p.num(i)),
  argv: (p, i) => argvText(p, p.num(i)),
  envp: (p, i) => envpText(p, p.num(i)),
  buffer: (p, i, type) => p.bytes(p.num(i), p.named(type.length)),
  outBuffer,
  outPath: (p, i) => p.failed || p.num(i) === 0 ? p.address(i) : p.bytes(p.num(i), p.ret),
  iovec: (p, i, type) => type.direction === 'in'
    ? iovText(p, i, p.num(i), p.named(type.length))
    : iovText(p, i, p.num(i), p.named(type.length), Math.max(0, p.ret), true),
  outInt: scalarAt('s32'),
  outSize: (p, i, type) => scalarAt(p.isCompat ? 'u32' : 'u64')(p, i, type),
  outUint: scalarAt('u32'),
  outPtr: (p, i, type) => scalarAt(p.isCompat ? 'u32' : 'u64', v => v === 0n ? 'NULL' : `0x${v.toString(16)}`)(p, i, type),
  outUid16: scalarAt('u16', v => v === 0xffffn ? '-1' : String(v)),
  outUid: scalarAt('u32', v => v === 0xffffffffn ? '-1' : String(v)),
  inoutOff: scalarAt('u64'),
  /** A position that the call reads (splice, copy_file_range): at entry. */
  offAt: scalarAt('s64'),
  /** One bit of each byte: the page is resident. */
  mincore(p, i, type) {
    const pages = Math.ceil(p.named(type.length) / 4096);
    if (p.failed || p.num(i) === 0) return p.address(i);
    if (pages === 0) return '[]';
    const bytes = p.read(p.num(i), Math.min(pages, p.options.stringLimit));
    if (!bytes) return p.address(i);
    return `[${[...bytes].map(byte => byte & 1).join(', ')}${pages > bytes.length ? ', ...' : ''}]`;
  },
  outFds(p, i) {
    const bytes = p.fetch(i, 8);
    return bytes ? p.items([0, 4].map(at => p.fd(readNumber(bytes, at, 's32')))) : p.address(i);
  },
  cpuset(p, i, type) {
    const length = Math.min(type.direction === 'out' ? Math.max(0, p.ret) : p.named(type.length), 128);
    const bytes = p.fetch(i, length);
    if (!bytes) return p.address(i);
    const cpus: number[] = [];
    bytes.forEach((byte, k) => { for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) cpus.push(k * 8 + bit); });
    return `[${cpus.join(' ')}]`;
  },
  unused: (p, i) => hexNumber(p.num(i)),
};
