// The vDSO's pages in every process, and the vvar page that it reads the clocks from. Linux: arch/x86/entry/vdso/vma.c, kernel/time/vsyscall.c.
// Not here: its code, which is machine code (machine/image/vdso.S).
import { EFAULT, ENOMEM, type Errno } from '../../../abi/errno';
import { ops } from '../../kobject';
import { kernel, ports } from '../../state';
import { get_unmapped_area } from '../../mm/mmap';
import { alloc_page } from '../../mm/page_alloc';
import { insert_vm_struct } from '../../mm/vma';
import {
  PAGE_SIZE, VM_DONTDUMP, VM_DONTEXPAND, VM_EXEC, VM_IO, VM_MAYEXEC, VM_MAYREAD, VM_MAYWRITE, VM_PFNMAP, VM_READ, vm_area_struct, type mm_struct, type vm_operations_struct,
} from '../../mm/types';
import { CLOCK_BOOTTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_COARSE, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_TAI } from '../../../abi/time';
import { NSEC_PER_SEC, clock_base, ktime_read } from '../../kernel/time/timekeeping';

/** vvar, pvclock, hvclock, timens: of these only the first has a page here. */
const VVAR_PAGES = 4;

// Linux: include/vdso/datapage.h, struct vdso_data. vdso.S has the same numbers; a test compares them.
export const VDSO_DATA = { seq: 0, clock_mode: 4, cycle_last: 8, max_cycles: 16, mask: 24, mult: 32, shift: 36, basetime: 40, tz_minuteswest: 232, tz_dsttime: 236, hrtimer_res: 240, size: 248 } as const;
/** Where the array of two (CS_HRES_COARSE, CS_RAW) stands in the page. Linux: arch/x86/include/asm/vvar.h */
export const VDSO_DATA_OFFSET = 128;
const VDSO_CLOCKMODE_TSC = 1;
const SHIFT = 24;

/** Takes the image into guest pages; null: there is none, and every call is a real one. */
export function init_vdso_image(image: Uint8Array | null): void {
  if (!image) return;
  const { phys } = ports();
  kernel.vvar_page = alloc_page();
  for (let at = 0; at < image.length; at += PAGE_SIZE) {
    const pa = alloc_page();
    phys.writeBytes(pa, image.subarray(at, at + PAGE_SIZE));
    kernel.vdso_pages.push(pa);
  }
  update_vsyscall();
}

const vvar_ops: vm_operations_struct = ops('vvar_ops', {
  name: 'vvar_ops', vma_name: () => '[vvar]',
  fault: (_vma: vm_area_struct, pgoff: number): number | Errno => pgoff === 0 ? kernel.vvar_page : EFAULT.because('this page of vvar belongs to hypervisors and time namespaces'),
});

const vdso_ops: vm_operations_struct = ops('vdso_ops', {
  name: 'vdso_ops', vma_name: () => '[vdso]',
  fault: (_vma: vm_area_struct, pgoff: number): number | Errno => kernel.vdso_pages[pgoff] ?? EFAULT.because('the vDSO ends before this page'),
});

/** Maps both; gives the address of the image, 0 when there is none. Linux: map_vdso() */
export function map_vdso(mm: mm_struct): number | Errno {
  const length = kernel.vdso_pages.length * PAGE_SIZE;
  if (length === 0) return 0;
  const vvar = get_unmapped_area(mm, 0, VVAR_PAGES * PAGE_SIZE + length, false);
  if (vvar < 0) return ENOMEM.because('there is no room for the vDSO');
  const text = vvar + VVAR_PAGES * PAGE_SIZE;
  install_special_mapping(mm, vvar, text, VM_READ | VM_MAYREAD | VM_DONTEXPAND | VM_DONTDUMP | VM_PFNMAP | VM_IO, vvar_ops);
  install_special_mapping(mm, text, text + length, VM_READ | VM_EXEC | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC, vdso_ops);
  mm.vdso = text;
  return text;
}

/** Linux: mm/mmap.c:_install_special_mapping() */
function install_special_mapping(mm: mm_struct, vm_start: number, vm_end: number, vm_flags: number, vm_ops: vm_operations_struct): void {
  insert_vm_struct(mm, vm_area_struct.make({ vm_start, vm_end, vm_mm: mm, vm_flags, vm_pgoff: 0, vm_ops }));
}

/** What the clocks read now, for readers in ring 3. The sequence number is odd meanwhile. Linux: kernel/time/vsyscall.c:update_vsyscall() */
export function update_vsyscall(): void {
  if (kernel.vvar_page === 0) return;
  const { phys, clock } = ports();
  const now = clock.now();
  const data = kernel.vvar_page + VDSO_DATA_OFFSET;
  const all = [data, data + VDSO_DATA.size];
  for (const vd of all) phys.write32(vd + VDSO_DATA.seq, phys.read32(vd + VDSO_DATA.seq) + 1 >>> 0);
  for (const vd of all) {
    phys.write32(vd + VDSO_DATA.clock_mode, VDSO_CLOCKMODE_TSC);
    phys.writeBig64(vd + VDSO_DATA.cycle_last, BigInt(now) * BigInt(clock.tscPerNs));
    phys.writeBig64(vd + VDSO_DATA.mask, 0xffffffffffffffffn);
    phys.write32(vd + VDSO_DATA.mult, 2 ** SHIFT / clock.tscPerNs);
    phys.write32(vd + VDSO_DATA.shift, SHIFT);
    phys.write32(vd + VDSO_DATA.tz_minuteswest, kernel.tz_minuteswest);
    phys.write32(vd + VDSO_DATA.tz_dsttime, kernel.tz_dsttime);
    phys.write32(vd + VDSO_DATA.hrtimer_res, 1);
  }
  for (const clockid of [CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI]) store_basetime(data, clockid, BigInt(now) + clock_base(clockid), BigInt(SHIFT));
  store_basetime(data + VDSO_DATA.size, CLOCK_MONOTONIC_RAW, BigInt(now), BigInt(SHIFT));
  for (const clockid of [CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE]) store_basetime(data, clockid, ktime_read(clockid), 0n);
  for (const vd of all) phys.write32(vd + VDSO_DATA.seq, phys.read32(vd + VDSO_DATA.seq) + 1 >>> 0);
}

function store_basetime(vd: number, clockid: number, ns: bigint, shift: bigint): void {
  const { phys } = ports();
  phys.writeBig64(vd + VDSO_DATA.basetime + clockid * 16, ns / NSEC_PER_SEC);
  phys.writeBig64(vd + VDSO_DATA.basetime + clockid * 16 + 8, ns % NSEC_PER_SEC << shift);
}

