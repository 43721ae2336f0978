// The stack of a task that another has taken the processor from: through ring 0, as that of the one that runs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Debugger } from '../../src/debugger/debugger';
import { build, FOLDER, runOn, start, stopAtCall, whyNoCompiler } from './objects/guest';

const lineOf = (text: string): number => readFileSync(path.join(FOLDER, 'sleepers.c'), 'utf8').split('\n').findIndex(line => line.includes(text)) + 1;

describe('the stack of a sleeping thread', function () {
  this.timeout(60_000);
  before(function () {
    const why = whyNoCompiler();
    if (why) { console.log(`      skipped: ${why}`); this.skip(); }
  });

  const namesOf = (core: Debugger, pid: number): string[] => core.stackOf(pid).slice(0, 100).flatMap(frame => frame.border === undefined ? [frame.name] : [`-- ${frame.border}`, frame.name]);
  /** The entry of getppid, at which the three threads sleep. */
  function asleep(): Debugger {
    const { core } = start(build('sleepers'));
    assert.equal(stopAtCall(core, 'getppid').pid, 1001);
    return core;
  }
  const EXPECTED: readonly [pid: number, inKernel: readonly string[], call: string, user: string][] = [
    [1002, ['__x64_sys_futex', 'do_syscall_64', 'entry_SYSCALL_64'], 'syscall 202 (futex)', 'locks'],
    [1003, ['pipe_read', 'vfs_read', 'ksys_read', '__x64_sys_read', 'do_syscall_64', 'entry_SYSCALL_64'], 'syscall 0 (read)', 'reads'],
    [1004, ['__x64_sys_poll', 'do_syscall_64', 'entry_SYSCALL_64'], 'syscall 7 (poll)', 'polls'],
  ];
  function assertStacks(core: Debugger): void {
    for (const [pid, inKernel, call, user] of EXPECTED) {
      const names = namesOf(core, pid), border = names.findIndex(name => name.startsWith('--'));
      assert.equal(names[0], 'block', names.join(' '));
      const above = names.slice(0, border);
      assert.deepEqual(above.filter(name => inKernel.includes(name)), inKernel, names.join(' '));
      assert.deepEqual(above.slice(-2), ['do_syscall_64', 'entry_SYSCALL_64']);
      assert.ok(names[border]!.includes(call), names[border]);
      assert.ok(names.indexOf(user) > border, names.join(' '));
      assert.equal(names.filter(name => name === user).length, 1);
    }
  }

  it('leads from where it sleeps through do_syscall_64 and entry_SYSCALL_64 to its own function', () => {
    const core = asleep();
    assertStacks(core);
    const { target } = core;
    assert.equal(target.registers(1003, 'innermost').read('cs'), 0x10n);
    assert.equal(target.registers(1003, 'user').read('cs'), 0x33n);
    assert.equal(target.registers(1003, 'innermost').write('rip', 0n), false);
  });

  it('is the same after going back and forward in time', () => {
    const core = asleep(), { timeline } = core.target, here = timeline.position;
    const before = EXPECTED.map(([pid]) => namesOf(core, pid));
    core.goTo(timeline.start);
    runOn(core);
    core.goTo(here);
    runOn(core);
    assert.deepEqual(EXPECTED.map(([pid]) => namesOf(core, pid)), before);
    assertStacks(core);
  });

  it('a step over of the sleeping thread ends behind the line that it sleeps in, a step out where its call comes back', () => {
    const core = asleep();
    core.setFilters([]);
    core.step(1003, { kind: 'over', granularity: 'line' });
    const report = runOn(core), [frame] = core.stackOf(1003).slice(0, 1);
    assert.ok(report.kind === 'stopped' && report.reason === 'step' && report.pid === 1003, JSON.stringify(report.kind));
    assert.deepEqual([frame?.name, frame?.line], ['reads', lineOf('after read')]);
    const other = asleep();
    other.setFilters([]);
    const back = other.stackOf(1003).slice(0, 100).find(({ name }) => name === 'reads')?.pc;
    other.step(1003, { kind: 'out', granularity: 'line' });
    runOn(other);
    assert.deepEqual([other.stackOf(1003).at(0)?.name, other.stackOf(1003).at(0)?.pc], ['reads', back]);
  });

  it('is read inside a call without running what the call has done again', () => {
    const { core, session: { machine } } = start(build('sleepers'));
    stopAtCall(core, 'write');
    core.stepInKernel(1001, 'handler');
    runOn(core);
    let entered = 0;
    const enter = machine.enter.bind(machine);
    machine.enter = (...args) => { entered++; enter(...args); };
    const locals = (): unknown => core.stackOf(1001).at(0)?.kernel?.locals;
    for (let i = 0; i < 12; i++) {
      core.step(1001, { kind: 'into', granularity: 'line' });
      runOn(core);
      assert.ok(core.target.kernel.frames.length > 0);
      const before = locals(), stepped = entered;
      assertStacks(core);
      assert.equal(entered, stepped);
      assert.equal(locals(), before);
    }
    assert.ok(entered <= 24, `${entered} runs of the entry for 12 steps`);
    core.setFilters([]);
    core.continue();
    assert.equal(runOn(core).kind, 'exited');
  });
});
