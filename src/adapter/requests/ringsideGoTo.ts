// ringside/goTo: to a place of the recording, as a row of the log or of a chart names it.
import { UserError } from '../../base/errors';
import { parsePosition } from '../../trace/position';
import type { RingsideRequest } from '../messages';
import { Answer, request } from '../request';

type Arguments = Extract<RingsideRequest, { command: 'ringside/goTo' }>['arguments'];

export default request<Arguments, undefined>('ringside/goTo', (session, { position: text }) => {
  const core = session.stopped;
  const position = parsePosition(text);
  if (!position) throw new UserError(`'${text}' is not a position: it is written as 1234.56`);
  return new Answer(undefined, () => { core.goTo(position); session.goByCustomRequest(); });
});
