// Lines, functions and inlined calls at many addresses of the optimised samples and of a big file (libc's debug information, when
// it is installed), compared with gdb.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openDebugInfo } from '../../src/dwarf/debug_info';
import type { FunctionInfo } from '../../src/dwarf/model';
import { ElfFile } from '../../src/elf/elf';
import { builds, compile, hasTool } from './builds';

const libc = '/lib/x86_64-linux-gnu/libc.so.6';

function compare(file: string, judge: string, addresses: bigint[]): void {
  const info = openDebugInfo(ElfFile.open(readFileSync(file)), { path: file, loadFile: p => existsSync(p) ? readFileSync(p) : undefined, onProblem: p => { throw new Error(p.message); } });
  const output = spawnSync('gdb', ['-batch', '-nx', '-x', path.resolve('test/programs/dwarf/lines.py'), judge], {
    encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, DEBUGINFOD_URLS: '', ADDRESSES: `[${addresses.join()}]` },
  }).stdout;
  const lines = JSON.parse(output.slice(output.indexOf('LINES ') + 6)) as [string | null, number, number, number | null, string[]][];
  const wrong: string[] = [];
  const wrongLines: string[] = [];
  let compared = 0, chains = 0;
  addresses.forEach((address, i) => {
    const [symtab, line, low, last, names] = lines[i]!;
    const row = info.lineAt(address), at = info.functionAt(address);
    // gdb shows the linkage name (__GI_write) where C's source says write.
    const shown = (f: FunctionInfo): string => f.linkageName?.startsWith('__GI_') ? f.linkageName : f.name;
    const chain = at ? [...at.inlined.map(c => shown(c.function)), shown(at.function)] : [];
    const where = `0x${address.toString(16)}`;
    if (names.length > 0) {
      chains++;
      if (chain.join() !== names.join()) wrong.push(`${where}: in ${chain.join(' < ')}, gdb ${names.join(' < ')}`);
    }
    if (symtab === null || line === 0) { if (row && row.line > 0 && names.length > 0) wrong.push(`${where}: line ${row.line}, gdb none`); return; }
    compared++;
    const ours = row && `${row.file.path.split('/').at(-1)}:${row.line}`;
    // gdb joins neighbouring rows of one line that differ in the discriminator: only the line is compared, and in a big file one in a
    // hundred is what the joining made of it.
    if (ours !== `${symtab}:${line}`) wrongLines.push(`${where}: ${ours}, gdb ${symtab}:${line} from ${low} to ${last}`);
  });
  assert.ok(compared > addresses.length / 3 && chains > addresses.length / 3, `${compared} lines, ${chains} functions of ${addresses.length}`);
  assert.ok(wrongLines.length <= compared / 100, wrongLines.slice(0, 20).join('\n'));
  assert.deepEqual(wrong.slice(0, 20), [], `${wrong.length} of ${compared} differ`);
}

describe('lines and inlined calls', () => {
  for (const build of builds().filter(b => b.level === '-O2')) {
    it(`${build.name}: are gdb's`, function () {
      if (!hasTool('gdb')) { this.skip(); return; }
      const file = compile(build);
      const text = ElfFile.open(readFileSync(file)).section('.text')!;
      compare(file, file, Array.from({ length: Math.floor(text.size / 3) }, (_, i) => text.address + BigInt(3 * i)));
    });
  }

  it('libc: are gdb\'s', function () {
    const id = existsSync(libc) ? ElfFile.open(readFileSync(libc)).buildId ?? '' : '';
    const debug = `/usr/lib/debug/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`;
    if (!hasTool('gdb') || !existsSync(debug)) { this.skip(); return; }
    this.timeout(60_000);
    const text = ElfFile.open(readFileSync(libc)).section('.text')!;
    compare(libc, libc, Array.from({ length: 400 }, (_, i) => text.address + BigInt(Math.floor(text.size / 400) * i + (i % 7))));
  });
});
