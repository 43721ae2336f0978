// Time as a place to go to: checkpoints on the way, and running again from the nearest one. A run's own state never notices.
// Not here: what a checkpoint holds (checkpoint.ts), pages (page_history.ts), stops and what the debugger makes of them (target.ts, debugger/).
import { assert } from '../base/assert';
import type { PhysicalMemory } from '../cpu/physical_memory';
import { comparePositions, type Position } from '../trace/position';
import { loadCheckpoint, takeCheckpoint, type Checkpoint } from './checkpoint';
import { GraphStore } from './graph';
import type { Listener } from './events';
import type { Gate, Machine } from './machine';
import { effortTo, NEAR_NS, Pace, tooDense } from './pace';
import { PageHistory } from './page_history';

/** Instructions between two looks at shouldYield. */
const SLICE = 200_000;
/** Between two questions of a replay whether it has gone far enough. */
const SHORT_SLICE = 20_000;
/** On the way to a place in the past, checkpoints are taken that far before it: the person may want to go one step back from there. */
const APPROACH_NS = [16e6, 4e6, 1e6];
/** How many of those are kept. */
const VISITED = 64;
/** The distance of checkpoints is at most this fraction of their age, beyond the recent past. */
const DENSITY = 100, SPARSEST = 8;
/** Fewer than these are kept whatever memory they take. */
const FEWEST = 4;

/** Places inside the answer to a kernel entry: probe_run.ts. */
export interface Inside {
  /** Null: the machine stands between two entries. */
  readonly position: Position | null;
  /** The furthest place at which somebody has stood there. While its entry has no answer, it is where the recording ends. */
  furthest: Position | null;
  /** Back to before the entry. */
  leave(): void;
  /** To the probe with that index of the entry that is due. */
  goTo(index: number): boolean;
}

export class Timeline implements Gate {
  inside: Inside = { position: null, furthest: null, leave: () => undefined, goTo: () => false };
  /** Gate: run() asks again when that many instructions have retired. */
  at = Infinity;
  /** Told after each move. */
  onMoved: () => void = () => undefined;
  /** Told of each place, in the order of the run, from which what happens next can be derived again. */
  onMark: (position: Position) => void = () => undefined;
  /** Told before what has been recorded after this moment is forgotten. */
  onForget: () => void = () => undefined;
  private readonly checkpoints: Checkpoint[] = [];
  /** The machine stands after this checkpoint and not after the next one. */
  private here = -1;
  /** Where the recording ends, while the machine is in the past. */
  private recordedEnd: Position | null = null;
  /** What was recorded after this place is the end of a task, told before it happens: who stands here stands at the end. */
  private edge: Position | null = null;
  private goal: Position | null = null;
  private readonly graph = new GraphStore();
  private readonly history: PageHistory;

  private readonly pace: Pace;
  private density = DENSITY;
  /** How much further apart checkpoints stand than time asks for, because memory is short. */
  private stretch = 1;
  private serial = 0;
  /** Live: when the next checkpoint is due, as Pace.ranNs. */
  private dueNs = 0;
  /** Where goTo() will take checkpoints, in instructions, ascending. */
  private approach: number[] = [];

  constructor(private readonly machine: Machine, private readonly memory: PhysicalMemory, private readonly memoryBytes = 512 * 2 ** 20) {
    this.history = new PageHistory(memory);
    this.pace = new Pace(machine.parts.elapsedNs, machine.position);
    this.mark(false);
    this.dueNs = this.spacing;
    machine.gate = this;
    this.look();
  }

  get position(): Position { return this.inside.position ?? this.machine.position; }
  get start(): Position { return this.checkpointAt(0).position; }
  get end(): Position { return later(this.inside.furthest, this.recordedEnd ?? this.position); }
  get isInPast(): boolean { return this.isBefore(this.edge ?? this.recordedEnd) || this.isBefore(this.inside.furthest); }

  /** Moves the machine; false: `shouldYield` said so on the way. */
  goTo(position: Position, { shouldYield = () => false, stopsHere = false }: { shouldYield?: () => boolean; stopsHere?: boolean } = {}): boolean {
    const { machine } = this;
    this.inside.leave();
    const wanted = clamp({ ...position, probe: 0 }, this.start, this.recordedEnd ?? machine.position);
    const isBack = comparePositions(wanted, machine.position) < 0;
    if (isBack && !this.recordedEnd) this.leaveEnd();
    const nearest = this.indexBefore(wanted);
    if (isBack || nearest > this.here) this.restore(nearest);
    this.pace.jump(machine.position);
    machine.isQuiet = true;
    this.goal = wanted;
    this.plan(wanted);
    this.look();
    try {
      while (comparePositions(machine.position, wanted) < 0) {
        machine.run(SLICE);
        if (comparePositions(machine.position, wanted) < 0 && shouldYield()) return false;
      }
    } finally {
      this.goal = null;
      this.approach = [];
      machine.isQuiet = false;
      this.look();
    }
    if (this.isAtEnd()) this.arriveAtEnd();
    machine.arrive(stopsHere);
    if (this.recordedEnd) this.forgetVisits();
    this.onMoved();
    if (position.probe > 0 && comparePositions({ ...position, probe: 0 }, wanted) === 0) this.inside.goTo(position.probe - 1);
    return true;
  }

  /** Runs from a place of the past on, to another one or until a slice ends with `until`, and tells `audience` what happens. Then all stands as it stood. */
  replay(from: Position, audience: readonly Listener[], until: Position | (() => boolean)): void {
    const { machine, inside } = this, { events } = machine.parts;
    const probe = inside.position?.probe ?? 0, isLive = this.recordedEnd === null;
    inside.leave();
    machine.whileAway(() => {
      const before = this.checkpointAt(this.here), stand = this.mark(true);
      if (isLive) this.recordEnd();
      this.restore(this.indexBefore(from));
      this.pace.jump(machine.position);
      this.goal = from;
      this.look();
      while (comparePositions(machine.position, from) < 0) machine.run(SLICE);
      this.goal = typeof until === 'function' ? null : until;
      this.look();
      events.replayTo(audience);
      while (!(typeof until === 'function' ? until() : comparePositions(machine.position, until) >= 0) && !this.isAtEnd()) machine.run(SHORT_SLICE);
      this.goal = null;
      events.setReplaying(true);
      this.restore(this.checkpoints.indexOf(stand));
      this.pace.jump(machine.position);
      if (comparePositions(before.position, stand.position) === 0) {
        this.drop(this.here);
        this.track();
      }
      if (isLive) this.goLive();
      else this.look();
      this.forgetVisits();
    });
    if (probe > 0) inside.goTo(probe - 1);
  }

  /** Back to a place from which the run goes on by itself to what it has reached already. */
  stepBefore(place: Position): void {
    const isLive = this.recordedEnd === null || this.edge !== null;
    this.goTo(place);
    if (isLive) this.edge = this.machine.position;
  }

  private isBefore(place: Position | null): boolean { return place !== null && comparePositions(this.position, place) < 0; }

  checkpointBefore(position: Position): Position {
    return this.checkpointAt(this.indexBefore(position)).position;
  }

  /** What has been recorded after this moment never happens. */
  forgetFuture(): void {
    const { console, events, files, recorder } = this.machine.parts, { ranNs } = this;
    this.inside.furthest = null;
    if (this.isBefore(this.recordedEnd)) {
      this.onForget();
      events.forgetFuture();
    }
    for (const checkpoint of this.checkpoints.splice(this.here + 1)) this.history.merge(undefined, checkpoint);
    recorder.forgetFuture();
    console.forgetFuture();
    files.forgetFuture();
    if (this.recordedEnd) this.goLive(ranNs);
  }

  /** To be called after the person has changed something: the state here is no longer what the run up to here leads to. */
  edited(): void {
    assert(!this.recordedEnd, 'a change in the past, whose future is still recorded');
    if (comparePositions(this.checkpointAt(this.here).position, this.machine.position) === 0) this.drop(this.here);
    this.mark(false).isEdited = true;
    this.onMark(this.machine.position);
  }

  // ---- Gate ----

  /** True: run() comes back. */
  isReached(): boolean {
    if (this.inside.position) return false;
    const { position } = this.machine;
    for (let next = this.checkpoints[this.here + 1]; next && comparePositions(position, next.position) >= 0; next = this.checkpoints[this.here + 1]) this.enter(this.here + 1);
    if (this.machine.isRunning) this.markIfDue(position);
    this.look();
    if (this.goal) return comparePositions(position, this.goal) >= 0;
    return this.recordedEnd !== null && comparePositions(position, this.recordedEnd) >= 0;
  }

  /** True once after the machine has come back to where the recording ends; it is not in the past any more. */
  takeEnd(): boolean {
    if (!this.isAtEnd()) return false;
    const { edge } = this;
    this.arriveAtEnd();
    return edge === null && !this.isBefore(this.inside.furthest);
  }

  // ---- checkpoints ----

  /** `isVisited`: only because the person has been here. */
  private mark(isVisited: boolean): Checkpoint {
    if (!this.recordedEnd) this.pace.look(this.machine.position);
    const before = this.machine.parts.elapsedNs();
    const here = this.checkpoints[this.here];
    const moment = here && this.here < this.checkpoints.length - 1 ? this.history.split(here, this.memory.dirtyPages) : undefined;
    const made = takeCheckpoint(this.machine, this.graph, moment);
    made.isVisited = isVisited;
    made.serial = this.serial++;
    made.ranNs = this.ranNs;
    this.checkpoints.splice(++this.here, 0, made);
    this.track();
    this.pace.recorded(this.machine.parts.elapsedNs() - before);
    return made;
  }

  private markIfDue(position: Position): void {
    this.pace.look(position);
    if (this.recordedEnd) {
      const [next] = this.approach;
      if (next === undefined || position.instructions < next) return;
      this.approach.shift();
      if (comparePositions(this.checkpointAt(this.here).position, position) < 0) this.mark(true);
    } else if (this.pace.ranNs >= this.dueNs) {
      this.mark(false);
      this.onMark(position);
      this.dueNs = this.pace.ranNs + this.spacing;
      this.thin();
    }
  }

  private plan(goal: Position): void {
    const way = goal.instructions - this.machine.instructionsRetired;
    this.approach = this.recordedEnd ? APPROACH_NS.map(ns => this.pace.instructionsOf(ns)).filter(insns => insns * 1.5 < way).map(insns => goal.instructions - insns) : [];
  }

  /** Old checkpoints go until the rest stands in proportion to its age, and in the memory that it may take. */
  private thin(): void {
    this.forgetVisits();
    for (;;) {
      const dense = tooDense(this.checkpoints.map(one => one.ranNs), i => this.mayGo(i), this.spacing, this.density);
      for (const index of dense.reverse()) this.drop(index);
      if (this.bytes <= this.memoryBytes || this.checkpoints.length < FEWEST) return;
      if (this.density > SPARSEST) this.density *= 0.8;
      else this.stretch *= 1.5;
    }
  }

  /** Of the checkpoints that are there because the person came by, the latest stay. */
  private forgetVisits(): void {
    const visited = this.checkpoints.filter(checkpoint => checkpoint.isVisited);
    visited.sort((a, b) => a.serial - b.serial);
    for (const checkpoint of visited.slice(0, Math.max(0, visited.length - VISITED))) {
      const index = this.checkpoints.indexOf(checkpoint);
      if (this.mayGo(index)) this.drop(index);
    }
  }

  /** What it takes to run here from the start, in ns. */
  private get ranNs(): number {
    if (!this.recordedEnd) return this.pace.ranNs;
    const before = this.checkpointAt(this.here), next = this.checkpoints[this.here + 1] ?? before;
    const way = effortTo(this.machine.position) - effortTo(before.position);
    return way === 0 ? before.ranNs : before.ranNs + way / (effortTo(next.position) - effortTo(before.position)) * (next.ranNs - before.ranNs);
  }

  /** The distance of checkpoints in the recent past, in ns of running again. */
  private get spacing(): number { return NEAR_NS * this.stretch; }

  get count(): number { return this.checkpoints.length; }

  /** Bytes that checkpoints take, about. */
  get bytes(): number {
    return this.history.bytes + this.checkpoints.reduce((sum, { graph, cpu }) => sum + graph.bytes + cpu.length, 0);
  }

  private mayGo(index: number): boolean {
    const checkpoint = this.checkpoints[index];
    return index > 0 && index < this.checkpoints.length - 1 && index !== this.here && checkpoint !== undefined && !checkpoint.isEdited;
  }

  private drop(index: number): void {
    const [dropped] = this.checkpoints.splice(index, 1);
    if (dropped) this.history.merge(this.checkpoints[index - 1], dropped);
    if (this.here >= index) this.here--;
  }

  private restore(index: number): void {
    const checkpoint = this.checkpointAt(index);
    this.history.restore(this.checkpoints, this.here, index, this.memory.dirtyPages);
    loadCheckpoint(this.machine, this.graph, checkpoint);
    this.here = index;
    this.track();
  }

  /** The machine has run up to the next checkpoint. */
  private enter(index: number): void {
    if (this.checkpointAt(index).isEdited) return this.restore(index);
    this.here = index;
    this.track();
  }

  /** From now on, what pages held is kept before they are written. */
  private track(): void {
    const here = this.checkpointAt(this.here);
    const last = this.checkpointAt(this.checkpoints.length - 1);
    this.machine.parts.core.beginEpoch(page => this.keep(page, here, last));
  }

  private keep(page: number, here: Checkpoint, last: Checkpoint): void {
    const { elapsedNs } = this.machine.parts, before = elapsedNs();
    this.history.keep(page, here, last);
    this.pace.recorded(elapsedNs() - before);
  }

  private leaveEnd(): void {
    if (comparePositions(this.checkpointAt(this.here).position, this.machine.position) !== 0) this.mark(true);
    this.recordEnd();
  }

  private recordEnd(): void {
    const { recorder } = this.machine.parts;
    this.recordedEnd = this.machine.position;
    if (!recorder.end || comparePositions(recorder.end, this.recordedEnd) < 0) recorder.end = this.recordedEnd;
    this.setReplaying(true);
  }

  private isAtEnd(): boolean {
    return this.recordedEnd !== null && comparePositions(this.machine.position, this.recordedEnd) >= 0;
  }

  private arriveAtEnd(): void {
    const last = this.checkpoints.length - 1;
    if (this.here !== last) this.enter(last);
    this.goLive();
  }

  private goLive(ranNs = this.ranNs): void {
    this.pace.ranNs = ranNs;
    this.pace.jump(this.machine.position);
    this.recordedEnd = null;
    this.edge = null;
    this.setReplaying(false);
    this.track();
    this.dueNs = Math.min(this.dueNs, ranNs + this.spacing);
    this.look();
  }

  private setReplaying(isReplaying: boolean): void {
    const { console, events } = this.machine.parts;
    console.isOutputOn = !isReplaying;
    events.setReplaying(isReplaying);
  }

  private look(): void {
    const next = this.checkpoints[this.here + 1];
    const soon = this.recordedEnd ? this.approach[0] ?? Infinity : this.machine.instructionsRetired + this.pace.lookInsns;
    this.at = Math.min(soon, next?.position.instructions ?? Infinity, this.goal?.instructions ?? Infinity, this.recordedEnd?.instructions ?? Infinity);
  }

  private indexBefore(position: Position): number {
    let low = 0, high = this.checkpoints.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (comparePositions(this.checkpointAt(middle).position, position) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private checkpointAt(index: number): Checkpoint {
    const checkpoint = this.checkpoints[index];
    assert(checkpoint, `there is no checkpoint ${index}`);
    return checkpoint;
  }
}

const later = (a: Position | null, b: Position): Position => a && comparePositions(a, b) > 0 ? a : b;
const clamp = (position: Position, low: Position, high: Position): Position => comparePositions(position, low) < 0 ? low : comparePositions(position, high) > 0 ? high : position;
