// What leaves the TLB when: CR3, INVLPG and global pages.
import assert from 'node:assert/strict';
import { CODE, Computer, DATA } from './computer';

const PGE = 0x80n, RIGHTS = 7, GLOBAL = 0x100;
const OTHER = DATA + 0x1000;
/** mov rdi, DATA; again: mov rcx, [rdi]; mov rsi, [rdi + 0x1000]; jmp again */
const LOOP = [0x48, 0xc7, 0xc7, 0x00, 0x00, 0x60, 0x00, 0x48, 0x8b, 0x0f, 0x48, 0x8b, 0xb7, 0x00, 0x10, 0x00, 0x00, 0xeb, 0xf4];

/** A computer that reads a global page and another one again and again; `move` gives both other contents, and tells the processor nothing. */
function reader(hasGlobalPages: boolean): { c: Computer; move: (value: number) => void; seen: () => [global: bigint, other: bigint] } {
  const c = new Computer(), { registers } = c.cpu;
  if (hasGlobalPages) registers.set('cr4', registers.get('cr4') | PGE);
  const move = (value: number): void => {
    for (const [address, rights] of [[DATA, RIGHTS | GLOBAL], [OTHER, RIGHTS]] as const) {
      const pa = c.page();
      c.memory.write32(pa, value);
      c.memory.write32(c.entryOf(BigInt(address)), pa | rights);
    }
  };
  move(1);
  c.cpu.flushTlb();
  c.load(LOOP, CODE);
  return { c, move, seen: () => { c.run(9); return [registers.get('rcx'), registers.get('rsi')]; } };
}

describe('cpu/mmu: what a TLB keeps', () => {
  it('global pages over a load of CR3, until all is flushed or their page is', () => {
    const { c, move, seen } = reader(true), { registers } = c.cpu;
    assert.deepEqual(seen(), [1n, 1n]);
    move(2);
    registers.set('cr3', registers.get('cr3'));
    assert.deepEqual(seen(), [1n, 2n]);
    c.cpu.flushTlb();
    assert.deepEqual(seen(), [2n, 2n]);
    move(3);
    c.cpu.invlpg(BigInt(DATA));
    assert.deepEqual(seen(), [3n, 2n]);
  });

  it('no page over a load of CR3 without CR4.PGE', () => {
    const { c, move, seen } = reader(false), { registers } = c.cpu;
    assert.deepEqual(seen(), [1n, 1n]);
    move(2);
    registers.set('cr3', registers.get('cr3'));
    assert.deepEqual(seen(), [2n, 2n]);
  });

  it('a slot that held a global page and then another is flushed for the other', () => {
    const { c, move, seen } = reader(true), { registers } = c.cpu;
    assert.deepEqual(seen(), [1n, 1n]);
    c.memory.write32(c.entryOf(BigInt(DATA)), c.page() | RIGHTS);
    c.cpu.invlpg(BigInt(DATA));
    assert.deepEqual(seen(), [0n, 1n]);
    move(2);
    registers.set('cr3', registers.get('cr3'));
    assert.deepEqual(seen(), [2n, 2n]);
  });

  it('tables above 2 GiB of physical memory', () => {
    const c = new Computer(), { memory } = c, high = 0x90000000;
    assert.ok(memory.ensure(high + 0x4000));
    const pointers = memory.u32[Number(c.cpu.registers.get('cr3')) >>> 2]! & ~0xfff;
    for (const [at, to] of [[pointers + 8, high], [high, high + 0x1000], [high + 0x1000, high + 0x2000]] as const) memory.write64(at, (to | RIGHTS) >>> 0, 0);
    memory.write32(high + 0x2000, 42);
    assert.deepEqual(c.cpu.translate(1n << 30n, 'write'), { pa: high + 0x2000 });
    c.load([0x8b, 0x0c, 0x25, 0x00, 0x00, 0x00, 0x40]); // mov ecx, [0x40000000]
    c.run(1);
    assert.equal(c.cpu.registers.get('rcx'), 42n);
    assert.equal(memory.view.getUint32(high + 0x1000, true) & 0x20, 0x20);
  });
});
