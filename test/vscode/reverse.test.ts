// Time travel in a real VS Code: the buttons Step Back and Reverse, the place in the status bar, and from there to the end of the recording.
import assert from 'node:assert/strict';
import { copyExample, describeInVSCode, inWorkbench, missingForDebugging } from './in_workbench';
import type { Workbench } from './workbench';

describeInVSCode('going back in a real VS Code', missingForDebugging('examples/hello_write'), function () {
  let workbench: Workbench;
  const press = async (icon: string): Promise<void> => {
    const button = workbench.page.locator(`.debug-toolbar .codicon-debug-${icon}`);
    await button.waitFor();
    await workbench.page.waitForTimeout(500);
    await button.click();
  };
  const place = () => workbench.page.locator('[id$="ringside.position"]');

  inWorkbench('hello_write.c', copyExample('hello_write'), opened => { ({ workbench } = opened); });

  before(async () => {
    await workbench.startDebugging();
    await workbench.stoppedAt(/int fd = open\(/);
  });

  it('Step Back shows the line before, and the status bar that this is the past', async () => {
    for (const line of [/if \(fd < 0\)/, /write\(fd/]) {
      await workbench.resume('F10');
      await workbench.stoppedAt(line);
    }
    await workbench.resume('F10');
    await workbench.stoppedAt(/close\(fd\)/);
    assert.match(await place().innerText(), /live/);
    await press('step-back');
    await workbench.stoppedAt(/write\(fd/);
    await place().filter({ hasText: /in the past: \d+ %/ }).waitFor();
    await workbench.seesText(/in the past/);
    await workbench.screenshot('step-back');
    await press('step-back');
    await workbench.stoppedAt(/if \(fd < 0\)/);
    await press('step-back');
    await workbench.stoppedAt(/int fd = open\(/);
  });

  it('a click on the place leads to the end of the recording', async () => {
    await place().click();
    await workbench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'The end of the recording' }).first().waitFor();
    await workbench.screenshot('places');
    await workbench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'The end of the recording' }).first().click();
    await workbench.stoppedAt(/close\(fd\)/);
    await place().filter({ hasText: /live/ }).waitFor();
  });

  it('Reverse leads to the breakpoint that was passed, and then to the beginning', async () => {
    await workbench.openFile('hello_write.c');
    await workbench.goToLine(10);
    await workbench.page.keyboard.press('F9');
    await workbench.page.locator('.codicon-debug-breakpoint').first().waitFor();
    await press('reverse-continue');
    await workbench.stoppedAt(/write\(fd/);
    await press('reverse-continue');
    await place().filter({ hasText: /in the past: 0 %/ }).waitFor();
    await workbench.seesText(/the beginning of the recording/);
    await workbench.screenshot('beginning');
  });

  it('Enter on a row of the strace log leads to the instant of that call, and the row is marked', async () => {
    await workbench.command('Ringside: Open Strace Log');
    const log = workbench.page.locator('.editor-group-container').filter({ hasText: '.strace' }).last();
    await log.locator('.view-line').filter({ hasText: 'execve(' }).first().click();
    await workbench.page.keyboard.press('Control+End');
    const row = log.locator('.view-line').filter({ hasText: 'test.txt' }).first();
    await row.waitFor();
    await row.click();
    await workbench.page.waitForTimeout(500);
    await workbench.page.keyboard.press('Enter');
    await place().filter({ hasText: /in the past: 9\d %/ }).waitFor();
    await workbench.stoppedAt(/int fd = open\(/);
    await workbench.screenshot('strace-log');
    await workbench.openFile('hello_write.c');
  });

  it('a change in the past is asked about, and made when the person agrees', async () => {
    const dialog = workbench.page.locator('.monaco-dialog-box');
    const change = async (): Promise<void> => {
      await workbench.command('Debug Console: Focus on Debug Console View');
      await workbench.page.waitForTimeout(500);
      await workbench.page.keyboard.type('fd = 77');
      await workbench.page.keyboard.press('Enter');
      await dialog.waitFor();
    };
    await change();
    assert.match(await dialog.innerText(), /This place is in the past[^]*is discarded/);
    await workbench.screenshot('past-edit');
    await dialog.locator('.monaco-button').filter({ hasText: 'Cancel' }).click();
    await workbench.page.locator('.repl').getByText('nothing was changed').first().waitFor();
    await change();
    await dialog.locator('.monaco-button').filter({ hasText: 'Discard and Change' }).click();
    await place().filter({ hasText: /live/ }).waitFor();
    await workbench.seesText(/What was recorded after .* is discarded/);
  });

  it('from there the program goes on live to its end', async () => {
    await workbench.resume('F5');
    await workbench.stoppedAt(/write\(fd/);
    await workbench.resume('F5');
    await workbench.ended();
  });
});
