// From a launch configuration to a machine with the program in it. The session knows this interface only, so that tests may bring a machine of their own.
import type { OpenSymbols } from '../debugger/modules';
import type { SyscallCatalog } from '../debugger/syscall_filter';
import type { Target } from '../debugger/target';
import type { LaunchConfig } from './launchOptions';
import type { TraceRows } from './messages';
import type { Timing } from './timing';

/** What a launched machine tells while it runs. */
export interface LaunchListener {
  /** Bytes that the program wrote to descriptor 1 or 2. */
  output(unit: number, bytes: Uint8Array): void;
  /** One sentence for the person: an unsupported call, for example. */
  notice(sentence: string): void;
}

/** The strace log of a run. Rows that are not kept are derived again by whoever has them. */
export interface Log {
  readonly length: number;
  /** Rows that have come since the last time, from row `from` on; undefined: none. */
  take(): TraceRows & { from: number } | undefined;
  /** Rows from row `from` on, about `most` characters of them, `count` at most. */
  rows(from: number, most: number, count?: number): TraceRows;
}

export interface WrittenFile { path: string; size: number; data(): Uint8Array }

export interface Launched {
  target: Target;
  catalog: SyscallCatalog;
  openSymbols: OpenSymbols;
  /** The program's path as the guest names it. */
  programPath: string;
  /** The working directory as the guest names it. */
  cwd: string;
  /** The person's path of a file of the guest (its sysroot put before it). */
  toHostPath(guestPath: string): string;
  writtenFiles(): WrittenFile[];
  /** Resolves when there is input for the program, or after that time. */
  wait(milliseconds: number): Promise<unknown>;
  /** Bytes that the program has printed up to where it stands; while output is told, without that. Absent: nobody counts. */
  printed?(): number;
  /** What the person typed for the program. */
  type?(text: string): void;
  /** The program's file is still the one that was launched. Absent: nobody knows. */
  isProgramUnchanged?(): boolean;
  /** The strace log; absent where nobody writes it. */
  log?: Log;
  /** The events of the run; absent where nobody records them. */
  timing?: Timing;
  close(): void;
}

/** Throws UserError. */
export type Launcher = (config: LaunchConfig, listener: LaunchListener) => Launched;
