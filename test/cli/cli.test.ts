import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const CLI = path.resolve('dist/cli.js');
const HELLO = path.resolve('examples/hello_write.static');

interface Done { stdout: string; stderr: string; status: number | null }

describe('ringside on the command line', () => {
  let cwd = '';
  const ringside = (words: string[], input = ''): Done => spawnSync(process.execPath, [CLI, ...words], { cwd, input, encoding: 'utf8', timeout: 60_000 });
  before(() => { cwd = mkdtempSync(path.join(os.tmpdir(), 'ringside-cli-')); });
  after(() => rmSync(cwd, { recursive: true }));

  it('--help and --version', () => {
    const help = ringside(['--help']);
    assert.equal(help.status, 0);
    assert.match(help.stdout, /Usage: ringside COMMAND/);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const done = ringside(['--version']);
    assert.deepEqual([done.stdout, done.stderr, done.status], [`ringside ${version}\n`, '', 0]);
  });

  for (const [title, words, sentence] of [
    ['no command', [], /^ringside: a command is missing/],
    ['no program', ['run'], /^ringside: the program is missing/],
    ['no such file', ['run', './none'], /^ringside: \.\/none: no such file\n$/],
    ['no such program along PATH', ['run', 'no-such-program'], /^ringside: no-such-program: no such program along PATH\n$/],
    ['a text file', ['run', './text'], /^ringside: \.\/text: .*\n$/],
    ['a program for another processor', ['run', './arm'], /^ringside: \.\/arm: is a 64-bit ELF file for AArch64; only x86-64 programs run here\n$/],
    ['no such program for strace', ['strace', './none'], /^ringside: \.\/none: no such file\n$/],
    ['no such program along PATH for strace', ['strace', 'no-such-program'], /^ringside: no-such-program: no such program along PATH\n$/],
    ['no program', ['strace', '-f'], /^ringside: the program is missing: .*\n$/],
    ['an option that strace has not', ['strace', '-J', HELLO], /^ringside: invalid option -- 'J'\n$/],
    ['a log that cannot be written', ['strace', '-o', '/none/log', HELLO], /^ringside: \/none\/log cannot be written/],
    ['a table that cannot be written', ['stat', '-o', '/none/log', HELLO], /^ringside: \/none\/log cannot be written/],
  ] as const) {
    it(`${title}: one sentence and exit status 2`, () => {
      writeFileSync(path.join(cwd, 'text'), 'hello\n', { mode: 0o755 });
      const header = Buffer.alloc(64);
      header.write('\x7fELF\x02\x01\x01', 'latin1');
      header.writeUInt16LE(2, 16);
      header.writeUInt16LE(183, 18);
      writeFileSync(path.join(cwd, 'arm'), header, { mode: 0o755 });
      const done = ringside([...words]);
      assert.match(done.stderr, sentence);
      assert.deepEqual([done.status, done.stdout, done.stderr.split('\n').length], [2, '', 2]);
    });
  }

  it('what the program writes stays in the sandbox, is told of, and is saved on request', () => {
    const done = ringside(['run', '--save', 'saved', '--', HELLO]);
    assert.equal(done.stderr, '1 file written in the sandbox: test.txt\n');
    assert.equal(done.status, 0);
    assert.equal(existsSync(path.join(cwd, 'test.txt')), false);
    assert.equal(readFileSync(path.join(cwd, 'saved/test.txt'), 'utf8'), 'Hello, World!\n');
  });

  it('stat prints tasks, calls with their figures, and the exit status is the program\'s', () => {
    const done = ringside(['stat', HELLO]);
    assert.equal(done.status, 0);
    assert.match(done.stderr, /\n1 task in [\d.]+ µs: .* kernel/);
    assert.match(done.stderr, /\nCall +Count +Errors +Min +Median +p99 +Max +Total +Waiting +Share +Bytes\n/);
    assert.match(done.stderr, /\nopenat +1 +[\d.]+ (ns|µs) /);
  });

  it('stat --json has the same figures as data, in nanoseconds, and they repeat exactly', () => {
    const figures = (): Record<string, unknown> => {
      ringside(['stat', '--json', '-o', 'figures.json', '--epoch', '1', '--', HELLO]);
      return JSON.parse(readFileSync(path.join(cwd, 'figures.json'), 'utf8')) as Record<string, unknown>;
    };
    const first = figures();
    const calls = first['distribution'] as Record<string, number | string>[];
    assert.deepEqual(calls.filter(row => ['openat', 'write', 'close'].includes(String(row['name']))).map(row => [row['name'], row['count']]).sort(), [['close', 1], ['openat', 1], ['write', 1]]);
    for (const row of calls) assert.ok(Number(row['total']) >= Number(row['max']) && Number(row['max']) >= Number(row['median']), String(row['name']));
    assert.deepEqual(figures(), first);
  });

  it('stat and chart start compiled, once they ran before', () => {
    const environment = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '', HOME: cwd, LOCALAPPDATA: cwd, XDG_CACHE_HOME: path.join(cwd, 'cache') };
    for (const words of [['stat', HELLO], ['chart', '-o', 'calls.svg', HELLO], ['run', HELLO]]) spawnSync(process.execPath, [CLI, ...words], { cwd, env: environment, timeout: 60_000 });
    const kept = readdirSync(cwd, { recursive: true }).map(file => /compiled[\\/](.*)-\w+$/.exec(String(file))?.[1]).filter(name => name !== undefined);
    assert.deepEqual(kept.sort(), ['cli_main-chart', 'cli_main-run', 'cli_main-stat', 'timing-chart', 'timing-stat']);
  });

  it('chart draws an SVG file', () => {
    const done = ringside(['chart', '-o', 'calls.svg', '--chart', 'distribution', '--', HELLO]);
    assert.equal(done.status, 0);
    const svg = readFileSync(path.join(cwd, 'calls.svg'), 'utf8');
    assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    for (const name of ['openat', 'write', 'exit_group']) assert.match(svg, new RegExp(`>${name}</text>`));
    assert.equal(ringside(['chart', HELLO]).stderr, 'ringside: -o FILE is missing: the file that the chart is drawn to\n');
    assert.match(ringside(['chart', '-o', 'x', '--chart', 'pie', HELLO]).stderr, /--chart needs one of timeline, distribution/);
  });

  it('strace --json: one object a line, with what the text log says as typed values', () => {
    const lines = ringside(['strace', '--json', '-e', 'trace=write,close,exit_group', HELLO]).stderr.split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line) as Record<string, unknown>);
    const [write, close, end, exit] = lines;
    assert.deepEqual([write?.type, write?.name, write?.args, write?.return], ['syscall', 'write', { fd: 3, buf: 'Hello, World!\n', count: 14 }, 14]);
    assert.deepEqual([close?.name, close?.args, close?.return], ['close', { fd: 3 }, 0]);
    assert.deepEqual([end?.name, end?.args, end !== undefined && 'return' in end], ['exit_group', { status: 0 }, false]);
    assert.deepEqual([exit?.type, exit?.status, exit?.pid === write?.pid], ['exit', 0, true]);
    const failing = JSON.parse(ringside(['strace', '--json', '-e', 'trace=openat', '/bin/cat', '/none']).stderr.split('\n').find(line => line.startsWith('{') && line.includes('"/none"')) ?? '') as Record<string, unknown>;
    assert.deepEqual([failing.args, failing.return, failing.errno, failing.because], [{ dirfd: 'AT_FDCWD', pathname: '/none', flags: ['O_RDONLY'] }, -1, 'ENOENT', "'none' does not exist in the root directory"]);
    assert.match(ringside(['strace', '--json', '-c', HELLO]).stderr, /the table of -c and -C has no JSON/);
  });

  it('strace writes its log to standard error', () => {
    const done = ringside(['strace', HELLO]);
    assert.match(done.stderr, /^execve\(".*hello_write\.static", \[".*\], 0x[0-9a-f]+ \/\* \d+ vars \*\/\) = 0\n/);
    assert.match(done.stderr, /openat\(AT_FDCWD, "test\.txt", O_WRONLY\|O_CREAT, 0644\) = 3\nwrite\(3, "Hello, World!\\n", 14\) {9}= 14\nclose\(3\) {32}= 0\nexit_group\(0\) {27}= \?\n\+\+\+ exited with 0 \+\+\+\n/);
  });

  it('-e trace= chooses calls, by names and classes; a wrong one is told', () => {
    assert.match(ringside(['strace', '-e', 'trace=write,close', HELLO]).stderr, /^write\(3.*\nclose\(3\).*\n\+\+\+ exited with 0 \+\+\+\n/);
    const wrong = ringside(['strace', '-e', 'trace=wriet', HELLO]);
    assert.deepEqual([wrong.stderr, wrong.status], ["ringside: invalid system call 'wriet'\n", 2]);
    assert.match(ringside(['strace', '-e', 'raw=write', HELLO]).stderr, /^write\(0x3, 0x[0-9a-f]+, 0xe\) {2,}= 0xe$/m);
  });

  it('-c gives the table instead of the log', () => {
    const { stderr } = ringside(['strace', '-c', HELLO]);
    assert.match(stderr, /^% time +seconds +usecs\/call +calls +errors syscall\n/);
    assert.match(stderr, / 1 +write\n/);
    assert.doesNotMatch(stderr, /Hello/);
  });

  describe('exit status', () => {
    const compile = (name: string, source: string): string => {
      const file = path.join(cwd, name);
      writeFileSync(`${file}.c`, source);
      const done = spawnSync('gcc', ['-O1', '-w', '-static', '-o', file, `${file}.c`], { encoding: 'utf8' });
      assert.equal(done.stderr, '');
      return file;
    };
    before(function () {
      if (spawnSync('gcc', ['--version']).error) {
        console.log('      skipped: gcc is missing');
        this.skip();
      }
    });

    it('is the program\'s', () => {
      assert.equal(ringside(['run', compile('seven', 'int main(void) { return 7; }')]).status, 7);
    });

    it('is 128 and the signal\'s number when a signal killed it', () => {
      assert.equal(ringside(['run', compile('abort', '#include <stdlib.h>\nint main(void) { abort(); }')]).status, 134);
      assert.equal(ringside(['run', compile('segv', 'int main(void) { *(volatile int *)8 = 1; }')]).status, 139);
    });

    it('is the program\'s under stat --engine, which names the hot function and the engine that ran it', () => {
      const hot = compile('hot', '__attribute__((noinline)) unsigned spin(unsigned n) { unsigned s = 1; while (n--) s = s * 5 + n; return s; }\nint main(void) { return spin(20000000) ? 7 : 0; }');
      const done = ringside(['stat', '--engine', hot]);
      assert.equal(done.status, 7);
      assert.match(done.stderr, /^ +[\d,]+ {2}in regions \((9\d|100)\.\d % of/m);
      assert.match(done.stderr, /^ +\d+\.\d ms {2}spin, .*region$/m);
      assert.match(done.stderr, /^ +[1-9]\d* {2}compiled, of \d+ instructions/m);
      assert.match(done.stderr, /^Exits of regions\n(?: +[\d,]+ {2}.*\n)*? +[1-9][\d,]* {2}at the end of the budget$/m);
    });

    it('is 124 when nothing can ever wake it, with the wait told', () => {
      const done = ringside(['run', compile('stuck', '#include <unistd.h>\nint main(void) { int p[2]; char c; pipe(p); return read(p[0], &c, 1); }')]);
      assert.equal(done.status, 124);
      assert.match(done.stderr, /deadlock: every task waits and nothing can wake one\n {2}stuck \(1001\) waits in read of descriptor 3/);
    });
  });
});
