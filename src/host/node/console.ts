// The terminal, pipes or files that this process was started with, as the guest's descriptors 0, 1 and 2.
import fs from 'node:fs';
import { devNull } from 'node:os';
import type { ConsoleKind, HostConsole } from '../../machine/host';

const CHUNK = 65536;
const CTRL_C = 3, PATIENCE_MS = 500;

function kindOf(unit: number): ConsoleKind {
  try {
    const stat = fs.fstatSync(unit);
    if (stat.isFIFO() || stat.isSocket()) return 'pipe';
    if (stat.isFile()) return 'file';
    // Only what may be a terminal is made a stream: streams take a while to load.
    return !isNullDevice(stat) && (unit === 0 ? process.stdin : unit === 1 ? process.stdout : process.stderr).isTTY ? 'tty' : 'null';
  } catch (error) {
    if (error instanceof Error) return 'null';
    throw error;
  }
}

function isNullDevice({ rdev }: fs.Stats): boolean {
  const none = process.platform === 'win32' ? undefined : fs.statSync(devNull, { throwIfNoEntry: false });
  return none !== undefined && none.isCharacterDevice() && none.rdev === rdev;
}

/** Standard input and output of this process. Input is read only once somebody asks for it. */
export class NodeConsole implements HostConsole {
  private readonly kinds = [kindOf(0), kindOf(1), kindOf(2)];
  private arrived: Uint8Array[] = [];
  private ended = false;
  private told = false;
  private reading = false;
  private isWatching = false;
  private wake: (() => void) | null = null;

  kind(unit: number): ConsoleKind {
    return this.kinds[unit] ?? 'null';
  }

  windowSize(): { rows: number; columns: number } {
    const terminal = [process.stdout, process.stderr].find(stream => stream.isTTY);
    return { rows: terminal?.rows ?? 24, columns: terminal?.columns ?? 80 };
  }

  get isResizable(): boolean { return process.stdout.isTTY || process.stderr.isTTY; }

  write(unit: number, bytes: Uint8Array): void {
    writeAll(unit, bytes);
  }

  take(unit: number): Uint8Array | 'eof' | null {
    if (unit !== 0 || this.kinds[0] === 'null') return this.end();
    if (this.kinds[0] === 'file') {
      const bytes = new Uint8Array(CHUNK);
      const count = fs.readSync(0, bytes, 0, CHUNK, null);
      return count === 0 ? this.end() : bytes.slice(0, count);
    }
    this.listen();
    return this.arrived.shift() ?? (this.ended ? this.end() : null);
  }

  wait(milliseconds: number): Promise<boolean> {
    const present = (): boolean => this.arrived.length > 0 || (this.ended && !this.told);
    const isSilent = this.kinds[0] === 'file' || this.kinds[0] === 'null';
    if (isSilent && !this.isResizable || present()) return Promise.resolve(!this.told);
    return new Promise(resolve => {
      // Without a timer nothing would keep this process alive for the window's sake.
      const timer = setTimeout(() => finish(), Math.min(milliseconds, 0x7fffffff));
      const finish = (): void => {
        clearTimeout(timer);
        this.wake = null;
        resolve(present());
      };
      this.wake = finish;
      this.watchWindow();
      if (!isSilent) this.listen();
    });
  }

  /** Gives the terminal back and stops reading, so that the process can end. */
  close(): void {
    if (!this.reading) return;
    if (this.kinds[0] === 'tty') process.stdin.setRawMode(false);
    process.stdin.destroy();
  }

  /** A guest that does not read its terminal would not notice Ctrl-C: then it ends the whole process, as it does without raw mode. */
  private interruptIfUnread(bytes: Uint8Array): void {
    if (!this.arrived.includes(bytes)) return;
    this.close();
    process.kill(process.pid, 'SIGINT');
  }

  private end(): 'eof' | null {
    if (this.told) return null;
    this.told = true;
    return 'eof';
  }

  private watchWindow(): void {
    if (this.isWatching) return;
    this.isWatching = true;
    for (const stream of [process.stdout, process.stderr]) if (stream.isTTY) stream.on('resize', () => this.wake?.());
  }

  private listen(): void {
    if (this.reading) return;
    this.reading = true;
    // The guest's terminal has a line discipline of its own: echo, line editing and Ctrl-C are its business.
    if (this.kinds[0] === 'tty') process.stdin.setRawMode(true);
    this.watchWindow();
    process.stdin.on('data', (chunk: Buffer) => {
      const bytes = new Uint8Array(chunk);
      this.arrived.push(bytes);
      this.wake?.();
      if (this.kinds[0] === 'tty' && bytes.includes(CTRL_C)) setTimeout(() => this.interruptIfUnread(bytes), PATIENCE_MS).unref();
    });
    const end = (): void => { this.ended = true; this.wake?.(); };
    process.stdin.on('end', end);
    process.stdin.on('error', end);
  }
}

/** Writes all of `bytes`, waiting for a slow reader; a reader that has gone ends this process as SIGPIPE would. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  let done = 0;
  while (done < bytes.length) {
    try {
      done += fs.writeSync(fd, bytes, done, bytes.length - done);
    } catch (error) {
      const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
      if (code === 'EAGAIN') Atomics.wait(pause, 0, 0, 2);
      else if (code === 'EPIPE') process.exit(141);
      else throw error;
    }
  }
}
