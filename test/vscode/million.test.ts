// A run of more events than the timing panel holds, in a real VS Code: a person moves to the oldest ones, which are derived again, and goes to the instant of one.
import assert from 'node:assert/strict';
import type { FrameLocator, Locator } from 'playwright-core';
import { buildProgram, describeInVSCode, eachNeedsTheOneBefore, inWorkbench, lineWith, missingForBuilding } from './in_workbench';
import type { Workbench } from './workbench';

const missing = missingForBuilding('dist/webview.js');
const LAST_LINE = lineWith('million', 'the end');

describeInVSCode('a run of more than a million events, in a real VS Code', missing, function () {
  this.timeout(400_000);
  eachNeedsTheOneBefore();
  let workbench: Workbench;
  inWorkbench('million.c', buildProgram('million', { trace: { memoryMB: 16 } }), opened => { ({ workbench } = opened); });
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
    const button = olderBar().locator('vscode-button').filter({ hasText: 'Older events' }), repeating = olderBar().filter({ hasText: 'The run is repeated' });
    // Away while the run is repeated; afterwards it is there again, unless these were the first.
    for (let quiet = 0, deadline = Date.now() + 120_000; quiet < 5 && Date.now() < deadline;) {
      const isOffered = await button.isVisible();
      if (isOffered) await button.click({ timeout: 1000 }).catch(() => undefined);
      quiet = isOffered || await repeating.isVisible() ? 0 : quiet + 1;
      await workbench.page.waitForTimeout(100);
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
