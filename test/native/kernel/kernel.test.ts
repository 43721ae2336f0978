import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { whyNoJudge } from '../programs/compare';
import { hostOfInt80 } from '../programs/int80';
import { build, casesOf, families, maskLog, runMachine, runNative, type Outcome } from './cases';

describe('kernel: each case prints, ends and is logged as on the host', function () {
  this.timeout(120_000);
  before(function () {
    const reason = whyNoJudge() ?? (spawnSync('gcc', ['--version']).error ? 'gcc is missing' : null);
    if (reason) {
      console.log(`    skipped: ${reason}`);
      this.skip();
    }
  });

  for (const family of families()) {
    for (const one of casesOf(family)) {
      // Left out, not skipped: a person who is not root has no such host to compare with.
      if (one.needsRoot && process.getuid?.() !== 0) continue;
      it(`${family}: ${one.name}`, () => {
        const program = build(family), ours = runMachine(program, one);
        const differs = (native: unknown): boolean => JSON.stringify(native) !== JSON.stringify(ours);
        const host = (again: boolean): Outcome => family.startsWith('int80') ? hostOfInt80(`${family}: ${one.name}`, () => runNative(program, one, again)) : runNative(program, one, again);
        let native = host(false);
        // How the host scheduled the tasks is chance: it is asked again before it is believed.
        if (differs(native)) native = host(true);
        assert.equal(ours.stdout, native.stdout, 'standard output');
        assert.equal(ours.stderr, native.stderr, 'standard error');
        assert.equal(ours.status, native.status, 'exit status');
        assert.equal(ours.log.join('\n'), native.log.join('\n'), 'log');
        assert.ok(native.log.length > 1, 'the log has the case in it');
      });
    }
  }

  it('a log is compared task by task, with calls that others interrupted in one line', () => {
    const log = '7000 close(-1000) = -1\n7000 fork( <unfinished ...>\n7001 getpid() = 7001\n7000 <... fork resumed>) = 7001\n7000 --- SIGCHLD {si_pid=7001} ---\n7000 exit_group(0)      = ?\n7001 +++ exited with 0 +++\n';
    assert.deepEqual(maskLog(log), ['P1 fork() = P2', 'P1 exit_group(0) = ?', 'P1 --- SIGCHLD {si_pid=P2} ---', 'P2 getpid() = P2', 'P2 +++ exited with 0 +++']);
  });
});
