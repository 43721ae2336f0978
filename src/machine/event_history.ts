// Events that the log has dropped, derived again: the run is repeated from a place before them, and a log of its own listens. So a trace takes bounded memory
// and is whole nevertheless. Not here: repeating (timeline.ts), what an event is (trace/event.ts).
import { CHUNK_EVENTS, type EventChunk, type EventLog } from '../trace/event';
import { comparePositions, type Position } from '../trace/position';
import type { TimingFeed } from '../trace/timing_feed';
import type { Timeline } from './timeline';

/** A place of the run, and how many events come before it. */
interface Mark { readonly position: Position; readonly events: number }

/** So many marks are kept; then every other one of the older half goes. */
const MOST_MARKS = 4096;

export class EventHistory {
  private readonly marks: Mark[] = [];
  /** The first events, from before the first place that one can go back to. */
  private readonly head: EventChunk[];
  /** What was derived last: its feed, by the first event of the chunk. */
  private derived: { first: number; feed: TimingFeed } | undefined;

  constructor(private readonly timeline: Timeline, private readonly feed: TimingFeed) {
    const { log } = feed;
    this.head = Array.from({ length: log.length }, (_, index) => log.placeOf(index)).flatMap(place => place ? [place.chunk.single(place.row)] : []);
    for (const { first } of this.head) feed.keep(first);
    this.mark(timeline.position);
  }

  /** Told of places in the order of the run: timeline.ts. */
  mark(position: Position): void {
    this.marks.push({ position, events: this.feed.log.length });
    if (this.marks.length > MOST_MARKS) thin(this.marks);
  }

  /** Told before what comes after here is forgotten. */
  beforeForget(): void {
    const { timeline, feed, marks } = this, here = timeline.position;
    const [oldest] = feed.log.events();
    if (feed.log.first > 0 && oldest && comparePositions({ ...here, probe: 0 }, { instructions: oldest.instructions, entry: oldest.entry, probe: 0 }) <= 0) {
      const near = last(marks, mark => comparePositions(mark.position, here) <= 0)?.events ?? 0;
      const first = near - near % CHUNK_EVENTS, derived = this.derive(first, () => here);
      feed.log.rewind(derived.log, first);
      feed.rewind(derived);
    }
    while (marks.length > 1 && comparePositions(marks[marks.length - 1]?.position ?? here, here) > 0) marks.pop();
    this.derived = undefined;
  }

  /** A feed whose log has the chunk of event `index` as it was recorded at first. */
  feedWith(index: number): TimingFeed {
    const first = index - index % CHUNK_EVENTS;
    if (this.derived?.first !== first) this.derived = { first, feed: this.derive(first, log => () => log.length > first + CHUNK_EVENTS) };
    else this.settle(this.derived.feed, first);
    return this.derived.feed;
  }

  /** What ended since the events were derived, or after their chunk was full, has the end that it had. */
  private settle(derived: TimingFeed, first: number): void {
    for (const chunk of derived.log.columns(first)) {
      this.feed.log.settle(chunk);
      derived.settle(chunk, this.feed);
    }
  }

  private derive(first: number, until: (log: EventLog) => Position | (() => boolean)): TimingFeed {
    const { timeline, feed, marks } = this;
    const mark = last(marks, ({ events }) => events <= first) ?? marks[0] ?? { position: timeline.start, events: this.head.length };
    const log = feed.log.again(mark.events), again = feed.again(log);
    again.callSites.moved();
    timeline.replay(mark.position, [log, again], until(log));
    again.callSites.moved();
    for (const chunk of log.columns(first)) {
      for (const one of this.head) if (one.first >= chunk.first && one.first < chunk.first + CHUNK_EVENTS) chunk.take(one.first - chunk.first, one, 0);
    }
    this.settle(again, first);
    return again;
  }
}

/** The last one of which it is true; they come in an order in which it is true of the first ones. */
export function last<T>(items: readonly T[], isTrue: (item: T) => boolean): T | undefined {
  let low = 0, high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1, item = items[middle];
    if (item !== undefined && isTrue(item)) low = middle + 1;
    else high = middle;
  }
  return items[low - 1];
}

/** Drops every other one of the older half; the first one stays. */
function thin<T>(marks: T[]): void {
  const half = marks.length >> 1;
  marks.splice(0, half, ...marks.slice(0, half).filter((_, i) => i % 2 === 0));
}
