// ringside/traceLog: the strace log from the beginning of the run, or from a row on.
import type { TraceLog } from '../messages';
import { request } from '../request';

export default request<{ from?: number; count?: number }, TraceLog>('ringside/traceLog', (session, { from = 0, count }) => session.traceLog(Math.max(0, from), count));
