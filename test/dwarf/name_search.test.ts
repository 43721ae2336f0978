// A name is found by searching as it is found in the index of all names.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { openDebugInfo, type DebugInfo } from '../../src/dwarf/debug_info';
import { ElfFile } from '../../src/elf/elf';
import { builds, compile, open } from './builds';

const libc = '/lib/x86_64-linux-gnu/libc.so.6';

function results(info: DebugInfo, name: string): string {
  return [
    ...info.functionsNamed(name).map(f => `function ${f.id % 2 ** 32}`).sort(), ...info.globalsNamed(name).map(v => `variable ${v.id % 2 ** 32}`).sort(),
    `enumerator ${info.enumeratorNamed(name)?.value}`, ...['', 'struct ', 'union ', 'enum '].map(k => `type ${info.typeNamed(k + name)?.kind}`),
  ].join('\n');
}

function compare(openFresh: () => DebugInfo, names: (all: string[]) => string[]): void {
  const indexed = openFresh();
  const all = [...new Set([...indexed.functionsNamed(/./), ...indexed.globalsNamed(/./)].map(x => x.name))].sort();
  const searched = openFresh();
  for (const name of [...names(all), 'point', 'point_t', 'color', 'GREEN', 'inner', 'no_such_name', 'ain', 'argc', 'FILE', '_IO_FILE', 'EINVAL']) {
    assert.equal(results(searched, name), results(indexed, name), name);
  }
}

describe('names', () => {
  for (const fixture of readdirSync(path.resolve('test/programs/dwarf')).filter(f => f.endsWith('.elf'))) {
    it(`${fixture}: searching finds what the index finds`, () => { compare(() => open(path.resolve('test/programs/dwarf', fixture)), all => all); });
  }
  for (const build of builds().filter(b => b.version === 5)) {
    it(`${build.name}: searching finds what the index finds`, () => { const file = compile(build); compare(() => open(file), all => all); });
  }
  it('libc: searching finds what the index finds', function () {
    if (!existsSync(libc)) { this.skip(); return; }
    this.timeout(60_000);
    const make = (): DebugInfo => openDebugInfo(ElfFile.open(readFileSync(libc)), { path: libc, loadFile: p => existsSync(p) ? readFileSync(p) : undefined });
    if (!make().hasUnits) { this.skip(); return; }
    compare(make, all => [...all.filter((_, i) => i % 500 === 0), 'main', 'write', 'malloc', 'stdout', 'environ', 'memcpy']);
  });
});
