// Builds what ships: dist/adapter.js, dist/cli.js, dist/extension.js (and the webview bundles as they come).
// The plugins are exported because tests must be bundled as the product is.
import { build } from 'esbuild';
import { copyFileSync, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelProbes } from './scripts/kernel_probes.mjs';
import { globSync } from './test/glob.mjs';

const root = path.dirname(fileURLToPath(import.meta.url));

/** The plugins that every bundle of our code is built with, product and test alike. */
export function plugins() {
  return [prebuilt(), kernelProbes()];
}

/** Fills src/cpu/prebuilt.ts with what src/cpu/prebuild.ts makes: the interpreter's machine code for the usual instructions. */
function prebuilt() {
  return {
    name: 'prebuilt',
    setup({ onLoad }) {
      onLoad({ filter: /src[\\/]cpu[\\/]prebuilt\.ts$/ }, async () => ({ contents: `export const prebuilt = ${await (prebuiltCode ??= makePrebuilt())};`, loader: 'js' }));
    },
  };
}
let prebuiltCode;
async function makePrebuilt() {
  const { outputFiles } = await build({ bundle: true, platform: 'node', format: 'esm', target: 'node20', write: false, logLevel: 'warning', absWorkingDir: root, entryPoints: ['src/cpu/prebuild.ts'] });
  const { prebuild } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
  return JSON.stringify(prebuild());
}

/** How files that are not code are bundled: assembly as text, images as bytes. */
export const loader = { '.S': 'text', '.elf': 'binary', '.so': 'binary' };

const shared = { bundle: true, platform: 'node', target: 'node20', sourcemap: 'linked', logLevel: 'warning', legalComments: 'none' };
const bundles = [
  { entry: 'src/adapter/main.ts', out: 'dist/adapter.js', options: { format: 'cjs' } },
  { entry: 'src/cli/main.ts', out: 'dist/cli.js', options: { format: 'cjs', banner: { js: '#!/usr/bin/env node' }, external: ['./timing.js'] } },
  { entry: 'src/cli/timing.ts', out: 'dist/timing.js', options: { format: 'cjs' } },
  { entry: 'src/extension/extension.ts', out: 'dist/extension.js', options: { format: 'cjs', external: ['vscode'] } },
  { entry: 'src/webview/main.ts', out: 'dist/webview.js', options: { platform: 'browser', target: 'es2022', format: 'iife', minify: true } },
];

/** Builds every bundle whose entry exists. */
export async function buildAll() {
  await Promise.all(bundles.filter(b => existsSync(path.join(root, b.entry))).map(b =>
    build({ ...shared, absWorkingDir: root, entryPoints: [b.entry], outfile: b.out, plugins: plugins(), loader, ...b.options })));
  // The disassembler reads its code from beside the bundle.
  if (existsSync(path.join(root, 'src/adapter/main.ts'))) copyFileSync(path.join(root, 'node_modules/iced-x86/iced_x86_bg.wasm'), path.join(root, 'dist/iced_x86_bg.wasm'));
}

/** Builds only when a source file is newer than the bundles. */
export async function ensureBuilt() {
  const newest = Math.max(...globSync(path.join(root, 'src'), /./).map(f => statSync(f).mtimeMs), statSync(fileURLToPath(import.meta.url)).mtimeMs);
  const present = bundles.filter(b => existsSync(path.join(root, b.entry)));
  const stale = present.some(b => !existsSync(path.join(root, b.out)) || statSync(path.join(root, b.out)).mtimeMs < newest);
  if (stale) await buildAll();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAll();
