import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { HYPERCALL, KERNEL_CS, PER_CPU, PT_REGS, PT_REGS_BYTES, USER_CS, USER_DS } from '../../src/machine/image/layout';
import { readVdsoImage } from '../../src/machine/image/vdso_image';
import { readKernelImage } from '../../src/machine/image/kernel_image';

const FOLDER = 'src/machine/image';

describe('kernel image', () => {
  it('is what its build script makes of its sources', function () {
    if (spawnSync('gcc', ['--version']).error || spawnSync('ld', ['--version']).error) return this.skip();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-image-'));
    execFileSync('sh', [`${FOLDER}/build.sh`, folder]);
    const [mine, committed] = [readKernelImage(readFileSync(path.join(folder, 'kernel.elf'))), readKernelImage()];
    const [vdso, committedVdso] = [readVdsoImage(readFileSync(path.join(folder, 'vdso.so'))), readVdsoImage()];
    assert.equal(Buffer.compare(vdso.pages, committedVdso.pages), 0);
    rmSync(folder, { recursive: true });
    assert.deepEqual(mine.segments.map(s => [s.offset, s.sizeInMemory, Buffer.from(s.bytes).toString('hex')]),
      committed.segments.map(s => [s.offset, s.sizeInMemory, Buffer.from(s.bytes).toString('hex')]));
  });

  it('agrees with the machine on selectors, pt_regs, per-CPU offsets and hypercall numbers', () => {
    const defines = new Map([...readFileSync(`${FOLDER}/abi.inc`, 'utf8').matchAll(/^#define (\w+)\s+(\w+)/gm)].map(m => [m[1], Number(m[2])]));
    assert.deepEqual([...defines], Object.entries({
      __KERNEL_CS: KERNEL_CS, __USER_DS: USER_DS, __USER_CS: USER_CS,
      R11: PT_REGS.r11, RCX: PT_REGS.rcx, RDI: PT_REGS.rdi, ORIG_RAX: PT_REGS.orig_rax, RIP: PT_REGS.rip, CS: PT_REGS.cs, EFLAGS: PT_REGS.rflags, RSP: PT_REGS.rsp, SS: PT_REGS.ss,
      SIZEOF_PTREGS: PT_REGS_BYTES, PER_CPU_TSS_SP2: PER_CPU.tssSp2, PER_CPU_TOP_OF_STACK: PER_CPU.topOfStack,
      HYPERCALL_SYSCALL_64: HYPERCALL.syscall64, HYPERCALL_INT80: HYPERCALL.int80, HYPERCALL_TIMER: HYPERCALL.timer, HYPERCALL_EXC: HYPERCALL.exc,
    }));
  });

  it('starts with entry_SYSCALL_64 at the start of its text', () => {
    const image = readKernelImage();
    assert.equal(image.addressOf('entry_SYSCALL_64'), 0xffffffff81000000n);
    assert.equal(image.segments[0]?.isWritable, false);
    assert.equal(image.offsetOf('cpu_tss_rw') % 4096, 0);
    assert.equal(image.offsetOf('pcpu_hot') - image.offsetOf('__per_cpu_start'), PER_CPU.topOfStack);
  });
});
