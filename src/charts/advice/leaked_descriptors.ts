// Descriptors that a new program inherits over exec without using them: opened without O_CLOEXEC.
import type { EventTable } from '../../trace/columns';
import { baseName } from '../lanes';
import { plural } from '../units';
import { calls, rule, type Finding } from './rule';

const OPENERS = new Set(['open', 'openat', 'openat2', 'creat', 'socket', 'accept', 'accept4', 'dup', 'dup2', 'dup3', 'eventfd2', 'timerfd_create', 'signalfd4', 'epoll_create', 'epoll_create1', 'memfd_create', 'inotify_init1', 'pipe', 'pipe2', 'socketpair']);
const PAIRS = new Set(['pipe', 'pipe2', 'socketpair']);

export default rule({
  id: 'leaked-descriptors', title: 'Descriptors leaking over exec',
  find({ events }) {
    const findings = new Map<string, Omit<Finding, 'rule'> & { programs: Set<string>; fds: Set<string> }>();
    for (const { index, descriptors } of events.inherited) {
      if (index < events.first) continue;
      const pid = events.word('pid', index), program = baseName(events.string('object', index));
      for (const { fd, object } of descriptors) {
        if (isUsed(events, index, pid, fd, object)) continue;
        const opener = findOpener(events, index, fd, object);
        // What was open before the trace began is the caller's.
        if (opener === undefined) continue;
        const key = `${events.word('site', opener)} ${object}`;
        let finding = findings.get(key);
        if (!finding) findings.set(key, finding = { site: events.site(opener), sentence: '', remedy: '', savedNs: 0, calls: 0, events: [opener], programs: new Set(), fds: new Set() });
        finding.calls++;
        finding.events.push(index);
        finding.programs.add(program);
        finding.fds.add(`${fd} (${object})`);
      }
    }
    return [...findings.values()].map(({ programs, fds, ...finding }) => ({
      ...finding,
      sentence: `opened descriptor ${[...fds].join(', ')}, which ${[...programs].join(', ')} inherited ${finding.calls === 1 ? '' : `${plural(finding.calls, 'time')} `}without using it.`,
      remedy: 'Open it with O_CLOEXEC (SOCK_CLOEXEC, pipe2, F_DUPFD_CLOEXEC), so that it does not outlive exec.',
    }));
  },
});

/** The new program, up to its end or its next exec, worked on that file. */
function isUsed(events: EventTable, exec: number, pid: number, fd: number, object: string): boolean {
  const asArgument = new RegExp(`\\((?:.*[ ,])?${fd}[,)]`);
  for (let index = exec + 1; index < events.length; index++) {
    if (events.word('pid', index) !== pid) continue;
    if (events.kind(index) === 'exec') return false;
    if (events.kind(index) !== 'call' || events.string('name', index) === 'close') continue;
    if (events.string('object', index) === object || events.string('text', index).startsWith('dup') && asArgument.test(events.string('text', index))) return true;
  }
  return false;
}

/** The newest call before `exec`, of any task, whose result is that descriptor. */
function findOpener(events: EventTable, exec: number, fd: number, object: string): number | undefined {
  let found: number | undefined;
  for (const index of calls(events)) {
    if (index >= exec) break;
    const name = events.string('name', index);
    if (!OPENERS.has(name) || events.isFailed(index)) continue;
    if (PAIRS.has(name) ? new RegExp(`\\[(?:${fd}, \\d+|\\d+, ${fd})\\]`).test(events.string('text', index)) : events.number('value', index) === fd && (events.word('object', index) === 0 || sameFile(events.string('object', index), object))) found = index;
  }
  return found;
}

const sameFile = (asked: string, opened: string): boolean => opened === asked || opened.endsWith(`/${baseName(asked)}`) || !opened.startsWith('/');
