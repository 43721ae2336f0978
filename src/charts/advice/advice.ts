// Advice: what a person could do about the time at the border, with the line and the figures. One rule a file; this is the list of them.
import type { Run } from '../chart';
import { siteText } from '../event_list';
import { formatNs } from '../units';
import blocked from './blocked';
import busyPolling from './busy_polling';
import clocks from './clocks';
import failingOpens from './failing_opens';
import fsync from './fsync';
import leaks from './leaked_descriptors';
import type { Finding, Rule } from './rule';
import smallTransfers from './small_transfers';
import statStorm from './stat_storm';

export type { Finding } from './rule';

export const rules: readonly Rule[] = [smallTransfers, failingOpens, statStorm, busyPolling, fsync, leaks, clocks, blocked];

/** Rows that a finding names: enough to look at. */
const MOST_EVENTS = 100;

/** All findings, the most time first. */
export function findAdvice(run: Run): Finding[] {
  return rules.flatMap(({ id, find }) => find(run).map(finding => ({ rule: id, ...finding, events: finding.events.slice(0, MOST_EVENTS) }))).sort((a, b) => b.savedNs - a.savedNs);
}

/** `data.c:14 made 1,000 writes ...`, and below it what to do. */
export function adviceText({ site, sentence, remedy, savedNs }: Finding): string {
  return `${site ? `${siteText(site)} ` : 'Code without line information '}${sentence}\n    ${remedy}${savedNs > 0 ? ` Saves about ${formatNs(savedNs)}.` : ''}\n`;
}
