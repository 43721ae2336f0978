// From the event log to the columns that charts take: names, decoded calls, what a call works on, and the line that made it, each noted when it happens, since memory changes.
// Not here: recording (event.ts), finding the line (a CallSites of the debugger), carrying batches to whoever draws.
import { findErrno } from '../abi/errno';
import { signalName } from '../abi/signal';
import { findName } from '../abi/table';
import { CLOCK } from '../abi/time';
import { WEXITSTATUS, WIFEXITED, WTERMSIG } from '../abi/wait';
import type { CallArguments, EventSink, VdsoCall } from '../kernel/arch/x86/ports';
import { BatchRows, Interner, TABLE_ROWS, type EventBatch, type Inherited, type Site } from './columns';
import { EVENT_I386, EVENT_KINDS, EVENT_SERVED, VDSO_FUNCTIONS, type EventChunk, type EventKind, type EventLog } from './event';
import { entryText, exitText, resultText } from './format/call_text';
import { Printer, type CallDeclaration } from './format/printer';
import { noMemory } from './memory';
import { defaultOptions } from './options';
import type { Abi, LogSource } from './strace_text';

/** Who made a call, as a line of the person's source; undefined where there is none. Asked while the task is in the call. */
export interface CallSites {
  ofCall(pid: number): Site | undefined;
  ofVdso(pid: number, returnAddress: number): Site | undefined;
  /** Code was mapped into the task, or its program was replaced. */
  codeChanged(pid: number): void;
  /** The machine was moved to another place of its run. */
  moved(): void;
}

export const noSites: CallSites = { ofCall: () => undefined, ofVdso: () => undefined, codeChanged: () => undefined, moved: () => undefined };

/** What one call is to the feed. Remembered, since every call asks. */
interface CallPlan {
  readonly declaration: CallDeclaration | undefined;
  /** Number of its name's string. */
  readonly name: number;
  /** Its text is made of nothing but registers: so it is made when it is sent. */
  readonly isScalar: boolean;
  /** Of its first descriptor; -1: none. */
  readonly fdArgument: number;
  readonly mapsCode: boolean;
  /** The last text of a scalar call: most are made in loops. */
  readonly last: { words: Float64Array; value: number; text: number };
}

/** A feed whose log has the chunk of an event. */
export type Derived = (index: number) => TimingFeed;

/** A task's call; the object is kept from call to call. */
interface Open { index: number; plan: CallPlan | null; prot: number; printer: Printer | null; entry: string }

const CHUNK = 4096;
/** What is noted of an event beside the log, in this order: number of the text's string, of the object's, of the site. */
const TEXT = 0, OBJECT = 1, SITE = 2, NOTES = 3;
/** Calls that may map code, and where their protection is. Linux: arch/x86/entry/syscalls/syscall_64.tbl */
const MMAP = 9, MPROTECT = 10, PROT_ARGUMENT = 2, PROT_EXEC = 4;
/** Decoded calls that differ; later ones are shown by their name. */
const MOST_TEXTS = 200_000;
const LAST_STANDARD_FD = 2, MOST_DESCRIPTORS = 64;
const [CALL = 0, , , , , , , VDSO = 0] = EVENT_KINDS.keys();

export class TimingFeed implements Partial<EventSink> {
  private readonly strings: Interner<string>;
  private readonly sites: Interner<Site>;
  private readonly plans: Record<Abi, CallPlan[]>;
  /** NOTES of each event, in pieces that go when the log drops their events. */
  private readonly notes = new Map<number, Int32Array>();
  private readonly open = new Map<number, Open>();
  private readonly inherited: Inherited[] = [];
  private sent = 0;
  /** The receiver must hear of the new length. */
  private isShortened = false;
  /** Calls that were sent before they had returned. */
  private readonly sentOpen = new Set<number>();
  /** NOTES of events of dropped chunks that no replay from before them would give. */
  private readonly kept = new Map<number, Int32Array>();

  /** `log` must have listened before: the newest event of it is the one that is told. `other` is a feed of the same run: numbers mean the same in both. */
  constructor(readonly log: EventLog, private readonly source: LogSource, public callSites: CallSites = noSites, other?: TimingFeed) {
    this.strings = other?.strings ?? new Interner<string>(text => text, MOST_TEXTS);
    this.sites = other?.sites ?? new Interner<Site>(site => `${site.file}:${site.line}:${site.function}`);
    this.plans = other?.plans ?? { 'x86-64': [], i386: [] };
    log.onDrop = (first, late) => this.drop(first, late);
  }

  /** A feed of a log of the same run. */
  again(log: EventLog): TimingFeed { return new TimingFeed(log, this.source, this.callSites, this); }

  /** Notes of what came before the events that can be derived again. */
  keep(index: number): void {
    const notes = this.notes.get(Math.floor(index / CHUNK)), at = index % CHUNK * NOTES;
    if (notes) this.kept.set(index, notes.slice(at, at + NOTES));
  }

  /** Gives the events of a derived chunk what the feed `from` keeps of them. */
  settle(chunk: EventChunk, from: TimingFeed): void {
    for (const [index, notes] of from.kept) {
      if (index < chunk.first || index >= chunk.first + CHUNK) continue;
      for (const column of [TEXT, OBJECT, SITE] as const) if (notes[column]) this.note(index, column, notes[column]);
    }
  }

  /** Takes over the notes of a feed of the same run that has come less far than this one's oldest event. */
  rewind(derived: TimingFeed): void {
    for (const [chunk, notes] of derived.notes) this.notes.set(chunk, notes);
  }

  private drop(first: number, late: readonly number[]): void {
    for (const index of late) this.keep(index);
    this.notes.delete(Math.floor(first / CHUNK));
  }

  syscallEnter(pid: number, nr: number, abi: Abi, args: CallArguments): void {
    const { log } = this, index = log.length - 1, plan = this.plan(nr, abi), { declaration } = plan;
    let call = this.open.get(pid);
    if (!call) this.open.set(pid, call = { index, plan, prot: 0, printer: null, entry: '' });
    call.index = index;
    call.plan = plan;
    if (plan.mapsCode) call.prot = args[2 * PROT_ARGUMENT] ?? 0;
    call.printer = declaration && !plan.isScalar ? new Printer(pid, declaration, args, this.source.memory(pid), defaultOptions, this.source.facts) : null;
    if (call.printer) call.entry = entryText(call.printer);
    const path = plan.isScalar ? null : log.pathOf(index);
    if (path !== null) this.note(index, OBJECT, this.strings.number(utf8(path)));
    else if (plan.fdArgument >= 0) {
      const file = this.source.facts.fd(pid, (args[2 * plan.fdArgument] ?? 0) | 0);
      if (file) this.note(index, OBJECT, this.strings.number(utf8(file.path)));
    }
    this.noteSite(index, this.callSites.ofCall(pid));
  }

  syscallExit(pid: number, _nr: number, ret: number): void {
    const call = this.open.get(pid);
    if (!call?.plan) return;
    const { plan, printer, index } = call;
    call.plan = null;
    if (plan.mapsCode && (call.prot & PROT_EXEC) !== 0) this.callSites.codeChanged(pid);
    if (printer) this.note(index, TEXT, this.strings.number(utf8(`${printer.call.name}(${call.entry}${exitText(printer, ret)}) = ${resultText(printer, ret)}`)));
  }

  exec(pid: number, path: string): void {
    this.callSites.codeChanged(pid);
    const index = this.log.length - 1;
    this.note(index, OBJECT, this.strings.number(utf8(path)));
    const descriptors: Inherited['descriptors'] = [];
    for (let fd = LAST_STANDARD_FD + 1; fd < MOST_DESCRIPTORS; fd++) {
      const file = this.source.facts.fd(pid, fd);
      if (file) descriptors.push({ fd, object: utf8(file.path) });
    }
    if (descriptors.length > 0) this.inherited.push({ index, descriptors });
  }

  vdso(call: VdsoCall): void { this.noteSite(this.log.length - 1, this.callSites.ofVdso(call.pid, call.returnAddress)); }

  exit(pid: number): void { this.open.delete(pid); }

  /** The run goes on differently from a place in its past: the log has forgotten what came after. */
  forgetFuture(): void {
    const { length } = this.log;
    this.sent = Math.min(this.sent, length);
    for (const [pid, { index }] of this.open) if (index >= length) this.open.delete(pid);
    for (const index of this.sentOpen) if (index >= length) this.sentOpen.delete(index);
    for (const index of this.kept.keys()) if (index >= length) this.kept.delete(index);
    for (const [chunk, notes] of this.notes) notes.fill(0, Math.max(0, (length - chunk * CHUNK) * NOTES));
    this.isShortened = true;
  }

  /** Whether `take` has something. */
  get hasNews(): boolean {
    if (this.isShortened || this.sent < this.log.length) return true;
    for (const index of this.sentOpen) if (!this.log.isOpen(index)) return true;
    return false;
  }

  /**
   * At most `limit` events that have come since the last time, and the calls that have returned since. `derived` gives a feed whose log has a chunk that this
   * one's has dropped; without it those are left out.
   */
  take(limit: number, derived?: Derived): EventBatch {
    const { log } = this;
    const returned = [...this.sentOpen].filter(index => !log.isOpen(index));
    for (const index of returned) this.sentOpen.delete(index);
    const places = returned.flatMap(index => log.placeOf(index) ?? []);
    const from = Math.max(this.sent, derived ? log.length - TABLE_ROWS : log.first), to = Math.max(from, Math.min(log.length, from + limit));
    const rows = new BatchRows(places.length + to - from);
    for (const { chunk, row } of places) this.write(rows, chunk, row, 1);
    this.sent = to;
    this.writeRange(rows, from, to, derived);
    this.isShortened = false;
    return { length: to, first: log.first, rows: rows.length, columns: rows.pack(), strings: this.strings.take(), sites: this.sites.take(), inherited: this.inherited.splice(0) };
  }

  /** Events from `from` on, at most `limit`, as they are now. */
  page(from: number, limit: number, derived: Derived): EventBatch {
    const { log } = this, to = Math.max(from, Math.min(log.length, from + limit)), rows = new BatchRows(to - from);
    this.writeRange(rows, from, to, derived);
    return { length: log.length, first: log.first, rows: rows.length, columns: rows.pack(), strings: this.strings.take(), sites: this.sites.take(), inherited: [] };
  }

  private writeRange(rows: BatchRows, from: number, to: number, derived?: Derived): void {
    const { log } = this;
    for (let at = from; at < to;) {
      const feed = at >= log.first ? this : derived?.(at), place = feed?.log.placeOf(at);
      if (!feed || !place) break;
      const { chunk, row } = place, count = Math.min(to - at, chunk.length - row);
      feed.write(rows, chunk, row, count);
      at += count;
      if (feed === this) continue;
      for (const index of feed.sentOpen) this.sentOpen.add(index);
      feed.sentOpen.clear();
    }
    // What has not been sent yet comes when it is its turn.
    for (const index of this.sentOpen) if (index >= this.sent) this.sentOpen.delete(index);
  }

  /** Adds `count` rows of a chunk to a batch. */
  private write(rows: BatchRows, chunk: EventChunk, row: number, count: number): void {
    const { name, text, object, error, site } = rows.words, notes = this.notes.get(Math.floor(chunk.first / CHUNK));
    // By step, the first row of it in the batch, and 1.
    const firsts = new Int32Array(chunk.stepCount);
    for (let at = row; at < row + count; at++) {
      const to = rows.length, index = chunk.first + at, note = index % CHUNK * NOTES, step = chunk.stepOf(at), first = (firsts[step] as number) - 1;
      const kept = notes ? undefined : this.kept.get(index), noted = notes?.[note + TEXT] ?? kept?.[TEXT] ?? 0;
      object[to] = notes?.[note + OBJECT] ?? kept?.[OBJECT] ?? 0;
      site[to] = notes?.[note + SITE] ?? kept?.[SITE] ?? 0;
      if (first >= 0) {
        rows.copyLike(chunk, at, first);
        text[to] = noted || (text[first] as number);
        continue;
      }
      const kind = chunk.kind(at), code = chunk.code(at), value = chunk.value(at), flags = chunk.flags(at);
      rows.copy(chunk, at);
      // The text of a call that is not noted is its registers', and its step's; one that is noted is its own.
      if (noted === 0) firsts[step] = to + 1;
      if (kind === CALL) {
        const plan = this.plan(code, flags & EVENT_I386 ? 'i386' : 'x86-64');
        if (chunk.isOpen(at)) {
          this.sentOpen.add(index);
          firsts[step] = 0;
        }
        name[to] = plan.name;
        text[to] = noted || (plan.isScalar && !chunk.isOpen(at) ? this.scalarText(plan, chunk, at, value) : 0);
        if (value < 0 && value >= -4095) error[to] = this.strings.number(findErrno(-value)?.name ?? `ERRNO_${-value}`);
      } else {
        const isServed = (flags & EVENT_SERVED) !== 0;
        name[to] = this.strings.number(nameOf(EVENT_KINDS[kind] ?? 'call', code));
        text[to] = this.strings.number(textOf(EVENT_KINDS[kind] ?? 'call', code, value, isServed));
        if (kind === VDSO && !isServed) error[to] = this.strings.number('fallback');
      }
    }
  }

  private scalarText({ declaration, last }: CallPlan, chunk: EventChunk, row: number, value: number): number {
    if (!declaration) return 0;
    if (last.value !== value || !chunk.hasArguments(row, last.words)) {
      const words = chunk.arguments(row);
      const printer = new Printer(chunk.pid(row), declaration, words, noMemory, defaultOptions, this.source.facts);
      Object.assign(last, { words, value, text: this.strings.number(utf8(`${declaration.name}(${entryText(printer)}${exitText(printer, value)}) = ${Number.isNaN(value) ? '?' : resultText(printer, value)}`)) });
    }
    return last.text;
  }

  private plan(nr: number, abi: Abi): CallPlan {
    return this.plans[abi][nr] ??= this.makePlan(nr, abi);
  }

  private makePlan(nr: number, abi: Abi): CallPlan {
    const declaration = this.source.declaration(nr, abi), types = Object.values(declaration?.args ?? {});
    return {
      declaration, name: this.strings.number(declaration?.name ?? `syscall_0x${nr.toString(16)}`),
      isScalar: declaration !== undefined && types.every(type => type.direction === 'in' && SCALAR.has(type.kind)), fdArgument: types.findIndex(type => type.kind === 'fd'),
      mapsCode: abi === 'x86-64' && (nr === MMAP || nr === MPROTECT), last: { words: new Float64Array(0), value: NaN, text: 0 },
    };
  }

  private noteSite(index: number, site: Site | undefined): void {
    if (site) this.note(index, SITE, this.sites.number(site));
  }

  private note(index: number, column: typeof TEXT | typeof OBJECT | typeof SITE, value: number): void {
    const kept = index < this.log.first ? this.kept.get(index) : undefined;
    if (kept) { kept[column] = value; return; }
    if (index < this.log.first) return;
    const chunk = Math.floor(index / CHUNK);
    let notes = this.notes.get(chunk);
    if (!notes) this.notes.set(chunk, notes = new Int32Array(CHUNK * NOTES));
    notes[index % CHUNK * NOTES + column] = value;
  }
}

function nameOf(kind: EventKind, code: number): string {
  switch (kind) {
    case 'vdso': return VDSO_FUNCTIONS[code] ?? 'vDSO';
    case 'signal': return signalName(code);
    case 'fault': return 'page fault';
    default: return kind;
  }
}

/** Kinds of arguments whose text depends on the register alone. */
const SCALAR: ReadonlySet<string> = new Set(['int', 'uint', 'long', 'ulong', 'hex', 'size', 'off', 'fd', 'pid', 'uid', 'gid', 'mode', 'signo', 'clockid', 'bits', 'choice', 'unused']);

const utf8 = (latin1: string): string => {
  for (let i = 0; i < latin1.length; i++) if (latin1.charCodeAt(i) > 127) return decodeUtf8(latin1);
  return latin1;
};

/** Bytes, one a char, as text; those that are no UTF-8 stay as they are. */
function decodeUtf8(latin1: string): string {
  let text = '';
  for (let i = 0; i < latin1.length; i++) {
    const lead = latin1.charCodeAt(i);
    const more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc2 ? 1 : 0;
    let code = more === 3 ? lead & 7 : more === 2 ? lead & 15 : lead & 31;
    let k = 1;
    for (; k <= more; k++) {
      const next = latin1.charCodeAt(i + k);
      if ((next & 0xc0) !== 0x80) break;
      code = code << 6 | next & 63;
    }
    if (more === 0 || k <= more || code > 0x10ffff) { text += latin1[i]; continue; }
    text += String.fromCodePoint(code);
    i += more;
  }
  return text;
}

/** The words for what is no call. */
function textOf(kind: EventKind, code: number, value: number, isServed: boolean): string {
  switch (kind) {
    case 'vdso': return `${VDSO_FUNCTIONS[code] ?? 'vDSO'}(${value >= 0 ? findName(CLOCK, value) ?? value : ''})${isServed ? ' in the vDSO' : ': the vDSO made the real call'}`;
    case 'fault': return `page fault: ${code & 16 ? 'instruction fetch' : code & 2 ? 'write' : 'read'} at 0x${value.toString(16)}${code & 1 ? ', protected' : ''}`;
    case 'signal': return `${signalName(code)} delivered`;
    case 'exit': return WIFEXITED(code) ? `exited with ${WEXITSTATUS(code)}` : `killed by ${signalName(WTERMSIG(code))}`;
    case 'fork': return `started task ${code}`;
    case 'exec': return 'a new program';
    case 'switch': return `gave the processor to task ${code}`;
    case 'call': return '';
  }
}
