// Advice: what a person could do about the time at the border, with the line and the figures. One rule a file; this is the list of them.
import type { Site } from '../../trace/columns';
import type { Run } from '../chart';
import { baseName } from '../lanes';

export interface Finding {
  rule: string;
  site: Site | undefined;
  /** What happened, with figures. */
  sentence: string;
  /** What to do. */
  remedy: string;
  /** Time that the remedy would save; 0 where no time is at stake. */
  savedNs: number;
  calls: number;
  /** Rows of the trace, to show. */
  events: number[];
}

export interface Rule {
  id: string;
  title: string;
  find(run: Run): Finding[];
}

const rules: readonly Rule[] = [];

/** All findings, the most time first. */
export function findAdvice(run: Run): Finding[] {
  return rules.flatMap(rule => rule.find(run)).sort((a, b) => b.savedNs - a.savedNs);
}

/** `data.c:14 made 1,000 one-byte writes ...` */
export function adviceText({ site, sentence, remedy }: Finding): string {
  return `  ${site ? `${baseName(site.file)}:${site.line} ` : ''}${sentence}\n      ${remedy}`;
}
