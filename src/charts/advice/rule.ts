// What a rule of advice is, and what rules share: groups of calls by the line that made them.
import type { EventTable, Site } from '../../trace/columns';
import type { Run } from '../chart';

export interface Finding {
  rule: string;
  site: Site | undefined;
  /** What happened, with figures. It goes on after the line's name. */
  sentence: string;
  /** What to do. */
  remedy: string;
  /** Time that the remedy would save; 0 where no time is at stake, or nobody can say how much. */
  savedNs: number;
  calls: number;
  /** Rows of the trace, to show. */
  events: number[];
}

export interface Rule {
  id: string;
  title: string;
  find(run: Run): Omit<Finding, 'rule'>[];
}

export const rule = (declaration: Rule): Rule => declaration;

/** Calls that have returned, in order of time. */
export function* calls(events: EventTable): Generator<number> {
  for (let index = events.first; index < events.length; index++) if (events.kind(index) === 'call' && !Number.isNaN(events.duration(index))) yield index;
}

/** Rows in groups of equal key; a call without key is in none. */
export function groupBy(rows: Iterable<number>, key: (index: number) => string | undefined): number[][] {
  const groups = new Map<string, number[]>();
  for (const index of rows) {
    const k = key(index);
    if (k === undefined) continue;
    const group = groups.get(k);
    if (group) group.push(index); else groups.set(k, [index]);
  }
  return [...groups.values()];
}

/** The same line, doing the same call, to the same thing. Without debug information the line is unknown: then the task takes its place. */
export const siteKey = (events: EventTable, index: number): string => `${events.word('site', index) || `task ${events.word('pid', index)}`} ${events.word('name', index)} ${events.word('object', index)}`;

/** Processor time of calls: what they waited is not theirs. */
export const busyNs = (events: EventTable, rows: readonly number[]): number => rows.reduce((sum, index) => sum + events.duration(index) - (events.number('blockedNs', index) || 0), 0);

/** ` to /tmp/x`, or nothing. */
export const onText = (events: EventTable, index: number, word: string): string => events.string('object', index) === '' ? '' : ` ${word} ${events.string('object', index)}`;
