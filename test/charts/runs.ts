// Traces written by hand, for models and pictures: every number in them is known.
import { EventTable, type EventRow } from '../../src/trace/columns';
import type { EventKind } from '../../src/trace/event';
import type { Run } from '../../src/charts/chart';

export class TraceBuilder {
  readonly events = new EventTable();
  private readonly strings = new Map<string, number>();
  private readonly sites = new Map<string, number>();

  string(text: string): number {
    if (text === '') return 0;
    let number = this.strings.get(text);
    if (number === undefined) {
      this.strings.set(text, number = this.events.strings.length);
      this.events.strings.push(text);
    }
    return number;
  }

  /** `data.c:14` or `data.c:14:main`. */
  site(at: string): number {
    let number = this.sites.get(at);
    if (number === undefined) {
      const [file = '', line = '0', name = 'main'] = at.split(':');
      this.sites.set(at, number = this.events.sites.length);
      this.events.sites.push({ file: `/src/${file}`, line: Number(line), function: name });
    }
    return number;
  }

  event(kind: EventKind, pid: number, startNs: number, endNs: number, facts: Partial<EventRow> & { called?: string; at?: string; says?: string; on?: string; failed?: string } = {}): number {
    const { called = kind, at, says = '', on = '', failed = '', ...numbers } = facts;
    const row: EventRow = {
      kind, pid, startNs, endNs, entryNs: 0, handlerNs: 0, copyNs: 0, blockedNs: 0, exitNs: 0, value: 0, instructions: startNs * 3, bytes: 0, entry: 0, code: 0,
      name: this.string(called), text: this.string(says), object: this.string(on), error: this.string(failed), site: at ? this.site(at) : 0, ...numbers,
    };
    if (kind === 'call' && !('handlerNs' in numbers)) Object.assign(row, { entryNs: 40, exitNs: 30, handlerNs: endNs - startNs - 70 - row.copyNs - row.blockedNs });
    const index = this.events.length;
    this.events.put(index, row);
    return index;
  }

  /** A call of `ns` nanoseconds at `startNs`; where it ends. */
  call(pid: number, name: string, startNs: number, ns: number, facts: Parameters<TraceBuilder['event']>[4] = {}): number {
    this.event('call', pid, startNs, startNs + ns, { called: name, says: `${name}()`, ...facts });
    return startNs + ns;
  }

  run(nowNs: number, more: Partial<Run> = {}): Run {
    return { events: this.events, program: 'sample', nowNs, realCallNs: { clock_gettime: 130, time: 110 }, ...more };
  }
}

/** A parent that writes to its child through a pipe and waits, with clocks read through the vDSO. */
export function pipeRun(): Run {
  const t = new TraceBuilder();
  let now = t.call(1, 'execve', 0, 200_000, { on: '/src/sample', says: 'execve("./sample", ["./sample"], 0x7ffd0 /* 20 vars */) = 0' });
  t.event('exec', 1, now, now, { on: '/src/sample' });
  for (let i = 0; i < 12; i++) {
    t.event('fault', 1, now + 900, now + 1900, { called: 'page fault', code: 4, value: 0x401000 + i * 4096 });
    now += 4000;
  }
  now = t.call(1, 'openat', now, 900, { on: '/etc/none', failed: 'ENOENT', value: -2, at: 'sample.c:10', says: 'openat(AT_FDCWD, "/etc/none", O_RDONLY) = -1 ENOENT (No such file or directory)' }) + 700;
  now = t.call(1, 'pipe2', now, 2900, { at: 'sample.c:12', says: 'pipe2([3, 4], 0) = 0' }) + 400;
  const forked = now + 30_000;
  t.event('fork', 1, forked, forked, { code: 2 });
  now = t.call(1, 'clone', now, 52_000, { value: 2, at: 'sample.c:13', says: 'clone(...) = 2' }) + 1500;
  for (let i = 0; i < 20; i++) {
    t.event('vdso', 1, now, now + 20, { called: 'clock_gettime', at: 'sample.c:20', value: 1, says: 'clock_gettime(CLOCK_MONOTONIC) in the vDSO' });
    now += 60;
    now = t.call(1, 'write', now, 300 + i * 13, { value: 1, bytes: 1, copyNs: 20, on: 'pipe:[7]', at: 'sample.c:21', says: 'write(4, "x", 1) = 1' }) + 400;
  }
  const wait = now;
  const waitIndex = t.event('call', 1, wait, NaN, { called: 'wait4', says: 'wait4(-1, ...)', at: 'sample.c:25', value: NaN });
  t.event('switch', 1, wait + 1500, wait + 1500, { code: 2 });
  now = wait + 4000;
  t.event('call', 2, now, now + 6000, { called: 'read', value: 20, bytes: 20, copyNs: 40, on: 'pipe:[7]', at: 'sample.c:30:child', says: 'read(3, "xxxxxxxxxxxxxxxxxxxx", 4096) = 20' });
  now += 12_000;
  t.event('signal', 2, now, now, { called: 'SIGUSR1', code: 10, says: 'SIGUSR1 delivered' });
  now = t.call(2, 'nanosleep', now + 800, 60_000, { blockedNs: 57_000, at: 'sample.c:33:child', says: 'nanosleep({tv_sec=0, tv_nsec=50000}, NULL) = 0' }) + 2000;
  t.event('exit', 2, now, now, { says: 'exited with 0' });
  t.event('switch', 2, now + 400, now + 400, { code: 1 });
  const back = now + 2000;
  const { events } = t;
  events.put(waitIndex, { kind: 'call', pid: 1, startNs: wait, endNs: back, entryNs: 40, handlerNs: 3000, copyNs: 60, blockedNs: back - wait - 3160, exitNs: 60, value: 2, instructions: 0, entry: 0, bytes: 4, code: 61,
    name: t.string('wait4'), text: t.string('wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 2'), object: 0, error: 0, site: t.site('sample.c:25') });
  const end = back + 3000;
  t.event('exit', 1, end, end, { says: 'exited with 0' });
  return t.run(end, { cursorNs: wait, selected: waitIndex });
}
