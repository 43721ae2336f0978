// What a person may ask of the log: the options of strace 6.1 that change text.
import type { HexStrings } from './format/text';

export interface TextOptions {
  /** -s: bytes of a string that are printed. */
  stringLimit: number;
  /** -x, -xx. */
  hexStrings: HexStrings;
  /** -v: structures in full. */
  verbose: boolean;
  /** -y: 1, paths; -yy: 2, protocol and device details too. */
  fdDetail: 0 | 1 | 2;
}

export interface StraceOptions extends TextOptions {
  /** -f: children too; with `toFile` every line starts with the pid. */
  follow: boolean;
  /** -o FILE: where the prefix of a process is `123   ` rather than `[pid   123] `. */
  toFile: boolean;
  /** -a: the column of the result. */
  column: number;
  /** -t, -tt, -ttt. */
  time: 'none' | 'seconds' | 'micros' | 'epoch';
  /** -r. */
  relative: boolean;
  /** -T. */
  callTimes: boolean;
  /** -i. */
  instructionPointer: boolean;
  /** -n. */
  callNumber: boolean;
  /** -z: only calls that succeed; -Z: only calls that fail. */
  status: 'all' | 'successful' | 'failed';
  /** Minutes east of Greenwich of the wall clock that -t prints. */
  timeZoneMinutes: number;
  /** -q: how often it was given. 1: no messages, 2: no ends of processes either, 3: no execve of another thread either. */
  quiet: 0 | 1 | 2 | 3;
  /** -k: under each call and signal the call stack. */
  stackTraces: boolean;
}

export const defaultOptions: StraceOptions = {
  stringLimit: 32, hexStrings: 'none', verbose: false, fdDetail: 0, follow: false, toFile: true, column: 40, time: 'none', relative: false,
  callTimes: false, instructionPointer: false, callNumber: false, status: 'all', timeZoneMinutes: 0,
  quiet: 0, stackTraces: false,
};
