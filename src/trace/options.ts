// What a person may ask of the log: the options of strace 6.1 that change text.
import type { ConstStyle } from './format/flags';
import type { HexStrings } from './format/text';

/** What is told of a descriptor beside its number (-y, -yy, --decode-fds). */
export type FdDetail = 'path' | 'socket' | 'dev' | 'pidfd';

export interface TextOptions {
  /** -s: bytes of a string that are printed. */
  stringLimit: number;
  /** -x, -xx. */
  hexStrings: HexStrings;
  /** -v: structures in full. */
  verbose: boolean;
  /** -e verbose=: whether structures are printed at all, or their addresses. */
  dereferences: boolean;
  /** -e raw=: words only. */
  raw: boolean;
  /** -X. */
  constStyle: ConstStyle;
  /** Null: nothing, as without -y. */
  fdDetail: ReadonlySet<FdDetail> | null;
  /** -Y: names of processes beside their numbers. */
  comm: boolean;
}

/** Seconds, milliseconds, microseconds, nanoseconds: how many digits stand behind the point. */
export type Digits = 0 | 3 | 6 | 9;

/** What -q silences. */
export type Message = 'attach' | 'exit' | 'path-resolution' | 'personality' | 'thread-execve';

/** How a call may end, for -z, -Z and -e status=. */
export type CallStatus = 'successful' | 'failed' | 'unfinished' | 'unavailable' | 'detached';

export interface NameSet { has(name: string): boolean }
export interface NumberSet { has(number: number): boolean }

export interface StraceOptions extends TextOptions {
  /** -f: children too; with `toFile` every line starts with the pid. */
  follow: boolean;
  /** -o FILE: where the prefix of a process is `123   ` rather than `[pid   123] `. */
  toFile: boolean;
  /** -ff: a log for each process, so that no line has a prefix. */
  separate: boolean;
  /** -a: the column of the result. */
  column: number;
  /** -t, -tt, -ttt. */
  time: { readonly format: 'time' | 'unix'; readonly digits: Digits } | null;
  /** -r. */
  relative: Digits | null;
  /** -T. */
  callTimes: Digits | null;
  /** -i. */
  instructionPointer: boolean;
  /** -n. */
  callNumber: boolean;
  /** -z, -Z, -e status=: the ends of calls that are shown; null: all. */
  status: ReadonlySet<CallStatus> | null;
  /** Minutes east of Greenwich of the wall clock that -t prints. */
  timeZoneMinutes: number;
  /** -q, -e quiet=. */
  quiet: ReadonlySet<Message>;
  /** -k: under each call and signal the call stack. */
  stackTraces: boolean;
  /** -e abbrev=, verbose=, raw=: what differs from call to call; null: nothing. */
  byCall: ((name: string) => TextOptions) | null;
  /** -e read=, write=: descriptors whose data is shown in full. */
  dumps: { readonly read: NumberSet; readonly write: NumberSet } | null;
}

export const defaultOptions: StraceOptions = {
  stringLimit: 32, hexStrings: 'none', verbose: false, dereferences: true, raw: false, constStyle: 'abbrev', fdDetail: null, follow: false, toFile: true, separate: false, column: 40, time: null, relative: null,
  callTimes: null, instructionPointer: false, callNumber: false, status: null, timeZoneMinutes: 0, quiet: new Set(), stackTraces: false, comm: false, byCall: null, dumps: null,
};
