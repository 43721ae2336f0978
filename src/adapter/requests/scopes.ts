// scopes: locals and arguments, the call that the task is in, registers, the processor's state, the kernel's objects.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { cpuState } from '../../debugger/scopes/cpu_state';
import type { Fact } from '../../debugger/scopes/fact';
import { kernelFacts } from '../../debugger/scopes/kernel';
import { callOf, syscallScope } from '../../debugger/scopes/syscall';
import { request } from '../request';

export default request<DebugProtocol.ScopesArguments, unknown>('scopes', (session, { frameId }) => {
  if (session.isStale(frameId)) return { scopes: [] };
  const { lastStop, target, modules } = session.stopped;
  const frame = session.frame(frameId);
  if (!frame) return { scopes: [] };
  const scopes: DebugProtocol.Scope[] = [];
  if (frame.kernel) scopes.push({ name: 'Locals', presentationHint: 'locals', variablesReference: session.reference({ kind: 'kernelLocals', frame }), expensive: false });
  if (frame.function && !frame.module?.isKernel) scopes.push({ name: 'Locals', presentationHint: 'locals', variablesReference: session.reference({ kind: 'locals', frame }), expensive: false });
  const { pid } = frame;
  const add = (name: string, presentationHint: string | undefined, facts: () => Fact[]): void => { scopes.push({ name, presentationHint, variablesReference: session.reference({ kind: 'facts', facts }), expensive: presentationHint === undefined }); };
  const call = callOf(target, pid, lastStop);
  if (call) add('Syscall', call.phase === 'exit' ? 'returnValue' : 'arguments', () => syscallScope(target, modules, pid, call));
  scopes.push({ name: 'Registers', presentationHint: 'registers', variablesReference: session.reference({ kind: 'registers', frame }), expensive: false });
  add('CPU state', undefined, () => cpuState(target, modules, frame));
  add('Kernel', undefined, () => kernelFacts(target, pid, (of, address) => modules.describe(of, address)));
  return { scopes };
});
