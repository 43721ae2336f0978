// ringside/timing: events of the trace that have come since the last request, or from one of them on, for charts.
import { UserError } from '../../base/errors';
import type { TimingBatch } from '../messages';
import { request } from '../request';
import { BATCH, timingBatch } from '../timing';

export default request<{ limit: number; from?: number }, TimingBatch>('ringside/timing', (session, { limit, from }) => {
  const timing = session.launched?.timing;
  if (!timing) throw new UserError('nothing has been launched yet');
  return timingBatch(timing, Math.max(1, Math.min(limit, BATCH)), session.isRunning, from === undefined ? {} : { from });
});
