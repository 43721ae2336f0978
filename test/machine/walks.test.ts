import assert from 'node:assert/strict';
import path from 'node:path';
import type { Timeline } from '../../src/debugger/target';
import type { LaunchOptions, Session } from '../../src/machine/assemble';
import type { Machine } from '../../src/machine/machine';
import type { StateHash } from '../../src/machine/state_hash';
import { formatPosition, type Position } from '../../src/trace/position';
import { hashOf, journeys, launchJourney } from './journeys';

interface Place { position: Position; hash: StateHash }

const STEPS = 40;

function walk(session: Session, { instructionsRetired: length, kernelEntries }: Machine, random: () => number): Place[] {
  const target = session.target();
  // Stops at calls, so that some places are in the middle of a kernel entry.
  const share = Math.min(0.3, 2 * STEPS / kernelEntries), isWanted = (): boolean => random() < share;
  target.setStopRequests({ breakpoints: new Set(), watchpoints: [], syscallEnter: isWanted, syscallExit: isWanted, signals: () => share === 0.3 || isWanted() });
  const places: Place[] = [{ position: target.timeline.position, hash: hashOf(session) }];
  for (;;) {
    const stop = target.run(1 + Math.floor(random() * 2 * length / STEPS));
    places.push({ position: target.timeline.position, hash: hashOf(session) });
    if (stop.kind === 'exited' || stop.kind === 'deadlock') return places;
  }
}

const compare = (timeline: Timeline, session: Session, { position, hash }: Place): void =>
  assert.deepEqual([formatPosition(timeline.position), hashOf(session)], [formatPosition(position), hash]);

describe('walks through time meet', function () {
  this.timeout(120_000);
  const translated: Partial<LaunchOptions> = { engine: 'translator', translateAfter: 0 };
  const ways = [...journeys.map(journey => ({ journey, options: {}, how: '' })), ...journeys.filter(({ name }) => ['patched', 'threads', 'exec'].includes(name)).map(journey => ({ journey, options: translated, how: ', translated at once' }))];
  for (const { journey, options, how } of ways) {
    it(`${journey.name}${how}: forwards, backwards, and to any place from any other`, () => {
      let seed = 7;
      const random = (): number => (seed = Math.imul(seed, 48271) % 0x7fffffff, Math.abs(seed) / 0x7fffffff);
      const measured = launchJourney(journey).session.machine;
      for (let stop = measured.run(5000); stop.kind !== 'exited' && stop.kind !== 'deadlock'; stop = measured.run(5000));

      const { session, output } = launchJourney(journey, options, 400_000);
      const places = walk(session, measured, random);
      const printed = output();
      const { timeline } = session.target();
      assert.ok(places.length > STEPS / 2, `${places.length} places`);
      for (const place of places.slice().reverse()) {
        timeline.goTo(place.position);
        compare(timeline, session, place);
      }
      for (let i = 0; i < 60; i++) {
        const place = places[Math.floor(random() * places.length)];
        assert.ok(place);
        timeline.goTo(place.position);
        compare(timeline, session, place);
        if (random() < 0.3) session.target().run(1 + Math.floor(random() * 5000));
      }
      assert.equal(output(), printed, 'nothing is printed twice');
      const last = places.at(-1);
      assert.ok(last);
      timeline.goTo(timeline.end);
      compare(timeline, session, last);
    });
  }
});

describe('the memory that the past takes', function () {
  this.timeout(60_000);
  it('stays below its bound, with checkpoints further apart; every place is still reached', () => {
    // Two megabytes, written again and again.
    const { session } = launchJourney({ name: 'loop', program: path.resolve('bench/time/loop.elf'), args: [], input: [] }, {}, 0);
    const target = session.target(12), { timeline } = target;
    const places: Place[] = [];
    let most = 0, taken = 0;
    for (let i = 0; i < 40; i++) {
      if (i % 4 === 0) places.push({ position: timeline.position, hash: hashOf(session) });
      const before = timeline.count;
      target.run(20_000_000);
      if (timeline.count > before) taken++;
      most = Math.max(most, timeline.bytes);
    }
    assert.ok(taken > timeline.count, `${taken} were taken, ${timeline.count} are kept`);
    assert.ok(most > 4 * 2 ** 20 && most < 16 * 2 ** 20, `${most} bytes`);
    for (const place of places.reverse()) { timeline.goTo(place.position); compare(timeline, session, place); }
  });
});
