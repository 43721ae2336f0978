// stepBack: to where a step over leads here.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { Answer, request } from '../request';

export default request<DebugProtocol.StepBackArguments, undefined>('stepBack', (session, { threadId, granularity }) => {
  const core = session.stopped;
  return new Answer(undefined, () => {
    core.stepBack(threadId, granularity === 'instruction' ? 'instruction' : 'line');
    session.go();
  });
}, { supportsStepBack: true });
