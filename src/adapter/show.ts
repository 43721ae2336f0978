// Values, registers and calls as DAP variables.
import { readErrno } from '../debugger/errno';
import { formatRegister, REGISTER_GROUPS } from '../debugger/registers';
import type { StackFrame } from '../debugger/stack';
import { elementCount, isPointer, valueTypeName } from '../debugger/type_name';
import { formatValue } from '../debugger/expression/format';
import { integerHere, type Value } from '../debugger/expression/value';
import { hasParts, type NamedValue } from '../debugger/parts';
import { hex, type Session } from './session';

export interface Shown {
  name: string; value: string; type?: string; variablesReference: number; indexedVariables?: number; evaluateName?: string; memoryReference?: string; presentationHint?: object;
}

export function showValue(session: Session, frame: StackFrame, { name, value, path }: NamedValue, isHex = false): Shown {
  const expression = path ?? name;
  return { name, evaluateName: expression, ...showAnonymous(session, frame, value, expression, isHex) };
}

export function showAnonymous(session: Session, frame: StackFrame, value: Value, path: string, isHex = false): Omit<Shown, 'name'> {
  const address = isPointer(value.type) ? integerHere(value) : value.place.address;
  return {
    value: formatValue(value, session.memory(frame), { isHex, isRow: true }), type: valueTypeName(value),
    variablesReference: hasParts(value) ? session.reference({ kind: 'value', frame, value, path }) : 0,
    indexedVariables: elementCount(value.type), memoryReference: address === undefined ? undefined : hex(address),
  };
}

const readOnly = { attributes: ['readOnly'] };

export function showRegisters(session: Session, frame: StackFrame, group: string): Shown[] {
  const found = REGISTER_GROUPS.find(g => g.name === group);
  return (found?.registers ?? []).flatMap(name => {
    const value = frame.physical.registers.read(name);
    if (value === undefined) return [];
    return [{ name, value: formatRegister(name, value), type: name.startsWith('ymm') ? 'uint256_t' : name.startsWith('st') ? 'long double' : 'long', variablesReference: 0, evaluateName: `$${name}`, memoryReference: name.startsWith('r') && name !== 'rflags' ? hex(value) : undefined }];
  });
}

export function showRegisterScope(session: Session, frame: StackFrame): Shown[] {
  const { target, modules } = session.debugger;
  const errno = readErrno(target, modules, frame.pid);
  const facts: Shown[] = [{ name: 'ring', value: String(frame.ring), variablesReference: 0, presentationHint: readOnly }];
  if (errno !== undefined) facts.push({ name: 'errno', value: session.errnoText(errno), type: 'int', variablesReference: 0, presentationHint: readOnly });
  const groups = REGISTER_GROUPS.filter(g => g.name !== 'General' && g.registers.some(name => frame.physical.registers.read(name) !== undefined))
    .map(({ name }) => ({ name, value: '', variablesReference: session.reference({ kind: 'registerGroup', frame, group: name }) }));
  return [...facts, ...showRegisters(session, frame, 'General'), ...groups];
}
