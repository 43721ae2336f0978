import assert from 'node:assert/strict';
import { compiledPrograms, runNative, runRingside } from './compare';

describe('native: options of sockets in the log', function () {
  this.timeout(60_000);
  const programs = compiledPrograms('sockopts');

  it('are told as strace tells them', () => {
    const mask = (log: string): string[] => (log.split('close(-1000)')[1] ?? '').split('\n').slice(1).map(line => line.replace(/\) += .*/, ')'));
    const run = { program: programs.build('test/programs/strace/sockopts.c', ['-static', '-w']), cwd: programs.folder(), mask };
    const native = runNative(run), ours = runRingside(run);
    assert.ok(native.log.length > 13_000, `${native.log.length} calls`);
    assert.deepEqual(ours.log, native.log);
  });
});
