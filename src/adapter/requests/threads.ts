// threads: the tasks of the machine.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { request } from '../request';

export default request<unknown, DebugProtocol.ThreadsResponse['body']>('threads', session => ({
  threads: session.debugger.target.tasks().filter(task => task.state !== 'zombie').map(({ pid, name }) => ({ id: pid, name: `${name} (${pid})` })),
}));
