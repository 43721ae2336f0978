// The test runner: bundles every test/**/*.test.ts with the product's own esbuild plugins, then runs mocha over the bundles.
// Usage: node test/run.mjs [--only name,name] [--grep TEXT] [--update] [--probed]    A name is a part of a test file's path; --probed: on the probed kernel.
// Every skipped test says why; the last line is "N passed, N failed, N skipped".
import { build } from 'esbuild';
import { globSync } from './glob.mjs';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const flag = name => { const i = process.argv.indexOf(name); return i < 0 ? undefined : process.argv[i + 1]; };
const only = flag('--only')?.split(',');
if (process.argv.includes('--update')) process.env.UPDATE_GOLDEN = '1';

const { plugins, loader, ensureBuilt } = await import('../esbuild.mjs');
const { probedEverywhere } = await import('../scripts/kernel_probes.mjs');
let files = globSync('test', /\.test\.ts$/).filter(f => !f.startsWith('test/vscode/suite/'));
if (only) files = files.filter(f => only.some(o => f.includes(o)));
if (!only || files.some(f => /adapter|cli|vscode|native\/|start/.test(f))) await ensureBuilt();

const out = path.join('.cache', 'tests', String(process.pid));
mkdirSync(out, { recursive: true });
const started = Date.now();
await build({
  entryPoints: files, outdir: out, outbase: 'test', bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20',
  sourcemap: 'inline', packages: 'external', plugins: [...process.argv.includes('--probed') ? [probedEverywhere()] : [], ...plugins()], loader, logLevel: 'warning', outExtension: { '.js': '.mjs' },
  banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
});
console.log(`bundled ${files.length} test files in ${Date.now() - started} ms`);

const { default: Mocha } = await import('mocha');
const mocha = new Mocha({ timeout: 60_000, reporter: 'spec', forbidOnly: !!process.env.CI });
if (flag('--grep')) mocha.grep(flag('--grep'));
process.setSourceMapsEnabled(true);
for (const f of files) mocha.addFile(path.resolve(out, f.slice('test/'.length).replace(/\.ts$/, '.mjs')));
await mocha.loadFilesAsync();
const runner = mocha.run(failures => {
  const { passes, pending } = runner.stats;
  rmSync(out, { recursive: true, force: true });
  console.log(`${passes} passed, ${failures} failed${pending ? `, ${pending} skipped` : ''}`);
  process.exit(failures ? 1 : 0);
});
