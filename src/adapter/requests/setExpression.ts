// setExpression: a new value for what an expression of the Watch view means, in the program or in the kernel's objects.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../base/errors';
import { assignInKernel, evaluateProgram } from '../../debugger/program_expression';
import { kernelFact } from '../../debugger/scopes/fact';
import { Answer, request } from '../request';
import { showAnonymous } from '../show';
import { showFact } from '../show_fact';

export default request<DebugProtocol.SetExpressionArguments, unknown>('setExpression', (session, { expression, value: text, frameId, format }) => {
  const core = session.stopped;
  const frame = session.frame(frameId) ?? core.stackOf(core.lastStop?.pid ?? core.target.currentPid).find(one => one.ring === 3);
  if (!frame) throw new UserError('there is no stack frame to evaluate in');
  const isHex = format?.hex ?? false;
  const assignment = `${expression} = (${text})`;
  const inKernel = assignInKernel(core.target, frame, assignment, () => session.allowEdit());
  if (!inKernel) session.allowEdit();
  const shown = inKernel ? showFact(session, kernelFact(expression, inKernel, expression, isHex))
    : showAnonymous(session, frame, evaluateProgram(core.target, core.modules, frame, assignment, { allowSideEffects: true, isFormatRefused: true }).value, expression, isHex);
  core.stateChanged();
  return new Answer(shown, () => session.edited());
}, { supportsSetExpression: true });
