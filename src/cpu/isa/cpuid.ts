// CPUID: what this processor declares, computed from the instructions that it has. SDM 2A, CPUID; the AMD leaves 8000_0005..8 for the caches.
import { RAX, RBX, RCX, RDX, STATE } from '../layout';
import type { HelperContext } from './machine';

/** Mnemonics of all rows, of which index.ts knows. */
let mnemonics: ReadonlySet<string> | undefined, findMnemonics = (): readonly string[] => [];
export function knowMnemonics(find: () => readonly string[]): void { findMnemonics = find; }
const has = (...names: string[]): boolean => {
  const known = mnemonics ??= new Set(findMnemonics());
  return names.every(n => known.has(n));
};
const bits = (list: readonly (number | false)[]): number => list.reduce<number>((sum, bit) => bit === false ? sum : (sum | 1 << bit) >>> 0, 0);
const when = (condition: boolean, bit: number): number | false => condition && bit;

export const hasAvx = (): boolean => has('vaddps', 'vmovups', 'vperm2f128', 'vzeroupper');
export const hasAvx2 = (): boolean => hasAvx() && has('vpaddb', 'vpbroadcastb', 'vpermd', 'vpgatherdd');
const text = (s: string, at: number): number => { let n = 0; for (let i = 3; i >= 0; i--) n = (n << 8 | (s.charCodeAt(at + i) || 0)) >>> 0; return n; };
const BRAND = 'Ringside virtual x86-64 processor'.padEnd(48, '\0');

/** EAX, EBX, ECX and EDX of a leaf; `view`: the processor's state. */
export function cpuid_leaf(view: DataView, number: number, sub: number): [number, number, number, number] {
  const osxsave = view.getUint32(STATE.cr4, true) >> 18 & 1;
  switch (number) {
    case 0: return [0xd, 0x68747541, 0x444d4163, 0x69746e65];
    // Family 23, model 49: what compilers and libraries know as Zen 2.
    case 1: return [0x00830f10, 0x00010800, bits([when(has('addsubps', 'lddqu'), 0), when(has('pclmulqdq'), 1), when(has('pshufb', 'palignr'), 9), when(hasAvx() && has('vfmadd132ps'), 12), 13,
      when(has('pblendvb', 'roundps', 'pmulld'), 19), when(has('pcmpistri', 'pcmpgtq', 'crc32'), 20), 22, 23, when(has('aesenc'), 25), 26, when(osxsave === 1, 27), when(hasAvx(), 28), when(has('vcvtph2ps'), 29)]),
    bits([when(has('fadd'), 0), 3, 4, 5, 6, 8, 13, 15, 16, 19, when(has('packuswb', 'emms'), 23), 24, when(has('addps', 'movups'), 25), when(has('addpd', 'movdqu'), 26)])];
    // 6, 13: the x87 keeps FDP of unmasked exceptions only, and no FCS and FDS.
    case 7: return sub !== 0 ? [0, 0, 0, 0] : [0, bits([0, 3, when(hasAvx2(), 5), 6, 7, 8, 13, 19, 20, 23, when(has('sha256rnds2'), 29)]), bits([when(has('rdpid'), 22)]), 0];
    case 0xd: return sub === 0 ? [hasAvx() ? 7 : 3, (view.getUint32(STATE.xcr0, true) & 4) !== 0 ? 832 : 576, hasAvx() ? 832 : 576, 0]
      : sub === 1 ? [bits([1, 2]), (view.getUint32(STATE.xcr0, true) & 4) !== 0 ? 832 : 576, 0, 0] : sub === 2 && hasAvx() ? [256, 576, 0, 0] : [0, 0, 0, 0];
    case 0x80000000: return [0x80000008, 0x68747541, 0x444d4163, 0x69746e65];
    case 0x80000001: return [0x00830f10, 0, bits([0, 5, 8]), bits([11, 20, 26, 27, 29])];
    case 0x80000002: case 0x80000003: case 0x80000004: {
      const at = (number - 0x80000002) * 16;
      return [text(BRAND, at), text(BRAND, at + 4), text(BRAND, at + 8), text(BRAND, at + 12)];
    }
    // L1 32 KB 8-way, L2 512 KB 8-way, L3 16 MB 16-way, 64-byte lines.
    case 0x80000005: return [0xff40ff40, 0xff40ff40, 0x20080140, 0x20080140];
    case 0x80000006: return [0x48006400, 0x68006400, 0x02006140, 0x02009140];
    case 0x80000008: return [0x00003028, 0, 0, 0];
    default: return [0, 0, 0, 0];
  }
}

export function cpuid(cpu: HelperContext): void {
  const [a, b, c, d] = cpuid_leaf(cpu.view, Number(cpu.gpr(RAX) & 0xffffffffn), Number(cpu.gpr(RCX) & 0xffffffffn));
  cpu.setGpr(RAX, BigInt(a >>> 0));
  cpu.setGpr(RBX, BigInt(b >>> 0));
  cpu.setGpr(RCX, BigInt(c >>> 0));
  cpu.setGpr(RDX, BigInt(d >>> 0));
}
