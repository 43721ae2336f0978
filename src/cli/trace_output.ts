// The log of `ringside strace`: which options shape it, which calls it shows, and where it goes.
import { closeSync, openSync } from 'node:fs';
import { UserError } from '../base/errors';
import { writeAll } from '../host/node/console';
import { defaultOptions, type StraceOptions } from '../trace/options';
import type { Options } from './arguments';

/** The options of the trace room for those of the command line. */
export function straceOptions(options: Options): StraceOptions {
  const has = (shape: string): boolean => options.shape.includes(shape);
  return {
    ...defaultOptions,
    stringLimit: options.stringLimit ?? defaultOptions.stringLimit, hexStrings: has('xx') ? 'all' : has('x') ? 'nonascii' : 'none', verbose: has('v'), fdDetail: has('yy') ? 2 : has('y') ? 1 : 0,
    follow: options.followForks, toFile: options.output !== null, time: has('ttt') ? 'epoch' : has('tt') ? 'micros' : has('t') ? 'seconds' : 'none',
    relative: has('r'), callTimes: has('T'), instructionPointer: has('i'), callNumber: has('n'), status: has('Z') ? 'failed' : has('z') ? 'successful' : 'all',
    timeZoneMinutes: -new Date().getTimezoneOffset(), quiet: quietness(options), stackTraces: has('k'),
  };
}

/** -q twice is -qq. A log in a file has no messages beside it. */
function quietness({ shape, output }: Options): 0 | 1 | 2 | 3 {
  const given = shape.filter(run => run.startsWith('q')).join('').length;
  return given > 2 ? 3 : given === 2 ? 2 : given === 1 || output !== null ? 1 : 0;
}

const STDERR = 2, BUFFERED = 65536;

/** A place for the log: standard error, line by line, or a file, in larger pieces. Text is latin1: the guest's bytes. */
export class TraceOutput {
  private readonly fd: number;
  private text = '';
  /** For what is written. */
  private room = Buffer.alloc(0);

  constructor(path: string | null) {
    try {
      this.fd = path === null ? STDERR : openSync(path, 'w', 0o666);
    } catch (error) {
      throw new UserError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  write(text: string): void {
    this.text += text;
    if (this.fd === STDERR ? text.endsWith('\n') : this.text.length > BUFFERED) this.flush();
  }

  flush(): void {
    if (!this.text) return;
    if (this.room.length < this.text.length) this.room = Buffer.allocUnsafeSlow(this.text.length);
    writeAll(this.fd, this.room.subarray(0, this.room.write(this.text, 'latin1')));
    this.text = '';
  }

  close(): void {
    this.flush();
    if (this.fd !== STDERR) closeSync(this.fd);
  }
}
