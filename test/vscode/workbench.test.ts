// The extension in a real VS Code: what it contributes, and F5 on the example, with a person's keys and mouse.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Workbench, missingVSCode } from './workbench';

const missing = missingVSCode();

(missing ? describe.skip : describe)(`in a real VS Code${missing ? ` (skipped: ${missing})` : ''}`, function () {
  this.timeout(120_000);
  let workspace: string, workbench: Workbench;

  before(async function () {
    this.timeout(300_000);
    workspace = mkdtempSync(path.join(tmpdir(), 'ringside-workspace-'));
    writeFileSync(path.join(workspace, 'alone.c'), 'int main(void) { return 0; }\n');
    writeFileSync(path.join(workspace, 'log.strace'), 'openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3\nwrite(1, "hi\\n", 3) = -1 EBADF (Bad file descriptor)\n+++ exited with 0 +++\n');
    workbench = await Workbench.open(workspace, 'alone.c');
  });

  after(async () => {
    await workbench?.close();
    if (workspace) rmSync(workspace, { recursive: true, force: true });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
  });

  it('F5 on a C file without a program says how to build one', async () => {
    await workbench.startDebugging();
    const dialog = workbench.page.locator('.monaco-dialog-box');
    await dialog.waitFor({ timeout: 20_000 });
    const text = await dialog.innerText();
    assert.match(text, /No x86-64 Linux program was found for alone\.c/);
    assert.match(text, /gcc -g -o alone alone\.c/);
    await workbench.screenshot('no-program');
    await workbench.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  });
});
