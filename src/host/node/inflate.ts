// Expands zlib streams with Node's own zlib, which takes a fraction of the time that JavaScript takes.
import { inflateSync } from 'node:zlib';

/** `size`: of what is expanded; a longer stream is an error. */
export function inflate(packed: Uint8Array, size: number): Uint8Array {
  const { buffer, byteOffset, length } = inflateSync(packed, { maxOutputLength: Math.max(1, size) });
  return new Uint8Array(buffer, byteOffset, length);
}
