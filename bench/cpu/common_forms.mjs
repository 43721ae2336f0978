// Makes src/cpu/isa/common.ts: the operand forms that ordinary programs meet, compiled in one module at the start instead of one by one.
// Usage: node bench/cpu/common_forms.mjs > src/cpu/isa/common.ts   (runs a few programs of this machine in dist/cli.js)
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const cli = path.join(tmpdir(), `ringside-forms-${process.pid}.cjs`);
writeFileSync(cli, readFileSync('dist/cli.js', 'utf8').replace('var Cpu = class {', 'var Cpu = class { __listed = process.on("exit", () => process.stderr.write("\\nFORMS " + JSON.stringify(this.metForms())));'));
const programs = [['/bin/true'], ['/bin/ls', '-l', '/etc'], ['/bin/cat', '/etc/hostname'], ['/bin/busybox', 'echo', 'hi'], ['examples/hello_write.static'], ['examples/hello_write'], ['/usr/bin/env']];
const seen = new Map();
for (const program of programs) {
  const { stderr } = spawnSync('node', [cli, 'run', ...program], { input: '', encoding: 'utf8', timeout: 60000, maxBuffer: 1 << 26 });
  const list = /FORMS (.*)/.exec(stderr)?.[1];
  if (!list) throw new Error(`${program.join(' ')}: ${stderr.slice(-300)}`);
  for (const { name, key } of JSON.parse(list)) {
    const keys = seen.get(name) ?? new Map();
    keys.set(key, (keys.get(key) ?? 0) + 1);
    seen.set(name, keys);
  }
}
rmSync(cli);
console.log(`// The operand forms that ordinary programs meet: opcode, mnemonic, form keys (decode.ts). Made by bench/cpu/common_forms.mjs; entries that no row has any more
// are passed over.
export const common: readonly (readonly [name: string, ...keys: number[]])[] = [`);
for (const [name, keys] of [...seen].sort(([a], [b]) => a < b ? -1 : 1)) {
  const often = [...keys].filter(([, n]) => n >= 3).map(([k]) => k).sort((a, b) => a - b);
  if (often.length) console.log(`  ['${name}', ${often.join(', ')}],`);
}
console.log('];');
