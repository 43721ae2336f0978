// Buffers: pieces of a stream and datagrams, in guest pages. Linux: net/core/skbuff.c, datagram.c.
import { ENOMEM } from '../../../abi/errno';
import { copy_page_from_iter, copy_page_to_iter, type iov_iter } from '../../fs/iov_iter';
import { fput } from '../../fs/file';
import type { Result } from '../../fs/types';
import { PAGE_SIZE } from '../../mm/types';
import { put_page, try_alloc_page } from '../../mm/page_alloc';
import { sk_buff, type sock } from '../types';

/** sizeof(struct sk_buff), and of the skb_shared_info behind the data, as the slab allocator rounds them. */
const SKB_BYTES = 256, SHARED_INFO_BYTES = 320;
/** Data up to here is allocated in one piece. Linux: SKB_MAX_ALLOC */
export const SKB_MAX_ALLOC = 16384 - SHARED_INFO_BYTES;
/** The same in one page. Linux: SKB_MAX_HEAD(0) */
export const SKB_MAX_HEAD = 4096 - SHARED_INFO_BYTES;

/** What a buffer for `length` bytes is charged with: the slab's sizes are powers of two. Linux: SKB_TRUESIZE(), alloc_skb_with_frags() */
export function skb_truesize(length: number): number {
  const linear = Math.min(length, SKB_MAX_ALLOC);
  let head = 512;
  while (head < linear + SHARED_INFO_BYTES) head *= 2;
  return SKB_BYTES + head + Math.ceil((length - linear) / PAGE_SIZE) * PAGE_SIZE;
}

/** A buffer with the next `length` bytes of `iter`; of a stream, with those before a fault. */
export function skb_from_iter(iter: iov_iter, length: number, isStream = false): Result<sk_buff> {
  const skb = sk_buff.make({ truesize: skb_truesize(length) });
  while (skb.len < length) {
    const page = try_alloc_page();
    const copied = page < 0 ? ENOMEM.because('guest memory is exhausted') : copy_page_from_iter(page, 0, Math.min(PAGE_SIZE, length - skb.len), iter);
    if (page >= 0) skb.pages.push(page);
    if (typeof copied !== 'number') {
      if (isStream && skb.len > 0) return skb;
      kfree_skb(skb);
      return copied;
    }
    skb.len += copied;
  }
  return skb;
}

/** Puts the next `length` bytes of `iter` behind those that are there. */
export function skb_append(skb: sk_buff, iter: iov_iter, length: number): Result<number> {
  const end = skb.len + length;
  while (skb.len < end) {
    const at = skb.len % PAGE_SIZE, page = at === 0 ? try_alloc_page() : skb.pages[skb.pages.length - 1] ?? -1;
    if (page < 0) return ENOMEM.because('guest memory is exhausted');
    if (at === 0) skb.pages.push(page);
    const copied = copy_page_from_iter(page, at, Math.min(PAGE_SIZE - at, end - skb.len), iter);
    if (typeof copied !== 'number') return copied;
    skb.len += copied;
  }
  skb.truesize = skb_truesize(skb.len);
  return length;
}

/** Cuts what is behind the first `length` bytes. */
export function skb_trim(skb: sk_buff, length: number): void {
  if (skb.len <= length) return;
  skb.len = length;
  for (const page of skb.pages.splice(Math.ceil(length / PAGE_SIZE))) put_page(page);
}

/** Copies up to `length` bytes from `offset` behind what was consumed. Fewer after a fault. */
export function skb_copy_to_iter(skb: sk_buff, offset: number, length: number, iter: iov_iter): Result<number> {
  let done = 0;
  while (done < length) {
    const at = skb.consumed + offset + done;
    const part = Math.min(length - done, PAGE_SIZE - at % PAGE_SIZE);
    const copied = copy_page_to_iter(skb.pages[Math.floor(at / PAGE_SIZE)] ?? 0, at % PAGE_SIZE, part, iter);
    if (typeof copied !== 'number') return done > 0 ? done : copied;
    done += copied;
    if (copied < part) break;
  }
  return done;
}

/** The first `length` bytes were read. */
export function skb_consume(skb: sk_buff, length: number): void {
  skb.consumed += length;
  skb.len -= length;
}

/** Gives back the pages, and the descriptions that nobody received. */
export function kfree_skb(skb: sk_buff): void {
  for (const page of skb.pages) put_page(page);
  skb.pages.length = 0;
  for (const file of skb.fp) fput(file);
  skb.fp.length = 0;
}

export function queue_length(queue: readonly sk_buff[]): number {
  return queue.reduce((sum, skb) => sum + skb.len, 0);
}
/** The buffer at the head of a sock's receive queue. */
export function skb_peek(sk: sock): sk_buff | undefined {
  return sk.sk_receive_queue[0];
}
