// ringside/answerPastEdit: the person's answer to the event ringside/askPastEdit. The change that waits for it is made, or refused.
import { UserError } from '../../base/errors';
import type { RingsideRequest } from '../messages';
import { Answer, request } from '../request';

type Arguments = Extract<RingsideRequest, { command: 'ringside/answerPastEdit' }>['arguments'];

export default request<Arguments, undefined>('ringside/answerPastEdit', (session, { isAgreed }) => {
  const { consent } = session;
  if (!consent.isPending) throw new UserError('no change waits for an answer');
  return new Answer(undefined, () => consent.answer(isAgreed));
});
