import assert from 'node:assert/strict';
import { compiledPrograms, runNative, runRingside } from './compare';

describe('native: the sets of -e trace= have the calls that strace\'s have', function () {
  this.timeout(60_000);
  const programs = compiledPrograms('classes');
  let program = '';
  before(() => { program = programs.build('test/programs/strace/classes.c', ['-w', '-static']); });

  const mask = (log: string): string[] => [...new Set([...log.matchAll(/^(?:\d+ +)?(\w+)\(/gm)].map(match => match[1] ?? ''))].sort();
  for (const set of ['%desc', '%file', '%memory', '%process', '%creds', '%signal', '%ipc', '%network', '%stat', '%lstat', '%fstat', '%%stat', '%statfs', '%fstatfs', '%%statfs', '%pure', '%clock', '!%file,%desc']) {
    it(set, () => {
      const run = { program, cwd: programs.folder(), options: ['-e', `trace=${set}`], mask };
      const native = runNative(run).log;
      assert.ok(native.length > 0);
      assert.deepEqual(runRingside(run).log, native);
    });
  }
});
