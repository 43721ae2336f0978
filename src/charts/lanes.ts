// What each task did when: a lane of segments for each task, and the share of each state in any interval in logarithmic time, so that a picture costs
// by its pixels and not by its events. Not here: drawing (timeline.ts).
import type { EventTable } from '../trace/columns';
import { STATES, type State } from './theme';

/** Running sums are kept for every so many segments. */
const BLOCK = 32;
const NONE = -1;
const indexOf = Object.fromEntries(STATES.map((state, i) => [state, i])) as Record<State, number>;

/** One task: segments that follow each other without gaps from `startNs` on. */
export class Lane {
  /** Where segment i ends; it starts where the one before it ends. */
  private ends = new Float64Array(256);
  private states = new Uint8Array(256);
  /** Time in each state before every BLOCKth segment. */
  private sums = new Float64Array(STATES.length * 16);
  private readonly total = new Float64Array(STATES.length);
  count = 0;
  /** When the task ended; NaN while it lives. */
  endNs = NaN;
  /** What it has done since the last segment. */
  tail: State = 'user';
  /** Its calls, vDSO calls and faults in order of time. */
  readonly events: number[] = [];
  callCount = 0;
  /** Signals, forks, execs and the end. */
  readonly marks: number[] = [];
  /** The call that has not returned. */
  open = NONE;
  /** Since when it has been switched away. */
  awayNs = NaN;

  constructor(readonly pid: number, readonly startNs: number, public name: string) {}

  get lastNs(): number { return this.count > 0 ? this.ends[this.count - 1] ?? this.startNs : this.startNs; }

  push(state: State, toNs: number): void {
    const length = toNs - this.lastNs;
    if (!(length > 0) || !Number.isNaN(this.endNs)) return;
    const at = indexOf[state];
    if (this.count > 0 && this.states[this.count - 1] === at && this.count % BLOCK !== 0) {
      this.ends[this.count - 1] = toNs;
      this.total[at] = (this.total[at] ?? 0) + length;
      return;
    }
    if (this.count === this.ends.length) {
      this.ends = doubled(this.ends, Float64Array);
      this.states = doubled(this.states, Uint8Array);
    }
    if (this.count % BLOCK === 0) {
      const block = this.count / BLOCK * STATES.length;
      if (block + STATES.length > this.sums.length) this.sums = doubled(this.sums, Float64Array);
      this.sums.set(this.total, block);
    }
    this.ends[this.count] = toNs;
    this.states[this.count++] = at;
    this.total[at] = (this.total[at] ?? 0) + length;
  }

  /** Adds the time in each state from the start to `atNs` to `into`, `sign` times. */
  addUntil(atNs: number, into: Float64Array, sign: 1 | -1): void {
    if (atNs <= this.startNs) return;
    const segment = this.segmentAt(atNs);
    const block = Math.floor(Math.min(segment, this.count - 1) / BLOCK);
    if (this.count > 0) for (let k = 0; k < STATES.length; k++) into[k] = (into[k] ?? 0) + sign * (this.sums[block * STATES.length + k] ?? 0);
    for (let i = Math.max(0, block * BLOCK); i <= segment; i++) {
      const from = i === 0 ? this.startNs : this.ends[i - 1] ?? 0;
      const isTail = i >= this.count;
      const to = isTail ? (Number.isNaN(this.endNs) ? Infinity : this.endNs) : this.ends[i] ?? 0;
      const state = isTail ? indexOf[this.tail] : this.states[i] ?? 0;
      into[state] = (into[state] ?? 0) + sign * Math.max(0, Math.min(to, atNs) - from);
    }
  }

  /** The segment that covers an instant; `count` for what came after the last. */
  private segmentAt(atNs: number): number {
    let low = 0, high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.ends[middle] ?? 0) <= atNs) low = middle + 1; else high = middle;
    }
    return low;
  }

  /** How many segments lie between two instants. */
  segmentsIn(fromNs: number, toNs: number): number { return this.segmentAt(toNs) - this.segmentAt(fromNs); }

  /** The parts of `pixels` equal intervals of [fromNs, toNs) that each state fills: STATES.length numbers from 0 to 1 for each. Time at which the task was not there is in no state. */
  shares(fromNs: number, toNs: number, pixels: number): Float64Array {
    const shares = new Float64Array(pixels * STATES.length);
    const width = (toNs - fromNs) / pixels;
    const edge = new Float64Array(STATES.length), next = new Float64Array(STATES.length);
    this.addUntil(fromNs, edge, 1);
    for (let x = 0; x < pixels; x++) {
      next.fill(0);
      this.addUntil(fromNs + (x + 1) * width, next, 1);
      for (let k = 0; k < STATES.length; k++) {
        shares[x * STATES.length + k] = Math.max(0, ((next[k] ?? 0) - (edge[k] ?? 0)) / width);
        edge[k] = next[k] ?? 0;
      }
    }
    return shares;
  }

  /** Time in each state up to `nowNs`. */
  times(nowNs: number): Record<State, number> {
    const sums = new Float64Array(STATES.length);
    this.addUntil(nowNs, sums, 1);
    return Object.fromEntries(STATES.map((state, k) => [state, sums[k] ?? 0])) as Record<State, number>;
  }
}

/** The lanes of a trace; `update` reads what has come since the last time. */
export class Lanes {
  readonly byPid = new Map<number, Lane>();
  private next: number;
  private revision: number;
  private oldest: number;

  constructor(private readonly events: EventTable) {
    this.next = this.oldest = events.first;
    this.revision = events.revision;
  }

  get lanes(): Lane[] { return [...this.byPid.values()]; }

  update(): this {
    const { events } = this;
    if (events.first !== this.oldest || events.revision !== this.revision) this.reset();
    this.revision = events.revision;
    for (; this.next < events.length; this.next++) this.add(this.next);
    for (const lane of this.byPid.values()) this.close(lane);
    return this;
  }

  private reset(): void {
    this.byPid.clear();
    this.next = this.oldest = this.events.first;
  }

  private add(index: number): void {
    const { events } = this;
    const start = events.number('startNs', index), end = events.number('endNs', index);
    const pid = events.word('pid', index), code = events.word('code', index);
    const lane = this.lane(pid, start);
    switch (events.kind(index)) {
      case 'call':
        this.close(lane);
        lane.events.push(index);
        lane.callCount++;
        lane.push('user', start);
        lane.open = index;
        lane.tail = 'kernel';
        this.close(lane);
        break;
      case 'vdso': case 'fault': {
        const kind = events.kind(index);
        if (events.isFallback(index)) break;
        this.close(lane);
        lane.events.push(index);
        if (lane.open !== NONE || !(end > start)) break;
        lane.push('user', start);
        lane.push(kind === 'vdso' ? 'vdso' : 'fault', end);
        break;
      }
      case 'switch': {
        this.close(lane);
        if (lane.open === NONE) lane.push('user', start);
        else lane.tail = 'blocked';
        lane.awayNs = start;
        const incoming = this.lane(code, start);
        this.close(incoming);
        if (incoming.open !== NONE) incoming.tail = 'kernel';
        else if (!Number.isNaN(incoming.awayNs) && incoming.awayNs >= incoming.lastNs) {
          incoming.push('user', incoming.awayNs);
          incoming.push('waiting', start);
        } else if (incoming.count === 0) incoming.push('waiting', start);
        incoming.awayNs = NaN;
        if (incoming.open === NONE) incoming.tail = 'user';
        if (lane.open === NONE) lane.tail = 'waiting';
        break;
      }
      case 'exit':
        this.close(lane);
        lane.marks.push(index);
        lane.push(lane.tail === 'waiting' ? 'user' : lane.tail, start);
        lane.endNs = start;
        break;
      case 'fork':
        lane.marks.push(index);
        if (!this.byPid.has(code)) this.byPid.set(code, Object.assign(new Lane(code, start, lane.name), { awayNs: start, tail: 'waiting' as const }));
        break;
      case 'exec':
        lane.marks.push(index);
        lane.name = baseName(events.string('object', index)) || lane.name;
        break;
      case 'signal': lane.marks.push(index); break;
    }
  }

  /** Segments of the open call, once it has returned. */
  private close(lane: Lane): void {
    const { events } = this;
    const { open } = lane;
    if (open === NONE || open < events.first) return;
    const start = events.number('startNs', open), end = events.number('endNs', open);
    if (Number.isNaN(end)) return;
    lane.open = NONE;
    lane.tail = 'user';
    const blocked = events.number('blockedNs', open);
    if (blocked > 0) {
      // What comes after the wait is the copying of the result and the way out.
      const after = Math.min(Math.max(0, events.number('copyNs', open)) + events.number('exitNs', open), end - start - blocked);
      lane.push('kernel', end - after - blocked);
      lane.push('blocked', end - after);
    }
    lane.push('kernel', end);
  }

  private lane(pid: number, atNs: number): Lane {
    let lane = this.byPid.get(pid);
    if (!lane) this.byPid.set(pid, lane = new Lane(pid, atNs, ''));
    return lane;
  }
}

/** The event of a lane that covers an instant, or is nearest to it: a position in `list`, -1 in an empty one. */
export function nearest(events: EventTable, list: readonly number[], atNs: number): number {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (events.number('startNs', list[middle] ?? 0) <= atNs) low = middle + 1; else high = middle;
  }
  const before = low - 1;
  if (before < 0) return list.length > 0 ? 0 : -1;
  const end = events.number('endNs', list[before] ?? 0);
  if (Number.isNaN(end) || atNs <= end || low >= list.length) return before;
  return atNs - end <= events.number('startNs', list[low] ?? 0) - atNs ? before : low;
}

export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function doubled<T extends Float64Array | Uint8Array>(from: T, type: new (length: number) => T): T {
  const to = new type(from.length * 2);
  to.set(from);
  return to;
}
