// setFunctionBreakpoints: by name, by glob (`do_*`) or by `/re EXPRESSION`.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { request } from '../request';

export default request<DebugProtocol.SetFunctionBreakpointsArguments, unknown>('setFunctionBreakpoints', (session, { breakpoints }) => ({
  breakpoints: session.debugger.setFunctionBreakpoints(breakpoints.map(({ name, condition, hitCondition }) => ({ name, condition, hitCondition }))).map(b => session.showBreakpoint(b)),
}), { supportsFunctionBreakpoints: true });
