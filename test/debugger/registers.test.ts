import assert from 'node:assert/strict';
import { dwarfRegisterName, extendedToText, flagNames, formatRegister, readRegister, registerPart, writeRegister } from '../../src/debugger/registers';

function fileOf(values: Record<string, bigint>) {
  return { read: (name: string) => values[name], write: (name: string, value: bigint) => { if (!(name in values)) return false; values[name] = value; return true; }, values };
}

describe('registers', () => {
  const file = fileOf({ rax: 0x1122334455667788n, rsi: 0xffn, r8: 0xaabbccddn, ymm1: (7n << 128n) | 9n, rip: 0x401000n });
  const parts: [string, bigint][] = [
    ['rax', 0x1122334455667788n], ['eax', 0x55667788n], ['ax', 0x7788n], ['al', 0x88n], ['ah', 0x77n], ['sil', 0xffn], ['r8d', 0xaabbccddn], ['r8w', 0xccddn], ['r8b', 0xddn],
    ['xmm1', 9n], ['ymm1', (7n << 128n) | 9n], ['pc', 0x401000n], ['EAX', 0x55667788n],
  ];
  for (const [name, value] of parts) it(`${name} reads its part`, () => assert.equal(readRegister(file, name), value));
  it('an unknown name is undefined', () => { for (const name of ['zax', 'r16', 'xmm99', 'r8x', '']) assert.equal(registerPart(name), undefined); });
  it('writing a 32-bit part clears the upper half, smaller parts keep the rest', () => {
    const f = fileOf({ rax: 0x1122334455667788n, ymm1: (7n << 128n) | 9n });
    assert(writeRegister(f, 'al', 0x11n)); assert.equal(f.values['rax'], 0x1122334455667711n);
    assert(writeRegister(f, 'ah', 0xabn)); assert.equal(f.values['rax'], 0x112233445566ab11n);
    assert(writeRegister(f, 'eax', -1n)); assert.equal(f.values['rax'], 0xffffffffn);
    assert(writeRegister(f, 'rax', -1n)); assert.equal(f.values['rax'], 0xffffffffffffffffn);
    assert(writeRegister(f, 'xmm1', 5n)); assert.equal(f.values['ymm1'], (7n << 128n) | 5n);
    assert(!writeRegister(f, 'rbx', 5n));
  });
  it('flags are named', () => assert.equal(flagNames(0x246n), 'PF ZF IF'));
  it('the ring stands at cs', () => { assert.equal(formatRegister('cs', 0x33n), '0x33 (ring 3)'); assert.equal(formatRegister('cs', 0x10n), '0x10 (ring 0)'); });
  it('orig_rax shows a call number or -1', () => assert.equal(formatRegister('orig_rax', 0xffffffffffffffffn), '-1'));
  it('80-bit reals read as numbers', () => {
    assert.equal(extendedToText(0x3fff_8000_0000_0000_0000n), '1');
    assert.equal(extendedToText(0xbffe_8000_0000_0000_0000n), '-0.5');
    assert.equal(extendedToText(0x4000_c90f_daa2_2168_c235n), String(Math.PI));
    assert.equal(extendedToText(0x7fff_8000_0000_0000_0000n), 'inf');
    assert.equal(extendedToText(0xffff_c000_0000_0000_0000n), '-nan');
    assert.equal(extendedToText(0n), '0');
  });
  it('DWARF numbers follow the psABI', () => assert.deepEqual([0, 1, 2, 6, 7, 16, 17, 49, 58, 99].map(dwarfRegisterName), ['rax', 'rdx', 'rcx', 'rbp', 'rsp', 'rip', 'ymm0', 'rflags', 'fs_base', undefined]));
});
