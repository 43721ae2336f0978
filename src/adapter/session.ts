// One debug session: what was launched, what runs, what a stop's ids mean, and the events that go to the client.
// Not here: the answers to requests (requests/*.ts), the wire (server.ts).
import { existsSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../base/errors';
import { comparePositions, formatPosition, type Position } from '../trace/position';
import { describeErrno } from '../debugger/errno';
import { Debugger, type Report, type StepTarget, type StopReport } from '../debugger/debugger';
import { SourceMap } from '../debugger/source_map';
import type { Fact } from '../debugger/scopes/fact';
import type { StackFrame } from '../debugger/stack';
import type { KernelCode } from '../debugger/target';
import type { Memory, Value } from '../debugger/expression/value';
import type { NamedValue } from '../debugger/parts';
import { memoryOf } from '../debugger/variables';
import { ConsoleText } from './console_text';
import { Consent } from './consent';
import type { LaunchConfig } from './launchOptions';
import type { Launched, Launcher } from './launcher';
import { callNoteOf } from './call_note';
import type { Shown } from './show';
import { BATCH, findLines, timingBatch } from './timing';
import { Listings } from './listings';
import { Printed, type Part } from './printed';
import { FILE_DATA_LIMIT, type CallNote, type FileWritten, type RingsideEvent, type TraceLog } from './messages';

/** What a variablesReference stands for. */
export type Container =
  | { kind: 'locals'; frame: StackFrame }
  | { kind: 'kernelLocals'; frame: StackFrame }
  | { kind: 'registers'; frame: StackFrame }
  | { kind: 'registerGroup'; frame: StackFrame; group: string }
  /** Rows that explain, made when they are looked at. */
  | { kind: 'facts'; facts: () => Fact[] }
  | { kind: 'shown'; rows: () => Shown[] }
  | { kind: 'value'; frame: StackFrame; value: Value; path: string };

export interface Client {
  event(event: string, body: unknown): void;
  /** The client has disconnected: nobody listens any more. */
  closed(): void;
}

const SLICE_MS = 5;
/** After a stop inside the kernel: how soon, how much at first, how long a part may take, and how often. */
const REHEARSAL = { pauseMs: 10, probes: 4096, partMs: 8, parts: 32 };
/** After so long at a stop the person reads, and what looking inside the kernel takes is loaded, a part at a time. */
const QUIET_MS = 250;
/** Characters of the strace log in one answer, about. */
const LOG_PAGE = 1 << 22;
const MEMORY_LIMIT = 32;

export class Session {
  launched: Launched | undefined;
  config: LaunchConfig | undefined;
  /** What the client said at `initialize`. */
  linesStartAt1 = true;
  columnsStartAt1 = true;
  /** The client opens ringside-kernel: documents by itself. */
  opensKernelDocuments = false;
  private core: Debugger | undefined;
  private frames = new Map<number, StackFrame>();
  private containers = new Map<number, Container>();
  private stepOrders = new Map<number, StepTarget['order']>();
  private nextId = 1;
  private running = false;
  private wantsPause = false;
  private isOver = false;
  /** The client shows a note at a call. */
  private isNoted = false;
  private generation = 0;
  /** Of the last time that the machine was let go. */
  private turn = 0;
  private isTraceTold = false;
  /** Of the entry at `place`: how many probes the next part has, and how many parts are left. */
  private rehearsal = { place: '', probes: 0, parts: 0 };
  /** Of the last stop. */
  private lastPosition: Position | undefined;
  readonly consent = new Consent();
  /** Machine code that is shown as text. */
  readonly listings = new Listings();
  private readonly memoryRead = new Map<string, { offset: number; count: number }>();
  private readonly consoles = new Map<number, ConsoleText>();
  /** The client shows colours. */
  showsStyles = false;
  private printed = new Printed();
  /** The client has a terminal for the program. */
  private showsTerminal = false;

  constructor(private readonly client: Client, readonly launch: Launcher) {}

  get debugger(): Debugger {
    if (!this.core) throw new UserError('nothing has been launched yet');
    return this.core;
  }

  /** The debugger while the program stands still. */
  get stopped(): Debugger {
    if (this.running) throw new UserError('the program is running');
    if (this.isOver) throw new UserError('the program has ended');
    return this.debugger;
  }

  get isRunning(): boolean { return this.running; }
  /** Of the log, from a row on. */
  traceLog(from: number, count?: number): TraceLog {
    this.tellTrace();
    const log = this.launched?.log;
    return { ...log?.rows(from, LOG_PAGE, count) ?? { text: '', places: [] }, from, length: log?.length ?? 0 };
  }

  // ---- events ----

  send(event: string, body: unknown = {}): void { this.client.event(event, body); }
  sendCustom({ event, body }: RingsideEvent): void { this.client.event(event, body); }

  output(category: 'console' | 'stdout' | 'stderr' | 'important', text: string): void {
    this.send('output', { category, output: text });
  }

  // ---- launching and ending ----

  start(config: LaunchConfig): void {
    this.config = config;
    this.isOver = false;
    this.isTraceTold = false;
    this.lastPosition = undefined;
    const generation = ++this.generation;
    const isCurrent = (): boolean => generation === this.generation;
    this.consoles.clear();
    if (this.printed.length > 0) this.tellTerminal({ bytes: new Uint8Array(0), isFresh: true });
    this.printed = new Printed();
    this.launched = this.launch(config, {
      output: (unit, bytes) => { if (isCurrent()) this.programOutput(unit, bytes); },
      notice: sentence => { if (isCurrent()) this.output('console', `${sentence}\n`); },
    });
    const { target, catalog, openSymbols, toHostPath } = this.launched;
    const isFileThere = fileChecker();
    this.core = new Debugger(target, {
      catalog, openSymbols, sourceMap: new SourceMap(config.sourceMap, toHostPath), breakpoints: this.core?.breakpoints, isFileThere, stepInto: config.stepInto,
      listener: {
        breakpointChanged: breakpoint => this.send('breakpoint', { reason: 'changed', breakpoint: this.showBreakpoint(breakpoint) }),
        logged: (text, frame) => this.send('output', { category: 'console', output: `${text}\n`, source: frame?.file ? { path: this.localPath(frame) } : undefined, line: frame?.line }),
        taskStarted: pid => this.send('thread', { reason: 'started', threadId: pid }),
        taskExited: pid => this.send('thread', { reason: 'exited', threadId: pid }),
        modulesChanged: () => undefined,
      },
    });
    if (this.launched.timing) findLines(this.launched.timing, this.core, isFileThere);
  }

  /** The events that nobody has asked for yet go out before the session ends: a panel may be opened later. */
  private tellTiming(): void {
    const timing = this.launched?.timing;
    if (!timing) return;
    do this.sendCustom({ event: 'ringside/timing', body: timingBatch(timing, BATCH, false, { isWhole: false }) }); while (timing.feed.hasNews);
  }

  /** Back to the first checkpoint, when nothing has changed since the launch; what was typed and read happens again. False: the program is to be launched anew. */
  repeat(config: LaunchConfig): boolean {
    const isRunning = this.running;
    if (this.isOver || !this.launched?.isProgramUnchanged?.() || JSON.stringify(config) !== JSON.stringify(this.config)) return false;
    this.running = false;
    this.debugger.restart(isRunning);
    return true;
  }

  /** Ends the machine without telling the client. */
  close(): void {
    this.generation++;
    this.running = false;
    this.launched?.close();
    this.launched = undefined;
  }

  disconnected(): void { this.client.closed(); }

  /** The program ends now, by the person's will. */
  terminate(): void {
    if (this.isOver || !this.launched) return;
    this.finish(undefined);
  }

  // ---- running ----

  /** Lets the machine go on as the debugger was told, by a request of which the client does not know that it does; answers come as events. */
  goByCustomRequest(): void {
    this.send('continued', { threadId: this.debugger.target.currentPid, allThreadsContinued: true });
    this.go();
  }

  /** Lets the machine go on as the debugger was told; answers come as events. */
  go(): void {
    if (this.running) return;
    this.forgetStop();
    this.consent.answer(false);
    this.sendNote(undefined);
    this.running = true;
    this.wantsPause = false;
    void this.loop(++this.turn).catch((error: unknown) => this.failed(error));
  }

  pause(): void {
    if (this.running) this.wantsPause = true;
  }

  private async loop(turn: number): Promise<void> {
    const { debugger: core, launched } = this;
    await nextTurn();
    while (turn === this.turn && this.running) {
      if (this.wantsPause) return this.report(core.pause());
      const end = performance.now() + SLICE_MS;
      const report = core.runSlice(() => performance.now() >= end);
      this.tellTrace();
      if (report?.kind === 'idle') await Promise.race([launched?.wait(report.waitMs), this.untilPause(report.waitMs)]);
      else if (report) return this.report(report);
      await nextTurn();
    }
  }

  /** While the person looks at a stop inside the kernel, in growing parts that requests do not have to wait for long, the whole again and again; at the next stop in the same entry it goes on. */
  private async rehearse({ target: { kernel, timeline } }: Debugger): Promise<void> {
    const { turn } = this, { instructions, entry } = timeline.position, place = `${instructions}.${entry}`;
    if (kernel.frames.length === 0) return this.prepare(turn, kernel);
    if (this.rehearsal.place !== place) this.rehearsal = { place, probes: REHEARSAL.probes, parts: REHEARSAL.parts };
    const { rehearsal } = this;
    while (rehearsal.parts > 0) {
      await new Promise(resolve => setTimeout(resolve, REHEARSAL.pauseMs));
      if (turn !== this.turn || !this.launched) return;
      rehearsal.parts--;
      const start = performance.now(), isWhole = kernel.rehearse(rehearsal.probes), tookMs = performance.now() - start;
      if (tookMs > REHEARSAL.partMs) rehearsal.probes >>= 1;
      else if (!isWhole && 2 * tookMs < REHEARSAL.partMs) rehearsal.probes *= 2;
    }
  }

  /** The first look inside the kernel is then as quick as the next. */
  private async prepare(turn: number, kernel: KernelCode): Promise<void> {
    for (let isReady = false; !isReady; isReady = kernel.prepare()) {
      await new Promise(resolve => setTimeout(resolve, QUIET_MS));
      if (turn !== this.turn || !this.launched) return;
    }
  }

  private async untilPause(waitMs: number): Promise<void> {
    const end = performance.now() + waitMs;
    while (!this.wantsPause && performance.now() < end && this.running) await new Promise(resolve => setTimeout(resolve, Math.min(20, Math.max(0, end - performance.now()))));
  }

  private failed(error: unknown): void {
    this.running = false;
    this.output('important', `Ringside: ${error instanceof UserError ? error.message : `internal error: ${error instanceof Error ? error.stack ?? error.message : String(error)}`}\n`);
    this.finish(undefined);
  }

  private report(report: Report): void {
    this.running = false;
    if (report.kind === 'exited') this.finish(report);
    else if (report.kind === 'stopped') {
      if (report.reason === 'deadlock') this.output('important', utf8(`Nothing can go on:\n${(report.waits ?? []).map(line => `  ${line}\n`).join('')}`));
      const { timeline } = this.debugger.target, { position } = timeline;
      this.send('stopped', stoppedBody(report, timeline.isInPast));
      // A client may keep what it knows of a later place: it did not see the program run there.
      if (timeline.isInPast || this.lastPosition && comparePositions(position, this.lastPosition) < 0) this.send('invalidated', { areas: ['all'] });
      this.lastPosition = position;
      this.tellPosition();
      this.tellPrinted();
      this.refreshMemory();
      this.sendNote(callNoteOf(this.debugger, report, frame => this.localPath(frame)));
      void this.rehearse(this.debugger).catch((error: unknown) => this.failed(error));
    }
  }

  /** The client shows memory that it has read once: it is to read it again. */
  private refreshMemory(): void {
    for (const [memoryReference, { offset, count }] of this.memoryRead) this.send('memory', { memoryReference, offset, count });
  }

  noteMemoryRead(memoryReference: string, offset: number, count: number): void {
    const known = this.memoryRead.get(memoryReference);
    const start = Math.min(offset, known?.offset ?? offset), end = Math.max(offset + count, known ? known.offset + known.count : 0);
    this.memoryRead.set(memoryReference, { offset: start, count: end - start });
    if (this.memoryRead.size > MEMORY_LIMIT) for (const [oldest] of this.memoryRead) { this.memoryRead.delete(oldest); break; }
  }

  /** To be called before the person changes the program. In the past a change makes another future, which is agreed to first. */
  allowEdit(): void {
    const { timeline } = this.debugger.target;
    if (!timeline.isInPast) return;
    const here = formatPosition(timeline.position);
    if (this.config?.onPastEdit === 'refuse') throw new UserError('this place is in the past, and "onPastEdit" in the launch configuration refuses changes there');
    if (this.config?.onPastEdit !== 'branch') this.consent.require(here);
    this.output('console', `What was recorded after ${here} is discarded; the program goes on from there.\n`);
  }

  /** To be called after a change, once it is answered: what the client shows is not so any more. */
  edited(): void {
    this.send('invalidated', { areas: ['stacks', 'variables'] });
    this.refreshMemory();
    this.tellPosition();
  }

  private tellPosition(): void {
    const { timeline } = this.debugger.target;
    this.sendCustom({ event: 'ringside/position', body: { position: formatPosition(timeline.position), end: formatPosition(timeline.end), isInPast: timeline.isInPast } });
  }

  /** Asks the client whether the past may be changed. */
  askConsent(decided: (isAgreed: boolean) => void): void {
    const { timeline } = this.debugger.target, position = formatPosition(timeline.position);
    this.consent.wait(position, decided);
    this.sendCustom({ event: 'ringside/askPastEdit', body: { position, end: formatPosition(timeline.end) } });
  }

  private sendNote(note: CallNote | undefined): void {
    if (note || this.isNoted) this.sendCustom({ event: 'ringside/callNote', body: note ? { note } : {} });
    this.isNoted = note !== undefined;
  }

  private finish(report: { status: number; signal?: string } | undefined): void {
    if (this.isOver) return;
    this.isOver = true;
    this.running = false;
    this.generation++;
    this.tellTiming();
    this.tellWrittenFiles();
    if (report) {
      this.output('console', report.signal ? `Program killed by ${report.signal} (status ${report.status})\n` : `Program exited with status ${report.status}\n`);
      this.send('exited', { exitCode: report.status });
    }
    this.send('terminated');
  }

  private tellWrittenFiles(): void {
    const { launched } = this;
    const written = launched?.writtenFiles() ?? [];
    if (!launched || written.length === 0) return;
    const files: FileWritten[] = written.map(file => ({ path: utf8(file.path), size: file.size, ...(file.size <= FILE_DATA_LIMIT ? { data: Buffer.from(file.data()).toString('base64') } : {}) }));
    const names = files.map(file => path.posix.relative(launched.cwd, file.path)).map((name, i) => name.startsWith('..') ? files[i]?.path ?? name : name);
    this.sendCustom({ event: 'ringside/filesWritten', body: { files } });
    this.output('console', `${files.length === 1 ? '1 file' : `${files.length} files`} written in the sandbox: ${names.join(', ')}\n`);
  }

  /** From now on the client is told what the program's terminal shows. */
  showTerminal(): void {
    this.showsTerminal = true;
    const whole = this.printed.whole();
    if (whole.bytes.length > 0) this.tellTerminal(whole);
  }

  private tellTerminal(part: Part | undefined): void {
    if (part && this.showsTerminal) this.sendCustom({ event: 'ringside/terminal', body: { data: Buffer.from(part.bytes).toString('base64'), ...(part.isFresh ? { isFresh: true } : {}) } });
  }

  /** At a stop: the terminal shows what it showed there. The console, which takes nothing back, is told how far the program had come. */
  private tellPrinted(): void {
    const { printed } = this, length = this.launched?.printed?.();
    if (length === undefined) return;
    const part = printed.show(length);
    this.tellTerminal(part);
    if (part && this.debugger.target.timeline.isInPast) this.output('console', `In the past: ${printed.sentence(length)}\n`);
  }

  private programOutput(unit: number, bytes: Uint8Array): void {
    const from = this.launched?.printed?.() ?? this.printed.length;
    this.printed.add(from, bytes);
    this.tellTerminal(this.printed.show(from + bytes.length));
    let shown = this.consoles.get(unit);
    if (!shown) this.consoles.set(unit, shown = new ConsoleText(this.showsStyles));
    const text = shown.take(bytes);
    if (text !== '') this.output(unit === 2 ? 'stderr' : 'stdout', text);
  }

  private tellTrace(): void {
    const rows = this.launched?.log?.take();
    if (!rows) return;
    this.sendCustom({ event: 'ringside/trace', body: { ...rows, ...(this.isTraceTold ? {} : { isFirst: true }) } });
    this.isTraceTold = true;
  }

  // ---- ids that live until the program goes on ----

  private forgetStop(): void {
    this.frames = new Map();
    this.containers = new Map();
    this.stepOrders = new Map();
  }

  frameId(frame: StackFrame): number {
    const id = this.nextId++;
    this.frames.set(id, frame);
    return id;
  }

  frame(id: number | undefined): StackFrame | undefined {
    if (id === undefined) return undefined;
    const frame = this.frames.get(id);
    if (!frame) throw new UserError('that stack frame is gone: the program went on since');
    return frame;
  }

  /** An id for a place that a step can go to. */
  stepTarget(order: StepTarget['order']): number {
    const id = this.nextId++;
    this.stepOrders.set(id, order);
    return id;
  }

  stepOrder(id: number): StepTarget['order'] {
    const order = this.stepOrders.get(id);
    if (!order) throw new UserError('that target of a step is gone: the program went on since');
    return order;
  }

  /** An id for a row of the stack that is no frame. */
  labelId(): number { return this.nextId++; }

  reference(container: Container): number {
    const id = this.nextId++;
    this.containers.set(id, container);
    return id;
  }

  /** Whether an id was given out at a stop that is over: clients ask on for what they show while the program is let go. */
  isStale(id: number): boolean { return id > 0 && id < this.nextId && !this.frames.has(id) && !this.containers.has(id); }

  container(id: number): Container {
    const found = this.containers.get(id);
    if (!found) throw new UserError('that variable is gone: the program went on since');
    return found;
  }

  // ---- how things are shown ----

  memory({ pid }: StackFrame): Memory {
    const { target, modules } = this.debugger;
    return memoryOf(target, modules, pid);
  }

  named(frame: StackFrame, { name, value, path: expression }: NamedValue): { frame: StackFrame; name: string; value: Value; path: string } {
    return { frame, name, value, path: expression ?? name };
  }

  /** The person's path of a frame's source. */
  localPath(frame: StackFrame): string | undefined {
    if (frame.file === undefined || !frame.module) return undefined;
    return this.debugger.sourceMap.toLocal(frame.file, frame.module.path);
  }

  errnoText(errno: number): string { return describeErrno(errno); }

  line(line: number): number { return this.linesStartAt1 ? line : line - 1; }
  fromClientLine(line: number): number { return this.linesStartAt1 ? line : line + 1; }
  column(column: number): number { return this.columnsStartAt1 ? column : column - 1; }
  fromClientColumn(column: number): number { return this.columnsStartAt1 ? column : column + 1; }

  showBreakpoint(breakpoint: { id: number; isVerified: boolean; message?: string; file?: string; line?: number; column?: number; addresses: bigint[] }): object {
    const [address] = breakpoint.addresses;
    return {
      id: breakpoint.id, verified: breakpoint.isVerified, message: breakpoint.message,
      source: breakpoint.file ? { name: path.basename(breakpoint.file), path: breakpoint.file } : undefined,
      line: breakpoint.line === undefined ? undefined : this.line(breakpoint.line), column: breakpoint.column ? this.column(breakpoint.column) : undefined,
      instructionReference: address === undefined ? undefined : hex(address),
    };
  }
}

export const hex = (value: bigint): string => `0x${value.toString(16)}`;
export const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');

const nextTurn = (): Promise<void> => new Promise(resolve => { setImmediate(resolve); });

/** existsSync, remembered: a step may ask for the same file many times. */
function fileChecker(): (file: string) => boolean {
  const known = new Map<string, boolean>();
  return file => {
    let isThere = known.get(file);
    if (isThere === undefined) known.set(file, isThere = existsSync(file));
    return isThere;
  };
}

const REASONS: Partial<Record<StopReport['reason'], string>> = { signal: 'exception', error: 'exception' };

function stoppedBody(report: StopReport, isInPast: boolean): object {
  const { reason, text, pid } = report;
  const description = reason === 'syscall' ? `Paused on syscall ${report.phase === 'enter' ? 'entry' : 'return'}: ${text ?? ''}` : reason === 'signal' ? `Paused on signal ${text ?? ''}` : reason === 'deadlock' ? 'Paused: deadlock' : text && `Paused: ${text}`;
  return {
    reason: REASONS[reason] ?? reason, description: isInPast ? `${description ? utf8(description) : `Paused on ${reason}`} (in the past)` : description && utf8(description), text: text && utf8(text), threadId: pid, allThreadsStopped: true, hitBreakpointIds: report.hitBreakpointIds,
  };
}
