import assert from 'node:assert/strict';
import { compiledPrograms, runNative, runRingside } from './compare';

describe('native: what is asked of calls that are refused', function () {
  this.timeout(60_000);
  const programs = compiledPrograms('refused');

  it('is printed as by strace: fanotify, io_uring, aio, quotas, keys, memory policies, kexec, landlock, mounts, modules', () => {
    const program = programs.build('test/programs/strace/refused.c', ['-static']);
    // What the calls answer is not compared: the host's Linux is another one.
    const mask = (log: string): string[] => (log.split('close(-1000)')[1] ?? '').split('\n').slice(1).map(line => line.replace(/\) += .*/, ')'));
    const run = { program, cwd: programs.folder(), mask };
    const native = runNative(run), ours = runRingside(run);
    assert.ok(native.log.length > 120, `${native.log.length} calls`);
    assert.deepEqual(ours.log, native.log);
  });

  for (const options of [[], ['-v'], ['-X', 'raw'], ['-X', 'verbose']]) {
    it(`is printed as by strace ${options.join(' ')}: BPF, io_uring's set-up, performance events`, () => {
      const program = programs.build('test/programs/strace/performance.c', ['-static']);
      const mask = (log: string): string[] => (log.split('close(-1000)')[1] ?? '').split('\n').slice(1).map(line => line.replace(/\) += .*/, ')').replace(/0x7ff[\da-f]{9}/g, 'ADDR'));
      const run = { program, cwd: programs.folder(), mask, options };
      const native = runNative(run), ours = runRingside(run);
      assert.ok(native.log.length > 500, `${native.log.length} calls`);
      assert.deepEqual(ours.log, native.log);
    });

    it(`is printed as by strace ${options.join(' ')}: requests of ptrace`, () => {
      const program = programs.build('test/programs/strace/ptrace.c', ['-static']);
      const mask = (log: string): string[] => (log.split('close(-1000)')[1] ?? '').split('\n').slice(1).map(line => line.replace(/\) += .*/, ')'));
      const run = { program, cwd: programs.folder(), mask, options };
      const native = runNative(run), ours = runRingside(run);
      assert.ok(native.log.length > 400, `${native.log.length} calls`);
      assert.deepEqual(ours.log, native.log);
    });
  }
});
