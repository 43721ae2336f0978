// Walks page tables in guest memory without a side effect: for the trace and the debugger. Not here: faults, accessed and dirty bits (the processor's).
import type { PhysicalPages } from '../kernel/arch/x86/ports';

const PRESENT = 1, WRITE = 2, USER = 4, LARGE = 0x80;
/** Bytes of a page whose entry stands at this level. */
const SIZES = [2 ** 12, 2 ** 21, 2 ** 30];
/** Bits 12 to 51 of an entry. */
const FRAME_LOW = 0xfffff000, FRAME_HIGH = 0xfffff;

export interface Translation { pa: number; isWritable: boolean; isUser: boolean; isExecutable: boolean }

/** Where `address` lies, or null when its page is not present. Its upper 16 bits do not count. */
export function walkPageTables(phys: PhysicalPages, pgd: number, address: bigint): Translation | null {
  return walkHalves(phys, pgd, Number(address & 0xffffffffn), Number(address >> 32n & 0xffffn));
}

/** The same for an address of ring 3. */
export function walkUserAddress(phys: PhysicalPages, pgd: number, address: number): Translation | null {
  return walkHalves(phys, pgd, address >>> 0, Math.floor(address / 2 ** 32));
}

function walkHalves(phys: PhysicalPages, pgd: number, addressLow: number, addressHigh: number): Translation | null {
  let table = pgd, isWritable = true, isUser = true, isExecutable = true;
  for (let level = 3; level >= 0; level--) {
    const shift = 12 + 9 * level;
    const index = shift < 32 ? addressLow >>> shift | addressHigh << (32 - shift) : addressHigh >>> (shift - 32);
    const at = table + (index & 511) * 8, low = phys.read32(at);
    if (!(low & PRESENT)) return null;
    const high = phys.read32(at + 4);
    isWritable &&= (low & WRITE) !== 0;
    isUser &&= (low & USER) !== 0;
    isExecutable &&= high >>> 31 === 0;
    const frame = (high & FRAME_HIGH) * 2 ** 32 + ((low & FRAME_LOW) >>> 0);
    if (level === 0 || (level < 3 && low & LARGE)) {
      // An entry of 4 KiB, 2 MiB or 1 GiB.
      const size = SIZES[level] as number, offset = (addressLow & (size - 1)) >>> 0;
      return { pa: frame - frame % size + offset, isWritable, isUser, isExecutable };
    }
    table = frame;
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
