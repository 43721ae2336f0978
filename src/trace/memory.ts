// How the log reads a program's memory. The machine implements it over the task's page tables; tests over captured bytes.

export interface MemoryReader {
  /** Bytes at a user address, as long as the program does not run on: null when nothing is readable there; fewer than asked when the mapping ends. */
  read(address: number, length: number): Uint8Array | null;
}

/** Of a program that is no longer there. */
export const noMemory: MemoryReader = { read: () => null };

/** Exactly `length` bytes, or null. */
export function readExactly(memory: MemoryReader, address: number, length: number): Uint8Array | null {
  if (length === 0) return new Uint8Array(0);
  const bytes = memory.read(address, length);
  if (!bytes || bytes.length < length) return null;
  return bytes.length === length ? bytes : bytes.subarray(0, length);
}

/** A string of C: its bytes without the NUL, at most `limit` of them. `terminated` tells whether the NUL was seen. Null when unreadable before either. */
export function readCString(memory: MemoryReader, address: number, limit: number): { bytes: Uint8Array; terminated: boolean } | null {
  let bytes: Uint8Array = NO_BYTES;
  while (bytes.length < limit) {
    const at = address + bytes.length, piece = memory.read(at, Math.min(limit - bytes.length, 256 - at % 256));
    if (!piece || piece.length === 0) return null;
    const end = piece.indexOf(0);
    bytes = joined(bytes, end < 0 ? piece : piece.subarray(0, end));
    if (end >= 0) return { bytes, terminated: true };
  }
  return { bytes, terminated: false };
}

const NO_BYTES = new Uint8Array(0);

/** Most strings are one piece. */
function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
