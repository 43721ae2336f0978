// The rows of a strace log that are shown: the newest, as they come, and older ones as far as a person has scrolled back. Both are bounded; what lies between is a
// line that says so. Not here: the editor (strace_log.ts), where rows come from (machine/log_rows.ts).

/** Rows one after another; `rows` without their line ends. */
interface Block { first: number; rows: string[]; places: string[]; characters: number }

/** Where rows are that are not shown: [from, to). */
export interface Gap { from: number; to: number }

/** A line of the text: a row with the place at which it was begun, or a gap. */
type Line = { row: number; place: string } | { gap: Gap };

/** Characters of the newest rows that are kept, and of older ones; rows that are asked for at a time, of which one answer is always kept. */
const LIMITS = { newest: 2 << 20, older: 1 << 20, page: 5000 };

export class LogWindow {
  private readonly newest: Block = empty();
  private older: Block = empty();
  private text: string | undefined;
  private lines: Line[] = [];

  /** `explain`: the words for rows that are not shown. */
  constructor(private readonly explain: (gap: Gap) => string, private readonly limits = LIMITS) {}

  /** How many rows the log has. */
  get length(): number { return endOf(this.newest); }

  /** Rows that follow; where there were others before from `from` on, those are no more. */
  append(from: number, rows: readonly string[], places: readonly string[]): void {
    const { newest, older } = this;
    if (from < endOf(older)) cut(older, from);
    if (from < newest.first) Object.assign(newest, empty(), { first: from });
    cut(newest, from);
    if (from > endOf(newest)) Object.assign(newest, empty(), { first: from });
    add(newest, rows, places);
    drop(newest, this.limits.newest);
    this.text = undefined;
  }

  /** Another run begins. */
  clear(): void {
    Object.assign(this.newest, empty());
    this.older = empty();
    this.text = undefined;
  }

  /** What to ask for, so that the rows next to a gap are there: those before what is shown, or those after older ones. */
  wish({ from, to }: Gap): { from: number; count: number } {
    const { page } = this.limits, isAfterOlder = this.older.rows.length > 0 && from === endOf(this.older);
    const first = isAfterOlder ? from : Math.max(from, to - page);
    return { from: first, count: Math.min(page, to - first) };
  }

  /** Rows that were asked for. The ones farthest from them go, where there are too many. */
  insert(from: number, rows: readonly string[], places: readonly string[]): void {
    const { older, newest } = this;
    const count = Math.min(rows.length, newest.first - from);
    if (count <= 0) return;
    const block: Block = empty(from);
    add(block, rows.slice(0, count), places.slice(0, count));
    if (older.rows.length > 0 && from === endOf(older)) {
      add(older, block.rows, block.places);
      drop(older, this.limits.older);
    } else {
      if (endOf(block) === older.first) add(block, older.rows, older.places);
      this.older = block;
      while (block.characters > this.limits.older && block.rows.length > rows.length) {
        block.characters -= (block.rows.pop()?.length ?? 0) + 1;
        block.places.pop();
      }
    }
    this.text = undefined;
  }

  /** The words of gaps have changed. */
  changed(): void { this.text = undefined; }

  render(): string {
    if (this.text !== undefined) return this.text;
    const texts: string[] = [];
    this.lines = [];
    let at = 0;
    for (const block of [this.older, this.newest]) {
      if (block.rows.length === 0) continue;
      if (block.first > at) {
        const gap = { from: at, to: block.first };
        texts.push(this.explain(gap));
        this.lines.push({ gap });
      }
      block.rows.forEach((text, i) => { texts.push(text); this.lines.push({ row: block.first + i, place: block.places[i] ?? '' }); });
      at = endOf(block);
    }
    if (texts.length > 0) texts.push('');
    return this.text = texts.join('\n');
  }

  /** Of the text as it was rendered last. */
  placeAt(line: number): string {
    const found = this.lines[line];
    return found && 'place' in found ? found.place : '';
  }
  gapAt(line: number): Gap | undefined {
    const found = this.lines[line];
    return found && 'gap' in found ? found.gap : undefined;
  }
  /** The line of a row; -1: not shown. */
  lineOf(row: number): number { return this.lines.findIndex(line => 'row' in line && line.row === row); }
  rowAt(line: number): number | undefined {
    const found = this.lines[line];
    return found && 'row' in found ? found.row : undefined;
  }

  /** The last line of a row that was begun at or before a position; -1: none, or it is in a gap. */
  lineBefore(position: string): number {
    const [instructions = 0, entry = 0] = position.split('.').map(Number);
    for (let line = this.lines.length - 1; line >= 0; line--) {
      const found = this.lines[line];
      if (!found || !('place' in found)) continue;
      const [i = 0, e = 0] = found.place.split('.').map(text => parseInt(text, 10));
      if (i < instructions || i === instructions && e <= entry) return line + 1 < this.lines.length && this.gapAt(line + 1) ? -1 : line;
    }
    return -1;
  }
}

const empty = (first = 0): Block => ({ first, rows: [], places: [], characters: 0 });
const endOf = ({ first, rows }: Block): number => first + rows.length;

function add(block: Block, rows: readonly string[], places: readonly string[]): void {
  for (const row of rows) { block.rows.push(row); block.characters += row.length + 1; }
  for (const place of places) block.places.push(place);
}

/** Rows from `end` on go. */
function cut(block: Block, end: number): void {
  const kept = Math.max(0, end - block.first);
  if (kept >= block.rows.length) return;
  for (const row of block.rows.splice(kept)) block.characters -= row.length + 1;
  block.places.length = kept;
}

/** The oldest go; in pieces, since each time costs. */
function drop(block: Block, most: number): void {
  if (block.characters <= most) return;
  let gone = 0;
  for (; block.characters > most * 0.75 && gone < block.rows.length - 1; gone++) block.characters -= (block.rows[gone]?.length ?? 0) + 1;
  block.rows.splice(0, gone);
  block.places.splice(0, gone);
  block.first += gone;
}
