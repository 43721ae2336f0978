// The strace log of a run: it comes in pieces and goes out in whole lines, each with the place at which it was begun.
import { formatPosition, type Position } from '../trace/position';
import type { TraceRows } from './messages';

const LIMIT = 16 << 20;

export class TraceLines {
  private readonly all: TraceRows = { text: '', places: [] };
  private fresh: TraceRows = { text: '', places: [] };
  private line = '';
  private place = '';

  add(piece: string, position: Position | undefined): void {
    if (this.line === '') this.place = position ? formatPosition(position) : '';
    this.line += piece;
    if (!this.line.endsWith('\n')) return;
    this.fresh.text += this.line;
    this.fresh.places.push(this.place);
    this.line = '';
  }

  /** The lines that have come since the last time; undefined: none. */
  take(): TraceRows | undefined {
    const { fresh, all } = this;
    if (fresh.places.length === 0) return undefined;
    this.fresh = { text: '', places: [] };
    if (all.text.length < LIMIT) {
      all.text += fresh.text;
      all.places.push(...fresh.places);
    }
    return fresh;
  }

  /** From the beginning, as far as it has been taken and is kept. */
  get rows(): TraceRows { return this.all; }
}
