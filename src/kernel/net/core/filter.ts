// Classic BPF: a program as it is attached, its checker and its interpreter. Linux: net/core/filter.c (bpf_check_classic, check_load_and_stores, bpf_convert_filter).
// Not here: socket filters; what a seccomp filter may use besides (kernel/seccomp.ts).
import { EINVAL, type Errno } from '../../../abi/errno';
import {
  BPF_ABS, BPF_ALU, BPF_A, BPF_B, BPF_H, BPF_IMM, BPF_IND, BPF_JMP, BPF_LD, BPF_LDX, BPF_LEN, BPF_MAXINSNS, BPF_MEM, BPF_MISC, BPF_MSH, BPF_OP_ALU, BPF_OP_JMP, BPF_RET, BPF_ST, BPF_STX,
  BPF_TAX, BPF_TXA, BPF_W, BPF_X,
} from '../../../abi/seccomp';
import { f, kobject, type Instance } from '../../kobject';

const { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND, BPF_LSH, BPF_RSH, BPF_NEG, BPF_MOD, BPF_XOR } = BPF_OP_ALU.values;
const { BPF_JA, BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET } = BPF_OP_JMP.values;
const BPF_MEMWORDS = 16;
/** Loads beyond this offset are none of the packet. Linux: SKF_AD_OFF */
const SKF_AD_LAST = 0xfffff000 + 64;

/** A program of struct sock_filter. Linux: struct sock_fprog_kern, kept in struct bpf_prog */
export const bpf_prog = kobject('bpf_prog', { len: f.u32, insns: f.list(f.struct({ code: f.hex, jt: f.u32, jf: f.u32, k: f.hex })) });
export interface bpf_prog extends Instance<typeof bpf_prog> {}
export type sock_filter = bpf_prog['insns'][number];

/** A program out of guest memory: 8 bytes an instruction. */
export function bpf_prog_create(bytes: Uint8Array): bpf_prog {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const insns: sock_filter[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += 8) insns.push({ code: view.getUint16(at, true), jt: view.getUint8(at + 2), jf: view.getUint8(at + 3), k: view.getUint32(at + 4, true) });
  return bpf_prog.make({ len: insns.length, insns });
}

const loads = (mode: number): number[] => [BPF_LD | BPF_W | mode, BPF_LD | BPF_H | mode, BPF_LD | BPF_B | mode];
const both = (code: number): number[] => [code, code | BPF_X];
/** Linux: chk_code_allowed() */
const ALLOWED: ReadonlySet<number> = new Set([
  ...[BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_MOD, BPF_AND, BPF_OR, BPF_XOR, BPF_LSH, BPF_RSH].flatMap(op => both(BPF_ALU | op)), BPF_ALU | BPF_NEG,
  ...loads(BPF_ABS), ...loads(BPF_IND), BPF_LD | BPF_W | BPF_LEN, BPF_LD | BPF_IMM, BPF_LD | BPF_MEM,
  BPF_LDX | BPF_W | BPF_LEN, BPF_LDX | BPF_B | BPF_MSH, BPF_LDX | BPF_IMM, BPF_LDX | BPF_MEM, BPF_ST, BPF_STX,
  BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA, BPF_RET, BPF_RET | BPF_A,
  BPF_JMP | BPF_JA, ...[BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JSET].flatMap(op => both(BPF_JMP | op)),
]);

/** Linux: bpf_check_classic() */
export function bpf_check_classic({ insns, len }: bpf_prog): Errno | null {
  if (len === 0 || len > BPF_MAXINSNS) return EINVAL.because('the program has no instructions, or more than 4096');
  for (let pc = 0; pc < len; pc++) {
    const insn = insns[pc] as sock_filter;
    const { code, jt, jf, k } = insn;
    if (!ALLOWED.has(code)) return EINVAL.because(`instruction ${pc} has the unknown code 0x${code.toString(16)}`);
    switch (code) {
      case BPF_ALU | BPF_DIV: case BPF_ALU | BPF_MOD:
        if (k === 0) return EINVAL.because(`instruction ${pc} divides by 0`);
        break;
      case BPF_ALU | BPF_LSH: case BPF_ALU | BPF_RSH:
        if (k >= 32) return EINVAL.because(`instruction ${pc} shifts by ${k} bits`);
        break;
      case BPF_LD | BPF_MEM: case BPF_LDX | BPF_MEM: case BPF_ST: case BPF_STX:
        if (k >= BPF_MEMWORDS) return EINVAL.because(`instruction ${pc} uses memory word ${k} of 16`);
        break;
      case BPF_JMP | BPF_JA:
        if (k >= len - pc - 1) return EINVAL.because(`instruction ${pc} jumps out of the program`);
        break;
      case BPF_LD | BPF_W | BPF_ABS: case BPF_LD | BPF_H | BPF_ABS: case BPF_LD | BPF_B | BPF_ABS:
        if (k >= SKF_AD_LAST) return EINVAL.because(`instruction ${pc} loads from an unknown offset`);
        break;
      default:
        if ((code & 7) === BPF_JMP && (pc + jt + 1 >= len || pc + jf + 1 >= len)) return EINVAL.because(`instruction ${pc} jumps out of the program`);
    }
  }
  const last = insns[len - 1]?.code;
  if (last !== BPF_RET && last !== (BPF_RET | BPF_A)) return EINVAL.because('the last instruction does not return');
  return check_load_and_stores(insns);
}

/** Memory words may be read only where every way there has written them. Linux: check_load_and_stores() */
function check_load_and_stores(insns: readonly sock_filter[]): Errno | null {
  const masks = new Uint16Array(insns.length).fill(0xffff);
  const meet = (pc: number, valid: number): void => { masks[pc] = (masks[pc] ?? 0) & valid; };
  let valid = 0;
  for (let pc = 0; pc < insns.length; pc++) {
    const { code, jt, jf, k } = insns[pc] as sock_filter;
    valid &= masks[pc] ?? 0;
    if (code === BPF_ST || code === BPF_STX) valid |= 1 << k;
    else if (code === (BPF_LD | BPF_MEM) || code === (BPF_LDX | BPF_MEM)) {
      if ((valid & 1 << k) === 0) return EINVAL.because(`instruction ${pc} reads memory word ${k}, which is not written before`);
    } else if (code === (BPF_JMP | BPF_JA)) {
      meet(pc + 1 + k, valid);
      valid = 0xffff;
    } else if ((code & 7) === BPF_JMP) {
      meet(pc + jt + 1, valid);
      meet(pc + jf + 1, valid);
      valid = 0xffff;
    }
  }
  return null;
}

/** What a program returned, and the instruction that did. */
export interface BpfResult { value: number; pc: number }
/** What the loads of a program read: a word at a byte offset of its data. */
export type BpfLoad = (offset: number) => number;

/** Runs a checked program. `size`: what BPF_LEN loads. Division by 0 returns 0. Linux: bpf_prog_run() */
export function bpf_prog_run({ insns }: bpf_prog, load: BpfLoad, size: number): BpfResult {
  const memory = new Uint32Array(BPF_MEMWORDS);
  let a = 0;
  let x = 0;
  for (let pc = 0; ; pc++) {
    const { code, jt, jf, k } = insns[pc] as sock_filter;
    const operand = (code & BPF_X) !== 0 ? x : k;
    switch (code & 7) {
      case BPF_LD:
        a = (code & 0xe0) === BPF_ABS ? load(k) : (code & 0xe0) === BPF_MEM ? memory[k] ?? 0 : (code & 0xe0) === BPF_LEN ? size : k;
        break;
      case BPF_LDX:
        x = (code & 0xe0) === BPF_MEM ? memory[k] ?? 0 : (code & 0xe0) === BPF_LEN ? size : k;
        break;
      case BPF_ST: memory[k] = a; break;
      case BPF_STX: memory[k] = x; break;
      case BPF_ALU: {
        if ((code & 0xf0) === BPF_DIV || (code & 0xf0) === BPF_MOD) { if (operand === 0) return { value: 0, pc }; }
        a = alu(code & 0xf0, a, operand);
        break;
      }
      case BPF_JMP:
        pc += (code & 0xf0) === BPF_JA ? k : jumps(code & 0xf0, a, operand) ? jt : jf;
        break;
      case BPF_RET: return { value: (code & 0x18) === BPF_A ? a : k, pc };
      default:
        if ((code & 0xf8) === BPF_TAX) x = a;
        else a = x;
    }
  }
}

function alu(op: number, a: number, operand: number): number {
  switch (op) {
    case BPF_ADD: return a + operand >>> 0;
    case BPF_SUB: return a - operand >>> 0;
    case BPF_MUL: return Math.imul(a, operand) >>> 0;
    case BPF_DIV: return Math.floor(a / operand);
    case BPF_MOD: return a % operand;
    case BPF_AND: return (a & operand) >>> 0;
    case BPF_OR: return (a | operand) >>> 0;
    case BPF_XOR: return (a ^ operand) >>> 0;
    case BPF_LSH: return a << (operand & 31) >>> 0;
    case BPF_RSH: return a >>> (operand & 31);
    default: return -a >>> 0;
  }
}

function jumps(op: number, a: number, operand: number): boolean {
  switch (op) {
    case BPF_JEQ: return a === operand;
    case BPF_JGT: return a > operand;
    case BPF_JGE: return a >= operand;
    default: return (a & operand) !== 0;
  }
}
