// setExceptionBreakpoints: the syscall filters with their conditions.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { request } from '../request';

const condition = (description: string): object => ({ supportsCondition: true, conditionDescription: description });
const HELP = 'SET, EXPR or SET if EXPR, e.g. openat if path ~ "/etc" && flags & O_CREAT';

export default request<DebugProtocol.SetExceptionBreakpointsArguments, unknown>('setExceptionBreakpoints', (session, { filters, filterOptions = [] }) => ({
  breakpoints: session.debugger.setFilters([
    ...filters.map(filter => ({ filter })), ...filterOptions.map(o => ({ filter: o.filterId, condition: o.condition })),
  ]).map(b => session.showBreakpoint(b)),
}), {
  supportsExceptionFilterOptions: true,
  exceptionBreakpointFilters: [
    { filter: 'syscall', label: 'Syscall', description: 'Stops when the program enters a system call.', default: false, ...condition(HELP) },
    { filter: 'syscall-exit', label: 'Syscall return', description: 'Stops when a system call returns.', default: false, ...condition(HELP) },
    { filter: 'syscall-fail', label: 'Failing syscall', description: 'Stops when a system call returns an error.', default: false, ...condition('SET, EXPR or SET if EXPR, e.g. errno != ENOENT') },
  ],
});
