// The program's terminal in a real VS Code: after going back it shows what it showed then, a screen that was drawn with the cursor included.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeInVSCode, inWorkbench, missingForDebugging } from './in_workbench';
import type { Workbench } from './workbench';

const missing = missingForDebugging() ?? (spawnSync('gcc', ['--version']).error && 'gcc is missing');
const DONE = readFileSync('test/vscode/screen.c', 'utf8').split('\n').findIndex(text => text.includes('// done')) + 1;

function build(workspace: string): void {
  cpSync('test/vscode/screen.c', path.join(workspace, 'screen.c'));
  const made = spawnSync('gcc', ['-g', '-O0', '-o', 'screen', 'screen.c'], { cwd: workspace, encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  mkdirSync(path.join(workspace, '.vscode'));
  writeFileSync(path.join(workspace, '.vscode', 'launch.json'), JSON.stringify({ version: '0.2.0', configurations: [{ type: 'ringside', request: 'launch', name: 'screen', program: '${workspaceFolder}/screen', stopOnEntry: true }] }));
}

describeInVSCode('the terminal of a program in a real VS Code', missing, function () {
  let workbench: Workbench;
  inWorkbench('screen.c', build, opened => { ({ workbench } = opened); }, { 'terminal.integrated.gpuAcceleration': 'off', 'terminal.integrated.stickyScroll.enabled': false });
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
