import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { LaunchOptions, Session } from '../../src/machine/assemble';
import { eventLog } from '../../src/machine/event_source';
import { checkGraph } from '../../src/machine/graph_check';
import type { StateHash } from '../../src/machine/state_hash';
import { defaultOptions } from '../../src/trace/options';
import { StraceLog } from '../../src/trace/strace_text';
import { hashOf, journeys, launchJourney, type Journey } from './journeys';

interface Run { states: [instructions: number, hash: StateHash][]; output: string }
interface Way { options?: Partial<LaunchOptions>; attach?: (session: Session) => void; begun?: (session: Session) => void; slice: (random: () => number) => number }

/** Runs a program to its end, with its state at each multiple of `every` instructions. */
function run(journey: Journey, every: number, way: Way): Run {
  const { session, output } = launchJourney(journey, way.options, 0, way.attach);
  way.begun?.(session);
  const { machine } = session;
  const states: Run['states'] = [];
  let seed = 1;
  const random = (): number => (seed = Math.imul(seed, 48271) % 0x7fffffff) / 0x7fffffff;
  for (let end = every; ; end += every) {
    while (machine.instructionsRetired < end) {
      const stop = machine.run(Math.min(end - machine.instructionsRetired, Math.max(1, Math.floor(way.slice(random)))));
      if (stop.kind === 'exited' || stop.kind === 'deadlock') {
        if (states.at(-1)?.[0] !== machine.instructionsRetired) states.push([machine.instructionsRetired, hashOf(session)]);
        return { states, output: output() };
      }
    }
    // Who stops at calls may stand before the kernel's answer here.
    while (machine.pendingEntry) machine.run(0);
    checkGraph();
    states.push([machine.instructionsRetired, hashOf(session)]);
  }
}

const whole = { slice: () => Infinity };
const pieces = { slice: (random: () => number): number => random() < 0.2 ? 1 : 1 + random() ** 3 * 20_000 };
const logged = (session: Session): void => { eventLog(session.machine, session.logSource); session.machine.listen(new StraceLog(session.logSource, defaultOptions, () => undefined)); };
/** Breakpoints, watchpoints and stops at calls and signals; checkpoints are taken on the way. */
const debugged = (session: Session): void => {
  const target = session.target();
  const code = target.mappings(target.currentPid).find(mapping => mapping.permissions[2] === 'x');
  assert.ok(code);
  target.setStopRequests({
    breakpoints: new Set(Array.from({ length: 400 }, (_, i) => code.start + BigInt(i * 7))), watchpoints: [{ address: code.end, size: 8, access: 'write' }],
    syscallEnter: nr => nr % 2 === 0, syscallExit: () => true, signals: () => true,
  });
};
const ways: Record<string, Way> = {
  'again': whole,
  'in slices of any length': { slice: random => 1 + random() ** 4 * 3000 },
  'with its calls logged': { ...whole, attach: logged },
  'with breakpoints set, and checkpoints': { ...whole, begun: debugged },
  'interpreted': { ...whole, options: { engine: 'interpreter' } },
  'interpreted, logged, with breakpoints and checkpoints, in pieces': { ...pieces, attach: logged, begun: debugged, options: { engine: 'interpreter' } },
  'translated, whatever it jumps to': { ...whole, options: { engine: 'translator', translateAfter: 0 } },
  'translated, with the kernel\'s entry code executed': { ...whole, begun: ({ machine }) => { machine.parts.core.syscallGate = null; }, options: { engine: 'translator', translateAfter: 0 } },
  'translated, by single steps and in pieces': { ...pieces, options: { engine: 'translator', translateAfter: 0 } },
  'translated, logged, with breakpoints and checkpoints, in pieces': { ...pieces, attach: logged, begun: debugged, options: { engine: 'translator', translateAfter: 0 } },
};

/** Where what a person types arrives depends on the person, not on the launch. */
const untyped = journeys.filter(({ input }) => input.length === 0);

describe('the same launch gives the same states', function () {
  this.timeout(120_000);
  for (const journey of untyped) {
    it(`${journey.name}: ${Object.keys(ways).join(", ")}`, () => {
      const length = run(journey, Infinity, whole).states[0]?.[0] ?? 0;
      const every = Math.ceil(length / 12);
      const first = run(journey, every, whole);
      assert.ok(first.output.length > 0 && first.states.length > 10, `${first.states.length} states of ${length} instructions`);
      for (const [name, way] of Object.entries(ways)) {
        // Programs with all of libc take a while to translate as a whole.
        if (way.options?.translateAfter === 0 && journey.name.endsWith('(dynamic)')) continue;
        const other = run(journey, every, way);
        const differs = first.states.findIndex((state, i) => !isDeepStrictEqual(state, other.states[i]));
        assert.deepEqual(other.states[differs], first.states[differs], `${name}: state ${differs} of ${first.states.length}`);
        assert.deepEqual([other.states.length, other.output], [first.states.length, first.output], name);
      }
    });
  }

  // Each reading is priced, so that the timer comes nearer while the processor runs.
  it('a program that reads the time stamp counter all the while: ticks come where they come in slices of any length', () => {
    const busy = journeys.find(({ name }) => name === 'busy');
    assert.ok(busy);
    for (let i = 0; i < 4; i++) {
      // What is copied takes time: each run's timers fall elsewhere.
      const journey = { ...busy, args: ['x'.repeat(50 * i)] }, first = run(journey, 50_000, whole);
      for (const length of [1000, 300_000]) {
        const { states } = run(journey, 50_000, { slice: random => 1 + random() * length }), differs = states.findIndex((state, at) => !isDeepStrictEqual(state, first.states[at]));
        assert.deepEqual(states[differs], first.states[differs], `slices of up to ${length}`);
      }
    }
  });
});
