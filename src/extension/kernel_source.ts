// The simulated kernel's source as read-only documents (ringside-kernel:/fs/read_write.ts), and "Open Kernel Source" to find one by file or function.
// Breakpoints set there reach the adapter by the document's name. The texts come from the table that the build puts beside the bundles.
import * as vscode from 'vscode';

export const KERNEL_SCHEME = 'ringside-kernel';

interface KernelTable {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly functions: readonly { readonly name: string; readonly file: number; readonly line: number }[];
}

interface Place extends vscode.QuickPickItem { path: string; line: number }

export class KernelSources implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private table: Promise<KernelTable> | undefined;
  private readonly disposables: vscode.Disposable[];

  constructor(private readonly extensionUri: vscode.Uri) {
    this.disposables = [
      vscode.workspace.registerTextDocumentContentProvider(KERNEL_SCHEME, this),
      vscode.commands.registerCommand('ringside.openKernelSource', () => this.choose()),
      vscode.workspace.onDidOpenTextDocument(document => this.markAssembly(document)),
    ];
  }

  dispose(): void { for (const disposable of this.disposables) disposable.dispose(); }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const { files } = await this.load();
    return files.find(({ path }) => `/${path}` === uri.path)?.text ?? `The simulated kernel has no file ${uri.path}.\n`;
  }

  /** The editor itself may know no language of the entry code's files, and would take no breakpoints there. */
  private markAssembly(document: vscode.TextDocument): void {
    if (document.uri.scheme === KERNEL_SCHEME && /\.(S|inc)$/.test(document.uri.path) && document.languageId === 'plaintext') void vscode.languages.setTextDocumentLanguage(document, 'ringside-asm');
  }

  private async choose(): Promise<void> {
    const { files, functions } = await this.load();
    const separator = (label: string): vscode.QuickPickItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
    const named = functions.filter(({ name }) => !name.includes('/')).map(({ name, file, line }) => ({ name, line, path: files[file]?.path ?? '' }));
    const items: (Place | vscode.QuickPickItem)[] = [
      separator('functions'), ...named.sort((a, b) => a.name < b.name ? -1 : 1).map(({ name, path, line }) => ({ label: `$(symbol-function) ${name}`, description: `${path}:${line}`, path, line })),
      separator('files'), ...[...files].sort((a, b) => a.path < b.path ? -1 : 1).map(({ path }) => ({ label: `$(file-code) ${path}`, path, line: 1 })),
    ];
    const chosen = await vscode.window.showQuickPick(items, { title: 'Open Kernel Source', placeHolder: 'A function or file of the simulated Linux kernel: vfs_write, fs/pipe.ts', matchOnDescription: true });
    if (!chosen || !('path' in chosen)) return;
    const at = new vscode.Position(chosen.line - 1, 0);
    await vscode.window.showTextDocument(vscode.Uri.from({ scheme: KERNEL_SCHEME, path: `/${chosen.path}` }), { preview: true, selection: new vscode.Range(at, at) });
  }

  private load(): Promise<KernelTable> {
    return this.table ??= Promise.resolve(vscode.workspace.fs.readFile(vscode.Uri.joinPath(this.extensionUri, 'dist', 'kernel_probes.json'))).then(bytes => JSON.parse(Buffer.from(bytes).toString('utf8')) as KernelTable);
  }
}
