// The unwind rules of one address, as call frame information gives them. DWARF5 6.4.1.
import type { Address } from '../base/address';
import type { Expression } from './expr';

export type CfaRule = { kind: 'register'; register: number; offset: number } | { kind: 'expression'; expression: Expression };

export type RegisterRule =
  | { kind: 'undefined' }
  | { kind: 'sameValue' }
  /** Saved in memory at CFA + offset. */
  | { kind: 'offset'; offset: number }
  /** Its value is CFA + offset. */
  | { kind: 'valOffset'; offset: number }
  | { kind: 'register'; register: number }
  /** Saved at the address that the expression gives (the CFA is on its stack). */
  | { kind: 'expression'; expression: Expression }
  /** Its value is what the expression gives. */
  | { kind: 'valExpression'; expression: Expression };

export interface UnwindRow {
  /** The addresses that the row is for. */
  low: Address;
  high: Address;
  cfa: CfaRule;
  /** By DWARF register number (registers.ts); one that is absent has no rule: callee-saved registers keep their value. psABI 3.2.1. */
  registers: ReadonlyMap<number, RegisterRule>;
  /** The column that holds the return address: 16. */
  returnAddress: number;
  /** The frame is a signal handler's trampoline: its return address is not after a call. */
  isSignalFrame: boolean;
  /** DW_CFA_GNU_args_size. */
  argumentsSize: number;
}
