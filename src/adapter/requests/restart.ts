// restart: the program from its beginning, with the breakpoints as they are: from the first checkpoint, or launched anew where something has changed.
import { UserError } from '../../base/errors';
import { begin } from '../begin';
import { readLaunchConfig } from '../launchOptions';
import { Answer, request } from '../request';

export default request<{ arguments?: Record<string, unknown> }, undefined>('restart', (session, { arguments: given }) => {
  const config = given ? readLaunchConfig(given) : session.config;
  if (typeof config === 'string') throw new UserError(config);
  if (!config) throw new UserError('nothing has been launched yet');
  if (!session.repeat(config)) {
    session.close();
    session.start(config);
  }
  return new Answer(undefined, () => begin(session));
}, { supportsRestartRequest: true });
