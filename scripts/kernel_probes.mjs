// Builds the kernel a second time, for stopping inside it: its files with probes (kernel_instrument.mjs), the table of those, and who calls whom.
// Not here: running it (src/machine/probed_kernel.ts).
import { build } from 'esbuild';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { globSync } from '../test/glob.mjs';
import { LOAD_TIME, instrument, newTable } from './kernel_instrument.mjs';
import { inferTypes } from './kernel_types.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const kernelRoot = path.join(root, 'src', 'kernel');
const ENTRY = path.join(kernelRoot, 'arch', 'x86', 'entry.ts');
const CODE = 'kernel_probed.js', TABLE = 'kernel_probes.json';
/** What the probes call. */
const PROBE = path.join(root, 'src', 'machine', 'probe.ts'), PROBE_CALLS = ['hit', 'see', 'enter', 'leave', 'write', 'call', 'save'];
/** Sources of the machine code that the kernel brings: the entry code and the vDSO. They are shown beside the kernel's own. */
const imageRoot = path.join(root, 'src', 'machine', 'image');

/** Kernel files that both builds share: those that hold state or whose values are compared by identity. All of them are free of behaviour. */
const isShared = file => !file.startsWith(kernelRoot + path.sep) || /[\\/](types|state|kobject|result)\.ts$/.test(file);

/**
 * The call graph: for each function those that it may call. A name leads to its function; a method's name to every ops table's entry of that name.
 * `loaded` are functions that tables of other kinds name: anything may call them. `handlers` name the function of each system call, `ops` those of each ops table.
 */
export function callGraph(table, links) {
  const resolve = (file, name, seen = 0) => {
    const link = links.files.get(file);
    const own = link?.functions.get(name);
    if (own !== undefined || !link || seen > 8) return own;
    const imported = link.imports.get(name);
    if (!imported?.[0].startsWith('.')) return undefined;
    return resolve(path.posix.join(path.posix.dirname(file), `${imported[0]}.ts`), imported[1], seen + 1);
  };
  const methods = new Map(), handlers = {}, ops = {}, loaded = new Set();
  for (const [file, link] of links.files) {
    for (const [table, key, target] of link.methods ?? []) {
      const id = typeof target === 'number' ? target : resolve(file, target);
      if (id === undefined) continue;
      methods.set(key, [...methods.get(key) ?? [], id]);
      (ops[table] ??= {})[key] = id;
    }
    for (const [name, target] of link.handlers ?? []) {
      const id = resolve(file, target);
      if (id !== undefined) handlers[name] = id;
    }
    for (const ref of link.loaded) {
      const id = typeof ref === 'number' ? ref : resolve(file, ref);
      if (id !== undefined && !LOAD_TIME.has(ref)) loaded.add(id);
    }
  }
  table.functions.forEach(({ syscall }, id) => { if (syscall !== undefined) handlers[syscall] = id; });
  const calls = table.functions.map(({ file }, id) => {
    const found = new Set();
    for (const ref of links.refs[id].refs) {
      const to = typeof ref === 'number' ? ref : resolve(table.files[file].path, ref);
      if (to !== undefined && to !== id) found.add(to);
    }
    for (const name of links.refs[id].methods) for (const to of methods.get(name) ?? []) if (to !== id) found.add(to);
    return [...found];
  });
  return { calls, handlers, ops, loaded: [...loaded] };
}

const keyOf = file => path.relative(path.join(root, 'src'), file).replace(/\\/g, '/').replace(/\.ts$/, '');
const fileOf = (folder, specifier) => { const file = path.resolve(folder, specifier); return existsSync(`${file}.ts`) ? `${file}.ts` : path.join(file, 'index.ts'); };

const relative = file => path.relative(kernelRoot, file).replace(/\\/g, '/');

/** The whole text of a kernel file with its probes. */
function probedText(file, table, links) {
  return instrument(readFileSync(file, 'utf8'), relative(file), table, links)
    .prepend(`import { ${PROBE_CALLS.map(name => `${name} as $${name}`).join(', ')} } from '#probe'; `).toString();
}

/**
 * Gives each function of the table the types of its variables and of its result, as kernel_types.mjs has them. A name that is declared several times has a list of [line, type].
 */
export function addTypes(table, links) {
  const inferred = inferTypes(kernelRoot, globSync(kernelRoot, /(?<!\.d)\.ts$/).map(relative).sort());
  table.functions.forEach((fn, id) => {
    const { path: file, text } = table.files[fn.file], found = inferred.find(file, links.starts[id]);
    if (!found) return;
    const byName = new Map();
    for (const [name, at, type] of found.vars) if (type) byName.set(name, [...byName.get(name) ?? [], [text.slice(0, at).split('\n').length, type]]);
    const types = [...byName].map(([name, all]) => [name, new Set(all.map(([, type]) => JSON.stringify(type))).size === 1 ? all[0][1] : all]);
    if (types.length > 0) fn.types = Object.fromEntries(types);
    if (found.returns) fn.returns = found.returns;
  });
  table.structs = inferred.structs;
}

/** Bundles the probed kernel. Gives kernel_probed.js - a function of the shared modules - and the names of those, and the table. */
async function makeProbed() {
  const table = newTable(), links = { files: new Map() }, shared = new Set(), texts = new Map();
  for (const file of globSync(kernelRoot, /(?<!\.d)\.ts$/).sort()) {
    if (isShared(file)) continue;
    texts.set(file, probedText(file, table, links));
  }
  addTypes(table, links);
  const { outputFiles } = await build({
    entryPoints: [ENTRY], bundle: true, format: 'cjs', platform: 'neutral', target: 'es2022', write: false, logLevel: 'warning', absWorkingDir: root, legalComments: 'none', charset: 'ascii',
    plugins: [{
      name: 'probes',
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /^\.|^#probe$/ }, ({ path: specifier, resolveDir, kind }) => {
          if (kind === 'entry-point') return undefined;
          if (specifier === '#probe') return { path: specifier, namespace: 'probe' };
          const file = fileOf(resolveDir, specifier);
          if (!isShared(file)) return { path: file };
          shared.add(file);
          return { path: keyOf(file), external: true };
        });
        onLoad({ filter: /\.ts$/ }, ({ path: file }) => ({ contents: texts.get(file), loader: 'ts' }));
        // Constants of the bundle, which are called at once: an imported name is a property that is looked up by a function.
        onLoad({ filter: /./, namespace: 'probe' }, () => {
          shared.add(PROBE);
          return { contents: `import * as probe from ${JSON.stringify(keyOf(PROBE))}; export const { ${PROBE_CALLS.join(', ')} } = probe;`, loader: 'js' };
        });
        onResolve({ filter: /./, namespace: 'probe' }, ({ path: file }) => ({ path: file, external: true }));
      },
    }],
  });
  for (const file of [...shared].filter(f => f.startsWith(kernelRoot)).sort()) table.files.push({ path: relative(file), text: readFileSync(file, 'utf8') });
  for (const file of globSync(imageRoot, /\.(S|c|inc)$/)) table.files.push({ path: `arch/x86/entry/${path.basename(file)}`, text: readFileSync(file, 'utf8') });
  const code = `"use strict";\nmodule.exports = function instantiate(require) { const module = { exports: {} }, exports = module.exports;\n${outputFiles[0].text}\nreturn module.exports; };\n`;
  return { code, table: JSON.stringify({ ...table, ...callGraph(table, links) }), shared: await withNames([...shared].sort()) };
}

/** What each file exports. A namespace has the same, but is made when the program starts, a function for each name: sharedModules() is made when somebody looks inside. */
async function withNames(files) {
  const { metafile } = await build({ entryPoints: files, bundle: true, format: 'esm', platform: 'neutral', outdir: '.', outbase: 'src', write: false, metafile: true, logLevel: 'warning', absWorkingDir: root });
  const names = new Map(Object.values(metafile.outputs).map(({ entryPoint, exports }) => [path.join(root, entryPoint), exports]));
  return files.map(file => ({ file, names: names.get(file) }));
}

/** For tests: the kernel is the probed one, everywhere. */
export function probedEverywhere() {
  return {
    name: 'probed-everywhere',
    setup({ onResolve, onLoad }) {
      const table = newTable();
      onResolve({ filter: /^#probe$/ }, () => ({ path: PROBE }));
      onLoad({ filter: /[\\/]src[\\/]kernel[\\/].*\.ts$/ }, ({ path: file }) => isShared(file) ? undefined : { contents: probedText(file, table, { files: new Map() }), loader: 'ts' });
    },
  };
}

let made;
/** Once a process: bundles of one build share the probed kernel. */
const probed = () => made ??= makeProbed();

/**
 * Fills src/machine/probed_build.ts: with the modules that the two builds share, and with the loading of kernel_probed.js and its table, which are written
 * beside the bundle. They are loaded when a person first looks inside the kernel, not before.
 */
export function kernelProbes() {
  return {
    name: 'kernel-probes',
    setup({ onLoad, onResolve, onEnd, initialOptions: { outfile, outdir, banner, footer, absWorkingDir = process.cwd() } }) {
      const folder = path.resolve(absWorkingDir, outfile ? path.dirname(outfile) : outdir ?? '.');
      let isUsed = false;
      onResolve({ filter: /[\\/]kernel_probe(d\.js|s\.json)$/ }, ({ path: file }) => ({ path: outfile ? file : path.join(folder, path.basename(file)), external: true }));
      onLoad({ filter: /src[\\/]machine[\\/]probed_build\.ts$/ }, async ({ path: file }) => {
        isUsed = true;
        const { shared } = await probed();
        const specifier = to => { const relative = path.relative(path.dirname(file), to).replace(/\\/g, '/').replace(/\.ts$/, ''); return relative.startsWith('.') ? relative : `./${relative}`; };
        return {
          loader: 'js', resolveDir: path.dirname(file),
          contents: `${shared.map(({ file: to, names }, i) => `import { ${names.map(name => `${name} as m${i}_${name}`).join(', ')} } from ${JSON.stringify(specifier(to))};`).join('\n')}
let made;
export const sharedModules = () => made ??= { ${shared.map(({ file: to, names }, i) => `${JSON.stringify(keyOf(to))}: { ${names.map(name => `get ${name}() { return m${i}_${name}; }`).join(', ')} }`).join(', ')} };
export const loadProbedKernel = () => require('./${CODE}');
export const loadProbeTable = () => require('./${TABLE}');\n`,
        };
      });
      onEnd(async ({ errors }) => {
        if (!isUsed || errors.length > 0) return;
        const { code, table } = await probed();
        // Where the bundle is a function that compiled_bundle.ts runs, so is this.
        writeFileSync(path.join(folder, CODE), footer ? `${banner.js}${code}${footer.js}` : code);
        writeFileSync(path.join(folder, TABLE), table);
      });
    },
  };
}
