// readMemory: bytes as base64; what cannot be read is counted.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { parseAddress } from '../address';
import { request } from '../request';

const LIMIT = 1 << 20;

export default request<DebugProtocol.ReadMemoryArguments, unknown>('readMemory', (session, { memoryReference, offset, count }) => {
  const core = session.stopped;
  const address = parseAddress(memoryReference, offset);
  const length = Math.min(Math.max(0, count), LIMIT);
  const bytes = core.target.readMemory(core.lastStop?.pid ?? core.target.currentPid, address, length);
  session.noteMemoryRead(memoryReference, offset ?? 0, length);
  return { address: `0x${address.toString(16)}`, data: Buffer.from(bytes).toString('base64'), unreadableBytes: length - bytes.length };
}, { supportsReadMemoryRequest: true });
