// The guest's side of the person's terminal or pipes: input is a log of arrivals, each tied to a kernel entry, so that a run can be repeated.
// Output goes to the host at once. No line discipline: that is the kernel's tty.
import type { Console, Pending } from '../kernel/arch/x86/ports';
import type { HostConsole } from './host';

interface Arrival {
  /** The kernel entry (a count) from which on the guest can see it. */
  entry: number;
  bytes: Uint8Array | 'eof';
}

/** How far the guest has read: all that a checkpoint needs, beside the log. */
export interface ConsolePosition { arrival: number; offset: number }

const UNITS = 3;

export class RecordedConsole implements Console {
  /** By unit. */
  private readonly arrivals: Arrival[][] = Array.from({ length: UNITS }, () => []);
  private readonly positions: ConsolePosition[] = Array.from({ length: UNITS }, () => ({ arrival: 0, offset: 0 }));
  private readonly host: HostConsole;
  private readonly entries: () => number;
  /** Someone has looked for input that was not there. */
  wantsInput = false;
  /** Off while a run is repeated: what was written then is not written again. */
  isOutputOn = true;
  /** On while an entry is run again and again: what the host has by then waits. */
  isInputHeld = false;

  constructor(host: HostConsole, entries: () => number) {
    this.host = host;
    this.entries = entries;
  }

  kind(unit: number): 'tty' | 'pipe' | 'file' | 'null' {
    return this.host.kind(unit);
  }

  windowSize(): { rows: number; columns: number } {
    return this.host.windowSize();
  }

  write(unit: number, bytes: Uint8Array): void {
    if (this.isOutputOn) this.host.write(unit, bytes);
  }

  read(unit: number, length: number): Uint8Array | Pending {
    const found = this.find(unit);
    if (!found) {
      this.wantsInput = true;
      return 'pending';
    }
    if (found.bytes === 'eof' || length === 0) return new Uint8Array(0);
    const position = this.position(unit);
    const bytes = found.bytes.subarray(position.offset, position.offset + length);
    position.offset += bytes.length;
    if (position.offset === found.bytes.length) this.advance(unit);
    return bytes.slice();
  }

  isReadable(unit: number): boolean {
    if (this.find(unit)) return true;
    this.wantsInput = true;
    return false;
  }

  /** Takes what has come from the host into the log; true when there was something. */
  poll(): boolean {
    return this.wantsInput && this.fetch(0);
  }

  savePositions(): ConsolePosition[] {
    return this.positions.map(position => ({ ...position }));
  }

  loadPositions(positions: ConsolePosition[]): void {
    positions.forEach((position, unit) => Object.assign(this.position(unit), position));
  }

  private find(unit: number): Arrival | undefined {
    const known = this.arrivals[unit]?.[this.position(unit).arrival];
    if (known) return known.entry <= this.entries() ? known : undefined;
    return this.fetch(unit) ? this.arrivals[unit]?.[this.position(unit).arrival] : undefined;
  }

  private fetch(unit: number): boolean {
    if (this.isInputHeld) return false;
    const bytes = this.host.take(unit);
    if (bytes === null || (bytes !== 'eof' && bytes.length === 0)) return false;
    this.arrivals[unit]?.push({ entry: this.entries(), bytes });
    this.wantsInput = false;
    return true;
  }

  private advance(unit: number): void {
    const position = this.position(unit);
    position.arrival++;
    position.offset = 0;
  }

  private position(unit: number): ConsolePosition {
    const position = this.positions[unit];
    if (!position) throw new RangeError(`the console has no unit ${unit}`);
    return position;
  }
}
