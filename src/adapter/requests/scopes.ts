// scopes: the call that the task is in, locals and arguments, registers.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { request } from '../request';

export default request<DebugProtocol.ScopesArguments, unknown>('scopes', (session, { frameId }) => {
  const { lastStop } = session.stopped;
  const frame = session.frame(frameId);
  if (!frame) return { scopes: [] };
  const scopes: DebugProtocol.Scope[] = [];
  if (frame.kernel) scopes.push({ name: 'Locals', presentationHint: 'locals', variablesReference: session.reference({ kind: 'kernelLocals', frame }), expensive: false });
  if (frame.function) scopes.push({ name: 'Locals', presentationHint: 'locals', variablesReference: session.reference({ kind: 'locals', frame }), expensive: false });
  if (lastStop?.call && lastStop.pid === frame.pid) scopes.push({ name: 'Syscall', presentationHint: lastStop.phase === 'exit' ? 'returnValue' : 'arguments', variablesReference: session.reference({ kind: 'call' }), expensive: false });
  scopes.push({ name: 'Registers', presentationHint: 'registers', variablesReference: session.reference({ kind: 'registers', frame }), expensive: false });
  return { scopes };
});
