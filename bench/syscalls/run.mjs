// What calls cost with the probed kernel and without (measure.ts), what steps inside it cost (steps.ts), the way in and out beside the host and qemu-user (sides.mjs), and the text of the log beside strace (log.mjs).
// Usage: node bench/syscalls/run.mjs [CALLS [ROUNDS]] | steps PROGRAM [ARGS...]   (first_steps.mjs beside it measures over the adapter) | sides [ROUNDS [KIND]] | log [ROUNDS [KIND]]
import { build } from 'esbuild';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loader, plugins } from '../../esbuild.mjs';

const script = process.argv[2] === 'steps' ? 'steps' : 'measure';
if (process.argv[2] === 'sides') { await import('./sides.mjs'); process.exit(); }
if (process.argv[2] === 'log') { await import('./log.mjs'); process.exit(); }
process.chdir(path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..'));
mkdirSync('.cache', { recursive: true });
const outfile = path.resolve('.cache/bench_syscalls.cjs');
await build({ entryPoints: [`bench/syscalls/${script}.ts`], outfile, bundle: true, format: 'cjs', platform: 'node', target: 'node20', packages: 'external', plugins: plugins(), loader, logLevel: 'warning' });
const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 1);
