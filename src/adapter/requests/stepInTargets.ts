// stepInTargets: what a step into can lead to. At a call of the program: the `syscall` instruction that it comes to, or the kernel's handler behind it;
// before and in the kernel: its functions that the statement calls.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { request } from '../request';

export default request<DebugProtocol.StepInTargetsArguments, DebugProtocol.StepInTargetsResponse['body']>('stepInTargets', (session, { frameId }) => {
  const frame = session.frame(frameId);
  return { targets: frame ? session.stopped.stepTargets(frame).map(({ label, order }) => ({ id: session.stepTarget(order), label })) : [] };
}, { supportsStepInTargetsRequest: true });
