// The processor against the host's and qemu-user: nine programs, and whole programs of this computer. Arguments: names of programs.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { cli, has, keep, mean, processorTime, root, table } from '../tools.mjs';

const only = process.argv.slice(2), isWanted = name => only.length === 0 || only.includes(name);
if (!has('gcc')) { console.error('gcc is missing: it builds the programs'); process.exit(2); }
const qemu = has('qemu-x86_64') ? 'qemu-x86_64' : undefined;
if (!qemu) console.log('qemu-x86_64 is missing: no ratios against it');
/** Runs of each program each way. */
const RUNS = 2;
const out = path.join(root, '.cache', 'bench_cpu');
mkdirSync(out, { recursive: true });

/** Processor time, background compilation included; one after the other, again and again. The shortest of each counts. */
function compare(name, command, args, runs) {
  const ways = { native: [command, args], emulated: qemu && [qemu, [command, ...args]], ours: [process.execPath, [cli, 'run', '--', command, ...args]], floor: [process.execPath, ['-e', '0']] };
  const best = {};
  for (let i = 0; i < runs; i++) {
    for (const [way, call] of Object.entries(ways)) {
      const done = call && processorTime(...call);
      if (done && (!best[way] || done.seconds < best[way].seconds)) best[way] = done;
    }
  }
  const { native, emulated, ours, floor } = best;
  if (!native || !ours || !floor) { console.error(`${name}: ${native ? 'Ringside' : 'the host'} does not run it`); return undefined; }
  if (ours.output !== native.output) console.error(`${name}: the outputs differ`);
  const seconds = ours.seconds - floor.seconds;
  const row = { program: name, 'native s': native.seconds, 'qemu s': emulated?.seconds, 'ringside s': seconds, 'native/ringside': native.seconds / seconds, 'qemu/ringside': emulated && emulated.seconds / seconds };
  console.log(`${name}: ${row['qemu/ringside']?.toPrecision(3) ?? '-'} times qemu-user's speed, ${row['native/ringside'].toPrecision(3)} times the host's`);
  return row;
}

const small = readdirSync(path.join(root, 'bench/cpu/programs')).map(file => file.slice(0, -2)).filter(isWanted).flatMap(name => {
  const program = path.join(out, name);
  spawnSync('gcc', ['-O2', '-static', '-o', program, path.join(root, 'bench/cpu/programs', `${name}.c`), '-lm'], { stdio: 'inherit' });
  return compare(name, program, [], RUNS) ?? [];
});
const megabyte = path.join(out, 'megabyte');
writeFileSync(megabyte, readFileSync(process.execPath).subarray(0, 1_000_000));
const ROWS = 'create table t(a integer primary key, b text); with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) insert into t select i, hex(i * 7919) from n; select count(*), sum(length(b)) from t where b like \'%7%\';';
const WHOLE = [
  ['true', '/bin/true', []], ['ls', '/bin/ls', ['-l', '/usr/bin']], ['python3', '/usr/bin/python3', ['-c', 'print(1)']], ['perl', '/usr/bin/perl', ['-e', 'my $s = 0; for my $i (1 .. 1000000) { $s += $i * 3 } print $s']],
  ['lua', '/usr/bin/lua5.4', ['-e', 'local s = 0 for i = 1, 5000000 do s = s + i % 7 end print(s)']], ['sqlite3', '/usr/bin/sqlite3', [':memory:', ROWS]],
  ['gzip', '/usr/bin/gzip', ['-9', '-n', '-c', megabyte]], ['busybox sh', '/bin/busybox', ['sh', '-c', 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo $i']],
];
const whole = WHOLE.filter(([name, command]) => isWanted(name) && has(path.basename(command))).flatMap(([name, command, args]) => compare(name, command, args, RUNS) ?? []);
if (small.length > 0) console.log(`${table(small)}\n`);
if (whole.length > 0) console.log(`${table(whole)}\n`);
console.log('processor seconds; those of ringside are counted beyond `node -e 0`');
const lines = [...small, ...whole].map(row => `${row.program} qemu/ringside ${row['qemu/ringside']?.toPrecision(3) ?? '-'}`);
if (qemu && small.length > 0) {
  const ratio = mean(small.map(row => row['qemu/ringside']));
  console.log(`geometric mean of the ${small.length}: ${ratio.toPrecision(3)} times qemu-user's speed`);
  lines.push(`geometric mean ${ratio.toPrecision(3)}`);
}
if (only.length === 0) keep('cpu', lines);
