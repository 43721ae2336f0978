// What recording events costs: programs that make a million calls, with and without the log of events, by turns. Prints the ratios of the times that their calls take.
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

/** Each way. */
const ROUNDS = 9;
const CALLS = 1_000_000;
/** What programs do for a living, and the same call in a loop of nothing else: calls.c. */
const KINDS = [['copy', 'a copy of 4 KiB pages'], ['look', 'small files opened, looked at, read and closed'], ['talk', 'lines through a pipe, with poll'], ['getpid', 'getpid, nothing else'], ['write', 'write of a byte to /dev/null, nothing else'], ['vdso', 'clock_gettime by the vDSO, nothing else']];

const nth = (numbers, part) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length * part)] ?? NaN;
/** Processor seconds of a process of its own, start and compilation included. */
const run = (what, calls, way) => processorTime(process.execPath, [out, what, String(calls), way]).seconds;

function measure(what) {
  const start = [], plain = [], traced = [];
  for (let i = 0; i < ROUNDS; i++) {
    start.push(run(what, 0, 'plain'));
    plain.push(run(what, CALLS, 'plain'));
    traced.push(run(what, CALLS, 'traced'));
  }
  const began = nth(start, 0.5), ratios = traced.map((seconds, i) => (seconds - began) / (plain[i] - began)), us = seconds => ((seconds - began) / CALLS * 1e6).toFixed(3);
  return `x${nth(ratios, 0.5).toFixed(3)} (${nth(ratios, 0.25).toFixed(3)} to ${nth(ratios, 0.75).toFixed(3)}; ${us(nth(plain, 0.5))} us a call without, ${us(nth(traced, 0.5))} with)`;
}

const lines = [`# a million calls with the log of events, as a ratio to the same without it, the time of the start taken off: median and quartiles, and the median times of a call; processor time, at a load average of ${loadavg()[0].toFixed(0)} on ${cpus().length} processors`];
for (const [what, name] of KINDS) lines.push(`${name}: ${measure(what)}`);
console.log(lines.join('\n'));
writeFileSync('bench/trace/results.txt', `${lines.join('\n')}\n`);
