// The scope *CPU state*: privilege, control registers and MSRs bit by bit, segments with their descriptors, the task state segment, the interrupt table, and what the ring below left in pt_regs.
// Not here: general registers (registers.ts). Descriptors and gates are read from the guest's memory, where the processor reads them.
import { syscalls } from '../../kernel/syscall';
import type { StackFrame } from '../stack';
import type { Modules } from '../modules';
import type { RegisterFile, Target } from '../target';
import { CR0, CR4, descriptorText, EFER, RFLAGS, setBits, vectorName, type Bit } from './cpu_bits';
import { fact, group, type Fact } from './fact';

const hex = (value: bigint): string => `0x${value.toString(16)}`;
const bitFacts = (table: readonly Bit[], value: bigint): Fact[] => table.map(({ name, bit, meaning }) => fact(name, String((value >> BigInt(bit)) & 1n), `bit ${bit}: ${meaning}`));

export function cpuState(target: Target, modules: Modules, frame: StackFrame): Fact[] {
  const { registers } = frame.physical;
  const { pid } = frame;
  const cpu = target.registers(pid, 'innermost');
  const read = (name: string): bigint | undefined => registers.read(name) ?? cpu.read(name);
  const where = (address: bigint): string => modules.describe(pid, address) ?? '';
  const facts: Fact[] = [];
  const add = (name: string, register: string, show: (value: bigint) => Fact | string, meaning?: string): void => {
    const value = read(register);
    if (value === undefined) return;
    const shown = show(value);
    facts.push(typeof shown === 'string' ? fact(name, shown, meaning, { expression: `$${register}` }) : shown);
  };

  const rip = read('rip') ?? frame.pc;
  const mapping = target.mappings(pid).find(m => rip >= m.start && rip < m.end);
  facts.push(fact('CPL', `${frame.ring}${frame.ring === 0 ? ' (kernel mode)' : ' (user mode)'}`, 'current privilege level: the low two bits of CS (SDM 3A 5.5)'));
  facts.push(fact('RIP', `${hex(rip)} ${where(rip)}`, 'the next instruction (SDM 1, 3.5)', {
    expression: '$rip', memory: rip,
    ...(mapping && { children: () => [fact('mapping', `${hex(mapping.start)}-${hex(mapping.end)} ${mapping.permissions} ${mapping.path || 'anonymous memory'}`, 'the mapping that holds the instruction, as /proc/PID/maps lists it (SDM 3A 4.6: what its pages allow)')] }),
  }));
  const flagged = (name: string, register: string, table: readonly Bit[], meaning: string): void => add(name, register, value => fact(name, `${hex(value)} [${setBits(table, value)}]`, meaning, { expression: `$${register}`, children: () => bitFacts(table, value) }));
  flagged('RFLAGS', 'rflags', RFLAGS, 'status and system flags (SDM 3A 2.3)');
  flagged('CR0', 'cr0', CR0, 'how the processor operates (SDM 3A 2.5)');
  add('CR2', 'cr2', value => hex(value), 'the address of the last page fault (SDM 3A 2.5)');
  add('CR3', 'cr3', value => hex(value), 'physical address of the page tables\' top level, the PGD of the running task (SDM 3A 2.5, 4.5)');
  flagged('CR4', 'cr4', CR4, 'architectural extensions (SDM 3A 2.5)');
  flagged('EFER', 'efer', EFER, 'extended features: 64-bit mode, SYSCALL, no-execute (SDM 3A 2.2.1)');
  add('STAR', 'star', value => fact('STAR', hex(value), 'MSR 0xC0000081: selectors that SYSCALL and SYSRET load (SDM 3A 5.8.8)', {
    children: () => [
      fact('SYSCALL CS', hex((value >> 32n) & 0xfffcn), 'CS that SYSCALL loads: STAR[47:32] (SDM 2B, SYSCALL)'), fact('SYSCALL SS', hex(((value >> 32n) & 0xffffn) + 8n), 'SS that SYSCALL loads: STAR[47:32] + 8 (SDM 2B, SYSCALL)'),
      fact('SYSRETQ CS', hex(((value >> 48n) & 0xffffn) + 16n | 3n), 'CS that SYSRET loads for 64-bit code: STAR[63:48] + 16 (SDM 2B, SYSRET)'), fact('SYSRETQ SS', hex(((value >> 48n) & 0xffffn) + 8n | 3n), 'SS that SYSRET loads: STAR[63:48] + 8 (SDM 2B, SYSRET)'),
    ],
  }));
  add('LSTAR', 'lstar', value => `${hex(value)} ${where(value)}`, 'MSR 0xC0000082: where SYSCALL jumps (SDM 3A 5.8.8)');
  add('FMASK', 'fmask', value => fact('FMASK', `${hex(value)} [${setBits(RFLAGS, value)}]`, 'MSR 0xC0000084: flags that SYSCALL clears (SDM 3A 5.8.8)'));
  add('FS base', 'fs_base', value => hex(value), 'MSR 0xC0000100: thread-local storage of the program (SDM 3A 3.4.4)');
  add('GS base', 'gs_base', value => `${hex(value)} ${frame.ring === 0 ? where(value) : ''}`.trimEnd(), frame.ring === 0 ? 'MSR 0xC0000101: in ring 0 the per-CPU area, once SWAPGS has run (SDM 3A 3.4.4)' : 'MSR 0xC0000101: unused by x86-64 programs (SDM 3A 3.4.4)');
  add('KERNEL_GS base', 'kernel_gs_base', value => hex(value), 'MSR 0xC0000102: what SWAPGS exchanges with the GS base (SDM 3A 5.8.8)');
  facts.push(group('segments', ['cs', 'ss'].map(name => `${name.toUpperCase()} ${hex(read(name) ?? 0n)}`).join(', '), () => segments(target, pid, registers, cpu), 'selectors and the descriptors that they name in the GDT (SDM 3A 3.4)'));
  const tss = cpu.read('tr_base'), idt = cpu.read('idt_base');
  if (tss !== undefined) {
    const rsp0 = readWord(target, pid, tss + 4n);
    facts.push(group('TSS', hex(tss), () => [
      fact('RSP0', rsp0 === undefined ? 'unreadable' : hex(rsp0), 'the stack that an exception or interrupt from ring 3 switches to: the top of the task\'s kernel stack (SDM 3A 7.7)'),
      fact('IST1', hex(readWord(target, pid, tss + 0x24n) ?? 0n), 'the stack of the double fault (SDM 3A 6.14.5)'),
    ], 'task state segment (SDM 3A 7.7)'));
  }
  if (idt !== undefined) facts.push(group('IDT', hex(idt), () => gates(target, pid, idt, where), 'where each exception and interrupt goes (SDM 3A 6.10)'));
  if (frame.ring === 0) facts.push(group('pt_regs', 'of ring 3', () => interrupted(target.registers(pid, 'user')), 'what the entry code saved of the interrupted ring (Linux: arch/x86/include/asm/ptrace.h)'));
  return facts;
}

function readWord(target: Target, pid: number, address: bigint): bigint | undefined {
  const bytes = target.readMemory(pid, address, 8);
  return bytes.length < 8 ? undefined : new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
}

function segments(target: Target, pid: number, registers: RegisterFile, cpu: RegisterFile): Fact[] {
  const gdt = cpu.read('gdt_base');
  return ['cs', 'ss', 'ds', 'es', 'fs', 'gs', 'tr'].flatMap(name => {
    const selector = registers.read(name) ?? cpu.read(name);
    if (selector === undefined) return [];
    const descriptor = gdt === undefined || selector < 4n ? undefined : readWord(target, pid, gdt + (selector & ~7n));
    const text = selector < 4n ? 'null selector' : descriptor === undefined ? '' : descriptorText(descriptor);
    return [fact(name.toUpperCase(), `${hex(selector)} ${text}`, `index ${selector >> 3n} of the ${selector & 4n ? 'LDT' : 'GDT'}, requested privilege ${selector & 3n} (SDM 3A 3.4.2)${descriptor === undefined ? '' : `; descriptor ${hex(descriptor)} (SDM 3A 3.4.5)`}`)];
  });
}

/** The gates that are there. */
function gates(target: Target, pid: number, idt: bigint, where: (address: bigint) => string): Fact[] {
  return Array.from({ length: 256 }, (_, vector) => vector).flatMap(vector => {
    const low = readWord(target, pid, idt + BigInt(vector * 16)), high = readWord(target, pid, idt + BigInt(vector * 16 + 8));
    if (low === undefined || high === undefined || ((low >> 47n) & 1n) === 0n) return [];
    const address = (low & 0xffffn) | ((low >> 48n) << 16n) | ((high & 0xffffffffn) << 32n);
    const ist = (low >> 32n) & 7n, dpl = (low >> 45n) & 3n;
    return [fact(`[${vector}]`, `${vectorName(vector)} -> ${where(address) || hex(address)}`, `${descriptorText(low)}${ist ? `, on stack IST${ist}` : ''}${dpl === 3n ? ': ring 3 may call it with INT' : ': INT in ring 3 faults'} (SDM 3A 6.14.1)`, { memory: address })];
  });
}

const PT_REGS = ['r15', 'r14', 'r13', 'r12', 'rbp', 'rbx', 'r11', 'r10', 'r9', 'r8', 'rax', 'rcx', 'rdx', 'rsi', 'rdi', 'orig_rax', 'rip', 'cs', 'rflags', 'rsp', 'ss'];
const MEANINGS: Readonly<Record<string, string>> = {
  rax: 'the result; -ENOSYS until the call has one (psABI A.2.1)', rcx: 'SYSCALL put the return address here (SDM 2B, SYSCALL)', r11: 'SYSCALL put RFLAGS here (SDM 2B, SYSCALL)',
  rip: 'where ring 3 goes on (SDM 1, 3.5)', rflags: 'the flags that ring 3 goes on with (SDM 1, 3.4.3)', rsp: 'the stack of ring 3 (SDM 1, 6.2)', cs: 'selector of ring 3\'s code (SDM 3A 3.4.2)', ss: 'selector of ring 3\'s stack (SDM 3A 3.4.2)',
  rdi: 'argument 1 of a system call (psABI A.2.1)', rsi: 'argument 2 (psABI A.2.1)', rdx: 'argument 3 (psABI A.2.1)', r10: 'argument 4: RCX of a function call, which SYSCALL overwrites (psABI A.2.1)', r8: 'argument 5 (psABI A.2.1)', r9: 'argument 6 (psABI A.2.1)',
  orig_rax: 'the number of the system call, or -1 after an exception or interrupt; restarting a call needs it (Linux: struct pt_regs)',
  ...Object.fromEntries(['r15', 'r14', 'r13', 'r12', 'rbp', 'rbx'].map(name => [name, 'ring 3\'s own: a function that uses it puts it back (psABI 3.2.1)'])),
};

function interrupted(user: RegisterFile): Fact[] {
  return PT_REGS.flatMap(name => {
    const value = user.read(name);
    if (value === undefined) return [];
    if (name === 'orig_rax') return [fact(name, originText(value), MEANINGS[name])];
    return [fact(name, name === 'rflags' ? `${hex(value)} [${setBits(RFLAGS, value)}]` : name === 'rax' && BigInt.asIntN(64, value) < 0n && BigInt.asIntN(64, value) > -4096n ? String(BigInt.asIntN(64, value)) : hex(value), MEANINGS[name])];
  });
}

const originText = (value: bigint): string => BigInt.asIntN(64, value) < 0n ? `${BigInt.asIntN(64, value)} (no system call)` : `${value} (${syscalls.get(Number(value))?.name ?? 'no such call'})`;
