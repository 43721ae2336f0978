// What two outcomes of a case are compared by, in words or as a number. Undefined flags are left out, as the row declares them.
import type { Encoding } from '../../../src/cpu/decode';
import { OUTCOME, WINDOW_BYTES } from './cases';

const GPR = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'];
/** MXCSR of an outcome, and its bits: inexact; AMD's "misaligned exception mask". */
const MXCSR = OUTCOME.fx + 24, PE = 0x20, MM = 0x20000;
const FLAG_BITS: readonly (readonly [letter: number, bit: number, name: string])[] = [[0, 0x800, 'OF'], [1, 0x400, 'DF'], [3, 0x80, 'SF'], [4, 0x40, 'ZF'], [5, 0x10, 'AF'], [6, 4, 'PF'], [7, 1, 'CF']];

/** Every value that counts, by name: exception, its error code and address, registers, flags, vectors, x87, memory. */
function valuesOf(e: Encoding, outcome: DataView, visit: (name: string, value: bigint | number) => void): void {
  const trap = outcome.getUint32(OUTCOME.trapno, true);
  visit('exception', trap);
  if (trap === 14 || trap === 13) visit('error code', outcome.getUint32(OUTCOME.err, true));
  if (trap === 14) visit('cr2', outcome.getBigUint64(OUTCOME.cr2, true));
  visit('rip', outcome.getBigUint64(OUTCOME.rip, true));
  GPR.forEach((name, i) => visit(name, outcome.getBigUint64(OUTCOME.gpr + i * 8, true)));
  for (const [letter, bit, name] of FLAG_BITS) if (e.row[3][letter] !== 'u' || trap !== 3) visit(name, outcome.getUint32(OUTCOME.flags, true) & bit ? 1 : 0);
  visit('mxcsr', outcome.getUint32(MXCSR, true));
  for (let i = 0; i < 16; i++) for (const half of [0, 8]) {
    visit(`xmm${i}+${half}`, outcome.getBigUint64(OUTCOME.fx + 160 + i * 16 + half, true));
    visit(`ymm${i}+${16 + half}`, outcome.getBigUint64(OUTCOME.ymmh + i * 16 + half, true));
  }
  visit('fcw', outcome.getUint16(OUTCOME.fx, true));
  // C1 after x87 operations: makers differ in when rounding up shows there.
  visit('fsw', outcome.getUint16(OUTCOME.fx + 2, true) & (e.options.unit === 'x87' ? 0xfdff : 0xffff));
  visit('ftw', outcome.getUint8(OUTCOME.fx + 4));
  for (let i = 0; i < 8; i++) {
    visit(`st${i}`, outcome.getBigUint64(OUTCOME.fx + 32 + i * 16, true));
    visit(`st${i} exponent`, outcome.getUint16(OUTCOME.fx + 40 + i * 16, true));
  }
  for (let i = 0; i < WINDOW_BYTES; i += 8) visit(`memory+${i.toString(16)}`, outcome.getBigUint64(OUTCOME.mem + i, true));
}

/** Whether two outcomes agree in everything that valuesOf() visits: the usual case, in a microsecond. */
function isSame(e: Encoding, a: DataView, b: DataView): boolean {
  const differ = (at: number, mask = -1): boolean => ((a.getUint32(at, true) ^ b.getUint32(at, true)) & mask) !== 0;
  const trap = a.getUint32(OUTCOME.trapno, true);
  if (differ(OUTCOME.trapno) || ((trap === 14 || trap === 13) && differ(OUTCOME.err)) || (trap === 14 && (differ(OUTCOME.cr2) || differ(OUTCOME.cr2 + 4)))) return false;
  let flags = 0;
  for (const [letter, bit] of FLAG_BITS) if (e.row[3][letter] !== 'u' || trap !== 3) flags |= bit;
  if (differ(OUTCOME.flags, flags) || differ(OUTCOME.fx, e.options.unit === 'x87' ? 0xfdffffff : -1) || differ(OUTCOME.fx + 4, 0xff) || differ(MXCSR)) return false;
  for (let at = OUTCOME.rip; at < OUTCOME.flags; at += 4) if (differ(at)) return false;
  for (let at = OUTCOME.fx + 32; at < OUTCOME.fx + 160; at += 16) if (differ(at) || differ(at + 4) || differ(at + 8, 0xffff)) return false;
  for (let at = OUTCOME.fx + 160; at < OUTCOME.fx + 416; at += 4) if (differ(at)) return false;
  for (let at = OUTCOME.ymmh; at < OUTCOME.mem + WINDOW_BYTES; at += 4) if (differ(at)) return false;
  return true;
}


/**
 * Whether AMD's processors may differ there from Intel's, which the machine follows: SHA with memory that is not aligned faults on Intel's alone; what a gather
 * had gathered before it faulted stays on Intel's alone; which NaN a dot product gives depends on the order in which it adds; AMD's have a bit of MXCSR more
 * (MM); where a denormal that becomes a half stops for the underflow, AMD's say inexact only if its digits do not fit.
 */
export function isMakersOwn(e: Encoding, native: DataView, ours: DataView): boolean {
  const trap = native.getUint32(OUTCOME.trapno, true), other = ours.getUint32(OUTCOME.trapno, true);
  if (/^sha(1|256)/.test(e.mnemonic)) return trap === 3 && other === 13;
  if (/^vp?gather/.test(e.mnemonic)) return trap === 14 && other === 14;
  if (/^v?ldmxcsr$/.test(e.mnemonic)) return trap === 3 && other === 13 && (native.getUint32(MXCSR, true) & MM) !== 0;
  if (e.mnemonic === 'vcvtps2ph') {
    if (trap !== 19 || other !== 19) return false;
    const asAmd = new DataView(ours.buffer.slice(ours.byteOffset, ours.byteOffset + ours.byteLength));
    asAmd.setUint32(MXCSR, ours.getUint32(MXCSR, true) & ~PE, true);
    return isSame(e, native, asAmd);
  }
  if (!/^v?dpp[sd]$/.test(e.mnemonic) || trap !== other) return false;
  const isDouble = e.mnemonic.endsWith('d'), bytes = isDouble ? 8 : 4, isNaN = (outcome: DataView, at: number): boolean => Number.isNaN(isDouble ? outcome.getFloat64(at, true) : outcome.getFloat32(at, true));
  for (const [from, to] of [[OUTCOME.fx + 160, OUTCOME.fx + 416], [OUTCOME.ymmh, OUTCOME.ymmh + 256]] as const) for (let at = from; at < to; at += bytes) {
    let isSame = true;
    for (let i = 0; i < bytes; i++) isSame &&= native.getUint8(at + i) === ours.getUint8(at + i);
    if (!isSame && !(isNaN(native, at) && isNaN(ours, at))) return false;
  }
  return true;
}

export function differences(e: Encoding, native: DataView, ours: DataView, engine: string): string[] {
  if (isSame(e, native, ours)) return [];
  const trap = native.getUint32(OUTCOME.trapno, true), other = ours.getUint32(OUTCOME.trapno, true);
  if (trap !== other) return [`exception ${trap} natively, ${other} in the ${engine}`];
  const expected: (bigint | number)[] = [], wrong: string[] = [];
  valuesOf(e, native, (_, value) => expected.push(value));
  let i = 0;
  valuesOf(e, ours, (name, value) => { const a = expected[i++]; if (a !== value) wrong.push(`${name} ${a?.toString(16)} natively, ${value.toString(16)} in the ${engine}`); });
  return wrong;
}

/** An outcome as 32 bits (FNV-1a over its values), for fixtures. */
export function fingerprint(e: Encoding, outcome: DataView): number {
  let hash = 0x811c9dc5;
  const add = (word: number): void => { for (let i = 0; i < 32; i += 8) hash = Math.imul(hash ^ (word >>> i & 255), 0x01000193); };
  valuesOf(e, outcome, (_, value) => {
    const wide = BigInt(value);
    add(Number(wide & 0xffffffffn));
    add(Number(wide >> 32n));
  });
  return hash >>> 0;
}
