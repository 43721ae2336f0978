// Rows of the strace log that were dropped: asked for again they are what was logged at first.
import assert from 'node:assert/strict';
import { LogRows } from '../../src/machine/log_rows';
import type { MachineTarget } from '../../src/machine/target';
import { parseEventPlace } from '../../src/trace/position';
import { hashOf, journeys, launchJourney, type Journeyed } from './journeys';

const SLICE = 5_000;

interface Logged extends Journeyed { log: LogRows; target: MachineTarget; told: { text: string; places: string[] } }

function record(name: string, maxBytes: number, most = Infinity): Logged {
  const journey = journeys.find(each => each.name === name);
  assert.ok(journey, name);
  let log: LogRows | undefined;
  const launched = launchJourney(journey, {}, 400_000, made => { log = new LogRows(made, text => text, maxBytes); });
  assert.ok(log);
  const target = launched.session.target(), { timeline } = target, told = { text: '', places: [] as string[] };
  log.follow(timeline);
  timeline.onMark = position => log?.mark(position);
  timeline.onForget = () => log?.beforeForget();
  do {
    const { text = '', places = [] } = log.take() ?? {};
    told.text += text;
    told.places.push(...places);
    if (launched.session.machine.isRunning) timeline.onMark(timeline.position);
  } while (log.length < most && target.run(SLICE).kind !== 'exited');
  const { text = '', places = [] } = log.take() ?? {};
  return { ...launched, log, target, told: { text: told.text + text, places: [...told.places, ...places] } };
}

/** How the kernel's statement that tells of a row begins, by how the row begins. */
const TELLS: readonly [row: RegExp, statement: RegExp][] = [[/^(\[pid +\d+\] )?--- SIG/, /events\.signal\(/], [/^(\[pid +\d+\] )?--- stopped/, /events\.stopped\(/], [/^(\[pid +\d+\] )?\+\+\+ /, /events\.exit\(/], [/resumed/, /events\.syscallExit\(/]];

const everything = (log: LogRows): { text: string; places: string[] } => log.rows(0, Infinity);

describe('rows of the log that were dropped', function () {
  this.timeout(120_000);

  for (const { name } of journeys) {
    it(`${name}: with room for none of them, are what was logged`, () => {
      const { log, told, target: { timeline }, session, output } = record(name, 0);
      const end = timeline.position, hash = hashOf(session), printed = output();
      assert.ok(told.places.length > 3 && told.text.endsWith(' +++\n'));
      assert.deepEqual(everything(log), told);
      assert.deepEqual([log.length, timeline.position, timeline.isInPast, hashOf(session), output()], [told.places.length, end, false, hash, printed]);
    });
  }

  it('from any row on, in the past and at the end, page by page', () => {
    const { log, told, target: { timeline } } = record('busy', 0), lines = told.text.match(/.*\n/g) ?? [];
    assert.equal(lines.length, told.places.length);
    for (const share of [1, 0.4]) {
      timeline.goTo({ instructions: Math.floor(timeline.end.instructions * share), entry: 0, probe: 0 });
      for (let from = 0; from < lines.length;) {
        const { text, places } = log.rows(from, 30_000);
        assert.deepEqual(text.match(/.*\n/g), lines.slice(from, from + places.length));
        assert.deepEqual(places, told.places.slice(from, from + places.length));
        assert.deepEqual(log.rows(from, Infinity, 7), { text: lines.slice(from, from + 7).join(''), places: told.places.slice(from, from + 7) });
        from += Math.max(1, Math.floor(places.length * 0.7));
      }
    }
  });

  it('keep to their bound', () => {
    const { log, told } = record('busy', 50_000);
    assert.ok(log.bytes < 60_000 && told.text.length > 300_000, `${log.bytes} of ${told.text.length}`);
    assert.deepEqual(everything(log), told);
  });

  it('a change in the past takes away what came after it, and says so', () => {
    const { log, told, target } = record('busy', 0, 6000), { timeline } = target;
    const row = 3000, [instructions = 0, entry = 0] = (told.places[row] ?? '').split('.').map(Number);
    timeline.goTo({ instructions, entry, probe: 0 });
    target.registers(target.currentPid, 'user').write('r15', 1n);
    const shortened = log.take();
    assert.ok(shortened && shortened.from <= row + 1 && shortened.from + shortened.places.length === log.length, JSON.stringify(shortened));
    assert.equal(log.take(), undefined);
    const after = everything(log), lines = after.text.match(/.*\n/g) ?? [];
    assert.deepEqual(lines.slice(0, row), told.text.match(/.*\n/g)?.slice(0, row));
    assert.match(lines.slice(row).join(''), /^(.* <unfinished \.\.\.>\n)?--- the past was changed/);
    for (let i = 0; i < 100; i++) target.run(SLICE);
    assert.ok(log.length > lines.length);
    const now = everything(log);
    assert.equal(now.text.slice(0, after.text.length), after.text);
    assert.deepEqual(now.places.slice(0, after.places.length), after.places);
  });
});

describe('rows of the log that are begun while the kernel answers', function () {
  this.timeout(120_000);
  for (const name of ['signals', 'fork_pipe', 'threads', 'exec', 'sleeps']) {
    it(`${name}: lead to the kernel's statement that tells of them, from anywhere`, () => {
      const { told, target: { timeline, kernel }, session } = record(name, Infinity), hash = hashOf(session), end = timeline.position;
      const rows = (told.text.match(/.*\n/g) ?? []).map((text, i) => ({ text, place: parseEventPlace(told.places[i] ?? '') }));
      const inside = rows.filter(({ place }) => place && place.event > 0);
      assert.ok(inside.length > 0);
      for (const { text, place } of inside.reverse()) {
        assert.ok(place);
        timeline.goTo(place.position);
        assert.ok(kernel.goToEvent(place.event), text);
        const [frame] = kernel.frames, source = kernel.sources.find(({ path }) => path === frame?.file)?.text.split('\n') ?? [];
        const statement = TELLS.find(([row]) => row.test(text))?.[1] ?? /events\./;
        assert.match(source[(frame?.line ?? 0) - 1] ?? '', statement, `${text} leads to ${frame?.name}`);
      }
      timeline.goTo(end);
      assert.deepEqual([hashOf(session), timeline.position, timeline.isInPast], [hash, end, false]);
    });
  }
});
