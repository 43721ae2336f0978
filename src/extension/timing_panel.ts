// The panel "Ringside: Syscall Timing": a webview that shows the store's events, comes back when the window reloads, and whose wishes - open a line, go to an instant, save - are done here.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import type { FromPanel, ToPanel } from '../charts/panel_messages';
import { TimingStore } from './timing_store';

const TYPE = 'ringside.timing';

export class TimingPanel implements vscode.Disposable, vscode.WebviewPanelSerializer {
  private panel: vscode.WebviewPanel | undefined;
  private readonly store: TimingStore;
  private readonly disposables: vscode.Disposable[];

  /** `storage`: a folder of this workspace's own. */
  constructor(private readonly extensionUri: vscode.Uri, storage: vscode.Uri | undefined) {
    this.store = new TimingStore(storage?.fsPath);
    this.disposables = [this.store, vscode.window.registerWebviewPanelSerializer(TYPE, this)];
  }

  /** The panel itself stays: a window that reloads brings it back. */
  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  /** Opens the panel beside the code, or brings it to the front. */
  show(): void {
    if (this.panel) return this.panel.reveal(undefined, true);
    const [code] = vscode.window.visibleTextEditors.filter(editor => editor.viewColumn !== undefined);
    const column = !code ? vscode.ViewColumn.Active : code.viewColumn === vscode.ViewColumn.One ? vscode.ViewColumn.Two : vscode.ViewColumn.One;
    this.use(vscode.window.createWebviewPanel(TYPE, 'Syscall Timing', { viewColumn: column, preserveFocus: true }, this.options));
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    panel.webview.options = this.options;
    this.use(panel);
  }

  private get options(): vscode.WebviewOptions { return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(this.extensionUri, 'dist'), vscode.Uri.joinPath(this.extensionUri, 'media')] }; }

  private use(panel: vscode.WebviewPanel): void {
    this.panel = panel;
    panel.iconPath = { light: vscode.Uri.joinPath(this.extensionUri, 'media', 'timing-light.svg'), dark: vscode.Uri.joinPath(this.extensionUri, 'media', 'timing-dark.svg') };
    panel.webview.html = this.html(panel.webview);
    panel.webview.onDidReceiveMessage((message: FromPanel) => { void this.answer(message); });
    // A hidden panel is unloaded: it says "ready" when it comes back.
    panel.onDidChangeViewState(() => { if (!panel.visible) this.store.listen(undefined); });
    panel.onDidDispose(() => {
      if (this.panel !== panel) return;
      this.panel = undefined;
      this.store.listen(undefined);
    });
  }

  private tell(message: ToPanel): void { void this.panel?.webview.postMessage(message); }

  private async answer(message: FromPanel): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.store.listen({
          began: () => this.tell({ type: 'begin', run: this.store.run, facts: this.store.facts }), events: batch => this.tell({ type: 'events', batch }), facts: () => this.tell({ type: 'facts', facts: this.store.facts }),
        });
        break;
      case 'older': {
        const batch = await this.store.older(message.before);
        this.tell({ type: 'older', ...(batch ? { batch } : {}) });
        break;
      }
      case 'open': await this.open(message.file, message.line); break;
      case 'save': await save(message.name, message.text); break;
      case 'debug': await vscode.commands.executeCommand('ringside.debugFile'); break;
      case 'go': await vscode.commands.executeCommand('ringside.goToPosition', `${message.instructions}.${message.entry}`); break;
    }
  }

  private async open(file: string, line: number): Promise<void> {
    const position = new vscode.Position(Math.max(0, line - 1), 0);
    const beside = vscode.window.visibleTextEditors.find(editor => editor.document.uri.scheme === 'file');
    const column = beside?.viewColumn ?? (this.panel?.viewColumn === vscode.ViewColumn.One ? vscode.ViewColumn.Two : vscode.ViewColumn.One);
    try {
      await vscode.window.showTextDocument(vscode.Uri.file(file), { viewColumn: column, selection: new vscode.Range(position, position) });
    } catch (error) {
      void vscode.window.showErrorMessage(`${file} cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private html(webview: vscode.Webview): string {
    const nonce = randomBytes(16).toString('base64');
    const uri = (...names: string[]): string => webview.asWebviewUri(vscode.Uri.joinPath(this.extensionUri, ...names)).toString();
    return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Syscall Timing</title>
<link rel="stylesheet" href="${uri('media', 'timing.css')}">
</head>
<body>
<script nonce="${nonce}" src="${uri('dist', 'webview.js')}"></script>
</body>
</html>`;
  }
}

async function save(name: string, text: string): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const extension = path.extname(name).slice(1);
  const target = await vscode.window.showSaveDialog({ defaultUri: folder && vscode.Uri.joinPath(folder, name), filters: { [extension.toUpperCase()]: [extension] }, title: `Save ${name}` });
  if (!target) return;
  await vscode.workspace.fs.writeFile(target, Buffer.from(text, 'utf8'));
  const open = await vscode.window.showInformationMessage(`Saved ${path.basename(target.fsPath)}.`, 'Open');
  if (open) await vscode.commands.executeCommand('vscode.open', target);
}
