// The line table, compared row by row with readelf's, and the addresses of lines with gdb's breakpoints.
import assert from 'node:assert/strict';
import { numberToAddress } from '../../src/base/address';
import { END_SEQUENCE, IS_STATEMENT } from '../../src/dwarf/line';
import { builds, compile, hasTool, markedLine, open, run } from './builds';

describe('dwarf line table', () => {
  if (builds().length === 0) { it.skip('needs gcc or clang'); return; }
  for (const build of builds()) {
    it(`${build.name}: rows are readelf's`, function () {
      if (!hasTool('readelf')) { this.skip(); return; }
      const file = compile(build);
      const info = open(file);
      const ours: string[] = [];
      for (const unit of info.compileUnits) {
        const lines = info.linesOf(unit);
        if (!lines) continue;
        const t = lines.table();
        for (let i = 0; i < t.length; i++) {
          const flags = t.flags[i]!;
          ours.push(`${numberToAddress(t.addresses[i]!).toString(16)} ${flags & END_SEQUENCE ? '-' : t.lines[i]} ${flags & IS_STATEMENT && !(flags & END_SEQUENCE) ? 'x' : ''}`);
        }
      }
      const theirs: string[] = [];
      for (const text of run('readelf', ['-W', '--debug-dump=decodedline', file]).split('\n')) {
        const m = /^\S.*\s(\d+|-)\s+0x([0-9a-f]+|0)((?:\s+\d+)?)(\s+x)?(?:\s+END)?\s*$/.exec(text) ?? /^\S.*\s(\d+|-)\s+(0)((?:\s+\d+)?)(\s+x)?\s*$/.exec(text);
        if (m) theirs.push(`${m[2]} ${m[1]} ${m[4] ? 'x' : ''}`);
      }
      assert.ok(theirs.length > 50, 'readelf printed rows');
      assert.deepEqual(ours, theirs);
    });

    it(`${build.name}: breakpoints on lines and functions are where gdb sets them`, function () {
      if (!hasTool('gdb')) { this.skip(); return; }
      const file = compile(build);
      const info = open(file);
      const lines = ['shadow', 'loop', 'vla', 'many', 'deepest', 'inline', 'after', 'end'].map(m => markedLine(m));
      const functions = ['main', 'apply', 'sum', 'variable_length', 'many', 'recurse', 'signal_like', 'other_function'];
      const places = [...lines.map(l => `sample.c:${l}`), ...functions];
      const output = run('gdb', ['-batch', '-nx', '-ex', 'set breakpoint pending off', ...places.flatMap(p => ['-ex', `echo @${p}\\n`, '-ex', `break ${p}`, '-ex', 'info breakpoints', '-ex', 'delete']), file]);
      const wrong: string[] = [];
      for (const block of output.split('@').slice(1)) {
        const place = block.slice(0, block.indexOf('\n'));
        const theirs = new Set([...block.matchAll(/0x([0-9a-f]{16})/g)].map(m => BigInt(`0x${m[1]}`).toString(16)));
        if (theirs.size === 0) continue;
        const [, line] = /:(\d+)$/.exec(place) ?? [];
        const found = line ? info.addressesFor('sample.c', Number(line)).map(b => b.address)
          : info.functionsNamed(place).flatMap(f => { const end = info.prologueEnd(f); return [...(end === undefined ? [] : [end]), ...info.inlinedCopies(f)]; });
        const ours = new Set(found.map(a => a.toString(16)));
        // Differs: gdb 13 takes an inlined copy's first range where DW_AT_entry_pc names the entry (newer gdb does, too).
        if (!line && info.functionsNamed(place).some(f => info.inlinedCopies(f).length > 0)) {
          const concrete = info.functionsNamed(place).map(f => info.prologueEnd(f)?.toString(16)).filter(a => a !== undefined);
          assert.ok(concrete.every(a => theirs.has(a)), place);
          assert.equal(ours.size, theirs.size, place);
          continue;
        }
        if ([...theirs].sort().join() !== [...ours].sort().join()) wrong.push(`${place}: gdb ${[...theirs].sort().join()} ours ${[...ours].sort().join()}`);
      }
      assert.deepEqual(wrong, []);
    });
  }
});
