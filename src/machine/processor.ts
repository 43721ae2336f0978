// The kernel's port to the processor: address spaces, bases, FPU images, and the switch from one thread's ring-0 context to another's.
import type { Processor as Cpu, RegisterFile, RegisterName } from '../cpu/ports';
import type { Processor, PhysicalPages, ThreadContext } from '../kernel/arch/x86/ports';
import type { KernelSpace } from './boot';
import type { KernelImage } from './image/kernel_image';
import { DIRECT_MAP, KERNEL_CS, KERNEL_DS, KERNEL_TEXT, PER_CPU, PT_REGS_BYTES, STACK_BYTES, TSS_SELECTOR } from './image/layout';

/** The cpu room's Cpu. */
export type Core = Cpu & { readonly registers: RegisterFile };

/** An XSAVE image of x87, SSE and AVX state in standard format. SDM 1, 13.4 */
const XSAVE_BYTES = 832;

// Control registers as Linux sets them. Linux: arch/x86/kernel/head_64.S, cpu/common.c
const CR0 = 0x80050033n; // PG AM WP NE ET MP PE
const CR4 = 0x506a0n; // PAE PGE OSFXSR OSXMMEXCPT FSGSBASE OSXSAVE
const EFER = 0xd01n; // SCE LME LMA NXE
const XCR0 = 7n;
/** What SYSCALL clears. Linux: syscall_init() */
const FMASK = 0x257fd5n;
/** Bits of DR6 that are ones. SDM 3B, 18.2.3 */
const DR6_RESERVED = 0xffff0ff0;
/** RFLAGS of the kernel: interrupts off. */
const KERNEL_RFLAGS = 2;
const HALF = 2 ** 32, PAGE = 4096;
const DIRECT_MAP_HIGH = Number(DIRECT_MAP >> 32n), KERNEL_TEXT_LOW = Number(KERNEL_TEXT & 0xffffffffn), KERNEL_TEXT_HIGH = Number(KERNEL_TEXT >> 32n);

export class MachineProcessor implements Processor {
  readonly xsaveSize = XSAVE_BYTES;
  private readonly retFromFork: bigint;
  /** Where those stand that each switch and each fault asks for. */
  private readonly slots: Readonly<Record<'rsp' | 'rip' | 'cr2' | 'cr3' | 'fsBase' | 'kernelGsBase', number>>;

  constructor(private readonly core: Core, private readonly phys: PhysicalPages, private readonly space: KernelSpace, image: KernelImage) {
    const { registers } = core;
    this.slots = { rsp: registers.slotOf('rsp'), rip: registers.slotOf('rip'), cr2: registers.slotOf('cr2'), cr3: registers.slotOf('cr3'), fsBase: registers.slotOf('fs_base'), kernelGsBase: registers.slotOf('kernel_gs_base') };
    this.retFromFork = image.addressOf('ret_from_fork_asm');
    this.reset(image);
  }

  get fsBase(): number { return this.core.registers.numberAt(this.slots.fsBase); }
  get userGsBase(): number { return this.core.registers.numberAt(this.slots.kernelGsBase); }
  get faultAddress(): number { return this.core.registers.lowAt(this.slots.cr2) + (this.core.registers.lowAt(this.slots.cr2 + 1) | 0) * HALF; }
  takeDebugStatus(): number {
    const status = this.core.registers.low('dr6') ^ DR6_RESERVED;
    this.core.registers.set('dr6', BigInt(DR6_RESERVED));
    return status >>> 0;
  }

  get instructionsRetired(): number { return this.core.instructionsRetired; }

  loadCr3(pgdPa: number): void {
    // That flushes what the TLB has of ring 3; the kernel's pages are global.
    this.core.registers.setHalves('cr3', pgdPa, 0);
  }

  flushTlb(): void {
    this.core.flushTlb();
  }

  invlpg(address: number): void {
    this.core.flushTlbRange(address % HALF, Math.floor(address / HALF), 1);
  }

  flushTlbRange(start: number, end: number): void {
    this.core.flushTlbRange(start % HALF, Math.floor(start / HALF), Math.ceil((end - start) / PAGE));
  }

  setFsBase(address: number): void {
    this.core.registers.setHalvesAt(this.slots.fsBase, address % HALF, Math.floor(address / HALF));
  }

  setUserGsBase(address: number): void {
    this.core.registers.setHalvesAt(this.slots.kernelGsBase, address % HALF, Math.floor(address / HALF));
  }

  xsave(pa: number): void {
    this.core.xsave(pa);
  }

  xrstor(pa: number): void {
    this.core.xrstor(pa);
  }

  /** XRSTOR with every component absent gives the initial state. The control words come from the image even so: 0x37f and 0x1f80. SDM 1, 13.8 */
  resetFpu(): void {
    const scratch = this.space.scratchPa;
    this.phys.fill(scratch, XSAVE_BYTES, 0);
    this.phys.write16(scratch, 0x37f);
    this.phys.write32(scratch + 24, 0x1f80);
    this.core.xrstor(scratch);
  }

  switchTo(prev: ThreadContext | null, next: ThreadContext): void {
    const { core: { registers }, slots } = this;
    if (prev) {
      // Physical memory is less than 4 GiB, and DIRECT_MAP a multiple of that; the image does not go over such a border either.
      prev.sp = registers.lowAt(slots.rsp) - prev.stackPa;
      prev.ip = registers.lowAt(slots.rip) - KERNEL_TEXT_LOW;
      prev.fsBase = this.fsBase;
      prev.gsBase = this.userGsBase;
      this.core.xsave(prev.fpuPa);
    }
    const top = next.stackPa + STACK_BYTES, isNew = next.sp < 0;
    registers.setHalvesAt(slots.rsp, isNew ? top - PT_REGS_BYTES : next.stackPa + next.sp, DIRECT_MAP_HIGH);
    if (isNew) registers.set('rip', this.retFromFork);
    else registers.setHalvesAt(slots.rip, KERNEL_TEXT_LOW + next.ip, KERNEL_TEXT_HIGH);
    registers.setHalves('rflags', KERNEL_RFLAGS, 0);
    if (registers.numberAt(slots.cr3) !== next.pgdPa) this.core.switchAddressSpace(next.pgdPa);
    this.setFsBase(next.fsBase);
    this.setUserGsBase(next.gsBase);
    this.core.xrstor(next.fpuPa);
    for (const slot of [PER_CPU.tssSp0, PER_CPU.topOfStack]) {
      this.phys.write32(this.space.perCpuPa + slot, top);
      this.phys.write32(this.space.perCpuPa + slot + 4, DIRECT_MAP_HIGH);
    }
  }

  /** Ring 0, paging on, the tables of `space` loaded, the entry points set. */
  private reset(image: KernelImage): void {
    const { registers } = this.core;
    const { space } = this;
    const values: Partial<Record<RegisterName, bigint>> = {
      cr0: CR0, cr3: BigInt(space.swapperPgd), cr4: CR4, efer: EFER, xcr0: XCR0, rflags: BigInt(KERNEL_RFLAGS),
      gdt_base: space.gdt.base, gdt_limit: BigInt(space.gdt.limit), idt_base: space.idt.base, idt_limit: BigInt(space.idt.limit),
      tr: BigInt(TSS_SELECTOR), tr_base: space.perCpu, tr_limit: 103n,
      cs: BigInt(KERNEL_CS), ss: BigInt(KERNEL_DS), ds: 0n, es: 0n, fs: 0n, gs: 0n, fs_base: 0n, gs_base: space.perCpu, kernel_gs_base: 0n, cpl: 0n,
      star: 0x0023001000000000n, lstar: image.addressOf('entry_SYSCALL_64'), fmask: FMASK, rip: this.retFromFork,
    };
    for (const [name, value] of Object.entries(values)) registers.set(name as RegisterName, value);
    this.core.flushTlb();
  }
}
