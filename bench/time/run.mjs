// Bundles measure.ts as the product is bundled and runs it. Usage: node bench/time/run.mjs [INSTRUCTIONS [ENGINES [PROGRAMS]]] | reverse ENGINES PROGRAMS | restart [ROUNDS [COMMAND ...]] | programs [NAMES [ROUNDS]]
import { build } from 'esbuild';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { loader, plugins } from '../../esbuild.mjs';

process.chdir(path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..'));
if (process.argv[2] === 'restart') process.exit(spawnSync(process.execPath, ['bench/time/restart.mjs', ...process.argv.slice(3)], { stdio: 'inherit' }).status ?? 1);
mkdirSync('.cache', { recursive: true });
const outfile = path.resolve('.cache/bench_time.mjs');
await build({ entryPoints: ['bench/time/measure.ts'], outfile, bundle: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external', plugins: plugins(), loader, logLevel: 'warning' });
const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 1);
