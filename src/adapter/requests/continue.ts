// continue: on to whatever stops next.
import { Answer, request } from '../request';

export default request<unknown, unknown>('continue', session => {
  const core = session.stopped;
  return new Answer({ allThreadsContinued: true }, () => { core.continue(); session.go(); });
});
