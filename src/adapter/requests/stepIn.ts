// stepIn: into the function that is called, when it has lines.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { request } from '../request';
import { step } from '../step';

export default request<DebugProtocol.StepInArguments, unknown>('stepIn', (session, { threadId, granularity }) => step(session, threadId, 'into', granularity));
