// What a run decoded serves the next run of the same program, which does and prints the same; a file that is damaged is as none.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

describe('decoded code of earlier runs', function () {
  this.timeout(120_000);
  let cache: string;
  beforeEach(() => { cache = mkdtempSync(path.join(tmpdir(), 'ringside-decoded-')); });
  afterEach(() => rmSync(cache, { recursive: true, force: true }));

  const run = (environment: NodeJS.ProcessEnv = {}): unknown[] => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/cli.js', 'strace', '--epoch', '2024-01-01T00:00:00Z', '--', 'examples/hello_write.static'],
      { encoding: 'utf8', env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '', HOME: cache, LOCALAPPDATA: cache, XDG_CACHE_HOME: cache, ...environment } });
    return [status, stdout, stderr];
  };
  const kept = (): string[] => readdirSync(cache, { recursive: true }).map(String).filter(name => path.basename(name).startsWith('code-')).map(name => path.join(cache, name));

  it('is kept once for a program, for the user alone, and changes nothing', () => {
    const first = run(), [file, ...more] = kept();
    assert.equal(first[0], 0);
    assert.ok(file && more.length === 0);
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
    const { mtimeMs } = statSync(file);
    assert.deepEqual(run(), first);
    assert.deepEqual(kept(), [file]);
    assert.equal(statSync(file).mtimeMs, mtimeMs);
  });

  it('is decoded again when the file is damaged, anywhere', () => {
    const first = run(), file = kept()[0] as string, bytes = readFileSync(file);
    for (const at of [0, bytes.length >> 1, bytes.length - 8]) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] as number) ^ 0x10;
      writeFileSync(file, damaged);
      assert.deepEqual(run(), first, `byte ${at}`);
      assert.notDeepEqual(readFileSync(file), damaged);
    }
  });

  it('is not kept when the person wants no such files', () => {
    assert.equal(run({ NODE_DISABLE_COMPILE_CACHE: '1' })[0], 0);
    assert.deepEqual(kept(), []);
  });
});
