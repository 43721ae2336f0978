// setInstructionBreakpoints: at addresses, as the disassembly view sets them.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { parseAddress } from '../address';
import { request } from '../request';

export default request<DebugProtocol.SetInstructionBreakpointsArguments, unknown>('setInstructionBreakpoints', (session, { breakpoints }) => ({
  breakpoints: session.debugger.setInstructionBreakpoints(breakpoints.map(({ instructionReference, offset, condition, hitCondition }) => ({
    address: parseAddress(instructionReference, offset), condition, hitCondition,
  }))).map(b => session.showBreakpoint(b)),
}), { supportsInstructionBreakpoints: true });
