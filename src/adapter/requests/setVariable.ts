// setVariable: a register of the innermost frame, or an integer, enum or pointer in memory.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { UserError } from '../../base/errors';
import { parseCondition } from '../../debugger/condition';
import { writeRegister } from '../../debugger/registers';
import { writeInteger } from '../../debugger/assign';
import { childrenOf, type NamedValue } from '../../debugger/value';
import { collectLocals } from '../../debugger/variables';
import { Answer, request } from '../request';
import type { Fact } from '../../debugger/scopes/fact';
import { utf8, type Container, type Session } from '../session';
import { showAnonymous, showRegisters } from '../show';

export default request<DebugProtocol.SetVariableArguments, unknown>('setVariable', (session, { variablesReference, name, value: text, format }) => {
  const core = session.stopped;
  const container = session.container(variablesReference);
  if (container.kind === 'kernelLocals') throw new UserError('the kernel\'s own variables cannot be changed');
  if (container.kind === 'shown') throw new UserError('change it where the variable stands, not in the hover');
  if (container.kind === 'facts') return setFact(session, container.facts, name, text);
  session.allowEdit();
  const { frame } = container;
  const number = parseCondition(text).evaluate(n => core.valueOf(frame, n));
  if (typeof number !== 'bigint') throw new UserError('only integers can be assigned');
  if (container.kind === 'registers' || container.kind === 'registerGroup') {
    if (frame.index !== 0) throw new UserError('registers can be changed in the innermost frame only');
    if (!writeRegister(frame.physical.registers, name, number)) throw new UserError(`${name} cannot be changed`);
    core.stateChanged();
    const group = container.kind === 'registers' ? 'General' : container.group;
    return changed(session, { value: showRegisters(session, frame, group).find(r => r.name === name)?.value ?? String(number), variablesReference: 0 });
  }
  const found = partsOf(session, container).find(part => part.name === name);
  if (!found) throw new UserError(`there is no variable '${name}' here`);
  const written = writeInteger(core.target, frame, found.value, number);
  core.stateChanged();
  return changed(session, showAnonymous(session, frame, written, found.path ?? name, format?.hex ?? false));
}, { supportsSetVariable: true });

/** A row that can be changed: an argument of a call at its entry, the result at its return. */
function setFact(session: Session, facts: () => Fact[], name: string, text: string): Answer<object> {
  const core = session.stopped;
  const found = facts().find(one => one.name === name);
  if (!found?.set) throw new UserError(`${name} cannot be changed`);
  session.allowEdit();
  const frame = core.lastStop && core.stackOf(core.lastStop.pid).at(0);
  const value = parseCondition(text).evaluate(n => core.valueOf(frame, n));
  if (typeof value !== 'bigint') throw new UserError('only integers can be assigned');
  found.set(value);
  core.stateChanged();
  const now = facts().find(one => one.name === name) ?? found;
  return changed(session, { value: utf8(now.value), variablesReference: 0 });
}

const changed = (session: Session, body: object): Answer<object> => new Answer(body, () => session.send('invalidated', { areas: ['stacks', 'variables'] }));

function partsOf(session: Session, container: Extract<Container, { kind: 'locals' | 'value' }>): NamedValue[] {
  if (container.kind === 'value') return childrenOf(container.value, container.path, session.context(container.frame));
  const { args, locals } = collectLocals(session.debugger.target, container.frame);
  return [...args, ...locals];
}
