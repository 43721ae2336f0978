// setVariable: a register of the innermost frame, a variable or a part of one, an argument or the result of a call, a number of a kernel object. The new value is an expression.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../base/errors';
import { evaluateProgram, kernelInteger, programInteger } from '../../debugger/program_expression';
import { writeRegister } from '../../debugger/registers';
import { type NamedValue, partsOf } from '../../debugger/parts';
import { collectLocals } from '../../debugger/variables';
import { Answer, request } from '../request';
import type { Fact } from '../../debugger/scopes/fact';
import { utf8, type Container, type Session } from '../session';
import { showAnonymous, showRegisters } from '../show';

export default request<DebugProtocol.SetVariableArguments, unknown>('setVariable', (session, { variablesReference, name, value: text, format }) => {
  const core = session.stopped;
  const container = session.container(variablesReference);
  if (container.kind === 'kernelLocals') throw new UserError('a variable of a kernel function cannot be changed: its arguments come from the call, which can be changed in the scope Syscall, and the fields of its objects can be changed below them');
  if (container.kind === 'shown') throw new UserError('change it where the variable stands, not in the hover');
  if (container.kind === 'facts') return setFact(session, container.facts, name, text);
  session.allowEdit();
  const { frame } = container;
  if (container.kind === 'registers' || container.kind === 'registerGroup') {
    if (frame.index !== 0) throw new UserError('registers can be changed in the innermost frame only');
    const number = programInteger(core.target, core.modules, frame, text);
    if (!writeRegister(frame.physical.registers, name, number)) throw new UserError(`${name} cannot be changed`);
    core.stateChanged();
    const group = container.kind === 'registers' ? 'General' : container.group;
    return changed(session, { value: showRegisters(session, frame, group).find(r => r.name === name)?.value ?? String(number), variablesReference: 0 });
  }
  const found = namesIn(session, container).find(part => part.name === name);
  if (!found) throw new UserError(`there is no variable '${name}' here`);
  const path = found.path ?? name;
  const { value: written } = evaluateProgram(core.target, core.modules, frame, `(${path}) = (${text})`, { allowSideEffects: true, isFormatRefused: true });
  core.stateChanged();
  return changed(session, showAnonymous(session, frame, written, path, format?.hex ?? false));
}, { supportsSetVariable: true });

/** A row that can be changed: an argument of a call at its entry, the result at its return, a number of a kernel object. */
function setFact(session: Session, facts: () => Fact[], name: string, text: string): Answer<object> {
  const core = session.stopped;
  const found = facts().find(one => one.name === name);
  if (!found?.set && !found?.cell) throw new UserError(`${name} cannot be changed`);
  const frame = core.lastStop && core.stackOf(core.lastStop.pid).at(0);
  const { cell, set } = found;
  const value = cell ? kernelInteger(core.target, frame, text) : programInteger(core.target, core.modules, frame, text);
  session.allowEdit();
  if (cell) core.target.changeKernel(cell.read, () => cell.write(value));
  else set?.(value);
  core.stateChanged();
  const now = facts().find(one => one.name === name) ?? found;
  return changed(session, { value: utf8(now.value), variablesReference: 0 });
}

const changed = (session: Session, body: object): Answer<object> => new Answer(body, () => session.edited());

function namesIn(session: Session, container: Extract<Container, { kind: 'locals' | 'value' }>): NamedValue[] {
  if (container.kind === 'value') return partsOf(container.value, container.path, session.memory(container.frame));
  const { args, locals } = collectLocals(session.debugger.target, container.frame);
  return [...args, ...locals];
}
