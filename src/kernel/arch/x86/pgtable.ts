// The four levels of page tables, in guest physical memory. Linux: arch/x86/include/asm/pgtable.h, pgtable_types.h. No PTE is ever held as one number.
import type { addr_t, flags_t, int, phys_addr_t, pte_ptr, u32 } from '../../../abi/c_types';
import { ports } from '../../state';
import { get_page, put_page, try_alloc_page } from '../../mm/page_alloc';
import { PAGE_SIZE, type mm_struct } from '../../mm/types';

export const _PAGE_PRESENT = 0x001, _PAGE_RW = 0x002, _PAGE_USER = 0x004, _PAGE_ACCESSED = 0x020, _PAGE_DIRTY = 0x040;
/** Software bits: the page belongs to this address space alone (anonymous), to a shared anonymous object. */
export const _PAGE_ANON = 0x200, _PAGE_SHMEM = 0x400;
/** In the high word. */
export const _PAGE_NX_HI = 0x80000000;
const TWO32 = 4294967296;

/** Physical address of the entry for `address` at the lowest level; -1 when a table is missing, or after failing to make one. */
export function pte_offset(pgdPa: phys_addr_t, address: addr_t, make: mm_struct | null): pte_ptr {
  const { phys } = ports();
  let table = pgdPa;
  // Levels 4 to 2: 9 bits each of the address above the page offset.
  for (let shift = 18, above = Math.floor(address / 0x200000); shift >= 0; shift -= 9) {
    const entry = table + (above >>> shift & 511) * 8;
    const lo = phys.read32(entry);
    if ((lo & _PAGE_PRESENT) !== 0) {
      table = (phys.read32(entry + 4) & 0xfffff) * TWO32 + ((lo & 0xfffff000) >>> 0);
      continue;
    }
    if (!make) return -1;
    const page = try_alloc_page();
    if (page < 0) return -1;
    make.nr_ptes++;
    phys.write32(entry + 4, Math.floor(page / TWO32));
    phys.write32(entry, ((page % TWO32) | _PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED) >>> 0);
    table = page;
  }
  return table + (Math.floor(address / PAGE_SIZE) & 511) * 8;
}

export function pte_lo(entry: pte_ptr): u32 {
  return ports().phys.read32(entry);
}

export function pte_hi(entry: pte_ptr): u32 {
  return ports().phys.read32(entry + 4);
}

/** The page that an entry maps. */
export function pte_page(entry: pte_ptr): phys_addr_t {
  const { phys } = ports();
  return (phys.read32(entry + 4) & 0xfffff) * TWO32 + ((phys.read32(entry) & 0xfffff000) >>> 0);
}

/** Writes an entry: page `pa` with the flags of its low word and NX or not. */
export function set_pte(entry: pte_ptr, pa: phys_addr_t, flags: flags_t, isExecutable: boolean): void {
  const { phys } = ports();
  phys.write32(entry + 4, (Math.floor(pa / TWO32) | (isExecutable ? 0 : _PAGE_NX_HI)) >>> 0);
  phys.write32(entry, ((pa % TWO32) | flags) >>> 0);
}

export function pte_clear(entry: pte_ptr): void {
  ports().phys.write32(entry, 0);
  ports().phys.write32(entry + 4, 0);
}

/** An empty top level that shares the kernel's half with `kernelPgd` (0: none). -1 without memory. */
export function pgd_alloc(kernelPgd: phys_addr_t): phys_addr_t {
  const pgd = try_alloc_page();
  if (pgd >= 0 && kernelPgd > 0) ports().phys.copy(pgd + 2048, kernelPgd + 2048, 2048);
  return pgd;
}

/** Frees the user half's tables and the top level; their pages must be unmapped already. */
export function pgd_free(pgd: phys_addr_t): void {
  free_tables(pgd, 4);
}

function free_tables(table: phys_addr_t, level: int): void {
  const { phys } = ports();
  if (level > 1) {
    const entries = level === 4 ? 256 : 512;
    for (let i = 0; i < entries; i++) {
      const lo = phys.read32(table + i * 8);
      if ((lo & _PAGE_PRESENT) !== 0) free_tables((phys.read32(table + i * 8 + 4) & 0xfffff) * TWO32 + ((lo & 0xfffff000) >>> 0), level - 1);
    }
  }
  put_page(table);
}

/** Calls `visit` with the entry of each present page in [start, end), stepping over holes of absent tables. */
export function walk_page_range(pgdPa: phys_addr_t, start: addr_t, end: addr_t, visit: (address: addr_t, entry: pte_ptr) => void): void {
  let address = start;
  while (address < end) {
    const entry = pte_offset(pgdPa, address, null);
    if (entry < 0) {
      address = Math.min(end, next_present(pgdPa, address));
      continue;
    }
    const stop = Math.min(end, (Math.floor(address / 0x200000) + 1) * 0x200000);
    for (let at = entry; address < stop; address += PAGE_SIZE, at += 8) {
      if ((ports().phys.read32(at) & _PAGE_PRESENT) !== 0) visit(address, at);
    }
  }
}

/** The first address after `address` that a table may cover: steps over the largest hole. */
function next_present(pgdPa: phys_addr_t, address: addr_t): addr_t {
  const { phys } = ports();
  let table = pgdPa;
  for (const span of [0x8000000000, 0x40000000, 0x200000]) {
    const entry = table + (Math.floor(address / span) & 511) * 8;
    const lo = phys.read32(entry);
    if ((lo & _PAGE_PRESENT) === 0) return (Math.floor(address / span) + 1) * span;
    table = (phys.read32(entry + 4) & 0xfffff) * TWO32 + ((lo & 0xfffff000) >>> 0);
  }
  return address + PAGE_SIZE;
}

/** Maps a page that the kernel provides itself, with a reference. */
export function map_page(mm: mm_struct, address: addr_t, pa: phys_addr_t, flags: flags_t, isExecutable: boolean): boolean {
  const entry = pte_offset(mm.pgd, address, mm);
  if (entry < 0) return false;
  get_page(pa);
  set_pte(entry, pa, flags, isExecutable);
  return true;
}
