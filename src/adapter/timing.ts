// The timing of a launched program as messages: bounded batches of events, with lines found by the debugger's symbols.
import { CallSiteFinder } from '../debugger/call_sites';
import type { Debugger } from '../debugger/debugger';
import type { Derived, TimingFeed } from '../trace/timing_feed';
import type { TimingBatch } from './messages';

/** What a launcher offers of a run's events. */
export interface Timing {
  readonly feed: TimingFeed;
  /** Another one for each launch, restarts included. */
  readonly run: number;
  /** A feed with an event that `feed` has dropped. */
  readonly derived: Derived;
  nowNs(): number;
  readonly realCallNs: Record<string, number>;
}

/** Events in one message. */
export const BATCH = 1 << 16;

/** What has come since the last batch, or the events from `from` on. `isWhole`: what has been dropped meanwhile is derived again. */
export function timingBatch({ feed, derived, run, nowNs, realCallNs }: Timing, limit: number, isRunning: boolean, { from, isWhole = true }: { from?: number; isWhole?: boolean } = {}): TimingBatch {
  const { columns, ...batch } = from === undefined ? feed.take(limit, isWhole ? derived : undefined) : feed.page(Math.max(0, from), limit, derived);
  return { run, batch: { ...batch, columns: Buffer.from(columns.buffer, columns.byteOffset, columns.byteLength).toString('base64') }, nowNs: nowNs(), isRunning, realCallNs, hasMore: feed.hasNews };
}

/** From now on events know the lines that made them. `isThere`: whether the person has that file. */
export function findLines({ feed }: Timing, core: Debugger, isThere: (file: string) => boolean): void {
  const known = new Map<string, string | undefined>();
  feed.callSites = new CallSiteFinder(core.target, core.modules, (file, module) => {
    const key = `${module.path}\0${file}`;
    if (!known.has(key)) {
      const local = core.sourceMap.toLocal(file, module.path);
      known.set(key, isThere(local) ? local : undefined);
    }
    return known.get(key);
  });
}
