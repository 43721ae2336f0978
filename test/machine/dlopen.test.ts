// A library that a program loads while it runs, unloads, and loads another one in its place: code appears, goes and is other code at the same addresses.
// Started again from the first checkpoint, and moved about in, the run is the same run; no code of another time is executed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LaunchOptions } from '../../src/machine/assemble';
import { formatPosition, type Position } from '../../src/trace/position';
import { hashOf, launchJourney } from './journeys';

/** Both libraries have the same layout: what differs is the code. */
const library = (step: string): string => `int work(int n) { int sum = 0; for (int i = 0; i < n; i++) sum = sum * 3 ${step} i; return sum; }`;
const PROGRAM = `
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv) {
  for (int round = 0; round < 4; round++) {
    void *handle = dlopen(argv[1 + round % 2], RTLD_NOW);
    if (!handle) { puts(dlerror()); return 1; }
    int (*work)(int) = (int (*)(int))dlsym(handle, "work");
    printf("%d %d\\n", round, work(40000));
    fflush(stdout);
    dlclose(handle);
  }
  return 0;
}`;
const SLICE = 20_000;
const missing = process.platform !== 'linux' || process.arch !== 'x64' ? 'the libraries of this computer are not x86-64 Linux\'s' : spawnSync('gcc', ['--version']).error ? 'gcc is missing' : undefined;

(missing ? describe.skip : describe)(`libraries that come and go${missing ? ` (${missing})` : ''}`, function () {
  this.timeout(120_000);
  let folder: string, argv: string[];
  const build = (name: string, text: string, ...flags: string[]): string => {
    const source = path.join(folder, `${name}.c`), made = path.join(folder, name);
    writeFileSync(source, text);
    const done = spawnSync('gcc', ['-O2', '-o', made, source, ...flags], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
    return made;
  };
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'dlopen-'));
    chmodSync(folder, 0o755);
    const [one, two] = [['one.so', '+'], ['two.so', '^']].map(([name = '', step = '']) => build(name, library(step), '-shared', '-fPIC'));
    argv = [build('loads', PROGRAM, '-ldl'), one ?? '', two ?? ''];
  });
  after(() => { rmSync(folder, { recursive: true }); });

  const expected = (): string => spawnSync(argv[0] ?? '', argv.slice(1), { encoding: 'utf8' }).stdout;
  const launch = (options: Partial<LaunchOptions>): ReturnType<typeof launchJourney> => launchJourney({ name: 'loads', program: argv[0] ?? '', args: argv.slice(1), input: [] }, options, 10_000);

  for (const [how, options] of [['interpreted', { engine: 'interpreter' }], ['translated', { engine: 'translator' }], ['translated at once', { engine: 'translator', translateAfter: 0 }]] as const) {
    it(`${how}: started again twice, and anywhere in between, it is the same run`, () => {
      const { session, output } = launch(options), target = session.target(), { timeline } = target;
      const places: { position: Position; hash: unknown }[] = [];
      const note = (): unknown => [formatPosition(timeline.position), hashOf(session)];
      for (let i = 0; ; i++) {
        if (i % 2 === 0) places.push({ position: timeline.position, hash: note() });
        if (target.run(SLICE).kind === 'exited') break;
      }
      const end = note();
      assert.equal(output(), expected());
      assert.ok(places.length > 20, `${places.length}`);
      for (let restart = 0; restart < 2; restart++) {
        timeline.goTo(timeline.start);
        for (const { position, hash } of places) {
          timeline.goTo(position);
          assert.deepEqual(note(), hash);
        }
        timeline.goTo(timeline.end);
        assert.deepEqual(note(), end);
      }
      // From the middle of one library into the middle of the other, which stood at its addresses.
      for (let i = 0, at = 0; i < 40; i++, at = (at + 7) % places.length) {
        const place = places[places.length - 1 - at];
        assert.ok(place);
        timeline.goTo(place.position);
        assert.deepEqual(note(), place.hash);
      }
      timeline.goTo(timeline.end);
      assert.deepEqual([note(), output()], [end, expected()]);
    });

    it(`${how}: started again and changed at its start, another future runs the same libraries`, () => {
      const { session, output } = launch(options), target = session.target(), { timeline } = target;
      while (target.run(SLICE).kind !== 'exited');
      const end = hashOf(session);
      timeline.goTo(timeline.start);
      timeline.forgetFuture();
      timeline.edited();
      while (target.run(SLICE).kind !== 'exited');
      assert.deepEqual(hashOf(session), end);
      assert.equal(output(), expected().repeat(2));
    });
  }
});
