// The timing of a launched program as messages: bounded batches of events, with lines found by the debugger's symbols.
import { CallSiteFinder } from '../debugger/call_sites';
import type { Debugger } from '../debugger/debugger';
import type { EventBatch } from '../trace/columns';
import type { TimingFeed } from '../trace/timing_feed';
import type { TimingBatch } from './messages';

/** What a launcher offers of a run's events. */
export interface Timing {
  readonly feed: TimingFeed;
  /** Another one for each launch, restarts included. */
  readonly run: number;
  /** Events from one of them on, whether they are kept or not. */
  page(from: number, limit: number): EventBatch;
  nowNs(): number;
  readonly realCallNs: Record<string, number>;
}

/** Events in one message. */
export const BATCH = 1 << 15;

export function timingBatch({ feed, page, run, nowNs, realCallNs }: Timing, limit: number, isRunning: boolean, from?: number): TimingBatch {
  const { columns, ...batch } = from === undefined ? feed.take(limit) : page(Math.max(0, from), limit);
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
