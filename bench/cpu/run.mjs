// The processor against the host's and qemu-user: nine programs, and whole programs of this computer. Arguments: names of programs.
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { cli, has, keep, mean, root, table, time } from '../tools.mjs';

const only = process.argv.slice(2), isWanted = name => only.length === 0 || only.includes(name);
if (!has('gcc')) { console.error('gcc is missing: it builds the programs'); process.exit(2); }
const qemu = has('qemu-x86_64') ? 'qemu-x86_64' : undefined;
if (!qemu) console.log('qemu-x86_64 is missing: no ratios against it');
const out = path.join(root, '.cache', 'bench_cpu');
mkdirSync(out, { recursive: true });
const floor = time(process.execPath, ['-e', '0'], { runs: 5 }).seconds;

function compare(name, command, args, runs) {
  const native = time(command, args, { runs }), emulated = qemu && time(qemu, [command, ...args], { runs }), ours = time(process.execPath, [cli, 'run', '--', command, ...args], { runs });
  if (!native || !ours) { console.error(`${name}: ${native ? 'Ringside' : 'the host'} does not run it`); return undefined; }
  if (ours.output !== native.output) console.error(`${name}: the outputs differ`);
  const seconds = ours.seconds - floor;
  return { program: name, 'native s': native.seconds, 'qemu s': emulated?.seconds, 'ringside s': seconds, 'native/ringside': native.seconds / seconds, 'qemu/ringside': emulated && emulated.seconds / seconds };
}

const small = readdirSync(path.join(root, 'bench/cpu/programs')).map(file => file.slice(0, -2)).filter(isWanted).flatMap(name => {
  const program = path.join(out, name);
  spawnSync('gcc', ['-O2', '-static', '-o', program, path.join(root, 'bench/cpu/programs', `${name}.c`), '-lm'], { stdio: 'inherit' });
  return compare(name, program, [], 2) ?? [];
});
const WHOLE = [
  ['true', '/bin/true', []], ['ls', '/bin/ls', ['-l', '/usr/bin']], ['python3', '/usr/bin/python3', ['-c', 'print(1)']], ['perl', '/usr/bin/perl', ['-e', 'my $s = 0; for my $i (1 .. 1000000) { $s += $i * 3 } print $s']],
  ['gzip', '/bin/sh', ['-c', 'head -c 1000000 /usr/bin/gdb | gzip -9 | wc -c']], ['busybox sh', '/bin/busybox', ['sh', '-c', 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo $i']],
];
const whole = WHOLE.filter(([name, command]) => isWanted(name) && has(path.basename(command))).flatMap(([name, command, args]) => compare(name, command, args, 3) ?? []);
if (small.length > 0) console.log(`${table(small)}\n`);
if (whole.length > 0) console.log(`${table(whole)}\n`);
console.log('seconds of ringside are counted beyond `node -e 0`');
const lines = [...small, ...whole].map(row => `${row.program} qemu/ringside ${row['qemu/ringside']?.toPrecision(3) ?? '-'}`);
if (qemu && small.length > 0) {
  const ratio = mean(small.map(row => row['qemu/ringside']));
  console.log(`geometric mean of the ${small.length}: ${ratio.toPrecision(3)} times qemu-user's speed`);
  lines.push(`geometric mean ${ratio.toPrecision(3)}`);
}
if (only.length === 0) keep('cpu', lines);
