// Where a log or a table goes: standard error, line by line, a file, in larger pieces, or with |COMMAND what a command reads.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { UserError } from '../base/errors';
import { writeAll } from '../host/node/console';

const STDERR = 2, BUFFERED = 65536;

/** Text is latin1: the guest's bytes. */
export class TraceOutput {
  private readonly fd: number | null;
  private text = '';
  /** For what is written. */
  private room = Buffer.alloc(0);

  /** Throws UserError when the file cannot be written. */
  constructor(private readonly path: string | null, appends = false) {
    this.fd = STDERR;
    if (path === null) return;
    if (/^[|!]/.test(path)) {
      this.fd = null;
      return;
    }
    try {
      this.fd = openSync(path, appends ? 'a' : 'w', 0o666);
    } catch (error) {
      throw new UserError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  write(text: string): void {
    this.text += text;
    if (this.fd === STDERR ? text.endsWith('\n') : this.text.length > BUFFERED) this.flush();
  }

  flush(): void {
    if (this.fd === null || !this.text) return;
    if (this.room.length < this.text.length) this.room = Buffer.allocUnsafeSlow(this.text.length);
    writeAll(this.fd, this.room.subarray(0, this.room.write(this.text, 'latin1')));
    this.text = '';
  }

  close(): void {
    this.flush();
    if (this.fd === null) spawnSync('/bin/sh', ['-c', (this.path ?? '').slice(1)], { input: Buffer.from(this.text, 'latin1'), stdio: ['pipe', 'inherit', 'inherit'] });
    else if (this.fd !== STDERR) closeSync(this.fd);
  }
}
