// What the debugger tells when the machine has come to a stop. Not here: coming to it (debugger.ts).
import type { CallFacts, SignalFacts } from './target';

export type StopReason = 'entry' | 'step' | 'breakpoint' | 'function breakpoint' | 'instruction breakpoint' | 'data breakpoint' | 'syscall' | 'signal' | 'pause' | 'deadlock' | 'error' | 'goto';

export interface StopReport {
  kind: 'stopped';
  reason: StopReason;
  pid: number;
  /** One line for the person: the decoded call, the signal, why. */
  text?: string;
  hitBreakpointIds: number[];
  call?: CallFacts;
  phase?: 'enter' | 'exit';
  signal?: SignalFacts;
  waits?: string[];
  /** A step by lines has ended where there are none: the place is to be shown as machine code. */
  isInstruction?: boolean;
}

export type Report = StopReport
  | { kind: 'exited'; status: number; signal?: string }
  /** Still going, but nothing to do for that long. */
  | { kind: 'idle'; waitMs: number };
