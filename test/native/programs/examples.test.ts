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

  it('build.sh builds all of them', function () {
    this.timeout(30_000);
    if (spawnSync('gcc', ['--version']).error) return this.skip();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-examples-'));
    const done = spawnSync('sh', ['examples/build.sh', folder], { encoding: 'utf8' });
    const made = readdirSync(folder).sort();
    rmSync(folder, { recursive: true });
    assert.equal(done.stderr, '');
    assert.deepEqual(made, sources.flatMap(name => [name, `${name}.static`]).sort());
  });
});
