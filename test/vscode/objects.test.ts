// The kernel's objects in a real VS Code: scopes, the Kernel view, a hover over a descriptor, a task that does not wait.
import { copyExample, describeInVSCode, inWorkbench, missingForDebugging } from './in_workbench';
import type { Workbench } from './workbench';

describeInVSCode('kernel objects in a real VS Code', missingForDebugging('examples/hello_write'), function () {
  let workbench: Workbench;

  inWorkbench('hello_write.c', copyExample('hello_write'), opened => { ({ workbench } = opened); });

  const kernelView = () => workbench.page.locator('.pane:has(.pane-header[aria-label^="Kernel"])');
  const kernelRows = () => kernelView().locator('.monaco-list-row');

  it('a call\'s scopes: Syscall, CPU state, Kernel', async () => {
    await workbench.startDebugging();
    await workbench.stoppedAt(/int fd = open\(/);
    await workbench.tickFilter(/^Syscall$/);
    await workbench.resume('F5');
    await workbench.seesText(/Paused on syscall entry: openat/);
    await workbench.stoppedAt(/int fd = open\(/);
    await workbench.screenshot('syscall-entry');
    await workbench.unfold('Scope Syscall');
    await workbench.seesRow(workbench.variables(), /number.*257 on x86-64; 295 on i386/);
    await workbench.screenshot('scope-syscall');
    await workbench.tickFilter(/^Syscall$/, false);
    await workbench.tickFilter(/^Syscall return$/);
    await workbench.resume('F5');
    await workbench.tickFilter(/^Syscall return$/, false);
    await workbench.seesText(/Paused on syscall return: openat/);
    await workbench.unfold('Scope Syscall');
    await workbench.seesRow(workbench.variables(), /result.*3/);
    await workbench.screenshot('scope-syscall-return');
    await workbench.resume('F10');
    await workbench.stoppedAt(/if .*fd < 0/);
    await workbench.resume('F10');
    await workbench.stoppedAt(/write\(fd/);
    await workbench.unfold('Scope Kernel');
    await workbench.seesRow(workbench.variables(), /files.*4 open descriptors/);
    await workbench.screenshot('scope-kernel');
    await workbench.unfold('Scope CPU state');
    await workbench.seesRow(workbench.variables(), /CPL.*3 \(user mode\)/);
    await workbench.screenshot('scope-cpu-state');
  });

  it('a hover over a descriptor shows the open file', async () => {
    const { page } = workbench;
    const hover = await workbench.hover('fd', /write\(fd/, /3 → ".*test\.txt" O_WRONLY/);
    await hover.locator('.monaco-list-row').filter({ hasText: /inode/ }).first().waitFor({ timeout: 20_000 });
    await workbench.screenshot('hover-fd');
    await page.keyboard.press('Escape');
  });

  it('the Kernel view unfolds tasks, files and memory, and says what has changed at the next stop', async () => {
    const { page } = workbench;
    await kernelView().locator('.pane-header').click();
    await workbench.seesRow(kernelRows(), /files.*4 open descriptors/);
    await kernelRows().filter({ hasText: /^files/ }).first().click();
    await workbench.seesRow(kernelRows(), /3.*test\.txt" O_WRONLY.*position 0/);
    await workbench.screenshot('kernel-view');
    await workbench.resume('F10');
    await workbench.seesRow(kernelRows(), /3.*test\.txt" O_WRONLY.*position 14/);
    await kernelRows().filter({ hasText: /position 14/ }).locator('.codicon-circle-filled').first().waitFor();
    await workbench.screenshot('kernel-view-changed');
    await workbench.command('Ringside: Why Is It Hanging?');
    await page.locator('.notification-toast').filter({ hasText: /it does not wait/ }).first().waitFor({ timeout: 20_000 });
    await workbench.screenshot('why');
    await workbench.resume('F5');
    await workbench.ended();
  });
});
