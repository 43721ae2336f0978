// ringside/goTo: to a place of the recording, as a row of the log or of a chart names it.
import { UserError } from '../../base/errors';
import { parseEventPlace } from '../../trace/position';
import type { RingsideRequest } from '../messages';
import { Answer, request } from '../request';

type Arguments = Extract<RingsideRequest, { command: 'ringside/goTo' }>['arguments'];

export default request<Arguments, undefined>('ringside/goTo', (session, { position: text }) => {
  const core = session.stopped;
  const place = parseEventPlace(text);
  if (!place) throw new UserError(`'${text}' is not a position: it is written as 1234.56`);
  return new Answer(undefined, () => { core.goTo(place.position, place.event); session.goByCustomRequest(); });
});
