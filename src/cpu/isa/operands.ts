// Operand codes of the opcode tables, in the manual's spelling (SDM 2D, appendix A.2), as what the decoder and the engines must know of them.
// Sizes: b w d q = 1 2 4 8 bytes, v = operand size (2, 4, 8), y = 4 or 8 (REX.W), z = 2 or 4 (immediates: sign-extended to v),
// dq = 16, qq = 32, x = 16 or 32 (VEX.L), ss/sd = the low 4/8 bytes of an xmm register or that much memory, t = 10.

export type OperandClass = 'gpr' | 'vector' | 'mmx' | 'st' | 'segment' | 'control' | 'debug' | 'immediate' | 'memory' | 'relative';
export type OperandSize = number | 'v' | 'y' | 'z' | 'x';

export interface OperandKind {
  readonly code: string;
  /** Where the encoding names it. */
  readonly from: 'reg' | 'rm' | 'vvvv' | 'is4' | 'imm' | 'imm2' | 'opcode' | 'fixed' | 'moffs';
  readonly class: OperandClass;
  /** Bytes. */
  readonly size: OperandSize;
  /** Bytes in memory where they differ from `size` (scalar and half-width forms). */
  readonly memorySize?: OperandSize;
  /** For `rm`: whether it may be a register, memory or both. */
  readonly form: 'register' | 'memory' | 'both';
  /** For `fixed`: the register number, or the constant. */
  readonly fixed?: number;
  /** Immediates: zero-extended instead of sign-extended. */
  readonly unsigned?: boolean;
  /** Memory whose index is a vector register (VSIB). */
  readonly vsib?: boolean;
}

type Rest = Partial<Pick<OperandKind, 'memorySize' | 'fixed' | 'unsigned' | 'vsib'>>;
const kind = (code: string, from: OperandKind['from'], cls: OperandClass, size: OperandSize, form: OperandKind['form'], rest: Rest = {}): OperandKind => ({ code, from, class: cls, size, form, ...rest });
const E = (code: string, size: OperandSize, memorySize?: OperandSize): OperandKind => kind(code, 'rm', 'gpr', size, 'both', { memorySize });
const G = (code: string, size: OperandSize): OperandKind => kind(code, 'reg', 'gpr', size, 'register');
const memory = (code: string, size: OperandSize): OperandKind => kind(code, 'rm', 'memory', size, 'memory');
const fixed = (code: string, size: OperandSize, number: number): OperandKind => kind(code, 'fixed', 'gpr', size, 'register', { fixed: number });

// General registers and memory.
export const Eb = E('Eb', 1), Ew = E('Ew', 2), Ed = E('Ed', 4), Eq = E('Eq', 8), Ev = E('Ev', 'v'), Ey = E('Ey', 'y');
/** A register of operand size, or 2 bytes of memory (mov r/m, sreg; smsw; str). */
export const Evw = E('Evw', 'v', 2);
/** A 4-byte register of which memory gives one or two bytes (pinsrb, pinsrw, pextrb). */
export const Edb = E('Edb', 4, 1), Edw = E('Edw', 4, 2);
export const Gb = G('Gb', 1), Gw = G('Gw', 2), Gd = G('Gd', 4), Gq = G('Gq', 8), Gv = G('Gv', 'v'), Gy = G('Gy', 'y');
/** VEX.vvvv as a general register. */
export const By = kind('By', 'vvvv', 'gpr', 'y', 'register');
/** rm that must be a general register. */
export const Rd = kind('Rd', 'rm', 'gpr', 4, 'register'), Rq = kind('Rq', 'rm', 'gpr', 8, 'register'), Ry = kind('Ry', 'rm', 'gpr', 'y', 'register'), Rv = kind('Rv', 'rm', 'gpr', 'v', 'register');
/** Register in the opcode's low three bits. */
export const Zb = kind('Zb', 'opcode', 'gpr', 1, 'register'), Zv = kind('Zv', 'opcode', 'gpr', 'v', 'register'), Zq = kind('Zq', 'opcode', 'gpr', 8, 'register');
/** Memory only. M: an address without access of its own. */
export const M = memory('M', 0), Mb = memory('Mb', 1), Mw = memory('Mw', 2), Md = memory('Md', 4), Mq = memory('Mq', 8), Mt = memory('Mt', 10), Mdq = memory('Mdq', 16), Mqq = memory('Mqq', 32), Mx = memory('Mx', 'x'), Mv = memory('Mv', 'v'), My = memory('My', 'y');
/** Memory at a base plus each of 32- or 64-bit indices in a vector register. */
export const vm32 = kind('vm32', 'rm', 'memory', 0, 'memory', { vsib: true }), vm64 = kind('vm64', 'rm', 'memory', 0, 'memory', { vsib: true });
/** Memory at a 64-bit address in the instruction. */
export const Ob = kind('Ob', 'moffs', 'memory', 1, 'memory'), Ov = kind('Ov', 'moffs', 'memory', 'v', 'memory');
// Named registers.
export const AL = fixed('AL', 1, 0), CL = fixed('CL', 1, 1), AX = fixed('AX', 2, 0), DX = fixed('DX', 2, 2), rAX = fixed('rAX', 'v', 0), EAX = fixed('EAX', 4, 0), RAXq = fixed('RAX', 8, 0);
// Immediates. `Ib` is sign-extended to the operand size, `ib` is not.
export const Ib = kind('Ib', 'imm', 'immediate', 1, 'register'), ib = kind('ib', 'imm', 'immediate', 1, 'register', { unsigned: true }), Iw = kind('Iw', 'imm', 'immediate', 2, 'register', { unsigned: true });
export const Iz = kind('Iz', 'imm', 'immediate', 'z', 'register'), Iv = kind('Iv', 'imm', 'immediate', 'v', 'register');
/** A second immediate byte (enter). */
export const ib2 = kind('ib2', 'imm2', 'immediate', 1, 'register', { unsigned: true });
/** The constant 1 of the D1 shifts. */
export const one = kind('1', 'fixed', 'immediate', 1, 'register', { fixed: 1 });
export const Jb = kind('Jb', 'imm', 'relative', 1, 'register'), Jz = kind('Jz', 'imm', 'relative', 4, 'register');
// Vector registers. V: modrm.reg, H: VEX.vvvv, W: modrm.rm or memory, U: modrm.rm register only, L: immediate bits 7-4.
export const Vx = kind('Vx', 'reg', 'vector', 'x', 'register'), Hx = kind('Hx', 'vvvv', 'vector', 'x', 'register'), Wx = kind('Wx', 'rm', 'vector', 'x', 'both'), Ux = kind('Ux', 'rm', 'vector', 'x', 'register'), Lx = kind('Lx', 'is4', 'vector', 'x', 'register');
export const Vdq = kind('Vdq', 'reg', 'vector', 16, 'register'), Hdq = kind('Hdq', 'vvvv', 'vector', 16, 'register'), Wdq = kind('Wdq', 'rm', 'vector', 16, 'both'), Udq = kind('Udq', 'rm', 'vector', 16, 'register'), Ldq = kind('Ldq', 'is4', 'vector', 16, 'register');
export const Vqq = kind('Vqq', 'reg', 'vector', 32, 'register'), Hqq = kind('Hqq', 'vvvv', 'vector', 32, 'register'), Wqq = kind('Wqq', 'rm', 'vector', 32, 'both');
/** An xmm register, of which memory gives less: 1, 2, 4 (ss), 8 (sd) bytes, and half or a quarter of the vector length (wh, wq). */
export const Wb = kind('Wb', 'rm', 'vector', 16, 'both', { memorySize: 1 }), Ww = kind('Ww', 'rm', 'vector', 16, 'both', { memorySize: 2 }), Wss = kind('Wss', 'rm', 'vector', 16, 'both', { memorySize: 4 }), Wsd = kind('Wsd', 'rm', 'vector', 16, 'both', { memorySize: 8 });
// MMX registers. P: modrm.reg, Q: modrm.rm or memory, N: modrm.rm register only.
export const Pq = kind('Pq', 'reg', 'mmx', 8, 'register'), Qq = kind('Qq', 'rm', 'mmx', 8, 'both'), Qd = kind('Qd', 'rm', 'mmx', 8, 'both', { memorySize: 4 }), Nq = kind('Nq', 'rm', 'mmx', 8, 'register');
// x87: ST(0) and ST(modrm.rm); memory operands are Mw, Md, Mq, Mt, M.
export const ST0 = kind('ST0', 'fixed', 'st', 10, 'register', { fixed: 0 }), STi = kind('STi', 'rm', 'st', 10, 'register');
// System registers.
export const Sw = kind('Sw', 'reg', 'segment', 2, 'register'), Cq = kind('Cq', 'reg', 'control', 8, 'register'), Dq = kind('Dq', 'reg', 'debug', 8, 'register');
// String operands: [rsi] with its segment and [rdi]; the semantics address them themselves, the kind carries the size.
export const Xb = kind('Xb', 'fixed', 'memory', 1, 'register'), Xv = kind('Xv', 'fixed', 'memory', 'v', 'register'), Yb = kind('Yb', 'fixed', 'memory', 1, 'register'), Yv = kind('Yv', 'fixed', 'memory', 'v', 'register'), Xz = kind('Xz', 'fixed', 'memory', 'z', 'register');
