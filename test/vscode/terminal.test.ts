// The program's terminal in a real VS Code: after going back it shows what it showed then, a screen that was drawn with the cursor included.
import assert from 'node:assert/strict';
import { buildProgram, describeInVSCode, inWorkbench, lineWith, missingForBuilding } from './in_workbench';
import type { Workbench } from './workbench';

const missing = missingForBuilding();
const DONE = lineWith('screen', '// done');

describeInVSCode('the terminal of a program in a real VS Code', missing, function () {
  let workbench: Workbench;
  inWorkbench('screen.c', buildProgram('screen'), opened => { ({ workbench } = opened); }, { 'terminal.integrated.gpuAcceleration': 'off', 'terminal.integrated.stickyScroll.enabled': false });
  const rows = async (): Promise<string[]> => (await workbench.page.locator('.terminal-wrapper.active .xterm-rows > div').allTextContents()).map(text => text.replace(/\u00a0/g, ' ').trimEnd()).filter(text => text !== '');
  const shows = async (wanted: string[]): Promise<void> => {
    let seen: string[] = [];
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await workbench.page.waitForTimeout(200)) {
      seen = await rows();
      if (JSON.stringify(seen) === JSON.stringify(wanted)) return;
    }
    assert.deepEqual(seen, wanted);
  };
  const stepBack = async (): Promise<void> => {
    const button = workbench.page.locator('.debug-toolbar .codicon-debug-step-back');
    await button.waitFor();
    await workbench.page.waitForTimeout(500);
    await button.click();
  };

  it('shows what the program has drawn', async () => {
    await workbench.startDebugging();
    await workbench.stoppedAt(/setvbuf|int main/);
    await workbench.focusEditor();
    await workbench.goToLine(DONE);
    await workbench.page.keyboard.press('F9');
    await workbench.page.locator('.codicon-debug-breakpoint').first().waitFor();
    await workbench.resume('F5');
    await workbench.stoppedAt(/done/);
    await workbench.command("Ringside: Show the Program's Terminal");
    await shows(['         again']);
    await workbench.screenshot('terminal-live');
  });

  it('after a step back it shows what it showed then, and before the screen was drawn the lines', async () => {
    await stepBack();
    await workbench.stoppedAt(/over it/);
    await shows(['         drawn']);
    await stepBack();
    await workbench.stoppedAt(/draw$/);
    await shows(['line 1', 'line 2', 'line 3']);
    await workbench.screenshot('terminal-past');
  });

  it('forwards again it is drawn once more, and nothing is printed twice', async () => {
    await workbench.focusEditor();
    await workbench.resume('F10');
    await workbench.stoppedAt(/over it/);
    await shows(['         drawn']);
    await workbench.resume('F5');
    await workbench.stoppedAt(/done/);
    await shows(['         again']);
    await workbench.command('Debug Console: Focus on Debug Console View');
    await workbench.seesText(/up to: line 3/);
    const said = (await workbench.page.locator('.repl .monaco-list-rows').first().innerText()).replace(/\u00a0/g, ' ');
    // The program's clearing of its screen clears no console.
    for (const line of ['line 1', 'line 3']) assert(said.includes(`${line}\n`), said);
    assert.equal(said.split('drawnagain').length - 1, 1, said);
    assert.match(said, /In the past: the program had printed 24 of 52 bytes, up to: line 3/);
    await workbench.screenshot('terminal-console');
  });
});
