// stepIn: into the function that is called, when it has lines; or to one of stepInTargets.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { Answer, request } from '../request';
import { step } from '../step';

export default request<DebugProtocol.StepInArguments, unknown>('stepIn', (session, { threadId, granularity, targetId }) => {
  if (targetId === undefined) return step(session, threadId, 'into', granularity);
  const order = session.stepOrder(targetId);
  const core = session.stopped;
  return new Answer(undefined, () => {
    core.stepTo(threadId, order);
    session.go();
  });
});
