// Runs a program natively under the host's strace and in the machine, and masks what may differ: addresses, pids, times, randomness, padding.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Outcome { stdout: string; stderr: string; status: number | null; log: string[] }

export interface Run {
  program: string;
  args?: string[];
  cwd: string;
  env?: Record<string, string>;
  stdin?: string;
  /** Of strace, in both. */
  options?: string[];
  /** The lines that are compared; mask() when absent. */
  mask?: (log: string) => string[];
}

const CLI = path.resolve('dist/cli.js');
export const ENV = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/root', LANG: 'C', TERM: 'dumb' };

/** For the tests of one `describe`, skipped where strace or gcc is missing: a folder of their own, and gcc for it. */
export function compiledPrograms(name: string): { folder(): string; build(source: string, flags: readonly string[]): string } {
  let folder = '';
  before(function () {
    const reason = whyNoJudge() ?? (spawnSync('gcc', ['--version']).error ? 'gcc is missing' : null);
    if (reason) {
      console.log(`    skipped: ${reason}`);
      this.skip();
    }
    folder = mkdtempSync(path.join(os.tmpdir(), `ringside-${name}-`));
  });
  after(() => { if (folder) rmSync(folder, { recursive: true }); });
  return {
    folder: () => folder,
    build(source, flags) {
      const program = path.join(folder, path.basename(source, '.c'));
      const built = spawnSync('gcc', ['-O1', ...flags, '-o', program, source], { encoding: 'utf8' });
      assert.equal(built.status, 0, built.stderr);
      return program;
    },
  };
}

/** Why the host cannot judge, or null. */
export function whyNoJudge(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the host is not x86-64 Linux';
  const version = spawnSync('strace', ['-V'], { encoding: 'utf8' });
  if (version.error) return 'strace is missing';
  if (!/version 6\.1\b/.test(version.stdout)) return `strace 6.1 is the judge, this is ${version.stdout.split('\n')[0]}`;
  return spawnSync('setarch', ['--version']).error ? 'setarch is missing' : null;
}

export function runNative(run: Run): Outcome {
  return withLog(log => ['setarch', ['-R', 'strace', ...(run.options ?? []), '-o', log, run.program, ...(run.args ?? [])]], run);
}

export function runRingside(run: Run): Outcome {
  return withLog(log => [process.execPath, [CLI, 'strace', ...(run.options ?? []), '-o', log, '--', run.program, ...(run.args ?? [])]], run);
}

function withLog(command: (log: string) => [string, string[]], run: Run): Outcome {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-log-'));
  const log = path.join(folder, 'log');
  const [file, args] = command(log);
  const at = (name: string): string => path.join(folder, name);
  writeFileSync(at('in'), run.stdin ?? '', 'latin1');
  // Standard input and output are pipes on both sides: Node itself would give sockets.
  const script = `cat ${at('in')} | { "$@" 2> ${at('err')}; echo $? > ${at('status')}; } | cat > ${at('out')}`;
  const done = spawnSync('/bin/sh', ['-c', script, 'sh', file, ...args], { cwd: run.cwd, env: run.env ?? ENV, encoding: 'latin1', timeout: 60_000 });
  try {
    const read = (name: string): string => readFileSync(at(name), 'latin1');
    return { stdout: read('out'), stderr: read('err'), status: Number(read('status')), log: (run.mask ?? mask)(read('log')) };
  } catch (error) {
    throw new Error(`${file} ${args.join(' ')} left no log\n${done.stderr}${readFileSync(at('err'), 'latin1')}`, { cause: error });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The lines of a log without what differs from run to run. */
export function mask(log: string): string[] {
  return log.trimEnd().split('\n').map(line => line
    .replace(/^(\d+) +/, 'PID ')
    .replace(/\b0x[0-9a-f]{5,16}\b/g, 'ADDR')
    .replace(/^(PID )?((?:set_tid_address|getpid|gettid|getppid|getpgrp|getpgid|getsid|fork|vfork|clone3?|wait4)\(.*) = \d+$/, '$1$2 = PID')
    .replace(/(getrandom\(")(?:[^"\\]|\\.)*"/, '$1RANDOM"')
    .replace(/\b(st_[amc]time|stx_[abmc]time)(=[^,}]*)/g, '$1')
    .replace(/\{tv_sec=\d+, tv_n?u?sec=\d+\}/g, '{TIME}')
    .replace(/\)\s+= /, ') = '));
}

/**
 * A log without the anonymous mappings that ld.so makes before the program's first thread has its TLS, with their `-k` frames. How many there are and
 * how large depends on the names of the computer's hwcaps (glibc-hwcaps/x86-64-v4 ...) and on the size of its XSAVE area.
 */
export function withoutLoaderHeap(log: readonly string[]): string[] {
  let isLoading = true, isDropping = false;
  return log.filter(line => {
    if (line.startsWith(' > ')) return !isDropping;
    if (/^(PID )?execve\(/.test(line)) isLoading = true;
    else if (line.includes('arch_prctl(ARCH_SET_FS')) isLoading = false;
    isDropping = isLoading && /^(PID )?mmap\(NULL, \d+, PROT_READ\|PROT_WRITE, MAP_PRIVATE\|MAP_ANONYMOUS, -1, 0\)/.test(line);
    return !isDropping;
  });
}
