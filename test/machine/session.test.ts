import assert from 'node:assert/strict';
import { NodeFiles } from '../../src/host/node/files';
import { nodeFacts } from '../../src/host/node/facts';
import type { Session } from '../../src/machine/assemble';
import type { Host } from '../../src/machine/host';
import { launchMachine } from '../../src/machine/launch';
import type { TargetStop } from '../../src/machine/target';

const host: Host = {
  files: new NodeFiles(), facts: { ...nodeFacts(), uid: 1000, gid: 1000, groups: [] }, epochNs: 1_700_000_000_000_000_000n, elapsedNs: () => 0,
  console: { kind: () => 'null', windowSize: () => ({ rows: 24, columns: 80 }), write: () => undefined, take: () => 'eof', wait: async () => true },
};
const PROGRAM = `${process.cwd()}/examples/hello_write.static`;
const launch = (): Session => launchMachine({ program: PROGRAM, argv: [PROGRAM], env: ['A=1'], cwd: '/tmp' }, host);

function runUntil(session: Session, kind: TargetStop['kind']): TargetStop {
  const target = session.target();
  for (let i = 0; i < 200; i++) {
    const stop = target.run(1_000_000);
    if (stop.kind === kind) return stop;
    assert.notEqual(stop.kind, 'exited', `ended before ${kind}`);
  }
  assert.fail(`no ${kind}`);
}

describe('a program in the machine', function () {
  this.timeout(120_000);

  it('stops at a call with its arguments decoded, and again at its return', () => {
    const session = launch();
    const target = session.target();
    target.setStopRequests({ breakpoints: new Set(), watchpoints: [], signals: null, syscallEnter: nr => nr === 1, syscallExit: nr => nr === 1 });
    const enter = runUntil(session, 'syscall');
    assert.ok(enter.kind === 'syscall' && enter.phase === 'enter');
    assert.equal(enter.call.text, 'write(3, "Hello, World!\\n", 14)');
    assert.deepEqual(enter.call.args.map(({ name, bits }) => [name, bits]), [['fd', 32], ['buf', 64], ['count', 64]]);
    assert.equal(target.registers(1001, 'innermost').read('cs'), 0x10n);
    const user = target.registers(1001, 'user');
    assert.deepEqual([user.read('orig_rax'), user.read('rdi'), user.read('rdx'), user.read('cs')], [1n, 3n, 14n, 0x33n]);
    assert.equal(Buffer.from(target.readMemory(1001, user.read('rsi') ?? 0n, 14)).toString(), 'Hello, World!\n');
    assert.deepEqual([...target.readMemory(1001, (user.read('rip') ?? 0n) - 2n, 2)], [0x0f, 0x05]);
    const exit = runUntil(session, 'syscall');
    assert.ok(exit.kind === 'syscall' && exit.phase === 'exit');
    assert.deepEqual([exit.call.text, exit.call.ret], ['write(3, "Hello, World!\\n", 14) = 14', 14n]);
    target.setStopRequests({ breakpoints: new Set(), watchpoints: [], signals: null, syscallEnter: null, syscallExit: null });
    const end = runUntil(session, 'exited');
    assert.ok(end.kind === 'exited');
    assert.equal(end.status, 0);
    assert.deepEqual(session.writtenFiles().map(file => [file.path, Buffer.from(file.data()).toString()]), [['/tmp/test.txt', 'Hello, World!\n']]);
  });

  it('steps one instruction at a time through the SYSCALL instruction, ring 0 and back', () => {
    const session = launch();
    const target = session.target();
    target.setStopRequests({ breakpoints: new Set(), watchpoints: [], signals: null, syscallEnter: nr => nr === 1, syscallExit: null });
    runUntil(session, 'syscall');
    const returnTo = target.registers(1001, 'user').read('rip');
    const rings: string[] = [];
    for (let i = 0; i < 200; i++) {
      const before = target.instructionsRetired;
      const stop = target.run(1000, 1001);
      assert.equal(stop.kind, 'step');
      const registers = target.registers(1001, 'innermost');
      if (i > 0) assert.equal(target.instructionsRetired, before + 1);
      rings.push(registers.read('cs') === 0x33n ? '3' : '0');
      if (registers.read('cs') === 0x33n) {
        assert.equal(registers.read('rip'), returnTo);
        assert.equal(registers.read('rax'), 14n);
        return;
      }
    }
    assert.fail(`never back in ring 3: ${rings.join('')}`);
  });

  it('stops before the instruction at a breakpoint, and passes it', () => {
    const session = launch();
    const target = session.target();
    const [first] = target.mappings(1001);
    assert.equal(first?.path, PROGRAM);
    const entry = target.registers(1001, 'innermost');
    assert.equal(entry.read('cs'), 0x10n);
    target.run(100, 1001);
    const start = target.registers(1001, 'user').read('rip') ?? 0n;
    target.setStopRequests({ breakpoints: new Set([start]), watchpoints: [], signals: null, syscallEnter: null, syscallExit: null });
    const stop = runUntil(session, 'breakpoint');
    assert.deepEqual(stop, { kind: 'breakpoint', pid: 1001, address: start });
    assert.equal(target.registers(1001, 'innermost').read('rip'), start);
    assert.equal(runUntil(session, 'exited').kind, 'exited');
  });

  it('runs the same on every run, whatever the slices', () => {
    const run = (slice: number): [number, number, string] => {
      const session = launch();
      const calls: string[] = [];
      session.machine.listen({ syscallExit: (_pid, nr, ret) => { calls.push(`${nr}=${ret}@${session.machine.instructionsRetired}`); } });
      for (;;) if (session.machine.run(slice).kind === 'exited') break;
      return [session.machine.instructionsRetired, session.machine.parts.clock.now(), calls.join(' ')];
    };
    assert.deepEqual(run(1_000_000), run(997));
  });
});
