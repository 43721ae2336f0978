// restartFrame: back to the entry of a frame's function; what it did is undone.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../base/errors';
import { Answer, request } from '../request';

export default request<DebugProtocol.RestartFrameArguments, undefined>('restartFrame', (session, { frameId }) => {
  const core = session.stopped;
  const frame = session.frame(frameId);
  if (!frame?.function || frame.ring === 0) throw new UserError('only a function of the program with debug information can be started again');
  return new Answer(undefined, () => { core.restartFrame(frame); session.go(); });
}, { supportsRestartFrame: true });
