import assert from 'node:assert/strict';
import { VirtualClock } from '../../src/machine/clock';
import { costModels } from '../../src/machine/cost_model';
import { RecordedConsole } from '../../src/machine/console';
import { EventFan } from '../../src/machine/events';
import { DIRECT_MAP, HYPERCALL, TIMER_VECTOR } from '../../src/machine/image/layout';
import type { HostFiles } from '../../src/machine/host';
import { RecordedFiles, Recorder } from '../../src/machine/recorder';
import { Machine, type KernelEntries, type Parts, type Resume } from '../../src/machine/machine';

/** A processor that plays a script: each step retires instructions and ends in a hypercall. */
function machine(script: { insns: number; hypercall?: number }[], kernel: Partial<KernelEntries>, options: { waits?: boolean; input?: Uint8Array[] } = {}) {
  const log: string[] = [];
  const state = { retired: 0, rax: 0, elapsed: 0, injected: [] as number[] };
  const core = {
    get instructionsRetired() { return state.retired; },
    timeStampCounter: { base: 0, perInsn: 0 },
    // RAX: the number of the hypercall; RDI: pt_regs in the direct map; RSI: the error code.
    registers: { slotOf: (name: string) => name, lowAt: (name: string) => name === 'rax' ? state.rax : name === 'rdi' ? Number(BigInt.asUintN(32, DIRECT_MAP + 0x5000n)) : 6 },
    injectInterrupt: (vector: number) => { state.injected.push(vector); },
    run(max: number) {
      const step = script[0];
      assert.ok(step, 'the script is over');
      if (step.insns > max) { step.insns -= max; state.retired += max; return { kind: 'budget' }; }
      script.shift();
      state.retired += step.insns;
      if (step.hypercall === undefined) return { kind: 'budget' };
      state.rax = step.hypercall;
      return { kind: 'hypercall' };
    },
  };
  const clock = new VirtualClock({ get instructionsRetired() { return state.retired; } }, 0n, { ...costModels['bare-metal'], instruction: 1 });
  const host = { kind: () => 'tty' as const, windowSize: () => ({ rows: 1, columns: 1 }), write() { log.push('write'); }, take: () => options.input?.shift() ?? null, wait: async () => false };
  const entries: KernelEntries = {
    do_syscall_64: () => 'run', do_int80_syscall_32: () => 'run', exc: () => 'run', timer_interrupt: () => { log.push(`timer at ${clock.now()}`); return 'run'; },
    host_ready: () => { log.push('host'); }, ...kernel,
  };
  const recorder = new Recorder(() => built.position);
  const parts = {
    core, clock, entries, events: new EventFan(), console: new RecordedConsole(host, recorder), recorder, files: new RecordedFiles({} as HostFiles, recorder), elapsedNs: () => state.elapsed,
    facts: { currentPid: () => 1001, currentVdso: () => 0, currentRegs: () => 0x5000, waitsForHost: () => options.waits ?? false, exitStatus: () => 7, waits: () => ['pid 1001 waits for itself'] },
  } as unknown as Parts;
  const built: Machine = new Machine(parts);
  return { built, log, state, clock, console: parts.console };
}

describe('machine loop', () => {
  it('hands each kind of hypercall to its kernel function with pt_regs as a physical address', () => {
    const seen: unknown[] = [];
    const note = (name: string) => (...args: unknown[]): Resume => { seen.push([name, ...args]); return seen.length === 3 ? 'halted' : 'run'; };
    const { built } = machine([{ insns: 3, hypercall: HYPERCALL.syscall64 }, { insns: 1, hypercall: HYPERCALL.exc + 14 }, { insns: 1, hypercall: HYPERCALL.int80 }],
      { do_syscall_64: note('syscall'), exc: note('exc'), do_int80_syscall_32: note('int80') });
    assert.deepEqual(built.run(100), { kind: 'exited', status: 7 });
    assert.deepEqual(seen, [['syscall', 0x5000], ['exc', 14, 6, 0x5000], ['int80', 0x5000]]);
    assert.deepEqual(built.run(100), { kind: 'exited', status: 7 });
  });

  it('stops after exactly its budget', () => {
    const { built, state } = machine([{ insns: 1000 }], {});
    assert.deepEqual(built.run(10), { kind: 'budget' });
    assert.equal(state.retired, 10);
  });

  it('raises the timer interrupt when virtual time has come', () => {
    const { built, state, clock } = machine([{ insns: 1000 }], {});
    clock.setTimer(300);
    built.run(500);
    assert.deepEqual([state.injected, clock.timerAt], [[TIMER_VECTOR], Infinity]);
  });

  it('jumps to the timer when nothing is runnable', () => {
    const { built, log } = machine([{ insns: 10, hypercall: HYPERCALL.syscall64 }, { insns: 1000 }], { do_syscall_64: () => { clock.setTimer(1e9); return 'idle'; } });
    const { clock } = built.parts;
    assert.equal(built.run(20).kind, 'budget');
    assert.deepEqual(log, ['timer at 1000000000']);
  });

  it('is a deadlock when nothing is runnable and neither timer nor host can change that', () => {
    const { built } = machine([{ insns: 10, hypercall: HYPERCALL.syscall64 }], { do_syscall_64: () => 'idle' });
    assert.deepEqual(built.run(20), { kind: 'deadlock', waits: ['pid 1001 waits for itself'] });
  });

  it('paces time in real time while a terminal is waited for, and input ends the wait', () => {
    const input: Uint8Array[] = [];
    const { built, log, state, clock, console } = machine([{ insns: 10, hypercall: HYPERCALL.syscall64 }, { insns: 1000 }], { do_syscall_64: () => { console.read(0, 1); clock.setTimer(5e9 + 10); return 'idle'; } },
      { waits: true, input });
    assert.deepEqual(built.run(20), { kind: 'idle', waitMs: 5000 });
    state.elapsed = 2e9;
    assert.deepEqual(built.run(20), { kind: 'idle', waitMs: 3000 });
    input.push(new Uint8Array([65]));
    assert.equal(built.run(20).kind, 'budget');
    assert.deepEqual(log, ['host', 'timer at 2000000010']);
  });

  it('lets the timer go off when no input has come in time', () => {
    const { built, log, state, clock } = machine([{ insns: 10, hypercall: HYPERCALL.syscall64 }, { insns: 1000 }], { do_syscall_64: () => { clock.setTimer(5e9); return 'idle'; } }, { waits: true });
    built.run(20);
    state.elapsed = 5e9;
    assert.equal(built.run(20).kind, 'budget');
    assert.deepEqual(log, ['timer at 5000000000']);
  });

  it('stops before and after a kernel entry when asked, once each', () => {
    const calls: string[] = [];
    const { built } = machine([{ insns: 10, hypercall: HYPERCALL.syscall64 }, { insns: 1000 }], { do_syscall_64: () => { calls.push('handler'); return 'run'; } });
    built.stopsAtEntry = entry => entry.kind === 'syscall';
    built.stopsAfterEntry = () => true;
    const stops = [built.run(20), built.run(20), built.run(20)].map(stop => stop.kind);
    assert.deepEqual([stops, calls], [['entry', 'answered', 'budget'], ['handler']]);
  });
});
