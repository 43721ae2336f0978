// A task's registers by name: the processor's own while the task runs on it, pt_regs and the saved context otherwise.
import type { RegisterFile as CpuRegisters, RegisterName } from '../cpu/ports';
import type { PhysicalPages, ThreadContext } from '../kernel/arch/x86/ports';
import { DIRECT_MAP, KERNEL_CS, KERNEL_DS, KERNEL_TEXT, PT_REGS } from './image/layout';

/** An unknown name reads as undefined and is not written. Values are unsigned. */
export interface NamedRegisters {
  read(name: string): bigint | undefined;
  write(name: string, value: bigint): boolean;
}

const PROCESSOR: readonly RegisterName[] = [
  'rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'rip', 'rflags', 'es', 'cs', 'ss', 'ds', 'fs', 'gs',
  'fs_base', 'gs_base', 'kernel_gs_base', 'cr0', 'cr2', 'cr3', 'cr4', 'efer', 'mxcsr',
];
/** What describes the processor's state and is set by the kernel alone: read only. */
const SYSTEM: readonly RegisterName[] = ['cpl', 'star', 'lstar', 'cstar', 'fmask', 'gdt_base', 'gdt_limit', 'idt_base', 'idt_limit', 'tr', 'tr_base', 'xcr0'];
const isSystemName = (name: string): name is RegisterName => SYSTEM.some(known => known === name);
const isProcessorName = (name: string): name is RegisterName => PROCESSOR.some(known => known === name);
/** gdb's names for the x87 words. */
const X87: Record<string, RegisterName> = { fctrl: 'fcw', fstat: 'fsw', ftag: 'ftw' };

const WORD = 0xffffffffffffffffn;
const indexOf = (name: string, prefix: string, count: number): number => {
  const index = name.startsWith(prefix) ? Number(name.slice(prefix.length) || 'x') : NaN;
  return Number.isInteger(index) && index >= 0 && index < count ? index : -1;
};

/** The processor's registers as they are now. `regsPa`: pt_regs of the call that the task is in, for orig_rax. */
export function processorRegisters(cpu: CpuRegisters, phys: PhysicalPages, regsPa: number | null): NamedRegisters {
  return {
    read(name) {
      if (isProcessorName(name) || isSystemName(name)) return cpu.get(name);
      const alias = X87[name];
      if (alias) return cpu.get(alias);
      if (name === 'orig_rax') return regsPa === null ? undefined : phys.readBig64(regsPa + PT_REGS.orig_rax);
      const ymm = indexOf(name, 'ymm', 16);
      if (ymm >= 0) return cpu.getYmm(ymm).reduce((value, word, i) => value | (word << BigInt(64 * i)), 0n);
      const st = indexOf(name, 'st', 8);
      if (st < 0) return undefined;
      const { significand, exponent } = cpu.getSt(st);
      return significand | (BigInt(exponent) << 64n);
    },
    write(name, value) {
      const alias = X87[name];
      const ymm = indexOf(name, 'ymm', 16), st = indexOf(name, 'st', 8);
      if (isProcessorName(name)) cpu.set(name, value & WORD);
      else if (alias) cpu.set(alias, value & 0xffffn);
      else if (name === 'orig_rax' && regsPa !== null) phys.writeBig64(regsPa + PT_REGS.orig_rax, value & WORD);
      else if (ymm >= 0) cpu.setYmm(ymm, [0n, 64n, 128n, 192n].map(shift => (value >> shift) & WORD));
      else if (st >= 0) cpu.setSt(st, value & WORD, Number((value >> 64n) & 0xffffn));
      else return false;
      return true;
    },
  };
}

/** The XSAVE image of a task that does not run, and of one that does through the processor. */
const XMM_OFFSET = 160, YMM_HIGH_OFFSET = 576, ST_OFFSET = 32;
const XSAVED: Record<string, [offset: number, bytes: number]> = { fctrl: [0, 2], fstat: [2, 2], ftag: [4, 1], mxcsr: [24, 4] };

/** The ring-3 registers of a task: pt_regs; bases and FPU from the saved context, or from the processor when `running` is given. */
export function savedRegisters(phys: PhysicalPages, regsPa: number, context: ThreadContext, running: NamedRegisters | null): NamedRegisters {
  const offset = (name: string): number | undefined => name in PT_REGS ? PT_REGS[name as keyof typeof PT_REGS] : undefined;
  const read = (pa: number, bytes: number): bigint => phys.readBytes(pa, bytes).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const write = (pa: number, bytes: number, value: bigint): void => {
    phys.writeBytes(pa, Uint8Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn)));
  };
  return {
    read(name) {
      const at = offset(name);
      if (at !== undefined) return phys.readBig64(regsPa + at);
      if (running) return name === 'gs_base' ? running.read('kernel_gs_base') : running.read(name);
      if (name === 'fs_base') return BigInt(context.fsBase);
      if (name === 'gs_base') return BigInt(context.gsBase);
      if (name === 'cr3') return BigInt(context.pgdPa);
      const xsaved = XSAVED[name];
      if (xsaved) return read(context.fpuPa + xsaved[0], xsaved[1]);
      const ymm = indexOf(name, 'ymm', 16), st = indexOf(name, 'st', 8);
      if (ymm >= 0) return read(context.fpuPa + XMM_OFFSET + 16 * ymm, 16) | (read(context.fpuPa + YMM_HIGH_OFFSET + 16 * ymm, 16) << 128n);
      return st >= 0 ? read(context.fpuPa + ST_OFFSET + 16 * st, 10) : undefined;
    },
    write(name, value) {
      const at = offset(name);
      if (at !== undefined) {
        phys.writeBig64(regsPa + at, value & WORD);
        return true;
      }
      if (running) return name === 'gs_base' ? running.write('kernel_gs_base', value) : running.write(name, value);
      const xsaved = XSAVED[name], ymm = indexOf(name, 'ymm', 16), st = indexOf(name, 'st', 8);
      if (name === 'fs_base') context.fsBase = Number(value);
      else if (name === 'gs_base') context.gsBase = Number(value);
      else if (xsaved) write(context.fpuPa + xsaved[0], xsaved[1], value);
      else if (ymm >= 0) {
        write(context.fpuPa + XMM_OFFSET + 16 * ymm, 16, value);
        write(context.fpuPa + YMM_HIGH_OFFSET + 16 * ymm, 16, value >> 128n);
      } else if (st >= 0) write(context.fpuPa + ST_OFFSET + 16 * st, 10, value);
      else return false;
      return true;
    },
  };
}

/**
 * The ring-0 registers of a task that another has taken the processor from: where it goes on in the entry code. What the entry code does not keep over a switch has no
 * value. Read only. Undefined for a task that has not run yet: its first instruction is one of ring 3's, by pt_regs.
 */
export function switchedOutRegisters({ stackPa, sp, ip, pgdPa }: ThreadContext): NamedRegisters | undefined {
  if (sp < 0 || stackPa === 0) return undefined;
  const values: Readonly<Record<string, bigint>> = {
    rip: KERNEL_TEXT + BigInt(ip), rsp: DIRECT_MAP + BigInt(stackPa + sp), cs: BigInt(KERNEL_CS), ss: BigInt(KERNEL_DS), cr3: BigInt(pgdPa),
  };
  return { read: name => values[name], write: () => false };
}
