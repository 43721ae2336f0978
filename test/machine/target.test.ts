import assert from 'node:assert/strict';
import type { Target } from '../../src/debugger/target';
import { argumentsOf, errnoOf } from '../../src/machine/calls';
import { processorRegisters, savedRegisters } from '../../src/machine/registers';
import { GuestPages } from '../../src/machine/physical_pages';
import type { MachineTarget } from '../../src/machine/target';
import type { RegisterFile as CpuRegisters } from '../../src/cpu/ports';

/** The compiler compares the machine's shape with the debugger's. */
export const asTarget = (target: MachineTarget): Target => target;

function ram(bytes: number): GuestPages {
  const buffer = new ArrayBuffer(bytes);
  return new GuestPages({ u8: new Uint8Array(buffer), u16: new Uint16Array(buffer), u32: new Uint32Array(buffer), ensure: () => false, noteWrite: () => undefined }, 0, bytes);
}

describe('calls as a person sees them', () => {
  it('an unknown call has six plain arguments', () => {
    const args = argumentsOf(9999, 'x86-64', [1, 0, 0xffffff9c, 0xffffffff, 0, 0, 0, 0, 0, 0, 0, 0], () => null);
    assert.equal(args.length, 6);
    assert.equal(args[1]?.raw, 0xffffffffffffff9cn);
  });

  it('a result between -4095 and -1 is an errno, with its reason', () => {
    assert.deepEqual(errnoOf(-2, 'no such name'), { name: 'ENOENT', number: 2, text: 'No such file or directory', reason: 'no such name' });
    assert.equal(errnoOf(-4096, null), undefined);
    assert.equal(errnoOf(3, null), undefined);
    assert.equal(errnoOf(-4000, null)?.name, 'ERRNO_4000');
  });
});

describe('registers by name', () => {
  it('of a task that does not run come from pt_regs and its XSAVE image', () => {
    const phys = ram(8192);
    const context = { stackPa: 0, sp: -1, ip: 0, pgdPa: 0x3000, fsBase: 0x7ffff7dd2740, gsBase: 0, fpuPa: 4096 };
    const registers = savedRegisters(phys, 64, context, null);
    assert.equal(registers.write('rip', 0xfedcba9876543210n), true);
    assert.equal(phys.readBig64(64 + 0x80), 0xfedcba9876543210n);
    assert.equal(registers.read('rip'), 0xfedcba9876543210n);
    assert.equal(registers.read('fs_base'), 0x7ffff7dd2740n);
    const ymm = (0x1122n << 192n) | (0x3344n << 128n) | 0x5566n;
    assert.equal(registers.write('ymm7', ymm), true);
    assert.equal(registers.read('ymm7'), ymm);
    assert.equal(phys.readBig64(4096 + 576 + 7 * 16), 0x3344n);
    registers.write('st1', 0x3fff8000000000000000n);
    assert.equal(registers.read('st1'), 0x3fff8000000000000000n);
    assert.deepEqual([registers.read('nonsense'), registers.write('ymm16', 0n), registers.read('st8')], [undefined, false, undefined]);
  });

  it('of the task on the processor come from the processor', () => {
    const values = new Map<string, bigint>([['rax', 5n], ['fcw', 0x37fn]]);
    const cpu = {
      get: (name: string) => values.get(name) ?? 0n, set: (name: string, value: bigint) => { values.set(name, value); },
      getYmm: () => [1n, 2n, 3n, 4n], getSt: () => ({ significand: 1n << 63n, exponent: 0x3fff }),
    } as unknown as CpuRegisters;
    const registers = processorRegisters(cpu, ram(4096), null);
    assert.deepEqual([registers.read('rax'), registers.read('fctrl'), registers.read('orig_rax'), registers.read('st0')], [5n, 0x37fn, undefined, 0x3fff8000000000000000n]);
    assert.equal(registers.read('ymm0'), 1n | (2n << 64n) | (3n << 128n) | (4n << 192n));
    assert.equal(registers.write('rbx', -1n), true);
    assert.equal(values.get('rbx'), 0xffffffffffffffffn);
  });
});
