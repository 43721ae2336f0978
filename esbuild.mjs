// Builds what ships: dist/adapter.js, dist/cli.js, dist/extension.js, dist/webview.js. The first two only start adapter_main.js and cli_main.js and what these load now and then (timing.js,
// kernel_probed.js), compiled already if they ran before (host/node/compiled_bundle.ts).
// The plugins are exported because tests must be bundled as the product is.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelProbes } from './scripts/kernel_probes.mjs';
import { globSync } from './test/glob.mjs';

const root = path.dirname(fileURLToPath(import.meta.url));

/** The plugins that every bundle of our code is built with, product and test alike. */
export function plugins() {
  return [prebuilt(), constants(), kernelProbes()];
}

/** Fills src/cpu/prebuilt.ts with what src/cpu/prebuild.ts makes: the interpreter's machine code for the usual instructions. */
function prebuilt() {
  return {
    name: 'prebuilt',
    setup({ onLoad, onResolve }) {
      onLoad({ filter: /src[\\/]cpu[\\/]prebuilt\.ts$/ }, async () => {
        const tables = { ...await (prebuiltCode ??= makePrebuilt()), inner: undefined, outer: undefined };
        return { contents: `import inner from 'prebuilt:inner'; import outer from 'prebuilt:outer'; export const prebuilt = { ...${JSON.stringify(tables)}, inner, outer };`, loader: 'js' };
      });
      onResolve({ filter: /^prebuilt:/ }, ({ path: name }) => ({ path: name.slice('prebuilt:'.length), namespace: 'prebuilt' }));
      onLoad({ filter: /./, namespace: 'prebuilt' }, async ({ path: part }) => ({ contents: (await prebuiltCode)[part], loader: 'binary' }));
    },
  };
}
let prebuiltCode;
async function makePrebuilt() {
  const { outputFiles } = await build({ bundle: true, platform: 'node', format: 'esm', target: 'node20', write: false, logLevel: 'warning', absWorkingDir: root, entryPoints: ['src/cpu/prebuild.ts'] });
  const { prebuild } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
  return prebuild();
}

/**
 * `export const { A, B } = TABLE.values` of src/abi, where TABLE is in the same file, becomes `export const A = 1, B = 2`: the table is made when somebody asks for names.
 * (Each name that V8 has not seen in an object costs it a microsecond of every start.)
 */
function constants() {
  return {
    name: 'constants',
    setup({ onLoad }) {
      onLoad({ filter: /src[\\/]abi[\\/]\w+\.ts$/ }, ({ path: file }) => {
        const text = readFileSync(file, 'utf8'), tables = new Map([...text.matchAll(/const (\w+) = table\('[^']*', \(\) => \(\{(.*?)\}\)\);/gs)].map(([, name, rows]) => [name, valuesIn(rows)]));
        const contents = text.replace(/^export const \{([\s\w,]*)\} = (\w+)\.values;/gm, (whole, names, table) => {
          const wanted = names.split(',').map(name => name.trim()).filter(name => name), values = tables.get(table);
          return wanted.every(name => values?.has(name)) ? `export const ${wanted.map(name => `${name} = ${values.get(name)}`).join(', ')};${names.replace(/[^\n]/g, '')}` : whole;
        });
        return { contents, loader: 'ts' };
      });
    },
  };
}
/** The numbers in the rows of a table, by name. */
const valuesIn = rows => new Map([...rows.replace(/\/\*.*?\*\/|\/\/.*/g, '').matchAll(/(\w+): (-?(?:0x[\da-f]+|0o[0-7]+|0b[01]+|[1-9]\d*|0))(?=\s*(?:,|$))/gi)].map(([, name, value]) => [name, value]));

/** How files that are not code are bundled: assembly as text, images as bytes. */
export const loader = { '.S': 'text', '.elf': 'binary', '.so': 'binary' };

const shared = { bundle: true, platform: 'node', target: 'node20', sourcemap: 'linked', logLevel: 'warning', legalComments: 'none', absWorkingDir: root, loader };
/** A bundle that compiled_bundle.ts runs is a function, and `import()` of a neighbour is its require(). */
const started = { plugins: [...plugins(), late()], format: 'cjs', charset: 'ascii', supported: { 'dynamic-import': false }, banner: { js: '(function (exports, require, module, __filename, __dirname) {' }, footer: { js: '})' } };
const bundles = [
  { entry: 'src/adapter/main.ts', out: 'dist/adapter_main.js', options: started },
  { entry: 'src/cli/main.ts', out: 'dist/cli_main.js', options: { ...started, external: ['./timing.js'] } },
  { entry: 'src/cli/timing.ts', out: 'dist/timing.js', options: started },
  { entry: 'src/extension/extension.ts', out: 'dist/extension.js', options: { format: 'cjs', external: ['vscode'] } },
  { entry: 'src/webview/main.ts', out: 'dist/webview.js', options: { platform: 'browser', target: 'es2022', format: 'iife', minify: true } },
];
const starters = [
  { entry: 'src/adapter/start.ts', out: 'dist/adapter.js', starts: ['adapter_main.js', 'kernel_probed.js'], options: {} },
  { entry: 'src/cli/start.ts', out: 'dist/cli.js', starts: ['cli_main.js', 'timing.js', 'kernel_probed.js'], options: { banner: { js: '#!/usr/bin/env node' } } },
];

/** Modules that take long to load and are seldom called, and what we import of them: a function here loads its module. */
function late() {
  const calls = { fflate: ['unzlibSync'], fzstd: ['decompress'], 'node:zlib': ['gunzipSync', 'gzipSync', 'inflateSync'], 'node:child_process': ['spawn', 'spawnSync'] };
  return {
    name: 'late',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^(${Object.keys(calls).join('|')})$`) }, ({ path: name, kind }) => kind === 'import-statement' ? { path: name, namespace: 'late' } : undefined);
      onLoad({ filter: /./, namespace: 'late' }, ({ path: name }) => ({ contents: calls[name].map(f => `export const ${f} = (...args) => require('${name}').${f}(...args);`).join('\n'), resolveDir: root, loader: 'js' }));
    },
  };
}

/** Builds every bundle. */
export async function buildAll() {
  await Promise.all(bundles.map(b => build({ ...shared, entryPoints: [b.entry], outfile: b.out, plugins: plugins(), ...b.options })));
  await Promise.all(starters.map(({ entry, out, starts, options }) =>
    build({ ...shared, format: 'cjs', entryPoints: [entry], outfile: out, define: { CONTENTS: JSON.stringify(Object.fromEntries(starts.map(name => [name, digest(`dist/${name}`)]))) }, sourcemap: false, ...options })));
  // The disassembler reads its code from beside the bundle.
  copyFileSync(path.join(root, 'node_modules/iced-x86/iced_x86_bg.wasm'), path.join(root, 'dist/iced_x86_bg.wasm'));
}

const digest = file => createHash('sha256').update(readFileSync(path.join(root, file))).digest('hex').slice(0, 32);

/** Builds only when a source file is newer than the bundles. */
export async function ensureBuilt() {
  const newest = Math.max(...globSync(path.join(root, 'src'), /./).map(f => statSync(f).mtimeMs), statSync(fileURLToPath(import.meta.url)).mtimeMs);
  const stale = [...bundles, ...starters].some(b => !existsSync(path.join(root, b.out)) || statSync(path.join(root, b.out)).mtimeMs < newest);
  if (stale) await buildAll();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAll();
