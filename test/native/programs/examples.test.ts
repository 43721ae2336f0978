import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const sources = readdirSync('examples').filter(name => name.endsWith('.c')).map(name => name.slice(0, -2));

describe('examples', () => {
  for (const name of sources) {
    for (const built of [name, `${name}.static`]) {
      it(`${built} is committed, executable, and tells of no computer that it was built on`, () => {
        const file = path.join('examples', built);
        assert.ok(statSync(file).mode & 0o100, 'executable');
        const text = readFileSync(file, 'latin1');
        assert.equal(text.slice(0, 4), '\x7fELF');
        assert.ok(text.includes(`${name}.c\0`), 'it names its source');
        for (const trace of [process.cwd(), os.homedir() === '/' ? process.cwd() : `${os.homedir()}/`]) assert.equal(text.includes(trace), false, trace);
      });
    }
  }

  /** What an example prints in the machine, standard error included. */
  const run = (name: string): string => {
    const done = spawnSync(process.execPath, [path.resolve('dist/cli.js'), 'run', '--', path.resolve('examples', name)], { encoding: 'utf8', cwd: os.tmpdir() });
    return done.stdout + done.stderr;
  };
  const figures = (text: string): number[] => [...text.matchAll(/([\d.]+) (?:ns|us)/g)].map(m => Number(m[1]));

  it('getpid_bench: a call costs about 100 ns, many times a function call', () => {
    const [call = 0, getpid = 0] = figures(run('getpid_bench.static'));
    assert.ok(getpid >= 60 && getpid <= 150 && getpid > 15 * call, `${call} ${getpid}`);
  });

  it('vdso_bench: about 20 ns through the vDSO, a tenth of the real call', () => {
    const [vdso = 0, coarse = 0, real = 0, cpu = 0] = figures(run('vdso_bench.static'));
    assert.ok(vdso >= 15 && vdso <= 30 && coarse < vdso && real > 8 * vdso && cpu > real, `${vdso} ${coarse} ${real} ${cpu}`);
  });

  it('batching: one write instead of a thousand saves nearly all of the time, stdio most of it', () => {
    const [single = 0, whole = 0, stdio = 0] = figures(run('batching.static'));
    assert.ok(single > 500 * whole && single > 50 * stdio && stdio > whole, `${single} ${whole} ${stdio}`);
  });

  const printed: Record<string, string> = {
    errno: 'write to descriptor 42: errno 9, Bad file descriptor\nopen: No such file or directory\nmkdir /tmp: File exists\nmmap of nothing: Invalid argument\nclose: Bad file descriptor\n',
    raw_calls: "the library's wrapper\nsyscall(2)\nthe syscall instruction\nint 0x80\n",
    fork_exec_wait: 'parent 1001\n  child 1002 of 1001, shared is 2 here\n  the new program, process 1002 as before, argument "from execve"\nthe child ended with status 7; shared is still 1\n',
    mmap_life: 'mapped 16 pages: 0 page faults\ntouched them:    16 page faults\nwritten when read-only: SIGSEGV, si_code 2 (SEGV_ACCERR)\nwritten when unmapped:  SIGSEGV, si_code 1 (SEGV_MAPERR)\n',
  };
  for (const [name, text] of Object.entries(printed)) it(`${name} prints what its comments promise`, () => assert.equal(run(`${name}.static`), text));

  it('build.sh builds all of them', function () {
    this.timeout(30_000);
    const missing = ['gcc', 'musl-gcc'].find(compiler => spawnSync(compiler, ['--version']).error);
    if (missing) {
      console.log(`    skipped: ${missing} is missing`);
      return this.skip();
    }
    const folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-examples-'));
    const done = spawnSync('sh', ['examples/build.sh', folder], { encoding: 'utf8' });
    const made = readdirSync(folder).sort();
    rmSync(folder, { recursive: true });
    assert.equal(done.stderr, '');
    assert.deepEqual(made, sources.flatMap(name => [name, `${name}.static`]).sort());
  });
});
