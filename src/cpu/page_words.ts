// A page of memory as words, to be copied and compared.
import { PAGE_SIZE } from './layout';

export const wordsOf = (words: Int32Array, page: number): Int32Array => words.subarray(page * PAGE_SIZE >> 2, (page + 1) * PAGE_SIZE >> 2);

/** The words of a page elsewhere, that begins at a word. */
export const wordsAt = (bytes: Uint8Array): Int32Array => new Int32Array(bytes.buffer, bytes.byteOffset, PAGE_SIZE >> 2);

export function isSame(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
