// Which of SSE, AVX, x87 and MMX may be used now, as one word that the engines test: ENGINE.blockedUnits. SDM 3A, 13.1 and 2.5
import { ENGINE, STATE } from './layout';

const CR0_EM = 4, CR0_TS = 8, CR4_OSFXSR = 0x200, CR4_OSXSAVE = 1 << 18, FSW_ES = 0x80;
/** x87 and MMX are blocked until #MF is delivered. */
const WAITS_FOR_MF = 0x100, X87_WAITS = 4 | 8 | WAITS_FOR_MF;

/** The word as control registers and FSW have it. */
export function blockedUnits(u32: Uint32Array): number {
  const cr0 = u32[STATE.cr0 >> 2] as number, cr4 = u32[STATE.cr4 >> 2] as number, xcr0 = u32[STATE.xcr0 >> 2] as number;
  let blocked = 0;
  if (cr0 & CR0_TS) blocked |= 1 | 2 | 4 | 8;
  if (cr0 & CR0_EM) blocked |= 4 | (1 | 8) * 17;
  if (!(cr4 & CR4_OSFXSR)) blocked |= 17;
  if (!(cr4 & CR4_OSXSAVE) || (xcr0 & 6) !== 6) blocked |= 2 * 17;
  if (((u32[STATE.fsw >> 2] as number) & FSW_ES) !== 0) blocked |= X87_WAITS;
  return blocked;
}

/** FSW.ES is not as the word says. */
export function isX87StateStale(u32: Uint32Array): boolean {
  const waits = ((u32[STATE.fsw >> 2] as number) & FSW_ES) !== 0;
  return waits !== (((u32[ENGINE.blockedUnits >> 2] as number) & WAITS_FOR_MF) !== 0);
}
