import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { CPU_RESERVED_BYTES } from '../../src/cpu/ports';
import { NodeFiles } from '../../src/host/node/files';
import { nodeFacts } from '../../src/host/node/facts';
import { kernel } from '../../src/kernel/state';
import { serial } from '../../src/kernel/kobject';
import type { Session } from '../../src/machine/assemble';
import type { Host } from '../../src/machine/host';
import { launchMachine } from '../../src/machine/launch';
import { defaultOptions } from '../../src/trace/options';
import { StraceLog } from '../../src/trace/strace_text';
import type { PendingEntry } from '../../src/machine/machine';
import { RecordedFiles } from '../../src/machine/recorder';
import { KernelProbes } from '../../src/machine/probe_run';

const host: Host = {
  files: new RecordedFiles(new NodeFiles()), facts: { ...nodeFacts(), uid: 1000, gid: 1000, groups: [] }, epochNs: 1_700_000_000_000_000_000n, elapsedNs: () => 0,
  console: { kind: () => 'null', windowSize: () => ({ rows: 24, columns: 80 }), write: () => undefined, take: () => 'eof', wait: async () => true },
};
const PROGRAMS: [name: string, ...argv: string[]][] = [
  ['a static program', `${process.cwd()}/examples/hello_write.static`],
  ['a dynamic program', `${process.cwd()}/examples/hello_write`],
  ['a shell with pipes, forks and redirections', '/bin/sh', '-c', 'echo one | cat > /tmp/a; mkdir /tmp/d; mv /tmp/a /tmp/d/b; cat /tmp/d/b; rm -r /tmp/d; (sleep 0.01; kill -TERM $$) & wait; ls /tmp | sort; cat /proc/self/maps'],
];
const launch = (argv: string[], attach?: (session: Session) => void): Session => launchMachine({ program: argv[0] ?? '', argv, env: ['PATH=/bin:/usr/bin'], cwd: '/tmp' }, host, attach);

/** Everything of the machine's state but guest memory, as text: identities are numbers in the order of the walk. */
function stateOf({ machine }: Session): string {
  const numbers = new Map<object, number>(), lines: string[] = [];
  const walk = (value: unknown): string => {
    if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? `${value}n` : typeof value === 'function' ? 'function' : JSON.stringify(value) ?? 'undefined';
    if ('$ops' in value) return `&${String(value.$ops)}`;
    const known = numbers.get(value);
    if (known !== undefined) return `#${known}`;
    const number = numbers.size;
    numbers.set(value, number);
    const text = ArrayBuffer.isView(value) ? `bytes ${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`
      : Array.isArray(value) ? `[${value.map(walk).join()}]`
        : value instanceof Map ? `map ${[...value].map(([k, v]) => `${walk(k)}:${walk(v)}`).join()}`
          : value instanceof Set ? `set ${[...value].map(walk).join()}`
            : `{${Object.entries(value).map(([k, v]) => `${k}:${walk(v)}`).join()}}`;
    lines.push(`#${number} ${text}`);
    return `#${number}`;
  };
  walk(kernel);
  const { core, clock, console, entropy } = machine.parts;
  return [...lines, serial.next, Buffer.from(core.saveState()).toString('hex'), JSON.stringify(clock.saveState()), JSON.stringify(console.savePositions()), entropy.state.join(), machine.isIdle, machine.kernelEntries].join('\n');
}

/** The first line that differs, or nothing. */
function assertSame(now: string, before: string, what: string): void {
  if (now === before) return;
  const a = now.split('\n'), b = before.split('\n'), i = a.findIndex((line, at) => line !== b[at]);
  const [x = '', y = ''] = [a[i], b[i]], at = Math.max(0, [...x].findIndex((c, k) => c !== y[k]) - 80);
  assert.fail(`${what}: line ${i} is\n${x.slice(at, at + 400)}\nand was\n${y.slice(at, at + 400)}`);
}

/** Guest memory as it is: compared by content. */
const memoryOf = ({ machine }: Session): Buffer => { const { phys } = machine.parts.ports; return Buffer.from(phys.readBytes(CPU_RESERVED_BYTES, 64 << 20)); };

const HASHED = 'the state and memory of a machine after the whole program';

/** Runs to the end; `inspect` is called before each entry is answered, and what it gives after it is. */
function drive(session: Session, inspect: (probes: KernelProbes, entry: PendingEntry) => (() => void) | undefined): void {
  const { machine } = session;
  const probes = new KernelProbes(machine);
  machine.stopsAtEntry = () => true;
  machine.stopsAfterEntry = () => true;
  for (let after: (() => void) | undefined; ;) {
    const stop = machine.run(10_000_000);
    if (stop.kind === 'entry') after = inspect(probes, stop.entry);
    else if (stop.kind === 'answered') after?.();
    else if (stop.kind === 'exited') return;
    else assert.equal(stop.kind, 'budget');
  }
}

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
        // Each kind of entry twice, and some of the rest.
        const kind = `${entry.kind} ${entry.kind === 'syscall' ? session.machine.parts.ports.phys.read32(entry.regsPa + 120) : entry.vector}`;
        const times = (seen.get(kind) ?? 0) + 1;
        seen.set(kind, times);
        if (times > 2 && entries++ % 29 !== 0) return undefined;
        const before = stateOf(session), memoryBefore = times === 1 ? memoryOf(session) : null;
        let count = 0;
        const through = probes.runThrough(probesOfEntry => { count = probesOfEntry; return stateOf(session); });
        assertSame(stateOf(session), before, `${kind}: undone after the whole entry`);
        for (const index of [count >> 1, count - 1]) {
          assert.ok(probes.goTo(index));
          const { frozen } = probes;
          assert.equal(frozen?.index, index);
          stops++;
          if (probes.stepBack('into')) assert.equal(probes.frozen?.index, index - 1);
        }
        while (probes.stepBack('out')) stops++;
        assertSame(stateOf(session), before, `${kind}: undone after stops`);
        if (memoryBefore) assert.ok(memoryOf(session).equals(memoryBefore), `${kind}: memory`);
        return () => assertSame(stateOf(session), through ?? '', `${kind}: the plain kernel's state`);
      }));
      assert.ok(seen.size > 10 && stops > 50, `${seen.size} kinds of entries, ${stops} stops`);
      const plain = logged(argv, session => { while (session.machine.run(10_000_000).kind !== 'exited'); });
      assertSame(probed, plain, 'log');
    });
  }
});
