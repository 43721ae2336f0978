// The scripts that open a VS Code, where they can be tested without one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

describe('scripts', function () {
  this.timeout(60_000);
  let folder = '';
  before(() => { folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-scripts-')); });
  after(() => rmSync(folder, { recursive: true }));

  it('npm run vscode opens the desktop\'s VS Code with the extension and the examples when `code` is on the PATH', function () {
    if (process.platform === 'win32') { console.log('      skipped: the fake `code` is a shell script'); this.skip(); }
    const record = path.join(folder, 'arguments');
    writeFileSync(path.join(folder, 'code'), `#!/bin/sh\nprintf '%s\\n' "$@" >> ${record}\n`, { mode: 0o755 });
    const done = spawnSync(process.execPath, ['scripts/vscode.mjs'], { encoding: 'utf8', env: { ...process.env, CODE: undefined, PATH: `${folder}${path.delimiter}${process.env['PATH']}` } });
    assert.equal(done.status, 0, done.stderr);
    const root = path.resolve('.'), examples = path.join(root, 'examples');
    assert.deepEqual(readFileSync(record, 'utf8').split('\n'), ['--version', '--new-window', `--extensionDevelopmentPath=${root}`, examples, path.join(examples, 'hello_write.c'), '']);
    assert.match(done.stdout, /Open hello_write\.c and press F5/);
  });

  it('npm run test:desktop says so when no VS Code can be downloaded', () => {
    const nowhere = 'http://127.0.0.1:1';
    const done = spawnSync(process.execPath, ['scripts/test_desktop.mjs'], { encoding: 'utf8', env: { ...process.env, DESKTOP_VSCODE: undefined, npm_config_https_proxy: nowhere } });
    assert.equal(done.status, 1);
    assert.match(done.stderr, /^A desktop VS Code could not be downloaded \(.*127\.0\.0\.1:1\)\. "npm test" runs the same tests in a served one\.$/m);
  });

  it('npm run test:desktop runs the tests of test/vscode in the VS Code that DESKTOP_VSCODE names', () => {
    const done = spawnSync(process.execPath, ['scripts/test_desktop.mjs', '--grep', 'no test has this name'], { encoding: 'utf8', env: { ...process.env, DESKTOP_VSCODE: path.join(folder, 'none') } });
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stdout, /bundled \d+ test files[^]*0 passed, 0 failed/);
  });
});
