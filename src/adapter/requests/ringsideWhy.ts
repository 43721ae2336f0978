// ringside/why: why a thread does not go on, and the others that wait.
import { whyLines } from '../../debugger/objects/why';
import { request } from '../request';
import { utf8 } from '../session';

export default request<{ threadId?: number }, { lines: string[] }>('ringside/why', (session, { threadId }) => {
  const { lastStop, target, modules } = session.stopped;
  return { lines: whyLines((pid, address) => modules.describe(pid, address), threadId ?? lastStop?.pid ?? target.currentPid).map(utf8) };
});
