// VMCALL in ring 0, interpreted and inside regions: who answers may change all that there is, and the processor goes on as it then stands.
import assert from 'node:assert/strict';
import { CODE, Computer } from './computer';

/** again: inc rbx; vmcall; add rdx, rax; cmp rbx, rsi (flags over the call); dec rcx; jnz again; hlt */
const BEHIND = CODE + 6;
const LOOP = [0x48, 0xff, 0xc3, 0x0f, 0x01, 0xc1, 0x48, 0x01, 0xc2, 0x48, 0x39, 0xf3, 0x48, 0xff, 0xc9, 0x75, 0xef, 0xf4];
/** Somewhere else: add rdi, 7; jmp CODE */
const ELSEWHERE = CODE + 0x1100, JUMP = [0x48, 0x83, 0xc7, 7, 0xe9, ...[0, 8, 16, 24].map(bits => (CODE - (ELSEWHERE + 9)) >> bits & 0xff)];
const REGISTERS = ['rip', 'rax', 'rbx', 'rcx', 'rdx', 'rdi', 'rsi', 'rflags'] as const;

function loop(translateAfter: number | undefined, turns: number): Computer {
  const c = new Computer(translateAfter === undefined ? { engine: 'interpreter' } : { translateAfter });
  c.load(LOOP);
  c.write(ELSEWHERE, JUMP);
  for (const [name, value] of [['cs', 8n], ['ss', 16n], ['rflags', 2n], ['rbx', 0n], ['rdx', 0n], ['rdi', 0n], ['rsi', 50n], ['rcx', BigInt(turns)]] as const) c.cpu.registers.set(name, value);
  return c;
}

const stateOf = ({ cpu }: Computer): string => REGISTERS.map(name => `${name} ${cpu.registers.get(name).toString(16)}`).join(' ') + ` after ${cpu.instructionsRetired}`;

describe('cpu: hypercalls inside of regions', () => {
  it('registers, RIP, code and breakpoints that the answer changes count, at every length of a run', () => {
    const both = [loop(0, 400), loop(undefined, 400)] as const;
    const stops = both.map(c => {
      const { cpu } = c, seen: string[] = [];
      let end = 0, calls = 0;
      cpu.onHypercall = () => {
        calls++;
        cpu.registers.set('rax', BigInt(calls * 3));
        if (calls % 7 === 0) cpu.registers.set('rip', BigInt(ELSEWHERE));
        if (calls === 100) c.write(BEHIND, [0x48, 0x29, 0xc2]);
        if (calls === 150) cpu.setBreakpoint(BigInt(BEHIND));
        if (calls === 160) cpu.clearBreakpoint(BigInt(BEHIND));
        if (calls % 11 === 0) cpu.registers.set('rflags', 0xd7n);
        seen.push(stateOf(c));
        if (calls === 200) cpu.requestStop();
        const left = end - cpu.instructionsRetired;
        return left > 0 ? left : -1;
      };
      for (let length = 1, kind = ''; kind !== 'hlt' && seen.length < 4000; length = length % 40 + 1) {
        end = cpu.instructionsRetired + length;
        ({ kind } = cpu.run(length));
        seen.push(`${kind} ${stateOf(c)}`);
      }
      assert.ok(seen.at(-1)?.startsWith('hlt'));
      return seen;
    });
    assert.deepEqual(stops[0], stops[1]);
  });

  it('are one region with what is before and behind', () => {
    const turns = 400_000, c = loop(64, turns);
    let calls = 0;
    c.cpu.onHypercall = () => { calls++; return 1e6; };
    assert.equal(c.run(1e9).kind, 'hlt');
    assert.deepEqual([calls, c.cpu.instructionsRetired], [turns, 6 * turns + 1]);
    const { regions, instructions } = c.cpu.translator?.statistics ?? {};
    assert.deepEqual({ regions, instructions }, { regions: 1, instructions: 6 });
  });
});
