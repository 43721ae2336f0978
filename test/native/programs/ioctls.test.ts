import assert from 'node:assert/strict';
import { deviceIoctls } from '../../../src/abi/ioctl_devices';
import { IOCTL_NAMES } from '../../../src/abi/ioctl_names';
import { compiledPrograms, runNative, runRingside } from './compare';

describe('native: the names of ioctls', function () {
  this.timeout(60_000);
  const programs = compiledPrograms('ioctls');

  it('are those that strace has', () => {
    const codes = [...IOCTL_NAMES.keys(), ...deviceIoctls()];
    // Their arguments are compared where programs make them.
    const mask = (log: string): string[] => [...(log.split('close(-1000)')[1] ?? '').matchAll(/^ioctl\(-1, ([^,)]*)/gm)].map(match => match[1] ?? '');
    const run = { program: programs.build('test/programs/strace/ioctls.c', ['-static', '-w']), cwd: programs.folder(), stdin: codes.join('\n'), mask };
    const native = runNative(run).log, ours = runRingside(run).log;
    assert.equal(native.length, codes.length);
    // Numbers of i386 have no name in a program of x86-64.
    const isNamed = (_name: string, i: number): boolean => native[i]?.startsWith('_IOC') === false;
    assert.ok(native.filter(isNamed).length > 1600);
    assert.deepEqual(ours.filter(isNamed), native.filter(isNamed));
  });
});
