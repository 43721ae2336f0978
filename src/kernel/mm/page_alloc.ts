// Physical pages with reference counts. Linux: mm/page_alloc.c, struct page. The page array (mem_map) stands in guest memory, so checkpoints carry it.
// mem_map entry, 8 bytes a page: reference count, then the number of the next free page (while free).
import type { int, phys_addr_t, uint } from '../../abi/c_types';
import { assert } from '../../base/assert';
import { kernel, ports } from '../state';
import { PAGE_SHIFT, PAGE_SIZE } from './types';

/** Sets up mem_map at the start of RAM. */
export function mem_init(): void {
  const { phys } = ports();
  const pages = Math.floor((phys.end - phys.start) / PAGE_SIZE);
  const mapBytes = Math.ceil((pages * 8) / PAGE_SIZE) * PAGE_SIZE;
  kernel.page_next = phys.start + mapBytes;
  kernel.page_limit = phys.start + pages * PAGE_SIZE;
  kernel.page_free = 0;
  kernel.nr_pages = (kernel.page_limit - kernel.page_next) / PAGE_SIZE;
  kernel.nr_free_pages = kernel.nr_pages;
}

/** Physical memory is less than 4 GiB. */
function page_struct(pa: phys_addr_t): phys_addr_t {
  const { start } = ports().phys;
  return start + ((pa - start) >>> PAGE_SHIFT) * 8;
}

/** A zeroed page with one reference; -1 when memory is exhausted (see oom_kill.ts). */
export function try_alloc_page(): phys_addr_t {
  const { phys } = ports();
  let pa = kernel.page_free;
  if (pa !== 0) {
    kernel.page_free = phys.read32(page_struct(pa) + 4) * PAGE_SIZE;
  } else {
    if (kernel.page_next >= kernel.page_limit) return -1;
    pa = kernel.page_next;
    kernel.page_next = pa + PAGE_SIZE;
  }
  kernel.nr_free_pages--;
  phys.write32(page_struct(pa), 1);
  phys.fill(pa, PAGE_SIZE, 0);
  return pa;
}

/** A zeroed page with one reference. Callers that can fail for the guest ask try_alloc_page(). */
export function alloc_page(): phys_addr_t {
  const pa = try_alloc_page();
  assert(pa >= 0, 'guest memory is exhausted');
  return pa;
}

/** Contiguous pages from never-used memory (kernel stacks, FPU images); freed page by page. -1 when there are none. */
export function alloc_pages(count: uint): phys_addr_t {
  const { phys } = ports();
  const pa = kernel.page_next;
  if (pa + count * PAGE_SIZE > kernel.page_limit) return -1;
  kernel.page_next = pa + count * PAGE_SIZE;
  kernel.nr_free_pages -= count;
  for (let i = 0; i < count; i++) phys.write32(page_struct(pa + i * PAGE_SIZE), 1);
  phys.fill(pa, count * PAGE_SIZE, 0);
  return pa;
}

export function get_page(pa: phys_addr_t): void {
  const at = page_struct(pa);
  ports().phys.write32(at, ports().phys.read32(at) + 1);
}

/** Drops a reference; the last one frees the page. */
export function put_page(pa: phys_addr_t): void {
  const { phys } = ports();
  const at = page_struct(pa);
  const count = phys.read32(at) - 1;
  if (count < 0) assert(false, `page 0x${pa.toString(16)} is freed twice`);
  phys.write32(at, count);
  if (count > 0) return;
  phys.write32(at + 4, kernel.page_free / PAGE_SIZE);
  kernel.page_free = pa;
  kernel.nr_free_pages++;
}

export function page_count(pa: phys_addr_t): int {
  return ports().phys.read32(page_struct(pa));
}
