// Code that changes under the processor - written by itself, by the kernel, through another mapping, replaced by mmap, loaded by dlopen - runs as it does on the host.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { LaunchOptions } from '../../../src/machine/assemble';
import { launchJourney } from '../../machine/journeys';

const ways: Record<string, string> = { jit: 'a JIT compiler', toggle: 'pages that are written, then executed, then written', aliases: 'two mappings of one page', kernel: 'what the kernel writes, maps, moves and forgets', library: 'dlopen' };
const engines: Record<string, Partial<LaunchOptions>> = { 'as usual': {}, interpreted: { engine: 'interpreter' }, 'translated at once': { engine: 'translator', translateAfter: 0 } };

describe('code that changes', function () {
  this.timeout(180_000);
  let folder = '', program = '';
  before(function () {
    if (process.arch !== 'x64' || process.platform !== 'linux' || spawnSync('gcc', ['--version']).error) {
      console.log('    skipped: needs gcc on x86-64 Linux');
      this.skip();
    }
    folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-code-'));
    chmodSync(folder, 0o755);
    program = path.join(folder, 'code_changes');
    const built = spawnSync('gcc', ['-O1', '-w', '-o', program, 'test/native/cpu/code_changes.c', '-ldl'], { encoding: 'utf8' });
    assert.equal(built.status, 0, built.stderr);
  });
  after(() => { if (folder) rmSync(folder, { recursive: true }); });

  for (const [way, title] of Object.entries(ways)) {
    it(title, () => {
      const native = spawnSync(program, [way], { encoding: 'utf8' });
      assert.ok(native.status === 0 && native.stdout.length > 0, `natively: ${native.status}`);
      for (const [engine, options] of Object.entries(engines)) {
        // All of ld.so and libc takes a while to translate.
        if (way === 'library' && options.translateAfter === 0) continue;
        const { session, output } = launchJourney({ name: way, program, args: [way], input: [] }, options);
        while (session.machine.run(Infinity).kind !== 'exited');
        assert.equal(output(), native.stdout, engine);
      }
    });
  }
});
