// Sequences of random calls, on the host and in the machine: what each answered, and what it left in memory, must be equal. SEED=7 or SEED=7x250 takes one seed,
// RANDOM_SECONDS=60 goes on for that long with a new one each time. test/programs/random/calls.c tells what the calls are made of.
import assert from 'node:assert/strict';
import { buildProgram, runMachine, runNative } from '../kernel/cases';
import { whyNoJudge } from '../programs/compare';

const SEEDS = [1, 2, 5, 6, 8];
/** Longer sequences. */
const LONG = ['101x150', '113x150', '304x150', '508x150'];
/** How often the host is asked before its answer counts: what sleeps there is woken by chance. */
const TRIES = 3;

/** What is printed, sequence by sequence. */
function sequences(text: string): string[][] {
  return text.split(/^## /m).slice(1).map(part => part.trimEnd().split('\n'));
}

/** The first line of each sequence that differs, with the lines before it. */
function differences(host: string[][], ours: string[][]): string[] {
  return host.flatMap((lines, number) => {
    const mine = ours[number] ?? [], at = lines.findIndex((line, i) => i > 0 && line !== mine[i]);
    if (at < 0) return lines.length === mine.length && lines[0] === mine[0] ? [] : [`sequence ${number} ended otherwise: host ${lines[0]}, machine ${mine[0]}`];
    return [`sequence ${number}\n${lines.slice(Math.max(1, at - 3), at).map(line => `      ${line}\n`).join('')}host  ${lines[at]}\nours  ${mine[at]}`];
  });
}

/** What differs with a seed, each time that the host was asked. */
function compare(program: string, seed: string): string[] {
  const one = { family: 'random', name: seed, needsRoot: false };
  const machine = runMachine(program, one), ours = sequences(machine.stdout);
  assert.equal(machine.stderr, '', `SEED=${seed}: the machine's own trouble`);
  let left = differences(sequences(runNative(program, one).stdout), ours);
  for (let again = 1; again < TRIES && left.length > 0; again++) {
    const now = differences(sequences(runNative(program, one, true).stdout), ours), numbers = new Set(now.map(difference => difference.split('\n')[0]));
    left = left.filter(difference => numbers.has(difference.split('\n')[0]));
  }
  return left;
}

describe('native: random calls answer as on the host', function () {
  const seconds = Number(process.env.RANDOM_SECONDS ?? 0);
  this.timeout(300_000 + seconds * 2000);
  before(function () {
    const reason = whyNoJudge();
    if (!reason) return;
    console.log(`    skipped: ${reason}`);
    this.skip();
  });

  const seeds = process.env.SEED ? [process.env.SEED] : [...SEEDS.map(String), ...LONG];
  for (const seed of seeds) {
    it(`with SEED=${seed}`, () => {
      const found = compare(buildProgram('test/programs/random/calls.c'), seed);
      assert.equal(found.join('\n'), '');
    });
  }

  if (seconds > 0) {
    it(`for ${seconds} seconds`, () => {
      const program = buildProgram('test/programs/random/calls.c'), end = Date.now() + seconds * 1000, found: string[] = [];
      let seed = Number.parseInt(process.env.SEED ?? '1000', 10);
      for (; Date.now() < end; seed++) found.push(...compare(program, String(seed)).map(difference => `SEED=${seed} ${difference}`));
      console.log(`      up to SEED=${seed - 1}`);
      assert.equal(found.join('\n'), '');
    });
  }
});
