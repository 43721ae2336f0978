// CPUID tells just what works: each feature bit is compared with the instructions that iced-x86 lists under it, as the decoder takes them or not.
import assert from 'node:assert/strict';
import { Decoder } from '../../src/cpu/decode';
import { lists } from '../../src/cpu/isa/index';
import { CODE, Computer } from './computer';
import { codeNames, iced } from './iced';
import { opcodeSpace } from './opcode_space';

const EBX = 1, ECX = 2, EDX = 3;
type Bit = readonly [leaf: number, register: number, bit: number];
/** Features by iced's names, and where CPUID says so. SDM 2A, CPUID; AMD APM 3, appendix E. */
const FEATURES: Record<string, Bit> = {
  FPU: [1, EDX, 0], TSC: [1, EDX, 4], MSR: [1, EDX, 5], CX8: [1, EDX, 8], CMOV: [1, EDX, 15], CLFSH: [1, EDX, 19], MMX: [1, EDX, 23], FXSR: [1, EDX, 24], SSE: [1, EDX, 25], SSE2: [1, EDX, 26],
  SSE3: [1, ECX, 0], PCLMULQDQ: [1, ECX, 1], SSSE3: [1, ECX, 9], FMA: [1, ECX, 12], CMPXCHG16B: [1, ECX, 13], SSE4_1: [1, ECX, 19], SSE4_2: [1, ECX, 20], MOVBE: [1, ECX, 22], POPCNT: [1, ECX, 23], AES: [1, ECX, 25], XSAVE: [1, ECX, 26],
  AVX: [1, ECX, 28], F16C: [1, ECX, 29], RDRAND: [1, ECX, 30], FSGSBASE: [7, EBX, 0], BMI1: [7, EBX, 3], AVX2: [7, EBX, 5], BMI2: [7, EBX, 8], INVPCID: [7, EBX, 10], RTM: [7, EBX, 11], AVX512F: [7, EBX, 16], AVX512DQ: [7, EBX, 17], RDSEED: [7, EBX, 18], ADX: [7, EBX, 19],
  SMAP: [7, EBX, 20], AVX512_IFMA: [7, EBX, 21], CLFLUSHOPT: [7, EBX, 23], CLWB: [7, EBX, 24], AVX512PF: [7, EBX, 26], AVX512ER: [7, EBX, 27], AVX512CD: [7, EBX, 28], SHA: [7, EBX, 29], AVX512BW: [7, EBX, 30], AVX512VL: [7, EBX, 31],
  AVX512_VBMI: [7, ECX, 1], PKU: [7, ECX, 3], WAITPKG: [7, ECX, 5], AVX512_VBMI2: [7, ECX, 6], CET_SS: [7, ECX, 7], GFNI: [7, ECX, 8], VAES: [7, ECX, 9], VPCLMULQDQ: [7, ECX, 10], AVX512_VNNI: [7, ECX, 11], AVX512_BITALG: [7, ECX, 12], AVX512_VPOPCNTDQ: [7, ECX, 14], RDPID: [7, ECX, 22],
  MOVDIRI: [7, ECX, 27], MOVDIR64B: [7, ECX, 28], ENQCMD: [7, ECX, 29], AVX512_VP2INTERSECT: [7, EDX, 8], SERIALIZE: [7, EDX, 14], TSXLDTRK: [7, EDX, 16], AMX_BF16: [7, EDX, 22], AVX512_FP16: [7, EDX, 23], AMX_TILE: [7, EDX, 24], AMX_INT8: [7, EDX, 25],
  LZCNT: [0x80000001, ECX, 5], SSE4A: [0x80000001, ECX, 6], PREFETCHW: [0x80000001, ECX, 8], XOP: [0x80000001, ECX, 11], FMA4: [0x80000001, ECX, 16], TBM: [0x80000001, ECX, 21], SYSCALL: [0x80000001, EDX, 11], RDTSCP: [0x80000001, EDX, 27], D3NOW: [0x80000001, EDX, 31],
};
/** RDSSP is a NOP where there are no shadow stacks, and STAC and CLAC do no harm where CR4.SMAP is clear. */
const UNDECLARED = new Set(['CET_SS', 'SMAP']);

function cpuid(leaf: number, sub = 0): number[] {
  const computer = new Computer(), { registers } = computer.cpu;
  computer.load([0x0f, 0xa2, 0xcd, 0x80]);
  registers.set('rax', BigInt(leaf));
  registers.set('rcx', BigInt(sub));
  computer.run();
  assert.equal(computer.raised().rip, BigInt(CODE + 4));
  return (['rax', 'rbx', 'rcx', 'rdx'] as const).map(name => Number(registers.get(name)));
}

interface Known { name: string; features: string[]; isTaken: boolean }
/** What iced knows, with the features that it needs, and whether the decoder takes it. */
function instructions(): Known[] {
  const names = new Map(Object.entries(iced.CpuidFeature).map(([name, value]) => [value as number, name])), found = new Map<number, Known>();
  const ours = new Decoder(lists), instruction = new iced.Instruction();
  for (const code of opcodeSpace(false)) {
    const theirs = new iced.Decoder(64, code, iced.DecoderOptions.None);
    for (let at = 0; at + 16 < code.length; at += 32) {
      theirs.position = at;
      theirs.decodeOut(instruction);
      const number = instruction.code;
      if (number === iced.Code.INVALID || found.has(number)) continue;
      found.set(number, { name: codeNames.get(number) ?? '?', features: [...instruction.cpuidFeatures()].map(feature => names.get(feature) ?? '?'), isTaken: ours.decode(code, at, 15) > 0 });
    }
    theirs.free();
  }
  instruction.free();
  return [...found.values()];
}

describe('cpu: CPUID', function () {
  this.timeout(120_000);
  it('declares a feature when its instructions are there, and only then', () => {
    const leaves = new Map([1, 7, 0x80000001].map(leaf => [leaf, cpuid(leaf)]));
    const declared = new Set(Object.entries(FEATURES).flatMap(([feature, [leaf, register, bit]]) => (leaves.get(leaf)![register] as number) >>> bit & 1 ? [feature] : []));
    const all = instructions(), wrong: string[] = [];
    for (const { name, features, isTaken } of all) {
      const lacking = features.filter(feature => feature in FEATURES && !declared.has(feature) && !UNDECLARED.has(feature));
      if (isTaken && lacking.length > 0) wrong.push(`${name} is there, but ${lacking.join(' ')} is not declared`);
      if (!isTaken && features.every(feature => declared.has(feature))) wrong.push(`${features.join(' ')} is declared, but ${name} is not there`);
    }
    assert.deepEqual(wrong, []);
    assert.ok(all.length > 1500 && declared.size > 35, `${all.length} instructions, ${declared.size} features`);
  });

  it('says nothing of AVX-512, whose instructions are undefined', () => {
    const [, ebx = 0, ecx = 0, edx = 0] = cpuid(7), [xcr0 = 0] = cpuid(0xd);
    assert.deepEqual([ebx & (1 << 16 | 1 << 17 | 1 << 21 | 1 << 28 | 1 << 30 | 1 << 31), ecx & 0x5842, edx & 0x80010c, xcr0 & 0xe0], [0, 0, 0, 0]);
    for (const code of [[0x62, 0xf1, 0x7c, 0x48, 0x58, 0xc0], [0x62, 0xf2, 0xfd, 0x48, 0x7c, 0xc0], [0xc5, 0xf8, 0x92, 0xc8], [0xc4, 0xe1, 0xfb, 0x92, 0xc8]]) {
      const computer = new Computer();
      computer.load(code);
      computer.run();
      assert.equal(computer.raised().vector, 6, code.map(b => b.toString(16)).join(' '));
    }
  });

  it('tells the sizes of the XSAVE areas that XSAVE writes', () => {
    const [components = 0, enabled = 0, most = 0] = cpuid(0xd), [size = 0, offset = 0] = cpuid(0xd, 2);
    assert.deepEqual([components, enabled, most, offset, size], [7, 832, 832, 576, 256]);
  });
});
