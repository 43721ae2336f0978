// The guest's side of the person's terminal or pipes: input is a log of arrivals, each tied to a kernel entry, so that a run can be repeated.
// Output goes to the host at once. No line discipline: that is the kernel's tty.
import type { Console, Pending } from '../kernel/arch/x86/ports';
import type { ConsoleKind, HostConsole } from './host';
import type { Course } from './recorder';

export interface Arrival {
  /** The kernel entry (a count) from which on the guest can see it. */
  readonly entry: number;
  readonly bytes: Uint8Array | 'eof';
}

export interface WindowSize { readonly entry: number; readonly rows: number; readonly columns: number }

/** What came from the host. */
export interface ConsoleInputs {
  readonly kinds: readonly ConsoleKind[];
  /** By unit. */
  readonly arrivals: readonly Arrival[][];
  readonly sizes: readonly WindowSize[];
}

/** How far the guest has read and written: all that a checkpoint needs, beside the log. */
export interface ConsoleState { readonly written: number; readonly positions: readonly { readonly arrival: number; readonly offset: number }[]; readonly wantsInput: boolean; readonly sizesSeen: number }

const UNITS = 3;

export class RecordedConsole implements Console {
  private readonly kinds: readonly ConsoleKind[];
  private readonly arrivals: Arrival[][];
  private readonly sizes: WindowSize[];
  /** Taken from the host for a future that will not be. */
  private readonly untaken: (Uint8Array | 'eof')[][] = Array.from({ length: UNITS }, () => []);
  private readonly positions = Array.from({ length: UNITS }, () => ({ arrival: 0, offset: 0 }));
  /** Someone has looked for input that was not there. */
  private wantsInput = false;
  /** Which of the sizes the guest knows. */
  private sizesSeen = 0;
  /** Off while a run is repeated: what was written then is not written again. */
  isOutputOn = true;
  /** Bytes that the guest has written up to here; while the host is given some, without those. */
  written = 0;
  /** On while an entry is run again and again: what the host has by then waits. */
  isInputHeld = false;

  constructor(private readonly host: HostConsole, private readonly course: Course, known?: ConsoleInputs) {
    this.kinds = known?.kinds ?? Array.from({ length: UNITS }, (_, unit) => host.kind(unit));
    this.arrivals = Array.from({ length: UNITS }, (_, unit) => known?.arrivals[unit]?.slice() ?? []);
    this.sizes = known?.sizes.slice() ?? [];
  }

  /** The person's window may get another size. */
  get isResizable(): boolean { return this.host.isResizable ?? false; }

  kind(unit: number): ConsoleKind {
    return this.kinds[unit] ?? 'null';
  }

  windowSize(): { rows: number; columns: number } {
    if (this.sizes.length === 0 && !this.course.isReplaying) this.sizes.push({ entry: this.course.entries, ...this.host.windowSize() });
    const { rows, columns } = this.sizes[this.sizesSeen] ?? { rows: 24, columns: 80 };
    return { rows, columns };
  }

  newWindowSize(): { rows: number; columns: number } | null {
    const before = this.sizesSeen, { entries } = this.course;
    for (let next = this.sizes[before + 1]; next && next.entry <= entries; next = this.sizes[this.sizesSeen + 1]) this.sizesSeen++;
    return this.sizesSeen === before ? null : this.windowSize();
  }

  write(unit: number, bytes: Uint8Array): void {
    if (this.isOutputOn) this.host.write(unit, bytes);
    this.written += bytes.length;
  }

  read(unit: number, length: number): Uint8Array | Pending {
    const found = this.find(unit);
    if (!found) return 'pending';
    if (found.bytes === 'eof' || length === 0) return new Uint8Array(0);
    const position = this.position(unit);
    const bytes = found.bytes.subarray(position.offset, position.offset + length);
    position.offset += bytes.length;
    if (position.offset === found.bytes.length) {
      position.arrival++;
      position.offset = 0;
    }
    return bytes.slice();
  }

  isReadable(unit: number): boolean {
    return this.find(unit) !== undefined;
  }

  /** Takes what has come from the host into the log, to be seen from the next kernel entry on; true when there was something. */
  poll(): boolean {
    const isResized = this.pollWindow();
    return this.wantsInput && this.fetch(0, this.course.entries + 1) || isResized;
  }

  /** Of that, the size of the window, which changes whether somebody waits or not. Nobody is told of one that was never asked for. */
  pollWindow(): boolean {
    const last = this.sizes[this.sizes.length - 1];
    if (!last) return false;
    const { rows, columns } = this.host.windowSize();
    if (rows === last.rows && columns === last.columns) return false;
    this.sizes.push({ entry: this.course.entries + 1, rows, columns });
    return true;
  }

  saveState(): ConsoleState {
    return { written: this.written, positions: this.positions.map(position => ({ ...position })), wantsInput: this.wantsInput, sizesSeen: this.sizesSeen };
  }

  loadState({ written, positions, wantsInput, sizesSeen }: ConsoleState): void {
    this.written = written;
    positions.forEach((position, unit) => Object.assign(this.position(unit), position));
    this.wantsInput = wantsInput;
    this.sizesSeen = sizesSeen;
  }

  /** The log, for a file. */
  inputs(): ConsoleInputs {
    return { kinds: this.kinds, arrivals: this.arrivals, sizes: this.sizes };
  }

  /** Input that came later is still to come. */
  forgetFuture(): void {
    const { entries } = this.course;
    this.arrivals.forEach((arrivals, unit) => {
      const kept = arrivals.filter(({ entry }) => entry <= entries);
      this.untaken[unit]?.unshift(...arrivals.slice(kept.length).map(({ bytes }) => bytes));
      this.arrivals[unit] = kept;
    });
    this.sizes.splice(0, Infinity, ...this.sizes.filter(({ entry }) => entry <= entries));
  }

  private find(unit: number): Arrival | undefined {
    const { entries } = this.course;
    const next = (): Arrival | undefined => this.arrivals[unit]?.[this.position(unit).arrival];
    if (!next() && !this.course.isReplaying && !this.isInputHeld) this.fetch(unit, entries);
    const found = next();
    const isThere = found !== undefined && found.entry <= entries;
    this.wantsInput = !isThere;
    return isThere ? found : undefined;
  }

  private fetch(unit: number, entry: number): boolean {
    const bytes = this.untaken[unit]?.shift() ?? this.host.take(unit);
    if (bytes === null || (bytes !== 'eof' && bytes.length === 0)) return false;
    this.arrivals[unit]?.push({ entry, bytes });
    return true;
  }

  private position(unit: number): { arrival: number; offset: number } {
    const position = this.positions[unit];
    if (!position) throw new RangeError(`the console has no unit ${unit}`);
    return position;
  }
}
