// Beside the C line at which a system call stopped: the decoded call, and why it was refused. Gone as soon as the program goes on.
import * as vscode from 'vscode';
import type { CallNote, RingsideEvent } from '../adapter/messages';

type Noted = Extract<RingsideEvent, { event: 'ringside/callNote' }>['body'];

export class CallNotes implements vscode.Disposable {
  private note: { session: vscode.DebugSession; call: CallNote } | undefined;
  private readonly entered = decoration('ringside.callForeground');
  private readonly failed = decoration('ringside.refusedCallForeground');
  private readonly disposables: vscode.Disposable[];

  constructor() {
    this.disposables = [
      this.entered, this.failed,
      vscode.debug.onDidReceiveDebugSessionCustomEvent(({ session, event, body }) => {
        if (session.type === 'ringside' && event === 'ringside/callNote') this.set(session, (body as Noted).note);
      }),
      vscode.debug.onDidTerminateDebugSession(session => { if (this.note?.session.id === session.id) this.set(session, undefined); }),
      vscode.window.onDidChangeVisibleTextEditors(() => this.show()),
    ];
  }

  dispose(): void { for (const disposable of this.disposables) disposable.dispose(); }

  private set(session: vscode.DebugSession, call: CallNote | undefined): void {
    this.note = call && { session, call };
    this.show();
  }

  private show(): void {
    const call = this.note?.call;
    for (const editor of vscode.window.visibleTextEditors) {
      const isHere = call !== undefined && editor.document.uri.path === vscode.Uri.file(call.path).path && call.line <= editor.document.lineCount;
      const options = isHere ? [optionsOf(call, editor.document.lineAt(call.line - 1).range)] : [];
      editor.setDecorations(this.entered, call?.errno ? [] : options);
      editor.setDecorations(this.failed, call?.errno ? options : []);
    }
  }
}

function decoration(color: string): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({ after: { margin: '0 0 0 3em', color: new vscode.ThemeColor(color), fontStyle: 'normal' }, rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed });
}

function optionsOf(call: CallNote, range: vscode.Range): vscode.DecorationOptions {
  const arrow = call.phase === 'enter' ? '→' : '←';
  const hover = new vscode.MarkdownString().appendCodeblock(call.text, 'strace');
  if (call.because) hover.appendText(`because ${call.because}`);
  return { range, hoverMessage: hover, renderOptions: { after: { contentText: `${arrow} ${call.text}${call.because ? `  (${call.because})` : ''}` } } };
}
