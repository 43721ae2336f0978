// variables: what a scope or a value holds.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { unreachable } from '../../base/assert';
import { partsOf } from '../../debugger/parts';
import { collectLocals } from '../../debugger/variables';
import { request } from '../request';
import type { Session } from '../session';
import { showFacts } from '../show_fact';
import { showKernelLocals } from '../show_kernel';
import { showRegisters, showRegisterScope, showValue, type Shown } from '../show';

export default request<DebugProtocol.VariablesArguments, unknown>('variables', (session, args) => ({ variables: collect(session, args) }), { supportsValueFormattingOptions: true });

function collect(session: Session, { variablesReference, filter, start = 0, count, format }: DebugProtocol.VariablesArguments): Shown[] {
  // Not an error: VS Code would show its words among the variables until it has those of the next stop.
  if (session.isStale(variablesReference)) return [];
  const core = session.stopped;
  const container = session.container(variablesReference);
  const isHex = format?.hex ?? false;
  switch (container.kind) {
    case 'locals': {
      const { args, locals } = collectLocals(core.target, container.frame);
      return [...args, ...locals].map(variable => showValue(session, container.frame, variable, isHex));
    }
    case 'kernelLocals': return showKernelLocals(session, container.frame, isHex);
    case 'registers': return showRegisterScope(session, container.frame);
    case 'registerGroup': return showRegisters(session, container.frame, container.group);
    case 'shown': return container.rows();
    case 'facts': return showFacts(session, container.facts());
    case 'value':
      return partsOf(container.value, container.path, session.memory(container.frame), { start, ...(count ? { count } : {}), ...(filter && { only: filter }) }).map(child => showValue(session, container.frame, child, isHex));
    default: return unreachable(container);
  }
}
