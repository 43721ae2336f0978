// Unwind rows compared with readelf's frames-interp, entry by entry.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ElfFile } from '../../src/elf/elf';
import { openDebugInfo } from '../../src/dwarf/debug_info';
import type { CfaRule, RegisterRule, UnwindRow } from '../../src/dwarf/frame_types';
import { builds, compile, hasTool, run } from './builds';

const names = ['rax', 'rdx', 'rcx', 'rbx', 'rsi', 'rdi', 'rbp', 'rsp', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'ra'];

function cfaText(cfa: CfaRule): string {
  return cfa.kind === 'expression' ? 'exp' : `${names[cfa.register] ?? `r${cfa.register}`}${cfa.offset >= 0 ? '+' : ''}${cfa.offset}`;
}

function ruleText(rule: RegisterRule): string {
  switch (rule.kind) {
    case 'undefined': return 'u';
    case 'sameValue': return 's';
    case 'offset': return `c${rule.offset >= 0 ? '+' : ''}${rule.offset}`;
    case 'valOffset': return `v${rule.offset >= 0 ? '+' : ''}${rule.offset}`;
    case 'register': return names[rule.register] ?? `r${rule.register}`;
    case 'expression': return 'exp';
    case 'valExpression': return 'vexp';
  }
}

const text = (row: UnwindRow): string => [row.low.toString(16), cfaText(row.cfa), ...[...row.registers].sort((a, b) => a[0] - b[0]).map(([r, rule]) => `${names[r] ?? `r${r}`}=${ruleText(rule)}`)].join(' ');

/** readelf's rows, by the entry's first address; `u` means that no rule was given, so it is left out on both sides. */
function readelfRows(file: string): Map<string, string[]> {
  const entries = new Map<string, string[]>();
  let rows: string[] | undefined;
  let columns: string[] = [];
  for (const line of run('readelf', ['-W', '--debug-dump=frames-interp', file]).split('\n')) {
    const head = / FDE .* pc=([0-9a-f]+)\.\.([0-9a-f]+)/.exec(line);
    if (head) { rows = head[1] === head[2] ? undefined : []; if (rows) entries.set(BigInt(`0x${head[1]}`).toString(16), rows); continue; }
    if (/ CIE /.test(line)) { rows = undefined; continue; }
    if (/^\s+LOC\s+CFA/.test(line)) { columns = line.trim().split(/\s+/).slice(2); continue; }
    const row = /^([0-9a-f]{16})\s+(\S.*)$/.exec(line);
    if (row && rows) {
      const [cfa, ...rules] = row[2]!.trim().replace(/r\d+ \((\w+)\)/g, '$1').split(/\s+/);
      rows.push([BigInt(`0x${row[1]}`).toString(16), cfa, ...rules.map((r, i) => `${columns[i]}=${r}`).filter(r => !r.endsWith('=u'))].join(' '));
    }
  }
  return entries;
}

function compare(file: string, section: '.eh_frame' | '.debug_frame' = '.eh_frame'): number {
  const info = openDebugInfo(ElfFile.open(readFileSync(file)), { path: file, onProblem: problem => { throw new Error(problem.message); } });
  const theirs = readelfRows(file);
  const wrong: string[] = [];
  let compared = 0;
  for (const { fde, rows } of info.unwinding.rows(section)) {
    const expected = theirs.get(BigInt(fde.low).toString(16));
    if (!expected || expected.length === 0) continue;
    // readelf prints a row per advance, we join nothing either; order of columns is the register's number in both.
    const ours = rows.map(r => text({ ...r, registers: new Map([...r.registers].filter(([, rule]) => rule.kind !== 'undefined')) }));
    const sorted = expected.map(e => { const [a, c, ...rest] = e.split(' '); return [a, c, ...rest.sort((x, y) => names.indexOf(x.split('=')[0]!) - names.indexOf(y.split('=')[0]!))].join(' '); });
    compared++;
    if (ours.join('\n') !== sorted.join('\n')) wrong.push(`${fde.low.toString(16)}:\nours\n${ours.join('\n')}\nreadelf\n${sorted.join('\n')}`);
  }
  assert.deepEqual(wrong.slice(0, 3), []);
  return compared;
}

describe('dwarf unwind rows', () => {
  for (const build of builds().filter(b => !b.isSplit)) {
    it(`${build.name}: rows are readelf's`, function () {
      if (!hasTool('readelf')) { this.skip(); return; }
      assert.ok(compare(compile(build)) > 0);
    });
  }

  it('.debug_frame: rows are readelf\'s, and what has no .eh_frame entry is unwound by it', function () {
    if (!hasTool('gcc') || !hasTool('readelf')) { this.skip(); return; }
    const file = path.resolve('.cache/dwarf/debug-frame');
    execFileSync('gcc', ['-w', '-g', '-O1', '-fno-asynchronous-unwind-tables', '-fno-unwind-tables', '-o', file, ...['sample.c', 'other.c'].map(f => path.resolve('test/programs/dwarf', f))]);
    assert.ok(compare(file, '.debug_frame') >= 3);
    const info = openDebugInfo(ElfFile.open(readFileSync(file)));
    assert.deepEqual(info.unwindRow(info.functionsNamed('recurse')[0]!.low!)?.cfa, { kind: 'register', register: 7, offset: 8 });
  });

  it('a file without section headers is unwound through PT_GNU_EH_FRAME', () => {
    const bytes = Buffer.from(readFileSync(path.resolve('test/programs/dwarf/sample.elf')));
    const main = ElfFile.open(bytes).symbolNamed('main')!.value;
    const expected = openDebugInfo(ElfFile.open(bytes)).unwindRow(main + 4n);
    const bare = Buffer.from(bytes);
    bare.fill(0, 40, 48);
    bare.fill(0, 58, 64);
    assert.deepEqual(openDebugInfo(ElfFile.open(bare)).unwindRow(main + 4n), expected);
    assert.equal(expected?.registers.get(6)?.kind, 'offset');
  });

  it('a row ends where the next begins, and none is given outside of functions', () => {
    const info = openDebugInfo(ElfFile.open(readFileSync(path.resolve('test/programs/dwarf/sample.elf'))));
    const main = info.functionsNamed('main')[0]!;
    for (let pc = main.low!; pc < main.high!;) {
      const row = info.unwindRow(pc)!;
      assert.ok(row.low <= pc && row.high > pc && row.returnAddress === 16 && !row.isSignalFrame);
      pc = row.high;
    }
    assert.equal(info.unwindRow(0n), undefined);
    assert.equal(info.unwindRow(0xffffffff81000000n), undefined);
  });

  for (const library of ['/lib/x86_64-linux-gnu/libc.so.6', '/lib64/ld-linux-x86-64.so.2', '/lib/x86_64-linux-gnu/libgcc_s.so.1']) {
    it(`${library}: rows are readelf's`, function () {
      if (!hasTool('readelf') || !existsSync(library)) { this.skip(); return; }
      this.timeout(30_000);
      assert.ok(compare(library) > 50);
    });
  }
});
