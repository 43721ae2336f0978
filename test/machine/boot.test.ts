import assert from 'node:assert/strict';
import { buildKernelSpace } from '../../src/machine/boot';
import { readKernelImage } from '../../src/machine/image/kernel_image';
import { DIRECT_MAP, KERNEL_TEXT } from '../../src/machine/image/layout';
import { GuestPages, type Ram } from '../../src/machine/physical_pages';
import { readVirtual, walkPageTables } from '../../src/machine/walk';

const MIB = 2 ** 20;

function ram(bytes: number): Ram & { noted: [number, number][] } {
  const buffer = new ArrayBuffer(bytes);
  const noted: [number, number][] = [];
  return { u8: new Uint8Array(buffer), u16: new Uint16Array(buffer), u32: new Uint32Array(buffer), noted, ensure: () => false, noteWrite: (pa, length) => { noted.push([pa, length]); } };
}

describe('physical pages', () => {
  it('reads and writes numbers of every width at every alignment, and notes each write before it', () => {
    const memory = ram(4096);
    const phys = new GuestPages(memory, 0, 4096);
    for (let pa = 64; pa < 72; pa++) {
      phys.writeBig64(pa, 0xfedcba9876543210n);
      assert.equal(phys.readBig64(pa), 0xfedcba9876543210n);
      assert.equal(phys.read32(pa), 0x76543210);
      assert.equal(phys.read16(pa + 6), 0xfedc);
      phys.write64(pa, -38);
      assert.equal(phys.readBig64(pa), 0xffffffffffffffdan);
      phys.write64(pa, 0x7ffff7dd2740);
      assert.equal(phys.read64(pa), 0x7ffff7dd2740);
      phys.write32(pa, 0xdeadbeef);
      phys.write16(pa, 0x1234);
      phys.write8(pa, 0x56);
      assert.equal(phys.read32(pa), 0xdead1256);
    }
    assert.equal(memory.noted.length, 6 * 8);
    phys.writeBytes(1, new Uint8Array([1, 2, 3]));
    phys.copy(2, 1, 3);
    assert.deepEqual([...phys.readBytes(1, 4)], [1, 1, 2, 3]);
  });
});

describe('boot', () => {
  const image = readKernelImage();
  const phys = new GuestPages(ram(4 * MIB), 0, 4 * MIB);
  const space = buildKernelSpace(phys, image, MIB);

  it('maps the image where it was linked: code read-only, tables not executable, nothing for ring 3', () => {
    const code = walkPageTables(phys, space.swapperPgd, KERNEL_TEXT + 5n);
    assert.deepEqual(code, { pa: MIB + 5, isWritable: false, isUser: false, isExecutable: true });
    const table = walkPageTables(phys, space.swapperPgd, image.addressOf('idt_table'));
    assert.deepEqual(table, { pa: MIB + image.offsetOf('idt_table'), isWritable: true, isUser: false, isExecutable: false });
    assert.equal(walkPageTables(phys, space.swapperPgd, KERNEL_TEXT + BigInt(image.size)), null);
    assert.equal(walkPageTables(phys, space.swapperPgd, 0n), null);
    assert.deepEqual([...readVirtual(phys, space.swapperPgd, KERNEL_TEXT, 3)], [0x0f, 0x01, 0xf8]);
  });

  it('maps all physical memory at the direct map', () => {
    assert.equal(walkPageTables(phys, space.swapperPgd, DIRECT_MAP + 0x12345678n)?.pa, 0x12345678);
    assert.equal(walkPageTables(phys, space.swapperPgd, DIRECT_MAP + 0xc2345678n)?.pa, 0xc2345678);
  });

  it('points each gate to its stub', () => {
    const target = (vector: number): bigint => {
      const low = phys.readBig64(MIB + image.offsetOf('idt_table') + vector * 16), high = phys.readBig64(MIB + image.offsetOf('idt_table') + vector * 16 + 8);
      return (low & 0xffffn) | ((low >> 32n) & 0xffff0000n) | (high << 32n);
    };
    assert.equal(target(14), image.addressOf('asm_exc_page_fault'));
    assert.equal(target(0x80), image.addressOf('entry_INT80_64'));
    assert.equal(phys.read8(MIB + image.offsetOf('idt_table') + 0x80 * 16 + 5), 0xee);
    assert.equal(phys.read8(MIB + image.offsetOf('idt_table') + 14 * 16 + 5), 0x8e);
  });

  it('ends on a page boundary behind everything that it wrote', () => {
    assert.equal(space.end % 4096, 0);
    assert.ok(space.end > MIB + image.size && space.end < MIB + image.size + 16 * 4096);
  });
});
