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
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const text = (value: Uint8Array | 'pending'): string => value === 'pending' ? value : Buffer.from(value).toString();

describe('console of the machine', () => {
  it('hands out input in pieces, then pending, then the end of the file for ever', () => {
    const host = scripted([bytes('hello'), null, 'eof']);
    const console = new RecordedConsole(host, () => 1);
    assert.deepEqual([console.read(0, 2), console.read(0, 9), console.read(0, 1)].map(text), ['he', 'llo', 'pending']);
    assert.deepEqual([console.read(0, 1), console.read(0, 1)].map(text), ['', '']);
  });

  it('gives the same input at the same kernel entries when a run is repeated', () => {
    let entry = 1;
    const console = new RecordedConsole(scripted([bytes('a'), null, bytes('b')]), () => entry);
    const start = console.savePositions();
    const run = (): string[] => [1, 2, 3].map(at => { entry = at; return text(console.read(0, 1)); });
    const first = run();
    console.loadPositions(start);
    assert.deepEqual(first, ['a', 'pending', 'b']);
    assert.deepEqual(run(), first);
  });

  it('does not write again what a repeated run writes', () => {
    const host = scripted([]);
    const console = new RecordedConsole(host, () => 1);
    console.write(1, bytes('x'));
    console.isOutputOn = false;
    console.write(1, bytes('x'));
    assert.equal(host.written, '1:x;');
  });
});

describe('recorded files', () => {
  it('a question asked again gets the first answer, but a pending one is asked again', () => {
    const answers: (string | number | 'pending')[] = ['pending', 'target', 'changed'];
    const host = { readlink: () => answers.shift() } as unknown as HostFiles;
    const files = new RecordedFiles(host);
    assert.deepEqual([1, 2, 3].map(() => files.readlink('/', '/x')), ['pending', 'target', 'target']);
  });
});

describe('virtual clock', () => {
  it('is the instructions at their price, plus charges, plus time slept', () => {
    let retired = 0;
    const clock = new VirtualClock(() => retired, 0n, { ...costModels['bare-metal'], instruction: 0.3, work: { ...costModels['bare-metal'].work, copy_byte: 0.06 } });
    retired = 1000;
    assert.equal(clock.now(), 300);
    assert.equal(clock.charge('copy_byte', 1000), 60);
    assert.equal(clock.now(), 360);
    clock.setTimer(420);
    assert.equal(clock.instructionsToTimer, 200);
    clock.skipTo(1000);
    assert.equal(clock.now(), 1000);
    assert.equal(clock.instructionsToTimer, 0);
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
