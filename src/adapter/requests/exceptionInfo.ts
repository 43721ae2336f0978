// exceptionInfo: the widget at the line that made the call: the decoded call, its errno and why.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { request } from '../request';
import { findReasonPlaces } from '../../debugger/scopes/reason_place';
import { utf8, type Session } from '../session';

/** Where the kernel refused: it can be opened with "Open Kernel Source". */
const refusals = (session: Session, syscall: string, errno: string, reason: string): string[] => {
  const places = findReasonPlaces(session.debugger.target.kernel, syscall, errno, reason);
  return places.length === 0 ? [] : [`refused by: ${places.map(({ name, file, line }) => `${name}() at ${file}:${line}`).join(' or ')}`];
};

export default request<DebugProtocol.ExceptionInfoArguments, unknown>('exceptionInfo', session => {
  const stop = session.stopped.lastStop;
  const { call, signal } = stop ?? {};
  const lines = [call?.text ?? stop?.text ?? '', ...(call?.errno ? [`${call.errno.name} (${call.errno.number}) ${call.errno.text}`, ...(call.errno.reason ? [`because: ${call.errno.reason}`, ...refusals(session, call.name, call.errno.name, call.errno.reason)] : [])] : [])];
  return { exceptionId: call?.errno?.name ?? call?.name ?? signal?.name ?? 'stop', description: utf8(lines.join('\n')), breakMode: 'always' };
}, { supportsExceptionInfoRequest: true });
