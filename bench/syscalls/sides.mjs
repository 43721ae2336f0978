// What going into the kernel and back costs here - stat: with the timing tables -, natively and under qemu-user: processor time of all processes, by turns in one run; the time of starting is taken off.
// Usage: node bench/syscalls/run.mjs sides [ROUNDS [KIND]]
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { cli, has, processorTime, root, table } from '../tools.mjs';

const border = path.join(root, 'bench/syscalls/border.elf'), qemu = 'qemu-x86_64', child = [border, 'getpid', '0'];
const rounds = Number(process.argv[3] ?? 5), only = process.argv[4];
const ways = {
  native: args => [border, args],
  ...(has(qemu) ? { qemu: args => [qemu, [border, ...args]] } : {}),
  ours: args => [process.execPath, [cli, 'run', '--', border, ...args]],
  stat: args => [process.execPath, [cli, 'stat', '--', border, ...args]],
};
/** What is repeated, and how often: some seconds for all four; of a tenth of it, V8's compiling is a good part (`short`). What qemu-user executes is not emulated by itself: that it is takes a qemu-user of its own. */
const kinds = {
  getpid: { count: 4_000_000, what: 'getpid' },
  pipe: { count: 40_000, what: 'pipe round trip between two processes' },
  exec: { count: 200, what: 'fork, exec, wait', command: name => name === 'qemu' ? [`/usr/bin/${qemu}`, ...child] : child },
  mmap: { count: 40_000, what: 'mmap, 16 pages touched, munmap' },
  thread: { count: 5_000, what: 'thread created and joined' },
};
const median = list => [...list].sort((a, b) => a - b)[list.length >> 1] ?? NaN;

const rows = [];
for (const [kind, { count, what, command }] of Object.entries(kinds)) {
  if (only !== undefined && kind !== only) continue;
  const spent = Object.fromEntries(Object.keys(ways).map(name => [name, []])), short = [];
  for (let round = 0; round < rounds; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const seconds = times => processorTime(...way([kind, String(times), ...(command?.(name) ?? [])]))?.seconds ?? NaN;
      const start = seconds(0), few = count / 10;
      spent[name].push((seconds(count) - start) / count * 1e6);
      if (name === 'ours') short.push((seconds(few) - start) / few * 1e6);
    }
  }
  const ratio = (name, to) => median(spent[name].map((us, i) => us / (spent[to]?.[i] ?? NaN)));
  rows.push({ what, ...Object.fromEntries(Object.entries(spent).map(([name, list]) => [`${name} us`, median(list)])), 'short us': median(short), 'ours/native': ratio('ours', 'native'), 'ours/qemu': ratio('ours', 'qemu') });
}
const text = `# microseconds of processor time each, and ratios: medians of ${rounds} rounds in which all ran by turns; short: ours in a run a tenth as long\n${table(rows)}\n`;
console.log(text.trimEnd());
if (process.argv.length <= 3) writeFileSync(path.join(root, 'bench/syscalls/sides.txt'), text);
