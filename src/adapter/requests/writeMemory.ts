// writeMemory: bytes into the program's memory, through page protection.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../base/errors';
import { parseAddress } from '../address';
import { Answer, request } from '../request';

export default request<DebugProtocol.WriteMemoryArguments, unknown>('writeMemory', (session, { memoryReference, offset, data, allowPartial }) => {
  const core = session.stopped;
  const address = parseAddress(memoryReference, offset);
  const bytes = Buffer.from(data, 'base64');
  const pid = core.lastStop?.pid ?? core.target.currentPid;
  if (!allowPartial && core.target.readMemory(pid, address, bytes.length).length < bytes.length) throw new UserError(`the memory at 0x${address.toString(16)} is not all mapped`);
  session.allowEdit();
  const bytesWritten = core.target.writeMemory(pid, address, bytes);
  core.stateChanged();
  return new Answer({ bytesWritten }, () => {
    session.send('memory', { memoryReference, offset: offset ?? 0, count: bytesWritten });
    session.edited();
  });
}, { supportsWriteMemoryRequest: true });
