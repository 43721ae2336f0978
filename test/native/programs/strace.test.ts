import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runNative, runRingside, whyNoJudge, withoutLoaderHeap, type Run } from './compare';

const examples = path.resolve('examples');
const BUSYBOX = '/bin/busybox';

/** Lines that may differ, each with its reason. */
const KNOWN: { pattern: RegExp; reason: string }[] = [
  { pattern: /^read\(3, "nodev\\t/, reason: '/proc/filesystems lists the file systems of each kernel' },
];

describe('real programs give the output, the exit status and the strace log that they give on the host', () => {
  let cwd = '';
  before(function () {
    const reason = whyNoJudge();
    if (reason) {
      console.log(`    skipped: ${reason}`);
      this.skip();
    }
    cwd = mkdtempSync(path.join(os.tmpdir(), 'ringside-native-'));
    mkdirSync(path.join(cwd, 'folder'));
    for (const [name, text] of [['one.txt', 'first\nsecond\n'], ['two', ''], ['.hidden', 'x']] as const) {
      writeFileSync(path.join(cwd, 'folder', name), text, { mode: 0o644 });
      utimesSync(path.join(cwd, 'folder', name), 1_600_000_000, 1_600_000_000);
    }
  });
  after(() => { if (cwd) rmSync(cwd, { recursive: true }); });

  const cases: [title: string, run: Omit<Run, 'cwd'>][] = [
    ['hello_write, dynamic', { program: `${examples}/hello_write` }],
    ['hello_write, static', { program: `${examples}/hello_write.static` }],
    ['true', { program: '/bin/true' }],
    ['echo hi', { program: '/bin/echo', args: ['hi'] }],
    ['cat FILE', { program: '/bin/cat', args: ['folder/one.txt'] }],
    ['cat of standard input', { program: '/bin/cat', stdin: 'from the pipe\n' }],
    ['cat of a file that is not there', { program: '/bin/cat', args: ['folder/none'] }],
    ['ls -l DIR', { program: '/bin/ls', args: ['-l', 'folder'] }],
    ['env', { program: '/usr/bin/env' }],
    ['false', { program: '/bin/false' }],
    ['busybox true', { program: BUSYBOX, args: ['true'] }],
    ['busybox echo hi', { program: BUSYBOX, args: ['echo', 'hi'] }],
    ['busybox cat FILE', { program: BUSYBOX, args: ['cat', 'folder/one.txt'] }],
    ['busybox ls -l DIR', { program: BUSYBOX, args: ['ls', '-l', 'folder'] }],
    ['busybox wc', { program: BUSYBOX, args: ['wc', 'folder/one.txt'] }],
  ];
  for (const [title, run] of cases) {
    it(title, function () {
      if (!existsSync(run.program)) this.skip();
      const native = runNative({ ...run, cwd });
      rmSync(path.join(cwd, 'test.txt'), { force: true });
      const ours = runRingside({ ...run, cwd });
      assert.equal(ours.stdout, native.stdout, 'standard output');
      assert.equal(ours.stderr.replace(/^\d+ files? written in the sandbox.*\n/m, ''), native.stderr, 'standard error');
      assert.equal(ours.status, native.status, 'exit status');
      const differs = (line: string): boolean => KNOWN.some(known => known.pattern.test(line));
      assert.deepEqual(withoutLoaderHeap(ours.log).filter(line => !differs(line)), withoutLoaderHeap(native.log).filter(line => !differs(line)));
      assert.equal(existsSync(path.join(cwd, 'test.txt')), false, 'nothing is written to the host');
    });
  }
});
