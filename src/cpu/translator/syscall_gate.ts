// The way from SYSCALL to the kernel's answer and back to ring 3 as one function, for regions. It comes a million times a second, and is the same some eighty instructions
// each time: registers into a frame on the kernel's stack, VMCALL, checks of the frame, registers out of it, SYSRET. Whoever runs the processor describes that code (ports.ts,
// SyscallGate); what it does is done here without its registers going through each instruction. Where anything is not as usual, the region executes SYSCALL as any other
// instruction, or goes on in the code itself. test/machine/syscall_gate.test.ts compares the two.
import { ENGINE, PAGE_SIZE, RAX, RCX, RDI, RSI, RSP, ringWords, STATE } from '../layout';
import { AC_FLAG, RF, TF } from '../flags';
import type { Form } from '../decode';
import type { RegionSurroundings } from '../handlers';
import { EFER_SCE, SYSRET_FLAGS, setSelectors, syscallSelectors, sysretSelectors } from '../isa/system';
import { flagsImage, setFlagsImage, setSystemFlags } from '../isa/flags_image';
import type { SyscallGate } from '../ports';
import { Tier0 } from '../tier0';
import { Code, type V } from '../wasm/code';

/** What the function returns instead of what is left of the budget: run() comes back; control goes on at ENGINE.target; nothing was done. */
export const GATE = { stop: -1, elsewhere: -2, refused: -3 } as const;

const QUADWORD = 8, R11 = 11;

export class SyscallGateEmitter extends Tier0 {
  /** Local 1: what is left of the budget when SYSCALL has retired. ENGINE.target: the address behind it. */
  private readonly left = this.parameter('i32', 1);
  private readonly none = this.i32(0);

  /** `form`: any, as no operand is asked for. */
  constructor(form: Form, private readonly gate: SyscallGate, outside: RegionSurroundings) {
    super(form, {
      ...outside, record: new Code().parameter('i32', 0), tlb: () => this.none,
      leave: () => undefined, jumpTo: () => undefined, branchTo: () => undefined, changeRing: () => undefined, hypercall: () => undefined,
    });
    const behind = this.state64(ENGINE.target);
    const frame = this.enter(behind);
    const [more] = this.call(outside.callOut, this.state(ENGINE.regionLeft)) as [V<'i32'>];
    this.when(this.op('i32.lt_s', more, this.none), () => this.return(this.i32(GATE.stop)));
    this.goBack(behind, frame, more);
  }

  private offsetOf(register: number): number { return this.gate.frame.registers.find(([number]) => number === register)?.[1] ?? 0; }
  private any(...conditions: V<'i32'>[]): V<'i32'> { return conditions.reduce((one, other) => this.op('i32.or', one, other)); }
  private differ(a: V<'i64'>, b: V<'i64'>): V<'i32'> { return this.op('i64.ne', a, b); }
  private get isInterrupted(): V<'i32'> { return this.op('i32.ge_s', this.state(ENGINE.interrupt), this.none); }

  /** Where a linear address that ring 0 may write is; refuses where the TLB does not know, or it is on two pages. */
  private kernelPointer(address: V<'i64'>, bytes: number): V<'i32'> {
    const { writeTlb } = ringWords(false), low = this.wrap(address), entry = this.op('i32.and', this.op('i32.shr_u', low, this.i32(8)), this.i32((PAGE_SIZE - 1) * 16));
    this.when(this.op('i64.gt_u', this.xor(address, this.load('i64.load', entry, writeTlb)), this.i64(PAGE_SIZE - bytes)), () => this.return(this.i32(GATE.refused)), undefined, true);
    return this.op('i32.add', low, this.load('i32.load', entry, writeTlb + 8));
  }

  /** Up to and with VMCALL. The result: the frame's linear address and where it is. */
  private enter(behind: V<'i64'>): { address: V<'i64'>; at: V<'i32'> } {
    const { gate } = this, { frame, perCpu } = gate, flagSystem = this.state(STATE.flagSystem);
    const isOdd = this.any(this.op('i32.eqz', this.op('i32.and', this.state(STATE.efer), this.i32(EFER_SCE))), this.isInterrupted, this.op('i32.and', flagSystem, this.i32(TF | AC_FLAG)),
      this.op('i32.lt_s', this.left, this.i32(gate.before)), this.differ(this.state64(STATE.lstar), this.i64(gate.entry)));
    this.when(isOdd, () => this.return(this.i32(GATE.refused)), undefined, true);
    const user = this.state64(STATE.segmentBase + 40), kernel = this.state64(STATE.kernelGsBase);
    const cpu = this.kernelPointer(this.add(kernel, this.i64(perCpu.userStack)), perCpu.top + QUADWORD - perCpu.userStack);
    const top = this.load('i64.load', cpu, perCpu.top - perCpu.userStack), address = this.sub(top, this.i64(frame.bytes));
    const stack = this.kernelPointer(this.sub(address, this.i64(QUADWORD)), frame.bytes + QUADWORD);
    const put = (offset: number, value: V<'i64'>): void => this.store('i64.store', stack, offset + QUADWORD, value);
    const flags = flagsImage(this), number = this.gpr(RAX), stackPointer = this.gpr(RSP);
    this.store('i64.store', cpu, 0, stackPointer);
    put(-QUADWORD, this.i64(gate.returnsTo));
    for (const [register, offset] of frame.registers) if (register !== RAX) put(offset, register === RCX ? behind : register === R11 ? flags : this.gpr(register));
    put(this.offsetOf(RAX), this.i64(gate.answer));
    put(frame.number, number);
    put(frame.rip, behind);
    put(frame.cs, this.i64(gate.cs));
    put(frame.rflags, flags);
    put(frame.rsp, stackPointer);
    put(frame.ss, this.i64(gate.ss));

    this.setState(STATE.segmentBase + 40, kernel);
    this.setState(STATE.kernelGsBase, user);
    setSystemFlags(this, this.and(flags, this.not(this.extend(this.state(STATE.fmask)))));
    // XOR clears the registers.
    this.logic(this.i64(0), 32);
    setSelectors(this, ...syscallSelectors(this));
    this.enterRing(0, behind);
    for (const [register] of frame.registers) if (register !== RAX && register !== RDI && register !== RSI) this.setGpr(register, this.i64(0));
    this.setGpr(RAX, this.i64(gate.hypercall));
    this.setGpr(RDI, address);
    this.setGpr(RSI, this.op('i64.extend32_s', number));
    this.setGpr(RSP, this.sub(address, this.i64(QUADWORD)));
    this.setState(STATE.rip, this.i64(gate.answered));
    this.setState(ENGINE.regionLeft, this.op('i32.sub', this.left, this.i32(gate.before)));
    return { address, at: this.op('i32.add', stack, this.i32(QUADWORD)) };
  }

  /** From behind VMCALL to ring 3. */
  private goBack(behind: V<'i64'>, { address, at }: { address: V<'i64'>; at: V<'i32'> }, more: V<'i32'>): void {
    const { gate } = this, { frame } = gate, get = (offset: number): V<'i64'> => this.load('i64.load', at, offset);
    const elsewhere = (target: V<'i64'>, left: V<'i32'>): void => {
      this.setState(ENGINE.target, target);
      this.setState(ENGINE.regionLeft, left);
      this.return(this.i32(GATE.elsewhere));
    };
    const rip = get(frame.rip), flags = get(frame.rflags), isOdd = this.any(
      this.differ(this.state64(STATE.rip), this.i64(gate.answered)), this.differ(this.gpr(RSP), this.sub(address, this.i64(QUADWORD))), this.op('i32.lt_s', more, this.i32(gate.after)),
      this.op('i32.ne', this.state(ENGINE.readTlb), this.i32(ringWords(false).readTlb)), this.isInterrupted, this.op('i32.and', this.state(STATE.flagSystem), this.i32(TF | AC_FLAG)),
      this.differ(rip, get(this.offsetOf(RCX))), this.differ(rip, this.sar(this.shl(rip, 16), 16)), this.differ(get(frame.cs), this.i64(gate.cs)), this.differ(get(frame.ss), this.i64(gate.ss)),
      this.differ(flags, get(this.offsetOf(R11))), this.wrap(this.and(flags, this.i64(TF | RF | AC_FLAG))));
    this.when(isOdd, () => elsewhere(this.state64(STATE.rip), more), undefined, true);
    for (const [register, offset] of frame.registers) this.setGpr(register, get(offset));
    this.setGpr(RSP, get(frame.rsp));
    const kernel = this.state64(STATE.segmentBase + 40), user = this.state64(STATE.kernelGsBase);
    this.setState(STATE.segmentBase + 40, user);
    this.setState(STATE.kernelGsBase, kernel);
    setFlagsImage(this, this.or(this.and(flags, this.i64(SYSRET_FLAGS)), this.i64(2)));
    setSelectors(this, ...sysretSelectors(this));
    this.enterRing(3, rip);
    const left = this.op('i32.sub', more, this.i32(gate.after));
    this.when(this.differ(rip, behind), () => elsewhere(rip, left), undefined, true);
    this.return(left);
  }
}
