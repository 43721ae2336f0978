// How the log reads a program's memory. The machine implements it over the task's page tables; tests over captured bytes.

export interface MemoryReader {
  /** Bytes at a user address: null when nothing is readable there; fewer than asked when the mapping ends. */
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
  const parts: number[] = [];
  let at = address;
  while (parts.length < limit) {
    const chunk = memory.read(at, Math.min(limit - parts.length, 256 - at % 256));
    if (!chunk || chunk.length === 0) return null;
    for (const byte of chunk) {
      if (byte === 0) return { bytes: Uint8Array.from(parts), terminated: true };
      parts.push(byte);
    }
    at += chunk.length;
  }
  return { bytes: Uint8Array.from(parts), terminated: false };
}
