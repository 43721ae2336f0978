// Calls on memory. strace: src/mem.c.
import * as mman from '../../../abi/mman';
import { atEntry, type CallFormat } from '../call_format';
import { choice, flags, flags64, inStyle, named, plainFlags } from '../flags';
import { kindText } from '../kinds';
import type { Printer } from '../printer';
import { hex, hexNumber } from '../text';

/** The kind of the mapping, the flags, and the size of huge pages. */
export function mapFlags(value: number): string {
  const huge = (value >>> mman.MAP_HUGE_SHIFT) & mman.MAP_HUGE_MASK;
  const known = (value & ~(mman.MAP_HUGE_MASK << mman.MAP_HUGE_SHIFT)) >>> 0;
  const names = inStyle('abbrev', () => {
    const parts = [(known & mman.MAP_TYPE_MASK) === 0 ? 'MAP_FILE' : choice(mman.MAP_TYPE, known & mman.MAP_TYPE_MASK)];
    const rest = plainFlags(mman.MAP, (known & ~mman.MAP_TYPE_MASK) >>> 0);
    if (rest !== '') parts.push(rest);
    if (huge !== 0) parts.push(`${huge}<<MAP_HUGE_SHIFT`);
    return parts.join('|');
  });
  return named(hexNumber(value), names);
}

const mapping = (offset: (p: Printer) => string): CallFormat => atEntry(
  p => p.address(0), p => p.unsigned(1), p => flags64(mman.PROT, p.lo(2), p.hi(2)), p => mapFlags(p.lo(3)), p => p.fd(p.int(4)), offset,
);

const mremap: CallFormat = {
  enter(p) {
    const text = `${p.address(0)}, ${p.unsigned(1)}, ${p.unsigned(2)}, ${flags(mman.MREMAP, p.lo(3))}`;
    const both = mman.MREMAP_MAYMOVE | mman.MREMAP_FIXED;
    return (p.lo(3) & both) === both ? `${text}, ${p.address(4)}` : text;
  },
  exit(p) { p.returnForm = 'hex'; return ''; },
};

const hexResult = (call: CallFormat): CallFormat => ({
  enter: call.enter,
  exit(p: Printer) { p.returnForm = 'hex'; return call.exit?.(p) ?? ''; },
});

/** MFD_CLOEXEC|21<<MFD_HUGE_SHIFT; strace 6.1 does not know MFD_NOEXEC_SEAL and MFD_EXEC. strace: src/memfd_create.c */
function memfdFlags(value: number): string {
  const huge = (value >>> mman.MAP_HUGE_SHIFT) & mman.MAP_HUGE_MASK, known = (value & ~(mman.MAP_HUGE_MASK << mman.MAP_HUGE_SHIFT)) >>> 0;
  const parts = known !== 0 || huge === 0 ? [flags(mman.MFD, known)] : [];
  if (huge !== 0) parts.push(`${huge}<<MFD_HUGE_SHIFT`);
  return parts.join('|');
}

export const memory: Record<string, CallFormat> = {
  mmap: hexResult(mapping(p => p.hex(5))),
  /** Its offset counts pages. */
  mmap2: hexResult(mapping(p => hex((p.lo(5) << 12) >>> 0, (p.hi(5) << 12 | p.lo(5) >>> 20) >>> 0))),
  mremap,
  brk: hexResult(atEntry(p => p.address(0))),
  memfd_create: atEntry(p => kindText('str', p, 0), p => memfdFlags(p.lo(1))),
  memfd_secret: atEntry(p => plainFlags(mman.SECRETMEM_FLAGS, p.lo(0)) || '0'),
  remap_file_pages: atEntry(p => p.address(0), p => p.unsigned(1), p => flags64(mman.PROT, p.lo(2), p.hi(2)), p => p.unsigned(3), p => mapFlags(p.lo(4))),
};
