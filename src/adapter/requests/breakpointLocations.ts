// breakpointLocations: where in a range of lines a breakpoint may stand.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { kernelDocumentOf } from '../kernel_source';
import { request } from '../request';

export default request<DebugProtocol.BreakpointLocationsArguments, unknown>('breakpointLocations', (session, { source, line, endLine }) => {
  const found = session.debugger.breakpointLocations(kernelDocumentOf(session, source) ?? source.path ?? '', session.fromClientLine(line), session.fromClientLine(endLine ?? line));
  const seen = new Set<string>();
  return {
    breakpoints: found.filter(({ line: l, column }) => !seen.has(`${l}:${column}`) && seen.add(`${l}:${column}`))
      .map(l => ({ line: session.line(l.line), column: l.column > 0 ? session.column(l.column) : undefined })),
  };
}, { supportsBreakpointLocationsRequest: true });
