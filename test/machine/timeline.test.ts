import assert from 'node:assert/strict';
import { NodeFiles } from '../../src/host/node/files';
import { nodeFacts } from '../../src/host/node/facts';
import type { Session } from '../../src/machine/assemble';
import type { Host } from '../../src/machine/host';
import { launchMachine } from '../../src/machine/launch';
import { hashState, type StateHash } from '../../src/machine/state_hash';
import type { Position } from '../../src/trace/position';

const output: string[] = [];
const host: Host = {
  files: new NodeFiles(), facts: { ...nodeFacts(), uid: 1000, gid: 1000, groups: [] }, epochNs: 1_700_000_000_000_000_000n, elapsedNs: () => 0,
  console: { kind: () => 'null', windowSize: () => ({ rows: 24, columns: 80 }), write: (_, bytes) => { output.push(Buffer.from(bytes).toString()); }, take: () => 'eof', wait: async () => true },
};
const QUIET = { breakpoints: new Set<bigint>(), watchpoints: [], syscallEnter: null, syscallExit: null, signals: null };
const PROGRAM = `${process.cwd()}/examples/hello_write.static`;
const launch = (): Session => launchMachine({ program: PROGRAM, argv: [PROGRAM], env: ['A=1'], cwd: '/tmp' }, host);
const hashOf = (session: Session): StateHash => hashState(session.machine, session.memory);

describe('the timeline', function () {
  this.timeout(120_000);

  it('a walk backwards meets the states of the walk forwards', () => {
    const session = launch();
    const target = session.target();
    const { timeline } = target;
    const places: { position: Position; hash: StateHash }[] = [];
    let isOver = false;
    while (!isOver) {
      places.push({ position: timeline.position, hash: hashOf(session) });
      isOver = target.run(2_500).kind === 'exited';
    }
    assert.ok(places.length > 5, `${places.length} places`);
    for (const { position, hash } of places.slice().reverse()) {
      assert.equal(timeline.goTo(position), true);
      assert.deepEqual([timeline.position, hashOf(session)], [position, hash]);
    }
    assert.deepEqual(timeline.position, timeline.start);
  });

  it('what is run again prints nothing, is logged once, and says where the recording ends', () => {
    const calls: string[] = [];
    const session = launch();
    session.machine.listen({ syscallEnter: (_pid, nr) => { calls.push(`${nr}@${session.machine.instructionsRetired}`); } });
    const target = session.target();
    const runToExit = (): string[] => {
      const kinds: string[] = [];
      while (kinds.at(-1) !== 'exited') { const stop = target.run(1_000_000); if (stop.kind !== 'budget') kinds.push(stop.kind); }
      return kinds;
    };
    const first = runToExit();
    const end = target.timeline.position;
    const before = calls.slice();
    target.timeline.goTo(target.timeline.start);
    assert.deepEqual([target.timeline.isInPast, target.timeline.end], [true, end]);
    assert.deepEqual(runToExit(), [...first.slice(0, -1), 'recording-end', 'exited']);
    assert.equal(target.timeline.isInPast, false);
    assert.deepEqual(calls, before);
  });

  it('a call stops again in the past; the place itself only when asked', () => {
    const session = launch();
    const target = session.target();
    const wantWrites = { ...QUIET, syscallEnter: (nr: number) => nr === 1 };
    target.setStopRequests(wantWrites);
    const until = (kind: string): string => { for (;;) { const stop = target.run(1_000_000); if (stop.kind === kind || stop.kind === 'exited') return stop.kind; } };
    assert.equal(until('syscall'), 'syscall');
    const at = target.timeline.position;
    assert.equal(until('syscall'), 'exited');
    target.timeline.goTo(target.timeline.start);
    assert.equal(until('syscall'), 'syscall');
    assert.deepEqual(target.timeline.position, at);
    target.timeline.goTo(at, { stopsHere: true });
    assert.equal(target.run(1000).kind, 'syscall');
    target.timeline.goTo(at);
    assert.equal(until('recording-end'), 'recording-end');
  });

  it('a change in the past makes another future', () => {
    const session = launch();
    const target = session.target();
    target.setStopRequests({ ...QUIET, syscallEnter: nr => nr === 1 });
    while (target.run(1_000_000).kind !== 'syscall');
    const at = target.timeline.position;
    target.setStopRequests(QUIET);
    while (target.run(1_000_000).kind !== 'exited');
    target.timeline.goTo(at);
    target.registers(1001, 'user').write('rdx', 5n);
    assert.equal(target.timeline.isInPast, false);
    while (target.run(1_000_000).kind !== 'exited');
    const end = target.timeline.position;
    const text = (): string[] => session.writtenFiles().map(file => Buffer.from(file.data()).toString());
    assert.deepEqual(text(), ['Hello']);
    target.timeline.goTo(target.timeline.start);
    target.timeline.goTo(end);
    assert.deepEqual(text(), ['Hello']);
  });

  it('every place of the recent past is about 100 ms of running away from a checkpoint at most, older ones a hundredth of their age; where the person goes, much less', () => {
    const NS = 4, MS = 1e6 / NS, LENGTH = 6e8;
    let elapsed = (): number => 0;
    const loop = launchMachine({ program: `${process.cwd()}/bench/time/loop.elf`, argv: ['loop'], env: [], cwd: '/' }, { ...host, elapsedNs: () => elapsed() });
    elapsed = () => loop.machine.instructionsRetired * NS;
    const { timeline } = loop.target();
    while (loop.machine.instructionsRetired < LENGTH) loop.machine.run(200_000);
    const distance = (instructions: number): number => instructions - timeline.checkpointBefore({ instructions, entry: 0, probe: 0 }).instructions;
    for (let back = 0; back < 1e8; back += 1e6) assert.ok(distance(LENGTH - back) <= 110 * MS, `${distance(LENGTH - back) / MS} ms, ${back} instructions ago`);
    for (let at = 1e6; at < LENGTH; at += 7e6) assert.ok(distance(at) <= Math.max(110 * MS, (LENGTH - at) / 50), `${distance(at) / MS} ms at ${at}`);
    const few = timeline.count;
    for (const at of [LENGTH / 3, LENGTH / 2 + 12_345]) {
      timeline.goTo({ instructions: at, entry: 0, probe: 0 });
      assert.ok(distance(at - 1) <= 1.5 * MS, `${distance(at - 1) / MS} ms before the place that was gone to`);
    }
    for (let i = 0; i < 300; i++) timeline.goTo({ instructions: 1e6 * (1 + i), entry: 0, probe: 0 });
    assert.ok(timeline.count < few + 100, `${timeline.count} checkpoints after many visits`);
  });

  it('that holds where a program becomes slow and fast again, and while other work interrupts it', () => {
    const LENGTH = 3e8, SLOW = { from: 1e8, to: 1.3e8 }, FAST_NS = 0.5, SLOW_NS = 6;
    let elapsed = (): number => 0, idleNs = 0, seed = 1;
    const loop = launchMachine({ program: `${process.cwd()}/bench/time/loop.elf`, argv: ['loop'], env: [], cwd: '/' }, { ...host, elapsedNs: () => elapsed() + idleNs });
    const nsTo = (instructions: number): number => instructions * FAST_NS + (Math.max(0, Math.min(instructions, SLOW.to) - SLOW.from)) * (SLOW_NS - FAST_NS);
    elapsed = () => nsTo(loop.machine.instructionsRetired);
    const { timeline } = loop.target();
    while (loop.machine.instructionsRetired < LENGTH) {
      loop.machine.run(500_000);
      seed = Math.imul(seed, 48271) % 0x7fffffff;
      if (seed % 20 === 0) idleNs += 50e6;
    }
    const places: number[] = [];
    for (let at = LENGTH; at > 0;) {
      const { instructions } = timeline.checkpointBefore({ instructions: at, entry: 0, probe: 0 });
      places.unshift(nsTo(at) - nsTo(instructions));
      at = instructions - 1;
    }
    assert.ok(Math.max(...places) < 125e6, `${places.map(ns => Math.round(ns / 1e6)).join(' ')} ms between checkpoints`);
    assert.ok(places.length < 2.5 * nsTo(LENGTH) / 100e6, `${places.length} checkpoints in ${nsTo(LENGTH) / 1e6} ms`);
  });
});
