// Chrome traces of real programs keep the rules of the Trace Event Format (JSON object form; complete, instant and metadata events): a viewer drops or misplaces what breaks them.
import assert from 'node:assert/strict';
import { chromeTrace } from '../../src/charts/chrome_trace';
import { collectStatistics } from '../../src/charts/statistics';
import type { Run } from '../../src/charts/chart';
import { EventTable } from '../../src/trace/columns';
import { TimingFeed } from '../../src/trace/timing_feed';
import { journeys, launchJourney } from '../machine/journeys';
import { pipeRun } from './runs';

interface TraceEvent { ph: string; name: string; cat: string; pid: number; tid: number; ts?: number; dur?: number; s?: string; args?: Record<string, unknown> }

function recorded(name: string): Run {
  const journey = journeys.find(each => each.name === name), events = new EventTable();
  assert.ok(journey, name);
  let feed: TimingFeed | undefined;
  const { session } = launchJourney(journey, {}, 0, made => {
    feed = new TimingFeed(made.eventLog(), made.logSource);
    made.machine.listen(feed);
  });
  while (!['exited', 'deadlock'].includes(session.machine.run(100_000).kind));
  if (feed) events.append(feed.take(Infinity));
  return { events, program: name, nowNs: session.machine.parts.clock.now(), realCallNs: {} };
}

/** Whole nanoseconds: the format's times are microseconds. */
const ns = (us: number | undefined): number => Math.round((us ?? NaN) * 1000);

/** What each kind of event must have. */
function checkShape(e: TraceEvent): void {
  const told = JSON.stringify(e);
  assert.ok(Number.isInteger(e.pid) && Number.isInteger(e.tid) && typeof e.name === 'string' && e.name !== '', told);
  switch (e.ph) {
    case 'M': assert.deepEqual([['process_name', 'thread_name'].includes(e.name), typeof e.args?.['name']], [true, 'string'], told); break;
    case 'X': assert.ok(Number.isFinite(e.ts) && Number.isFinite(e.dur) && (e.ts ?? -1) >= 0 && (e.dur ?? -1) >= 0, told); break;
    case 'i': assert.ok(Number.isFinite(e.ts) && (e.ts ?? -1) >= 0 && e.s === 't', told); break;
    default: assert.fail(told);
  }
}

/** Slices of a thread stand inside or beside each other. */
function checkNesting(slices: readonly TraceEvent[]): void {
  for (const tid of new Set(slices.map(e => e.tid))) {
    const open: { name: string; end: number }[] = [];
    const ofThread = slices.filter(e => e.tid === tid).map(e => ({ name: e.name, start: ns(e.ts), end: ns(e.ts) + ns(e.dur) })).sort((a, b) => a.start - b.start || b.end - a.end);
    for (const { name, start, end } of ofThread) {
      while (open.length > 0 && (open.at(-1)?.end ?? 0) <= start) open.pop();
      const outer = open.at(-1);
      assert.ok(!outer || end <= outer.end, `${name} of task ${tid} from ${start} to ${end} begins inside ${outer?.name} and ends behind it, ${outer?.end}`);
      open.push({ name, end });
    }
  }
}

describe('a Chrome trace', () => {
  for (const name of ['written by hand', 'threads', 'fork_pipe', 'signals', 'sleeps', 'sockets', 'files', 'exec', 'faults', 'chance', 'loopback', 'events']) {
    it(`${name}: keeps the format`, () => {
      const run = name === 'written by hand' ? pipeRun() : recorded(name);
      const { traceEvents, displayTimeUnit } = JSON.parse(chromeTrace(run)) as { traceEvents: TraceEvent[]; displayTimeUnit: string };
      assert.equal(displayTimeUnit, 'ns');
      for (const e of traceEvents) checkShape(e);
      const named = traceEvents.filter(e => e.name === 'thread_name').map(e => e.tid), slices = traceEvents.filter(e => e.ph === 'X');
      assert.equal(new Set(named).size, named.length, 'a thread has one name');
      assert.equal(traceEvents.filter(e => e.name === 'process_name').length, 1);
      for (const e of traceEvents) if (e.ph !== 'M') assert.ok(named.includes(e.tid), `task ${e.tid} has no name`);
      checkNesting(slices);
      const total = (call: string): number => slices.filter(e => e.cat === 'call' && e.name === call).reduce((sum, e) => sum + ns(e.dur), 0);
      for (const { kind, name: call, totalNs } of collectStatistics(run.events)) if (kind === 'call' && Number.isFinite(totalNs)) assert.ok(total(call) >= totalNs, `${call}: ${total(call)} of ${totalNs}`);
    });
  }
});
