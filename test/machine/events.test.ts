// Who is told of what, in which order.
import assert from 'node:assert/strict';
import { EventFan, type Listener } from '../../src/machine/events';

const NO_ARGUMENTS = new Float64Array(12);

/** A listener that notes what it hears. */
function hearing(heard: string[], name: string, more: Partial<Listener> = {}): Listener {
  return {
    syscallEnter: (pid, nr) => { heard.push(`${name} enter ${pid} ${nr}`); }, syscallExit: (pid, nr, ret) => { heard.push(`${name} exit ${pid} ${nr} ${ret}`); },
    vdso: (call, instructions) => { heard.push(`${name} vdso ${call.fn} ${instructions}`); }, fault: (_, address) => { heard.push(`${name} fault ${address}`); }, ...more,
  };
}

function tell(fan: EventFan, nr: number): void {
  fan.syscallEnter(1, nr, 'x86-64', NO_ARGUMENTS);
  fan.syscallExit(1, nr, 7, null);
}

describe('the event fan', () => {
  it('all are told in the order of listening, however many they are, and nobody who has stopped', () => {
    const heard: string[] = [], fan = new EventFan(), stops = ['a', 'b', 'c', 'd', 'e'].map(name => fan.listen(hearing(heard, name)));
    tell(fan, 3);
    assert.deepEqual(heard.splice(0), [...'abcde'].map(name => `${name} enter 1 3`).concat([...'abcde'].map(name => `${name} exit 1 3 7`)));
    for (const k of [0, 2, 3]) stops[k]?.();
    fan.vdso({ pid: 1, fn: 2, clock: 0, isServed: true, returnAddress: 0, instructions: 1, passedNs: 1, serial: 1 }, 9);
    fan.fault(1, 4096, 6, 0);
    assert.deepEqual(heard.splice(0), ['b vdso 2 9', 'e vdso 2 9', 'b fault 4096', 'e fault 4096']);
    for (const k of [1, 4]) stops[k]?.();
    tell(fan, 3);
    assert.deepEqual(heard, []);
  });

  it('one that names calls is told of those alone, in its turn, also of numbers that no call has', () => {
    const heard: string[] = [], fan = new EventFan();
    fan.listen(hearing(heard, 'first'));
    const stop = fan.watch(hearing(heard, 'some', { calls: new Set([96, 228]) }));
    fan.listen(hearing(heard, 'last'));
    for (const nr of [228, 39, -1, 100_000]) tell(fan, nr);
    assert.deepEqual(heard.splice(0).filter(text => text.includes('enter')), [
      'first enter 1 228', 'some enter 1 228', 'last enter 1 228', ...[39, -1, 100_000].flatMap(nr => [`first enter 1 ${nr}`, `last enter 1 ${nr}`]),
    ]);
    fan.setReplaying(true);
    for (const nr of [228, 39]) tell(fan, nr);
    assert.deepEqual(heard.splice(0), ['some enter 1 228', 'some exit 1 228 7']);
    fan.setReplaying(false);
    stop();
    tell(fan, 228);
    assert.deepEqual(heard, ['first enter 1 228', 'last enter 1 228', 'first exit 1 228 7', 'last exit 1 228 7']);
  });
});
