// Files that a program wrote in the sandbox: told when it ends, opened read-only from memory, saved only when the person asks.
// Nothing here writes to the workspace by itself.
import path from 'node:path';
import * as vscode from 'vscode';
import type { FileWritten, RingsideEvent, RingsideRequest } from '../adapter/messages';
import { placeInWorkspace, sandboxSentence } from './sandbox_names';

const scheme = 'ringside-sandbox';
/** Contents above this are fetched only when asked for, while the session lives. */
const eagerBytes = 64 << 20;

type FilesWritten = Extract<RingsideEvent, { event: 'ringside/filesWritten' }>['body'];
type ReadFile = Extract<RingsideRequest, { command: 'ringside/readFile' }>;

export class SandboxFiles implements vscode.FileSystemProvider, vscode.Disposable {
  /** By URI path: /SESSION/absolute guest path. */
  private readonly contents = new Map<string, { bytes: Uint8Array; at: number }>();
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  private readonly disposables: vscode.Disposable[];
  readonly onDidChangeFile = this.changed.event;

  constructor() {
    this.disposables = [
      this.changed,
      vscode.workspace.registerFileSystemProvider(scheme, this, { isReadonly: true, isCaseSensitive: true }),
      vscode.debug.onDidReceiveDebugSessionCustomEvent(event => {
        if (event.session.type === 'ringside' && event.event === 'ringside/filesWritten') void this.tell(event.session, event.body as FilesWritten);
      }),
    ];
  }

  dispose(): void { for (const disposable of this.disposables) disposable.dispose(); }

  private async tell(session: vscode.DebugSession, { files }: FilesWritten): Promise<void> {
    const cwd = String(session.configuration['cwd'] ?? path.dirname(String(session.configuration['program'] ?? '/')));
    await Promise.allSettled(files.map(file => this.keep(session, file))); // those that did not come are counted below
    const open = 'Open', save = 'Save to Workspace';
    const folder = session.workspaceFolder ?? vscode.workspace.workspaceFolders?.[0];
    const answer = await vscode.window.showInformationMessage(sandboxSentence(files.map(f => f.path), cwd), open, ...(folder ? [save] : []));
    const kept = files.filter(file => this.contents.has(this.uriOf(session, file).path));
    if (answer === open) for (const file of kept) await vscode.commands.executeCommand('vscode.open', this.uriOf(session, file), { preview: false });
    if (answer === save && folder) await this.save(session, kept, folder, cwd);
    if (answer && kept.length < files.length) void vscode.window.showWarningMessage(`${files.length - kept.length} of the files were too large to keep after the program ended. "ringside run --save DIR" saves them.`);
  }

  private async keep(session: vscode.DebugSession, file: FileWritten): Promise<void> {
    if (file.data === undefined && file.size > eagerBytes) return;
    const data = file.data ?? (await session.customRequest('ringside/readFile', { path: file.path } satisfies ReadFile['arguments']) as ReadFile['body']).data;
    this.contents.set(this.uriOf(session, file).path, { bytes: Buffer.from(data, 'base64'), at: Date.now() });
  }

  private async save(session: vscode.DebugSession, files: readonly FileWritten[], folder: vscode.WorkspaceFolder, cwd: string): Promise<void> {
    const targets = files.map(file => ({ file, uri: vscode.Uri.joinPath(folder.uri, ...placeInWorkspace(file.path, cwd, folder.uri.path)) }));
    const present: string[] = [];
    for (const { uri } of targets) if (await exists(uri)) present.push(vscode.workspace.asRelativePath(uri));
    if (present.length) {
      const replace = 'Replace';
      if (await vscode.window.showWarningMessage(`Replace ${present.join(', ')}?`, { modal: true }, replace) !== replace) return;
    }
    for (const { file, uri } of targets) await vscode.workspace.fs.writeFile(uri, this.readFile(this.uriOf(session, file)));
    if (targets[0]) await vscode.commands.executeCommand('vscode.open', targets[0].uri);
  }

  private uriOf(session: vscode.DebugSession, file: FileWritten): vscode.Uri {
    return vscode.Uri.from({ scheme, path: `/${session.id}${path.posix.normalize(`/${file.path}`)}` });
  }

  readFile(uri: vscode.Uri): Uint8Array {
    const entry = this.contents.get(uri.path);
    if (!entry) throw vscode.FileSystemError.FileNotFound(uri);
    return entry.bytes;
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const entry = this.contents.get(uri.path);
    if (!entry) throw vscode.FileSystemError.FileNotFound(uri);
    return { type: vscode.FileType.File, ctime: entry.at, mtime: entry.at, size: entry.bytes.length, permissions: vscode.FilePermission.Readonly };
  }

  watch(): vscode.Disposable { return new vscode.Disposable(() => undefined); } // the contents never change
  readDirectory(uri: vscode.Uri): never { throw vscode.FileSystemError.FileNotADirectory(uri); }
  createDirectory(uri: vscode.Uri): never { throw vscode.FileSystemError.NoPermissions(uri); }
  writeFile(uri: vscode.Uri): never { throw vscode.FileSystemError.NoPermissions(uri); }
  delete(uri: vscode.Uri): never { throw vscode.FileSystemError.NoPermissions(uri); }
  rename(uri: vscode.Uri): never { throw vscode.FileSystemError.NoPermissions(uri); }
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try { await vscode.workspace.fs.stat(uri); return true; }
  catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return false;
    throw error;
  }
}
