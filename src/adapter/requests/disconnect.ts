// disconnect: the session is over for the client.
import { Answer, request } from '../request';

export default request<unknown, undefined>('disconnect', session => {
  session.close();
  return new Answer(undefined, () => session.disconnected());
}, { supportTerminateDebuggee: true });
