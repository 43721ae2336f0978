// What recording events costs: system calls in a loop, and vDSO calls, with and without the log of events, by turns. Prints the ratios of the times.
// Usage: node bench/trace/run.mjs
import { build } from 'esbuild';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
process.chdir(root);
const { plugins, loader } = await import('../../esbuild.mjs');
const out = '.cache/bench/trace.mjs';
await build({ entryPoints: ['bench/trace/measure.ts'], outfile: out, bundle: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external', plugins: plugins(), loader, logLevel: 'warning', banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" } });
await import(path.join(root, out));
