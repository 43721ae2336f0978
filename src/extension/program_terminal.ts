// The program's terminal: shows what it prints, as it stands at the instant at which the debugger is, and takes what is typed for it. Going back redraws it from nothing.
import * as vscode from 'vscode';
import type { RingsideEvent, RingsideRequest } from '../adapter/messages';

type Part = Extract<RingsideEvent, { event: 'ringside/terminal' }>['body'];
type Input = Extract<RingsideRequest, { command: 'ringside/input' }>;

/** Of the guest's terminal: machine_launcher.ts. */
const SIZE: vscode.TerminalDimensions = { rows: 24, columns: 80 };
/** ECMA-48 and xterm: a full reset, and the scrollback with it. */
const ESC = '\u001b', RESET = `${ESC}c${ESC}[3J`;
/** The program draws a screen of its own. */
const FULL_SCREEN = new RegExp(`${ESC}\\[(\\?1049h|\\?47h|[0-9;]*H)`);

export class ProgramTerminals implements vscode.Disposable {
  private readonly terminals = new Map<string, ProgramTerminal>();
  private latest: ProgramTerminal | undefined;
  private readonly disposables: vscode.Disposable[] = [
    vscode.debug.onDidStartDebugSession(session => {
      if (session.type === 'ringside') session.customRequest('ringside/client', { showsTerminal: true }).then(undefined, () => undefined);
    }),
    vscode.debug.onDidReceiveDebugSessionCustomEvent(({ session, event, body }) => {
      if (session.type === 'ringside' && event === 'ringside/terminal') this.of(session).take(body as Part);
    }),
    vscode.debug.onDidTerminateDebugSession(session => { this.terminals.get(session.id)?.end(); this.terminals.delete(session.id); }),
    vscode.window.onDidCloseTerminal(closed => { if (this.latest?.isIt(closed)) this.latest = undefined; }),
    vscode.commands.registerCommand('ringside.showTerminal', () => {
      if (this.latest) this.latest.show(false);
      else void vscode.window.showInformationMessage('Ringside: no program has printed anything yet.');
    }),
  ];

  dispose(): void {
    this.latest?.dispose();
    for (const disposable of this.disposables) disposable.dispose();
  }

  /** Those of sessions that are over go when another one prints. */
  private of(session: vscode.DebugSession): ProgramTerminal {
    let found = this.terminals.get(session.id);
    if (found) return found;
    if (this.latest?.isOver) this.latest.dispose();
    this.terminals.set(session.id, found = new ProgramTerminal(session));
    return this.latest = found;
  }
}

class ProgramTerminal implements vscode.Pseudoterminal {
  private readonly written = new vscode.EventEmitter<string>();
  private readonly resized = new vscode.EventEmitter<vscode.TerminalDimensions | undefined>();
  readonly onDidWrite = this.written.event;
  readonly onDidOverrideDimensions = this.resized.event;
  isOver = false;
  private readonly terminal: vscode.Terminal;
  private decoder = new TextDecoder();
  /** Until it is open, what is to be shown then. */
  private waiting: string | undefined = '';

  constructor(private readonly session: vscode.DebugSession) {
    this.terminal = vscode.window.createTerminal({ name: session.name, pty: this, iconPath: new vscode.ThemeIcon('debug') });
  }

  open(): void {
    this.resized.fire(SIZE);
    if (this.waiting !== undefined && this.waiting !== '') this.written.fire(this.waiting);
    this.waiting = undefined;
  }

  close(): void { this.waiting = ''; }

  handleInput(text: string): void {
    if (!this.isOver) this.session.customRequest('ringside/input' satisfies Input['command'], { text } satisfies Input['arguments']).then(undefined, () => undefined);
  }

  take({ data, isFresh }: Part): void {
    if (isFresh) this.decoder = new TextDecoder();
    const text = (isFresh ? RESET : '') + this.decoder.decode(Buffer.from(data, 'base64'), { stream: true });
    if (this.waiting === undefined) this.written.fire(text);
    else this.waiting = isFresh ? text : this.waiting + text;
    if (FULL_SCREEN.test(text)) this.show(true);
  }

  /** The screen stays to be read. */
  end(): void { this.isOver = true; }

  show(preservesFocus: boolean): void { this.terminal.show(preservesFocus); }
  isIt(terminal: vscode.Terminal): boolean { return terminal === this.terminal; }
  dispose(): void { this.terminal.dispose(); }
}
