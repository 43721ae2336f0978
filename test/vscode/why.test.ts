// A program that hangs, in a real VS Code: two threads that wait for each other's mutex. The stop, the console and the Call Stack's menu say why.
import { buildProgram, describeInVSCode, inWorkbench, missingForBuilding } from './in_workbench';
import type { Workbench } from './workbench';

const missing = missingForBuilding();
const build = buildProgram('waits', { name: 'two mutexes', args: ['mutexes'], stopOnEntry: undefined }, 'test/debugger/objects/waits.c');

describeInVSCode('a hanging program in a real VS Code', missing, function () {
  let workbench: Workbench;

  inWorkbench('waits.c', build, opened => { ({ workbench } = opened); });

  it('stops at the deadlock and names it; "Why Is It Hanging?" stands in the menu of a thread', async () => {
    const { page } = workbench;
    await workbench.startDebugging();
    await workbench.seesText(/Nothing can go on/);
    await workbench.seesText(/a deadlock: waits \(1001\) waits for waits \(1002\) waits for waits \(1001\)/);
    await workbench.stoppedAt(/pthread_mutex_lock\(&first\)/);
    await workbench.unfold('Scope Syscall');
    await workbench.seesRow(workbench.variables(), /call.*futex\(0x/);
    const thread = workbench.callStack().filter({ hasText: /waits \(1002\)/ }).first();
    await thread.waitFor({ timeout: 20_000 });
    await workbench.screenshot('deadlock');
    await thread.click({ button: 'right' });
    const item = page.locator('.monaco-menu .action-label, .context-view .action-label').filter({ hasText: 'Why Is It Hanging?' }).first();
    await item.waitFor({ timeout: 20_000 });
    await workbench.screenshot('why-menu');
    await item.click();
    await page.locator('.notification-toast').filter({ hasText: /waits \(1002\): it waits in futex/ }).first().waitFor({ timeout: 20_000 });
    await workbench.screenshot('why-deadlock');
  });
});
