// Makes src/cpu/isa/common.ts: the operand forms that ordinary programs meet, compiled in one module at the start instead of one by one.
// Usage: node bench/cpu/common_forms.mjs > src/cpu/isa/common.ts   (runs a few programs of this machine in dist/cli.js)
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const folder = mkdtempSync(path.join(tmpdir(), 'ringside-forms-'));
cpSync('dist', folder, { recursive: true });
const main = path.join(folder, 'cli_main.js');
writeFileSync(main, readFileSync(main, 'utf8').replace('var Cpu = class {', 'var Cpu = class { __listed = process.on("exit", () => process.stderr.write("\\nFORMS " + JSON.stringify(this.metForms())));'));
const programs = [
  ['/bin/true'], ['/bin/ls', '-l', '/usr/bin'], ['/bin/cat', '/etc/hostname'], ['/bin/busybox', 'echo', 'hi'], ['examples/hello_write.static'], ['examples/hello_write'], ['/usr/bin/env'],
  ['/usr/bin/git', '--version'], ['/bin/bash', '-c', 'for i in {1..300}; do x=$((x+i)); done; echo $x'], ['/usr/bin/python3', '-c', 'print(1)'], ['/usr/bin/perl', '-e', 'print join ",", map { $_ * 2 } 1..300'],
  ['/usr/bin/sqlite3', ':memory:', 'create table t(a, b); insert into t values (1, 2); select * from t where a < b'], ['/bin/gzip', '-c', '/etc/services'], ['/usr/bin/lua', '-e', 'print(("a"):rep(9))'],
  ['/bin/sed', 's/a/b/', '/etc/passwd'], ['/usr/bin/awk', '{ print $1 }', '/etc/passwd'], ['/bin/grep', '-c', 'root', '/etc/passwd'], ['/usr/bin/sort', '/etc/passwd'],
];
/** Few programs meet the x87, but those meet a score of its forms at once: see bench/cpu/run.mjs, which builds it. */
const LONG_DOUBLE = '.cache/bench_cpu/x87', ENOUGH = 3;
const seen = new Map();
for (const program of [...programs, [LONG_DOUBLE]]) {
  const { stderr } = spawnSync('node', [path.join(folder, 'cli.js'), 'run', ...program], { input: '', encoding: 'utf8', timeout: 60000, maxBuffer: 1 << 26 });
  const list = /FORMS (.*)/.exec(stderr)?.[1];
  if (!list) throw new Error(`${program.join(' ')}: ${stderr.slice(-300)}`);
  for (const { name, key } of JSON.parse(list)) {
    const keys = seen.get(name) ?? new Map();
    keys.set(key, (keys.get(key) ?? 0) + (program[0] === LONG_DOUBLE ? ENOUGH : 1));
    seen.set(name, keys);
  }
}
rmSync(folder, { recursive: true });
console.log(`// The operand forms that ordinary programs meet: opcode, mnemonic, form keys (decode.ts). Made by bench/cpu/common_forms.mjs; entries that no row has any more
// are passed over.
export const common: readonly (readonly [name: string, ...keys: number[]])[] = [`);
for (const [name, keys] of [...seen].sort(([a], [b]) => a < b ? -1 : 1)) {
  const often = [...keys].filter(([, n]) => n >= ENOUGH).map(([k]) => k).sort((a, b) => a - b);
  if (often.length) console.log(`  ['${name}', ${often.join(', ')}],`);
}
console.log('];');
