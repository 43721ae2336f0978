import assert from 'node:assert/strict';
import { Cpu } from '../../src/cpu/cpu';
import { PhysicalMemory } from '../../src/cpu/physical_memory';
import { CPU_RESERVED_BYTES } from '../../src/cpu/ports';
import type { ThreadContext } from '../../src/kernel/arch/x86/ports';
import { buildKernelSpace } from '../../src/machine/boot';
import { VirtualClock } from '../../src/machine/clock';
import { costModels } from '../../src/machine/cost_model';
import { RecordedConsole } from '../../src/machine/console';
import { EventFan } from '../../src/machine/events';
import { readKernelImage } from '../../src/machine/image/kernel_image';
import { PT_REGS, PT_REGS_BYTES, STACK_BYTES, USER_CS, USER_DS } from '../../src/machine/image/layout';
import { Machine, type KernelEntries, type Parts, type Resume } from '../../src/machine/machine';
import { GuestPages } from '../../src/machine/physical_pages';
import type { HostFiles } from '../../src/machine/host';
import { RecordedFiles, Recorder } from '../../src/machine/recorder';
import { MachineProcessor } from '../../src/machine/processor';

const CODE = 0x400000, STACK_TOP = 0x7ffffffff000, DATA = 0x600000;

/** A machine whose kernel is the test: user code at CODE, a data page at DATA, a stack below STACK_TOP. */
function bench(code: number[], kernel: Partial<KernelEntries>) {
  const memory = new PhysicalMemory({ initialBytes: CPU_RESERVED_BYTES + (8 << 20), maximumBytes: CPU_RESERVED_BYTES + (16 << 20) });
  const core = new Cpu(memory);
  const image = readKernelImage();
  const phys = new GuestPages(memory, 0, memory.maximumBytes);
  const space = buildKernelSpace(phys, image, CPU_RESERVED_BYTES);
  let next = space.end;
  const pages = (count: number): number => {
    const pa = next;
    next += count * 4096;
    phys.fill(pa, count * 4096, 0);
    return pa;
  };
  const pgd = pages(1);
  phys.copy(pgd + 2048, space.swapperPgd + 2048, 2048);
  const map = (address: number, pa: number): void => {
    let table = pgd;
    for (let level = 3; level > 0; level--) {
      const at = table + (Math.floor(address / 2 ** (12 + 9 * level)) & 511) * 8;
      if (phys.read64(at) === 0) phys.write64(at, pages(1) + 7);
      table = Math.floor(phys.read64(at) / 4096) * 4096;
    }
    phys.write64(table + (Math.floor(address / 4096) & 511) * 8, pa + 7);
  };
  const codePa = pages(1), dataPa = pages(1);
  map(CODE, codePa);
  map(DATA, dataPa);
  map(STACK_TOP - 4096, pages(1));
  phys.writeBytes(codePa, Uint8Array.from(code));
  const cpu = new MachineProcessor(core, phys, space, image);
  const clock = new VirtualClock(core, 0n, { ...costModels['bare-metal'], instruction: 1 });
  const entries: KernelEntries = {
    do_syscall_64: () => 'halted', do_int80_syscall_32: () => 'halted', exc: vector => assert.fail(`exception ${vector} at ${core.registers.get('rip').toString(16)}`), timer_interrupt: () => 'run',
    host_ready: () => undefined, ...kernel,
  };
  const host = { kind: () => 'null' as const, windowSize: () => ({ rows: 1, columns: 1 }), write() { /* no output */ }, take: () => null, wait: async () => false };
  const recorder = new Recorder(() => machine.position);
  const machine: Machine = new Machine({
    core, image, space, clock, entries, events: new EventFan(), console: new RecordedConsole(host, recorder), recorder, files: new RecordedFiles({} as HostFiles, recorder), elapsedNs: () => 0, ports: { phys, cpu, clock },
    facts: { currentPid: () => 1, currentRegs: () => 0, waitsForHost: () => false, exitStatus: () => 0, waits: () => [] }, writeMemory: () => 0, readFile: () => undefined,
  } as unknown as Parts);
  const thread = (rip: number, registers: Partial<Record<keyof typeof PT_REGS, number>> = {}): ThreadContext => {
    const context: ThreadContext = { stackPa: pages(4), sp: -1, ip: 0, pgdPa: pgd, fsBase: 0, gsBase: 0, fpuPa: pages(1) };
    const regs = context.stackPa + STACK_BYTES - PT_REGS_BYTES;
    for (const [name, value] of Object.entries({ rip, cs: USER_CS, ss: USER_DS, rflags: 0x202, rsp: STACK_TOP - 64, ...registers })) phys.write64(regs + PT_REGS[name as keyof typeof PT_REGS], value);
    return context;
  };
  const reg = (regsPa: number, name: keyof typeof PT_REGS): number => Number(BigInt.asIntN(64, phys.readBig64(regsPa + PT_REGS[name])));
  return { machine, core, cpu, phys, clock, thread, reg, dataPa, codePa };
}

const SYSCALL = [0x0f, 0x05];
const movEax = (value: number): number[] => [0xb8, value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
const MOV_EBX_EAX = [0x89, 0xc3];

describe('the way into the kernel and back', () => {
  it('SYSCALL builds pt_regs on the kernel stack and SYSRET returns what the kernel put there', () => {
    const seen: Record<string, number>[] = [];
    const b = bench([...movEax(39), ...SYSCALL, ...MOV_EBX_EAX, ...movEax(60), ...SYSCALL], {
      do_syscall_64(regs): Resume {
        const names = ['orig_rax', 'rax', 'rip', 'rcx', 'cs', 'ss', 'rsp', 'rflags', 'r11', 'rdi', 'rbx', 'r15', 'rbp'] as const;
        seen.push(Object.fromEntries(names.map(name => [name, b.reg(regs, name)])));
        b.phys.write64(regs + PT_REGS.rax, 1001);
        return seen.length === 2 ? 'halted' : 'run';
      },
    });
    b.cpu.switchTo(null, b.thread(CODE, { rdi: 7, r15: -15, rbp: 5 }));
    assert.equal(b.machine.run(10_000).kind, 'exited');
    assert.deepEqual(seen[0], { orig_rax: 39, rax: -38, rip: CODE + 7, rcx: CODE + 7, cs: USER_CS, ss: USER_DS, rsp: STACK_TOP - 64, rflags: 0x202, r11: 0x202, rdi: 7, rbx: 0, r15: -15, rbp: 5 });
    assert.deepEqual([seen[1]?.orig_rax, seen[1]?.rbx, seen[1]?.rdi, seen[1]?.r15], [60, 1001, 7, -15]);
  });

  it('when pt_regs asks for more than SYSRET can give, IRET gives it', () => {
    const seen: number[][] = [];
    const b = bench([...movEax(15), ...SYSCALL, 0x90, 0x90, 0x90, ...SYSCALL], {
      do_syscall_64(regs): Resume {
        seen.push((['rip', 'rcx', 'r11', 'rdx', 'orig_rax'] as const).map(name => b.reg(regs, name)));
        if (seen.length === 2) return 'halted';
        for (const [name, value] of [['rip', CODE + 9], ['rcx', 0x1111], ['r11', 0x2222], ['rdx', 0x3333], ['rax', 77]] as const) b.phys.write64(regs + PT_REGS[name], value);
        return 'run';
      },
    });
    b.cpu.switchTo(null, b.thread(CODE));
    b.machine.stopsAtEntry = entry => entry.kind === 'syscall' && b.reg(entry.regsPa, 'orig_rax') === 77;
    assert.equal(b.machine.run(10_000).kind, 'entry');
    b.machine.run(10_000);
    assert.deepEqual(seen[1], [CODE + 12, CODE + 12, 0x202, 0x3333, 77]);
  });

  it('a page fault arrives with its error code and address, and the instruction is tried again', () => {
    const seen: unknown[] = [];
    const b = bench([0x48, 0xa1, 0x00, 0x50, 0, 0, 0, 0, 0, 0, ...SYSCALL], {
      exc(vector, errorCode, regs): Resume {
        seen.push([vector, errorCode, b.cpu.faultAddress, b.reg(regs, 'rip'), b.reg(regs, 'orig_rax'), b.reg(regs, 'rsi')]);
        b.phys.write64(regs + PT_REGS.rip, CODE + 10);
        return 'run';
      },
    });
    b.cpu.switchTo(null, b.thread(CODE, { rsi: 0x5555 }));
    assert.equal(b.machine.run(10_000).kind, 'exited');
    assert.deepEqual(seen, [[14, 4, 0x5000, CODE, -1, 0x5555]]);
  });

  it('UD2, INT3 and a division by zero arrive as their vectors', () => {
    const seen: number[][] = [];
    const b = bench([0x0f, 0x0b, 0xcc, 0x31, 0xc9, 0xf7, 0xf1, ...SYSCALL], {
      exc(vector, errorCode, regs): Resume {
        seen.push([vector, b.reg(regs, 'rip') - CODE]);
        b.phys.write64(regs + PT_REGS.rip, CODE + ({ 6: 2, 3: 3, 0: 7 }[vector] ?? 0));
        return 'run';
      },
    });
    b.cpu.switchTo(null, b.thread(CODE));
    assert.equal(b.machine.run(10_000).kind, 'exited');
    assert.deepEqual(seen, [[6, 0], [3, 3], [0, 5]]);
  });

  it('INT 0x80 arrives with RAX as its number', () => {
    const seen: number[][] = [];
    const b = bench([...movEax(20), 0xcd, 0x80, ...SYSCALL], {
      do_int80_syscall_32(regs): Resume {
        seen.push([b.reg(regs, 'orig_rax'), b.reg(regs, 'rax'), b.reg(regs, 'rip'), b.reg(regs, 'rbx')]);
        return 'run';
      },
    });
    b.cpu.switchTo(null, b.thread(CODE, { rbx: 3 }));
    assert.equal(b.machine.run(10_000).kind, 'exited');
    assert.deepEqual(seen, [[20, -38, CODE + 7, 3]]);
  });

  it('the timer interrupts user code at the same instruction on every run', () => {
    const run = (): [number, number] => {
      let at: [number, number] = [0, 0];
      const b = bench([0x48, 0xff, 0xc3, 0xeb, 0xfb], {
        timer_interrupt(regs): Resume { at = [b.reg(regs, 'rbx'), b.reg(regs, 'rip')]; return 'halted'; },
      });
      b.cpu.switchTo(null, b.thread(CODE));
      b.clock.setTimer(12_345);
      assert.equal(b.machine.run(1_000_000).kind, 'exited');
      return at;
    };
    const [count, rip] = run();
    assert.ok(count > 6000 && count < 6200, `${count}`);
    assert.ok(rip === CODE || rip === CODE + 3);
    assert.deepEqual(run(), [count, rip]);
  });

  it('a switch keeps each thread\'s registers, FS base, FPU state and place in the kernel', () => {
    // movq xmm0, rbx; L: mov eax, 24; syscall; movq rdx, xmm0; jmp L
    const b = bench([0x66, 0x48, 0x0f, 0x6e, 0xc3, ...movEax(24), ...SYSCALL, 0x66, 0x48, 0x0f, 0x7e, 0xc2, 0xeb, 0xf2], {
      do_syscall_64(regs): Resume {
        seen.push([threads.indexOf(current), b.reg(regs, 'rbx'), b.reg(regs, 'rdx'), b.cpu.fsBase]);
        if (seen.length === 6) return 'halted';
        const other = current === one ? two : one;
        b.cpu.switchTo(current, other);
        current = other;
        return 'run';
      },
    });
    const seen: number[][] = [];
    const one = b.thread(CODE, { rbx: 111 }), two = b.thread(CODE, { rbx: 222 });
    const threads = [one, two];
    one.fsBase = 0x1000;
    two.fsBase = 0x2000;
    let current = one;
    b.cpu.switchTo(null, one);
    assert.equal(b.machine.run(100_000).kind, 'exited');
    assert.deepEqual(seen, [[0, 111, 0, 0x1000], [1, 222, 0, 0x2000], [0, 111, 111, 0x1000], [1, 222, 222, 0x2000], [0, 111, 111, 0x1000], [1, 222, 222, 0x2000]]);
  });

  it('a return to an address that cannot be is an exception of ring 3, with its registers', () => {
    const seen: unknown[] = [];
    const b = bench([...movEax(15), ...SYSCALL], {
      do_syscall_64(regs): Resume {
        b.phys.writeBig64(regs + PT_REGS.rip, 0x8000_0000_0000_0000n);
        return 'run';
      },
      exc(vector, errorCode, regs): Resume {
        seen.push([vector, errorCode, regs === thread.stackPa + STACK_BYTES - PT_REGS_BYTES, b.phys.readBig64(regs + PT_REGS.rip), b.reg(regs, 'cs'), b.reg(regs, 'rbx'), b.reg(regs, 'r15'), b.reg(regs, 'rdi'), b.reg(regs, 'orig_rax')]);
        b.phys.write64(regs + PT_REGS.rip, CODE + 5);
        return seen.length === 2 ? 'halted' : 'run';
      },
    });
    const thread = b.thread(CODE, { rbx: 0x77, r15: 0x88, rdi: 0x99 });
    b.cpu.switchTo(null, thread);
    assert.equal(b.machine.run(10_000).kind, 'exited');
    assert.deepEqual(seen, [0, 1].map(() => [13, 0, true, 0x8000_0000_0000_0000n, USER_CS, 0x77, 0x88, 0x99, -1]));
  });

  it('privileged instructions in ring 3 are general protection faults', () => {
    const seen: number[][] = [];
    const b = bench([0xf4, 0x0f, 0x20, 0xd8, ...SYSCALL], {
      exc(vector, errorCode, regs): Resume {
        seen.push([vector, errorCode]);
        b.phys.write64(regs + PT_REGS.rip, b.reg(regs, 'rip') === CODE ? CODE + 1 : CODE + 4);
        return 'run';
      },
    });
    b.cpu.switchTo(null, b.thread(CODE));
    assert.equal(b.machine.run(10_000).kind, 'exited');
    assert.deepEqual(seen, [[13, 0], [13, 0]]);
  });
});
