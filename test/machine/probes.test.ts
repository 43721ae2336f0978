import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { NodeFiles } from '../../src/host/node/files';
import { nodeFacts } from '../../src/host/node/facts';
import type { Session } from '../../src/machine/assemble';
import type { Host } from '../../src/machine/host';
import { launchMachine } from '../../src/machine/launch';
import { defaultOptions } from '../../src/trace/options';
import { StraceLog } from '../../src/trace/strace_text';
import { RecordedFiles } from '../../src/machine/recorder';
import { assertSame, drive, memoryOf, stateOf } from './probed_state';

const host: Host = {
  files: new RecordedFiles(new NodeFiles()), facts: { ...nodeFacts(), uid: 1000, gid: 1000, groups: [] }, epochNs: 1_700_000_000_000_000_000n, elapsedNs: () => 0,
  console: { kind: () => 'null', windowSize: () => ({ rows: 24, columns: 80 }), write: () => undefined, take: () => 'eof', wait: async () => true },
};
const PROGRAMS: [name: string, ...argv: string[]][] = [
  ['a static program', `${process.cwd()}/examples/hello_write.static`],
  ['a dynamic program', `${process.cwd()}/examples/hello_write`],
  ['a shell with pipes, forks and redirections', '/bin/sh', '-c', 'echo one | cat > /tmp/a; mkdir /tmp/d; mv /tmp/a /tmp/d/b; cat /tmp/d/b; rm -r /tmp/d; (sleep 0.01; kill -TERM $$) & wait; ls /tmp | sort; cat /proc/self/maps'],
];
for (const name of ['events', 'exec', 'faults', 'files', 'fork_pipe', 'memory', 'signals', 'sleeps', 'sockets', 'threads']) PROGRAMS.push([`${name}.c`, `${process.cwd()}/test/programs/time/${name}.elf`]);
const launch = (argv: string[], attach?: (session: Session) => void): Session => launchMachine({ program: argv[0] ?? '', argv, env: ['PATH=/bin:/usr/bin'], cwd: '/tmp' }, host, attach);

/** A variable as it is told from others: scalars by value, objects by what they are, records by what they hold. */
function shortly(value: unknown, depth = 0): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if ('$id' in value) return `${String((value as unknown as { $type: string }).$type)}#${String(value.$id)}`;
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
  const { name } = (Object.getPrototypeOf(value) as object).constructor;
  if (name !== 'Object' && name !== 'Array') return name;
  return depth > 2 ? '...' : `{${Object.entries(value).map(([key, one]) => `${key}:${shortly(one, depth + 1)}`).join()}}`;
}

const HASHED = 'the state and memory of a machine after the whole program';

function logged(argv: string[], go: (session: Session) => void): string {
  let log = '';
  const session = launch(argv, made => { made.machine.listen(new StraceLog(made.logSource, defaultOptions, text => { log += text; })); });
  go(session);
  return `${log}\n${HASHED} ${createHash('sha256').update(stateOf(session)).update(memoryOf(session)).digest('hex')}`;
}

describe('the probed kernel', function () {
  this.timeout(120_000);

  for (const [name, ...argv] of PROGRAMS) {
    it(`answers the entries of ${name} as the plain kernel does, and can be undone`, function () {
      if (!existsSync(argv[0] ?? '')) this.skip();
      const seen = new Map<string, number>();
      let entries = 0, stops = 0;
      const probed = logged(argv, session => drive(session, (probes, entry) => {
        // Each kind of entry, and some of the rest.
        const kind = `${entry.kind} ${entry.kind === 'syscall' ? session.machine.parts.ports.phys.read32(entry.regsPa + 120) : entry.vector}`;
        const times = (seen.get(kind) ?? 0) + 1;
        seen.set(kind, times);
        if (times > 1 && entries++ % 67 !== 0) return undefined;
        const before = stateOf(session), memoryBefore = times === 1 ? memoryOf(session) : null;
        let count = 0;
        const through = probes.runThrough(probesOfEntry => { count = probesOfEntry; return stateOf(session); });
        assertSame(stateOf(session), before, `${kind}: undone after the whole entry`);
        for (const index of [count >> 1, count - 1]) {
          assert.ok(probes.goTo(index));
          const { frozen } = probes;
          assert.equal(frozen?.index, index);
          stops++;
          const here = stateOf(session), memoryHere = times === 1 ? memoryOf(session) : null, locals = frozen?.frames[0]?.locals;
          assert.ok(!probes.rehearse(count >> 2) && probes.rehearse(count));
          assertSame(stateOf(session), here, `${kind}: at probe ${index} after a rehearsal`);
          if (memoryHere) assert.ok(memoryOf(session).equals(memoryHere), `${kind}: memory at probe ${index}`);
          assert.equal(probes.frozen?.frames[0]?.locals, locals);
          if (probes.stepBack('into')) assert.equal(probes.frozen?.index, index - 1);
        }
        while (probes.stepBack('out')) stops++;
        assertSame(stateOf(session), before, `${kind}: undone after stops`);
        if (memoryBefore) assert.ok(memoryOf(session).equals(memoryBefore), `${kind}: memory`);
        return () => assertSame(stateOf(session), through ?? '', `${kind}: the plain kernel's state`);
      }));
      assert.ok(seen.size >= 10 && stops > 30, `${seen.size} kinds of entries, ${stops} stops`);
      const plain = logged(argv, session => { while (session.machine.run(10_000_000).kind !== 'exited'); });
      assertSame(probed, plain, 'log');
      // With a breakpoint on everything whose condition never holds, every entry runs in the probed build first.
      const armed = logged(argv, session => {
        const target = session.target(), probes = new Set(target.kernel.functions.flatMap(fn => fn.probes));
        let asked = 0;
        target.setStopRequests({ breakpoints: new Set(), watchpoints: [], signals: null, syscallEnter: null, syscallExit: null, kernel: { probes, accepts: () => { asked++; return false; } } });
        while (target.run(10_000_000).kind !== 'exited');
        assert.ok(asked > 1000, `asked ${asked} times`);
      });
      assertSame(armed, plain, 'log with breakpoints');
    });
  }

  it('meets the same places backwards as forwards: functions, lines, variables, and the whole state', () => {
    const session = launch(PROGRAMS[0]?.slice(1) ?? []);
    const { machine } = session;
    const target = session.target();
    const seen = new Set<number>();
    let places = 0;
    const digest = (): string => {
      const { frames } = target.kernel;
      const text = frames.map(({ name, line, locals }) => `${name}:${line} ${locals.map(local => `${local.name}=${shortly(local.value)}`).join()}`).join('\n');
      const state = target.kernel.frozen && target.kernel.frozen.index % 64 === 0 ? stateOf(session) : '';
      return createHash('sha256').update(text).update(state).digest('hex');
    };
    target.setStopRequests({ breakpoints: new Set(), watchpoints: [], signals: null, syscallEnter: nr => !seen.has(nr) && seen.add(nr) !== undefined, syscallExit: null });
    for (;;) {
      const stop = target.run(1_000_000);
      if (stop.kind === 'exited') break;
      if (stop.kind !== 'syscall') continue;
      const forwards: string[] = [];
      const before = stateOf(session), count = target.kernel.runThrough(n => n) ?? 0;
      // Every step is a run of the entry: long ones take long.
      if (count > 600) continue;
      while (forwards.length < count) {
        assert.equal(target.run(1000, undefined, 'into').kind, 'probe');
        assert.equal(target.kernel.frozen?.index, forwards.length);
        forwards.push(digest());
      }
      const backwards: string[] = [digest()];
      while (target.kernel.stepBack('into')) backwards.push(digest());
      assert.deepEqual(backwards.reverse(), forwards, stop.call.text);
      assertSame(stateOf(session), before, stop.call.text);
      places += forwards.length;
      assert.equal(machine.pendingEntry?.kind, 'syscall');
    }
    assert.ok(seen.size >= 8 && places > 800, `${seen.size} calls, ${places} places`);
  });

  it('goes on over, out and in by functions, and says what they gave', () => {
    const session = launch(PROGRAMS[0]?.slice(1) ?? []);
    const target = session.target();
    target.setStopRequests({ breakpoints: new Set(), watchpoints: [], signals: null, syscallEnter: nr => nr === 1, syscallExit: null });
    while (target.run(1_000_000).kind !== 'syscall');
    const names = (): string[] => target.kernel.frames.map(frame => frame.name);
    const inside = target.run(1000, undefined, 'handler');
    assert.ok(inside.kind === 'probe' && inside.pid === 1001 && inside.probe === target.kernel.frozen?.probe);
    assert.equal(inside.call?.text, 'write(3, "Hello, World!\\n", 14)');
    assert.deepEqual(names(), ['__x64_sys_write', 'invoke_syscall', 'run_call', 'enter_syscall', 'do_syscall_64']);
    assert.equal(target.run(1000, undefined, { into: 'vfs_write' }).kind, 'probe');
    assert.equal(names()[0], 'vfs_write');
    const first = target.timeline.position;
    // A change is made as of before the entry, and the machine stands at the same statement again.
    const text = target.registers(1001, 'user').read('rsi') ?? 0n;
    for (const letter of ['J', 'H']) {
      assert.equal(target.writeMemory(1001, text, Buffer.from(letter)), 1);
      assert.deepEqual([target.timeline.position, Buffer.from(target.readMemory(1001, text, 5)).toString()], [first, `${letter}ello`]);
    }
    // What is not so before the entry cannot be changed inside.
    assert.throws(() => target.changeKernel(() => target.kernel.frames.length, () => assert.fail('changed')), /this call has changed it itself before this statement/);
    const lines: number[] = [];
    while (names()[0] === 'vfs_write') {
      lines.push(target.kernel.frames[0]?.line ?? 0);
      assert.equal(target.run(1000, undefined, 'over').kind, 'probe');
    }
    assert.deepEqual(lines, [...lines].sort((a, b) => a - b), 'lines in their order');
    assert.deepEqual(target.kernel.returned, { name: 'vfs_write', type: 'c:ssize_t', value: 14 });
    const last = target.timeline.position;
    assert.ok(first.probe > 1 && last.probe > first.probe);
    assert.ok(target.timeline.goTo(first));
    assert.deepEqual([names()[0], target.timeline.position], ['vfs_write', first]);
    assert.ok(target.timeline.goTo(target.timeline.start));
    assert.deepEqual([names(), target.timeline.isInPast], [[], true]);
    assert.ok(target.timeline.goTo(last));
    assert.deepEqual(target.timeline.position, last);
    for (let depth = names().length - 1; depth > 0; depth--) {
      assert.equal(target.run(1000, undefined, 'out').kind, 'probe');
      assert.equal(names().length, depth);
    }
    assert.deepEqual(target.run(1000, undefined, 'out'), { kind: 'step', pid: 1001 });
    assert.equal(target.registers(1001, 'innermost').read('cs'), 0x10n);
  });

  it('shows the same variables whether a statement is met for the first time or in a repetition, which tells the values of few', () => {
    const session = launch([`${process.cwd()}/test/programs/time/fork_pipe.elf`]);
    const target = session.target(), { kernel: probes } = target;
    target.setStopRequests({ breakpoints: new Set(), watchpoints: [], signals: null, syscallEnter: nr => nr === 1, syscallExit: null });
    for (let stop = target.run(1_000_000); stop.kind !== 'syscall'; stop = target.run(1_000_000)) assert.notEqual(stop.kind, 'exited');
    const outline = (value: unknown): unknown => typeof value === 'object' && value !== null ? Object.keys(value).slice(0, 20) : value;
    const seen = (): string[] => probes.frames.flatMap(({ name, line, locals }) => locals.map(local => `${name}:${line} ${local.name} = ${String(outline(local.value))}`));
    const count = probes.runThrough(n => n) ?? 0;
    assert.ok(count > 50, `${count} probes`);
    for (let index = 0; index < count; index += 7) {
      if (!probes.goTo(index)) continue;
      const first = seen();
      for (const by of [-1, count - 2, index + 5]) {
        probes.goTo(by, by < 0);
        probes.goTo(index);
        assert.deepEqual(seen(), first, `probe ${index} after ${by}`);
      }
      probes.leave();
    }
  });

  it('shows where a sleeping task sleeps, and leaves no trace', () => {
    const program = `${process.cwd()}/test/programs/time/fork_pipe.elf`;
    const session = launch([program]);
    const target = session.target();
    target.setStopRequests({ breakpoints: new Set(), watchpoints: [], signals: null, syscallEnter: nr => nr === 1, syscallExit: null });
    for (let stop = target.run(1_000_000); stop.kind !== 'syscall' || stop.pid === 1001; stop = target.run(1_000_000)) assert.notEqual(stop.kind, 'exited');
    const before = stateOf(session), memoryBefore = memoryOf(session);
    const frames = target.kernel.asleep(1001);
    assert.deepEqual(frames.map(frame => frame.name).slice(0, 7), ['block', 'pipe_read', 'vfs_read', 'ksys_read', '__x64_sys_read', 'invoke_syscall', 'run_call']);
    assert.deepEqual(target.kernel.asleep(target.currentPid), []);
    assertSame(stateOf(session), before, 'state');
    assert.ok(memoryOf(session).equals(memoryBefore));
  });
});
