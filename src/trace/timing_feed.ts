// From the event log to the columns that charts take: names, decoded calls, what a call works on, and the line that made it, each noted when it happens, since memory changes.
// Not here: recording (event.ts), finding the line (a CallSites of the debugger), carrying batches to whoever draws.
import { findErrno } from '../abi/errno';
import { signalName } from '../abi/signal';
import { findName } from '../abi/table';
import { CLOCK } from '../abi/time';
import { WEXITSTATUS, WIFEXITED, WTERMSIG } from '../abi/wait';
import type { CallArguments, EventSink, VdsoCall } from '../kernel/arch/x86/ports';
import { encodeRows, Interner, type EventBatch, type EventRow, type Inherited, type Site } from './columns';
import { VDSO_FUNCTIONS, type EventLog, type TraceEvent } from './event';
import { entryText, exitText, resultText } from './format/call_text';
import { Printer } from './format/printer';
import { defaultOptions } from './options';
import type { Abi, LogSource } from './strace_text';

/** Who made a call, as a line of the person's source; undefined where there is none. Asked while the task is in the call. */
export interface CallSites {
  ofCall(pid: number): Site | undefined;
  ofVdso(pid: number, returnAddress: number): Site | undefined;
  /** Code was mapped into the task, or its program was replaced. */
  codeChanged(pid: number): void;
}

export const noSites: CallSites = { ofCall: () => undefined, ofVdso: () => undefined, codeChanged: () => undefined };

/** What is noted of an event beside the log: numbers of strings and of a site. */
interface Note { text: number; object: number; site: number }
interface Open { index: number; nr: number; abi: Abi; printer: Printer | null; entry: string; key: string | null }

const CHUNK = 4096;
/** Calls that may map code, and where their protection is. Linux: arch/x86/entry/syscalls/syscall_64.tbl */
const MMAP = 9, MPROTECT = 10, PROT_ARGUMENT = 2, PROT_EXEC = 4;
/** Decoded calls that differ; later ones are shown by their name. */
const MOST_TEXTS = 200_000;
const MOST_SCALAR_TEXTS = 10_000;
const LAST_STANDARD_FD = 2, MOST_DESCRIPTORS = 64;

export class TimingFeed implements Partial<EventSink> {
  private readonly strings = new Interner<string>(text => text, MOST_TEXTS);
  private readonly sites = new Interner<Site>(site => `${site.file}:${site.line}:${site.function}`);
  /** text, object, site of each event, in pieces that go when the log drops their events. */
  private readonly notes = new Map<number, Int32Array>();
  private readonly open = new Map<number, Open>();
  private readonly inherited: Inherited[] = [];
  /** Whole texts of calls whose arguments are all in registers. */
  private readonly scalarTexts = new Map<string, string>();
  private readonly areScalar = new Map<string, boolean>();
  private sent = 0;
  /** The receiver must hear of the new length. */
  private isShortened = false;
  /** Calls that were sent before they had returned. */
  private readonly sentOpen = new Set<number>();

  /** `log` must have listened before: the newest event of it is the one that is told. */
  constructor(private readonly log: EventLog, private readonly source: LogSource, public callSites: CallSites = noSites) {}

  syscallEnter(pid: number, nr: number, abi: Abi, args: CallArguments): void {
    const index = this.log.length - 1;
    const declaration = this.source.declaration(nr, abi);
    const key = declaration && this.isScalar(declaration.name, declaration.args) ? `${nr} ${abi} ${args.join(' ')}` : null;
    const printer = declaration ? new Printer(pid, declaration, args, this.source.memory(pid), defaultOptions, this.source.facts) : null;
    this.open.set(pid, { index, nr, abi, printer, entry: printer && (key === null || !this.scalarTexts.has(key)) ? entryText(printer) : '', key });
    const site = this.callSites.ofCall(pid);
    this.note(index, { text: 0, object: this.strings.number(this.objectOf(pid, printer)), site: site ? this.sites.number(site) : 0 });
  }

  syscallExit(pid: number, _nr: number, ret: number): void {
    const call = this.open.get(pid);
    this.open.delete(pid);
    if (!call?.printer) return;
    const { printer } = call;
    if (call.abi === 'x86-64' && (call.nr === MMAP || call.nr === MPROTECT) && (printer.int(PROT_ARGUMENT) & PROT_EXEC) !== 0) this.callSites.codeChanged(pid);
    const known = call.key === null ? undefined : this.scalarTexts.get(`${call.key} ${ret}`);
    const entry = call.entry === '' && known === undefined && call.key !== null ? entryText(printer) : call.entry;
    const text = known ?? `${printer.call.name}(${entry}${exitText(printer, ret)}) = ${resultText(printer, ret)}`;
    if (call.key !== null && known === undefined && this.scalarTexts.size < MOST_SCALAR_TEXTS) {
      this.scalarTexts.set(call.key, '');
      this.scalarTexts.set(`${call.key} ${ret}`, text);
    }
    this.annotate(call.index, 0, this.strings.number(utf8(text)));
  }

  exec(pid: number, path: string): void {
    this.callSites.codeChanged(pid);
    const index = this.log.length - 1;
    this.note(index, { text: 0, object: this.strings.number(utf8(path)), site: 0 });
    const descriptors: Inherited['descriptors'] = [];
    for (let fd = LAST_STANDARD_FD + 1; fd < MOST_DESCRIPTORS; fd++) {
      const file = this.source.facts.fd(pid, fd);
      if (file) descriptors.push({ fd, object: utf8(file.path) });
    }
    if (descriptors.length > 0) this.inherited.push({ index, descriptors });
  }

  vdso(call: VdsoCall): void {
    const site = this.callSites.ofVdso(call.pid, call.returnAddress);
    this.note(this.log.length - 1, { text: 0, object: 0, site: site ? this.sites.number(site) : 0 });
  }

  exit(pid: number): void { this.open.delete(pid); }

  /** The run goes on differently from a place in its past: the log has forgotten what came after. */
  forgetFuture(): void {
    const { length } = this.log;
    this.sent = Math.min(this.sent, length);
    for (const [pid, { index }] of this.open) if (index >= length) this.open.delete(pid);
    for (const index of this.sentOpen) if (index >= length) this.sentOpen.delete(index);
    this.isShortened = true;
  }

  /** Whether `take` has something. */
  get hasNews(): boolean { return this.isShortened || this.sent < this.log.length || [...this.sentOpen].some(index => !Number.isNaN(this.log.at(index)?.endNs ?? 0)); }

  /** At most `limit` events that have come since the last time, and the calls that have returned since. */
  take(limit: number): EventBatch {
    const rows: { index: number; row: EventRow }[] = [];
    for (const index of this.sentOpen) {
      const event = this.log.at(index);
      if (event && Number.isNaN(event.endNs)) continue;
      this.sentOpen.delete(index);
      if (event) rows.push({ index, row: this.row(event) });
    }
    const from = Math.max(this.sent, this.log.first), to = Math.min(this.log.length, from + limit);
    for (const event of this.log.events(from)) {
      if (event.index >= to) break;
      if (Number.isNaN(event.endNs)) this.sentOpen.add(event.index);
      rows.push({ index: event.index, row: this.row(event) });
    }
    this.sent = to;
    this.isShortened = false;
    for (const chunk of this.notes.keys()) if ((chunk + 1) * CHUNK <= this.log.first) this.notes.delete(chunk);
    return {
      length: to, first: this.log.first, rows: rows.length, columns: encodeRows(rows), strings: this.strings.take(), sites: this.sites.take(),
      inherited: this.inherited.splice(0),
    };
  }

  private row(event: TraceEvent): EventRow {
    const { kind, pid, code, value, startNs, endNs, entryNs, handlerNs, copyNs, blockedNs, exitNs, bytes, instructions, entry } = event;
    const noted = this.notes.get(Math.floor(event.index / CHUNK));
    const at = event.index % CHUNK * 3;
    const isFailure = kind === 'call' && value < 0 && value >= -4095;
    const error = isFailure ? findErrno(-value)?.name ?? `ERRNO_${-value}` : kind === 'vdso' && !event.isServed ? 'fallback' : '';
    const text = noted?.[at] ?? 0;
    return {
      kind, pid, code, value, startNs, endNs, entryNs, handlerNs, copyNs, blockedNs, exitNs, bytes, instructions, entry,
      name: this.strings.number(this.nameOf(event)), text: text === 0 ? this.strings.number(textOf(event)) : text, object: noted?.[at + 1] ?? 0, error: error === '' ? 0 : this.strings.number(error), site: noted?.[at + 2] ?? 0,
    };
  }

  private nameOf({ kind, code, abi }: TraceEvent): string {
    switch (kind) {
      case 'call': return this.source.declaration(code, abi)?.name ?? `syscall_0x${code.toString(16)}`;
      case 'vdso': return VDSO_FUNCTIONS[code] ?? 'vDSO';
      case 'signal': return signalName(code);
      case 'fault': return 'page fault';
      default: return kind;
    }
  }

  /** What the call works on: its path, else the open file behind its descriptor. */
  private objectOf(pid: number, printer: Printer | null): string {
    if (!printer) return '';
    const path = this.log.at(this.log.length - 1)?.path;
    if (path !== null && path !== undefined) return utf8(path);
    let i = 0;
    for (const name in printer.call.args) {
      if (printer.call.args[name]?.kind === 'fd') {
        const file = this.source.facts.fd(pid, printer.int(i));
        return file ? utf8(file.path) : '';
      }
      i++;
    }
    return '';
  }

  private isScalar(name: string, args: Readonly<Record<string, { kind: string; direction: string }>>): boolean {
    let known = this.areScalar.get(name);
    if (known === undefined) this.areScalar.set(name, known = Object.values(args).every(type => type.direction === 'in' && SCALAR.has(type.kind)));
    return known;
  }

  private note(index: number, note: Note): void {
    this.annotate(index, 0, note.text);
    this.annotate(index, 1, note.object);
    this.annotate(index, 2, note.site);
  }

  private annotate(index: number, column: 0 | 1 | 2, value: number): void {
    const chunk = Math.floor(index / CHUNK);
    let notes = this.notes.get(chunk);
    if (!notes) this.notes.set(chunk, notes = new Int32Array(CHUNK * 3));
    notes[index % CHUNK * 3 + column] = value;
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
function textOf({ kind, code, value, isServed }: TraceEvent): string {
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
