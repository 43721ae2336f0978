// Code that an earlier processor decoded: the next one does the same with it, decodes nothing, and believes none of it where the bytes, or the person's breakpoints, are others.
import assert from 'node:assert/strict';
import { CODE, Computer, STACK_TOP } from './computer';
import { STATE } from '../../src/cpu/layout';
import type { CpuOptions } from '../../src/cpu/ports';

const END = [0xcd, 0x80], NEXT = CODE + 0x1000, LOOP = NEXT + 5;

/** A loop, in it a call of a function on the page before whose last instruction goes over the page's end, and an instruction of 16 bits that few programs have. */
const FUNCTION = NEXT - 4;
const programOf = (c: Computer): void => {
  // add rax, imm32 over the page's end; back in the next page: ret.
  c.write(FUNCTION, [0x48, 0x05, 2, 0, 0, 0, 0xc3]);
  // at NEXT + 3 (behind ret): nop, nop; LOOP: call FUNCTION; rcl bx, 3; dec ecx; jnz LOOP; int 0x80
  const toFunction = (FUNCTION - (LOOP + 5)) >>> 0;
  c.write(NEXT + 3, [0x90, 0x90, 0xe8, toFunction & 255, toFunction >>> 8 & 255, toFunction >>> 16 & 255, toFunction >>> 24, 0x66, 0xc1, 0xd3, 3, 0xff, 0xc9, 0x75, 0xf3, ...END]);
  c.cpu.registers.set('rcx', 100n);
  c.cpu.registers.set('rbx', 0x1234n);
  c.cpu.registers.set('rip', BigInt(NEXT + 3));
};
const ran = (options: CpuOptions = {}, change: (c: Computer) => void = () => undefined): Computer => {
  const c = new Computer(options);
  programOf(c);
  change(c);
  c.run();
  return c;
};
const kept = (): Uint8Array => ran().cpu.keepCode() ?? assert.fail('nothing was kept');

describe('cpu: code kept from another processor', () => {
  for (const engine of ['interpreter', 'translator'] as const) {
    it(`does the same, and nothing is decoded anew: ${engine}`, () => {
      const options: CpuOptions = engine === 'translator' ? { engine, translateAfter: 0 } : { engine };
      const first = ran(options), keptCode = first.cpu.keepCode();
      assert.ok(keptCode);
      const second = ran({ ...options, keptCode });
      assert.deepEqual(second.cpu.saveState(), first.cpu.saveState());
      assert.equal(second.cpu.registers.get('rax'), 200n);
      assert.equal(second.cpu.keepCode(), null);
    });
  }

  it('comes with its regions, which no longer have to be written', () => {
    const options: CpuOptions = { engine: 'translator', translateAfter: 0 }, keptCode = ran(options).cpu.keepCode();
    assert.ok(keptCode);
    const { cpu } = ran({ ...options, keptCode });
    assert.ok(cpu.translator && cpu.translator.statistics.regions > 0);
    assert.equal(cpu.translator.statistics.kept, cpu.translator.statistics.regions);
  });

  it('comes with the regions that begin inside others, without being asked for them', () => {
    // call FUNCTION; int 0x80. LOOP: mov ecx, 3; call FUNCTION; dec ecx; jnz to the call; int 0x80. FUNCTION: add rax, 2; ret
    const program = (c: Computer): void => { c.load([0xe8, 0x1b, 0, 0, 0, ...END, 0xb9, 3, 0, 0, 0, 0xe8, 0x0f, 0, 0, 0, 0xff, 0xc9, 0x75, 0xf7, ...END, ...Array<number>(9).fill(0x90), 0x48, 0x83, 0xc0, 2, 0xc3]); };
    const options: CpuOptions = { engine: 'translator', translateAfter: 0 }, runAt = (c: Computer, offset: number): void => {
      for (const [name, value] of [['rip', BigInt(CODE + offset)], ['cs', 0x23n], ['ss', 0x1bn], ['rsp', BigInt(STACK_TOP)]] as const) c.cpu.registers.set(name, value);
      c.run();
    };
    // The function is met before who calls it in a loop, and after them.
    const first = ran(options, program);
    runAt(first, 7);
    const keptCode = first.cpu.keepCode(), made = first.cpu.translator?.statistics;
    assert.ok(keptCode && made && made.dropped === 0);
    const second = new Computer({ ...options, keptCode });
    programOf(second);
    program(second);
    runAt(second, 7);
    assert.equal(second.cpu.registers.get('rax'), 6n);
    assert.equal(second.cpu.translator?.statistics.kept, made.regions - 1, 'all but the first call');
    assert.equal(second.cpu.translator?.statistics.regions, made.regions - 1);
  });

  it('comes with samples of what was not translated, which add up until it is', () => {
    // Loops of 390,000 and 420,000 instructions: mov ecx, turns; dec ecx; jnz
    const loop = (turns: number): number[] => [0xb9, turns & 255, turns >>> 8 & 255, turns >>> 16, 0, 0xff, 0xc9, 0x75, 0xfc], program = (c: Computer): void => { c.load([...loop(195_000), ...loop(210_000), ...END]); };
    const run = (keptCode: Uint8Array | null): Computer => ran({ engine: 'translator', translateAfter: 15, ...(keptCode ? { keptCode: keptCode.slice() } : {}) }, program);
    const first = run(null), second = run(first.cpu.keepCode()), third = run(second.cpu.keepCode());
    assert.deepEqual([first, second, third].map(({ cpu }) => [cpu.translator?.statistics.regions, cpu.translator?.statistics.kept]), [[0, 0], [1, 0], [2, 1]]);
    for (const { cpu } of [second, third]) assert.deepEqual(cpu.saveState(), first.cpu.saveState());
  });

  it('leaves out regions of which a page has other bytes', () => {
    const options: CpuOptions = { engine: 'translator', translateAfter: 0 }, keptCode = ran(options).cpu.keepCode();
    assert.ok(keptCode);
    // rcl bx, 3 becomes rcl bx, 4; the function on the other page stays.
    const change = (c: Computer): void => c.write(LOOP + 8, [4]), changed = ran({ ...options, keptCode }, change);
    assert.deepEqual(changed.cpu.saveState(), ran(options, change).cpu.saveState());
    const again = changed.cpu.keepCode();
    assert.ok(again);
    const { cpu } = ran({ ...options, keptCode: again }, change);
    assert.deepEqual(cpu.saveState(), changed.cpu.saveState());
    assert.equal(cpu.translator?.statistics.kept, cpu.translator?.statistics.regions);
  });

  it('has regions of the mode of MXCSR that they were made for', () => {
    const options: CpuOptions = { engine: 'translator', translateAfter: 0 };
    // LOOP: addsd xmm0, xmm1; dec ecx; jnz LOOP; int 0x80
    const program = (mxcsr: number) => (c: Computer): void => {
      c.write(NEXT + 3, [0x90, 0x90, 0xf2, 0x0f, 0x58, 0xc1, 0xff, 0xc9, 0x75, 0xf8, ...END]);
      c.cpu.memory.u32[STATE.mxcsr >> 2] = mxcsr;
      c.cpu.memory.view.setFloat64(STATE.ymm + 32, 0.1, true);
    };
    const keptCode = ran(options, program(0x1f80)).cpu.keepCode();
    assert.ok(keptCode);
    for (const mxcsr of [0x1f80, 0x5f80]) assert.deepEqual(ran({ ...options, keptCode: keptCode.slice() }, program(mxcsr)).cpu.saveState(), ran(options, program(mxcsr)).cpu.saveState());
  });

  it('is kept with what another run adds, also pages that this run had no use for', () => {
    const elsewhere = (c: Computer): void => c.load([0x48, 0xff, 0xc3, ...END], CODE + 0x2000);
    const both = ran({ keptCode: kept() }, elsewhere).cpu.keepCode();
    assert.ok(both);
    assert.equal(ran({ keptCode: both.slice() }).cpu.keepCode(), null);
    assert.equal(ran({ keptCode: both.slice() }, elsewhere).cpu.keepCode(), null);
  });

  it('is bounded; what does not fit is left out as long as what is kept serves', () => {
    const keep = (keptCode: Uint8Array | null, change?: (c: Computer) => void): Uint8Array | null => {
      const c = new Computer(keptCode ? { keptCode: keptCode.slice() } : {});
      c.cpu.code.mostKept = 1;
      programOf(c);
      change?.(c);
      c.run();
      assert.equal(c.cpu.registers.get(change ? 'rbx' : 'rax'), change ? 0x1235n : 200n);
      return c.cpu.keepCode();
    };
    const first = keep(null), elsewhere = (c: Computer): void => c.load([0x48, 0xff, 0xc3, ...END], CODE + 0x2000);
    assert.ok(first && first.length < kept().length);
    assert.equal(keep(first), null);
    const other = keep(first, elsewhere);
    assert.ok(other);
    assert.equal(keep(other, elsewhere), null);
  });

  it('is not used where a byte is another, on the page or behind its end', () => {
    for (const [address, sum] of [[FUNCTION + 2, 300n], [FUNCTION + 5, 100n * 0x01000002n]] as const) {
      const changed = ran({ keptCode: kept() }, c => c.write(address, [address === FUNCTION + 2 ? 3 : 1]));
      assert.equal(changed.cpu.registers.get('rax'), sum);
      assert.notEqual(changed.cpu.keepCode(), null);
    }
  });

  it('stops at breakpoints that were not there, and has none of those that were', () => {
    const breakpoint = BigInt(LOOP + 5);
    const stopped = ran({ keptCode: kept() }, c => c.cpu.setBreakpoint(breakpoint));
    assert.equal(stopped.cpu.registers.get('rip'), breakpoint);
    const keptCode = stopped.cpu.keepCode();
    const free = ran(keptCode ? { keptCode } : {});
    assert.equal(free.cpu.registers.get('rax'), 200n);
    const late = ran({ keptCode: kept() });
    late.cpu.setBreakpoint(breakpoint);
    programOf(late);
    late.cpu.registers.set('cs', 0x23n); late.cpu.registers.set('ss', 0x1bn); late.cpu.registers.set('rsp', 0x700000n);
    assert.deepEqual(late.run(), { kind: 'breakpoint', address: breakpoint });
  });

  it('gives way to what is written into it', () => {
    const c = ran({ keptCode: kept() });
    programOf(c);
    c.write(FUNCTION + 2, [5]);
    for (const [name, value] of [['rax', 0n], ['cs', 0x23n], ['ss', 0x1bn], ['rsp', 0x700000n]] as const) c.cpu.registers.set(name, value);
    c.run();
    assert.equal(c.cpu.registers.get('rax'), 500n);
  });

  for (const options of [{ engine: 'interpreter' }, { engine: 'translator', translateAfter: 0 }] as const) {
    it(`is whole where a page was not there when the code before it was decoded: ${options.engine}`, () => {
      // LOOP: 14 nops, add rax, imm32 over the page's end; behind it dec ecx; jnz LOOP; int 0x80
      const loop = CODE + 0x3ff0, behind = CODE + 0x4000, atEnd = loop + 14;
      const run = (keptCode?: Uint8Array): Computer => {
        const c = new Computer({ ...options, ...(keptCode ? { keptCode } : {}) });
        c.load([...Array<number>(14).fill(0x90), 0x48, 0x05], loop);
        c.cpu.registers.set('rcx', 100n);
        c.run();
        assert.deepEqual([c.raised().vector, c.raised().rip, c.raised().cr2], [14, BigInt(atEnd), BigInt(behind)]);
        c.mapNew(behind);
        c.write(behind, [2, 0, 0, 0, 0xff, 0xc9, 0x75, (loop - behind - 8) & 255, ...END]);
        for (const [name, value] of [['rip', BigInt(atEnd)], ['cs', 0x23n], ['ss', 0x1bn], ['rsp', BigInt(STACK_TOP)]] as const) c.cpu.registers.set(name, value);
        c.run();
        assert.equal(c.cpu.registers.get('rax'), 200n);
        assert.equal(c.cpu.code.drops, 0);
        return c;
      };
      const first = run(), keptCode = first.cpu.keepCode();
      assert.ok(keptCode);
      const second = run(keptCode);
      assert.deepEqual(second.cpu.saveState(), first.cpu.saveState());
      assert.equal(second.cpu.code.decodedInstructions <= 1, true, `${second.cpu.code.decodedInstructions} instructions were decoded anew`);
    });
  }

  it('is as none when it is cut off or something else', () => {
    const bytes = kept();
    for (const keptCode of [new Uint8Array(0), bytes.slice(0, 100), bytes.slice(0, -4), Uint8Array.of(1, ...bytes)]) assert.equal(ran({ keptCode }).cpu.registers.get('rax'), 200n);
  });
});
