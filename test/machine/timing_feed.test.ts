import assert from 'node:assert/strict';
import { EventTable } from '../../src/trace/columns';
import type { EventLog } from '../../src/trace/event';
import { defaultOptions } from '../../src/trace/options';
import { StraceLog } from '../../src/trace/strace_text';
import { TimingFeed } from '../../src/trace/timing_feed';
import { journeys, launchJourney } from './journeys';

/** Of one task: its lines are whole. */
const PROGRAMS = ['files', 'sleeps', 'numbers', 'chance'];
const PIECE = 7;

/** The calls of a run as the log writes them and as the feed tells them; `every`: instructions between two looks at the feed, `piece`: rows at a time. */
function run(name: string, every: number, piece = PIECE): { log: string[]; feed: EventTable; events: EventLog | undefined } {
  const journey = journeys.find(each => each.name === name);
  assert.ok(journey, name);
  let text = '';
  const feed = new EventTable();
  let take = (): void => undefined, events: EventLog | undefined;
  const { session } = launchJourney(journey, {}, 0, made => {
    made.machine.listen(new StraceLog(made.logSource, defaultOptions, more => { text += more; }));
    const timing = new TimingFeed(events = made.eventLog(), made.logSource);
    made.machine.listen(timing);
    take = () => { while (timing.hasNews) feed.append(timing.take(piece)); };
  });
  while (session.machine.run(every).kind !== 'exited') take();
  take();
  return { log: text.split('\n').filter(line => /^\w+\(/.test(line)).map(line => line.replace(/\)\s+= /, ') = ')), feed, events };
}

const calls = ({ feed }: { feed: EventTable }): number[] => Array.from({ length: feed.length }, (_, index) => index).filter(index => feed.kind(index) === 'call');

describe('the feed of a running machine', () => {
  for (const name of PROGRAMS) {
    it(`${name}: each call has the text of the log`, () => {
      const ran = run(name, 5000);
      assert.deepEqual(calls(ran).map(index => ran.feed.string('text', index)), ran.log);
      for (const index of calls(ran)) assert.ok(ran.feed.string('text', index).startsWith(`${ran.feed.string('name', index)}(`));
    });
  }

  it('is the same however often it is looked at', () => {
    const rarely = run('files', 1e9).feed, often = run('files', 300).feed;
    const row = (feed: EventTable, index: number): unknown[] => [
      feed.kind(index), ...(['startNs', 'endNs', 'entryNs', 'handlerNs', 'copyNs', 'blockedNs', 'exitNs', 'value', 'instructions'] as const).map(column => feed.number(column, index)),
      ...(['bytes', 'entry', 'code', 'pid'] as const).map(column => feed.word(column, index)), ...(['name', 'text', 'object', 'error'] as const).map(column => feed.string(column, index)),
    ];
    assert.equal(often.length, rarely.length);
    for (let index = 0; index < rarely.length; index++) assert.deepEqual(row(often, index), row(rarely, index), `event ${index}`);
  });

  it('rows that came about alike are each what the log has of them', () => {
    for (const piece of [PIECE, 1 << 16]) {
      for (const name of ['files', 'numbers', 'busy', 'faults']) {
        const { feed, events } = run(name, 1e9, piece);
        assert.equal(feed.length, events?.length);
        for (const event of events?.events() ?? []) {
          const { index } = event;
          assert.equal(feed.kind(index), event.kind);
          for (const column of ['startNs', 'endNs', 'entryNs', 'handlerNs', 'copyNs', 'blockedNs', 'exitNs', 'value', 'instructions'] as const) assert.equal(feed.number(column, index), event[column], `${name} ${index} ${column}`);
          for (const column of ['bytes', 'entry', 'code', 'pid'] as const) assert.equal(feed.word(column, index), event[column] | 0, `${name} ${index} ${column}`);
        }
      }
    }
  });

  it('the parts of a call add up to its whole', () => {
    const { feed } = run('files', 1e9);
    for (const index of calls({ feed }).filter(each => !Number.isNaN(feed.duration(each)))) {
      const parts = (['entryNs', 'handlerNs', 'copyNs', 'blockedNs', 'exitNs'] as const).reduce((sum, column) => sum + feed.number(column, index), 0);
      assert.ok(Math.abs(parts - feed.duration(index)) < 1e-3, `event ${index}: ${parts} of ${feed.duration(index)}`);
    }
  });
});
