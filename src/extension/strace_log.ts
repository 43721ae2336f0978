// The strace log of a session as a document that grows with it: from each row one goes to the instant of its call, the row of the present stop is marked, and rows
// that are not kept are asked for when a person scrolls to where they were. Not here: which rows are shown (log_window.ts).
import * as vscode from 'vscode';
import type { RingsideEvent, RingsideRequest, TraceRows } from '../adapter/messages';
import { LogWindow, type Gap } from './log_window';

type Request = Extract<RingsideRequest, { command: 'ringside/traceLog' }>;

const SCHEME = 'ringside-strace', LANGUAGE = 'strace';
/** Rows beyond these are no links; Enter works on each. */
const MOST_LINKS = 10_000;
const REFRESH_MS = 200;

interface Log {
  readonly rows: LogWindow;
  readonly uri: vscode.Uri;
  /** Undefined when it is over. */
  session: vscode.DebugSession | undefined;
  position: string | undefined;
  timer: NodeJS.Timeout | undefined;
  /** The gap whose rows are asked for. */
  asked: Gap | undefined;
}

export class StraceLogs implements vscode.TextDocumentContentProvider, vscode.DocumentLinkProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly logs = new Map<string, Log>();
  private latest: Log | undefined;
  private readonly here = vscode.window.createTextEditorDecorationType({ isWholeLine: true, backgroundColor: new vscode.ThemeColor('editor.stackFrameHighlightBackground') });
  private readonly disposables: vscode.Disposable[];

  constructor() {
    this.disposables = [
      this.changed, this.here,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.languages.registerDocumentLinkProvider({ scheme: SCHEME }, this),
      vscode.debug.onDidStartDebugSession(session => { if (session.type === 'ringside') this.begin(session); }),
      vscode.debug.onDidReceiveDebugSessionCustomEvent(({ session, event, body }) => {
        if (session.type === 'ringside') this.told(session, { event, body } as RingsideEvent);
      }),
      vscode.debug.onDidTerminateDebugSession(session => this.end(this.logs.get(session.id))),
      vscode.window.onDidChangeVisibleTextEditors(() => this.show()),
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => { void this.scrolled(textEditor); }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => { if (document.uri.scheme === SCHEME) this.show(); }),
      vscode.commands.registerCommand('ringside.openStraceLog', () => this.open()),
      vscode.commands.registerCommand('ringside.goToCall', () => this.goToRow()),
    ];
  }

  dispose(): void { for (const disposable of this.disposables) disposable.dispose(); }

  provideTextDocumentContent(uri: vscode.Uri): string { return this.at(uri)?.rows.render() ?? ''; }

  provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
    const rows = this.at(document.uri)?.rows;
    return Array.from({ length: Math.min(MOST_LINKS, document.lineCount) }, (_, line) => line).flatMap(line => {
      const [name] = /^[a-z_]\w*(?=\()|^[+<-]{3} /i.exec(document.lineAt(line).text) ?? [], place = rows?.placeAt(line);
      if (!name || !place) return [];
      const link = new vscode.DocumentLink(new vscode.Range(line, 0, line, name.trimEnd().length), vscode.Uri.parse(`command:ringside.goToPosition?${encodeURIComponent(JSON.stringify([place]))}`));
      link.tooltip = `Go to this instant (${place})`;
      return [link];
    });
  }

  private begin(session: vscode.DebugSession): Log {
    const name = `${session.name.replace(/[^\w.-]+/g, '_')}.strace`;
    const log: Log = {
      rows: new LogWindow(gap => explain(log, gap)), uri: vscode.Uri.from({ scheme: SCHEME, path: `/${name}`, query: session.id }), session, position: undefined, timer: undefined, asked: undefined,
    };
    this.logs.set(session.id, log);
    this.latest = log;
    return log;
  }

  private told(session: vscode.DebugSession, told: RingsideEvent): void {
    const log = this.logs.get(session.id) ?? this.begin(session);
    if (told.event === 'ringside/trace') this.add(log, told.body);
    else if (told.event === 'ringside/position') this.mark(log, told.body.position);
  }

  private add(log: Log, { text, places, from, isFirst }: TraceRows & { from: number; isFirst?: boolean }): void {
    if (isFirst) log.rows.clear();
    log.rows.append(from, linesOf(text), places);
    log.timer ??= setTimeout(() => { log.timer = undefined; this.changed.fire(log.uri); }, REFRESH_MS);
  }

  private end(log: Log | undefined): void {
    if (!log) return;
    log.session = undefined;
    this.retell(log);
    this.mark(log, undefined);
  }

  /** The words of gaps are others now. */
  private retell(log: Log): void {
    log.rows.changed();
    this.changed.fire(log.uri);
  }

  /** Where rows are left out in view, they are asked for. */
  private async scrolled(editor: vscode.TextEditor): Promise<void> {
    const log = this.at(editor.document.uri), { session } = log ?? {};
    if (!log || !session || log.asked) return;
    const visible = editor.visibleRanges.flatMap(({ start, end }) => Array.from({ length: end.line - start.line + 1 }, (_, i) => start.line + i));
    const gap = visible.map(line => log.rows.gapAt(line)).find(found => found);
    if (!gap) return;
    log.asked = gap;
    this.retell(log);
    // This row stays where it is on the screen.
    const [row] = visible.flatMap(line => log.rows.rowAt(line) ?? []);
    try {
      const wish = log.rows.wish(gap);
      const { text, places } = await session.customRequest('ringside/traceLog' satisfies Request['command'], wish satisfies Request['arguments']) as Request['body'];
      const isChanged = new Promise<void>(resolve => {
        const listener = vscode.workspace.onDidChangeTextDocument(({ document }) => { if (document === editor.document) { listener.dispose(); resolve(); } });
        setTimeout(() => { listener.dispose(); resolve(); }, REFRESH_MS * 5);
      });
      log.rows.insert(wish.from, linesOf(text), places);
      log.asked = undefined;
      this.retell(log);
      await isChanged;
      const line = row === undefined ? -1 : log.rows.lineOf(row);
      if (line >= 0) editor.revealRange(new vscode.Range(line, 0, line, 0), vscode.TextEditorRevealType.AtTop);
    } catch (error) {
      // A session that ends meanwhile answers nothing.
      log.asked = undefined;
      this.retell(log);
      if (log.session) void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  }

  private mark(log: Log | undefined, position: string | undefined): void {
    if (!log) return;
    log.position = position;
    this.show();
  }

  private show(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const log = this.at(editor.document.uri);
      if (!log) continue;
      const line = log.position === undefined ? -1 : log.rows.lineBefore(log.position);
      const isShown = line >= 0 && line < editor.document.lineCount;
      editor.setDecorations(this.here, isShown ? [editor.document.lineAt(line).range] : []);
      if (isShown && vscode.window.activeTextEditor !== editor) editor.revealRange(editor.document.lineAt(line).range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
  }

  private at(uri: vscode.Uri): Log | undefined { return uri.scheme === SCHEME ? this.logs.get(uri.query) : undefined; }

  private async open(): Promise<void> {
    const session = vscode.debug.activeDebugSession;
    const log = (session && this.logs.get(session.id)) ?? this.latest;
    if (!log) return void vscode.window.showInformationMessage('Ringside: no program has run yet.');
    const document = await vscode.languages.setTextDocumentLanguage(await vscode.workspace.openTextDocument(log.uri), LANGUAGE);
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: false });
  }

  private async goToRow(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const place = editor && this.at(editor.document.uri)?.rows.placeAt(editor.selection.active.line);
    if (place) await vscode.commands.executeCommand('ringside.goToPosition', place);
  }
}

const linesOf = (text: string): string[] => text === '' ? [] : text.replace(/\n$/, '').split('\n');

/** The line that stands where rows are left out. */
function explain(log: Log, gap: Gap): string {
  const rows = `${(gap.to - gap.from).toLocaleString('en')} ${gap.from === 0 ? 'older ' : ''}rows`;
  if (!log.session) return `... ${rows} are not kept: the session is over`;
  return log.asked ? `... ${rows}: the run is repeated to have them again` : `... ${rows}, which appear when you scroll here`;
}
