import assert from 'node:assert/strict';
import { RecordedConsole } from '../../src/machine/console';
import { RecordedFiles } from '../../src/machine/recorder';
import { SeededEntropy } from '../../src/machine/entropy';
import { VirtualClock } from '../../src/machine/clock';
import { costModels } from '../../src/machine/cost_model';
import type { HostConsole, HostFiles } from '../../src/machine/host';

function scripted(input: (Uint8Array | 'eof' | null)[]): HostConsole & { written: string } {
  return {
    written: '',
    kind: () => 'pipe', windowSize: () => ({ rows: 24, columns: 80 }),
    write(unit, bytes) { this.written += `${unit}:${Buffer.from(bytes).toString()};`; },
    take: () => input.shift() ?? null, wait: async () => false,
  };
}
/** A run that is live, or repeats what was. */
const course = (entries = 1, isReplaying = false): { entries: number; cursor: number; isReplaying: boolean } => ({ entries, cursor: 0, isReplaying });
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const text = (value: Uint8Array | 'pending'): string => value === 'pending' ? value : Buffer.from(value).toString();

describe('console of the machine', () => {
  it('hands out input in pieces, then pending, then the end of the file for ever', () => {
    const host = scripted([bytes('hello'), null, 'eof']);
    const console = new RecordedConsole(host, course());
    assert.deepEqual([console.read(0, 2), console.read(0, 9), console.read(0, 1)].map(text), ['he', 'llo', 'pending']);
    assert.deepEqual([console.read(0, 1), console.read(0, 1)].map(text), ['', '']);
  });

  it('gives the same input at the same kernel entries when a run is repeated', () => {
    const at = course();
    const console = new RecordedConsole(scripted([bytes('a'), null, bytes('b'), bytes('too early')]), at);
    const start = console.saveState();
    const run = (): string[] => [1, 2, 3].map(entry => { at.entries = entry; return text(console.read(0, 1)); });
    const first = run();
    console.loadState(start);
    at.isReplaying = true;
    assert.deepEqual(first, ['a', 'pending', 'b']);
    assert.deepEqual(run(), first);
    assert.equal(text(console.read(0, 9)), 'pending', 'the host is not asked in the past');
  });

  it('does not write again what a repeated run writes', () => {
    const host = scripted([]);
    const console = new RecordedConsole(host, course());
    console.write(1, bytes('x'));
    console.isOutputOn = false;
    console.write(1, bytes('x'));
    assert.equal(host.written, '1:x;');
    // But it is counted, as often as the guest writes it.
    assert.equal(console.written, 2);
    console.loadState({ ...console.saveState(), written: 1 });
    assert.equal(console.written, 1);
  });
});

describe('recorded files', () => {
  it('a question asked again gets the first answer', () => {
    const answers: (string | number | 'pending')[] = ['target', 'changed'];
    const files = new RecordedFiles({ readlink: () => answers.shift() } as unknown as HostFiles);
    assert.deepEqual([1, 2].map(() => files.readlink('/', '/x')), ['target', 'target']);
  });

  it('an answer that was waited for is there from the wake on that told of it, in every run', () => {
    const answers: (string | number | 'pending')[] = ['pending', 'pending', 'target', 'changed'];
    const at = course();
    const files = new RecordedFiles({ readlink: () => answers.shift() } as unknown as HostFiles, at);
    const ask = (): unknown => files.readlink('/', '/x');
    assert.deepEqual([ask(), ask(), files.poll(1), ask(), files.poll(1), ask()], ['pending', 'pending', false, 'pending', true, 'pending']);
    at.cursor = 1;
    assert.equal(ask(), 'target');
    at.cursor = 0;
    assert.equal(ask(), 'pending');
  });
});

describe('virtual clock', () => {
  it('is the instructions at their price, plus charges, plus time slept', () => {
    let retired = 0;
    const clock = new VirtualClock({ get instructionsRetired() { return retired; } }, 0n, { ...costModels['bare-metal'], instruction: 0.3, work: { ...costModels['bare-metal'].work, copy_byte: 0.06 } });
    retired = 1000;
    assert.equal(clock.now(), 300);
    assert.equal(clock.charge('copy_byte', 1000), 60);
    assert.equal(clock.now(), 360);
    clock.setTimer(420);
    assert.equal(clock.instructionsToTimer, 200);
    clock.skipTo(1000);
    assert.equal(clock.now(), 1000);
    assert.equal(clock.instructionsToTimer, 0);
    for (let at = 1; at < 1e6; at = at * 3 + 1) {
      clock.setTimer(clock.now() + at);
      const near = clock.instructionsBeforeTimer, exact = clock.instructionsToTimer;
      assert.ok(near < exact && near > exact - 10, `${near} of ${exact}`);
    }
    clock.setTimer(Infinity);
    assert.equal(clock.instructionsBeforeTimer, Infinity);
  });
});

describe('seeded entropy', () => {
  it('repeats with its seed and differs with another', () => {
    const draw = (seed: number): string => { const b = new Uint8Array(32); new SeededEntropy(seed).fill(b); return Buffer.from(b).toString('hex'); };
    assert.equal(draw(1), draw(1));
    assert.notEqual(draw(1), draw(2));
    assert.ok(new Set(draw(1).match(/../g)).size > 16);
  });
});
