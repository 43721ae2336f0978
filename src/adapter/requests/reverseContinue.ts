// reverseContinue: back to whatever stopped last, or would have.
import { Answer, request } from '../request';

export default request<unknown, undefined>('reverseContinue', session => {
  const core = session.stopped;
  return new Answer(undefined, () => { core.reverseContinue(); session.go(); });
}, { supportsStepBack: true });
