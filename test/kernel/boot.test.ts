import assert from 'node:assert/strict';
import { Errno } from '../../src/abi/errno';
import { RIP, RSP, get_reg, set_reg } from '../../src/kernel/arch/x86/pt_regs';
import { copy_to_user } from '../../src/kernel/mm/uaccess';
import { bootHost, call, current, enter, enterNumber, fakeMachine, fault, kernel, passTime, peek, result } from './fake_machine';

const hello = `${process.cwd()}/examples/hello_write`;
const word = (address: number): number => Number(new DataView(peek(address, 8).slice().buffer).getBigUint64(0, true));
const poke = (address: number, bytes: Uint8Array): void => { assert.equal(copy_to_user(current().mm!, address, bytes), 0); };
const maps = (): string[] => current().mm!.mmap.map(v => `${v.vm_start.toString(16)}-${v.vm_end.toString(16)}`);
const errno = (name: string): number => ({ EAGAIN: -11, ECHILD: -10, EINVAL: -22, ENOSYS: -38 })[name]!;
const ANON = 0x22;

describe('kernel: the first program', () => {
  it('a position independent program lies at 0x555555554000, its loader below 0x7ffff7fff000, its stack below 0x7ffffffff000', () => {
    const fake = fakeMachine();
    assert.equal(bootHost(fake, hello, ['hello', 'one'], ['A=b']), null);
    const ranges = maps();
    assert.ok(ranges[0]!.startsWith('555555554000-'), ranges.join(' '));
    assert.ok(ranges.at(-1)!.endsWith('-7ffffffff000'), ranges.join(' '));
    assert.ok(ranges.at(-2)!.endsWith('-7ffff7fff000'), ranges.join(' '));
    const sp = get_reg(current(), RSP);
    assert.equal(sp % 16, 0);
    assert.equal(word(sp), 2);
    assert.equal(Buffer.from(peek(word(sp + 16), 4)).toString('latin1'), 'one\0');
    assert.equal(Buffer.from(peek(word(sp + 32), 4)).toString('latin1'), 'A=b\0');
    assert.equal(fault(fake, get_reg(current(), RIP), 20), 'run');
    assert.equal(peek(get_reg(current(), RIP), 1).length, 1);
    assert.equal(current().comm, 'hello_write');
  });

  it('the file name is looked up and refused with its errno', () => {
    const fake = fakeMachine();
    const refused = bootHost(fake, '/does/not/exist');
    assert.ok(refused instanceof Errno);
    assert.equal(refused.name, 'ENOENT');
  });
});

describe('kernel: memory', () => {
  it('mmap places from the top, faults zero pages in, munmap takes them away', () => {
    const fake = fakeMachine();
    bootHost(fake, hello);
    const before = maps();
    const free = kernel.nr_free_pages;
    const at = call('mmap', 0, 8192, 3, ANON, -1, 0);
    assert.equal(at % 4096, 0);
    assert.equal(fault(fake, at + 5, 6), 'run');
    assert.deepEqual([...peek(at, 2)], [0, 0]);
    assert.equal(call('munmap', at, 8192), 0);
    assert.deepEqual(maps(), before);
    assert.ok(free - kernel.nr_free_pages <= 3, 'only page tables may stay');
  });

  it('mprotect splits and joins mappings', () => {
    const fake = fakeMachine();
    bootHost(fake, hello);
    const at = call('mmap', 0, 3 * 4096, 3, ANON, -1, 0);
    const whole = maps();
    assert.equal(call('mprotect', at + 4096, 4096, 1), 0);
    assert.equal(maps().length, whole.length + 2);
    assert.equal(call('mprotect', at + 4096, 4096, 3), 0);
    assert.deepEqual(maps(), whole);
    assert.equal(call('mprotect', at + 1, 4096, 3), errno('EINVAL'));
  });

  it('brk grows and shrinks', () => {
    bootHost(fakeMachine(), hello);
    const base = call('brk', 0);
    assert.equal(call('brk', base + 10000), base + 10000);
    poke(base + 9000, Uint8Array.of(7));
    assert.equal(call('brk', base), base);
  });

  it('a wild pointer gives SIGSEGV, which ends the program with 139', () => {
    const fake = fakeMachine();
    bootHost(fake, hello);
    assert.equal(fault(fake, 0x10, 4), 'halted');
    assert.equal(kernel.exit_code, 139);
    assert.deepEqual(fake.log.slice(-2), ['1001 signal 11 code 1', '1001 exit 11']);
  });
});

describe('kernel: processes', () => {
  it('fork copies memory on write, wait4 gives the status', () => {
    const fake = fakeMachine();
    bootHost(fake, hello);
    const at = call('mmap', 0, 4096, 3, ANON, -1, 0);
    poke(at, Uint8Array.of(1));
    const child = call('fork');
    assert.equal(child, 1002);
    poke(at, Uint8Array.of(2));
    assert.equal(enter('wait4', -1, at + 8, 0, 0), 'run');
    assert.equal(current().pid, 1002);
    assert.equal(result(), 0);
    assert.equal(peek(at, 1)[0], 1);
    enter('exit_group', 3);
    assert.equal(current().pid, 1001);
    assert.equal(result(), 1002);
    assert.equal(word(at + 8) & 0xffffffff, 0x300);
    assert.equal(call('wait4', -1, 0, 0, 0), errno('ECHILD'));
    assert.equal(kernel.tasks.size, 1);
  });

  it('memory of a thousand forks is all given back', () => {
    bootHost(fakeMachine(), hello);
    const spend = (): void => {
      call('fork');
      enter('wait4', -1, 0, 0, 0);
      enter('exit', 0);
    };
    spend();
    const free = kernel.nr_free_pages;
    for (let i = 0; i < 1000; i++) spend();
    assert.equal(kernel.nr_free_pages, free);
  });

  it('a futex wait ends by a wake of another thread', () => {
    const fake = fakeMachine();
    bootHost(fake, hello);
    const at = call('mmap', 0, 4096, 3, ANON, -1, 0);
    call('clone', 0x50f00, at + 4096, 0, 0, 0);
    assert.equal(enter('futex', at, 0x80, 0, 0, 0, 0), 'run');
    assert.equal(current().pid, 1002);
    assert.equal(call('futex', at, 0x81, 1, 0, 0, 0), 1);
    enter('exit', 0);
    assert.equal(current().pid, 1001);
    assert.equal(result(), 0);
    assert.equal(call('futex', at, 0x80, 5, 0, 0, 0), errno('EAGAIN'));
  });

  it('nanosleep idles until its time', () => {
    const fake = fakeMachine();
    bootHost(fake, hello);
    const at = call('mmap', 0, 4096, 3, ANON, -1, 0);
    poke(at, Uint8Array.of(5));
    const start = fake.nowNs;
    assert.equal(enter('nanosleep', at, 0), 'idle');
    assert.equal(passTime(fake), 'run');
    assert.equal(result(), 0);
    assert.ok(fake.nowNs - start >= 5e9);
  });

  it('an unknown call is ENOSYS and said once', () => {
    const fake = fakeMachine();
    bootHost(fake, hello);
    enterNumber(9999);
    enterNumber(9999);
    assert.equal(result(), errno('ENOSYS'));
    assert.equal(fake.log.filter(line => line.startsWith('System call number 9999')).length, 1);
  });
});

describe('kernel: signals', () => {
  it('a handler gets its frame and sigreturn restores the registers', () => {
    const fake = fakeMachine();
    bootHost(fake, hello);
    const at = call('mmap', 0, 4096, 3, ANON, -1, 0);
    const action = new Uint8Array(32);
    const view = new DataView(action.buffer);
    view.setBigUint64(0, 0x1234000n, true);
    view.setBigUint64(8, 0x04000004n, true);
    view.setBigUint64(16, 0x5678000n, true);
    poke(at, action);
    assert.equal(call('rt_sigaction', 10, at, 0, 8), 0);
    const ip = get_reg(current(), RIP);
    const sp = get_reg(current(), RSP);
    enter('kill', 1001, 10);
    assert.equal(get_reg(current(), RIP), 0x1234000);
    const frame = get_reg(current(), RSP);
    assert.equal(frame % 16, 8);
    assert.equal(word(frame), 0x5678000);
    assert.equal(current().blocked, 1n << 9n);
    set_reg(current(), RSP, frame + 8);
    enter('rt_sigreturn');
    assert.equal(get_reg(current(), RIP), ip);
    assert.equal(get_reg(current(), RSP), sp);
    assert.equal(result(), 0);
    assert.equal(current().blocked, 0n);
  });

  it('a process that the first one left behind goes on, but not for ever', () => {
    const fake = fakeMachine();
    bootHost(fake, hello);
    const at = call('mmap', 0, 4096, 3, ANON, -1, 0);
    poke(at, Uint8Array.of(1));
    call('fork');
    assert.equal(enter('exit_group', 3), 'run');
    assert.equal(current().pid, 1002);
    assert.equal(call('getppid'), 1);
    assert.equal(enter('nanosleep', at, 0), 'idle');
    assert.equal(passTime(fake), 'run');
    poke(at, Uint8Array.of(9));
    assert.equal(enter('nanosleep', at, 0), 'idle');
    assert.equal(passTime(fake), 'halted');
    assert.equal(kernel.exit_code, 3);
  });

  it('SIGKILL from outside ends with 137', () => {
    const fake = fakeMachine();
    bootHost(fake, hello);
    assert.equal(enter('kill', 1001, 9), 'halted');
    assert.equal(kernel.exit_code, 137);
  });
});
