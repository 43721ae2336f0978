// setFunctionBreakpoints: by name, by glob (`do_*`) or by `/re EXPRESSION`; with ` log MESSAGE` behind it, a log point, for which the protocol has no field of its own.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { request } from '../request';

export default request<DebugProtocol.SetFunctionBreakpointsArguments, unknown>('setFunctionBreakpoints', (session, { breakpoints }) => ({
  breakpoints: session.debugger.setFunctionBreakpoints(breakpoints.map(({ name: asked, condition, hitCondition }) => {
    const [, name = asked, logMessage] = /^(.*?\S)\s+log\s+(.+)$/.exec(asked) ?? [];
    return { name, condition, hitCondition, logMessage };
  })).map(b => session.showBreakpoint(b)),
}), { supportsFunctionBreakpoints: true });
