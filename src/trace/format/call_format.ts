// The shape of a call's own text, for calls whose arguments depend on each other. Everything else is derived from the declared types.
import type { Printer } from './printer';

export interface CallFormat {
  /** The arguments that are known at entry, with ", " at the end when more follow at exit. */
  enter(p: Printer): string;
  /** All arguments stand at entry, yet more text comes with the result: a task that is killed meanwhile shows `<unfinished ...>`. */
  readonly pending?: boolean;
  /** The rest; may set p.aux and p.returnForm. */
  exit?(p: Printer): string;
}

/** Prints everything at entry. */
export const atEntry = (...parts: ((p: Printer) => string)[]): CallFormat => ({ enter: p => parts.map(part => part(p)).join(', ') });

/** The first `n` parts at entry, the rest at exit. */
export const split = (n: number, ...parts: ((p: Printer) => string)[]): CallFormat => ({
  enter: p => parts.slice(0, n).map(part => `${part(p)}, `).join(''),
  exit: p => parts.slice(n).map(part => part(p)).join(', '),
});
