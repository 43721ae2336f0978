// setBreakpoints: all breakpoints of one source file, or of a listing of machine code.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { kernelDocumentOf } from '../kernel_source';
import { request } from '../request';

export default request<DebugProtocol.SetBreakpointsArguments, unknown>('setBreakpoints', (session, { source, breakpoints, lines }) => {
  const wanted = breakpoints ?? (lines ?? []).map(line => ({ line }) as DebugProtocol.SourceBreakpoint);
  const requests = wanted.map(b => ({
    line: session.fromClientLine(b.line), column: b.column === undefined ? undefined : session.fromClientColumn(b.column), condition: b.condition, hitCondition: b.hitCondition, logMessage: b.logMessage,
  }));
  const listing = session.listings.at(source.sourceReference);
  const set = listing ? session.debugger.setSourceBreakpoints(`listing ${source.sourceReference}`, requests.map(asked => ({ ...asked, address: listing.addressOf(asked.line) ?? null })))
    : session.debugger.setSourceBreakpoints(kernelDocumentOf(session, source) ?? source.path ?? source.name ?? '', requests);
  return { breakpoints: set.map(b => session.showBreakpoint(b)) };
}, { supportsConditionalBreakpoints: true, supportsHitConditionalBreakpoints: true, supportsLogPoints: true });
