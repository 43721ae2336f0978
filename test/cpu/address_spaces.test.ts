// Two address spaces that are gone to by turns: each has its own pages and code, what is known of them is kept, and what a flush says is said of both.
import assert from 'node:assert/strict';
import { CODE, Computer, DATA, STACK_TOP } from './computer';

const PML4_BYTES = 0x1000, RIGHTS = 7;
/** mov rax, [DATA]; add rax, VALUE; jmp CODE + 0x1000, where vmcall stands. */
const READ = [0x48, 0x8b, 0x04, 0x25, ...[0, 8, 16, 24].map(bits => DATA >>> bits & 0xff)], VMCALL = [0x0f, 0x01, 0xc1];
const readAndAdd = (value: number): number[] => [...READ, 0x48, 0x83, 0xc0, value, 0xe9, 0xef, 0x0f, 0, 0];

/** Two spaces whose DATA holds 1 and 2, with the code that reads it on a page of each, adding 10 and 20; `visit` tells what a run sees. */
function twoSpaces(translateAfter?: number): { c: Computer; visit: (space: 0 | 1) => bigint | 'watchpoint'; entryOf: (space: 0 | 1, address: number) => number } {
  const c = new Computer(translateAfter === undefined ? {} : { translateAfter });
  c.write(CODE + 0x1000, VMCALL);
  const first = c.cpu.registers.low('cr3'), second = c.page();
  c.memory.writeBytes(second, c.memory.u8.slice(first, first + PML4_BYTES));
  // The lower half is the second's own, table by table, down to DATA and CODE.
  const entryOf = (space: 0 | 1, address: number): number => {
    let table = space === 0 ? first : second;
    for (const shift of [39, 30, 21]) table = (c.memory.u32[(table + Math.floor(address / 2 ** shift) % 512 * 8) >> 2] as number) & ~0xfff;
    return table + Math.floor(address / 4096) % 512 * 8;
  };
  for (let level = 0, at = second; level < 3; level++) {
    const entry = at + Math.floor(DATA / 2 ** (39 - 9 * level)) % 512 * 8, old = (c.memory.u32[entry >> 2] as number) & ~0xfff, copy = c.page();
    c.memory.writeBytes(copy, c.memory.u8.slice(old, old + PML4_BYTES));
    c.memory.write64(entry, copy | RIGHTS, 0);
    if (level === 1) {
      const code = copy + (Math.floor(CODE / 2 ** 21) % 512) * 8, table = c.page(), from = (c.memory.u32[code >> 2] as number) & ~0xfff;
      c.memory.writeBytes(table, c.memory.u8.slice(from, from + PML4_BYTES));
      c.memory.write64(code, table | RIGHTS, 0);
    }
    at = copy;
  }
  const place = (space: 0 | 1, address: number, bytes: readonly number[]): void => {
    const page = c.page();
    c.memory.writeBytes(page, Uint8Array.from(bytes));
    c.memory.write64(entryOf(space, address), page | RIGHTS, 0);
  };
  for (const space of [0, 1] as const) {
    place(space, DATA, [space + 1]);
    place(space, CODE, readAndAdd(10 * (space + 1)));
  }
  c.cpu.flushTlb();
  const visit = (space: 0 | 1): bigint | 'watchpoint' => {
    const { registers } = c.cpu, pa = space === 0 ? first : second;
    if (registers.low('cr3') !== pa) c.cpu.switchAddressSpace(pa);
    for (const [name, value] of [['cs', 0x23n], ['ss', 0x1bn], ['rsp', BigInt(STACK_TOP)], ['rip', BigInt(CODE)]] as const) registers.set(name, value);
    return c.run().kind === 'watchpoint' ? 'watchpoint' : registers.get('rax');
  };
  return { c, visit, entryOf };
}

for (const [engine, translateAfter] of [['interpreted', undefined], ['translated', 0]] as const) {
  describe(`cpu/address_spaces, ${engine}`, () => {
    it('each has its own data and its own code at the same addresses', () => {
      const { visit } = twoSpaces(translateAfter);
      for (let i = 0; i < 4; i++) assert.deepEqual([visit(0), visit(1)], [11n, 22n]);
    });

    it('what is known of a page is known again, until INVLPG in whichever space', () => {
      const { c, visit, entryOf } = twoSpaces(translateAfter);
      assert.deepEqual([visit(0), visit(1), visit(0), visit(1)], [11n, 22n, 11n, 22n]);
      const page = c.page();
      c.memory.writeBytes(page, Uint8Array.of(5));
      // The space that is not loaded gets another page, of which it is not told.
      c.memory.write64(entryOf(0, DATA), page | RIGHTS, 0);
      assert.deepEqual([visit(0), visit(1)], [11n, 22n]);
      c.cpu.invlpg(BigInt(DATA));
      assert.deepEqual([visit(0), visit(1)], [15n, 22n]);
    });

    it('code that is mapped anew in a space that is not loaded is met after a flush of its range', () => {
      const { c, visit, entryOf } = twoSpaces(translateAfter);
      assert.deepEqual([visit(0), visit(1)], [11n, 22n]);
      const page = c.page();
      c.memory.writeBytes(page, Uint8Array.from(readAndAdd(30)));
      c.memory.write64(entryOf(0, CODE), page | RIGHTS, 0);
      c.cpu.flushTlbRange(CODE, 0, 2);
      assert.deepEqual([visit(0), visit(1)], [31n, 22n]);
      c.memory.write64(entryOf(1, CODE), page | RIGHTS, 0);
      c.cpu.flushTlbRange(CODE, 0, 100);
      assert.deepEqual([visit(0), visit(1)], [31n, 32n]);
    });

    it('a watchpoint reaches the space that is not loaded', () => {
      const { c, visit } = twoSpaces(translateAfter);
      assert.deepEqual([visit(0), visit(1)], [11n, 22n]);
      c.cpu.setWatchpoint(BigInt(DATA), 1, 'read');
      assert.deepEqual([visit(0), visit(1)], ['watchpoint', 'watchpoint']);
    });

    it('a full load of CR3 forgets them all', () => {
      const { c, visit, entryOf } = twoSpaces(translateAfter);
      assert.deepEqual([visit(0), visit(1)], [11n, 22n]);
      const page = c.page();
      c.memory.writeBytes(page, Uint8Array.of(7));
      c.memory.write64(entryOf(0, DATA), page | RIGHTS, 0);
      c.cpu.registers.set('cr3', c.cpu.registers.get('cr3'));
      assert.deepEqual([visit(0), visit(1)], [17n, 22n]);
    });
  });
}

describe('cpu/address_spaces, translated elsewhere', () => {
  it('a region that is made while a space is loaded that has not all its pages goes there by the page fault', () => {
    const { c, visit, entryOf } = twoSpaces(1000), { registers, code, translator } = c.cpu;
    // CODE: inc rax; test cl, 1; jz B; jmp A. On the next page, which both have, A: dec ecx; jz end; nop; B: dec ecx; jz end; test cl, 2; jz CODE; jmp A; end: vmcall.
    // A and B are entered from each other and from elsewhere: both are entries of the region.
    const A = CODE + 0x1000, first = registers.low('cr3'), rel32 = (from: number, to: number): number[] => [0, 8, 16, 24].map(bits => (to - from) >> bits & 0xff);
    c.write(CODE, [0x48, 0xff, 0xc0, 0xf6, 0xc1, 1, 0x0f, 0x84, ...rel32(CODE + 12, A + 5), 0xe9, ...rel32(CODE + 17, A)]);
    c.write(A, [0xff, 0xc9, 0x74, 0x10, 0x90, 0xff, 0xc9, 0x74, 0x0b, 0xf6, 0xc1, 2, 0x0f, 0x84, ...rel32(A + 18, CODE), 0xeb, 0xec, ...VMCALL]);
    const loop = (address: number): bigint => {
      for (const [name, value] of [['cs', 0x23n], ['ss', 0x1bn], ['rsp', BigInt(STACK_TOP)], ['rax', 0n], ['rcx', 5n], ['rip', BigInt(address)]] as const) registers.set(name, value);
      c.run();
      return registers.get('rax');
    };
    assert.equal(loop(A), 1n);
    const page = code.find(Math.floor(c.pa(CODE) / 4096), CODE, 0), record = page?.records[0];
    assert.ok(page && record !== undefined && translator);
    c.memory.write64(entryOf(1, CODE), 0, 0);
    visit(1);
    assert.notEqual(registers.low('cr3'), first);
    registers.set('cs', 0x23n);
    translator.translateNow(page, record);
    assert.ok(translator.holds(record));
    // In ring 0's handler of #PF, before RAX is counted up.
    assert.equal(loop(A), 0n);
    assert.deepEqual([c.raised().vector, c.raised().cr2], [14, BigInt(CODE)]);
    c.cpu.switchAddressSpace(first);
    assert.equal(loop(A), 1n);
  });
});
