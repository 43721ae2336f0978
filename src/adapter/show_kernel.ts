// Values of the simulated kernel as DAP variables: the variables of its functions and what they contain.
import { formatKernel } from '../debugger/objects/format';
import { kernelValue, typeText, type KernelValue } from '../debugger/objects/kernel_value';
import { isExpandable, membersOf } from '../debugger/objects/members';
import { localValue } from '../debugger/kernel_locals';
import type { StackFrame } from '../debugger/stack';
import { utf8, type Session } from './session';
import type { Shown } from './show';

/** `path`: the expression that leads here; '': there is none. */
export function showKernel(session: Session, name: string, value: KernelValue, path: string, isHex = false): Shown {
  return {
    name, value: utf8(formatKernel(value, { name, isHex })), type: typeText(value), evaluateName: path || undefined,
    variablesReference: isExpandable(value) ? session.reference({ kind: 'kernelValue', value, path }) : 0, presentationHint: { attributes: ['readOnly'] },
  };
}

export function showKernelMembers(session: Session, value: KernelValue, path: string, isHex: boolean): Shown[] {
  return membersOf(value).map(member => showKernel(session, member.name, member.value, path && member.step ? `${path}${member.step}` : '', isHex));
}

/** Above the arguments and variables: what the function that has just come back gave. */
export function showKernelLocals(session: Session, { kernel, index }: StackFrame, isHex: boolean): Shown[] {
  const { returned } = session.debugger.target.kernel;
  const locals = [...kernel?.locals ?? []].sort((a, b) => Number(b.isArgument) - Number(a.isArgument));
  return [
    ...returned && index === 0 ? [showKernel(session, `${returned.name}()`, kernelValue(returned.value), '', isHex)] : [],
    ...locals.map(({ name, value }) => showKernel(session, name, localValue(name, value), name, isHex)),
  ];
}
