// What tests of the probed kernel compare: the whole state of a machine as text and its memory, in a run that is looked at before and after each entry to the kernel.
import assert from 'node:assert/strict';
import { CPU_RESERVED_BYTES } from '../../src/cpu/ports';
import { serial } from '../../src/kernel/kobject';
import { kernel } from '../../src/kernel/state';
import type { Session } from '../../src/machine/assemble';
import type { PendingEntry } from '../../src/machine/machine';
import { KernelProbes } from '../../src/machine/probe_run';

/** Everything of the machine's state but guest memory, as text. */
export function stateOf({ machine }: Session): string {
  const { core, clock, console, entropy } = machine.parts;
  return [graphOf(kernel), serial.next, Buffer.from(core.saveState()).toString('hex'), JSON.stringify(clock.saveState()), JSON.stringify(console.saveState()), entropy.state.join(), machine.isIdle, machine.kernelEntries].join('\n');
}

/** All that is reachable, a line an object: identities are numbers in the order in which they were come to. Directories may be thousands of levels deep: no call in a call. */
function graphOf(root: unknown): string {
  const numbers = new Map<object, number>(), found: object[] = [], lines: string[] = [];
  const name = (value: unknown): string => {
    if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? `${value}n` : typeof value === 'function' ? 'function' : JSON.stringify(value) ?? 'undefined';
    if ('$ops' in value) return `&${String(value.$ops)}`;
    let number = numbers.get(value);
    if (number === undefined) {
      number = found.push(value) - 1;
      numbers.set(value, number);
    }
    return `#${number}`;
  };
  const text = (value: object): string => ArrayBuffer.isView(value) ? `bytes ${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`
    : Array.isArray(value) ? `[${value.map(name).join()}]`
      : value instanceof Map ? `map ${[...value].map(([k, v]) => `${name(k)}:${name(v)}`).join()}`
        : value instanceof Set ? `set ${[...value].map(name).join()}`
          : `{${Object.entries(value).map(([k, v]) => `${k}:${name(v)}`).join()}}`;
  name(root);
  for (let i = 0; i < found.length; i++) lines.push(`#${i} ${text(found[i] as object)}`);
  return lines.join('\n');
}

/** The first line that differs, or nothing. */
export function assertSame(now: string, before: string, what: string): void {
  if (now === before) return;
  const a = now.split('\n'), b = before.split('\n'), i = a.findIndex((line, at) => line !== b[at]);
  const [x = '', y = ''] = [a[i], b[i]], at = Math.max(0, [...x].findIndex((c, k) => c !== y[k]) - 80);
  assert.fail(`${what}: line ${i} is\n${x.slice(at, at + 400)}\nand was\n${y.slice(at, at + 400)}`);
}

/** Guest memory as it is: compared by content. */
export const memoryOf = ({ machine }: Session): Buffer => { const { phys } = machine.parts.ports; return Buffer.from(phys.readBytes(CPU_RESERVED_BYTES, kernel.page_next - CPU_RESERVED_BYTES)); };

/** Runs to the end; `inspect` is called before each entry is answered, and what it gives after it is. */
export function drive(session: Session, inspect: (probes: KernelProbes, entry: PendingEntry) => (() => void) | undefined): void {
  const { machine } = session;
  const probes = new KernelProbes(machine);
  machine.stopsAtEntry = () => true;
  machine.stopsAfterEntry = () => true;
  for (let after: (() => void) | undefined; ;) {
    const stop = machine.run(10_000_000);
    if (stop.kind === 'entry') {
      after = inspect(probes, stop.entry);
      // Nobody has stood there.
      probes.furthest = null;
    } else if (stop.kind === 'answered') after?.();
    else if (stop.kind === 'exited') return;
    else assert.equal(stop.kind, 'budget');
  }
}
