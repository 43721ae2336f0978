// setDataBreakpoints: on reads and writes of ranges of memory.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { parseDataId } from '../data_id';
import { request } from '../request';

export default request<DebugProtocol.SetDataBreakpointsArguments, unknown>('setDataBreakpoints', (session, { breakpoints }) => ({
  breakpoints: session.debugger.setDataBreakpoints(breakpoints.map(({ dataId, accessType = 'write', condition, hitCondition }) => ({ ...parseDataId(dataId), access: accessType, condition, hitCondition })))
    .map(b => session.showBreakpoint(b)),
}), { supportsDataBreakpoints: true });
