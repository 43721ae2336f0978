// Hosts that answer no `int 0x80` (kernels without IA32 emulation, some hypervisors) are no judges of it: what one that answers it said is kept, and judges there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Outcome } from './compare';

const STORED = 'test/native/fixtures/int80.json';
/** Of the sweep through all numbers. */
const STORED_SWEEP = 'test/native/fixtures/int80_sweep.json';
/** exit(0) by i386's number. */
const PROBE = 'int main(void) { __asm__ volatile("int $0x80" : : "a"(1), "b"(0)); return 1; }';

let answer: boolean | undefined;

/** Asked once. */
const hasInt80 = (): boolean => answer ??= answersInt80();

function answersInt80(): boolean {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-int80-')), program = path.join(folder, 'probe');
  try {
    const built = spawnSync('gcc', ['-x', 'c', '-o', program, '-'], { input: PROBE, encoding: 'utf8' });
    assert.equal(built.status, 0, built.stderr);
    return spawnSync(program).status === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the host says to a program that uses `int 0x80`, or what another one said. `--update` keeps what it says. */
export function hostOfInt80(name: string, ask: () => Outcome): Outcome {
  const file = name.startsWith('int80_sweep') ? STORED_SWEEP : STORED;
  if (answer === undefined && !hasInt80()) console.log('    this host has no int 0x80: what one said that has it is the judge');
  const stored = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Outcome>;
  if (!hasInt80()) return stored[name] ?? assert.fail(`nothing is stored of ${name}: npm test -- --update stores it, on a host that has int 0x80`);
  const said = ask();
  if (process.env.UPDATE_GOLDEN) writeFileSync(file, `${JSON.stringify({ ...stored, [name]: said }, null, 1)}\n`);
  return said;
}
