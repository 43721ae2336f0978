// package.json against the code: what it declares is registered, what is registered is declared, and every file that it names exists.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { build } from 'esbuild';

interface Manifest {
  main: string;
  publisher: string;
  engines: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
  activationEvents: string[];
  contributes: {
    debuggers: { type: string; variables: Record<string, string>; configurationAttributes: { launch: { required: string[]; properties: Record<string, { default?: unknown }> } };
      configurationSnippets: { label: string; body: Record<string, unknown> }[] }[];
    commands: { command: string; title: string; category: string }[];
    menus: Record<string, { command: string; when?: string }[]>;
    languages: { id: string }[];
    grammars: { language: string; scopeName: string; path: string }[];
    viewsWelcome: { contents: string }[];
  };
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const { contributes } = manifest;
const sources = readdirSync('src/extension').filter(f => f.endsWith('.ts')).map(f => readFileSync(`src/extension/${f}`, 'utf8')).join('\n');
const declared = contributes.commands.map(c => c.command).sort();
const ours = contributes.debuggers[0]!;

describe('contributions', () => {
  it('every declared command is registered, and every registered one declared', () => {
    assert.deepEqual([...sources.matchAll(/registerCommand\('([\w.]+)'/g)].map(m => m[1]!).sort(), declared);
  });

  it('menus, welcome texts and variables name declared commands', () => {
    const used = [
      ...Object.values(contributes.menus).flat().map(m => m.command), ...Object.values(ours.variables),
      ...contributes.viewsWelcome.flatMap(w => [...w.contents.matchAll(/command:([\w.]+)/g)].map(m => m[1]!)),
    ];
    assert.deepEqual(used.filter(c => !declared.includes(c)), []);
  });

  it('the debug type is one word everywhere', () => {
    assert.deepEqual([...new Set([...sources.matchAll(/register(?:DebugConfigurationProvider|DebugAdapterDescriptorFactory)\('(\w+)'/g)].map(m => m[1]))], [ours.type]);
    assert.deepEqual(manifest.activationEvents.filter(e => e.includes(':') && !/^on(FileSystem|WebviewPanel):/.test(e) && !e.endsWith(`:${ours.type}`)), []);
  });

  it('configuration snippets use declared options', () => {
    const options = new Set([...Object.keys(ours.configurationAttributes.launch.properties), 'type', 'request', 'name']);
    for (const { label, body } of ours.configurationSnippets) assert.deepEqual(Object.keys(body).filter(k => !options.has(k)), [], label);
  });

  const rows = 'src/adapter/launchOptions.ts';
  (existsSync(rows) ? it : it.skip)(`launch options are those of the adapter${existsSync(rows) ? '' : ` (skipped: ${rows} is absent)`}`, async () => {
    const { outputFiles } = await build({ entryPoints: [rows], bundle: true, format: 'esm', platform: 'node', write: false });
    const exports = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]!.contents).toString('base64')}`) as Record<string, unknown>;
    const table = exports['launchOptions'];
    assert.ok(Array.isArray(table), `${rows} exports no launchOptions`);
    const inAdapter = Object.fromEntries((table as { name: string; default?: unknown }[]).map(row => [row.name, row.default]));
    const inManifest = Object.fromEntries(Object.entries(ours.configurationAttributes.launch.properties).map(([name, schema]) => [name, schema.default]));
    assert.deepEqual(inManifest, inAdapter);
  });

  it('files that the manifest names exist, and grammars say so themselves', () => {
    const ids = contributes.languages.map(l => l.id);
    for (const { language, scopeName, path } of contributes.grammars) {
      assert.ok(ids.includes(language), language);
      assert.equal((JSON.parse(readFileSync(path, 'utf8')) as { scopeName: string }).scopeName, scopeName);
    }
    assert.deepEqual([manifest.main, 'LICENSE', 'README.md'].filter(f => f !== manifest.main && !existsSync(f)), []);
  });

  it('the VS Code that is typed against is the oldest that is promised', () => {
    const typed = (JSON.parse(readFileSync('node_modules/@types/vscode/package.json', 'utf8')) as { version: string }).version;
    const [, major, minor] = /^\^(\d+)\.(\d+)/.exec(manifest.engines['vscode']!)!;
    assert.ok(typed.startsWith(`${major}.${minor}.`), `engines.vscode is ${manifest.engines['vscode']}, @types/vscode is ${typed}`);
  });

  it('no package runs a script when it is installed, and npm, which asks about those that would, has its answer', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, { hasInstallScript?: boolean }> };
    const scripted = Object.keys(packages).filter(folder => packages[folder]?.hasInstallScript).map(folder => folder.replace(/^.*node_modules\//, '')).sort();
    assert.deepEqual(manifest.allowScripts, Object.fromEntries(scripted.map(name => [name, false])));
  });
});
