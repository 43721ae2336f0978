import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { compiledPrograms, runNative, runRingside, type Outcome } from './programs/compare';
import { hostOfInt80 } from './programs/int80';

/** Programs whose children run beside them: when their end is heard of differs from run to run. */
const RACES = new Set(['files.c', 'inet.c', 'memory.c', 'processes.c', 'signals.c', 'threads.c', 'unix.c']);

/** What may differ in a log: start-up, free ports, temporary names. */
const masked = (log: readonly string[], races: boolean): string[] => log
  .filter(line => !(races && /^(--- SIGCHLD|wait4)/.test(line)) && !/^(PID )?(brk|mmap|munmap|mprotect|read|pread64|newfstatat|close|access|openat|getrandom|arch_prctl|set_|rseq|prlimit64|execve|futex|clock_nanosleep|statfs|statx|sysinfo|time|clock_gettime|gettimeofday)/.test(line))
  .map(line => line.replace(/htons\(\d{4,5}\)/g, 'htons(PORT)').replace(/ringside-unix-\w{6}/g, 'FOLDER').replace(/\bst_\w+=[^,}]*/g, '').replace(/pid=\d+/g, 'pid=PID').replace(/\b(wait4|tgkill|tkill|kill|rt_sigqueueinfo)\(\d+(, \d+)?/, '$1(PID')
    .replace(/parent_tid=\[\d+\]/, 'parent_tid=[PID]').replace(/waitid\(P_PID, \d+/, 'waitid(P_PID, PID').replace(/child_tidptr=ADDR\) = \d+/, 'child_tidptr=ADDR) = PID'));

describe('C programs give the results and the strace log that they give on the host', function () {
  this.timeout(60_000);
  const programs = compiledPrograms('c');

  for (const source of readdirSync('test/programs/native').filter(name => name.endsWith('.c'))) {
    it(source, () => {
      const program = programs.build(path.join('test/programs/native', source), ['-w', '-pthread']), cwd = programs.folder();
      const inMasks = ({ log, ...rest }: Outcome): Outcome => ({ ...rest, log: masked(log, RACES.has(source)) });
      const host = (): Outcome => inMasks(runNative({ program, cwd }));
      const native = source === 'single_step.c' ? hostOfInt80(source, host) : host(), ours = inMasks(runRingside({ program, cwd }));
      assert.equal(ours.stdout, native.stdout);
      assert.equal(ours.stderr, native.stderr);
      assert.equal(ours.status, native.status);
      assert.deepEqual(ours.log, native.log);
    });
  }
});
