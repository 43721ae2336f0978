// A trace in the JSON that chrome://tracing and Perfetto read. Format: "Trace Event Format", JSON object form; times are microseconds.
import type { Run } from './chart';
import { Lanes } from './lanes';
import { siteText } from './event_list';

interface ChromeEvent { name: string; cat: string; ph: 'X' | 'i' | 'M'; pid: number; tid: number; ts?: number; dur?: number; s?: 't'; args?: Record<string, unknown> }

export function chromeTrace({ events, program, nowNs, lanes }: Run): string {
  const list: ChromeEvent[] = [{ name: 'process_name', cat: '', ph: 'M', pid: 1, tid: 0, args: { name: program } }];
  for (const lane of (lanes ?? new Lanes(events)).update().lanes) list.push({ name: 'thread_name', cat: '', ph: 'M', pid: 1, tid: lane.pid, args: { name: lane.name || `task ${lane.pid}` } });
  for (let index = events.first; index < events.length; index++) {
    const kind = events.kind(index);
    if (kind === 'switch' || events.isFallback(index)) continue;
    const start = events.number('startNs', index), end = events.number('endNs', index);
    const base = { name: events.string('name', index), cat: kind, pid: 1, tid: events.word('pid', index), ts: start / 1000 };
    if (kind !== 'call' && kind !== 'vdso' && kind !== 'fault') {
      list.push({ ...base, ph: 'i', s: 't', args: { text: events.string('text', index) || events.string('object', index) } });
      continue;
    }
    const site = siteText(events.site(index)), on = events.string('object', index), error = events.string('error', index);
    const phases = kind === 'call' ? Object.fromEntries((['entryNs', 'handlerNs', 'copyNs', 'blockedNs', 'exitNs'] as const).map(id => [id, events.number(id, index)])) : {};
    list.push({
      ...base, ph: 'X', dur: ((Number.isNaN(end) ? nowNs : end) - start) / 1000,
      args: { text: events.string('text', index), ...phases, ...on ? { on } : {}, ...error ? { error } : {}, ...site ? { line: site } : {} },
    });
  }
  return JSON.stringify({ traceEvents: list, displayTimeUnit: 'ns' });
}
