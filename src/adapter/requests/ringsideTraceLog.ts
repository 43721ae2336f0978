// ringside/traceLog: the strace log from the beginning of the run.
import { request } from '../request';

export default request<unknown, { text: string }>('ringside/traceLog', session => ({ text: session.traceLog }));
