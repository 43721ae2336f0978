// next: to the next line or instruction of this function.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { request } from '../request';
import { step } from '../step';

export default request<DebugProtocol.NextArguments, unknown>('next', (session, { threadId, granularity }) => step(session, threadId, 'over', granularity), { supportsSteppingGranularity: true });
