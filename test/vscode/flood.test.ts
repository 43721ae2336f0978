// A run that makes more calls than are kept, in a real VS Code: the strace log fetches older rows where a person scrolls to them.
import { buildProgram, describeInVSCode, inWorkbench, lineWith, missingForBuilding } from './in_workbench';
import type { Workbench } from './workbench';

const missing = missingForBuilding();
const LAST_LINE = lineWith('flood', 'the end');

describeInVSCode('a run of more calls than are kept, in a real VS Code', missing, function () {
  this.timeout(240_000);
  let workbench: Workbench;
  inWorkbench('flood.c', buildProgram('flood', { trace: { memoryMB: 2 } }), opened => { ({ workbench } = opened); });
  const log = () => workbench.page.locator('.editor-group-container').filter({ hasText: '.strace' }).last();
  const line = (text: RegExp) => log().locator('.view-line').filter({ hasText: text }).first();

  it('the strace log says which rows are not shown, and has them when a person scrolls there', async () => {
    await workbench.startDebugging();
    await workbench.stoppedAt(/int main|int fd = open/);
    await workbench.focusEditor();
    await workbench.goToLine(LAST_LINE);
    await workbench.page.keyboard.press('F9');
    await workbench.page.locator('.codicon-debug-breakpoint').first().waitFor();
    await workbench.resume('F5');
    await workbench.stoppedAt(/close\(fd\)/);
    await workbench.command('Ringside: Open Strace Log');
    await line(/this.is.line/).waitFor();
    await workbench.page.keyboard.press('Control+2');
    await workbench.page.waitForTimeout(500);
    await workbench.page.keyboard.press('Control+Home');
    await workbench.screenshot('strace-older');
    await line(/this.is.line/).waitFor();
    for (let i = 0; i < 80; i++) {
      await workbench.page.keyboard.press('Control+Home');
      if (await line(/execve\(/).waitFor({ timeout: 1500 }).then(() => true, () => false)) break;
    }
    await line(/execve\(/).waitFor();
    await workbench.screenshot('strace-oldest');
  });

  it('the timing panel has all events, though few are kept', async () => {
    await workbench.command('Ringside: Syscall Timing');
    const panel = workbench.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
    await panel.locator('main').filter({ hasText: /42,\d\d\d calls/ }).first().waitFor({ timeout: 60_000 });
    await panel.locator('.grid-body .grid-row').filter({ hasText: 'execve(' }).first().waitFor();
    await workbench.screenshot('timing-flood');
  });
});
