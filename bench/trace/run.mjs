// What recording events costs: system calls in a loop, and vDSO calls, with and without the log of events, by turns. Prints the ratios of the times.
// Usage: node bench/trace/run.mjs
import { build } from 'esbuild';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { processorTime, root } from '../tools.mjs';

process.chdir(root);
const { plugins, loader } = await import('../../esbuild.mjs');
const out = path.join(root, '.cache/bench/trace.mjs');
await build({ entryPoints: ['bench/trace/measure.ts'], outfile: out, bundle: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external', plugins: plugins(), loader, logLevel: 'warning', banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" } });

/** Runs from start to end, each way. */
const ROUNDS = 9;

const nth = (numbers, part) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length * part)] ?? NaN;
/** Each in a process of its own, as a program is run. */
const run = (what, way) => processorTime(process.execPath, [out, what, way]);

/** Processor seconds of the process, start and compilation included. */
function fromStartToEnd(what) {
  const plain = [], traced = [];
  for (let i = 0; i < ROUNDS; i++) {
    plain.push(run(what, 'plain').seconds);
    traced.push(run(what, 'traced').seconds);
  }
  const ratios = traced.map((seconds, i) => seconds / plain[i]);
  return `x${nth(ratios, 0.5).toFixed(3)} (${nth(ratios, 0.25).toFixed(3)} to ${nth(ratios, 0.75).toFixed(3)}; ${nth(plain, 0.5).toFixed(3)} s without, ${nth(traced, 0.5).toFixed(3)} s with)`;
}

const lines = [`# a call in a loop of nothing else, with the log of events as a ratio to the same without it: median and quartiles, and the median times; processor time, at a load average of ${loadavg()[0].toFixed(0)} on ${cpus().length} processors`];
for (const [name, what] of [['getpid', 'getpid'], ['write', 'write'], ['clock_gettime, vDSO', 'vdso']]) {
  lines.push(`${name}, turns of a running program: ${run(what, 'turns').output.trim()}`);
  lines.push(`${name}, a program with a million of them: ${fromStartToEnd(what)}`);
}
console.log(lines.join('\n'));
writeFileSync('bench/trace/results.txt', `${lines.join('\n')}\n`);
