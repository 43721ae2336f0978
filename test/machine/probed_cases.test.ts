// Every case of the kernel's own tests (test/programs/kernel), entry by entry in the probed kernel: what it changes is taken back whole, half way too, and the plain kernel changes the same.
// Of each kind of entry in a case the first is looked at; of those that every case begins with, a few.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NodeFiles } from '../../src/host/node/files';
import { nodeFacts } from '../../src/host/node/facts';
import { launchMachine } from '../../src/machine/launch';
import { build, casesOf, families, type Case } from '../native/kernel/cases';
import { assertSame, drive, stateOf } from './probed_state';

/** A kind of entry is looked at in so many cases of a family. */
const MOST = 3;
const whyNot = spawnSync('gcc', ['--version']).error ? 'gcc is missing' : null;

describe('the probed kernel, in the cases of the kernel\'s tests', function () {
  this.timeout(300_000);

  /** How many entries were looked at. */
  function look(program: string, { name }: Case, seen: Map<string, number>): number {
    const folder = mkdtempSync(path.join(tmpdir(), 'ringside-probed-'));
    chmodSync(folder, 0o777);
    let looked = 0;
    try {
      const session = launchMachine({ program, argv: [program, name], env: ['PATH=/bin:/usr/bin'], cwd: folder }, {
        files: new NodeFiles(), facts: nodeFacts(), epochNs: 1_700_000_000_000_000_000n, elapsedNs: () => 0,
        console: { kind: () => 'null', windowSize: () => ({ rows: 24, columns: 80 }), write: () => undefined, take: () => 'eof', wait: async () => true },
      });
      const own = new Set<string>();
      drive(session, (probes, entry) => {
        const kind = `${entry.kind} ${entry.kind === 'syscall' || entry.kind === 'int80' ? session.machine.parts.ports.phys.read32(entry.regsPa + 120) : entry.vector}`, times = seen.get(kind) ?? 0;
        if (own.has(kind) || times >= MOST) return undefined;
        own.add(kind);
        seen.set(kind, times + 1);
        looked++;
        const before = stateOf(session), what = `${name}: ${kind}`;
        let count = 0;
        const through = probes.runThrough(all => { count = all; return stateOf(session); });
        assertSame(stateOf(session), before, `${what}: undone after the whole entry`);
        assert.ok(probes.goTo(count >> 1), what);
        probes.leave();
        assertSame(stateOf(session), before, `${what}: undone after a half of it`);
        return () => assertSame(stateOf(session), through ?? '', `${what}: the plain kernel's state`);
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return looked;
  }

  for (const family of families()) {
    it(`${family}: what entries change is taken back, and is what the plain kernel changes`, function () {
      if (whyNot) { console.log(`      skipped: ${whyNot}`); this.skip(); }
      const program = build(family), seen = new Map<string, number>();
      const looked = casesOf(family).reduce((sum, one) => sum + look(program, one, seen), 0);
      assert.ok(looked > 10, `${looked} entries`);
    });
  }
});
