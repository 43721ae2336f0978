// ringside/kernel: the rows of the Kernel tree, to be unfolded by the request `variables`.
import { kernelFacts, taskName } from '../../debugger/scopes/kernel';
import type { KernelRows } from '../messages';
import { request } from '../request';
import { utf8 } from '../session';

export default request<{ threadId?: number }, KernelRows>('ringside/kernel', (session, { threadId }) => {
  const { lastStop, target, modules } = session.stopped;
  const pid = threadId ?? lastStop?.pid ?? target.currentPid;
  return { task: utf8(taskName(pid)), variablesReference: session.reference({ kind: 'facts', facts: () => kernelFacts(target, pid, (of, address) => modules.describe(of, address)) }) };
});
