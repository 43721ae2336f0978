// A run of more events than the timing panel holds, in a real VS Code: a person moves to the oldest ones, which are derived again, and goes to the instant of one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { describeInVSCode, inWorkbench, missingForDebugging } from './in_workbench';
import type { Workbench } from './workbench';

const missing = missingForDebugging('dist/webview.js') ?? (spawnSync('gcc', ['--version']).error && 'gcc is missing');
const LAST_LINE = readFileSync('test/vscode/million.c', 'utf8').split('\n').findIndex(text => text.includes('the end')) + 1;

function build(workspace: string): void {
  cpSync('test/vscode/million.c', path.join(workspace, 'million.c'));
  const done = spawnSync('gcc', ['-g', '-O0', '-o', 'million', 'million.c'], { cwd: workspace, encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  mkdirSync(path.join(workspace, '.vscode'));
  const configuration = { type: 'ringside', request: 'launch', name: 'million', program: '${workspaceFolder}/million', stopOnEntry: true, trace: { memoryMB: 16 } };
  writeFileSync(path.join(workspace, '.vscode', 'launch.json'), JSON.stringify({ version: '0.2.0', configurations: [configuration] }));
}

describeInVSCode('a run of more than a million events, in a real VS Code', missing, function () {
  this.timeout(400_000);
  this.bail(true);
  let workbench: Workbench;
  inWorkbench('million.c', build, opened => { ({ workbench } = opened); });
  const panel = (): FrameLocator => workbench.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  const rows = (): Locator => panel().locator('.grid-body .grid-row');
  const olderBar = (): Locator => panel().locator('.older');

  it('the panel holds the newest, and says which it does not hold', async () => {
    await workbench.startDebugging();
    await workbench.stoppedAt(/int main|int early = open/);
    await workbench.focusEditor();
    await workbench.goToLine(LAST_LINE);
    await workbench.page.keyboard.press('F9');
    await workbench.page.locator('.codicon-debug-breakpoint').first().waitFor();
    await workbench.resume('F5');
    await workbench.stoppedAt(/close\(early\)/, 200_000);
    await workbench.command('Ringside: Syscall Timing');
    await panel().locator('main').filter({ hasText: /1,048,576 calls/ }).first().waitFor({ timeout: 120_000 });
    await olderBar().filter({ hasText: /\d/ }).waitFor();
    assert.equal(await rows().filter({ hasText: '/early' }).count(), 0);
    await workbench.screenshot('timing-million');
  });

  it('"Older events" leads to the first ones, which the run is repeated for', async () => {
    const button = olderBar().locator('vscode-button').filter({ hasText: 'Older events' });
    for (let i = 0; i < 20 && await button.isVisible(); i++) {
      await button.click();
      // Away while the run is repeated; afterwards it is there again, unless these were the first.
      await olderBar().filter({ hasNotText: 'The run is repeated' }).waitFor({ timeout: 60_000 });
    }
    await panel().locator('vscode-textfield input').fill('early');
    await rows().filter({ hasText: 'openat(AT_FDCWD, "/early"' }).first().waitFor({ timeout: 60_000 });
    await workbench.screenshot('timing-million-oldest');
  });

  it('"Go there" on a call whose event is not kept any more leads to its instant', async () => {
    await rows().filter({ hasText: '/early' }).first().click();
    await panel().locator('.details .call-text').filter({ hasText: '/early' }).waitFor();
    await panel().locator('.details vscode-button').filter({ hasText: 'Go there' }).first().click();
    await workbench.stoppedAt(/int early = open\(/, 60_000);
    await workbench.seesText(/in the past/);
    await workbench.screenshot('timing-million-gone-there');
  });
});
