import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ENV, mask, runNative, runRingside, whyNoJudge, withoutLoaderHeap } from './compare';

const HELLO = path.resolve('examples/hello_write.static');
const CLI = path.resolve('dist/cli.js');

/** Wall clocks, seconds, gaps and durations; the pid; where the execve was called, which on the host is in strace; what standard output and its like are. */
const maskLine = (line: string): string => line
  .replace(/\b\d\d:\d\d:\d\d(\.\d{6})?\b/, (_all, micros?: string) => micros ? 'CLOCK.MICROS' : 'CLOCK').replace(/\b\d{10}\.\d{6}\b/, 'EPOCH').replace(/(?<=^|\(\+) *\d+\.\d{6}(?=[ )])/, 'GAP')
  .replace(/<\d+\.\d{6}>/, '<TIME>').replace(/(set_tid_address\(\w+\) += )\d+/, '$1PID').replace(/\[\w{16}\] execve/, '[PLACE] execve').replace(/<[^>]*test\.txt>/, '<FILE>');

/** What each task did, in its own order: the lines of a call that others interrupted are joined. */
function byTask(log: readonly string[]): string[][] {
  const tasks = new Map<string, string[]>(), open = new Map<string, string>();
  for (const line of log) {
    const [, pid = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const begun = /^(.*) <unfinished \.\.\.>$/.exec(text), resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text);
    if (begun) open.set(pid, begun[1] ?? '');
    const whole = begun ? null : resumed ? (open.get(pid) ?? '') + resumed[1] : text;
    if (!tasks.has(pid)) tasks.set(pid, []);
    // When a parent hears of its child's end is a matter of luck on a real machine.
    if (whole !== null && !whole.startsWith('--- SIGCHLD')) tasks.get(pid)?.push(...mask(whole).map(one => one.replace(/= \d{4,}$/, '= PID').replace(/\b(wait4)\(\d+/, '$1(PID').replace(/parent_tid=\[\d+\]/, 'parent_tid=[PID]').replace(/(futex\(ADDR, [\w|]+, )\d{3,}/, '$1PID')));
  }
  return [...tasks.values()];
}

describe('the options of ringside strace do what those of strace do', function () {
  this.timeout(60_000);
  let cwd = '';
  const compiled = new Map<string, string>();
  const compile = (name: string): string => {
    let program = compiled.get(name);
    if (!program) {
      compiled.set(name, program = path.join(cwd, name));
      const built = spawnSync('gcc', ['-g', '-O0', '-w', '-o', program, path.join('test/programs/strace', `${name}.c`)], { encoding: 'utf8' });
      assert.equal(built.status, 0, built.stderr);
    }
    return program;
  };
  /** Log and messages on standard error, each with the program's own output left out. */
  const direct = (command: string, args: string[]): { lines: string[]; status: number | null } => {
    const done = spawnSync(command, args, { cwd, env: ENV, encoding: 'latin1', timeout: 60_000 });
    return { lines: done.stderr.trimEnd().split('\n').filter(line => !/written in the sandbox/.test(line)), status: done.status };
  };
  const both = (options: string[], program: string): [native: string[], ours: string[]] => [
    direct('setarch', ['-R', 'strace', ...options, program]).lines, direct(process.execPath, [CLI, 'strace', ...options, '--', program]).lines,
  ];
  before(function () {
    const reason = whyNoJudge() ?? (spawnSync('gcc', ['--version']).error ? 'gcc is missing' : null);
    if (reason) {
      console.log(`    skipped: ${reason}`);
      this.skip();
    }
    cwd = mkdtempSync(path.join(os.tmpdir(), 'ringside-options-'));
  });
  after(() => { if (cwd) rmSync(cwd, { recursive: true }); });

  for (const options of [['-t', '-y', '-v'], ['-tt', '-yy', '-x'], ['-ttt', '-T', '-n'], ['-r', '-i', '-xx'], ['-rtt', '-s', '5'], ['-z'], ['-Z']]) {
    it(options.join(' '), () => {
      const [native, ours] = both(options, HELLO).map(lines => lines.flatMap(line => mask(maskLine(line))));
      rmSync(path.join(cwd, 'test.txt'), { force: true });
      assert.deepEqual(ours, native);
    });
  }

  it('-k prints the frames that strace -k prints, below main, from a handler, at an execve and at the end', () => {
    const run = { program: compile('stacks'), cwd, options: ['-k'], mask: (log: string) => log.split('\n').map(line => line.replace(/\b0x\w{7,}/g, 'ADDR').replace(/(si_pid=|tgkill\(|= )\d{3,}\b/g, '$1PID').replace(/(tgkill\(PID, )\d+/, '$1PID').replace(/\) += /, ') = ').replace(/getrandom.*/, 'getrandom')) };
    const ours = runRingside(run);
    assert.deepEqual(withoutLoaderHeap(ours.log), withoutLoaderHeap(runNative(run).log));
    for (const frame of [/\(inner\+0x\w+\)/, /\(handler\+0x\w+\)/, /\(main\+0x\w+\)/]) assert.match(ours.log.join('\n'), frame);
  });

  it('-f follows children, what they become, and threads', () => {
    const run = { program: compile('follow'), cwd, options: ['-f'], mask: (log: string) => log.trimEnd().split('\n') };
    const native = runNative(run), ours = runRingside(run);
    assert.deepEqual([ours.stdout, ours.stderr, ours.status], [native.stdout, native.stderr, native.status]);
    assert.deepEqual(byTask(ours.log), byTask(native.log));
    assert.equal(byTask(ours.log).length, 4);
  });

  for (const quiet of [[], ['-q'], ['-qq'], ['-q', '-q'], ['-qqq']]) {
    it(`${quiet.join(' ') || 'no -q'}: messages and ends`, () => {
      const [native, ours] = both(['-f', ...quiet, '-e', 'trace=execve'], compile('follow')).map(lines => lines.filter(line => /attached|\+\+\+/.test(line)).map(line => line.replace(/ *\d{3,}/g, ' PID')).sort());
      assert.deepEqual(ours, native);
    });
  }

  const rows = (lines: string[]): string[][] => lines.filter(line => /^ *\d+\.\d\d /.test(line)).map(line => line.trim().split(/ +/));
  const counts = (lines: string[]): string[] => rows(lines).map(([_percent, _seconds, _each, ...rest]) => rest.join(' ')).sort();

  for (const options of [['-c'], ['-c', '-w'], ['-f', '-c'], ['-C', '-f']]) {
    it(`${options.join(' ')} counts what strace counts`, () => {
      const [native, ours] = both(options, compile('follow'));
      assert.deepEqual(counts(ours), counts(native));
    });
  }

  it('-c counts the time that the kernel worked, -c -w also that which a call slept', () => {
    const slept = (options: string[]): number => Number(rows(both(options, compile('follow'))[1]).find(row => row.at(-1) === 'clock_nanosleep')?.[1]);
    assert.ok(slept(['-c']) < 0.001, String(slept(['-c'])));
    assert.ok(slept(['-c', '-w']) >= 0.02, String(slept(['-c', '-w'])));
  });

  it('-w without a table is refused, -k with a table is told of', () => {
    const refused = direct(process.execPath, [CLI, 'strace', '-w', HELLO]);
    assert.deepEqual([refused.status, refused.lines], [2, ['ringside: -w, times from entry to return, is a form of the table: it needs -c or -C']]);
    assert.equal(direct(process.execPath, [CLI, 'strace', '-c', '-k', HELLO]).lines[0], 'ringside: -k has no effect with -c');
  });
});
