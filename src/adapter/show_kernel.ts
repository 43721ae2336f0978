// Variables of the simulated kernel's functions as DAP variables.
import { isMachinePart, localValue } from '../debugger/kernel_locals';
import { kernelFact } from '../debugger/scopes/fact';
import type { StackFrame } from '../debugger/stack';
import type { Session } from './session';
import type { Shown } from './show';
import { showFacts } from './show_fact';

/** Above the arguments and variables: what the function that has just come back gave. */
export function showKernelLocals(session: Session, { kernel, index }: StackFrame, isHex: boolean): Shown[] {
  const { returned, structs } = session.debugger.target.kernel;
  const locals = (kernel?.locals ?? []).filter(({ value }) => !isMachinePart(value)).sort((a, b) => Number(b.isArgument) - Number(a.isArgument));
  return showFacts(session, [
    ...returned && index === 0 ? [kernelFact(`${returned.name}()`, localValue(returned, structs), undefined, isHex)] : [],
    ...locals.map(local => kernelFact(local.name, localValue(local, structs), local.name, isHex)),
  ]);
}
