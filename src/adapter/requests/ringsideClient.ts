// ringside/client: what the client can do beyond DAP.
import type { RingsideRequest } from '../messages';
import { request } from '../request';

type Arguments = Extract<RingsideRequest, { command: 'ringside/client' }>['arguments'];

export default request<Arguments, undefined>('ringside/client', (session, { asksPastEdit, showsTerminal }) => {
  if (asksPastEdit !== undefined) session.consent.isAsking = asksPastEdit;
  if (showsTerminal) session.showTerminal();
  return undefined;
});
