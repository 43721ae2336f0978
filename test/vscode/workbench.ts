// A real VS Code with the extension installed, driven as a person would: keys, mouse, and what is on the screen. Served and opened in
// Chromium, or the desktop's when DESKTOP_VSCODE names its executable (scripts/test_desktop.mjs).
// Screenshots go to artifacts/vscode/ (git-ignored).
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Locator, type Page, _electron, chromium } from 'playwright-core';

interface Served { url: string; port: number; extensions: string; output(): string; stop(): Promise<void> }
interface ServerModule {
  startServer(options: { home: string; args?: string[]; userSettings?: Record<string, unknown> }): Promise<Served>;
  installExtension(extensions: string): string;
  settings(extra?: Record<string, unknown>): Record<string, unknown>;
}

const artifacts = path.resolve('artifacts', 'vscode');
const patience = 20_000;

/** Where Chromium is, or undefined: the reason for which these tests are skipped. */
export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const places = (process.env['PATH'] ?? '').split(path.delimiter).flatMap(folder => names.map(name => path.join(folder, name)));
  return [process.env['CHROMIUM'], ...places].find((file): file is string => !!file && existsSync(file));
}

/** Why these tests cannot run here, or undefined. */
export function missingVSCode(): string | undefined {
  return process.env['DESKTOP_VSCODE'] || findChromium() ? undefined : 'Chromium is absent';
}

export class Workbench {
  private constructor(readonly page: Page, private readonly home: string, private readonly stop: () => Promise<void>) {}

  /** Opens `folder` (and a file in it) in a VS Code of its own, with no state from earlier runs. */
  static async open(folder: string, file?: string, userSettings: Record<string, unknown> = {}): Promise<Workbench> {
    const home = mkdtempSync(path.join(tmpdir(), 'ringside-vscode-'));
    // Not bundled: the module finds the repository's root from its own place.
    const server = await import(pathToFileURL(path.resolve('scripts/vscode_server.mjs')).href) as ServerModule;
    server.installExtension(path.join(home, 'extensions'));
    const desktop = process.env['DESKTOP_VSCODE'];
    const workbench = desktop ? await this.openDesktop(desktop, server, home, folder, file, userSettings) : await this.openServed(server, home, folder, file, userSettings);
    await workbench.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
    if (file) await workbench.page.locator('[id="status.editor.mode"]').waitFor({ timeout: 60_000 });
    return workbench;
  }

  private static async openServed(server: ServerModule, home: string, folder: string, file: string | undefined, userSettings: Record<string, unknown>): Promise<Workbench> {
    const executablePath = findChromium();
    if (!executablePath) throw new Error('Chromium is absent');
    const served = await server.startServer({ home, userSettings });
    try {
      const browser = await chromium.launch({
        executablePath,
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
      });
      const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
      const query = new URLSearchParams({ folder });
      if (file) query.set('payload', JSON.stringify([['openFile', `vscode-remote://127.0.0.1:${served.port}${path.join(folder, file)}`]]));
      await page.goto(`${served.url}?${query}`);
      return new Workbench(page, home, async () => { await browser.close(); await served.stop(); });
    } catch (error) {
      await served.stop();
      throw error;
    }
  }

  private static async openDesktop(executablePath: string, server: ServerModule, home: string, folder: string, file: string | undefined, userSettings: Record<string, unknown>): Promise<Workbench> {
    mkdirSync(path.join(home, 'user', 'User'), { recursive: true });
    writeFileSync(path.join(home, 'user', 'User', 'settings.json'), JSON.stringify(server.settings({ 'window.dialogStyle': 'custom', ...userSettings })));
    const app = await _electron.launch({
      executablePath,
      args: [folder, ...(file ? [path.join(folder, file)] : []), '--user-data-dir', path.join(home, 'user'), '--extensions-dir', path.join(home, 'extensions'),
        '--disable-workspace-trust', '--skip-welcome', '--skip-release-notes', '--disable-updates', '--disable-telemetry', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
    });
    return new Workbench(await app.firstWindow(), home, () => app.close());
  }

  /**
   * Presses F5 until VS Code reacts with a session or a question. While the workbench is still collecting its extensions
   * it knows no debugger, and F5 only opens the Run and Debug view; a person presses it again.
   */
  async startDebugging(): Promise<void> {
    const reaction = this.page.locator('.debug-toolbar, .monaco-dialog-box, .quick-input-widget:visible').first();
    for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
      await this.focusEditor();
      await this.page.keyboard.press('F5');
      if (await reaction.waitFor({ timeout: 5000 }).then(() => true, () => false)) return;
    }
    throw new Error('F5 had no effect in 60 s');
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.home, { recursive: true, force: true, maxRetries: 3 });
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(artifacts, { recursive: true });
    await this.page.screenshot({ path: path.join(artifacts, `${name}.png`) });
  }

  /** Opens the quick input by a key and types; a frame that is loading may swallow the key, or take the focus, which closes the input. */
  private async quickInput(key: string, text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input[type="text"]');
    for (let tries = 1; ; tries++) {
      await this.page.keyboard.press(key);
      try {
        await input.waitFor({ timeout: 5000 });
        await input.fill(text, { timeout: 5000 });
        return;
      } catch (error) {
        if (tries === 4) throw error;
      }
    }
  }

  /** Runs a command by its palette title. */
  async command(title: string): Promise<void> {
    await this.quickInput('F1', `>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first().waitFor({ timeout: patience });
    await this.page.keyboard.press('Enter');
  }

  /** Opens a file of the workspace by name. */
  async openFile(name: string): Promise<void> {
    await this.quickInput('Control+P', name);
    await this.page.locator('.quick-input-list .monaco-list-row').filter({ has: this.page.getByText(name, { exact: true }) }).first().click({ timeout: patience });
    await this.page.locator('.tab.active').filter({ hasText: name }).first().waitFor({ timeout: patience });
  }

  /** Puts the cursor on a line of the active editor. */
  async goToLine(line: number): Promise<void> {
    await this.quickInput('Control+G', `:${line}`);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** The scopes' and variables' rows of the Variables view, as text. */
  variables(): Locator { return this.page.locator('.debug-variables .monaco-list-row'); }

  /** Unfolds a scope or variable whose label begins so. */
  async unfold(label: string): Promise<void> {
    const row = this.page.locator(`.debug-variables .monaco-list-row[aria-label^="${label}"]`).first();
    await row.waitFor({ timeout: patience });
    if (await row.getAttribute('aria-expanded') === 'true') return;
    await row.locator('.monaco-tl-twistie').click();
    await this.page.locator(`.debug-variables .monaco-list-row[aria-label^="${label}"][aria-expanded="true"]`).first().waitFor({ timeout: patience });
  }

  callStack(): Locator { return this.page.locator('.debug-call-stack .monaco-list-row'); }

  breakpoints(): Locator { return this.page.locator('.debug-breakpoints .monaco-list-row'); }

  /** Presses a key that makes a stopped program go on, once VS Code has taken notice of the stop. */
  async resume(key: 'F5' | 'F10' | 'F11' | 'Shift+F11'): Promise<void> {
    await this.page.locator('.debug-toolbar .codicon-debug-continue').waitFor({ timeout: patience });
    await this.page.waitForTimeout(500); // the toolbar, the call stack and the key bindings learn of a stop one after another
    await this.page.keyboard.press(key);
  }

  /** Gives the keyboard to the active editor. */
  async focusEditor(): Promise<void> {
    const editor = this.page.locator('.editor-instance .monaco-editor').first();
    try {
      await editor.locator('.view-lines').click({ position: { x: 300, y: 5 }, timeout: 10_000 });
    } catch {
      // What is clicked is scrolled into view first, and with it, now and then, the text out of its editor.
      const box = await editor.boundingBox();
      if (!box) throw new Error('there is no editor');
      await this.page.mouse.click(box.x + 300, box.y + box.height / 2);
      await this.page.keyboard.press('Control+Home');
    }
  }

  /** Puts the cursor on the line at which the program has stopped. */
  async focusLine(): Promise<void> {
    await this.page.locator('.editor-instance .view-overlays .debug-top-stack-frame-line').first().click({ force: true });
  }

  /** Waits for a row whose text matches. */
  async seesRow(rows: Locator, text: RegExp): Promise<void> {
    await rows.filter({ hasText: text }).first().waitFor({ timeout: patience });
  }

  /** Waits until the text stands anywhere in the workbench (VS Code writes no-break spaces). */
  async seesText(text: RegExp): Promise<void> {
    await this.page.waitForFunction(source => new RegExp(source).test(document.body.innerText.replace(/\u00a0/g, ' ')), text.source, { timeout: patience });
  }

  /** Ticks (or clears) an exception filter in the Breakpoints view, with the mouse. */
  async tickFilter(label: RegExp, on = true): Promise<void> {
    const row = this.breakpoints().filter({ has: this.page.locator('.name, .label, span').filter({ hasText: label }) }).first();
    await row.waitFor({ timeout: patience });
    await row.locator('input[type="checkbox"]').setChecked(on);
  }

  /** Waits until the program has stopped on a line of the editor that matches. */
  async stoppedAt(code: RegExp, timeout = patience): Promise<void> {
    await this.page.locator('.debug-toolbar').waitFor({ timeout });
    // A stop inside a line puts an icon's private-use character before its column.
    await this.page.waitForFunction(source => {
      const mark = document.querySelector('.editor-instance .debug-top-stack-frame-line');
      if (!mark) return false;
      const top = mark.getBoundingClientRect().top;
      const line = [...document.querySelectorAll('.editor-instance .view-line')].find(l => Math.abs(l.getBoundingClientRect().top - top) < 4);
      return !!line && new RegExp(source).test((line.textContent ?? '').replace(/\u00a0/g, ' ').replace(/[\ue000-\uf8ff]/g, ''));
    }, code.source, { timeout });
  }

  /** Rests the mouse on `word` in the line of the editor that matches, until the debugger's hover says `text`. */
  async hover(word: string, line: RegExp, text: RegExp): Promise<Locator> {
    const { page } = this, widget = page.locator('.debug-hover-widget:visible');
    for (let i = 0; i < 8; i++) {
      const place = await page.evaluate(([name, code]) => {
        for (const row of document.querySelectorAll('.editor-instance .view-line')) {
          const content = (row.textContent ?? '').replace(/\u00a0/g, ' ');
          if (!new RegExp(code ?? '').test(content)) continue;
          const from = new RegExp(`\\b${name}\\b`).exec(content)?.index;
          if (from === undefined) continue;
          const range = document.createRange(), walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
          let passed = 0;
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const length = node.textContent?.length ?? 0;
            if (from < passed + length) {
              range.setStart(node, from - passed);
              range.setEnd(node, Math.min(length, from - passed + (name ?? '').length));
              const { x, y, width, height } = range.getBoundingClientRect();
              return { x: x + width / 2, y: y + height / 2 };
            }
            passed += length;
          }
        }
        return undefined;
      }, [word, line.source]);
      if (!place) throw new Error(`no '${word}' on the screen`);
      await page.mouse.move(place.x, place.y + 60);
      await page.mouse.move(place.x, place.y, { steps: 6 });
      if (await widget.filter({ hasText: text }).waitFor({ timeout: 3000 }).then(() => true, () => false)) return widget;
    }
    throw new Error(`the hover over '${word}' does not say ${text.source}: ${await widget.first().innerText().catch(() => 'there is none')}`);
  }

  /** Waits until no session runs. */
  async ended(): Promise<void> {
    await this.page.locator('.debug-toolbar').waitFor({ state: 'hidden', timeout: patience });
  }
}
