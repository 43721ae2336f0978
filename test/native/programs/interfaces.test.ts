import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runNative, runRingside, whyNoJudge } from './compare';

describe('native: what a program finds out about the loopback', function () {
  this.timeout(60_000);
  let folder = '';
  before(function () {
    const reason = whyNoJudge() ?? (spawnSync('gcc', ['--version']).error ? 'gcc is missing' : null);
    if (reason) {
      console.log(`    skipped: ${reason}`);
      this.skip();
    }
    folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-interfaces-'));
  });
  after(() => { if (folder) rmSync(folder, { recursive: true }); });

  it('is the host\'s, by netlink and by ioctl; the machine has no other device', () => {
    const program = path.join(folder, 'interfaces');
    const built = spawnSync('gcc', ['-static', '-O1', '-o', program, 'test/programs/strace/interfaces.c'], { encoding: 'utf8' });
    assert.equal(built.status, 0, built.stderr);
    const native = runNative({ program, cwd: folder }), ours = runRingside({ program, cwd: folder });
    const lines = (text: string): string[] => text.split('\n').filter(line => line !== '');
    assert.deepEqual(lines(ours.stdout), lines(native.stdout).filter(line => /^lo\b/.test(line)));
    assert.equal(ours.status, native.status);
  });
});
