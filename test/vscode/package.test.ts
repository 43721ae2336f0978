// The .vsix: packaged without a warning, installed by VS Code itself, and complete.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { missingVSCode } from './workbench';

const missing = missingVSCode();

(missing ? describe.skip : describe)(`the .vsix${missing ? ` (skipped: ${missing})` : ''}`, function () {
  this.timeout(300_000);
  let home: string;
  before(() => { home = mkdtempSync(path.join(tmpdir(), 'ringside-vsix-')); });
  after(() => rmSync(home, { recursive: true, force: true }));

  it('is made without warnings and installs with everything that the manifest names', async () => {
    const vsix = path.join(home, 'ringside.vsix'), extensions = path.join(home, 'extensions');
    execFileSync(process.execPath, ['scripts/package.mjs', vsix], { encoding: 'utf8', stdio: 'pipe' });
    const { ensureServer } = await import(pathToFileURL(path.resolve('scripts/vscode_server.mjs')).href) as { ensureServer(): string };
    const said = execFileSync(process.execPath, [path.join(ensureServer(), 'out', 'server-main.js'), '--install-extension', vsix, '--extensions-dir', extensions, '--server-data-dir', path.join(home, 'server')],
      { encoding: 'utf8', stdio: 'pipe' });
    assert.match(said, /was successfully installed/);
    const { publisher, name, version, main, contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as
      { publisher: string; name: string; version: string; main: string; contributes: { grammars: { path: string }[] } };
    const installed = path.join(extensions, `${publisher}.${name}-${version}`);
    const named = [main, 'LICENSE.txt', 'readme.md', ...contributes.grammars.map(g => g.path), ...(existsSync('src/adapter/main.ts') ? ['adapter', 'adapter_main', 'cli', 'cli_main', 'timing'].map(name => `dist/${name}.js`) : [])];
    assert.deepEqual(named.filter(file => !existsSync(path.join(installed, file))), []);
    for (const folder of ['src', 'test', 'node_modules', 'scripts', 'examples']) assert.equal(existsSync(path.join(installed, folder)), false, `${folder} is packaged`);
  });
});
