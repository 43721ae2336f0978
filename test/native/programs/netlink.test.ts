import assert from 'node:assert/strict';
import { compiledPrograms, runNative, runRingside } from './compare';

describe('native: netlink\'s messages in the log', function () {
  this.timeout(60_000);
  const programs = compiledPrograms('netlink');

  for (const options of [[], ['-X', 'verbose'], ['-X', 'raw', '-s', '5'], ['-v']]) {
    it(`are told as strace ${options.join(' ')} tells them`, () => {
      const mask = (log: string): string[] => (log.split('close(-1000)')[1] ?? '').split('\n').slice(1).map(line => line.replace(/\) += .*/, ')'));
      const run = { program: programs.build('test/programs/strace/netlink.c', ['-static', '-w']), cwd: programs.folder(), options, mask };
      const native = runNative(run), ours = runRingside(run);
      assert.ok(native.log.length > 600, `${native.log.length} calls`);
      assert.deepEqual(ours.log, native.log);
    });
  }
});
