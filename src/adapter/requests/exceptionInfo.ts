// exceptionInfo: the widget at the line that made the call: the decoded call, its errno and why.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { request } from '../request';
import { utf8 } from '../session';

export default request<DebugProtocol.ExceptionInfoArguments, unknown>('exceptionInfo', session => {
  const stop = session.stopped.lastStop;
  const { call, signal } = stop ?? {};
  const lines = [call?.text ?? stop?.text ?? '', ...(call?.errno ? [`${call.errno.name} (${call.errno.number}) ${call.errno.text}`, ...(call.errno.reason ? [`because: ${call.errno.reason}`] : [])] : [])];
  return { exceptionId: call?.errno?.name ?? call?.name ?? signal?.name ?? 'stop', description: utf8(lines.join('\n')), breakMode: 'always' };
}, { supportsExceptionInfoRequest: true });
