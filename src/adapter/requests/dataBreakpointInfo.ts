// dataBreakpointInfo: whether a variable, or bytes at an address, can be watched.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../base/errors';
import { partsOf } from '../../debugger/parts';
import { evaluateProgram } from '../../debugger/program_expression';
import { collectLocals } from '../../debugger/variables';
import { parseAddress } from '../address';
import { dataId } from '../data_id';
import { request } from '../request';
import type { Session } from '../session';

type Arguments = DebugProtocol.DataBreakpointInfoArguments;

export default request<Arguments, unknown>('dataBreakpointInfo', (session, args) => {
  let place: ReturnType<typeof placeOf>;
  try {
    place = placeOf(session, args);
  } catch (error) {
    if (error instanceof UserError) return { dataId: null, description: error.message };
    throw error;
  }
  if (!place) return { dataId: null, description: `${args.name} is not in memory` };
  const { address, size } = place;
  return { dataId: dataId(address, size), description: `${size} byte${size === 1 ? '' : 's'} at 0x${address.toString(16)} (${args.name})`, accessTypes: ['read', 'write', 'readWrite'], canPersist: false };
}, { supportsDataBreakpointBytes: true });

function placeOf(session: Session, { variablesReference, name, frameId, bytes, asAddress }: Arguments): { address: bigint; size: number } | undefined {
  if (asAddress) return { address: parseAddress(name), size: bytes ?? 8 };
  const core = session.stopped;
  let value;
  if (variablesReference) {
    const container = session.container(variablesReference);
    if (container.kind === 'value') value = partsOf(container.value, container.path, session.memory(container.frame)).find(c => c.name === name)?.value;
    else if (container.kind === 'locals') { const { args, locals } = collectLocals(core.target, container.frame); value = [...args, ...locals].find(v => v.name === name)?.value; }
  } else {
    const frame = session.frame(frameId);
    value = frame && evaluateProgram(core.target, core.modules, frame, name, { isFormatRefused: true }).value;
  }
  const { address, bytes: contents } = value?.place ?? {};
  return address === undefined ? undefined : { address, size: bytes ?? contents?.length ?? 8 };
}
