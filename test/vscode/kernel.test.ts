// Inside the kernel in a real VS Code: from a C line into the handler and vfs_write, and back to the C line; the kernel's source opened by name.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { copyExample, describeInVSCode, inWorkbench, missingForDebugging } from './in_workbench';
import type { Workbench } from './workbench';

describeInVSCode('the kernel in a real VS Code', missingForDebugging('examples/hello_write'), function () {
  let workbench: Workbench;

  inWorkbench('hello_write.c', copyExample('hello_write'), opened => { ({ workbench } = opened); });

  it('opens the kernel at a function, and sets a breakpoint there', async () => {
    await workbench.startDebugging();
    await workbench.stoppedAt(/int fd = open\(/);
    await workbench.command('Ringside: Open Kernel Source');
    const input = workbench.page.locator('.quick-input-widget input[type="text"]');
    await input.fill('vfs_write');
    await workbench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'vfs_write' }).first().waitFor({ timeout: 20_000 });
    await workbench.screenshot('open-kernel-source');
    await workbench.page.keyboard.press('Enter');
    await workbench.page.locator('.tab.active').filter({ hasText: 'read_write.ts' }).first().waitFor({ timeout: 20_000 });
    await workbench.seesText(/export function vfs_write/);
    await workbench.page.keyboard.press('ArrowDown');
    await workbench.page.keyboard.press('F9');
    await workbench.page.locator('.codicon-debug-breakpoint, .codicon-debug-breakpoint-unverified').first().waitFor();
  });

  it('stops there, with one stack down to main and the variables of the kernel', async () => {
    await workbench.resume('F5');
    await workbench.stoppedAt(/if \(!\(file\.f_mode & FMODE_WRITE\)\)/);
    for (const name of [/^vfs_write/, /^__x64_sys_write/, /^do_syscall_64/, /^entry_SYSCALL_64/, /^ring 0 above, ring 3 below:/, /^entered by syscall 1 \(write\)/]) await workbench.seesRow(workbench.callStack(), name);
    await workbench.callStack().first().hover();
    await workbench.page.mouse.wheel(0, 400);
    await workbench.seesRow(workbench.callStack(), /^main/);
    await workbench.page.mouse.wheel(0, -400);
    await workbench.unfold('Scope Locals');
    await workbench.seesRow(workbench.variables(), /file\s*[:=].*test\.txt/);
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.screenshot('inside-vfs_write');
  });

  it('steps over, into and out by statements, back to the C line', async () => {
    // A statement a line.
    const source = readFileSync('src/kernel/fs/read_write.ts', 'utf8'), [, first = '', rest = ''] = /export function vfs_write\(.*\n(.*\n)((?:.*\n)*?.*write_iter\(.*)/.exec(source) ?? [];
    assert.match(first, /FMODE_WRITE/);
    for (const line of rest.split('\n')) {
      await workbench.resume('F10');
      await workbench.stoppedAt(new RegExp(line.trim().replace(/[^\w ]/g, '\\$&')));
    }
    await workbench.resume('F11');
    await workbench.seesRow(workbench.callStack(), /^generic_file_write_iter/);
    await workbench.screenshot('inside-write_iter');
    await workbench.resume('Shift+F11');
    await workbench.stoppedAt(/const done = file\.f_op\.write_iter/);
    await workbench.seesRow(workbench.variables(), /generic_file_write_iter\(\)\s*[:=]\s*14/);
    // The call's value is not used: behind it the next line begins.
    const isInMain = (): Promise<boolean> => workbench.stoppedAt(/close\(fd\);/, 1500).then(() => true, () => false);
    for (let i = 0; i < 12 && !await isInMain(); i++) await workbench.resume('Shift+F11');
    await workbench.stoppedAt(/close\(fd\);/);
    await workbench.screenshot('back-in-main');
    await workbench.resume('F5');
    await workbench.ended();
  });

  it('Step Into at write() leads into its wrapper\'s machine code, to the syscall instruction, into ring 0 and the kernel\'s own source', async () => {
    await workbench.openFile('hello_write.c');
    await workbench.startDebugging();
    await workbench.stoppedAt(/int fd = open\(/);
    await workbench.resume('F10');
    await workbench.resume('F10');
    await workbench.stoppedAt(/write\(fd/);
    await workbench.resume('F11');
    await workbench.stoppedAt(/0x[0-9a-f]+ +(cmp|endbr64)/);
    await workbench.seesRow(workbench.callStack(), /write.*\.asm/);
    await workbench.screenshot('step-into-wrapper');
    // A breakpoint on a line of the listing.
    await workbench.focusLine();
    await workbench.page.keyboard.press('ArrowDown');
    await workbench.page.keyboard.press('F9');
    await workbench.resume('F5');
    await workbench.seesText(/Paused on breakpoint/i);
    await workbench.stoppedAt(/0x[0-9a-f]+ /);
    await workbench.screenshot('breakpoint-in-listing');
    await workbench.resume('F11');
    await workbench.stoppedAt(/0x[0-9a-f]+ +syscall/);
    await workbench.resume('F11');
    await workbench.stoppedAt(/swapgs/);
    await workbench.screenshot('step-into-ring-0');
    const lines = readFileSync('src/machine/image/entry.S', 'utf8').split('\n');
    const calls = lines.findIndex(line => /call\tdo_syscall_64/.test(line)), first = lines.findIndex((line, i) => i < calls && i > calls - 30 && /\tswapgs/.test(line));
    // Each line of the entry code, then the stub that leaves it for the kernel.
    const steps = lines.slice(first, calls + 1).filter(line => /^\t[a-zA-Z]/.test(line)).length + 1;
    for (let i = 0; i < steps; i++) await workbench.resume('F11');
    await workbench.stoppedAt(/return enter_syscall\(regsPa, 0\)/);
    await workbench.screenshot('step-into-kernel');
  });
});
