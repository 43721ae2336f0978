// What a host is to the machine: the ports that host/node and host/web implement. Their answers are recorded (recorder.ts); they decide nothing.
import type { Position } from '../trace/position';
import type { ConsoleInputs } from './console';
import type { HostFiles, HostStat, LaunchFacts, Pending } from '../kernel/arch/x86/ports';
import type { FileAnswer, Wake } from './recorder';

export type { HostFiles, HostStat, LaunchFacts, Pending };

export type ConsoleKind = 'tty' | 'pipe' | 'file' | 'null';

/** The person's side of the guest's descriptors 0, 1 and 2. */
export interface HostConsole {
  kind(unit: number): ConsoleKind;
  windowSize(): { rows: number; columns: number };
  /** The size may change; then wait() resolves. Absent: it does not. */
  readonly isResizable?: boolean;
  write(unit: number, bytes: Uint8Array): void;
  /** Input that has come since the last call: bytes, 'eof' once at its end, or null for nothing yet. The first call starts the reading. */
  take(unit: number): Uint8Array | 'eof' | null;
  /** Resolves when take would answer, or after `milliseconds`; true when there is input. */
  wait(milliseconds: number): Promise<boolean>;
}

/** What is known of the host from an earlier run. */
export interface RecordedInputs {
  readonly answers: readonly [question: string, answer: { readonly answer: FileAnswer; readonly since: number }][];
  readonly wakes: readonly Wake[];
  readonly console: ConsoleInputs;
  /** How far that run went. */
  readonly end: Position;
}

/** Where a processor's decoded code outlives it. A program does the same with it and without, only sooner; so it is no input. */
export interface CodeStore {
  /** What an earlier run of the program left. */
  read(program: string): Uint8Array | null;
  /** Asks for the code when the process ends; null: there is nothing new. */
  keepAtEnd(program: string, code: () => Uint8Array | null): void;
  /** A module of WebAssembly for the program's processor, which may have been compiled in an earlier run. `isCommon`: that of any program has it. */
  compile(program: string, bytes: Uint8Array<ArrayBuffer>, isCommon: boolean): object;
}

export interface Host {
  readonly files: HostFiles;
  readonly console: HostConsole;
  readonly facts: LaunchFacts;
  /** The wall clock at launch, nanoseconds since 1970. */
  readonly epochNs: bigint;
  readonly recorded?: RecordedInputs;
  readonly codeStore?: CodeStore;
  /** Real nanoseconds from an arbitrary start, for pacing. */
  elapsedNs(): number;
}
