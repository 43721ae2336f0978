// Python's own tests of what it asks of the system, on the host and in the machine: each ends here as it ends there. They are there where Debian's
// libpython3.11-testsuite, or that of another version, is. LONG_PYTHON=1 takes those that sleep and start hundreds of processes, too.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ENV } from '../programs/compare';

const PYTHON = '/usr/bin/python3', CLI = path.resolve('dist/cli.js'), SUITE = path.resolve('test/native/software/python_suite.py');
const MODULES = ['test_mmap', 'test_select', 'test_posix', 'test_fcntl', 'test_fileio', 'test_resource', 'test_pty', 'test_epoll', 'test_poll', 'test_thread', 'test_wait4', 'test_fork1'];
const LONG = ['test_os', 'test_threading', 'test_signal', 'test_subprocess', 'test_socket', 'test_wait3', 'test_eintr', 'test_time', 'test_glob', 'test_posixpath', 'test_pathlib', 'test_tempfile', 'test_shutil', 'test_selectors', 'test_queue', 'test_socketserver', 'test_mailbox', 'test_locale', 'test_zoneinfo'];
/** Modules of one to four tests. */
const FEW = new Set(['test_fork1', 'test_wait3', 'test_wait4', 'test_eintr']);

/** What became of each test, and what was printed of those that failed. */
function outcomes(module: string, inMachine: boolean): { tests: Map<string, string>; trouble: string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-python-'));
  const [file = '', ...args] = [...inMachine ? [process.execPath, CLI, 'run', '--'] : [], PYTHON, SUITE, module];
  try {
    const done = spawnSync(file, args, { cwd: folder, env: ENV, encoding: 'latin1', timeout: 1_500_000, maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'pipe'] });
    return { tests: new Map([...done.stdout.matchAll(/## (test\.\S+) (.*)$/gm)].map(([, name = '', outcome = '']) => [name, outcome])), trouble: `${done.stderr}${done.error?.message ?? ''}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('python\'s own tests end in the machine as on the host', function () {
  this.timeout(1_800_000);
  before(function () {
    if (process.platform === 'linux' && spawnSync(PYTHON, ['-c', 'import test.test_os'], { env: ENV }).status === 0) return;
    console.log('    skipped: python3 has no package of tests (Debian: libpython3.11-testsuite, by the version of python3)');
    this.skip();
  });

  for (const module of process.env.LONG_PYTHON ? [...MODULES, ...LONG] : MODULES) {
    it(module, () => {
      const host = outcomes(module, false), ours = outcomes(module, true);
      const differs = [...host.tests].filter(([name, outcome]) => ours.tests.get(name) !== outcome).map(([name, outcome]) => `${name}: ${outcome} on the host, ${ours.tests.get(name) ?? 'not run'} in the machine`);
      assert.equal(differs.join('\n'), '', ours.trouble);
      assert.ok(host.tests.size > (FEW.has(module) ? 0 : 4), 'there were tests');
    });
  }
});
