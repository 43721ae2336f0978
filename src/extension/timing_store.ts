// The events of the newest run as they came from the adapter: fetched while a panel shows them, kept when the session is over and when the window reloads, bounded.
// Not here: the panel (timing_panel.ts).
import * as vscode from 'vscode';
import type { RingsideEvent, RingsideRequest, TimingBatch } from '../adapter/messages';
import type { RunFacts } from '../charts/panel_messages';
import type { EventBatch } from '../trace/columns';
import { keepTiming, readTiming } from './kept_timing';

type Timing = Extract<RingsideRequest, { command: 'ringside/timing' }>;
type Told = Extract<RingsideEvent, { event: 'ringside/timing' }>['body'];

/** Events that are kept; the panel keeps no more. */
const MOST_ROWS = 1 << 20;
/** Runs of more events do not outlive the window. */
const MOST_KEPT = 1 << 18;
/** Events of one answer: the adapter makes it in some tens of milliseconds, and answers nothing else meanwhile. */
const LIMIT = 1 << 15;
/** Older events that are asked for at a time. */
const OLDER = 1 << 16;
const PERIOD_MS = 200;

export interface StoreListener {
  began(): void;
  events(batch: EventBatch): void;
  facts(): void;
}

const nothing: RunFacts = { program: '', nowNs: 0, isRunning: false, isOver: false, realCallNs: {}, canGo: false };

export class TimingStore implements vscode.Disposable {
  facts: RunFacts = nothing;
  /** Names the run: another one when the program is launched again. */
  run = '';
  session: vscode.DebugSession | undefined;
  private batches: EventBatch[] = [];
  private rows = 0;
  private length = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isFetching = false;
  private listener: StoreListener | undefined;
  private readonly disposables: vscode.Disposable[];

  /** `folder`: where the newest run is kept for the next window; undefined: nowhere. */
  constructor(private readonly folder: string | undefined) {
    this.disposables = [
      vscode.debug.onDidStartDebugSession(session => { if (session.type === 'ringside') this.begin(session); }),
      vscode.debug.onDidReceiveDebugSessionCustomEvent(({ session, event, body }) => {
        if (session.type !== 'ringside' || event !== 'ringside/timing') return;
        if (session.id !== this.session?.id) this.begin(session);
        this.take(body as Told);
      }),
      vscode.debug.onDidTerminateDebugSession(session => {
        if (session.id !== this.session?.id) return;
        this.session = undefined;
        this.say({ isRunning: false, isOver: true, canGo: false, cursorNs: undefined });
        this.keep();
      }),
    ];
    if (vscode.debug.activeDebugSession?.type === 'ringside') this.begin(vscode.debug.activeDebugSession);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.keep();
    for (const disposable of this.disposables) disposable.dispose();
  }

  /** Fetches for `listener` from now on, telling it all that is there; undefined: nobody looks. */
  listen(listener: StoreListener | undefined): void {
    this.listener = listener;
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!listener) return;
    if (this.run === '') this.restore();
    listener.began();
    for (const batch of this.batches) listener.events(batch);
    listener.facts();
    void this.fetch();
  }

  /** Events from before `before`, though the adapter has dropped them: it repeats the run. Undefined: it is over, or they are those of another run. */
  async older(before: number): Promise<EventBatch | undefined> {
    const { session, run: name } = this, from = Math.max(0, before - OLDER);
    if (!session) return undefined;
    try {
      const { run, batch } = await session.customRequest('ringside/timing' satisfies Timing['command'], { limit: before - from, from } satisfies Timing['arguments']) as Timing['body'];
      if (`${session.id}:${run}` !== name || this.run !== name) return undefined;
      const columns = new Uint8Array(Buffer.from(batch.columns, 'base64'));
      // What its numbers stand for is told once only.
      if (batch.strings.added.length > 0 || batch.sites.added.length > 0) this.batches.push({ ...batch, length: this.length, rows: 0, columns: new Uint8Array(0) });
      return { ...batch, columns };
    } catch (error) {
      // A session that ends meanwhile answers with an error.
      if (error instanceof Error) return undefined;
      throw error;
    }
  }

  private begin(session: vscode.DebugSession): void {
    this.session = session;
    const program = String(session.configuration['program'] ?? session.name);
    this.clear(`${session.id}:0`, { ...nothing, program: program.slice(Math.max(program.lastIndexOf('/'), program.lastIndexOf('\\')) + 1), isRunning: true });
    if (this.listener) void this.fetch();
  }

  private clear(run: string, facts: RunFacts): void {
    this.run = run;
    this.facts = facts;
    this.batches = [];
    this.rows = this.length = 0;
    this.listener?.began();
  }

  /** Asks the adapter until there is no more, then again and again while the session lives. */
  private async fetch(): Promise<void> {
    const { session } = this;
    if (this.isFetching || !session) return;
    this.isFetching = true;
    try {
      for (let hasMore = true; hasMore && this.listener && this.session === session;) {
        const reply = await session.customRequest('ringside/timing' satisfies Timing['command'], { limit: LIMIT } satisfies Timing['arguments']) as Timing['body'];
        this.take(reply);
        ({ hasMore } = reply);
      }
    } catch (error) {
      // A session that has not launched yet, or has just ended, answers with an error.
      if (!(error instanceof Error)) throw error;
    } finally {
      this.isFetching = false;
    }
    clearTimeout(this.timer);
    if (this.listener && this.session) this.timer = setTimeout(() => { void this.fetch(); }, PERIOD_MS);
  }

  private take({ run, batch, nowNs, isRunning, realCallNs }: TimingBatch): void {
    const name = `${this.session?.id ?? ''}:${run}`;
    if (name !== this.run) {
      if (this.run.endsWith(':0')) this.run = name;
      else this.clear(name, { ...this.facts, nowNs: 0 });
      this.listener?.began();
    }
    const columns = Buffer.from(batch.columns, 'base64');
    // A Uint8Array of its own: what is posted to a webview is copied whole.
    const kept: EventBatch = { ...batch, columns: new Uint8Array(columns) };
    if (kept.rows > 0 || kept.strings.added.length > 0 || kept.length < this.length) {
      this.length = kept.length;
      this.batches.push(kept);
      this.rows += kept.rows;
      for (let i = 0; this.rows > MOST_ROWS && i < this.batches.length - 1; i++) this.forgetRows(i);
      this.listener?.events(kept);
    }
    // In the past the clock shows an earlier time than the newest event's.
    this.say({ nowNs: Math.max(nowNs, this.facts.nowNs), isRunning, realCallNs, cursorNs: isRunning ? undefined : nowNs, canGo: !isRunning && this.session !== undefined });
  }

  /** Strings and sites of a batch are referred to by later ones: they stay. */
  private forgetRows(at: number): void {
    const batch = this.batches[at];
    if (!batch || batch.rows === 0) return;
    this.rows -= batch.rows;
    this.batches[at] = { ...batch, rows: 0, columns: new Uint8Array(0) };
  }

  private keep(): void {
    if (this.folder === undefined || this.batches.length === 0 || this.rows > MOST_KEPT) return;
    keepTiming(this.folder, { run: this.run, facts: { ...this.facts, isRunning: false, isOver: true, canGo: false, cursorNs: undefined }, batches: this.batches });
  }

  private restore(): void {
    const kept = this.folder === undefined ? undefined : readTiming(this.folder);
    if (!kept) return;
    Object.assign(this, kept);
    this.rows = kept.batches.reduce((sum, batch) => sum + batch.rows, 0);
  }

  private say(facts: Partial<RunFacts>): void {
    this.facts = { ...this.facts, ...facts };
    this.listener?.facts();
  }
}
