import assert from 'node:assert/strict';
import path from 'node:path';
import { syscallGate } from '../../src/machine/image/syscall_gate';
import { readKernelImage } from '../../src/machine/image/kernel_image';
import type { Session } from '../../src/machine/assemble';
import { hashOf, launchJourney } from './journeys';

const program = path.resolve('bench/trace/calls.elf');
const launch = (calls: number, engine: 'interpreter' | 'translator' = 'translator'): Session => launchJourney({ name: 'calls', program, args: ['getpid', String(calls)], input: [] }, { engine, translateAfter: 0 }).session;

describe('the gate that SYSCALL goes through', () => {
  const gate = syscallGate(readKernelImage());

  it('stands for as many instructions as entry.S has on that way', () => {
    const { machine } = launch(5, 'interpreter'), { core } = machine.parts, places: bigint[] = [];
    for (let i = 0; i < 4000; i++) {
      machine.run(1);
      places.push(core.registers.get('rip'));
    }
    const entered = places.indexOf(gate.entry), answered = places.indexOf(gate.answered, entered), left = places.findIndex((place, i) => i > answered && place < 1n << 47n);
    assert.deepEqual([answered - entered, left - answered], [gate.before, gate.after]);
    assert.ok(places.slice(entered, answered).includes(gate.returnsTo - 5n) && places.slice(answered, left).includes(gate.returnsTo));
  });

  it('is gone through by calls in a loop, with the same end as by the code itself; a breakpoint in that code closes it', () => {
    const calls = 2000, elsewhere = gate.to - 16n;
    const ends = (['interpreted', 'translated', 'closed'] as const).map(way => {
      const session = launch(calls, way === 'interpreted' ? 'interpreter' : 'translator'), { machine } = session, { core } = machine.parts, profile = core.startProfile(() => 0);
      if (way === 'closed') core.setBreakpoint(elsewhere);
      while (machine.run(1_000_000).kind !== 'exited');
      core.clearBreakpoint(elsewhere);
      return { hash: hashOf(session), lookups: profile.regionExits().find(({ cause }) => cause.startsWith('to an address'))?.count ?? 0 };
    });
    const [interpreted, translated, closed] = ends.map(({ hash }) => hash);
    assert.deepEqual(translated, interpreted);
    assert.deepEqual(closed, interpreted);
    const [, open = NaN, shut = NaN] = ends.map(({ lookups }) => lookups);
    assert.ok(shut - open >= 2 * calls, `${open} lookups through the gate, ${shut} with it closed`);
  });
});
