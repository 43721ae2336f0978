// Going backwards beyond what VS Code's own buttons do: to the caller, to the last system call; and the question before the past is changed.
import * as vscode from 'vscode';
import type { RingsideEvent, RingsideRequest } from '../adapter/messages';

type Question = Extract<RingsideEvent, { event: 'ringside/askPastEdit' }>['body'];
type GoBack = Extract<RingsideRequest, { command: 'ringside/goBack' }>['arguments'];

export class Backwards implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[] = [
    vscode.commands.registerCommand('ringside.backToCaller', () => goBack('caller')),
    vscode.commands.registerCommand('ringside.backToSyscall', () => goBack('syscall')),
    vscode.debug.onDidStartDebugSession(session => {
      if (session.type === 'ringside') session.customRequest('ringside/client', { asksPastEdit: true }).then(undefined, () => undefined);
    }),
    vscode.debug.onDidReceiveDebugSessionCustomEvent(({ session, event, body }) => {
      if (session.type === 'ringside' && event === 'ringside/askPastEdit') void ask(session, body as Question);
    }),
  ];

  dispose(): void { for (const disposable of this.disposables) disposable.dispose(); }
}

async function goBack(to: GoBack['to']): Promise<void> {
  const session = vscode.debug.activeDebugSession, item = vscode.debug.activeStackItem;
  if (session?.type !== 'ringside') return;
  const where = item instanceof vscode.DebugStackFrame ? { frameId: item.frameId } : item instanceof vscode.DebugThread ? { threadId: item.threadId } : {};
  await session.customRequest('ringside/goBack', { to, ...where } satisfies GoBack).then(undefined, (error: unknown) => vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error)));
}

async function ask(session: vscode.DebugSession, { position, end }: Question): Promise<void> {
  const change = 'Discard and Change';
  const detail = `The program stands at ${position} of a recording that ends at ${end}. A change here makes another future: what was recorded after this place is discarded, and the program goes on from here live.`;
  const answer = await vscode.window.showWarningMessage('This place is in the past.', { modal: true, detail }, change);
  await session.customRequest('ringside/answerPastEdit', { isAgreed: answer === change }).then(undefined, () => undefined);
}
