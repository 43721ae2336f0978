// Walks page tables in guest memory without a side effect: for the trace and the debugger. Not here: faults, accessed and dirty bits (the processor's).
import type { PhysicalPages } from '../kernel/arch/x86/ports';

const PRESENT = 1, WRITE = 2, USER = 4, LARGE = 0x80;
const FRAME = 0xffffffffff000n;

export interface Translation { pa: number; isWritable: boolean; isUser: boolean; isExecutable: boolean }

/** Where `address` lies, or null when its page is not present. */
export function walkPageTables(phys: PhysicalPages, pgd: number, address: bigint): Translation | null {
  let table = pgd, isWritable = true, isUser = true, isExecutable = true;
  for (let level = 3; level >= 0; level--) {
    const at = table + Number((address >> BigInt(12 + 9 * level)) & 511n) * 8;
    const low = phys.read32(at);
    if (!(low & PRESENT)) return null;
    const entry = phys.readBig64(at);
    isWritable &&= (low & WRITE) !== 0;
    isUser &&= (low & USER) !== 0;
    isExecutable &&= entry >> 63n === 0n;
    if (level === 0 || (level < 3 && low & LARGE)) {
      const mask = (1n << BigInt(12 + 9 * level)) - 1n;
      return { pa: Number((entry & FRAME & ~mask) | (address & mask)), isWritable, isUser, isExecutable };
    }
    table = Number(entry & FRAME);
  }
  return null;
}

const PAGE = 4096n;

/** The bytes from `address` on that are present: shorter than `length` at the first page that is not. */
export function readVirtual(phys: PhysicalPages, pgd: number, address: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const at = address + BigInt(done);
    const found = walkPageTables(phys, pgd, at);
    if (!found) break;
    const count = Math.min(length - done, Number(PAGE - (at & (PAGE - 1n))));
    bytes.set(phys.readBytes(found.pa, count), done);
    done += count;
  }
  return done === length ? bytes : bytes.slice(0, done);
}
