// The product in the versions of Node that people have, each with a cache of its own: the same output, and what V8 made in one run is taken in the next.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { needs, nodes } from './nodes';

const CLI = path.resolve('dist/cli.js'), PROGRAM = path.resolve('test/programs/time/files.elf');

describe('the product', function () {
  this.timeout(60_000);
  for (const { name, node } of nodes) {
    it(`in ${name}: a program prints the same, and its second run compiles nothing`, function () {
      needs(node, this);
      const cache = mkdtempSync(path.join(tmpdir(), 'ringside-nodes-'));
      try {
        const run = (binary: string): string => {
          const log = path.join(cache, 'log'), { status, stdout, stderr } = spawnSync(binary, [CLI, 'strace', '-o', log, '--', PROGRAM], { encoding: 'utf8', env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '', HOME: cache, LOCALAPPDATA: cache, XDG_CACHE_HOME: cache } });
          assert.equal(status, 0, stderr);
          return stdout + readFileSync(log, 'utf8');
        };
        const compiled = path.join(cache, 'ringside', 'compiled'), written = (): [string, number][] => readdirSync(compiled).map(file => [file, statSync(path.join(compiled, file)).mtimeMs]);
        const first = run(node), kept = written();
        assert.ok(kept.length > 0 && first.length > 1000);
        assert.equal(run(node), first);
        assert.deepEqual(written(), kept, 'what V8 compiled was refused, and written anew');
        assert.equal(run(process.execPath), first);
      } finally {
        rmSync(cache, { recursive: true, force: true });
      }
    });
  }
});
