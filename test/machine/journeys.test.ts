import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { journeys } from './journeys';

const FOLDER = path.resolve('test/programs/time');
const named = (extension: string, folder = FOLDER): string[] => readdirSync(folder).filter(name => name.endsWith(extension)).map(name => name.slice(0, -extension.length).replace(/[02]$/, ''));

describe('the programs of the tests of time', () => {
  it('are committed, each with its source, used, and tell of no computer that they were built on', () => {
    assert.deepEqual([...new Set(named('.elf'))].sort(), named('.c').sort());
    const used = new Set(journeys.map(({ name }) => name));
    assert.deepEqual(named('.c').filter(name => !used.has(name)).sort(), ['hop', 'resized', 'turns', 'walk'], 'those are for the debugger and the window');
    for (const file of readdirSync(FOLDER).filter(name => name.endsWith('.elf'))) {
      const text = readFileSync(path.join(FOLDER, file), 'latin1');
      assert.equal(text.includes(process.cwd()) || text.includes(`${os.homedir()}/`), false, file);
    }
  });

  it('build.sh builds all of them', function () {
    this.timeout(60_000);
    if (spawnSync('musl-gcc', ['--version']).error) {
      console.log('    skipped: there is no musl-gcc here');
      return this.skip();
    }
    const folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-time-'));
    const { status, stderr } = spawnSync('sh', [path.join(FOLDER, 'build.sh'), folder], { encoding: 'utf8' });
    const built = readdirSync(folder).sort();
    rmSync(folder, { recursive: true });
    assert.equal(status, 0, stderr);
    assert.deepEqual(built, readdirSync(FOLDER).filter(name => name.endsWith('.elf')).sort());
  });
});
