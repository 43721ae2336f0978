// stepOut: to the caller of this function.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { request } from '../request';
import { step } from '../step';

export default request<DebugProtocol.StepOutArguments, unknown>('stepOut', (session, { threadId, granularity }) => step(session, threadId, 'out', granularity));
