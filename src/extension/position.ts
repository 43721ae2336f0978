// The status bar item of a stopped program: where in the recording it stands. A click asks for a place to go to.
import * as vscode from 'vscode';
import type { RingsideEvent } from '../adapter/messages';

type Place = Extract<RingsideEvent, { event: 'ringside/position' }>['body'];

export class PositionItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('ringside.position', vscode.StatusBarAlignment.Left, 50);
  private readonly places = new Map<string, Place>();
  private readonly disposables: vscode.Disposable[];

  constructor() {
    this.item.name = 'Ringside: place in the recording';
    this.item.command = 'ringside.goToPosition';
    this.disposables = [
      this.item,
      vscode.debug.onDidReceiveDebugSessionCustomEvent(({ session, event, body }) => {
        if (session.type !== 'ringside' || event !== 'ringside/position') return;
        this.places.set(session.id, body as Place);
        this.show();
      }),
      vscode.debug.onDidTerminateDebugSession(session => { this.places.delete(session.id); this.show(); }),
      vscode.debug.onDidChangeActiveDebugSession(() => this.show()),
      vscode.commands.registerCommand('ringside.goToPosition', (position?: string) => this.goTo(position)),
    ];
  }

  dispose(): void { for (const disposable of this.disposables) disposable.dispose(); }

  private show(): void {
    const session = vscode.debug.activeDebugSession;
    const place = session && this.places.get(session.id);
    if (!place) return this.item.hide();
    const { position, end, isInPast } = place;
    this.item.text = isInPast ? `$(history) in the past: ${percent(place)} %` : `$(circle-filled) live: ${position}`;
    this.item.tooltip = isInPast
      ? `Instruction and kernel entry ${position} of ${end}. What is run again is the same as it was; at the end the program goes on live.`
      : `Instruction and kernel entry ${position}: the present. Step Back and Reverse lead into the past.`;
    this.item.backgroundColor = isInPast ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.item.show();
  }

  private async goTo(given: string | undefined): Promise<void> {
    const session = vscode.debug.activeDebugSession;
    const place = session && this.places.get(session.id);
    if (!place) return void vscode.window.showInformationMessage('Ringside: no stopped program.');
    const position = given ?? await askPlace(place);
    if (position === undefined) return;
    await session.customRequest('ringside/goTo', { position }).then(undefined, (error: unknown) => vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error)));
  }
}

/** How much of the recording lies behind: instructions, or kernel entries where there are no others. */
function percent({ position, end }: Place): number {
  const [here = 0, entry = 0] = position.split('.').map(Number), [all = 0, entries = 0] = end.split('.').map(Number);
  return Math.floor(100 * (all > 0 ? here / all : entries > 0 ? entry / entries : 1));
}

/** The person's choice of a place, as a position. */
async function askPlace({ position, end, isInPast }: Place): Promise<string | undefined> {
  const beginning = { label: '$(debug-reverse-continue) The beginning of the recording', to: '0.0' };
  const last = { label: '$(debug-continue) The end of the recording', description: end, to: end };
  const other = { label: '$(edit) A position...', description: 'as a row of the log or of a chart names it', to: undefined };
  const chosen = await vscode.window.showQuickPick([beginning, ...isInPast ? [last] : [], other], { title: 'Go to a place of the recording', placeHolder: `now at ${position} of ${end}` });
  if (!chosen || chosen.to !== undefined) return chosen?.to;
  return vscode.window.showInputBox({
    title: 'Go to a place of the recording', value: position, prompt: `INSTRUCTION.ENTRY, from 0.0 to ${end}`,
    validateInput: text => /^\d+\.\d+(\.\d+|\+\d+)?$/.test(text) ? undefined : 'A position is written as 1234.56',
  });
}
