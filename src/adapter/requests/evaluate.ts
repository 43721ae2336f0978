// evaluate: registers ($rax), variables and their parts, and integer expressions over them. It changes nothing.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../base/errors';
import { namesOf } from '../../debugger/kernel_source';
import { evaluateKernel } from '../../debugger/objects/evaluate';
import { showKernel } from '../show_kernel';
import { parseCondition } from '../../debugger/condition';
import { formatRegister, readRegister, registerPart } from '../../debugger/registers';
import { findPath } from '../../debugger/variables';
import { request } from '../request';
import { hex, utf8 } from '../session';
import { showAnonymous } from '../show';

export default request<DebugProtocol.EvaluateArguments, unknown>('evaluate', (session, { expression, frameId, format }) => {
  const core = session.stopped;
  const frame = session.frame(frameId) ?? core.stackOf(core.lastStop?.pid ?? core.target.currentPid).find(f => f.ring === 3);
  const text = expression.trim();
  if (!frame) throw new UserError('there is no stack frame to evaluate in');
  if (/^\$\w+$/.test(text)) {
    const name = text.slice(1).toLowerCase();
    const value = readRegister(frame.physical.registers, name);
    if (value === undefined) throw new UserError(registerPart(name) ? `${text} is not known in this frame` : `there is no register ${text}`);
    return { result: formatRegister(registerPart(name)?.bits === 64n ? registerPart(name)?.register ?? name : name, value), type: 'long', variablesReference: 0, memoryReference: hex(value) };
  }
  if (frame.kernel) {
    const { name: _, value: result, ...rest } = showKernel(session, text, evaluateKernel(text, namesOf(frame.kernel), frame.pid), text, format?.hex);
    return { result, ...rest };
  }
  const value = findPath(core.target, frame, text);
  if (value) {
    const { value: result, ...rest } = showAnonymous(session, frame, value, text, format?.hex ?? false);
    return { result, ...rest };
  }
  const result = parseCondition(text).evaluate(name => core.valueOf(frame, name));
  return { result: typeof result === 'string' ? JSON.stringify(utf8(result)) : format?.hex ? hex(BigInt.asUintN(64, result)) : String(result), type: typeof result === 'string' ? 'char *' : 'long', variablesReference: 0 };
}, { supportsEvaluateForHovers: true });
