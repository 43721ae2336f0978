// How a DAP request is declared: its command, what it adds to the capabilities, and its handler. One file each under requests/.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Session } from './session';

export interface RequestDeclaration {
  readonly command: string;
  readonly capabilities: DebugProtocol.Capabilities;
  readonly handle: (session: Session, args: unknown) => unknown;
}

/** Declares the request `command`; the handler gives the response's body. Errors: UserError's sentence goes to the person. */
export function request<A, B>(command: string, handle: (session: Session, args: A) => B | Answer<B> | Promise<B>, capabilities: DebugProtocol.Capabilities = {}): RequestDeclaration {
  return { command, capabilities, handle: (session, args) => handle(session, (args ?? {}) as A) };
}

/** A body, and what happens once it has been sent: events that must come after the response. */
export class Answer<B> {
  constructor(readonly body: B, readonly after?: () => void) {}
}
