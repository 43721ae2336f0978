// Pages of code that get other bytes while the processor stands, and their own again: each time it does what the bytes say, and decodes and translates none of it twice.
import assert from 'node:assert/strict';
import { CODE, Computer } from './computer';
import type { CpuOptions } from '../../src/cpu/ports';

const NEXT = CODE + 0x1000, FUNCTION = NEXT - 4, LOOP = NEXT + 5, ROUNDS = 100n;
const word = (value: number): number[] => [value & 255, value >>> 8 & 255, value >>> 16 & 255, value >>> 24];
const ZERO = new Uint8Array(4096);

class Machine {
  private readonly c: Computer;
  private readonly start: Uint8Array;
  /** Bytes of the two pages. */
  private readonly pages: number[];

  constructor(options: CpuOptions) {
    const c = this.c = new Computer(options);
    // A loop of calls of a function on the page before, whose only addition goes over the border: add rax, 2; ret. Then int 0x80.
    c.write(FUNCTION, [0x48, 0x05, ...word(2), 0xc3]);
    c.write(LOOP - 2, [0x90, 0x90, 0xe8, ...word(FUNCTION - (LOOP + 5)), 0xff, 0xc9, 0x75, 0xf7, 0xcd, 0x80]);
    c.cpu.registers.set('rcx', ROUNDS);
    c.cpu.registers.set('rip', BigInt(LOOP - 2));
    this.start = c.cpu.saveState();
    this.pages = [CODE, NEXT].map(address => c.pa(address) / 4096);
  }

  get cpu(): Computer['cpu'] { return this.c.cpu; }
  get contents(): Uint8Array[] { return this.pages.map(page => this.c.memory.u8.slice(page * 4096, page * 4096 + 4096)); }
  put(contents: readonly Uint8Array[]): void { contents.forEach((bytes, i) => this.c.memory.replacePage(this.pages[i]!, bytes)); }
  write(address: number, byte: number): void { this.c.write(address, [byte]); }
  run(): bigint {
    this.cpu.loadState(this.start);
    this.c.run();
    return this.cpu.registers.get('rax');
  }
  /** Runs, and says whether that took new code. */
  again(): { rax: bigint; isNew: boolean } {
    const made = (): number[] => [this.cpu.code.decodedInstructions, this.cpu.translator?.statistics.regions ?? 0];
    const before = made(), rax = this.run();
    return { rax, isNew: made().some((count, i) => count !== before[i]) };
  }
}

/** The same with another byte of the addition: on the first page, or on the second. */
const changed = (contents: readonly Uint8Array[], page: 0 | 1, value: number): Uint8Array[] => contents.map((bytes, i) => {
  const copy = bytes.slice();
  if (i === page) copy[page === 0 ? 0xffe : 1] = value;
  return copy;
});

for (const engine of ['interpreter', 'translator'] as const) {
  const options: CpuOptions = engine === 'translator' ? { engine, translateAfter: 0 } : { engine };
  describe(`cpu: code whose bytes go and come back: ${engine}`, () => {
    it('is there again with them, on both pages, on one, in any order', () => {
      const machine = new Machine(options), first = machine.contents;
      assert.equal(machine.run(), 2n * ROUNDS);
      for (const order of [[0, 1], [1, 0], [0], [1]]) {
        for (const i of order) machine.put(first.map((bytes, k) => k === i ? ZERO : bytes));
        machine.put(first);
        assert.deepEqual(machine.again(), { rax: 2n * ROUNDS, isNew: false }, String(order));
      }
    });

    it('stays where the bytes that are put there are the same', () => {
      const machine = new Machine(options), drops = (): number => machine.cpu.code.drops;
      machine.run();
      const before = drops();
      machine.put(machine.contents);
      assert.equal(drops(), before);
      assert.deepEqual(machine.again(), { rax: 2n * ROUNDS, isNew: false });
    });

    it('follows what the bytes are each time', () => {
      const machine = new Machine(options), first = machine.contents;
      const ways: [contents: Uint8Array[], rax: bigint][] = [[first, 2n], [changed(first, 0, 7), 7n], [changed(first, 1, 1), 0x1000002n], [changed(changed(first, 0, 9), 1, 1), 0x1000009n]]
        .map(([contents, step]) => [contents as Uint8Array[], (step as bigint) * ROUNDS]);
      for (const [contents, rax] of ways) { machine.put(contents); assert.equal(machine.run(), rax); }
      for (const at of [2, 0, 3, 1, 3, 2, 1, 0]) {
        const [contents, rax] = ways[at]!;
        machine.put(contents);
        assert.equal(machine.again().rax, rax, String(at));
      }
    });

    it('has the breakpoints that were set and removed meanwhile', () => {
      const machine = new Machine(options), first = machine.contents, zeros = [ZERO, ZERO], breakpoint = BigInt(LOOP);
      machine.run();
      machine.put(zeros);
      machine.cpu.setBreakpoint(breakpoint);
      machine.put(first);
      machine.run();
      assert.equal(machine.cpu.registers.get('rip'), breakpoint);
      machine.put(zeros);
      machine.cpu.clearBreakpoint(breakpoint);
      machine.put(first);
      assert.equal(machine.run(), 2n * ROUNDS);
    });

    it('is written into as any other, and forgotten when there is too much', () => {
      const machine = new Machine(options), first = machine.contents;
      machine.run();
      machine.put([ZERO, ZERO]);
      machine.put(first);
      machine.run();
      machine.write(FUNCTION + 2, 3);
      assert.equal(machine.run(), 3n * ROUNDS);
      for (let value = 0; value < 20; value++) {
        machine.put(changed(first, 0, value));
        assert.equal(machine.run(), BigInt(value) * ROUNDS);
      }
      machine.cpu.code.mostPages = 1;
      machine.put(changed(first, 0, 77));
      assert.equal(machine.run(), 77n * ROUNDS);
      machine.put(first);
      assert.equal(machine.run(), 2n * ROUNDS);
    });
  });
}
