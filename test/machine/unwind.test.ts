import assert from 'node:assert/strict';
import { openDebugInfo } from '../../src/dwarf/debug_info';
import { ElfFile } from '../../src/elf/elf';
import { readKernelImage } from '../../src/machine/image/kernel_image';

const RSP = 7, RBX = 3, RIP = 16;

describe('kernel image for the debugger', () => {
  const image = readKernelImage();
  const debug = openDebugInfo(ElfFile.open(image.file));
  const HYPERCALL_BYTES = 8;

  it('a function of the TypeScript kernel returns to its stub', () => {
    const row = debug.unwindRow(image.addressOf('do_syscall_64') + BigInt(HYPERCALL_BYTES));
    assert.deepEqual(row?.cfa, { kind: 'register', register: RSP, offset: 8 });
    assert.deepEqual(row?.registers.get(RIP), { kind: 'offset', offset: -8 });
  });

  it('the caller of a stub is what pt_regs says', () => {
    for (const label of ['syscall_return_via_sysret', 'swapgs_restore_regs_and_return_to_usermode', 'ret_from_fork_asm']) {
      const row = debug.unwindRow(image.addressOf(label));
      assert.ok(row, label);
      assert.deepEqual(row.cfa, { kind: 'register', register: RSP, offset: 168 }, label);
      assert.deepEqual([row.registers.get(RIP), row.registers.get(RSP), row.registers.get(RBX)], [-40, -16, -128].map(offset => ({ kind: 'offset', offset })), label);
      assert.equal(row.isSignalFrame, true, label);
    }
  });

  it('at the first instruction of entry_SYSCALL_64 the return address is in RCX', () => {
    const row = debug.unwindRow(image.addressOf('entry_SYSCALL_64'));
    assert.deepEqual(row?.registers.get(RIP), { kind: 'register', register: 2 });
  });

  it('each instruction has a line of entry.S', () => {
    const line = debug.lineAt(image.addressOf('entry_SYSCALL_64_safe_stack'));
    assert.equal(line?.file.path, '/ringside/machine/image/entry.S');
    assert.ok((line?.line ?? 0) > 100);
  });
});
