// Variables of the simulated kernel's functions as DAP variables.
import { showKernelValue, type ShownKernelValue } from '../debugger/kernel_values';
import type { StackFrame } from '../debugger/stack';
import { utf8, type Session } from './session';
import type { Shown } from './show';

/** `owner`: the expression of what it is a part of; '' for a variable. */
export function showKernel(session: Session, { name, type, text, value, children }: ShownKernelValue, owner: string): Shown {
  const path = owner === '' ? name : name.startsWith('[') ? `${owner}${name}` : `${owner}->${name}`;
  return {
    name, value: utf8(text), type, evaluateName: path, variablesReference: children > 0 ? session.reference({ kind: 'kernelValue', value, path }) : 0, presentationHint: { attributes: ['readOnly'] },
  };
}

/** Above the arguments and variables: what the function that has just come back gave. */
export function showKernelLocals(session: Session, { kernel, index }: StackFrame): Shown[] {
  const { returned } = session.debugger.target.kernel;
  const shown = [...kernel?.locals ?? []].sort((a, b) => Number(b.isArgument) - Number(a.isArgument)).map(({ name, value }) => showKernel(session, showKernelValue(name, value), ''));
  if (!returned || index > 0) return shown;
  const result = showKernel(session, showKernelValue(`${returned.name}()`, returned.value), '');
  return [{ ...result, evaluateName: undefined, presentationHint: { kind: 'property', attributes: ['readOnly'], lazy: false } }, ...shown];
}
