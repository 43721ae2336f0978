// Registers as the debugger names, groups and prints them. Not here: where they are stored.
import type { RegisterFile } from './target';

/** DWARF register numbers of x86-64 (psABI 3.6.2, figure 3.36) to names. */
export const DWARF_REGISTERS: readonly string[] = ['rax', 'rdx', 'rcx', 'rbx', 'rsi', 'rdi', 'rbp', 'rsp', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'rip'];
export const RBP = 6;
export const RSP = 7;
export const RIP = 16;

export function dwarfRegisterName(number: number): string | undefined {
  if (number < DWARF_REGISTERS.length) return DWARF_REGISTERS[number];
  if (number >= 17 && number <= 32) return `ymm${number - 17}`;
  if (number >= 33 && number <= 40) return `st${number - 33}`;
  return { 49: 'rflags', 50: 'es', 51: 'cs', 52: 'ss', 53: 'ds', 54: 'fs', 55: 'gs', 58: 'fs_base', 59: 'gs_base', 64: 'mxcsr', 65: 'fctrl', 66: 'fstat' }[number];
}

const FLAGS: readonly (readonly [string, number])[] = [
  ['CF', 0], ['PF', 2], ['AF', 4], ['ZF', 6], ['SF', 7], ['TF', 8], ['IF', 9], ['DF', 10], ['OF', 11], ['NT', 14], ['RF', 16], ['AC', 18], ['ID', 21],
];

export interface RegisterGroup { name: string; registers: readonly string[] }

export const REGISTER_GROUPS: readonly RegisterGroup[] = [
  { name: 'General', registers: ['rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp', 'rsp', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'rip', 'rflags', 'orig_rax'] },
  { name: 'Segments', registers: ['cs', 'ss', 'ds', 'es', 'fs', 'gs', 'fs_base', 'gs_base', 'kernel_gs_base'] },
  { name: 'Control', registers: ['cr0', 'cr2', 'cr3', 'cr4', 'efer'] },
  { name: 'SSE / AVX', registers: [...Array.from({ length: 16 }, (_, i) => `ymm${i}`), 'mxcsr'] },
  { name: 'x87', registers: [...Array.from({ length: 8 }, (_, i) => `st${i}`), 'fctrl', 'fstat', 'ftag'] },
];

const ALL = new Set(REGISTER_GROUPS.flatMap(group => group.registers));

/** The 64-bit register and the bits of it that a name such as eax, ax, ah, al, r8d, xmm3, pc stands for. */
export function registerPart(name: string): { register: string; shift: bigint; bits: bigint } | undefined {
  const lower = name.toLowerCase();
  const alias = { pc: 'rip', sp: 'rsp', fp: 'rbp', eflags: 'rflags', eip: 'rip' }[lower] ?? lower;
  if (ALL.has(alias)) return { register: alias, shift: 0n, bits: alias.startsWith('ymm') ? 256n : alias.startsWith('st') ? 80n : 64n };
  const xmm = /^xmm(\d+)$/.exec(alias);
  if (xmm && ALL.has(`ymm${xmm[1]}`)) return { register: `ymm${xmm[1]}`, shift: 0n, bits: 128n };
  const high = /^([abcd])h$/.exec(alias);
  if (high) return { register: `r${high[1]}x`, shift: 8n, bits: 8n };
  const low = /^([abcd])l$/.exec(alias) ?? /^(si|di|bp|sp)l$/.exec(alias);
  if (low) return { register: low[1]?.length === 1 ? `r${low[1]}x` : `r${low[1]}`, shift: 0n, bits: 8n };
  const word = /^(e?)(ax|bx|cx|dx|si|di|bp|sp)$/.exec(alias);
  if (word) return { register: `r${word[2]}`, shift: 0n, bits: word[1] ? 32n : 16n };
  const numbered = /^(r(?:8|9|1[0-5]))([dwb])$/.exec(alias);
  if (numbered?.[1]) return { register: numbered[1], shift: 0n, bits: numbered[2] === 'd' ? 32n : numbered[2] === 'w' ? 16n : 8n };
  return undefined;
}

/** The value of any register name, whole or part. */
export function readRegister(registers: RegisterFile, name: string): bigint | undefined {
  const part = registerPart(name);
  if (!part) return undefined;
  const whole = registers.read(part.register);
  return whole === undefined ? undefined : BigInt.asUintN(Number(part.bits), whole >> part.shift);
}

/** Writes a register; a 32-bit part clears the upper half as the processor does. */
export function writeRegister(registers: RegisterFile, name: string, value: bigint): boolean {
  const part = registerPart(name);
  if (!part) return false;
  const field = BigInt.asUintN(Number(part.bits), value);
  if (part.bits === 32n || part.shift === 0n && part.bits >= 64n && !name.toLowerCase().startsWith('xmm')) return registers.write(part.register, field);
  const whole = registers.read(part.register);
  if (whole === undefined) return false;
  const mask = ((1n << part.bits) - 1n) << part.shift;
  return registers.write(part.register, (whole & ~mask) | (field << part.shift));
}

/** The names of the flags that are set and the I/O privilege level: `ZF PF IF`. */
export function flagNames(rflags: bigint): string {
  return FLAGS.filter(([, bit]) => (rflags >> BigInt(bit)) & 1n).map(([name]) => name).join(' ');
}

/** How a register's value is shown. */
export function formatRegister(name: string, value: bigint): string {
  if (name === 'rflags') return `0x${value.toString(16)} [${flagNames(value)}]`;
  if (name.startsWith('ymm')) return `0x${value.toString(16).padStart(64, '0')}`;
  if (name.startsWith('xmm')) return `0x${value.toString(16).padStart(32, '0')}`;
  if (/^st\d/.test(name)) return `${extendedToText(value)} (0x${value.toString(16).padStart(20, '0')})`;
  if (name === 'cs') return `0x${value.toString(16)} (ring ${value & 3n})`;
  if (name === 'orig_rax') return BigInt.asIntN(64, value) < 0n ? `${BigInt.asIntN(64, value)}` : `${value}`;
  return `0x${value.toString(16)}`;
}

/** An 80-bit extended real as text, to a double's precision. */
export function extendedToText(bits: bigint): string {
  const mantissa = bits & 0xffff_ffff_ffff_ffffn;
  const exponent = Number((bits >> 64n) & 0x7fffn);
  const sign = (bits >> 79n) & 1n ? '-' : '';
  if (exponent === 0x7fff) return mantissa << 1n & 0xffff_ffff_ffff_ffffn ? `${sign}nan` : `${sign}inf`;
  if (mantissa === 0n) return `${sign}0`;
  const value = scale(Number(mantissa), exponent - 16383 - 63);
  return `${sign}${value}`;
}

/** value x 2^exponent in steps that neither overflow nor underflow on the way. */
function scale(value: number, exponent: number): number {
  let result = value;
  let left = exponent;
  for (; left > 1000; left -= 1000) result *= 2 ** 1000;
  for (; left < -1000; left += 1000) result *= 2 ** -1000;
  return result * 2 ** left;
}
