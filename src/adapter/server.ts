// The wire: DAP messages in and out of one session. A request goes to its file; what it throws becomes the error response.
import { ProtocolServer } from '@vscode/debugadapter/lib/protocol.js';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { Cancelled, UserError } from '../base/errors';
import { NeedsConsent } from './consent';
import type { Launcher } from './launcher';
import { Answer } from './request';
import { requests } from './requests/index';
import { Session } from './session';

/** Ids of error messages, stable for clients. */
const ERROR_IDS = { user: 1000, unknownRequest: 1001, internal: 1002 };

export class AdapterServer extends ProtocolServer {
  readonly session: Session;

  constructor(launch: Launcher, onClosed: () => void = () => undefined) {
    super();
    this.session = new Session({ event: (event, body) => this.sendEvent({ type: 'event', seq: 0, event, body }), closed: onClosed }, launch);
  }

  protected override dispatchRequest(message: DebugProtocol.Request): void {
    const declaration = requests.get(message.command);
    if (!declaration) return this.refuse(message, ERROR_IDS.unknownRequest, `Ringside does not know the request '${message.command}'`, false);
    let result: unknown;
    try {
      result = declaration.handle(this.session, message.arguments);
    } catch (error) {
      return this.fail(message, error);
    }
    // A synchronous answer goes out at once, so that answers keep the order of the requests.
    if (!(result instanceof Promise)) return this.answer(message, result);
    result.then((body: unknown) => this.answer(message, body), (error: unknown) => this.fail(message, error));
  }

  private answer(message: DebugProtocol.Request, result: unknown): void {
    const { body, after } = result instanceof Answer ? result : new Answer(result);
    this.sendResponse({ type: 'response', seq: 0, request_seq: message.seq, command: message.command, success: true, body } as DebugProtocol.Response);
    after?.();
  }

  private fail(message: DebugProtocol.Request, error: unknown): void {
    if (error instanceof NeedsConsent) return this.session.askConsent(isAgreed => { if (isAgreed) this.dispatchRequest(message); else this.refuse(message, ERROR_IDS.user, 'nothing was changed', false); });
    if (error instanceof Cancelled) return this.refuse(message, ERROR_IDS.user, 'cancelled', false);
    if (error instanceof UserError) return this.refuse(message, ERROR_IDS.user, error.message, message.command === 'launch' || message.command === 'restart');
    this.refuse(message, ERROR_IDS.internal, `Ringside has a bug: ${error instanceof Error ? error.message : String(error)}`, true);
    this.session.output('console', `${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
  }

  private refuse(message: DebugProtocol.Request, id: number, sentence: string, showUser: boolean): void {
    this.sendResponse({
      type: 'response', seq: 0, request_seq: message.seq, command: message.command, success: false, message: sentence,
      body: { error: { id, format: sentence.replace(/[{}]/g, c => c === '{' ? '(' : ')'), showUser } },
    } as DebugProtocol.Response);
  }
}
