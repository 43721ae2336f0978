// Hovers over a program's source in a real VS Code: what the kernel knows of a descriptor, a pointer, a pid, a set of signals, a socket address; and over the kernel's own source.
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { describeInVSCode, inWorkbench, missingForDebugging } from './in_workbench';
import type { Workbench } from './workbench';

const missing = missingForDebugging() ?? (spawnSync('gcc', ['--version']).error && 'gcc is missing');

function build(workspace: string): void {
  cpSync('test/vscode/hovers.c', path.join(workspace, 'hovers.c'));
  const done = spawnSync('gcc', ['-g', '-O0', '-o', 'hovers', 'hovers.c'], { cwd: workspace, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
}

describeInVSCode('hovers in a real VS Code', missing, function () {
  let workbench: Workbench;

  inWorkbench('hovers.c', build, opened => { ({ workbench } = opened); });

  const HERE = /printf\("%d %s/;
  const rows: [what: string, word: string, headline: RegExp, below: RegExp[]][] = [
    ['a descriptor', 'fd', /3 → "\/tmp\/notes\.txt" O_RDWR.*position 6/, [/file/, /dentry/, /inode/, /references/]],
    ['a pointer to the heap', 'heap', /"on the heap".*\[heap\]/, [/vm_area_struct/, /page/]],
    ['a pointer to constants', 'text', /"read-only text".*in r--p/, [/vm_area_struct/, /page/]],
    ['a pointer to a global', 'global', /"a table".*hovers/, [/symbol.*table/]],
    ['a pid', 'child', /1002.*hovers/, [/task 1002/]],
    ['a set of signals', 'blocked', /^\[INT USR1\]/, [/signals/, /blocked by this task now/]],
    ['a socket address', 'address', /^\{sa_family=AF_INET, sin_port=htons\(8080\), sin_addr=inet_addr\("192\.0\.2\.7"\)/, [/address/]],
  ];

  it('the program stops where everything is set', async () => {
    await workbench.startDebugging();
    await workbench.stoppedAt(/int fd = open/);
    await workbench.goToLine(33);
    await workbench.page.keyboard.press('F9');
    await workbench.page.locator('.codicon-debug-breakpoint, .codicon-debug-breakpoint-unverified').first().waitFor();
    await workbench.resume('F5');
    await workbench.stoppedAt(HERE);
  });

  for (const [what, word, headline, below] of rows) {
    it(`over ${what}`, async () => {
      const hover = await workbench.hover(word, HERE, headline);
      for (const text of below) await hover.locator('.monaco-list-row').filter({ hasText: text }).first().waitFor({ timeout: 20_000 });
      await workbench.screenshot(`hover-${word}`);
      await workbench.page.keyboard.press('Escape');
    });
  }

  it('over a variable and a field of the kernel\'s source', async () => {
    await workbench.command('Ringside: Open Kernel Source');
    const input = workbench.page.locator('.quick-input-widget input[type="text"]');
    await input.fill('vfs_write');
    await workbench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'vfs_write' }).first().waitFor({ timeout: 20_000 });
    await workbench.page.keyboard.press('Enter');
    await workbench.seesText(/export function vfs_write/);
    await workbench.page.keyboard.press('ArrowDown');
    await workbench.page.keyboard.press('F9');
    await workbench.resume('F5');
    await workbench.stoppedAt(/FMODE_WRITE/);
    const hover = await workbench.hover('file', /f_mode & FMODE_WRITE/, /"pipe:|"\/dev|console|tty/);
    await hover.locator('.monaco-list-row').filter({ hasText: /f_inode/ }).first().waitFor({ timeout: 20_000 });
    await hover.locator('.monaco-list-row').filter({ hasText: /f_flags.*O_RDWR/ }).first().waitFor({ timeout: 20_000 });
    await workbench.screenshot('hover-kernel-file');
    await workbench.page.keyboard.press('Escape');
    await workbench.hover('f_mode', /f_mode & FMODE_WRITE/, /FMODE_WRITE/);
    await workbench.screenshot('hover-kernel-field');
  });
});
