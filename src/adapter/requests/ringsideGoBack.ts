// ringside/goBack: to the caller of a frame's function, or to the last system call before this place. DAP has no request for either.
import { UserError } from '../../base/errors';
import type { RingsideRequest } from '../messages';
import { Answer, request } from '../request';

type Arguments = Extract<RingsideRequest, { command: 'ringside/goBack' }>['arguments'];

export default request<Arguments, undefined>('ringside/goBack', (session, { to, frameId, threadId }) => {
  const core = session.stopped;
  if (to === 'syscall') return new Answer(undefined, () => { core.backToSyscall(); session.goByCustomRequest(); });
  const frame = session.frame(frameId) ?? core.stackOf(threadId ?? core.lastStop?.pid ?? core.target.currentPid).at(0);
  if (!frame || core.target.kernel.frames.length === 0 && frame.ring === 3 && !frame.function) throw new UserError('where this code was called is known only of functions with symbols');
  return new Answer(undefined, () => { core.stepBackOut(frame); session.goByCustomRequest(); });
});
