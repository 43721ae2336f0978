// Undefined and truncated instructions, places where nothing can be executed, stacks at the edge, code that rewrites itself: bad_input.c runs on this processor and in
// the machine, and each case must end the same - signal, address, error code, RIP, flags, registers, memory. What an Intel processor said is kept for hosts without one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { LaunchOptions } from '../../../src/machine/assemble';
import { launchJourney } from '../../machine/journeys';

const GOLDEN = 'test/golden/bad_input.txt';
const engines: Record<string, Partial<LaunchOptions>> = { interpreter: { engine: 'interpreter' }, 'translator, at once': { engine: 'translator', translateAfter: 0 } };

describe('bad input', function () {
  this.timeout(120_000);
  let folder = '', program = '', expected: string[] = [];
  before(function () {
    if (process.arch !== 'x64' || process.platform !== 'linux' || spawnSync('gcc', ['--version']).error) {
      console.log('    skipped: needs gcc on x86-64 Linux');
      this.skip();
    }
    folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-bad-'));
    chmodSync(folder, 0o755);
    program = path.join(folder, 'bad_input');
    const built = spawnSync('gcc', ['-O1', '-w', '-static', '-o', program, 'test/native/cpu/bad_input.c'], { encoding: 'utf8' });
    assert.equal(built.status, 0, built.stderr);
    const isIntel = readFileSync('/proc/cpuinfo', 'utf8').includes('GenuineIntel');
    if (!isIntel) console.log('    this is no Intel processor: what one said is the judge');
    const text = isIntel ? spawnSync(program, { encoding: 'utf8' }).stdout : readFileSync(GOLDEN, 'utf8');
    if (isIntel && process.env['UPDATE_GOLDEN']) writeFileSync(GOLDEN, text);
    expected = text.trimEnd().split('\n');
  });
  after(() => { if (folder) rmSync(folder, { recursive: true }); });

  for (const [engine, options] of Object.entries(engines)) {
    it(`ends as on the processor: ${engine}`, () => {
      const { session, output } = launchJourney({ name: 'bad_input', program, args: [], input: [] }, options);
      while (session.machine.run(Infinity).kind !== 'exited');
      const lines = output().trimEnd().split('\n');
      const differing = expected.flatMap((line, i) => line === lines[i] ? [] : [`${line}\n      here: ${lines[i] ?? 'nothing'}`]);
      assert.ok(expected.length > 850, `${expected.length} cases`);
      assert.equal(differing.length, 0, `${differing.length} of ${expected.length} cases differ:\n      ${differing.slice(0, 20).join('\n      ')}`);
      assert.equal(lines.length, expected.length);
    });

    it(`far transfers, good and bad ones, end as on this processor: ${engine}`, () => {
      const far = path.join(folder, 'far'), built = spawnSync('gcc', ['-O1', '-w', '-static', '-DLIST="far_cases.h"', '-o', far, 'test/native/cpu/bad_input.c'], { encoding: 'utf8' });
      assert.equal(built.status, 0, built.stderr);
      const natively = spawnSync(far, { encoding: 'utf8' }).stdout.trimEnd().split('\n'), { session, output } = launchJourney({ name: 'far', program: far, args: [], input: [] }, options);
      while (session.machine.run(Infinity).kind !== 'exited');
      assert.ok(natively.length > 90);
      assert.deepEqual(output().trimEnd().split('\n'), natively);
    });
  }
});
