// What the bits of the control registers, EFER, RFLAGS and selectors mean. SDM: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3A.
export interface Bit { name: string; bit: number; meaning: string }

const bits = (section: string, rows: readonly (readonly [number, string, string])[]): readonly Bit[] => rows.map(([bit, name, meaning]) => ({ bit, name, meaning: `${meaning} (SDM 3A ${section})` }));

export const CR0 = bits('2.5', [
  [0, 'PE', 'protected mode'], [1, 'MP', 'WAIT is trapped when TS is set'], [2, 'EM', 'x87 is emulated'], [3, 'TS', 'the task was switched: the next FPU instruction traps'], [4, 'ET', 'x87 is there; always 1'],
  [5, 'NE', 'x87 errors raise #MF'], [16, 'WP', 'ring 0 too may not write to read-only pages: what makes copy-on-write work in the kernel'], [18, 'AM', 'RFLAGS.AC checks alignment in ring 3'], [29, 'NW', 'not write-through'], [30, 'CD', 'caches are off'], [31, 'PG', 'paging'],
]);
export const CR4 = bits('2.5', [
  [0, 'VME', 'virtual-8086 extensions'], [1, 'PVI', 'protected-mode virtual interrupts'], [2, 'TSD', 'RDTSC is for ring 0 only'], [3, 'DE', 'debugging extensions'], [4, 'PSE', 'large pages without PAE'], [5, 'PAE', 'page-table entries of 64 bits: needed for 64-bit mode'],
  [6, 'MCE', 'machine checks'], [7, 'PGE', 'global pages stay in the TLB when CR3 changes'], [8, 'PCE', 'RDPMC in ring 3'], [9, 'OSFXSR', 'the OS saves SSE state: SSE instructions work'], [10, 'OSXMMEXCPT', 'SSE exceptions raise #XM'], [11, 'UMIP', 'SGDT, SIDT, SLDT, STR, SMSW are for ring 0 only'],
  [12, 'LA57', 'five levels of page tables'], [16, 'FSGSBASE', 'RDFSBASE and its kin work in ring 3'], [17, 'PCIDE', 'process-context identifiers in CR3'], [18, 'OSXSAVE', 'the OS uses XSAVE: AVX instructions can work'], [20, 'SMEP', 'ring 0 may not execute pages of ring 3'], [21, 'SMAP', 'ring 0 may not touch pages of ring 3 unless RFLAGS.AC is set'], [22, 'PKE', 'protection keys'],
]);
export const EFER = bits('2.2.1', [
  [0, 'SCE', 'SYSCALL and SYSRET work'], [8, 'LME', '64-bit mode is enabled'], [10, 'LMA', '64-bit mode is active'], [11, 'NXE', 'the no-execute bit of page-table entries counts'],
]);
export const RFLAGS = bits('2.3; volume 1, 3.4.3', [
  [0, 'CF', 'carry out of the highest bit'], [2, 'PF', 'the low byte of the result has an even number of ones'], [4, 'AF', 'carry out of bit 3'], [6, 'ZF', 'the result is zero'], [7, 'SF', 'the result is negative'], [8, 'TF', 'trap after each instruction'],
  [9, 'IF', 'interrupts are taken'], [10, 'DF', 'string instructions go downwards'], [11, 'OF', 'signed overflow'], [14, 'NT', 'nested task'], [16, 'RF', 'the next instruction breakpoint is ignored'], [17, 'VM', 'virtual-8086 mode'], [18, 'AC', 'alignment check; with SMAP: ring 0 may touch pages of ring 3'], [21, 'ID', 'CPUID exists: it can be changed'],
]);

export const setBits = (table: readonly Bit[], value: bigint): string => table.filter(({ bit }) => (value >> BigInt(bit)) & 1n).map(({ name }) => name).join(' ');

/** What a descriptor's type field means for code and data, and for system descriptors. SDM 3A 3.4.5.1, 3.5 */
export function descriptorText(descriptor: bigint): string {
  const type = Number((descriptor >> 40n) & 15n), isSystem = ((descriptor >> 44n) & 1n) === 0n, dpl = (descriptor >> 45n) & 3n, isPresent = ((descriptor >> 47n) & 1n) === 1n;
  if (!isPresent) return 'not present';
  const isLong = ((descriptor >> 53n) & 1n) === 1n, is32 = ((descriptor >> 54n) & 1n) === 1n;
  const what = isSystem ? ({ 9: 'TSS, available', 11: 'TSS, busy', 2: 'LDT', 14: 'interrupt gate', 15: 'trap gate' } as Record<number, string>)[type] ?? `system type ${type}`
    : type & 8 ? `${isLong ? '64-bit' : is32 ? '32-bit' : '16-bit'} code${type & 2 ? ', readable' : ''}` : `data${type & 2 ? ', writable' : ''}`;
  return `${what}, for ring ${dpl}`;
}

export const VECTORS: readonly string[] = [
  '#DE divide error', '#DB debug', 'NMI', '#BP breakpoint (int3)', '#OF overflow', '#BR bound', '#UD invalid opcode', '#NM device not available', '#DF double fault', 'coprocessor segment overrun', '#TS invalid TSS', '#NP segment not present',
  '#SS stack', '#GP general protection', '#PF page fault', 'reserved: a spurious interrupt', '#MF x87', '#AC alignment check', '#MC machine check', '#XM SIMD', '#VE virtualization', '#CP control protection',
];
export const vectorName = (vector: number): string => VECTORS[vector] ?? ({ 0x80: 'int 0x80: system calls of i386', 0xec: 'the local timer' } as Record<number, string>)[vector] ?? `vector ${vector}`;

/** What a page fault's error code says. SDM 3A 4.7 */
export function pageFaultText(code: number): string {
  return [code & 4 ? 'ring 3' : 'ring 0', code & 16 ? 'executed' : code & 2 ? 'wrote' : 'read', code & 1 ? 'a page that does not allow it' : 'a page that is not present'].join(' ');
}
