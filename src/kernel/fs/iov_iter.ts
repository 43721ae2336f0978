// Where the bytes of a read or write go to or come from: user segments or a kernel buffer. Linux: lib/iov_iter.c, include/linux/uio.h.
// An iov_iter lives only inside one call; it is never part of the graph.
import type { size_t, uaddr_t, uint } from '../../abi/c_types';
import { EFAULT, type Errno } from '../../abi/errno';
import type { mm_struct } from '../mm/types';
import { copy_from_user, copy_page_from_user, copy_page_to_user, copy_to_user } from '../mm/uaccess';
import { failed, type Block } from '../result';
import { ports } from '../state';
import type { Result } from './types';

export interface iovec { base: uaddr_t; len: size_t }

export interface iov_iter {
  /** null: `bytes` is a kernel buffer. */
  mm: mm_struct | null;
  segs: iovec[];
  bytes: Uint8Array;
  /** Position: the segment and the offset in it (or in `bytes`). */
  seg: uint;
  offset: size_t;
  /** Bytes left. */
  count: size_t;
}

const NOTHING = new Uint8Array(0);

/** Over user memory. */
export function iov_iter_user(mm: mm_struct, segs: iovec[]): iov_iter {
  return { mm, segs, bytes: NOTHING, seg: 0, offset: 0, count: segs.reduce((sum, s) => sum + s.len, 0) };
}

/** Over one user buffer. */
export function iov_iter_ubuf(mm: mm_struct, base: uaddr_t, len: size_t): iov_iter {
  return { mm, segs: [{ base, len }], bytes: NOTHING, seg: 0, offset: 0, count: len };
}

/** Over a kernel buffer. */
export function iov_iter_kvec(bytes: Uint8Array): iov_iter {
  return { mm: null, segs: [], bytes, seg: 0, offset: 0, count: bytes.length };
}

/** No more than `count` bytes from now on. */
export function iov_iter_truncate(iter: iov_iter, count: size_t): void {
  if (iter.count > count) iter.count = count;
}

export function iov_iter_advance(iter: iov_iter, length: size_t): void {
  iter.count -= length;
  if (!iter.mm) {
    iter.offset += length;
    return;
  }
  iter.offset += length;
  while (iter.seg < iter.segs.length) {
    const seg = iter.segs[iter.seg];
    if (!seg || iter.offset < seg.len) break;
    iter.offset -= seg.len;
    iter.seg++;
  }
}

/** Moves `part` bytes at `done` of the whole to or from the user address. All or nothing. */
type Move = (mm: mm_struct, address: number, done: number, part: number) => number | Errno | Block;

/** Copies out. Gives the bytes copied, which may be fewer after a fault; an Errno or Block only when nothing was copied. */
export function copy_to_iter(bytes: Uint8Array, iter: iov_iter): Result<number> {
  const length = Math.min(bytes.length, iter.count);
  if (!iter.mm) {
    iter.bytes.set(bytes.subarray(0, length), iter.offset);
    iov_iter_advance(iter, length);
    return length;
  }
  return iterate(iter, length, 'the buffer is not writable memory', (mm, address, done, part) => copy_to_user(mm, address, part === bytes.length ? bytes : bytes.subarray(done, done + part)));
}

/** Copies in up to `into.length` bytes. Gives the bytes copied; an Errno or Block only when nothing was copied. */
export function copy_from_iter(into: Uint8Array, iter: iov_iter): Result<number> {
  const length = Math.min(into.length, iter.count);
  if (!iter.mm) {
    into.set(iter.bytes.subarray(iter.offset, iter.offset + length));
    iov_iter_advance(iter, length);
    return length;
  }
  return iterate(iter, length, 'the buffer is not readable memory', (mm, address, done, part) => {
    const bytes = copy_from_user(mm, address, part);
    if (failed(bytes)) return bytes;
    into.set(bytes, done);
    return 0;
  });
}

/** From a guest page to the iterator. */
export function copy_page_to_iter(pa: number, offset: size_t, length: size_t, iter: iov_iter): Result<number> {
  const wanted = Math.min(length, iter.count);
  if (!iter.mm) return copy_to_iter(ports().phys.readBytes(pa + offset, wanted), iter);
  return iterate(iter, wanted, 'the buffer is not writable memory', (mm, address, done, part) => copy_page_to_user(mm, address, pa + offset + done, part));
}

/** From the iterator to a guest page. */
export function copy_page_from_iter(pa: number, offset: size_t, length: size_t, iter: iov_iter): Result<number> {
  const wanted = Math.min(length, iter.count);
  if (iter.mm) return iterate(iter, wanted, 'the buffer is not readable memory', (mm, address, done, part) => copy_page_from_user(mm, address, pa + offset + done, part));
  ports().phys.writeBytes(pa + offset, iter.bytes.subarray(iter.offset, iter.offset + wanted));
  iov_iter_advance(iter, wanted);
  return wanted;
}

/** Moves `length` bytes of the user segments. Gives the bytes moved; an Errno or Block only when there are none. */
function iterate(iter: iov_iter, length: size_t, why: string, move: Move): Result<number> {
  let done = 0;
  while (done < length) {
    const seg = iter.segs[iter.seg];
    if (!seg || !iter.mm) break;
    const part = Math.min(length - done, seg.len - iter.offset);
    if (part > 0) {
      const step = move_part(iter.mm, seg.base + iter.offset, done, part, move);
      if (typeof step !== 'number') return done > 0 ? done : step;
      iov_iter_advance(iter, step);
      done += step;
      if (step < part) return done > 0 ? done : EFAULT.because(why);
    } else {
      iov_iter_advance(iter, 0);
    }
  }
  return done;
}

/** One segment's part, page by page when the whole does not go: the bytes before the fault are moved. */
function move_part(mm: mm_struct, address: number, from: number, length: size_t, move: Move): Result<number> {
  const whole = move(mm, address, from, length);
  if (typeof whole === 'number') return length;
  let done = 0;
  while (done < length) {
    const part = Math.min(length - done, 4096 - (address + done) % 4096);
    const step = move(mm, address + done, from + done, part);
    if (typeof step !== 'number') return done > 0 ? done : step;
    done += part;
  }
  return done;
}
