// What the probed build of the kernel calls (scripts/kernel_instrument.mjs puts the calls in): statements, entries and results of functions, and writes to
// objects, which go to an undo journal. Not here: deciding where to stop (probe_run.ts), guest memory and the other ports (probe_ports.ts).

/** A function that has been entered and not left: its number, the probe that it stands at, and the values of that probe's names. */
export interface ProbeFrame { fn: number; probe: number; values: readonly unknown[] }

/** Thrown by a probe through the kernel's frames. Only probe_run.ts catches it. */
export class ProbeStop {
  constructor(readonly probe: number) {}
}

/** An index that no run comes to, and a depth that contains every other. */
export const NEVER = 0x3fffffff, DEEP = 0x3fff;

/** Stands for the frame where there is none. */
export const OUTSIDE: ProbeFrame = { fn: -1, probe: -1, values: [] };

/** Where a run of the probed kernel stands and where it is to stop. Every number is a small integer, so that compiled code that has seen some of them holds for all: NEVER and DEEP are none too far. */
export const run = {
  /** Outermost first; `depth` of them are live, and the last of those is `innermost`. */
  frames: [] as ProbeFrame[],
  depth: 0, innermost: OUTSIDE,
  /** What has happened in this run, in its order, `count` times: probes, and returns into the middle of a statement as the complement of its probe; and how deep in calls. */
  count: 0, probes: new Int32Array(1 << 14), depths: new Int16Array(1 << 14),
  /** So much of `probes` and `depths` is what the run will meet again. */
  known: 0,
  /** Stops at the first probe from this index on that is at most this deep, or that is `watched` and `accepts` is true for; or at a return to at most `maxReturn`. */
  from: NEVER, maxDepth: 0, maxReturn: 0,
  accepts: null as ((probe: number, index: number) => boolean) | null,
  /** Whether the kernel acts for the task that is stepped: asked before a stop for its depth. */
  isOurs: null as (() => boolean) | null,
  /** The function that was left last (-1: none), its result, and how deep its caller is. */
  returned: { fn: -1, value: undefined as unknown, depth: -1 },
  /** Probes before this index have no values to tell, but those of `telling`, of which the first is this one where there are any: the others' are told anew before the run stops. */
  quiet: 0, telling: [] as number[],
  /** Of the probes from there on, those that are at most `maxDepth` deep have values to tell, and these, of which `accepts` is asked. */
  watched: null as ReadonlySet<number> | null,
};

const NOTHING: readonly unknown[] = [];
const isOurs = (): boolean => run.isOurs === null || run.isOurs();

/**
 * Makes the next run quiet where it repeats the last one, up to `from`: of what was in scope there, a stop shows only what each function that was being called then had
 * seen last, and most probes of a long call are of functions that have long come back.
 */
export function repeatQuietly(from: number): void {
  const { probes, depths, telling } = run, end = Math.min(from, run.count);
  telling.length = 0;
  let depth = (depths[end - 1] ?? 0) + 1;
  for (let i = end - 1; i >= 0 && depth > 1; i--) {
    const at = depths[i] ?? 0;
    if (at >= depth || (probes[i] ?? 0) < 0) continue;
    telling.push(i);
    depth = at;
  }
  telling.unshift(end);
  run.quiet = telling.pop() ?? 0;
  run.known = run.count;
}

/** The next run is another one than the last. What comes before the index has no values to tell. */
export function tellFrom(index: number): void {
  run.quiet = index;
  run.telling.length = 0;
  run.known = 0;
}

/** Notes what happens for the first time. */
function happened(what: number, index: number, depth: number): void {
  if (index === run.probes.length) {
    const { probes, depths } = run;
    run.probes = new Int32Array(2 * index);
    run.probes.set(probes);
    run.depths = new Int16Array(2 * index);
    run.depths.set(depths);
  }
  run.probes[index] = what;
  run.depths[index] = depth;
}

/** A statement is about to run. True: see() is to be told the values of the names in scope. */
export function hit(probe: number): boolean {
  const { depth } = run, index = run.count++;
  if (index >= run.known) happened(probe, index, depth);
  run.innermost.probe = probe;
  return index >= run.quiet && (depth <= run.maxDepth || index === run.quiet || run.watched !== null && run.watched.has(probe));
}

/** The values at the statement of the last hit(). Stops there, if that is wanted. */
export function see(values: readonly unknown[]): void {
  const { depth, telling } = run, index = run.count - 1;
  run.innermost.values = values;
  if (index === run.quiet && telling.length > 0) run.quiet = telling.pop() ?? 0;
  if (index < run.from) return;
  const probe = run.probes[index] ?? -1;
  if (depth <= run.maxDepth && isOurs() || run.accepts !== null && run.watched !== null && run.watched.has(probe) && run.accepts(probe, index)) throw new ProbeStop(probe);
}

export function enter(fn: number): void {
  const depth = run.depth++;
  if (depth === run.frames.length) run.frames.push({ fn, probe: -1, values: NOTHING });
  const frame = run.innermost = run.frames[depth] ?? OUTSIDE;
  frame.fn = fn;
  frame.probe = -1;
  frame.values = NOTHING;
}

export function leave(value: unknown): void {
  const { returned, innermost } = run, depth = --run.depth;
  returned.fn = innermost.fn;
  returned.value = value;
  returned.depth = depth;
  const caller = run.innermost = depth > 0 ? run.frames[depth - 1] ?? OUTSIDE : OUTSIDE;
  if (caller.probe < 0) return;
  const index = run.count++;
  if (index >= run.known) happened(~caller.probe, index, depth);
  if (index >= run.from && depth <= run.maxReturn && isOurs()) throw new ProbeStop(caller.probe);
}

// ---- the journal ----

const ABSENT = Symbol('absent');
type Container = Record<PropertyKey, unknown>;
type Bytes = Uint8Array | Float64Array;

/** How to take one change back, or, when it is taken back, to make it again. Saved wholes come first in time: what happens to that object later needs no entry. */
type Entry =
  | { kind: 'field'; object: Container; key: PropertyKey; other: unknown }
  | { kind: 'key'; map: Map<unknown, unknown>; key: unknown; other: unknown }
  | { kind: 'member'; set: Set<unknown>; member: unknown }
  | { kind: 'length'; array: unknown[]; length: number; rest: unknown[] }
  | { kind: 'array'; array: unknown[]; other: unknown[] }
  | { kind: 'map'; map: Map<unknown, unknown>; other: Map<unknown, unknown> }
  | { kind: 'set'; set: Set<unknown>; other: Set<unknown> }
  | { kind: 'bytes'; bytes: Bytes; other: Bytes }
  | { kind: 'object'; object: Container; other: Container };

const journal: Entry[] = [];
/** Objects that are saved whole. */
const saved = new Set<object>();

/** Notes that `object[key]` is about to be written; without a key, that any part of it is. Gives the object. */
export function write<T extends object>(object: T, key?: PropertyKey): T {
  if (key === undefined || Array.isArray(object)) return save(object);
  if (saved.has(object)) return object;
  const container = object as Container;
  journal.push({ kind: 'field', object: container, key, other: Object.hasOwn(container, key) ? container[key] : ABSENT });
  return object;
}

/** Saves an object whole, once. Objects of other kinds than the kernel's state are made of journal themselves or belong to a port. */
export function save<T>(object: T): T {
  if (typeof object !== 'object' || object === null || saved.has(object)) return object;
  saved.add(object);
  if (Array.isArray(object)) journal.push({ kind: 'array', array: object, other: object.slice() });
  else if (object instanceof Map) journal.push({ kind: 'map', map: object, other: new Map(object) });
  else if (object instanceof Set) journal.push({ kind: 'set', set: object, other: new Set(object) });
  else if (object instanceof Uint8Array || object instanceof Float64Array) journal.push({ kind: 'bytes', bytes: object, other: object.slice() });
  else if (object instanceof DataView) save(new Uint8Array(object.buffer, object.byteOffset, object.byteLength));
  else if (Object.getPrototypeOf(object) === Object.prototype) journal.push({ kind: 'object', object: object as T & Container, other: { ...object } as Container });
  return object;
}

/** Calls a method that changes its object, after noting what is needed to take that back. */
export function call(object: object, method: string, ...args: unknown[]): unknown {
  if (!saved.has(object)) note(object, method, args);
  return (object as Record<string, (...args: unknown[]) => unknown>)[method]?.(...args);
}

/** Adding is taken back by removing. Everything else could change an order, which is part of the state, and saves the whole. */
function note(object: object, method: string, [key]: readonly unknown[]): void {
  if (Array.isArray(object) && method === 'push') journal.push({ kind: 'length', array: object, length: object.length, rest: [] });
  else if (object instanceof Map && method === 'set') journal.push({ kind: 'key', map: object, key, other: object.has(key) ? object.get(key) : ABSENT });
  else if (object instanceof Set && method === 'add') { if (!object.has(key)) journal.push({ kind: 'member', set: object, member: key }); }
  else if ((object instanceof Map || object instanceof Set) && method === 'delete' && !object.has(key)) return;
  else save(object);
}

/** Changes that are taken back for a while. */
export interface Stash { readonly entries: readonly Entry[]; readonly saved: ReadonlySet<object> }

/** Takes back every change since the last forgetJournal(), latest first. */
export function undoJournal(): void {
  for (let entry = journal.pop(); entry; entry = journal.pop()) swap(entry);
  saved.clear();
}

/** As undoJournal(); the changes can be made again. */
export function stashJournal(): Stash {
  const stash = { entries: journal.slice(), saved: new Set(saved) };
  undoJournal();
  return stash;
}

/** Makes changes again that were taken back; all is as it was when they were. */
export function unstashJournal(stash: Stash): void {
  for (const entry of stash.entries) {
    swap(entry);
    journal.push(entry);
  }
  for (const object of stash.saved) saved.add(object);
}

export function forgetJournal(): void {
  journal.length = 0;
  saved.clear();
}

/** What the entry keeps against what is there. */
function swap(entry: Entry): void {
  switch (entry.kind) {
    case 'field': {
      const { object, key, other } = entry;
      entry.other = Object.hasOwn(object, key) ? object[key] : ABSENT;
      if (other === ABSENT) delete object[key];
      else object[key] = other;
      return;
    }
    case 'key': {
      const { map, key, other } = entry;
      entry.other = map.has(key) ? map.get(key) : ABSENT;
      if (other === ABSENT) map.delete(key);
      else map.set(key, other);
      return;
    }
    case 'member': if (!entry.set.delete(entry.member)) entry.set.add(entry.member); return;
    case 'length': {
      const { array, length, rest } = entry;
      entry.rest = array.slice(length);
      array.length = length;
      for (const one of rest) array.push(one);
      return;
    }
    case 'array': {
      const { array, other } = entry;
      entry.other = array.slice();
      array.length = 0;
      for (const one of other) array.push(one);
      return;
    }
    case 'map': {
      const { map, other } = entry;
      entry.other = new Map(map);
      map.clear();
      for (const [key, value] of other) map.set(key, value);
      return;
    }
    case 'set': {
      const { set, other } = entry;
      entry.other = new Set(set);
      set.clear();
      for (const member of other) set.add(member);
      return;
    }
    case 'bytes': {
      const { bytes, other } = entry;
      entry.other = bytes.slice();
      bytes.set(other);
      return;
    }
    case 'object': {
      const { object, other } = entry;
      entry.other = { ...object };
      for (const key of Object.keys(object)) if (!Object.hasOwn(other, key)) delete object[key];
      Object.assign(object, other);
    }
  }
}
