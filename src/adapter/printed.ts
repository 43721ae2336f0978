// What the program has printed, by how many bytes it had printed before: so that a terminal shows at each instant of the recording what it showed then.
// Not here: who counts the bytes (machine/console.ts), the terminal itself (extension/program_terminal.ts).
import { withoutSequences } from './console_text';

/** The newest bytes that are kept: many screens full. */
const MOST = 1 << 20;

/** What a terminal has to add, perhaps after it was emptied. */
export interface Part { readonly bytes: Uint8Array; readonly isFresh: boolean }

export class Printed {
  private readonly pieces: { readonly from: number; readonly bytes: Uint8Array }[] = [];
  private kept = 0;
  private shown = 0;

  /** Where what was recorded ends. */
  get length(): number {
    const last = this.pieces[this.pieces.length - 1];
    return last ? last.from + last.bytes.length : 0;
  }

  /** Bytes that were printed after `from` others; what else had been printed after those never was. */
  add(from: number, bytes: Uint8Array): void {
    this.cut(from);
    this.pieces.push({ from, bytes: bytes.slice() });
    this.kept += bytes.length;
    while (this.kept > MOST && this.pieces.length > 1) this.kept -= this.pieces.shift()?.bytes.length ?? 0;
  }

  /** What takes a terminal from what it shows to what it showed when so much had been printed; undefined: nothing. */
  show(length: number): Part | undefined {
    const { shown } = this;
    if (length === shown) return undefined;
    this.shown = length;
    return length > shown ? { bytes: this.between(shown, length), isFresh: false } : this.whole();
  }

  /** All that a terminal shows now. */
  whole(): Part { return { bytes: this.between(0, this.shown), isFresh: true }; }

  /** In words, for a console that cannot take back what stands in it. */
  sentence(length: number): string {
    const { length: all } = this, decoder = new TextDecoder();
    if (length === 0) return 'the program had printed nothing yet';
    const text = decoder.decode(this.between(Math.max(0, length - LAST_LINES), length)).trimEnd(), last = visible(text.slice(text.lastIndexOf('\n') + 1));
    const what = `${length.toLocaleString('en')} of ${Math.max(all, length).toLocaleString('en')} bytes`;
    return last === '' ? `the program had printed ${what}` : `the program had printed ${what}, up to: ${last}`;
  }

  private between(from: number, to: number): Uint8Array {
    const found = this.pieces.filter(piece => piece.from < to && piece.from + piece.bytes.length > from);
    return Buffer.concat(found.map(piece => piece.bytes.subarray(Math.max(0, from - piece.from), to - piece.from)));
  }

  private cut(end: number): void {
    for (let last = this.pieces.pop(); last; last = this.pieces.pop()) {
      if (last.from + last.bytes.length <= end) { this.pieces.push(last); return; }
      this.kept -= last.bytes.length;
      if (last.from >= end) continue;
      const bytes = last.bytes.subarray(0, end - last.from);
      this.kept += bytes.length;
      this.pieces.push({ from: last.from, bytes });
      return;
    }
  }
}

/** Bytes in which the last line is looked for, and characters of it that are shown. */
const LAST_LINES = 4096, MOST_SHOWN = 80;

/** A line without what only a terminal understands. */
function visible(line: string): string {
  const text = withoutSequences(line).replace(/\p{Cc}/gu, '').trim();
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;
}
