// What firmware and head_64.S do on a real machine: the kernel half of the page tables, the image, and the tables that the processor reads (GDT, IDT, TSS).
// Not here: control registers and MSRs (processor.ts).
import type { PhysicalPages } from '../kernel/arch/x86/ports';
import type { KernelImage } from './image/kernel_image';
import { DIRECT_MAP, DIRECT_MAP_BYTES, KERNEL_CS, KERNEL_TEXT, PAGE, PER_CPU, TIMER_VECTOR, TSS_BYTES, TSS_SELECTOR } from './image/layout';

// Page table entry bits. SDM 3A, 4.5
const PRESENT = 1n, WRITE = 2n, LARGE = 0x80n, GLOBAL = 0x100n, NX = 1n << 63n;

/** The physical addresses that the rest of the machine needs. */
export interface KernelSpace {
  imagePa: number;
  /** The top-level page table whose upper half every process shares. */
  swapperPgd: number;
  perCpuPa: number;
  perCpu: bigint;
  gdt: { base: bigint; limit: number };
  idt: { base: bigint; limit: number };
  /** A page for whoever needs one for a moment. */
  scratchPa: number;
  /** The first page that belongs to nobody. */
  end: number;
}

/** Writes everything from `start` (page-aligned) on. */
export function buildKernelSpace(phys: PhysicalPages, image: KernelImage, start: number): KernelSpace {
  const imagePa = start;
  phys.fill(imagePa, image.size, 0);
  for (const segment of image.segments) phys.writeBytes(imagePa + segment.offset, segment.bytes);

  let next = imagePa + image.size;
  const page = (): number => {
    const pa = next;
    next += PAGE;
    phys.fill(pa, PAGE, 0);
    return pa;
  };
  const swapperPgd = page();
  mapDirect(phys, swapperPgd, page);
  mapImage(phys, swapperPgd, image, imagePa, page);

  const perCpuPa = imagePa + image.offsetOf('__per_cpu_start');
  writeTss(phys, perCpuPa, image);
  const scratchPa = page();
  return {
    imagePa, swapperPgd, perCpuPa, scratchPa, perCpu: image.addressOf('__per_cpu_start'),
    gdt: { base: image.addressOf('gdt_page'), limit: writeGdt(phys, imagePa + image.offsetOf('gdt_page'), image.addressOf('cpu_tss_rw')) },
    idt: { base: image.addressOf('idt_table'), limit: writeIdt(phys, imagePa + image.offsetOf('idt_table'), image) },
    end: next,
  };
}

/** The entry of `address` in a table of `level` (3: PGD ... 0: page table). */
function slot(table: number, address: bigint, level: number): number {
  return table + Number((address >> BigInt(12 + 9 * level)) & 511n) * 8;
}

/** The table below, made when it is absent. */
function descend(phys: PhysicalPages, table: number, address: bigint, level: number, page: () => number): number {
  const at = slot(table, address, level);
  const entry = phys.readBig64(at);
  if (entry & PRESENT) return Number(entry & 0xffffffffff000n);
  const below = page();
  phys.writeBig64(at, BigInt(below) | PRESENT | WRITE);
  return below;
}

/** All physical memory at DIRECT_MAP, in pages of 1 GiB. */
function mapDirect(phys: PhysicalPages, pgd: number, page: () => number): void {
  for (let pa = 0; pa < DIRECT_MAP_BYTES; pa += 2 ** 30) {
    const address = DIRECT_MAP + BigInt(pa);
    const pud = descend(phys, pgd, address, 3, page);
    phys.writeBig64(slot(pud, address, 2), BigInt(pa) | PRESENT | WRITE | LARGE | GLOBAL | NX);
  }
}

/** The image at its own address, code read-only and tables never executable. */
function mapImage(phys: PhysicalPages, pgd: number, image: KernelImage, imagePa: number, page: () => number): void {
  for (const segment of image.segments) {
    for (let offset = segment.offset; offset < segment.offset + segment.sizeInMemory; offset += PAGE) {
      const address = KERNEL_TEXT + BigInt(offset);
      let table = pgd;
      for (let level = 3; level > 0; level--) table = descend(phys, table, address, level, page);
      phys.writeBig64(slot(table, address, 0), BigInt(imagePa + offset) | PRESENT | GLOBAL | (segment.isWritable ? WRITE : 0n) | (segment.isExecutable ? 0n : NX));
    }
  }
}

/** The flat segments of Linux in Linux's order. Linux: arch/x86/kernel/cpu/common.c:gdt_page; returns the limit. */
function writeGdt(phys: PhysicalPages, pa: number, tss: bigint): number {
  const rows: [index: number, descriptor: bigint][] = [
    [1, 0x00cf9b000000ffffn], // KERNEL32_CS
    [2, 0x00af9b000000ffffn], // KERNEL_CS
    [3, 0x00cf93000000ffffn], // KERNEL_DS
    [4, 0x00cffb000000ffffn], // USER32_CS
    [5, 0x00cff3000000ffffn], // USER_DS
    [6, 0x00affb000000ffffn], // USER_CS
    [8, BigInt(TSS_BYTES - 1) | ((tss & 0xffffffn) << 16n) | (0x89n << 40n) | (((tss >> 24n) & 0xffn) << 56n)],
    [9, tss >> 32n],
  ];
  for (const [index, descriptor] of rows) phys.writeBig64(pa + index * 8, descriptor);
  return TSS_SELECTOR + 15;
}

function writeTss(phys: PhysicalPages, perCpuPa: number, image: KernelImage): void {
  phys.writeBig64(perCpuPa + PER_CPU.tssIst1, image.addressOf('exception_stack') + BigInt(PAGE));
  phys.write16(perCpuPa + PER_CPU.tssIoMap, TSS_BYTES);
}

/** The exceptions that ring 3 can raise, by their names in entry.S. */
const EXCEPTIONS = [
  'divide_error', 'debug', 'nmi', 'int3', 'overflow', 'bounds', 'invalid_op', 'device_not_available', 'double_fault', 'coproc_segment_overrun', 'invalid_tss', 'segment_not_present',
  'stack_segment', 'general_protection', 'page_fault', 'spurious_interrupt_bug', 'coprocessor_error', 'alignment_check', 'machine_check', 'simd_coprocessor_error',
  'virtualization_exception', 'control_protection',
];
const USER_MAY_CALL = new Set(['int3', 'overflow']);

/** Interrupt gates for all of them, the timer and int 0x80; returns the limit. */
function writeIdt(phys: PhysicalPages, pa: number, image: KernelImage): number {
  const gate = (vector: number, label: string, { dpl = 0, ist = 0 } = {}): void => {
    const target = image.addressOf(label);
    const low = (target & 0xffffn) | (BigInt(KERNEL_CS) << 16n) | (BigInt(ist) << 32n) | (BigInt(0x8e | (dpl << 5)) << 40n) | (((target >> 16n) & 0xffffn) << 48n);
    phys.writeBig64(pa + vector * 16, low);
    phys.writeBig64(pa + vector * 16 + 8, target >> 32n);
  };
  EXCEPTIONS.forEach((name, vector) => gate(vector, `asm_exc_${name}`, { dpl: USER_MAY_CALL.has(name) ? 3 : 0, ist: name === 'double_fault' ? 1 : 0 }));
  gate(TIMER_VECTOR, 'asm_sysvec_apic_timer_interrupt');
  gate(0x80, 'entry_INT80_64', { dpl: 3 });
  return 256 * 16 - 1;
}
