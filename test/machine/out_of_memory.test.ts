// Linux: mm/oom_kill.c: the process with most memory goes, oom_score_adj speaks for and against each. No host is asked: it would have to run out of memory.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { buildProgram, runMachine } from '../native/kernel/cases';

const MIB = 48;

describe('when memory is exhausted', function () {
  this.timeout(60_000);
  before(function () {
    if (spawnSync('gcc', ['--version']).error) {
      console.log('    skipped: gcc is missing');
      this.skip();
    }
  });

  const run = (name: string): { stdout: string; status: number | null; told: string[] } => {
    const told: string[] = [], program = buildProgram('test/programs/memory/exhausts.c');
    const { stdout, status } = runMachine(program, { family: 'exhausts', name, needsRoot: false }, { argv: [program, name, String(MIB)], memoryBytes: MIB * 2 ** 20 }, ({ machine }) => {
      machine.listen({ notice: sentence => told.push(sentence) });
    });
    return { stdout, status, told };
  };

  for (const [name, expected, killed] of [
    ['plain', 'large killed\nsmall lives\n', 'half of the memory, though another one wants more'],
    ['call', 'large killed\nsmall lives\n', 'the same where a call stores'],
    ['chosen', 'large lives\nsmall killed\n', 'the one whose oom_score_adj says so'],
  ] as const) {
    it(`${name}: the process that is killed is ${killed}`, () => {
      const { stdout, status, told } = run(name);
      assert.equal(stdout, expected);
      assert.equal(status, 0);
      assert.match(told.join('\n'), /Out of memory: Killed process \d+ \(exhausts\) total-vm:\d+kB, anon-rss:\d+kB, file-rss:\d+kB, shmem-rss:\d+kB, UID:\d+ pgtables:\d+kB oom_score_adj:-?\d+/);
    });
  }

  for (const name of ['protected', 'discounted']) {
    it(`${name}: the one that asks is killed where the larger one is spared`, () => {
      const { stdout, status, told } = run(name);
      assert.equal(stdout, '');
      assert.equal(status, 137);
      assert.match(told.join('\n'), /Out of memory: Killed process 1001 \(exhausts\)/);
    });
  }
});
