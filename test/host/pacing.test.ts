// Virtual time follows real time while a live terminal is waited for: on a pseudo terminal, and on the console of a debug session.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DebugClient } from '@vscode/debugadapter-testsupport';

const SOURCE = `
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
int main(int argc, char **argv) {
  struct pollfd input = { 0, POLLIN, 0 };
  struct timespec from, to;
  char line[64] = "";
  int limit = atoi(argv[1]);
  write(1, "ready\\n", 6);
  clock_gettime(CLOCK_MONOTONIC, &from);
  int found = poll(&input, 1, limit);
  clock_gettime(CLOCK_MONOTONIC, &to);
  if (found > 0) line[read(0, line, sizeof line - 1)] = 0;
  long ms = (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
  printf("%s %d %s", ms < limit ? "before" : "after", found, line);
}
`;

describe('time while a person may type', function () {
  this.timeout(60_000);
  let folder = '', program = '';
  before(function () {
    const missing = ['gcc', 'script'].find(tool => spawnSync(tool, ['--version']).error);
    if (missing) {
      console.log(`    skipped: ${missing} is missing`);
      this.skip();
    }
    folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-pacing-'));
    program = path.join(folder, 'waits');
    writeFileSync(`${program}.c`, SOURCE);
    assert.equal(spawnSync('gcc', ['-static', '-o', program, `${program}.c`], { encoding: 'utf8' }).stderr, '');
  });
  after(() => { if (folder) rmSync(folder, { recursive: true }); });

  /** Runs on a terminal; `type` is called once the program is ready. What the terminal showed, and how long it took. */
  const onTerminal = (limitMs: number, type: (child: ChildProcess) => void): Promise<{ shown: string; ms: number }> => new Promise(resolve => {
    const start = performance.now();
    const child = spawn('script', ['-qec', `"${process.execPath}" dist/cli.js run -- ${program} ${limitMs}`, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let shown = '', isReady = false;
    child.stdout.on('data', (data: Buffer) => {
      shown += data.toString();
      if (!isReady && shown.includes('ready')) { isReady = true; type(child); }
    });
    child.on('close', () => resolve({ shown: shown.replace(/\r/g, ''), ms: performance.now() - start }));
  });

  it('a wait with a limit is still waiting when somebody types a moment later', async () => {
    const { shown } = await onTerminal(50_000, child => setTimeout(() => child.stdin?.write('hello\n'), 300));
    assert.match(shown, /before 1 hello\n/);
  });

  it('a wait that nobody ends takes its time, and no less', async () => {
    const { shown, ms } = await onTerminal(400, () => undefined);
    assert.match(shown, /after 0 /);
    assert.ok(ms >= 400, String(ms));
  });

  it('a sleep that no terminal is part of takes none', () => {
    const start = performance.now();
    const done = spawnSync(process.execPath, ['dist/cli.js', 'run', '--', '/bin/sleep', '3600'], { encoding: 'utf8', input: '' });
    assert.equal(done.status, 0);
    assert.ok(performance.now() - start < 3_600_000);
  });

  it('in a debug session what is typed in the console arrives before the limit', async () => {
    const client = new DebugClient('node', path.resolve('dist/adapter.js'), 'ringside');
    client.defaultTimeout = 20_000;
    await client.start();
    try {
      let shown = '';
      const ready = new Promise<void>(resolve => client.on('output', (event: { body: { output: string } }) => { shown += event.body.output; if (shown.includes('ready')) resolve(); }));
      await Promise.all([client.launch({ program, args: ['50000'] } as object), client.waitForEvent('initialized')]);
      const ended = client.waitForEvent('terminated');
      await client.configurationDoneRequest();
      await ready;
      await client.customRequest('ringside/input', { text: 'hello\n' });
      await ended;
      assert.match(shown, /before 1 hello\n/);
    } finally {
      await client.stop();
    }
  });
});
