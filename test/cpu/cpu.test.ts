// The processor around its instructions: paging, exceptions, counting, breakpoints, watchpoints, self-modifying code, saving.
import assert from 'node:assert/strict';
import { CODE, Computer, DATA, STACK_TOP } from './computer';

const le32 = (n: number): number[] => [n & 255, n >> 8 & 255, n >> 16 & 255, n >>> 24];
/** mov r, imm32 sign-extended */
const mov = (register: number, value: number): number[] => [0x48, 0xc7, 0xc0 | register, ...le32(value)];
const RAX = 0, RCX = 1, RDI = 7, RSI = 6;
/** int 0x80: ends a program at CPL 3. */
const END = [0xcd, 0x80];
const COUNT = [...mov(RCX, 1000), 0x48, 0xff, 0xc0, 0x48, 0xff, 0xc9, 0x75, 0xf8, ...END];

describe('cpu: counting and budget', () => {
  it('a budget is exact, wherever it ends', () => {
    const whole = new Computer();
    whole.load(COUNT);
    assert.equal(whole.run().kind, 'hypercall');
    const total = whole.cpu.instructionsRetired;
    assert.equal(total, 1 + 3 * 1000 + 1 + 1);
    const parts = new Computer();
    parts.load(COUNT);
    let done = 0;
    for (const n of [1, 2, 3, 5, 7, 100, 1000, 1, 1]) {
      assert.equal(parts.run(n).kind, 'budget');
      done += n;
      assert.equal(parts.cpu.instructionsRetired, done);
    }
    while (parts.run(13).kind === 'budget');
    assert.deepEqual(parts.cpu.saveState(), whole.cpu.saveState());
  });

  it('state saved in the middle goes on the same in another processor', () => {
    const a = new Computer();
    a.load(COUNT);
    a.run(777);
    const b = new Computer();
    b.load(COUNT);
    b.cpu.loadState(a.cpu.saveState());
    a.run();
    b.run();
    assert.deepEqual(b.cpu.saveState(), a.cpu.saveState());
  });
});

describe('cpu: exceptions', () => {
  const fault = (code: number[], setup?: (c: Computer) => void): ReturnType<Computer['raised']> => {
    const c = new Computer();
    c.load([...code, ...END]);
    setup?.(c);
    assert.equal(c.run().kind, 'hypercall');
    return c.raised();
  };

  it('a read of nothing is #PF with CR2 and error code 4, at the instruction', () => {
    const { vector, errorCode, rip, cr2, rsp } = fault([...mov(RAX, 0x12345678), 0x48, 0x8b, 0x08]);
    assert.deepEqual([vector, errorCode, rip, cr2, rsp], [14, 4, BigInt(CODE + 7), 0x12345678n, BigInt(STACK_TOP)]);
  });
  it('a write to a read-only page is #PF 7', () => {
    assert.equal(fault([...mov(RAX, DATA + 0x8000), 0x48, 0x89, 0x08], c => c.mapNew(DATA + 0x8000, 5)).errorCode, 7);
  });
  it('a store that crosses into nothing changes neither page', () => {
    const c = new Computer();
    c.load([...mov(RAX, DATA + 0x3ffc), 0x48, 0xc7, 0x00, 1, 2, 3, 4, ...END]);
    c.run();
    assert.deepEqual([c.raised().vector, c.raised().cr2, c.memory.u32[c.pa(DATA + 0x3ffc) >> 2]], [14, BigInt(DATA + 0x4000), 0]);
  });
  it('execution of a no-execute page is #PF 21 at its address', () => {
    const { vector, errorCode, cr2, rip } = fault([...mov(RAX, DATA), 0xff, 0xe0], c => c.map(BigInt(DATA), c.page(), 7, true));
    assert.deepEqual([vector, errorCode, cr2, rip], [14, 21, BigInt(DATA), BigInt(DATA)]);
  });
  it('ring 3 does not reach supervisor pages, nor privileged instructions', () => {
    assert.equal(fault([...mov(RAX, DATA), 0x48, 0x8b, 0x00], c => c.map(BigInt(DATA), c.page(), 3)).errorCode, 5);
    for (const code of [[0xf4], [0x0f, 0x30], [0x0f, 0x20, 0xc0], [0x0f, 0x01, 0xf8], [0xfa]]) assert.deepEqual([fault(code).vector, fault(code).errorCode], [13, 0]);
    assert.equal(fault([0x0f, 0x01, 0xc1]).vector, 6);
  });
  it('an address that is not canonical is #GP', () => assert.equal(fault([0x48, 0xb8, 0, 0, 0, 0, 0, 0x80, 0, 0, 0x48, 0x8b, 0x00]).vector, 13));
  it('int3 and int n are traps: RIP stands after them', () => {
    assert.deepEqual([fault([0xcc]).vector, fault([0xcc]).rip], [3, BigInt(CODE + 1)]);
    assert.deepEqual([fault([]).vector, fault([]).rip], [0x80, BigInt(CODE + 2)]);
  });
  it('more than 15 bytes are #GP, ud2 is #UD, unknown instructions are reported', () => {
    assert.equal(fault([...Array<number>(15).fill(0x66), 0x90]).vector, 13);
    assert.equal(fault([0x0f, 0x0b]).vector, 6);
    const seen: string[] = [];
    const c = new Computer({ onUnimplemented: what => seen.push(what.text) });
    c.load([0x62, 0xf1, 0x7c, 0x48, 0x58, 0xc0]);
    c.run();
    assert.deepEqual([c.raised().vector, seen.length, seen[0]?.includes('62 f1 7c 48')], [6, 1, true]);
  });
  it('a stack that is not there while delivering ends in shutdown', () => {
    const c = new Computer();
    c.cpu.registers.set('tr_base', 0x10n);
    c.load([0x0f, 0x0b]);
    const exit = c.run();
    assert.equal(exit.kind, 'shutdown');
    assert.deepEqual(c.run(), exit);
  });
  it('TF raises #DB after each instruction', () => {
    const c = new Computer();
    c.load([0x90, 0x90, ...END]);
    c.cpu.registers.set('rflags', 0x302n);
    c.run();
    assert.deepEqual([c.raised().vector, c.raised().rip], [1, BigInt(CODE + 1)]);
  });
  it('an interrupt waits for IF and for the instruction after STI', () => {
    const c = new Computer();
    c.cpu.registers.set('rflags', 0x3002n);
    c.load([0x90, 0xfb, 0x90, 0x90, ...END]);
    c.cpu.injectInterrupt(0x33);
    c.run();
    assert.deepEqual([c.raised().vector, c.raised().rip], [0x33, BigInt(CODE + 3)]);
  });
});

describe('cpu: pages', () => {
  it('accessed and dirty bits are set by real accesses only', () => {
    const c = new Computer();
    const bits = (address: number): number => c.memory.u32[c.entryOf(BigInt(address)) >> 2]! & 0x60;
    c.load([...mov(RAX, DATA), 0x48, 0x8b, 0x08, 0x48, 0x89, 0x88, 0, 0x10, 0, 0, ...END]);
    c.run();
    assert.deepEqual([bits(CODE), bits(DATA), bits(DATA + 0x1000), bits(DATA + 0x2000), bits(CODE + 0x1000)], [0x20, 0x20, 0x60, 0, 0]);
  });
  it('a page mapped elsewhere after invlpg is seen, code and data', () => {
    const c = new Computer();
    c.load([...mov(RAX, 1), ...END]);
    c.run();
    const pa = c.page();
    c.memory.writeBytes(pa, Uint8Array.from([...mov(RAX, 2), ...END]));
    c.map(BigInt(CODE), pa, 7);
    c.cpu.registers.set('cs', 0x23n);
    c.cpu.registers.set('ss', 0x1bn);
    c.cpu.registers.set('rsp', BigInt(STACK_TOP));
    c.cpu.registers.set('rip', BigInt(CODE));
    c.run();
    assert.equal(c.cpu.registers.get('rax'), 2n);
  });
  it('an instruction across two pages follows both translations', () => {
    const c = new Computer();
    c.load([...mov(RAX, 0x01010101), ...END], CODE + 0xffd);
    const again = (): bigint => {
      const r = c.cpu.registers;
      r.set('cs', 0x23n); r.set('ss', 0x1bn); r.set('rsp', BigInt(STACK_TOP)); r.set('rip', BigInt(CODE + 0xffd));
      c.run();
      return r.get('rax');
    };
    assert.equal(again(), 0x01010101n);
    const pa = c.page();
    c.memory.writeBytes(pa, Uint8Array.from([2, 2, 2, 2, ...END]));
    c.map(BigInt(CODE + 0x1000), pa, 7);
    assert.equal(again(), 0x02020202n);
    c.write(CODE + 0x1000, [3]);
    assert.equal(again(), 0x02020203n);
    c.memory.write64(c.entryOf(BigInt(CODE + 0x1000)), 0, 0);
    c.cpu.invlpg(BigInt(CODE + 0x1000));
    again();
    assert.deepEqual([c.raised().vector, c.raised().errorCode, c.raised().cr2, c.raised().rip], [14, 20, BigInt(CODE + 0x1000), BigInt(CODE + 0xffd)]);
  });
  it('an epoch reports each page once, before it changes', () => {
    const c = new Computer();
    c.load([...mov(RAX, DATA), ...mov(RCX, 7), 0x48, 0x89, 0x08, 0x48, 0x89, 0x48, 8, 0x48, 0x89, 0x88, 0, 0x10, 0, 0, ...END]);
    c.memory.write32(c.pa(DATA), 5);
    const before: [number, number][] = [];
    c.cpu.beginEpoch(page => before.push([page, c.memory.u32[page << 10]!]));
    c.run();
    const data = before.filter(([page]) => page === c.pa(DATA) >> 12);
    assert.deepEqual(data, [[c.pa(DATA) >> 12, 5]]);
    assert.equal(before.filter(([page]) => page === c.pa(DATA + 0x1000) >> 12).length, 1);
    assert.deepEqual(before.map(([page]) => page), c.memory.dirtyPages);
  });
});

describe('cpu: code that changes', () => {
  it('an instruction may rewrite the one after it', () => {
    const c = new Computer();
    // mov byte [rip+3], 0x41; then: inc dword -> the patched byte turns mov eax,0x11 into mov eax,0x41
    c.load([0xc6, 0x05, 1, 0, 0, 0, 0x41, 0xb8, 0x11, 0, 0, 0, ...END]);
    c.run();
    assert.equal(c.cpu.registers.get('rax'), 0x41n);
  });
  it('a loop that rewrites itself runs what it wrote', () => {
    const c = new Computer();
    // L: add rax, 1 (imm8 at +3); inc byte [rip+imm of add]; dec ecx; jnz L
    c.load([...mov(RCX, 5), 0x48, 0x83, 0xc0, 0x01, 0xfe, 0x05, 0xf9, 0xff, 0xff, 0xff, 0xff, 0xc9, 0x75, 0xf2, ...END]);
    c.run();
    assert.equal(c.cpu.registers.get('rax'), 15n);
  });
  it('writes by others through PhysicalMemory are seen', () => {
    const c = new Computer();
    c.load([0x90, 0xb8, 1, 0, 0, 0, ...END]);
    c.run(1);
    c.write(CODE + 2, [9]);
    c.run();
    assert.equal(c.cpu.registers.get('rax'), 9n);
  });
});

describe('cpu: more code than the predecoder holds', () => {
  it('is dropped and decoded again, twice over', () => {
    const c = new Computer(), pages = 600, base = 0x10000000;
    for (let i = 0; i < pages; i++) {
      const pa = c.mapNew(base + i * 4096);
      c.memory.u16.fill(0xc0ff, pa >> 1, (pa >> 1) + 2048);
    }
    // dec ecx; jnz to the first page; end
    c.mapNew(base + pages * 4096);
    const back = -(pages * 4096 + 8);
    c.write(base + pages * 4096, [0xff, 0xc9, 0x0f, 0x85, ...le32(back), ...END]);
    c.cpu.registers.set('rcx', 2n);
    c.cpu.registers.set('rax', 0n);
    c.cpu.registers.set('rip', BigInt(base));
    assert.equal(c.run(1e8).kind, 'hypercall');
    assert.equal(c.cpu.registers.get('rax'), BigInt(2 * pages * 2048));
    assert.equal(c.cpu.instructionsRetired, 2 * (pages * 2048 + 2) + 2);
    assert.ok(c.cpu.code.drops > 0);
  });
});

describe('cpu: code on more pages than are known at a time', () => {
  for (const engine of ['interpreter', 'translator'] as const) {
    it(`is forgotten and decoded again: ${engine}`, () => {
      const pages = 100, known = 16, base = 0x10000000;
      const c = new Computer(engine === 'interpreter' ? { engine } : { translateAfter: 0 });
      c.cpu.code.mostPages = known;
      chain(c, base, pages, 3);
      assert.equal(c.run(1e6).kind, 'hypercall');
      assert.equal(c.cpu.registers.get('rax'), BigInt(3 * pages));
      assert.equal(c.cpu.instructionsRetired, 3 * (2 * pages + 2) + 2);
      assert.ok(c.cpu.code.drops >= 3 * pages - 2 * known, `${c.cpu.code.drops} pages were dropped`);
    });
  }
});

/** On each page: inc eax; jmp to the next. On the last: dec ecx; jnz to the first; end. */
function chain(c: Computer, base: number, pages: number, turns: number): void {
  for (let i = 0; i < pages; i++) {
    c.mapNew(base + i * 4096);
    c.write(base + i * 4096, [0xff, 0xc0, 0xe9, ...le32(4096 - 7)]);
  }
  c.mapNew(base + pages * 4096);
  c.write(base + pages * 4096, [0xff, 0xc9, 0x0f, 0x85, ...le32(-(pages * 4096 + 8)), ...END]);
  c.cpu.registers.set('rcx', BigInt(turns));
  c.cpu.registers.set('rax', 0n);
  c.cpu.registers.set('rip', BigInt(base));
}

describe('cpu: more code than the translator may keep', () => {
  // REGIONS=20000 for a longer look at what each region costs.
  it('is forgotten and translated again, and never more than was allowed', () => {
    const pages = Number(process.env['REGIONS'] ?? 240), allowed = process.env['REGIONS'] ? undefined : 60_000, base = 0x10000000;
    const c = new Computer({ translateAfter: 0, ...allowed === undefined ? {} : { translatedBytes: allowed } });
    chain(c, base, pages, 3);
    let most = 0;
    for (;;) {
      const exit = c.run(100);
      most = Math.max(most, c.cpu.translator?.keptBytes ?? 0);
      if (exit.kind === 'hypercall') break;
    }
    assert.equal(c.cpu.registers.get('rax'), BigInt(3 * pages));
    assert.equal(c.cpu.instructionsRetired, 3 * (2 * pages + 2) + 2);
    if (allowed === undefined) return;
    assert.ok((c.cpu.translator?.statistics.forgotten ?? 0) > 1, 'all was forgotten more than once');
    assert.ok(most <= allowed + 4096, `${most} bytes were kept`);
  });
});

describe('cpu: breakpoints and watchpoints', () => {
  it('stops before the instruction, passes it on the next run, every time round a loop', () => {
    const c = new Computer();
    c.load(COUNT);
    c.cpu.setBreakpoint(BigInt(CODE + 7));
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(c.run(), { kind: 'breakpoint', address: BigInt(CODE + 7) });
      assert.equal(c.cpu.registers.get('rax'), BigInt(i));
    }
    c.cpu.clearBreakpoint(BigInt(CODE + 7));
    assert.equal(c.run().kind, 'hypercall');
    assert.equal(c.cpu.instructionsRetired, 3003);
  });
  it('a breakpoint set while running in the middle of a block holds', () => {
    const c = new Computer();
    c.load(COUNT);
    c.run(100);
    c.cpu.setBreakpoint(BigInt(CODE + 0xd));
    assert.equal(c.run().kind, 'breakpoint');
  });
  it('a watchpoint stops after the store, also one across pages', () => {
    for (const address of [DATA + 8, DATA + 0xffc]) {
      const c = new Computer();
      c.load([...mov(RAX, address), 0x48, 0x89, 0x08, 0x48, 0xc7, 0x00, 5, 0, 0, 0, 0x90, ...END]);
      c.cpu.registers.set('rcx', 0n);
      c.cpu.setWatchpoint(BigInt(address + 4), 1, 'write');
      const first = c.run(), second = c.run();
      assert.deepEqual([first.kind, second.kind, second.kind === 'watchpoint' && second.rip], ['watchpoint', 'watchpoint', BigInt(CODE + 17)]);
      assert.equal(c.read64(address), 5n);
      assert.equal(c.run().kind, 'hypercall');
    }
  });
  it('a breakpoint where watched memory is touched is passed', () => {
    const c = new Computer();
    c.load([...mov(RAX, DATA), 0x48, 0x89, 0x00, 0x90, ...END]);
    c.cpu.setBreakpoint(BigInt(CODE + 7));
    c.cpu.setWatchpoint(BigInt(DATA), 8, 'write');
    assert.deepEqual([c.run().kind, c.run().kind, c.run().kind], ['breakpoint', 'watchpoint', 'hypercall']);
  });
  it('a watchpoint that a traced instruction meets leaves its #DB', () => {
    const c = new Computer();
    c.load([...mov(RAX, DATA), 0x48, 0x89, 0x00, 0x90, ...END]);
    c.cpu.registers.set('rflags', 0x302n);
    c.cpu.setWatchpoint(BigInt(DATA), 8, 'write');
    assert.equal(c.run().kind, 'hypercall');
    c.cpu.registers.set('cs', 0x23n);
    c.cpu.registers.set('rip', BigInt(CODE + 7));
    c.cpu.registers.set('rflags', 0x302n);
    const exit = c.run();
    assert.deepEqual([exit.kind, exit.kind === 'watchpoint' && exit.rip], ['watchpoint', BigInt(CODE + 10)]);
    c.run();
    assert.deepEqual([c.raised().vector, c.raised().rip], [1, BigInt(CODE + 10)]);
  });
  it('a read watchpoint sees rep movsb', () => {
    const c = new Computer();
    c.load([...mov(RSI, DATA), ...mov(RDI, DATA + 0x1000), ...mov(RCX, 32), 0xf3, 0xa4, ...END]);
    c.cpu.setWatchpoint(BigInt(DATA + 9), 2, 'read');
    const exit = c.run();
    assert.equal(exit.kind, 'watchpoint');
    assert.equal(c.cpu.registers.get('rip'), BigInt(CODE + 23));
  });
});

describe('cpu: time stamps', () => {
  it('RDTSC is base + instructions before it x price', () => {
    const c = new Computer();
    c.cpu.timeStampCounter.base = 1000;
    c.cpu.timeStampCounter.perInsn = 2;
    c.load([0x90, 0x90, 0x90, 0x0f, 0x31, ...END]);
    c.run();
    assert.equal(c.cpu.registers.get('rax'), 1006n);
  });
});
