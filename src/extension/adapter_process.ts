// Starts the debug adapter, dist/adapter.js, as a process of its own under the runtime that runs this extension.
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';

export class AdapterProcess implements vscode.DebugAdapterDescriptorFactory {
  constructor(private readonly extensionUri: vscode.Uri) {}

  createDebugAdapterDescriptor(): vscode.DebugAdapterDescriptor {
    const adapter = vscode.Uri.joinPath(this.extensionUri, 'dist', 'adapter.js').fsPath;
    if (!existsSync(adapter)) throw new Error(`The debug adapter is missing: ${adapter}. Build it with "npm run build".`);
    // A desktop VS Code is Electron: its executable is a Node only when told so.
    return new vscode.DebugAdapterExecutable(process.execPath, [adapter], { env: { ELECTRON_RUN_AS_NODE: '1' } });
  }
}
