// The Kernel view in the debug side bar: the kernel's objects behind the thread that is looked at, asked anew at each stop. What has changed since the last stop is marked.
// Not here: the rows (debugger/scopes/kernel.ts); they come as DAP variables.
import * as vscode from 'vscode';
import type { KernelRows, RingsideRequest } from '../adapter/messages';

interface Row {
  /** The names that lead here: the row is the same one at the next stop. */
  id: string;
  name: string; value: string; type?: string; evaluateName?: string; variablesReference: number;
}
interface Variables { variables: Omit<Row, 'id'>[] }

const ICONS: Readonly<Record<string, string>> = {
  task: 'person', waits: 'watch', files: 'files', memory: 'symbol-array', signals: 'bell', credentials: 'key', fs: 'folder', process: 'server-process', children: 'type-hierarchy-sub',
  tasks: 'organization', 'run queue': 'list-ordered', futexes: 'lock', timers: 'history', mounts: 'database', 'all state': 'symbol-structure',
};
const REFRESHING = new Set(['stopped', 'invalidated']);

export class KernelTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<Row>;
  private readonly disposables: vscode.Disposable[];
  private session: vscode.DebugSession | undefined;
  private threadId: number | undefined;
  /** The values of this stop and of the one before, by row. */
  private values = new Map<string, string>();
  private before = new Map<string, string>();

  constructor() {
    this.view = vscode.window.createTreeView('ringside.kernel', { treeDataProvider: this, showCollapseAll: true });
    this.disposables = [
      this.view, this.changed,
      vscode.debug.registerDebugAdapterTrackerFactory('ringside', { createDebugAdapterTracker: session => ({ onDidSendMessage: (message: { type: string; event?: string; body?: { threadId?: number } }) => { if (message.type === 'event') this.heard(session, message.event ?? '', message.body?.threadId); } }) }),
      vscode.debug.onDidChangeActiveStackItem(item => { if (item?.session.type === 'ringside' && 'threadId' in item && item.threadId !== this.threadId) this.look(item.session, item.threadId); }),
      vscode.debug.onDidTerminateDebugSession(session => { if (session.id === this.session?.id) this.look(undefined, undefined); }),
      vscode.commands.registerCommand('ringside.copyKernelExpression', (row: Row) => vscode.env.clipboard.writeText(row.evaluateName ?? row.name)),
      vscode.commands.registerCommand('ringside.whyHanging', (...context: unknown[]) => this.why(context)),
    ];
  }

  dispose(): void { for (const disposable of this.disposables) disposable.dispose(); }

  private heard(session: vscode.DebugSession, event: string, threadId: number | undefined): void {
    if (!REFRESHING.has(event)) return;
    if (event === 'stopped') { this.before = this.values; this.values = new Map(); }
    this.look(session, event === 'stopped' ? threadId : this.threadId);
  }

  private look(session: vscode.DebugSession | undefined, threadId: number | undefined): void {
    this.session = session;
    this.threadId = threadId;
    if (!session) { this.values = new Map(); this.before = new Map(); this.view.description = ''; }
    this.changed.fire(undefined);
  }

  async getChildren(parent?: Row): Promise<Row[]> {
    const { session } = this;
    if (!session) return [];
    try {
      const reference = parent ? parent.variablesReference : await this.root(session);
      const { variables } = await session.customRequest('variables', { variablesReference: reference }) as Variables;
      const names = new Map<string, number>();
      return variables.map(row => {
        const seen = names.get(row.name) ?? 0;
        names.set(row.name, seen + 1);
        return { ...row, id: `${parent ? `${parent.id}/` : ''}${row.name}${seen > 0 ? `#${seen}` : ''}` };
      });
    } catch {
      // The program went on while it was asked: the next stop asks again.
      return [];
    }
  }

  private async root(session: vscode.DebugSession): Promise<number> {
    const { task, variablesReference } = await ask(session, 'ringside/kernel', this.threadId === undefined ? {} : { threadId: this.threadId }) as KernelRows;
    this.view.description = task;
    return variablesReference;
  }

  getTreeItem(row: Row): vscode.TreeItem {
    this.values.set(row.id, row.value);
    const old = this.before.get(row.id);
    const isChanged = old !== undefined && old !== row.value;
    const item = new vscode.TreeItem(row.name, row.variablesReference > 0 ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None);
    item.id = row.id;
    item.description = row.value.replace(/ @ 0xffff888[0-9a-f]+$/, '');
    const icon = ICONS[row.id];
    if (isChanged) item.iconPath = new vscode.ThemeIcon(icon ?? 'circle-filled', new vscode.ThemeColor('editorGutter.modifiedBackground'));
    else if (icon) item.iconPath = new vscode.ThemeIcon(icon);
    item.contextValue = row.evaluateName ? 'expression' : 'row';
    item.tooltip = tooltip(row, isChanged ? old : undefined);
    item.accessibilityInformation = { label: `${row.name}: ${item.description}${isChanged ? ', changed' : ''}` };
    return item;
  }

  /** From the Call Stack's menu (VS Code gives the thread's id, or an object with it), or for the thread that is looked at. */
  private async why(context: readonly unknown[]): Promise<void> {
    const session = this.session ?? vscode.debug.activeDebugSession;
    if (session?.type !== 'ringside') return;
    const { lines } = await ask(session, 'ringside/why', { threadId: threadOf(context) ?? this.threadId }) as { lines: string[] };
    for (const line of lines) vscode.debug.activeDebugConsole.appendLine(line);
    const [first] = lines;
    if (first !== undefined) await vscode.window.showInformationMessage(first, { modal: false, detail: lines.slice(1).join('\n') });
  }
}

function ask<C extends RingsideRequest['command']>(session: vscode.DebugSession, command: C, argument: Extract<RingsideRequest, { command: C }>['arguments']): Thenable<unknown> {
  return session.customRequest(command, argument);
}

function threadOf(context: readonly unknown[]): number | undefined {
  for (const one of context) {
    if (typeof one === 'number') return one;
    if (typeof one !== 'object' || one === null || !('threadId' in one)) continue;
    const digits = /(\d+)$/.exec(String(one.threadId))?.[1];
    if (digits) return Number(digits);
  }
  return undefined;
}

function tooltip(row: Row, old: string | undefined): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendCodeblock(`${row.type ? `${row.type} ` : ''}${row.evaluateName ?? row.name}`, 'c');
  text.appendText(row.value);
  if (old !== undefined) text.appendText(`\n\nbefore: ${old}`);
  return text;
}
