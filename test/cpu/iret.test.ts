// The way back from an exception, which is code where it is ordinary, and the way into one, which the interpreter waits for.
import assert from 'node:assert/strict';
import type { CpuOptions } from '../../src/cpu/ports';
import { CODE, Computer, DATA, STACK_TOP } from './computer';

const IRETQ = [0x48, 0xcf], KERNEL_STACK = STACK_TOP - 0x800;
const RING_3_CODE = 0x23n, RING_3_DATA = 0x1bn;
/** RIP, CS, RFLAGS, RSP, SS. */
type Frame = readonly [bigint, bigint, bigint, bigint, bigint];
const ORDINARY: Frame = [BigInt(CODE + 0x1000), RING_3_CODE, 0x202n, BigInt(STACK_TOP - 64), RING_3_DATA];
const REGISTERS = ['rip', 'rsp', 'rflags', 'cs', 'ss', 'cpl', 'cr2'] as const;

/** What IRETQ in ring 0 makes of a frame. With a selector in DS it is not ordinary. */
function returned(frame: Frame, isOrdinary: boolean, options: CpuOptions, prepare: (c: Computer) => void): unknown {
  const c = new Computer(options), { registers } = c.cpu;
  c.load(IRETQ);
  c.write(CODE + 0x1000, [0x90, 0xf4]);
  frame.forEach((word, i) => c.memory.write64(c.pa(KERNEL_STACK + 8 * i), Number(word & 0xffffffffn), Number(word >> 32n)));
  for (const [name, value] of [['cs', 8n], ['ss', 16n], ['rsp', BigInt(KERNEL_STACK)], ['rflags', 2n], ['ds', isOrdinary ? 0n : RING_3_DATA]] as const) registers.set(name, value);
  prepare(c);
  const before = c.cpu.instructionsRetired;
  const { kind } = c.run(1);
  // Budgets count what retired: an exception is told by where it went.
  return { kind, retired: c.cpu.instructionsRetired - before, ...Object.fromEntries(REGISTERS.map(name => [name, registers.get(name)])), ds: registers.get('ds') === (isOrdinary ? 0n : RING_3_DATA) };
}

const GDT_BASE = 'gdt_base';
/** The upper word of a descriptor. */
const spoil = (selector: bigint, change: (high: number) => number) => (c: Computer): void => {
  const at = Number(c.cpu.registers.get(GDT_BASE) & 0xffffffffn) + Number(selector & ~7n) + 4;
  c.memory.write32(at, change(c.memory.u32[at >> 2] as number) >>> 0);
};
const nothing = (): void => undefined;
const cases: Record<string, readonly [Partial<Record<0 | 1 | 2 | 3 | 4, bigint>>, ((c: Computer) => void)?]> = {
  'an ordinary frame': [{}],
  'arithmetic flags and DF': [{ 2: 0xed7n }],
  'RF, NT, IOPL and ID': [{ 2: 0x217202n }],
  'interrupts off': [{ 2: 2n }],
  'TF': [{ 2: 0x302n }],
  'AC': [{ 2: 0x40202n }],
  'bits of RFLAGS that nobody knows': [{ 2: 0xffffffff00800202n }],
  'an address of the upper half': [{ 0: 0xffff800000001000n }],
  'an address that is not canonical': [{ 0: 0x0000800000000000n }],
  'words above the selectors': [{ 1: RING_3_CODE | 0xabcd0000n, 4: RING_3_DATA | 0xffffffffabcd0000n }],
  'no code segment': [{ 1: 0n }],
  'no stack segment': [{ 4: 3n }],
  'data for code': [{ 1: RING_3_DATA }],
  'code for the stack': [{ 4: RING_3_CODE }],
  'a local selector': [{ 1: RING_3_CODE | 4n }],
  'a local stack': [{ 4: RING_3_DATA | 4n }],
  'code of ring 0': [{ 1: 8n, 4: 16n }],
  'code of ring 0 by RPL 3': [{ 1: 11n }],
  'a selector beyond the GDT': [{ 1: 0x103n }],
  'a stack beyond the GDT': [{ 4: 0x103n }],
  'code that is not present': [{}, spoil(RING_3_CODE, high => high & ~0x8000)],
  'a stack that is not present': [{}, spoil(RING_3_DATA, high => high & ~0x8000)],
  'code of 32 bits': [{}, spoil(RING_3_CODE, high => high & ~(1 << 21))],
  'a stack that is not written': [{}, spoil(RING_3_DATA, high => high & ~0x200)],
  'conforming code': [{}, spoil(RING_3_CODE, high => high | 0x400)],
  'a frame over two pages': [{}, c => {
    const at = STACK_TOP - 0x1000 - 16;
    ORDINARY.forEach((word, i) => c.memory.write64(c.pa(at + 8 * i), Number(word & 0xffffffffn), Number(word >> 32n)));
    c.cpu.registers.set('rsp', BigInt(at));
  }],
  'a frame that is not there': [{}, c => c.cpu.registers.set('rsp', 0x123000n)],
};

/** Handler of #PF: VMCALL, error code away, back. Then: again: mov byte [rdi], 1; add rdi, 4096; dec ecx; jnz again; hlt. */
const HANDLER = [0x0f, 0x01, 0xc1, 0x48, 0x83, 0xc4, 0x08, 0x48, 0xcf], TOUCH = [0xc6, 0x07, 0x01, 0x48, 0x81, 0xc7, 0x00, 0x10, 0x00, 0x00, 0xff, 0xc9, 0x75, 0xf2, 0xf4];
const PAGES = 300, FRESH = DATA + 0x200000;

/** Touches pages that come by faults; budgets of `slice`. */
function touched(options: CpuOptions, slice: number): { faults: bigint[]; instructions: number; rcx: bigint; rdi: bigint } {
  const c = new Computer(options), { cpu, cpu: { registers } } = c, faults: bigint[] = [];
  c.load(TOUCH);
  const handlers = Number(registers.get('idt_base') & 0xffffffffn) + 0x2000;
  c.memory.writeBytes(handlers + 14 * 8, Uint8Array.from(HANDLER));
  registers.set('rdi', BigInt(FRESH));
  registers.set('rcx', BigInt(PAGES));
  let isOver = false;
  cpu.onHypercall = () => {
    const { vector } = c.raised();
    if (vector !== 14) { isOver = true; return -1; }
    faults.push(registers.get('cr2'));
    c.mapNew(registers.get('cr2') & ~0xfffn);
    return slice;
  };
  for (let runs = 0; !isOver && runs < 1e5; runs++) cpu.run(slice);
  return { faults, instructions: cpu.instructionsRetired, rcx: registers.get('rcx'), rdi: registers.get('rdi') };
}

describe('cpu: exceptions there and back', () => {
  for (const [name, [words, prepare = nothing]] of Object.entries(cases)) {
    it(`IRETQ with ${name}: as code what it is otherwise, and in both engines`, () => {
      const frame = ORDINARY.map((word, i) => words[i as 0] ?? word) as unknown as Frame;
      const expected = returned(frame, false, { engine: 'interpreter' }, prepare);
      assert.deepEqual(returned(frame, true, { engine: 'interpreter' }, prepare), expected);
      assert.deepEqual(returned(frame, true, { translateAfter: 0 }, prepare), expected);
    });
  }

  it('a page that comes by a fault: the instruction runs again, whatever the engine and the budget', () => {
    const expected = { faults: Array.from({ length: PAGES }, (_, i) => BigInt(FRESH + 0x1000 * i)), instructions: 4 * PAGES + 3 * PAGES + 1, rcx: 0n, rdi: BigInt(FRESH + 0x1000 * PAGES) };
    for (const options of [{ engine: 'interpreter' }, { translateAfter: 0 }, {}] as const) {
      for (const slice of [1, 2, 3, 1000]) assert.deepEqual(touched(options, slice), expected, `${JSON.stringify(options)}, ${slice}`);
    }
  });

  it('a double fault where the stack of ring 0 is not there', () => {
    const c = new Computer(), tss = Number(c.cpu.registers.get('tr_base') & 0xffffffffn);
    c.load([0xc6, 0x04, 0x25, 0x00, 0x00, 0x12, 0x00, 0x01]); // mov byte [0x120000], 1
    c.memory.write64(tss + 4, 0x5000, 0xffff9000);
    const exit = c.run();
    assert.equal(exit.kind, 'shutdown');
    assert.equal(c.cpu.registers.get('cr2'), 0xffff900000004ff8n);
  });
});
