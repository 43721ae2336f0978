// F5 in a real VS Code where there is nothing to debug.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeInVSCode, inWorkbench } from './in_workbench';
import { missingVSCode, type Workbench } from './workbench';

describeInVSCode('in a real VS Code', missingVSCode(), function () {
  let workbench: Workbench;

  inWorkbench('alone.c', workspace => {
    writeFileSync(path.join(workspace, 'alone.c'), 'int main(void) { return 0; }\n');
  }, opened => { ({ workbench } = opened); });

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
