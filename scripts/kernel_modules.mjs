// The files of the kernel as modules: what each declares by name, and where a name that it uses is declared. Not here: types (kernel_types.mjs).
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { namesOf } from './kernel_instrument.mjs';

/** Reads files when they are first asked for. A module is { file, program, values, types, imports, cache }; `cache` is its reader's. */
export function openModules() {
  const modules = new Map();

  function moduleOf(file) {
    const known = modules.get(file);
    if (known) return known;
    const text = readFileSync(file, 'utf8'), module = { file, text, values: new Map(), types: new Map(), imports: new Map(), cache: new Map() };
    modules.set(file, module);
    module.program = parseSync(file, text, { lang: 'ts' }).program;
    for (const one of module.program.body) {
      if (one.type === 'ImportDeclaration' || one.type === 'ExportNamedDeclaration' && one.source) {
        for (const { imported, exported, local } of one.specifiers) module.imports.set((exported ?? local).name, [one.source.value, (imported ?? local)?.name]);
        continue;
      }
      const s = /^Export(Named|Default)Declaration$/.test(one.type) && one.declaration ? one.declaration : one;
      if (s.type === 'VariableDeclaration') for (const d of s.declarations) { for (const name of namesOf(d.id)) module.values.set(name, d); }
      else if (s.type === 'FunctionDeclaration' || s.type === 'TSDeclareFunction') module.values.set(s.id.name, s);
      else if (/^(TSInterface|TSTypeAlias|Class)/.test(s.type)) module.types.set(s.id.name, s);
    }
    return module;
  }

  /** The module and the name there that `name` stands for. */
  function resolve(module, name, kind) {
    for (let depth = 0; depth < 8; depth++) {
      if (module[kind].has(name)) return [module, name];
      const [from, original] = module.imports.get(name) ?? [];
      if (!from?.startsWith('.')) return [];
      const file = path.resolve(path.dirname(module.file), `${from}.ts`);
      if (!existsSync(file)) return [];
      module = moduleOf(file);
      name = original ?? name;
    }
    return [];
  }

  return { moduleOf, resolve };
}
