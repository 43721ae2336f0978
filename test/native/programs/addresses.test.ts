import assert from 'node:assert/strict';
import { compiledPrograms, runNative, runRingside } from './compare';

describe('native: socket addresses and the state of the clock in the log', function () {
  this.timeout(60_000);
  const programs = compiledPrograms('addresses');

  for (const options of [[], ['-X', 'verbose']]) {
    it(`are told as strace ${options.join(' ')} tells them`, () => {
      const mask = (log: string): string[] => (log.split('close(-1000)')[1] ?? '').split('\n').slice(1).map(line => line.replace(/0x7f\w{10}/, 'ADDR').replace(/tv_u?sec=\d+/g, 'TIME').replace(/\) += /, ') = ').replace(/^(connect.*\)) = .*/, '$1'));
      const run = { program: programs.build('test/programs/strace/addresses.c', ['-static', '-w']), cwd: programs.folder(), options, mask };
      const native = runNative(run), ours = runRingside(run);
      assert.ok(native.log.length > 400, `${native.log.length} calls`);
      assert.deepEqual(ours.log, native.log);
    });
  }
});
