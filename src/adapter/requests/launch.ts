// launch: a machine with the program in it, standing before its first instruction. Breakpoints come next, then configurationDone.
import { UserError } from '../../base/errors';
import { readLaunchConfig } from '../launchOptions';
import { Answer, request } from '../request';

export default request<Record<string, unknown>, undefined>('launch', (session, args) => {
  const config = readLaunchConfig(args);
  if (typeof config === 'string') throw new UserError(config);
  session.start(config);
  return new Answer(undefined, () => {
    const { launched, debugger: core } = session;
    session.send('process', { name: launched?.programPath, systemProcessId: core.target.currentPid, isLocalProcess: false, startMethod: 'launch', pointerSize: 64 });
    session.send('initialized');
  });
});
