// /proc/cpuinfo: what CPUID tells. Linux: arch/x86/kernel/cpu/proc.c, common.c, capflags.c.
import type { u32, u8 } from '../../../abi/c_types';
import { ports } from '../../state';

/** Names of feature bits from bit 0 on, as Linux prints them; -: none. A row: leaf, subleaf, which of EAX EBX ECX EDX. */
const FEATURES: readonly (readonly [u32, u32, u8, string])[] = [
  [1, 0, 3, 'fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush - dts acpi mmx fxsr sse sse2 ss ht tm ia64 pbe'],
  [0x80000001, 0, 3, '- - - - - - - - - - - syscall - - - - - - - mp nx - mmxext - - fxsr_opt pdpe1gb rdtscp - lm 3dnowext 3dnow'],
  [1, 0, 2, 'pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma cx16 xtpr pdcm - pcid dca sse4_1 sse4_2 x2apic movbe popcnt tsc_deadline_timer aes xsave - avx f16c rdrand hypervisor'],
  [0x80000001, 0, 2, 'lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw ibs xop skinit wdt - lwp fma4 tce - nodeid_msr - tbm topoext'],
  [7, 0, 1, 'fsgsbase tsc_adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm cqm - mpx rdt_a avx512f avx512dq rdseed adx smap avx512ifma - clflushopt clwb intel_pt avx512pf avx512er avx512cd sha_ni avx512bw avx512vl'],
  [0xd, 1, 0, 'xsaveopt xsavec xgetbv1 xsaves xfd'],
  [7, 0, 2, '- avx512vbmi umip pku ospke waitpkg avx512_vbmi2 - gfni vaes vpclmulqdq avx512_vnni avx512_bitalg tme avx512_vpopcntdq - la57 - - - - - rdpid'],
];
/** What Linux knows of the processor beside its bits. */
const SYNTHETIC = 'constant_tsc rep_good nopl nonstop_tsc cpuid';

const leaf = (number: u32, sub: u32): readonly u32[] => ports().cpuid?.(number, sub) ?? [0, 0, 0, 0];

function flags(): string {
  return FEATURES.map(([number, sub, register, names], row) => {
    const bits = leaf(number, sub)[register] ?? 0;
    const found = names.split(' ').filter((name, bit) => name !== '-' && (bits >>> bit & 1) === 1);
    return [...found, ...(row === 1 ? [SYNTHETIC] : [])].join(' ');
  }).filter(names => names !== '').join(' ');
}

const text_of = (words: readonly u32[]): string => words.map(word => String.fromCharCode(word & 255, word >>> 8 & 255, word >>> 16 & 255, word >>> 24)).join('').replaceAll('\0', '');

/** Linux: arch/x86/kernel/cpu/proc.c:show_cpuinfo() */
export function show_cpuinfo(): string {
  const [level = 0, b = 0, c = 0, d = 0] = leaf(0, 0), [signature = 0] = leaf(1, 0), family = (signature >>> 8 & 15) + (signature >>> 20 & 255), model = signature >>> 4 & 15 | (signature >>> 16 & 15) << 4;
  const [, tlb = 0, cache = 0] = leaf(0x80000006, 0), [sizes = 0] = leaf(0x80000008, 0), mhz = 1000 * ports().clock.tscPerNs;
  const rows = [
    'processor\t: 0', `vendor_id\t: ${text_of([b, d, c])}`, `cpu family\t: ${family}`, `model\t\t: ${model}`, `model name\t: ${text_of([0x80000002, 0x80000003, 0x80000004].flatMap(number => [...leaf(number, 0)]))}`, `stepping\t: ${signature & 15}`,
    `cpu MHz\t\t: ${mhz.toFixed(3)}`, `cache size\t: ${cache >>> 16} KB`, 'physical id\t: 0', 'siblings\t: 1', 'core id\t\t: 0', 'cpu cores\t: 1', 'apicid\t\t: 0', 'initial apicid\t: 0',
    'fpu\t\t: yes', 'fpu_exception\t: yes', `cpuid level\t: ${level}`, 'wp\t\t: yes', `flags\t\t: ${flags()}`, 'bugs\t\t:', `bogomips\t: ${(mhz * 2).toFixed(2)}`, `TLB size\t: ${(tlb >>> 16 & 0xfff) + (tlb & 0xfff)} 4K pages`,
    'clflush size\t: 64', 'cache_alignment\t: 64', `address sizes\t: ${sizes & 255} bits physical, ${sizes >>> 8 & 255} bits virtual`, 'power management:',
  ];
  return `${rows.join('\n')}\n\n`;
}
