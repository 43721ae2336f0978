import assert from 'node:assert/strict';
import { compiledPrograms, runNative, runRingside } from './compare';

describe('native: what a program finds out about the loopback', function () {
  this.timeout(60_000);
  const programs = compiledPrograms('interfaces');

  it('is the host\'s, by netlink and by ioctl; the machine has no other device', () => {
    const program = programs.build('test/programs/strace/interfaces.c', ['-static']), cwd = programs.folder();
    const native = runNative({ program, cwd }), ours = runRingside({ program, cwd });
    const lines = (text: string): string[] => text.split('\n').filter(line => line !== '');
    assert.deepEqual(lines(ours.stdout), lines(native.stdout).filter(line => /^lo\b/.test(line)));
    assert.equal(ours.status, native.status);
  });
});
