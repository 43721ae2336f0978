// F5 on the example in a real VS Code: main, the system call on its C line, variables, call stack, steps, the end - with keys and mouse.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { copyExample, describeInVSCode, inWorkbench, missingForDebugging } from './in_workbench';
import type { Workbench } from './workbench';

describeInVSCode('F5 in a real VS Code', missingForDebugging('examples/hello_write'), function () {
  let workspace: string, workbench: Workbench;

  inWorkbench('hello_write.c', copyExample('hello_write'), opened => { ({ workspace, workbench } = opened); });

  it('F5 on hello_write.c without launch.json stops at main', async () => {
    await workbench.startDebugging();
    await workbench.stoppedAt(/int fd = open\(/);
    await workbench.seesRow(workbench.callStack(), /^main/);
    await workbench.screenshot('stopped-at-main');
  });

  it('a ticked syscall filter stops on the C line of the call, with the call decoded', async () => {
    await workbench.tickFilter(/^Syscall$/i);
    await workbench.resume('F5');
    await workbench.stoppedAt(/int fd = open\(/);
    await workbench.seesText(/openat\(AT_FDCWD, "test\.txt", O_WRONLY\|O_CREAT, 0644/);
    await workbench.resume('F5');
    await workbench.stoppedAt(/write\(fd, "Hello, World!\\n", 14\);/);
    await workbench.seesText(/write\(3, "Hello, World!\\n", 14/);
  });

  it('the call stack names main, and its Locals hold fd', async () => {
    const user = workbench.callStack().filter({ hasText: /^main/ }).first();
    await user.waitFor();
    await user.click();
    await workbench.unfold('Scope Locals');
    await workbench.seesRow(workbench.variables(), /\bfd\s*[:=]\s*3\b/);
    await workbench.unfold('Scope Syscall');
    await workbench.seesRow(workbench.variables(), /^count\b/);
    await workbench.screenshot('stopped-on-write');
    // Folded again: the view has room for few rows.
    await workbench.page.keyboard.press('ArrowLeft');
  });

  it('Variables show the registers, the ring and errno', async () => {
    await workbench.unfold('Scope Registers');
    // main is a caller here: only the registers that calls preserve are known in its frame.
    for (const name of [/^rbx\b/i, /^rsp\b/i]) await workbench.seesRow(workbench.variables(), name);
    for (const name of [/\bring\b|\bcpl\b/i, /\berrno\b/i]) await workbench.seesRow(workbench.variables(), name);
    await workbench.screenshot('registers');
  });

  it('a step ends on the next line, and continuing ends the program', async () => {
    await workbench.focusEditor();
    await workbench.resume('F10');
    await workbench.stoppedAt(/close\(fd\);/);
    await workbench.tickFilter(/^Syscall$/i, false);
    await workbench.resume('F5');
    await workbench.ended();
    assert.equal(existsSync(path.join(workspace, 'test.txt')), false, 'the program wrote into the workspace');
    await workbench.screenshot('ended');
  });

  it('what the program wrote stays in the sandbox and opens from there', async () => {
    const told = workbench.page.locator('.notification-list-item').filter({ hasText: '1 file written in the sandbox: test.txt' });
    await told.waitFor({ timeout: 20_000 });
    await told.getByRole('button', { name: 'Open', exact: true }).click();
    await workbench.page.locator('.tab.active').filter({ hasText: 'test.txt' }).first().waitFor();
    await workbench.seesText(/Hello, World!/);
    await workbench.screenshot('sandbox-file');
    assert.equal(existsSync(path.join(workspace, 'test.txt')), false, 'the program wrote into the workspace');
  });

  it('a breakpoint set in the gutter with F9 stops the next run there', async () => {
    await workbench.openFile('hello_write.c');
    await workbench.goToLine(11);
    await workbench.page.keyboard.press('F9');
    await workbench.page.locator('.codicon-debug-breakpoint').first().waitFor();
    await workbench.startDebugging();
    await workbench.stoppedAt(/int fd = open\(/);
    await workbench.resume('F5');
    await workbench.stoppedAt(/close\(fd\);/);
    await workbench.page.keyboard.press('Shift+F5');
    await workbench.ended();
  });
});
