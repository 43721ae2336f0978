// Events that a bounded trace has dropped: asked for again they are what an unbounded trace recorded.
import assert from 'node:assert/strict';
import { EventHistory } from '../../src/machine/event_history';
import type { MachineTarget } from '../../src/machine/target';
import { EventTable } from '../../src/trace/columns';
import { CHUNK_EVENTS } from '../../src/trace/event';
import { TimingFeed } from '../../src/trace/timing_feed';
import { hashOf, journeys, launchJourney, type Journeyed } from './journeys';

const SLICE = 20_000, PAGE = 1000;

interface Recorded extends Journeyed { feed: TimingFeed; target: MachineTarget; history: EventHistory; strings: string[] }

function record(name: string, memoryMB: number, most: number): Recorded {
  const journey = journeys.find(each => each.name === name);
  assert.ok(journey, name);
  let feed: TimingFeed | undefined;
  const launched = launchJourney(journey, {}, 400_000, made => {
    feed = new TimingFeed(made.eventLog(memoryMB), made.logSource);
    made.machine.listen(feed);
  });
  assert.ok(feed);
  const target = launched.session.target(), { timeline } = target, history = new EventHistory(timeline, feed);
  timeline.onMark = position => history.mark(position);
  timeline.onForget = () => history.beforeForget();
  while (feed.log.length < most && target.run(SLICE).kind !== 'exited') if (launched.session.machine.isRunning) timeline.onMark(timeline.position);
  return { ...launched, feed, target, history, strings: [''] };
}

/** Events as they would be shown, fetched page by page. */
function rows({ feed, history, strings }: Recorded, from: number, to: number): unknown[][] {
  const shown: unknown[][] = [];
  for (let at = from; at < to; at += PAGE) {
    const page = feed.page(at, Math.min(PAGE, to - at), index => history.feedWith(index)), part = new EventTable(1 << 22);
    page.strings.added.forEach((text, i) => { strings[page.strings.from + i] = text; });
    part.strings.push(...strings.slice(1));
    part.append({ ...page, strings: { from: 1, added: [] } });
    for (let i = at; i < Math.min(to, at + PAGE); i++) {
      shown.push([
        i, part.kind(i), ...(['startNs', 'endNs', 'entryNs', 'handlerNs', 'copyNs', 'blockedNs', 'exitNs', 'value', 'instructions'] as const).map(column => part.number(column, i)),
        ...(['bytes', 'entry', 'code', 'pid'] as const).map(column => part.word(column, i)), ...(['name', 'text', 'object', 'error'] as const).map(column => part.string(column, i)),
      ]);
    }
  }
  return shown;
}

describe('events that were dropped', function () {
  this.timeout(120_000);

  it('are derived again as they were recorded, from anywhere, and nothing else changes', () => {
    const whole = record('busy', 256, Infinity), count = whole.feed.log.length;
    assert.equal(whole.feed.log.first, 0);
    const expected = rows(whole, 0, count);
    assert.equal(new Set(expected.map(row => row[1])).size, 8, 'events of each kind');
    const bounded = record('busy', 1, Infinity), { log } = bounded.feed, { timeline } = bounded.target;
    assert.equal(log.length, count);
    assert.ok(log.first > count / 3, `${log.first} of ${count} were dropped`);
    const end = timeline.position, hash = hashOf(bounded.session), printed = bounded.output();
    const check = (): void => { for (const [i, row] of rows(bounded, 0, count).entries()) assert.deepEqual(row, expected[i]); };
    check();
    assert.deepEqual([timeline.position, timeline.isInPast, hashOf(bounded.session), bounded.output(), log.length], [end, false, hash, printed, count]);
    timeline.goTo({ instructions: Math.floor(end.instructions / 3), entry: 0, probe: 0 });
    const there = timeline.position, before = hashOf(bounded.session);
    check();
    assert.deepEqual([timeline.position, timeline.isInPast, hashOf(bounded.session)], [there, true, before]);
    timeline.goTo(end);
    assert.deepEqual([timeline.isInPast, hashOf(bounded.session), bounded.output()], [false, hash, printed]);
  });

  it('come to whoever looks late, or are left out where they are not wanted', () => {
    const { feed, history } = record('busy', 1, 16_000), { log } = feed, whole = new EventTable(), rest = new EventTable();
    const other = feed.again(log);
    while (feed.hasNews) whole.append(feed.take(5000, index => history.feedWith(index)));
    assert.deepEqual([whole.first, whole.length], [0, log.length]);
    rest.append(other.take(Infinity));
    assert.deepEqual([rest.first, rest.length], [log.first, log.length]);
    for (let i = log.first; i < log.length; i += 100) assert.equal(rest.number('startNs', i), whole.number('startNs', i));
    for (let i = 1; i < log.length; i++) assert.ok(whole.word('pid', i) > 1000 && whole.string('name', i) !== '', `event ${i}`);
  });

  it('while the run goes on: the run is the same', () => {
    const whole = record('busy', 256, Infinity), bounded = record('busy', 1, 10_000);
    const expected = rows(whole, 0, 3000);
    do {
      const from = Math.max(0, bounded.feed.log.first - 100);
      for (const [i, row] of rows(bounded, from, from + 10).entries()) assert.equal(row[2], rows(whole, from + i, from + i + 1)[0]?.[2]);
    } while (bounded.target.run(SLICE).kind !== 'exited');
    const newest = bounded.feed.log.first - bounded.feed.log.first % CHUNK_EVENTS;
    assert.deepEqual(rows(bounded, newest - CHUNK_EVENTS, newest), rows(whole, newest - CHUNK_EVENTS, newest));
    assert.deepEqual(hashOf(bounded.session), hashOf(whole.session));
    assert.equal(bounded.output(), whole.output());
    assert.deepEqual(rows(bounded, 0, 3000), expected);
  });

  it('a change before the oldest event that is kept: the trace ends there and goes on from there', () => {
    const bounded = record('busy', 1, 20_000), { timeline } = bounded.target, { log } = bounded.feed;
    const [, place] = rows(bounded, 0, 5001).slice(-2);
    timeline.goTo({ instructions: Number(place?.[10]), entry: 0, probe: 0 });
    const hasEnded = (row: unknown[]): boolean => !(Number(row[3]) >= Number(place?.[2]));
    const expected = rows(bounded, 0, 4900).filter(hasEnded), indexes = new Set(expected.map(([index]) => index));
    const check = (): void => { assert.deepEqual(rows(bounded, 0, 4900).filter(([index]) => indexes.has(index)), expected); };
    bounded.target.registers(bounded.target.currentPid, 'user').write('r15', 1n);
    assert.ok(log.length <= 5001 && log.length > 4900, `${log.length} events`);
    check();
    for (let i = 0; i < 25; i++) bounded.target.run(SLICE);
    assert.ok(log.length > 5001);
    check();
  });
});
