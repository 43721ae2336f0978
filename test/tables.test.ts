// Tables that people read, against the declarations that they are made from. --update rewrites them.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseRow } from '../src/cpu/decode';
import { allRows } from '../src/cpu/isa/index';
import type { Row } from '../src/cpu/isa/machine';

import type { SyscallDeclaration } from '../src/kernel/syscall';
import { syscalls } from '../src/kernel/syscall_table';

interface Schema { type: string | string[]; default?: unknown; markdownDescription: string }

/** A marked table of a file: from `<!-- NAME: ... -->` to `<!-- end -->`. */
function checkTable(file: string, name: string, rows: readonly string[]): void {
  const before = readFileSync(file, 'utf8');
  const pattern = new RegExp(`(<!-- ${name}: [^\\n]*-->\\n\\|[^\\n]*\\n\\|[^\\n]*\\n)([^]*?)(<!-- end -->)`);
  const wanted = rows.map(row => `${row}\n`).join('');
  const [, , found] = pattern.exec(before) ?? assert.fail(`${file} has no table "${name}"`);
  if (process.env['UPDATE_GOLDEN'] && found !== wanted) writeFileSync(file, before.replace(pattern, (_, head: string, __, end: string) => head + wanted + end));
  else assert.equal(found, wanted, `${file} is behind: node test/run.mjs --only tables --update`);
}

const EXTENSIONS: Record<string, string> = {
  abm: 'LZCNT', adx: 'ADX', aes: 'AES', avx: 'AVX', avx2: 'AVX2', bmi1: 'BMI1', bmi2: 'BMI2', cx16: 'CMPXCHG16B', f16c: 'F16C', fma: 'FMA', fsgsbase: 'FSGSBASE', movbe: 'MOVBE', pclmulqdq: 'PCLMULQDQ', popcnt: 'POPCNT',
  sha_ni: 'SHA', sse4_1: 'SSE to SSE4.1', sse4_2: 'SSE4.2', rdpid: 'RDPID', x87: 'x87', mmx: 'MMX', sse: 'SSE to SSE4.1', system: 'system', general: 'general purpose',
};
/** The extension that a row belongs to: the CPUID feature that it declares, or else what it works on. */
function extensionOf(row: Row): string {
  const { feature, unit, privileged } = row[5] ?? {}, { map, opcode } = parseRow(row, 0);
  const key = feature ?? unit ?? (map === 0 && opcode >= 0xd8 && opcode <= 0xdf ? 'x87' : privileged ? 'system' : 'general');
  return EXTENSIONS[key] ?? assert.fail(`${row[1]}: extension '${key}' has no name here`);
}

describe('tables', () => {
  it('the launch options in README.md are those of package.json', () => {
    const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as { contributes: { debuggers: { configurationAttributes: { launch: { properties: Record<string, Schema> } } }[] } };
    const properties = contributes.debuggers[0]!.configurationAttributes.launch.properties;
    checkTable('README.md', 'launch options', Object.entries(properties).map(([name, { markdownDescription }]) => `| \`"${name}"\` | ${markdownDescription.replaceAll('|', '\\|')} |`));
  });

  it('the coverage of the instruction set in ARCHITECTURE.md is that of the rows', () => {
    const mnemonics = new Map<string, string[]>();
    const table = allRows();
    for (const row of table) { const extension = extensionOf(row), list = mnemonics.get(extension); if (list) list.push(row[1]); else mnemonics.set(extension, [row[1]]); }
    const order = ['general purpose', 'system', 'x87', 'MMX'], rank = (name: string): number => { const at = order.indexOf(name); return at < 0 ? order.length : at; };
    const lines = [...mnemonics].sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b, 'en')).map(([extension, list]) => `| ${extension} | ${list.length} | ${new Set(list).size} |`);
    checkTable('ARCHITECTURE.md', 'instruction set', [...lines, `| all | ${table.length} | ${new Set(table.map(row => row[1])).size} |`]);
  });

  it('every number of Linux 6.12 is declared, and the coverage in README.md is that of the declarations', () => {
    const numbers = [...Array.from({ length: 336 }, (_, i) => i).filter(nr => nr !== 336), ...Array.from({ length: 39 }, (_, i) => 424 + i)];
    assert.deepEqual(numbers.filter(nr => !syscalls.has(nr)), []);
    assert.ok(!syscalls.has(336) && !syscalls.has(463), 'those without a meaning stay without');
    const families: [name: string, of: string][] = [['files', 'file'], ['descriptors', 'desc'], ['network', 'network'], ['memory', 'memory'], ['processes', 'process'], ['signals', 'signal'], ['IPC', 'ipc'],
      ['credentials', 'creds'], ['clocks', 'clock'], ['other', '']];
    const familyOf = ({ classes }: SyscallDeclaration): string => families.find(([, of]) => classes.includes(of))?.[0] ?? 'other';
    const answer = ({ support }: SyscallDeclaration): 'made' | 'EPERM' | 'ENOSYS' => typeof support === 'string' || 'partial' in support ? 'made' : support.none.startsWith('EPERM') ? 'EPERM' : 'ENOSYS';
    const all = [...syscalls.values()].sort((a, b) => a.nr - b.nr);
    checkTable('README.md', 'system calls', families.map(([family]) => {
      const mine = all.filter(one => familyOf(one) === family);
      const names = (what: string): string => mine.filter(one => answer(one) === what).map(one => one.name).join(' ');
      return `| ${family} | ${mine.filter(one => answer(one) === 'made').length} of ${mine.length} | ${names('EPERM')} | ${names('ENOSYS')} |`;
    }));
  });
});
