// One time for all: the events, the log's -T and -r, the table of -c, CPU time and the clocks agree to the nanosecond.
import assert from 'node:assert/strict';
import { kernel } from '../../src/kernel/state';
import type { Session } from '../../src/machine/assemble';
import { FIRST_PID } from '../../src/machine/launch_call';
import { summaryListener } from '../../src/cli/summary_listener';
import { EventLog, type TraceEvent } from '../../src/trace/event';
import { defaultOptions } from '../../src/trace/options';
import { everything, StraceLog } from '../../src/trace/strace_text';
import { Summary } from '../../src/trace/summary';
import { journeys, launchJourney, type Journey } from './journeys';

interface Timed { log: EventLog; lines: string[]; summary: Summary; session: Session; cpu: Map<number, { utime: number; stime: number }>; output: string }

function run(journey: Journey): Timed {
  let text = '';
  let log: EventLog | undefined;
  const summary = new Summary();
  const cpu: Timed['cpu'] = new Map();
  const { session, output } = launchJourney(journey, {}, 0, made => {
    log = made.eventLog();
    made.machine.listen(new StraceLog(made.logSource, { ...defaultOptions, callTimes: 6, time: { format: 'unix', digits: 6 }, follow: true, toFile: true }, piece => { text += piece; }));
    made.machine.listen(summaryListener(summary, everything, made.logSource, () => made.machine.parts.clock.now(), { isWall: true, overheadNs: 0 }));
    made.machine.listen({ exit: pid => { const task = kernel.tasks.get(pid); if (task) cpu.set(pid, { utime: task.utime, stime: task.stime }); } });
  });
  for (;;) {
    const stop = session.machine.run(Infinity);
    if (stop.kind === 'exited') break;
    assert.notEqual(stop.kind, 'deadlock');
  }
  assert.ok(log);
  return { log, lines: text.trimEnd().split('\n'), summary, session, cpu, output: output() };
}

const micros = (ns: bigint): string => `${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n / 1000n).padStart(6, '0')}`;

describe('time', function () {
  this.timeout(60_000);
  for (const journey of journeys.filter(one => one.input.length === 0)) {
    it(`${journey.name}: the phases of each call add up, and the log and the table say the same`, () => {
      const { log, lines, summary, session } = run(journey);
      const epoch = session.machine.parts.clock.bootEpochNs;
      const calls = [...log.events()].filter((event): event is TraceEvent => event.kind === 'call' && !Number.isNaN(event.value));
      const totals = new Map<number, { calls: number; totalNs: number }>();
      for (const call of calls) {
        const phases = [call.entryNs, call.handlerNs, call.copyNs, call.blockedNs, call.exitNs];
        for (const ns of phases) assert.ok(Number.isInteger(ns) && ns >= 0, `${call.code}: ${phases.join(' ')}`);
        assert.equal(phases.reduce((sum, ns) => sum + ns, 0), call.endNs - call.startNs);
        const total = totals.get(call.code) ?? { calls: 0, totalNs: 0 };
        totals.set(call.code, { calls: total.calls + 1, totalNs: total.totalNs + call.endNs - call.startNs });
      }
      for (const row of summary.sorted()) assert.deepEqual([row.calls, row.totalNs], [totals.get(row.nr)?.calls, totals.get(row.nr)?.totalNs], row.name);
      const elapsed = lines.map(line => /<(\d+\.\d{6})>$/.exec(line)?.[1]).filter(text => text !== undefined).sort();
      assert.deepEqual(elapsed, calls.map(call => micros(BigInt(call.endNs - call.startNs))).sort());
      const stamps = new Set(lines.map(line => /^\d+ +(\d+\.\d{6}) /.exec(line)?.[1]));
      for (const call of calls) assert.ok(stamps.has(micros(epoch + BigInt(call.startNs))), `no line begins at ${call.startNs}`);
    });
  }

  it('CPU time is all the time that is not idle, and a task that sleeps uses none', () => {
    const sleeps = journeys.find(journey => journey.name === 'sleeps');
    assert.ok(sleeps);
    const { log, session, cpu } = run(sleeps);
    const now = session.machine.parts.clock.now();
    const own = cpu.get(FIRST_PID);
    assert.ok(own);
    const blocked = [...log.events()].filter(event => event.kind === 'call' && event.pid === FIRST_PID && event.blockedNs > 0).reduce((sum, event) => sum + event.blockedNs, 0);
    assert.ok(blocked > 1e6, `${blocked} ns asleep`);
    assert.ok(own.utime + own.stime < now - blocked, `${own.utime} + ${own.stime} of ${now}, ${blocked} asleep`);
    assert.ok(kernel.cpu_user + kernel.cpu_system <= now - blocked);
    for (const journey of journeys.filter(one => one.input.length === 0)) {
      const { cpu: tasks } = run(journey);
      const sum = [...tasks.values()].reduce((total, { utime, stime }) => total + utime + stime, 0);
      const all = kernel.cpu_user + kernel.cpu_system;
      assert.ok(sum <= all && all - sum < tasks.size * 100_000, `${journey.name}: ${sum} of tasks, ${all} of the processor`);
    }
  });

  it('/proc/stat and /proc/uptime tell the processor\'s time', () => {
    const { output, session } = run({ name: 'cat', program: '/bin/cat', args: ['/proc/stat', '/proc/uptime', '/proc/self/stat'], input: [] });
    const [, user = 0, nice, system = 0, idle = 0] = (/^cpu .*/m.exec(output)?.[0] ?? '').split(/ +/).map(Number);
    const uptime = Number(/^(\d+\.\d+) \d+\.\d+$/m.exec(output)?.[1]);
    assert.equal(nice, 0);
    assert.ok(user + system + idle <= Math.floor(session.machine.parts.clock.now() / 1e7));
    assert.ok(uptime <= session.machine.parts.clock.now() / 1e9);
    assert.match(output, /^btime 1700000000$/m);
    assert.match(output, /^ctxt \d+$/m);
  });
});
