// evaluate: registers ($rax), variables and their parts, the kernel's objects (current->files, $file(3)), why a task sleeps ($why), and C expressions
// over the program with formats (`flags,x`). Only the console changes them: `total = 3`, `$file(3)->f_pos = 0`.
// A hover shows besides what the kernel knows of the value: a descriptor's file, a pointer's mapping, in the kernel's source too.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../base/errors';
import { assignInKernel, changesProgram, evaluateInKernel, evaluateProgram } from '../../debugger/program_expression';
import { formatRegister, readRegister, registerPart } from '../../debugger/registers';
import { kernelFact } from '../../debugger/scopes/fact';
import { whyFact } from '../../debugger/scopes/why';
import { kernelHover, userFacts } from '../../debugger/scopes/user_facts';
import type { StackFrame } from '../../debugger/stack';
import type { Value } from '../../debugger/expression/value';
import { partsOf } from '../../debugger/parts';
import { Answer, request } from '../request';
import { hex, utf8, type Session } from '../session';
import { showAnonymous, showValue, type Shown } from '../show';
import { showFact, showFacts } from '../show_fact';
import { sourceAround } from '../source_text';

type Result = Omit<Shown, 'name' | 'value'> & { result: string };
const resultOf = ({ name: _name, value: result, evaluateName: _evaluateName, ...rest }: Shown): Result => ({ result, ...rest });

export default request<DebugProtocol.EvaluateArguments, unknown>('evaluate', (session, { expression, frameId, format, context }) => {
  const core = session.stopped;
  const frame = session.frame(frameId) ?? core.stackOf(core.lastStop?.pid ?? core.target.currentPid).find(f => f.ring === 3);
  const text = expression.trim();
  const isHex = format?.hex ?? false;
  if (!frame) throw new UserError('there is no stack frame to evaluate in');
  if (text === '$why') return resultOf(showFact(session, whyFact(frame.pid, (pid, address) => core.modules.describe(pid, address))));
  const isAssigned = context === 'repl' && changesProgram(text);
  const inKernel = isAssigned ? assignInKernel(core.target, frame, text, () => session.allowEdit()) : undefined;
  if (inKernel) {
    core.stateChanged();
    return new Answer(resultOf(showFact(session, kernelFact(text, inKernel, undefined, isHex))), () => session.edited());
  }
  const fromKernel = evaluateInKernel(core.target, frame, text);
  if (fromKernel) return resultOf(showFact(session, context === 'hover' ? kernelHover(core.target, core.modules, frame.pid, text, fromKernel, isHex) : kernelFact(text, fromKernel, text, isHex)));
  if (/^\$\w+$/.test(text)) {
    const name = text.slice(1).toLowerCase();
    const value = readRegister(frame.physical.registers, name);
    if (value === undefined) throw new UserError(registerPart(name) ? `${text} is not known in this frame` : `there is no register ${text}`);
    return { result: formatRegister(registerPart(name)?.bits === 64n ? registerPart(name)?.register ?? name : name, value), type: 'long', variablesReference: 0, memoryReference: hex(value) };
  }
  if (isAssigned) session.allowEdit();
  const { value, letter, print } = evaluateProgram(core.target, core.modules, frame, text, { allowSideEffects: isAssigned });
  if (isAssigned) core.stateChanged();
  const shown = context === 'hover' ? hover(session, frame, value, text, isHex) : resultOf({ name: text, ...showAnonymous(session, frame, value, text, isHex) });
  const result = letter ? { ...shown, result: utf8(print()) } : shown;
  return isAssigned ? new Answer(result, () => session.edited()) : result;
}, { supportsEvaluateForHovers: true });

/** The program's value, and below its own parts what the kernel knows of it. */
function hover(session: Session, frame: StackFrame, value: Value, text: string, isHex: boolean): Result {
  const { target, modules } = session.debugger;
  const shown = showAnonymous(session, frame, value, text, isHex);
  const { headline, isWhole, facts } = userFacts(target, modules, frame.pid, text, value, sourceAround(session.localPath(frame)));
  const result = headline === undefined ? shown.value : isWhole ? utf8(headline) : `${shown.value} → ${utf8(headline)}`;
  if (facts.length === 0) return resultOf({ name: text, ...shown, value: result });
  const parts = (): Shown[] => shown.variablesReference === 0 ? [] : partsOf(value, text, session.memory(frame)).map(child => showValue(session, frame, child, isHex));
  return resultOf({ name: text, ...shown, value: result, indexedVariables: undefined, variablesReference: session.reference({ kind: 'shown', rows: () => isWhole ? [...showFacts(session, facts), ...parts()] : [...parts(), ...showFacts(session, facts)] }) });
}
