// What the extension and the webviews know of the adapter beyond DAP: custom events and requests, one discriminated union each way. Types only.
import type { EventBatch } from '../trace/columns';

export interface FileWritten {
  /** Absolute, as the guest names it. */
  path: string;
  size: number;
  /** The contents in base64, for files of up to 1 MiB. */
  data?: string;
}

/** A system call at which the program stands, and the C line that made it. */
export interface CallNote {
  path: string;
  line: number;
  phase: 'enter' | 'exit';
  /** As strace prints it. */
  text: string;
  /** Of a refused call: the errno's name, and the check that refused it. */
  errno?: string;
  because?: string;
}

/** Events of the trace for charts, and what is known of the run besides. */
export interface TimingBatch {
  /** Another number for each launch, restarts included. */
  run: number;
  /** As EventBatch of the trace room has it, the columns in base64. */
  batch: Omit<EventBatch, 'columns'> & { columns: string };
  nowNs: number;
  isRunning: boolean;
  /** Nanoseconds of the real call behind each function of the vDSO, by the cost model. */
  realCallNs: Record<string, number>;
  /** There is more. */
  hasMore: boolean;
}

/** Rows below `variablesReference`, until the program goes on; `task` says whose they are. */
export interface KernelRows { task: string; variablesReference: number }

/** Whole lines of the strace log, and for each the position (trace/position.ts) at which it was begun. */
export interface TraceRows { text: string; places: string[] }

/** Rows of the log from row `from` on, of `length`: as many as one answer takes. */
export type TraceLog = TraceRows & { from: number; length: number };

/** What a terminal is to show next, in base64. `isFresh`: on an empty screen. */
export interface TerminalPart { data: string; isFresh?: boolean }

/** Custom DAP events. */
export type RingsideEvent =
  /** Before `terminated`, when the program has written files in the sandbox. */
  | { event: 'ringside/filesWritten'; body: { files: FileWritten[] } }
  /** The call of a stop; without one when the program goes on. */
  | { event: 'ringside/callNote'; body: { note?: CallNote } }
  /** Before `terminated`: what no `ringside/timing` request has fetched. */
  | { event: 'ringside/timing'; body: TimingBatch }
  /** A change waits: may what was recorded after `position`, up to `end`, be discarded? Answered by ringside/answerPastEdit. To clients that said at ringside/client that they ask. */
  | { event: 'ringside/askPastEdit'; body: { position: string; end: string } }
  /** Where in the recording a stop is, and where that ends: one token each (trace/position.ts). */
  | { event: 'ringside/position'; body: { position: string; end: string; isInPast: boolean } }
  /** What the program's terminal shows at this instant, as a difference from before. To clients that said at ringside/client that they show it. */
  | { event: 'ringside/terminal'; body: TerminalPart }
  /** New rows of the strace log: `from` is the first one's number, and what was told from there on before is no more. With `isFirst` they begin the log of another launch. */
  | { event: 'ringside/trace'; body: TraceRows & { from: number; isFirst?: boolean } };

/** Custom DAP requests. */
export type RingsideRequest =
  /** A file of the guest; answered until the session disconnects. */
  | { command: 'ringside/readFile'; arguments: { path: string }; body: { data: string } }
  /** To that place of the recording; answered before it is reached, a stop follows. */
  | { command: 'ringside/goTo'; arguments: { position: string }; body: undefined }
  /** Backwards to the caller of a frame's function (default: the innermost), or to the last system call; answered before it is reached, a stop follows. */
  | { command: 'ringside/goBack'; arguments: { to: 'caller' | 'syscall'; frameId?: number; threadId?: number }; body: undefined }
  /** What the client can do beyond DAP. */
  | { command: 'ringside/client'; arguments: { asksPastEdit?: boolean; showsTerminal?: boolean }; body: undefined }
  /** The person's answer to ringside/askPastEdit. */
  | { command: 'ringside/answerPastEdit'; arguments: { isAgreed: boolean }; body: undefined }
  /** Text for the program's terminal. */
  | { command: 'ringside/input'; arguments: { text: string }; body: undefined }
  /** At most `limit` events that have come since the last request, oldest first; with `from`, those from that one on, though they are not kept any more. */
  | { command: 'ringside/timing'; arguments: { limit: number; from?: number }; body: TimingBatch }
  /** The kernel's objects behind a thread (default: the one that stopped), as rows for the DAP request `variables`. */
  | { command: 'ringside/kernel'; arguments: { threadId?: number }; body: KernelRows }
  /** Why a thread does not go on: one line a thread that waits, the one asked for first. */
  | { command: 'ringside/why'; arguments: { threadId?: number }; body: { lines: string[] } }
  /** The strace log from its beginning, or from a row on (`count` rows at most), though it is not kept any more. */
  | { command: 'ringside/traceLog'; arguments: { from?: number; count?: number }; body: TraceLog };

/** Files longer than this come by `ringside/readFile` only. */
export const FILE_DATA_LIMIT = 1 << 20;
