// The -e expressions of `ringside strace`: which calls, signals and outcomes the log shows.
import { UserError } from '../base/errors';
import { allCalls } from '../machine/calls';
import { parseCallSet, parseSignalSet, parseStatusSet, type CallStatus } from '../trace/filter';
import type { LogFilter } from '../trace/strace_text';

export interface Filters extends LogFilter { status: Set<CallStatus> | null }

const CALLS = /^(?:trace|t)=(.*)$/s, SIGNALS = /^(?:signals?|s)=(.*)$/s, STATUS = /^status=(.*)$/s;

/** The filter for the -e expressions, the last of a kind counts. Throws UserError. */
export function parseFilters(expressions: readonly string[]): Filters {
  let calls: Set<string> | null = null, signals: Set<number> | null = null, status: Set<CallStatus> | null = null;
  for (const expression of expressions) {
    const call = CALLS.exec(expression), signal = SIGNALS.exec(expression), outcome = STATUS.exec(expression);
    if (signal) signals = parseSignalSet(signal[1] ?? '');
    else if (outcome) status = parseStatusSet(outcome[1] ?? '');
    else if (!call && /^\w+=/.test(expression)) throw new UserError(`-e ${expression.split('=')[0]}= is not supported: trace=, signal= and status= are`);
    else calls = parseCallSet(call ? call[1] ?? '' : expression, allCalls());
  }
  return { call: name => calls?.has(name) ?? true, signal: signo => signals?.has(signo) ?? true, status };
}
