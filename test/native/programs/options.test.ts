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

  /** Command lines that strace refuses. */
  const MISTAKES = [
    '-o', '-J true', '--what true', '--s=1 true', '--summary-only=3 true', '-I 9 true', '-X foo true', '-s -1 true', '-s1x true', '-a true true', '--string-limit true', '-b foo true', '-O x true', '-U foo true', '-U calls,calls true',
    '-S foo true', '-c -C true', '-w true', '-U calls true', '-ff -c true', '-f --follow-forks true', '-t --absolute-timestamps true', '-x --strings-in-hex true', '-y --decode-fds true', '-q --quiet true', '--strings-in-hex=foo true',
    '--absolute-timestamps=foo true', '--stack-traces=foo true', '--syscall-times=xs true', '-e signal=FOO true', '-e signal= true', '-e status=foo true', '-e read=foo true', '-e quiet=foo true', '-e decode-fds=foo true', '--decode-pids=foo true',
    '-e foo=bar true', '-e trace= true', '-e trace=, true', '-e trace=%foo true', '-e trace=/[ true', '-e trace=open@99 true', '-e trace=!nosuch true', '-o |cat -ff true',
  ];
  it('a command line that strace refuses is refused in its words, as one sentence, with our own status', () => {
    // The names that could be meant are ours, too; strace says in a second line where its help is.
    const sentence = ({ lines }: { lines: string[] }): string => (lines[0] ?? '').replace(/^strace: /, 'ringside: ').replace(/(possibilities:).*/, '$1');
    const given = (words: string): string[] => words.split(' ').filter(word => word !== '');
    for (const words of MISTAKES) {
      const native = direct('strace', given(words)), ours = direct(process.execPath, [CLI, 'strace', ...given(words)]);
      assert.equal(native.status, 1, words);
      assert.deepEqual([sentence(ours), ours.lines.length, ours.status], [sentence(native), 1, 2], words);
    }
  });

  for (const words of ['-c -i -k -n -r -t -T -y', '-z -Z -c', '-S calls', '-A', '--seccomp-bpf -c', '--seccomp-bpf -b execve', '--seccomp-bpf -f -e trace=all', '-F -c', '-P /dev/../dev/null']) {
    it(`${words}: what strace says before it begins`, () => {
      const [native = [], ours = []] = both(['-e', 'trace=none', ...words.split(' ')], HELLO).map(lines => lines.filter(line => line.startsWith('strace: ')));
      rmSync(path.join(cwd, 'test.txt'), { force: true });
      assert.deepEqual(ours, native);
      assert.ok(native.length > 0);
    });
  }

  it('what strace has and makes no sense here is refused with a reason', () => {
    for (const words of [['-p', '1'], ['-D', HELLO], ['--inject=open:error=ENOENT', HELLO], ['-e', 'kvm=vcpu', HELLO], ['-u', 'root', HELLO]]) {
      const refused = direct(process.execPath, [CLI, 'strace', ...words]);
      assert.equal(refused.status, 2);
      assert.match(refused.lines.join('\n'), /^ringside: .* is not supported: .*$/);
    }
  });
});
