// The capabilities of the requests that are registered, as one object. requests/index.ts fills the registry.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { RequestDeclaration } from './request';

export const registered = new Map<string, RequestDeclaration>();

export function capabilities(): DebugProtocol.Capabilities {
  return Object.assign({}, ...[...registered.values()].map(declaration => declaration.capabilities)) as DebugProtocol.Capabilities;
}
