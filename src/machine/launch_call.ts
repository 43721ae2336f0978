// The execve by which the parent of the first process started it. It happened outside the machine, so its arguments stand in no page of the guest:
// this is the memory that the log reads them from.
import type { EventSink } from '../kernel/arch/x86/ports';
import type { MemoryReader } from '../trace/memory';

export const FIRST_PID = 1001;
const EXECVE = 59;
/** Where a shell's stack would have them. */
const BASE = 0x7fffffffe000;

export class LaunchCall {
  private readonly bytes: Uint8Array;
  private readonly argvAt: number;
  private readonly envpAt: number;
  private isOpen = false;

  constructor(options: { program: string; argv: string[]; env: string[] }) {
    const strings = [options.program, ...options.argv, ...options.env];
    const stringBytes = strings.reduce((sum, text) => sum + text.length + 1, 0);
    const pointers = options.argv.length + options.env.length + 2;
    const at = Math.ceil(stringBytes / 8) * 8;
    this.bytes = new Uint8Array(at + pointers * 8);
    this.argvAt = BASE + at;
    this.envpAt = BASE + at + (options.argv.length + 1) * 8;
    const view = new DataView(this.bytes.buffer);
    let next = 0, slot = at;
    strings.forEach((text, i) => {
      if (i > 0) {
        view.setBigUint64(slot, BigInt(BASE + next), true);
        slot += i === options.argv.length ? 16 : 8;
      }
      for (let k = 0; k < text.length; k++) this.bytes[next + k] = text.charCodeAt(k);
      next += text.length + 1;
    });
  }

  /** The memory of the first process while its call is open. */
  memory(pid: number): MemoryReader | null {
    if (!this.isOpen || pid !== FIRST_PID) return null;
    return {
      read: (address, length) => {
        const at = address - BASE;
        return at < 0 || at >= this.bytes.length ? null : this.bytes.subarray(at, at + length);
      },
    };
  }

  begin(events: EventSink): void {
    this.isOpen = true;
    const words = [BASE, this.argvAt, this.envpAt, 0, 0, 0].flatMap(value => [value % 2 ** 32, Math.floor(value / 2 ** 32)]);
    events.syscallEnter(FIRST_PID, EXECVE, 'x86-64', Float64Array.from(words));
  }

  end(events: EventSink): void {
    this.isOpen = false;
    events.syscallExit(FIRST_PID, EXECVE, 0, null);
  }
}
