// RFLAGS as the engines keep it: three words from which the six arithmetic flags follow without knowing what set them.
//   flagResult: the result, sign-extended. ZF: it is zero. SF: its sign, inverted by bit 63 of flagAux. PF: even parity of its low byte, inverted by bit 8 of flagAux.
//   flagCarry: carries out of each bit, the operand's top bit at 63. CF: bit 63. OF: bit 63 xor bit 62.
//   flagAux: AF at bit 4.
import { STATE } from './layout';

export const CF = 1, PF_FLAG = 4, AF = 16, ZF = 64, SF = 128, TF = 0x100, IF = 0x200, DF_FLAG = 0x400, OF = 0x800, IOPL = 0x3000, NT = 0x4000, RF = 0x10000, VM = 0x20000, AC_FLAG = 0x40000, ID = 0x200000;
export const ARITHMETIC = CF | PF_FLAG | AF | ZF | SF | OF;
/** What POPF and IRET may put into flagSystem. RF is never there: with no instruction breakpoints in debug registers all that it does is stand in the image that a fault saves. */
export const SYSTEM_WRITABLE = TF | IF | DF_FLAG | IOPL | NT | AC_FLAG | ID;

export function readFlags(view: DataView): number {
  const rl = view.getUint32(STATE.flagResult, true), rh = view.getInt32(STATE.flagResult + 4, true);
  const ch = view.getInt32(STATE.flagCarry + 4, true);
  const al = view.getUint32(STATE.flagAux, true), ah = view.getInt32(STATE.flagAux + 4, true);
  let parity = (rl & 0xff) ^ (al >> 8 & 1);
  parity ^= parity >> 4; parity ^= parity >> 2; parity ^= parity >> 1;
  return (view.getUint32(STATE.flagSystem, true) & ~ARITHMETIC) | 2 | (ch < 0 ? CF : 0) | (parity & 1 ? 0 : PF_FLAG) | (al & AF) | (rl === 0 && rh === 0 ? ZF : 0) | ((rh ^ ah) < 0 ? SF : 0) | ((ch ^ ch << 1) < 0 ? OF : 0);
}

export function writeArithmeticFlags(view: DataView, flags: number): void {
  const z = flags & ZF ? 1 : 0, s = flags & SF ? 1 : 0, p = flags & PF_FLAG ? 1 : 0, c = flags & CF ? 1 : 0, o = flags & OF ? 1 : 0;
  view.setUint32(STATE.flagResult, 1 - z, true);
  view.setUint32(STATE.flagResult + 4, 0, true);
  view.setUint32(STATE.flagCarry, 0, true);
  view.setUint32(STATE.flagCarry + 4, (c << 31 | (c ^ o) << 30) >>> 0, true);
  view.setUint32(STATE.flagAux, (p ^ z) << 8 | (flags & AF), true);
  view.setUint32(STATE.flagAux + 4, (s << 31) >>> 0, true);
}

export function writeSystemFlags(view: DataView, flags: number): void {
  view.setUint32(STATE.flagSystem, (flags & SYSTEM_WRITABLE) | 2, true);
}

export function writeFlags(view: DataView, flags: number): void {
  writeArithmeticFlags(view, flags);
  writeSystemFlags(view, flags);
}
