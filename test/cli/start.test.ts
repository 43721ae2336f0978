// What a run brings of Node's own modules: each that it does not need takes milliseconds of the start.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

describe('the start of a run', () => {
  it('loads no module of Node\'s for V8\'s flags (which brings streams), clocks, processes, compression and the debugger', () => {
    const cwd = mkdtempSync(path.join(os.tmpdir(), 'ringside-start-'));
    try {
      const hook = path.join(cwd, 'hook.js'), list = path.join(cwd, 'list');
      writeFileSync(hook, `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(list)}, JSON.stringify(process.moduleLoadList)));`);
      const run = (...words: string[]): string[] => {
        const done = spawnSync(process.execPath, ['-r', hook, path.resolve('dist/cli.js'), ...words], { encoding: 'utf8', timeout: 60_000, env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '', HOME: cwd, LOCALAPPDATA: cwd, XDG_CACHE_HOME: path.join(cwd, 'cache') } });
        assert.equal(done.status, 0, done.stderr);
        return (JSON.parse(readFileSync(list, 'utf8')) as string[]).filter(name => name.startsWith('NativeModule ')).map(name => name.slice('NativeModule '.length));
      };
      for (const command of ['run', 'strace']) {
        const words = [command, ...command === 'strace' ? ['-o', path.join(cwd, 'log')] : [], '--', path.resolve('examples/hello_write.static')];
        run(...words);
        assert.deepEqual(run(...words).filter(name => ['v8', 'perf_hooks', 'child_process', 'zlib', 'inspector', 'worker_threads'].includes(name)), []);
      }
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });
});
