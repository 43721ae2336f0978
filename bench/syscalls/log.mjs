// What a call costs with the strace text written to a file: here and under strace, processor time of all processes, by turns in one run; the time of starting is taken off.
// Usage: node bench/syscalls/run.mjs log [ROUNDS [KIND]]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cli, has, processorTime, root, table } from '../tools.mjs';

const program = path.join(root, 'bench/syscalls/calls.elf'), folder = mkdtempSync(path.join(tmpdir(), 'log-')), file = path.join(folder, 'log');
const rounds = Number(process.argv[3] ?? 5), only = process.argv[4];
const ways = { ...(has('strace') ? { strace: args => ['strace', ['-o', file, program, ...args]] } : {}), ours: args => [process.execPath, [cli, 'strace', '-o', file, '--', program, ...args]] };
/** Calls of each kind in a round, by who traces; and how many of them one turn of the loop makes. */
const kinds = { getpid: 1, read: 1, write: 1, open: 2, stat: 1, pipe: 2, mmap: 2 }, turns = { strace: 20_000, ours: 200_000 };
const median = list => [...list].sort((a, b) => a - b)[list.length >> 1] ?? NaN;

const rows = [];
for (const [kind, calls] of Object.entries(kinds)) {
  if (only !== undefined && kind !== only) continue;
  const spent = Object.fromEntries(Object.keys(ways).map(name => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const seconds = times => processorTime(...way([kind, String(times)]))?.seconds ?? NaN;
      spent[name].push((seconds(turns[name]) - seconds(0)) / turns[name] / calls * 1e6);
    }
  }
  rows.push({ what: kind, ...Object.fromEntries(Object.entries(spent).map(([name, list]) => [`${name} us`, median(list)])), 'strace/ours': median(spent.ours.map((us, i) => (spent.strace?.[i] ?? NaN) / us)) });
}
rmSync(folder, { recursive: true });
const text = `# microseconds of processor time a call with its line in a file, and the ratio: medians of ${rounds} rounds by turns\n${table(rows)}\n`;
console.log(text.trimEnd());
if (process.argv.length <= 3) writeFileSync(path.join(root, 'bench/syscalls/log.txt'), text);
