// ringside/traceLog: the strace log from the beginning of the run.
import type { TraceRows } from '../messages';
import { request } from '../request';

export default request<unknown, TraceRows>('ringside/traceLog', session => session.traceLog);
