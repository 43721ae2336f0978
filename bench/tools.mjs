// What measurements of whole processes share: which judges are here, how long a command takes, and a table of what came out.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const cli = path.join(root, 'dist', 'cli.js');

// With it each Node reads a file of certificates at its start, which takes longer than all else that it does there.
delete process.env.NODE_EXTRA_CA_CERTS;

/** Whether a command is on the PATH. */
export const has = command => (process.env.PATH ?? '').split(path.delimiter).some(folder => existsSync(path.join(folder, command)));

/** Shortest wall time of `runs` runs, in seconds, and the output of the last; undefined when it fails. */
export function time(command, args, { runs = 3, cwd = root, expect = 0 } = {}) {
  let best = Infinity, output = '';
  for (let i = 0; i < runs; i++) {
    const began = process.hrtime.bigint();
    const done = spawnSync(command, args, { cwd, encoding: 'latin1', maxBuffer: 1 << 28, timeout: 300_000 });
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    if (done.status !== expect) return undefined;
    best = Math.min(best, seconds);
    output = done.stdout;
  }
  return { seconds: best, output };
}

/** Processor seconds of one run, of all its threads: what else the computer does hardly changes them. Undefined when it fails. */
export function processorTime(command, args, { cwd = root, env = {} } = {}) {
  const done = spawnSync('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash', command, ...args], { cwd, encoding: 'latin1', maxBuffer: 1 << 28, timeout: 300_000, env: { ...process.env, ...env } });
  if (done.status !== 0) return undefined;
  const [user, system] = done.stderr.trimEnd().split('\n').at(-1).split(' ').map(Number);
  return { seconds: user + system, output: done.stdout };
}

/** Rows of equal keys, as text: numbers with three significant digits. */
export function table(rows) {
  const keys = Object.keys(rows[0] ?? {}), text = v => v === undefined ? '-' : typeof v === 'number' ? v.toPrecision(3) : String(v);
  const widths = keys.map(key => Math.max(key.length, ...rows.map(row => text(row[key]).length)));
  return [keys.map((key, i) => key.padEnd(widths[i])).join('  '), ...rows.map(row => keys.map((key, i) => i === 0 ? text(row[key]).padEnd(widths[i]) : text(row[key]).padStart(widths[i])).join('  '))].join('\n');
}

export const mean = values => Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);

/** Keeps one number a line beside the measurement. */
export function keep(name, lines) {
  writeFileSync(path.join(root, 'bench', name, 'results.txt'), `${lines.join('\n')}\n`);
}
