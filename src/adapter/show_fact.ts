// Rows that explain (debugger/scopes/fact.ts) as DAP variables. Everything that is not a variable of the program is shown through here.
import type { Fact } from '../debugger/scopes/fact';
import { hex, utf8, type Session } from './session';
import type { Shown } from './show';

export function showFact(session: Session, { name, value, meaning, children, expression, memory, set, cell }: Fact): Shown {
  return {
    name: utf8(name), value: utf8(value), type: meaning, variablesReference: children ? session.reference({ kind: 'facts', facts: children }) : 0, evaluateName: expression,
    memoryReference: memory === undefined ? undefined : hex(memory), ...(set ?? cell ? {} : { presentationHint: { attributes: ['readOnly'] } }),
  };
}

export const showFacts = (session: Session, facts: readonly Fact[]): Shown[] => facts.map(one => showFact(session, one));
