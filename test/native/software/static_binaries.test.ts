// Programs of Go, Rust and musl without shared libraries: each has a runtime of its own, which asks the kernel for things in its own way.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ENV, whyNoJudge } from '../programs/compare';

const SOURCES = path.resolve('test/programs/static'), CLI = path.resolve('dist/cli.js');

const BINARIES = [
  { name: 'Go', compiler: ['go', 'version'], make: (out: string) => ['go', 'build', '-o', out, `${SOURCES}/go_program.go`], parts: ['goroutines', 'garbage', 'files', 'network', 'times', 'signals', 'children'] },
  { name: 'Rust', compiler: ['rustc', '-V'], make: (out: string) => ['rustc', '-O', '-C', 'target-feature=+crt-static', '-o', out, `${SOURCES}/rust_program.rs`], parts: ['threads', 'files', 'network', 'times', 'children'] },
  { name: 'musl', compiler: ['musl-gcc', '--version'], make: (out: string) => ['musl-gcc', '-static', '-O1', '-w', '-o', out, `${SOURCES}/musl_program.c`], parts: ['threads', 'files', 'processes', 'signals'] },
];

const run = (command: readonly string[], options: Parameters<typeof spawnSync>[2] = {}) => spawnSync(command[0] ?? '', command.slice(1), { encoding: 'latin1', timeout: 60_000, ...options });

describe('static binaries do in the machine what they do on the host', function () {
  this.timeout(300_000);
  for (const { name, compiler, make, parts } of BINARIES) {
    describe(name, () => {
      let folder = '', program = '';
      before(function () {
        const why = whyNoJudge() ?? (run(compiler).error ? `${compiler[0]} is missing` : null);
        if (why) {
          console.log(`    skipped: ${why}`);
          return this.skip();
        }
        folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-static-'));
        program = path.join(folder, 'program');
        const made = run(make(program), { env: { ...process.env, CGO_ENABLED: '0' }, timeout: 240_000 });
        assert.equal(made.status, 0, String(made.stderr));
      });
      after(() => { if (folder) rmSync(folder, { recursive: true }); });

      for (const part of parts) {
        it(part, () => {
          const [native, ours] = [[program], [process.execPath, CLI, 'run', '--', program]].map((command, i) => {
            const cwd = path.join(folder, `${part}${i}`);
            mkdirSync(cwd);
            // A shell tells the status of a program that died by a signal in the same way for both.
            const { stdout, status } = run(['/bin/sh', '-c', '"$@" 2>&1 </dev/null; echo status $?', 'sh', ...command, part], { cwd, env: ENV });
            return { stdout: String(stdout).replace(/^Aborted.*\n/m, ''), status };
          });
          assert.match(native?.stdout ?? '', /\nstatus \d+\n$/, 'the host');
          assert.deepEqual(ours, native);
        });
      }
    });
  }
});
