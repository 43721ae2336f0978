// Values, registers and calls as DAP variables.
import { readErrno } from '../debugger/errno';
import { formatRegister, REGISTER_GROUPS } from '../debugger/registers';
import type { StackFrame } from '../debugger/stack';
import { isPointer, valueTypeName } from '../debugger/type_name';
import { formatValue } from '../debugger/expression/format';
import { integerHere, type Value } from '../debugger/expression/value';
import { hasParts, type NamedValue, portionsOf, referent } from '../debugger/parts';
import { hex, type Session } from './session';

export interface Shown {
  name: string; value: string; type?: string; variablesReference: number; indexedVariables?: number; namedVariables?: number; evaluateName?: string; memoryReference?: string; presentationHint?: object;
}

export function showValue(session: Session, frame: StackFrame, { name, value, path }: NamedValue, isHex = false): Shown {
  const shown = showAnonymous(session, frame, value, path ?? name, isHex);
  return { name, ...shown, ...(path === undefined ? { presentationHint: readOnly } : { evaluateName: path }) };
}

export function showAnonymous(session: Session, frame: StackFrame, value: Value, path: string, isHex = false): Omit<Shown, 'name'> {
  const memory = session.memory(frame), meant = referent(value, memory), portions = portionsOf(meant, memory);
  const address = isPointer(meant.type) ? integerHere(meant) : meant.place.address;
  return {
    value: formatValue(meant, memory, { isHex, isRow: true }), type: valueTypeName(value),
    variablesReference: hasParts(meant, memory) ? session.reference({ kind: 'value', frame, value: meant, path }) : 0,
    indexedVariables: portions?.indexed, namedVariables: portions?.named || undefined, memoryReference: address === undefined ? undefined : hex(address),
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
