import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runNative, runRingside, whyNoJudge } from './programs/compare';

/** Programs whose children run beside them: when their end is heard of differs from run to run. */
const RACES = new Set(['files.c', 'inet.c', 'memory.c', 'processes.c', 'signals.c', 'threads.c', 'unix.c']);

/** What may differ in a log: start-up, free ports, temporary names. */
const masked = (log: readonly string[], races: boolean): string[] => log
  .filter(line => !(races && /^(--- SIGCHLD|wait4)/.test(line)) && !/^(PID )?(brk|mmap|munmap|mprotect|read|pread64|newfstatat|close|access|openat|getrandom|arch_prctl|set_|rseq|prlimit64|execve|futex|clock_nanosleep|statfs|statx|sysinfo|time|clock_gettime|gettimeofday)/.test(line))
  .map(line => line.replace(/htons\(\d{4,5}\)/g, 'htons(PORT)').replace(/ringside-unix-\w{6}/g, 'FOLDER').replace(/\bst_\w+=[^,}]*/g, '').replace(/pid=\d+/g, 'pid=PID').replace(/\b(wait4|tgkill|tkill|kill|rt_sigqueueinfo)\(\d+(, \d+)?/, '$1(PID')
    .replace(/parent_tid=\[\d+\]/, 'parent_tid=[PID]').replace(/waitid\(P_PID, \d+/, 'waitid(P_PID, PID').replace(/child_tidptr=ADDR\) = \d+/, 'child_tidptr=ADDR) = PID'));

describe('C programs give the results and the strace log that they give on the host', function () {
  this.timeout(60_000);
  let folder = '';
  before(function () {
    const reason = whyNoJudge() ?? (spawnSync('gcc', ['--version']).error ? 'gcc is missing' : null);
    if (reason) {
      console.log(`    skipped: ${reason}`);
      this.skip();
    }
    folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-c-'));
  });
  after(() => { if (folder) rmSync(folder, { recursive: true }); });

  for (const source of readdirSync('test/programs/native').filter(name => name.endsWith('.c'))) {
    it(source, () => {
      const program = path.join(folder, source.slice(0, -2));
      const built = spawnSync('gcc', ['-O1', '-w', '-pthread', '-o', program, path.join('test/programs/native', source)], { encoding: 'utf8' });
      assert.equal(built.status, 0, built.stderr);
      const native = runNative({ program, cwd: folder }), ours = runRingside({ program, cwd: folder });
      assert.equal(ours.stdout, native.stdout);
      assert.equal(ours.stderr, native.stderr);
      assert.equal(ours.status, native.status);
      assert.deepEqual(masked(ours.log, RACES.has(source)), masked(native.log, RACES.has(source)));
    });
  }
});
