// An instruction as this decoder and as iced-x86 understand it, in words that can be compared: lengths, prefixes that count, registers, memory, immediates, targets.
// What the operands mean is not decoded, and not compared here: test/cpu/silicon does that.
import { createRequire } from 'node:module';
import type { Decoded, Form } from '../../src/cpu/decode';
import type { OperandKind } from '../../src/cpu/isa/operands';
import { STATE } from '../../src/cpu/layout';
import type { Instruction } from 'iced-x86';

export const iced = createRequire(import.meta.url)('iced-x86') as typeof import('iced-x86');
const { OpKind, Register } = iced;
export const codeNames = new Map(Object.entries(iced.Code).map(([name, code]) => [code as number, name]));

const IMMEDIATES = new Set<number>([OpKind.Immediate8, OpKind.Immediate8_2nd, OpKind.Immediate16, OpKind.Immediate32, OpKind.Immediate64, OpKind.Immediate8to16, OpKind.Immediate8to32, OpKind.Immediate8to64, OpKind.Immediate32to64]);
const BRANCHES = new Set<number>([OpKind.NearBranch16, OpKind.NearBranch32, OpKind.NearBranch64]);
const SEGMENTS = ['es', 'cs', 'ss', 'ds', 'fs', 'gs'];

/** Registers by iced's number, as `class` and number; ah to bh are 16 to 19. */
const registers: string[] = [];
for (const [name, value] of Object.entries(Register)) {
  const number = value as number;
  const within = (first: number, count: number, cls: string): boolean => { if (number < first || number >= first + count) return false; registers[number] = `${cls}${number - first}`; return true; };
  if (/^[A-D]H$/.test(name)) registers[number] = `r${16 + number - Register.AH}`;
  else if (number >= Register.SPL && number <= Register.R15L) registers[number] = `r${number - Register.SPL + 4}`;
  else void (within(Register.AL, 4, 'r') || within(Register.AX, 16, 'r') || within(Register.EAX, 16, 'r') || within(Register.RAX, 16, 'r') || within(Register.XMM0, 16, 'v') || within(Register.YMM0, 16, 'v') || within(Register.MM0, 8, 'mm')
    || within(Register.ST0, 8, 'st') || within(Register.CR0, 16, 'cr') || within(Register.DR0, 16, 'dr') || within(Register.ES, 6, 'seg'));
}

/** Operands in iced's order. */
export function theirOperands(instruction: Instruction): string[] {
  const list: string[] = [];
  for (let i = 0; i < instruction.opCount; i++) {
    const kind = instruction.opKind(i);
    if (kind === OpKind.Register) list.push(registers[instruction.opRegister(i)] ?? '?');
    else if (kind === OpKind.Memory) {
      const { memoryBase: base, memoryIndex: index } = instruction, isRip = base === Register.RIP || base === Register.EIP;
      const segment = instruction.segmentPrefix;
      list.push(`[${segment === Register.FS ? 'fs:' : segment === Register.GS ? 'gs:' : ''}${isRip || base === Register.None ? '' : registers[base]}+${index === Register.None ? '' : `${registers[index]}*${instruction.memoryIndexScale}`}+${instruction.memoryDisplSize === 8 && base === Register.None && index === Register.None && instruction.code >= iced.Code.Mov_AL_moffs8 && instruction.code <= iced.Code.Mov_moffs64_RAX ? BigInt.asUintN(64, instruction.memoryDisplacement) : BigInt.asUintN(32, instruction.memoryDisplacement)}]`);
    } else if (BRANCHES.has(kind)) list.push(`to ${BigInt.asUintN(64, instruction.nearBranchTarget)}`);
    else if (IMMEDIATES.has(kind)) list.push(`#${BigInt.asUintN(64, instruction.immediate(i))}`);
  }
  return list;
}

const generalRegister = (at: number): string => { const n = at - STATE.gpr; return n & 7 ? `r${16 + (n >> 3)}` : `r${n >> 3}`; };
const vectorRegister = (at: number): string => `v${(at - STATE.ymm) / 32}`;

/** Operands that the encoding names, in the row's order. `next`: the address of the next instruction. */
export function ourOperands(d: Decoded, form: Form, next: bigint): { text: string; kind: OperandKind }[] {
  const immediate = BigInt.asIntN(64, BigInt(d.immediateHigh) << 32n | BigInt(d.immediateLow >>> 0));
  const registerText = (cls: OperandKind['class'], at: number): string => {
    switch (cls) {
      case 'vector': return vectorRegister(at);
      case 'mmx': return `mm${(at - STATE.x87) / 16}`;
      case 'st': return `st${at}`;
      case 'segment': return `seg${at}`;
      case 'control': return `cr${at}`;
      case 'debug': return `dr${at}`;
      default: return generalRegister(at);
    }
  };
  const segment = d.segment === STATE.zero ? '' : `${SEGMENTS[(d.segment - STATE.segmentBase) / 8]}:`;
  return form.encoding.operands.filter(o => o.from !== 'fixed').map(kind => {
    const text = ((): string => {
      switch (kind.from) {
        case 'reg': case 'opcode': return registerText(kind.class, d.reg);
        case 'vvvv': return registerText(kind.class, d.vvvv);
        case 'is4': return vectorRegister(d.immediateLow);
        case 'rm': {
          if (!form.isMemory) return registerText(kind.class, d.rm);
          const base = d.base === STATE.zero ? '' : generalRegister(d.base), index = d.index === STATE.zero ? '' : d.index >= STATE.ymm ? vectorRegister(d.index) : generalRegister(d.index);
          const displacement = BigInt(d.displacement) + (d.isRipRelative ? next : 0n);
          return `[${segment}${base}+${index && `${index}*${1 << d.scale}`}+${BigInt.asUintN(32, displacement)}]`;
        }
        case 'moffs': return `[${segment}++${BigInt.asUintN(d.addr32 ? 32 : 64, immediate)}]`;
        case 'imm2': return `#${d.immediate2}`;
        default: return kind.class === 'relative' ? `to ${BigInt.asUintN(64, next + immediate)}` : `#${BigInt.asUintN(64, immediate)}`;
      }
    })();
    return { text, kind };
  });
}

/** Immediates that iced extends to the size of its operand, and this decoder to 64 bits. */
function isSame(ours: string, theirs: string): boolean {
  if (ours === theirs) return true;
  if (!ours.startsWith('#') || !theirs.startsWith('#')) return false;
  const a = BigInt(ours.slice(1)), b = BigInt(theirs.slice(1));
  return [8, 16, 32].some(bits => b < 1n << BigInt(bits) && BigInt.asUintN(bits, a) === b);
}

/** Whether every operand of ours is one of theirs, in their order; they name the implied ones, too. */
export function agree(ours: readonly { text: string }[], theirs: readonly string[]): boolean {
  let at = 0;
  for (const { text } of ours) {
    while (at < theirs.length && !isSame(text, theirs[at]!)) at++;
    if (at++ >= theirs.length) return false;
  }
  return true;
}
