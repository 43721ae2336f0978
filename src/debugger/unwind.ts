// The call stack of a task: frames by the unwind rows of each module, across the border of ring 0, with a frame-pointer walk where there are no rows.
// Not here: names and lines (stack.ts).
import type { Modules } from './modules';
import { dwarfRegisterName, DWARF_REGISTERS, RBP, RIP, RSP } from './registers';
import type { RegisterRule, UnwindReader, UnwindRow } from './symbols';
import type { RegisterFile, Target } from './target';

export interface UnwoundFrame {
  /** Stable while the function runs: the value of the stack pointer in the caller, before the call. */
  cfa: bigint;
  pc: bigint;
  /** The address to look up: inside the call instruction for a caller. */
  lookupPc: bigint;
  ring: 0 | 3;
  registers: RegisterFile;
  /** The kernel's own frame for a signal handler: its caller is the interrupted code. */
  isSignalFrame: boolean;
  /** Where registers of this frame's caller were saved is not known beyond this point when true. */
  isGuess: boolean;
}

const MAX_FRAMES = 10_000;
const KERNEL_HALF = 1n << 63n;

/** Frames from the innermost on; the sequence ends at the outermost frame, at a loop or after 10,000. */
export function* unwind(target: Target, modules: Modules, pid: number): Generator<UnwoundFrame, void> {
  const read = memoryReader(target, pid);
  let registers: RegisterFile = target.registers(pid, 'innermost');
  let isExact = true;
  let isGuess = false;
  let previous: UnwoundFrame | undefined;
  for (let count = 0; count < MAX_FRAMES; count++) {
    const pc = registers.read('rip');
    if (pc === undefined || pc === 0n) return;
    const lookupPc: bigint = isExact ? pc : pc - 1n;
    const module = modules.at(pid, lookupPc);
    const ring = pc >= KERNEL_HALF ? 0 : 3;
    if (!module && previous && ring === 3 && !isExecutable(target, pid, lookupPc)) return;
    const row: UnwindRow | undefined = module?.unwindRow(lookupPc);
    const step: Step | undefined = row ? byRow(row, registers, read) : ring === 3 ? byFramePointer(registers, read, target, pid, isStart(modules, pid, pc) && isExact) : undefined;
    const frame: UnwoundFrame = { cfa: step?.cfa ?? registers.read('rsp') ?? 0n, pc, lookupPc, ring, registers, isSignalFrame: row?.isSignalFrame ?? false, isGuess };
    if (previous && previous.ring === ring && (frame.cfa < previous.cfa || frame.cfa === previous.cfa && frame.pc === previous.pc)) return;
    yield frame;
    previous = frame;
    isGuess ||= !row;
    if (step?.registers) {
      registers = step.registers;
      isExact = row?.isSignalFrame ?? false;
    } else if (ring === 0) {
      registers = target.registers(pid, 'user');
      if ((registers.read('rip') ?? KERNEL_HALF) >= KERNEL_HALF) return;
      isExact = false;
    } else return;
    const back = registers.read('rip') ?? 0n;
    if (ring === 0 && back < KERNEL_HALF) {
      // Across the border all registers of the interrupted code are known; its program counter is exact, except behind a `syscall` instruction.
      const user = target.registers(pid, 'user');
      if (user.read('rip') === back) registers = user;
      isExact = !isAfterSyscall(target, pid, back);
    }
  }
}

interface Step { cfa: bigint; registers?: RegisterFile }

function byRow(row: UnwindRow, registers: RegisterFile, memory: UnwindReader['memory']): Step | undefined {
  const reader: UnwindReader = { memory, register: number => readDwarf(registers, number) };
  const cfa = row.cfa.kind === 'expression' ? row.cfa.evaluate(reader, undefined) : plus(reader.register(row.cfa.register), row.cfa.offset);
  if (cfa === undefined) return undefined;
  const returnRule = row.rules.get(row.returnAddressRegister);
  if (returnRule?.kind === 'undefined') return { cfa };
  const values = new Map<string, bigint | undefined>();
  for (const [number, rule] of row.rules) {
    const name = number === row.returnAddressRegister ? 'rip' : dwarfRegisterName(number);
    if (name && rule.kind !== 'same') values.set(name, apply(rule, cfa, reader));
  }
  if (!row.rules.has(RSP)) values.set('rsp', cfa);
  if (values.get('rip') === undefined) return { cfa };
  return { cfa, registers: new CallerRegisters(registers, values) };
}

function apply(rule: RegisterRule, cfa: bigint, reader: UnwindReader): bigint | undefined {
  switch (rule.kind) {
    case 'undefined': case 'same': return undefined;
    case 'offset': return reader.memory(plus(cfa, rule.offset) ?? 0n, 8);
    case 'valOffset': return plus(cfa, rule.offset);
    case 'register': return reader.register(rule.register);
    case 'valExpression': return rule.evaluate(reader, cfa);
    case 'expression': {
      const address = rule.evaluate(reader, cfa);
      return address === undefined ? undefined : reader.memory(address, 8);
    }
  }
}

/** Without unwind rows: at a function's first instruction the return address is on top of the stack; elsewhere the frame pointer chain is followed. */
function byFramePointer(registers: RegisterFile, memory: UnwindReader['memory'], target: Target, pid: number, isAtStart: boolean): Step | undefined {
  const rsp = registers.read('rsp');
  const rbp = registers.read('rbp');
  if (rsp === undefined || rbp === undefined) return undefined;
  const top = memory(rsp, 8);
  if (isAtStart && top !== undefined && isExecutable(target, pid, top - 1n)) return { cfa: rsp + 8n, registers: new CallerRegisters(registers, new Map([['rip', top], ['rsp', rsp + 8n]])) };
  if (rbp < rsp || rbp - rsp > 0x800000n || rbp % 8n !== 0n) return undefined;
  const saved = memory(rbp, 8);
  const back = memory(rbp + 8n, 8);
  if (back === undefined || saved === undefined || !isExecutable(target, pid, back - 1n)) return undefined;
  return { cfa: rbp + 16n, registers: new CallerRegisters(registers, new Map([['rip', back], ['rsp', rbp + 16n], ['rbp', saved]])) };
}

function isStart(modules: Modules, pid: number, pc: bigint): boolean {
  return modules.at(pid, pc)?.symbolAt(pc)?.address === pc;
}

function isExecutable(target: Target, pid: number, address: bigint): boolean {
  return target.mappings(pid).some(m => address >= m.start && address < m.end && m.permissions.includes('x'));
}

/** `syscall` is 0F 05, `int 0x80` is CD 80. */
function isAfterSyscall(target: Target, pid: number, pc: bigint): boolean {
  const [a, b] = target.readMemory(pid, pc - 2n, 2);
  return a === 0x0f && b === 0x05 || a === 0xcd && b === 0x80;
}

/** The registers of a caller: those that its callee saved, the preserved ones, and no value for the rest. */
class CallerRegisters implements RegisterFile {
  constructor(private readonly callee: RegisterFile, private readonly values: ReadonlyMap<string, bigint | undefined>) {}
  read(name: string): bigint | undefined {
    return this.values.has(name) ? this.values.get(name) : PRESERVED.has(name) ? this.callee.read(name) : undefined;
  }
  write(): boolean { return false; }
}

/** psABI 3.2.3: rbx, rbp, r12-r15 belong to the caller. Segments and control registers are not a function's to change. */
const PRESERVED = new Set(['rbx', 'rbp', 'r12', 'r13', 'r14', 'r15', 'cs', 'ss', 'ds', 'es', 'fs', 'gs', 'fs_base', 'gs_base', 'kernel_gs_base']);

function readDwarf(registers: RegisterFile, number: number): bigint | undefined {
  const name = number === RIP ? 'rip' : number === RBP ? 'rbp' : DWARF_REGISTERS[number] ?? dwarfRegisterName(number);
  return name === undefined ? undefined : registers.read(name);
}

function plus(value: bigint | undefined, offset: number): bigint | undefined {
  return value === undefined ? undefined : BigInt.asUintN(64, value + BigInt(offset));
}

/** Reads little-endian integers of at most 8 bytes. */
export function memoryReader(target: Target, pid: number): (address: bigint, size: number) => bigint | undefined {
  return (address, size) => {
    const bytes = target.readMemory(pid, BigInt.asUintN(64, address), size);
    if (bytes.length < size) return undefined;
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] ?? 0);
    return value;
  };
}
