// The strace log of a session as a document that grows with it: from each row one goes to the instant of its call, and the row of the present stop is marked.
import * as vscode from 'vscode';
import type { RingsideEvent, TraceRows } from '../adapter/messages';

const SCHEME = 'ringside-strace', LANGUAGE = 'strace';
/** Rows beyond these are no links; Enter works on each. */
const MOST_LINKS = 10_000;
const REFRESH_MS = 200;

interface Log { text: string; places: string[]; position: string | undefined; uri: vscode.Uri; timer: NodeJS.Timeout | undefined }

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
      vscode.debug.onDidTerminateDebugSession(session => this.mark(this.logs.get(session.id), undefined)),
      vscode.window.onDidChangeVisibleTextEditors(() => this.show()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => { if (document.uri.scheme === SCHEME) this.show(); }),
      vscode.commands.registerCommand('ringside.openStraceLog', () => this.open()),
      vscode.commands.registerCommand('ringside.goToCall', () => this.goToRow()),
    ];
  }

  dispose(): void { for (const disposable of this.disposables) disposable.dispose(); }

  provideTextDocumentContent(uri: vscode.Uri): string { return this.at(uri)?.text ?? ''; }

  provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
    const places = this.at(document.uri)?.places ?? [];
    return places.slice(0, MOST_LINKS).flatMap((place, line) => {
      const [name] = /^[a-z_]\w*(?=\()|^[+<-]{3} /i.exec(line < document.lineCount ? document.lineAt(line).text : '') ?? [];
      if (!name || !place) return [];
      const link = new vscode.DocumentLink(new vscode.Range(line, 0, line, name.trimEnd().length), vscode.Uri.parse(`command:ringside.goToPosition?${encodeURIComponent(JSON.stringify([place]))}`));
      link.tooltip = `Go to this instant (${place})`;
      return [link];
    });
  }

  private begin(session: vscode.DebugSession): Log {
    const name = `${session.name.replace(/[^\w.-]+/g, '_')}.strace`;
    const log: Log = { text: '', places: [], position: undefined, uri: vscode.Uri.from({ scheme: SCHEME, path: `/${name}`, query: session.id }), timer: undefined };
    this.logs.set(session.id, log);
    this.latest = log;
    return log;
  }

  private told(session: vscode.DebugSession, told: RingsideEvent): void {
    const log = this.logs.get(session.id) ?? this.begin(session);
    if (told.event === 'ringside/trace') this.add(log, told.body);
    else if (told.event === 'ringside/position') this.mark(log, told.body.position);
  }

  private add(log: Log, { text, places, isFirst }: TraceRows & { isFirst?: boolean }): void {
    if (isFirst) { log.text = ''; log.places = []; }
    log.text += text;
    log.places.push(...places);
    log.timer ??= setTimeout(() => { log.timer = undefined; this.changed.fire(log.uri); }, REFRESH_MS);
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
      const row = log.position === undefined ? -1 : rowAt(log.places, log.position);
      const isShown = row >= 0 && row < editor.document.lineCount;
      editor.setDecorations(this.here, isShown ? [editor.document.lineAt(row).range] : []);
      if (isShown && vscode.window.activeTextEditor !== editor) editor.revealRange(editor.document.lineAt(row).range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
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
    const place = editor && this.at(editor.document.uri)?.places[editor.selection.active.line];
    if (place) await vscode.commands.executeCommand('ringside.goToPosition', place);
  }
}

/** The last row that was begun at or before a position; -1: none. */
function rowAt(places: readonly string[], position: string): number {
  const [instructions = 0, entry = 0] = position.split('.').map(Number);
  for (let row = places.length - 1; row >= 0; row--) {
    const [i = 0, e = 0] = (places[row] ?? '').split('.').map(Number);
    if (i < instructions || i === instructions && e <= entry) return row;
  }
  return -1;
}
