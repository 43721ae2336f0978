// The strace log of a run as rows, each with the place at which it was begun. The newest are kept in bounded memory; older ones are derived again: the run is
// repeated from before them, and a log that knows what this one knew then writes them. Not here: repeating (timeline.ts), the text (trace/strace_text.ts).
import { defaultOptions } from '../trace/options';
import { comparePositions, formatEventPlace, parseEventPlace, type Position } from '../trace/position';
import { StraceLog, type StraceState } from '../trace/strace_text';
import type { Session } from './assemble';
import { last } from './event_history';
import type { Timeline } from './timeline';

/** Whole lines, and for each the position (trace/position.ts) at which it was begun. */
export interface Rows { text: string; places: string[] }

/** A line comes in pieces. */
interface Line { text: string; place: string }

/** Rows from one place of the run to the next; `text` null: dropped. */
interface Piece { readonly first: number; count: number; text: string | null; places: string[]; position: Position; /** Null: they cannot be derived, and stay. */ begin: Begin | null }
interface Begin { readonly log: StraceState; readonly line: Line }

const START: Position = { instructions: 0, entry: 0, probe: 0 };

/** What a place takes beside its row. */
const PLACE_BYTES = 40;
/** A piece has so many characters at least, or its share of what may be kept. */
const ENOUGH = 4096;
const MOST_PIECES = 4096;

export class LogRows {
  private readonly log: StraceLog;
  private readonly pieces: Piece[] = [{ first: 0, count: 0, text: '', places: [], position: START, begin: null }];
  private readonly line: Line = { text: '', place: '' };
  private fresh: Rows = { text: '', places: [] };
  /** Rows that `take` has given. */
  private told = 0;
  /** What the rows take that are kept. */
  bytes = 0;
  private timeline: Timeline | undefined;

  /** `decode` makes text of the log's bytes. */
  constructor(private readonly session: Session, private readonly decode: (latin1: string) => string, private readonly maxBytes: number) {
    this.log = new StraceLog(session.logSource, defaultOptions, text => {
      if (!this.add(this.line, text)) return;
      this.append(this.line);
      this.line.text = '';
    });
    session.machine.listen(this.log);
  }

  /** From now on rows can be derived again. */
  follow(timeline: Timeline): void {
    this.timeline = timeline;
    this.mark(timeline.position);
  }

  /** How many rows there are. */
  get length(): number { return this.newest.first + this.newest.count; }

  /** Rows that have come since the last time, from row `from` on: those that were told from there on before are no more. Undefined: nothing is new. */
  take(): Rows & { from: number } | undefined {
    const { fresh, length } = this, from = length - fresh.places.length;
    if (from === this.told && fresh.places.length === 0) return undefined;
    this.fresh = { text: '', places: [] };
    this.told = length;
    return { ...fresh, from };
  }

  /** Rows from row `from` on, about `most` characters of them and `count` at most, whether they are kept or not. */
  rows(from: number, most: number, count = Infinity): Rows {
    const rows: Rows = { text: '', places: [] };
    const { pieces } = this, end = from + count;
    for (let i = 0; i < pieces.length && rows.text.length < most; i++) {
      const piece = pieces[i];
      if (!piece || piece.first + piece.count <= from) continue;
      if (piece.first >= end) break;
      const start = Math.max(from, piece.first);
      if (piece.text === null) {
        // One replay for all that were dropped after it.
        while (pieces[i + 1]?.text === null) i++;
        this.derive(piece, start, Math.min(end, this.endOf(i)), most, rows);
      } else {
        const [first, last] = [start - piece.first, Math.min(piece.count, end - piece.first)];
        rows.text += piece.text.slice(lineAt(piece.text, first), lineAt(piece.text, last));
        rows.places.push(...piece.places.slice(first, last));
      }
    }
    return rows;
  }

  /** Told of places in the order of the run: timeline.ts. */
  mark(position: Position): void {
    const { newest, pieces } = this;
    if (newest.count > 0 && newest.begin && (newest.text?.length ?? 0) < Math.min(ENOUGH, this.maxBytes / 16)) return;
    const begin = { log: this.log.saveState(), line: { ...this.line } };
    if (newest.count === 0) Object.assign(newest, { position, begin });
    else pieces.push({ first: this.length, count: 0, text: '', places: [], position, begin });
    this.drop();
    if (pieces.length > MOST_PIECES) this.join();
  }

  /** Told before what comes after here is forgotten: those rows go; the last ones before cannot be derived any more, since the log says that the past was changed. */
  beforeForget(): void {
    const here = this.timeline?.position;
    if (!here) return;
    const isBefore = (place: string | undefined): boolean => { const at = parseEventPlace(place ?? '')?.position; return at !== undefined && comparePositions(at, here) < 0; };
    const cut = last(this.pieces, piece => comparePositions(piece.position, here) <= 0);
    if (!cut) return;
    const before = { text: cut.text ?? '', places: cut.places }, freshFrom = this.length - this.fresh.places.length;
    if (cut.text === null) this.derive(cut, cut.first, cut.first + cut.count, Infinity, before);
    const { text, places } = before, count = places.findIndex(place => !isBefore(place));
    const kept = count < 0 ? cut.count : count;
    for (const gone of this.pieces.splice(this.pieces.indexOf(cut))) this.bytes -= sizeOf(gone);
    const pinned: Piece = { first: cut.first, count: kept, text: text.slice(0, lineAt(text, kept)), places: places.slice(0, kept), position: cut.position, begin: null };
    this.pieces.push(pinned);
    this.bytes += sizeOf(pinned);
    const { fresh, length } = this, stays = Math.max(0, length - freshFrom);
    this.fresh = { text: fresh.text.slice(0, lineAt(fresh.text, stays)), places: fresh.places.slice(0, stays) };
    if (this.line.text === '' || isBefore(this.line.place)) return;
    this.line.text = '';
    this.log.loadState({ ...this.log.saveState(), lineOwner: null, column: 0 });
  }

  private get newest(): Piece { return this.pieces[this.pieces.length - 1] as Piece; }

  /** True: the line is complete. */
  private add(line: Line, text: string): boolean {
    if (line.text === '') line.place = this.placeHere();
    line.text += this.decode(text);
    return line.text.endsWith('\n');
  }

  private placeHere(): string {
    const { instant, eventOfEntry } = this.session.machine;
    return formatEventPlace({ position: instant, event: eventOfEntry });
  }

  private append({ text, place }: Line): void {
    const { newest, fresh } = this;
    fresh.text += text;
    fresh.places.push(place);
    newest.text += text;
    newest.places.push(place);
    newest.count++;
    this.bytes += text.length + PLACE_BYTES;
  }

  private endOf(index: number): number {
    const piece = this.pieces[index];
    return piece ? piece.first + piece.count : 0;
  }

  /** Adds rows from `start` to `end`, of which `piece` has the first, until there are about `most` characters. */
  private derive({ first, position, begin }: Piece, start: number, end: number, most: number, rows: Rows): void {
    if (!begin || !this.timeline) return;
    let at = first;
    const isDone = (): boolean => at >= end || rows.text.length >= most;
    const line = { ...begin.line };
    const log = new StraceLog(this.session.logSource, defaultOptions, text => {
      if (!this.add(line, text)) return;
      if (at >= start && !isDone()) {
        rows.text += line.text;
        rows.places.push(line.place);
      }
      if (!isDone()) at++;
      line.text = '';
    });
    log.loadState(begin.log);
    this.timeline.replay(position, [log], isDone);
  }

  /** The oldest go, as long as the rest takes too much; never the piece that grows. */
  private drop(): void {
    for (const piece of this.pieces) {
      if (this.bytes <= this.maxBytes || piece === this.newest) return;
      if (piece.text === null || !piece.begin) continue;
      this.bytes -= sizeOf(piece);
      piece.text = null;
      piece.places = [];
    }
  }

  /** Of the pieces that were dropped every two become one. */
  private join(): void {
    const joined: Piece[] = [];
    let mayGrow = false;
    for (const piece of this.pieces) {
      const before = joined[joined.length - 1];
      mayGrow = !(mayGrow && before?.text === null && piece.text === null);
      if (mayGrow) joined.push(piece);
      else if (before) before.count += piece.count;
    }
    this.pieces.splice(0, this.pieces.length, ...joined);
  }
}

const sizeOf = ({ text, count }: Piece): number => text === null ? 0 : text.length + count * PLACE_BYTES;

/** Where line `count` begins. */
function lineAt(text: string, count: number): number {
  let at = 0;
  for (let i = 0; i < count; i++) at = text.indexOf('\n', at) + 1;
  return at;
}
