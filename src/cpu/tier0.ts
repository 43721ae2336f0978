// The interpreter's emitter: operands come from the predecoded record whose address is in a local. One instance writes one handler.
import { assert } from '../base/assert';
import { PAGE_SIZE, ENGINE, FSW_C1, FSW_C1_BIT, GPR_NAMES, RECORD, RSP, ringWords, STATE, TLB_ENTRIES } from './layout';
import type { Form } from './decode';
import { Machine, type ArithKind, type ConditionCode, type FlagValues, type Float80, type Helper, type Operand, type Routine } from './isa/machine';
import { GP, MF, NM, UD } from './isa/machine';
import type { Callee, V } from './wasm/code';
import type { LOAD_OPS, LoadName, StoreName } from './wasm/ops';

/** What a handler needs of the module that it stands in. */
export interface Surroundings {
  /** The local that holds the record's address. */
  readonly record: V<'i32'>;
  readonly slowPath: Callee;
  readonly callHelper: Callee;
  /** TLB bases as values (locals of the inner function, loads elsewhere). */
  tlb(code: Machine, access: 'r' | 'w'): V<'i32'>;
  /** Leaves the instruction without it being retired: an exception or the slow path said so. */
  leave(code: Machine): void;
  /** Goes on at a linear address, or at a record on the same page. */
  jumpTo(code: Machine, target: V<'i64'>): void;
  branchTo(code: Machine): void;
  /** As jumpTo, when the TLBs are those of another ring. */
  changeRing(code: Machine, target: V<'i64'>): void;
  /** Tells who runs the processor; RIP says where the instruction ends. */
  hypercall(code: Machine): void;
  helperNumber(helper: Helper): number;
  routine(routine: Routine): Callee;
  table(bytes: readonly number[]): number;
}

const LOADS: Record<number, LoadName> = { 1: 'i64.load8_u', 2: 'i64.load16_u', 4: 'i64.load32_u', 8: 'i64.load' };
const SIGNED_LOADS: Record<number, LoadName> = { 1: 'i64.load8_s', 2: 'i64.load16_s', 4: 'i64.load32_s', 8: 'i64.load' };
const STORES: Record<number, StoreName> = { 1: 'i64.store8', 2: 'i64.store16', 4: 'i64.store32', 8: 'i64.store' };

/** The operand's size in the form, bytes. */
function sizeOf(form: Form, size: Operand['kind']['size']): number {
  switch (size) {
    case 'v': return form.operandSize;
    case 'z': return form.operandSize === 2 ? 2 : 4;
    case 'y': return form.wide ? 8 : 4;
    case 'x': return form.vectorBytes;
    default: return size;
  }
}

export class Tier0 extends Machine {
  bits = 0;
  vectorBytes = 16;
  isVex = false;
  repeat: '' | 'rep' | 'repne' = '';
  condition: ConditionCode = 0;
  operands: readonly Operand[] = [];
  protected record: V<'i32'>;
  private readonly zero: V<'i32'>;
  private readonly pointers = new Map<Operand, { node: V<'i32'>; access: 'r' | 'w' }>();
  private linear: V<'i64'> | undefined;

  constructor(protected form: Form, private readonly around: Surroundings) {
    super();
    this.zero = this.i32(0);
    this.record = around.record;
    this.begin(form);
  }

  /** Turns to (another) instruction. */
  protected begin(form: Form): void {
    const { encoding } = form;
    this.form = form;
    this.linear = undefined;
    this.pointers.clear();
    this.vectorBytes = form.vectorBytes;
    this.isVex = encoding.vex;
    this.repeat = form.repeat;
    this.condition = form.condition as ConditionCode;
    this.operands = encoding.operands.map(kind => {
      const isMemory = kind.from === 'moffs' || (kind.from === 'rm' && form.isMemory);
      return { kind, isMemory, size: sizeOf(form, isMemory ? kind.memorySize ?? kind.size : kind.size) };
    });
    const sized = encoding.operands.find(o => o.size === 'v' || o.size === 'y') ?? encoding.operands.find(o => o.class === 'gpr' || o.class === 'memory');
    this.bits = 8 * (encoding.usesV ? form.operandSize : sized ? sizeOf(form, sized.size) : 4);
  }

  /** Writes the whole handler, without what comes after the instruction. */
  build(): void {
    const { options } = this.form.encoding;
    this.checkPrivilege();
    if (options.unit) this.checkUnit(options.unit);
    this.form.encoding.row[4](this, this.operands);
  }

  protected checkPrivilege(): void {
    if (this.form.encoding.options.privileged) this.raise(GP, this.state(STATE.cpl));
  }

  private checkUnit(unit: 'sse' | 'avx' | 'x87' | 'mmx'): void {
    // One word tells whether every unit may be used, so that the checks cost one test (registers.ts keeps it).
    const blocked = this.op('i32.and', this.state(ENGINE.blockedUnits), this.i32({ sse: 1, avx: 2, x87: 4, mmx: 8 }[unit]));
    this.when(blocked, () => {
      const reason = this.state(ENGINE.blockedUnits), is = (bits: number): V<'i32'> => this.op('i32.and', reason, this.i32(bits));
      let vector = this.select(is(16 << { sse: 0, avx: 1, x87: 2, mmx: 3 }[unit]), this.i32(UD), this.i32(NM));
      // #MF waits until the unit may be used: CR0.TS and CR0.EM count first.
      if (unit === 'x87' || unit === 'mmx') vector = this.select(this.op('i32.and', this.op('i32.eqz', this.op('i32.and', this.state(STATE.cr0), this.i32(12))), this.op('i32.shr_u', is(0x100), this.i32(8))), this.i32(MF), vector);
      this.store('i32.store', this.zero, ENGINE.faultVector, vector);
      this.store('i32.store', this.zero, ENGINE.faultCode, this.zero);
      this.around.leave(this);
    });
  }

  // --- record fields -------------------------------------------------------------------------------------------------------------------------

  protected fromRecord<N extends LoadName>(name: N, offset: number): V<(typeof LOAD_OPS)[N][1]> { return this.load(name, this.record, offset); }

  private field(offset: number): V<'i32'> { return this.fromRecord('i32.load16_u', offset); }

  /** State address of a register operand: a node, or a number when it is fixed. */
  private place16(operand: Operand): { address: V<'i32'>; offset: number } {
    const { kind } = operand;
    switch (kind.from) {
      case 'reg': case 'opcode': return { address: this.field(RECORD.reg), offset: 0 };
      case 'rm': return { address: this.field(RECORD.rm), offset: 0 };
      case 'vvvv': return { address: this.field(RECORD.vvvv), offset: 0 };
      case 'is4': return { address: this.field(RECORD.immediate), offset: 0 };
      case 'fixed': return { address: this.zero, offset: STATE.gpr + 8 * (kind.fixed ?? 0) };
      default: throw new Error(`operand ${kind.code} is no register`);
    }
  }

  // --- integer operands ----------------------------------------------------------------------------------------------------------------------

  read(operand: Operand): V<'i64'> {
    if (operand.kind.class === 'immediate') return this.immediate64(operand, false);
    return this.readWith(operand, LOADS, 'r');
  }

  readSigned(operand: Operand): V<'i64'> {
    if (operand.kind.class === 'immediate') return this.immediate64(operand, true);
    return this.readWith(operand, SIGNED_LOADS, 'r');
  }

  update(operand: Operand): V<'i64'> {
    return this.readWith(operand, LOADS, 'w');
  }

  private readWith(operand: Operand, names: Record<number, LoadName>, access: 'r' | 'w'): V<'i64'> {
    const name = names[operand.size];
    if (!name) return assert(false, `operand ${operand.kind.code} of ${operand.size} bytes is no integer`) as never;
    if (operand.isMemory) return this.load(name, this.operandPointer(operand, access)) as V<'i64'>;
    const { address, offset } = this.place16(operand);
    return this.load(name, address, offset) as V<'i64'>;
  }

  private immediate64(operand: Operand, signed: boolean): V<'i64'> {
    const { kind } = operand;
    if (kind.from === 'fixed') return this.i64(kind.fixed ?? 0);
    if (kind.from === 'imm2') return this.fromRecord('i64.load8_u', RECORD.immediate2);
    const bytes = this.bits / 8;
    if (signed || kind.unsigned || bytes === 8) return this.fromRecord('i64.load', RECORD.immediate);
    return this.fromRecord(LOADS[bytes] as LoadName, RECORD.immediate) as V<'i64'>;
  }

  immediate(operand: Operand): V<'i32'> {
    if (operand.kind.from === 'fixed') return this.i32(operand.kind.fixed ?? 0);
    return operand.kind.from === 'imm2' ? this.fromRecord('i32.load8_u', RECORD.immediate2) : this.fromRecord('i32.load', RECORD.immediate);
  }

  write(operand: Operand, value: V<'i64'>): void {
    if (operand.isMemory) {
      this.store(STORES[operand.size] as StoreName, this.operandPointer(operand, 'w'), 0, value);
      return;
    }
    const { address, offset } = this.place16(operand);
    this.storeGpr(address, offset, value, operand.size);
  }

  private storeGpr(address: V<'i32'>, offset: number, value: V<'i64'>, bytes: number): void {
    if (bytes === 4) this.store('i64.store', address, offset, this.and(value, this.i64(0xffffffff)));
    else this.store(STORES[bytes] as StoreName, address, offset, value);
  }

  gpr(number: number, bytes = 8): V<'i64'> {
    assert(number < GPR_NAMES.length, 'a general register');
    return this.load(LOADS[bytes] as LoadName, this.zero, STATE.gpr + 8 * number) as V<'i64'>;
  }

  setGpr(number: number, value: V<'i64'>, bytes = 8): void {
    this.storeGpr(this.zero, STATE.gpr + 8 * number, value, bytes);
  }

  offset(operand: Operand): V<'i64'> {
    if (operand.kind.from === 'moffs') return this.fromRecord('i64.load', RECORD.immediate);
    const base = this.add(this.load('i64.load', this.field(RECORD.base)), this.fromRecord('i64.load32_s', RECORD.displacement));
    if (this.form.isSimple) return base;
    const index = this.load('i64.load', this.field(RECORD.index));
    const sum = this.add(base, this.shl(index, this.fromRecord('i64.load8_u', RECORD.scale)));
    return this.select(this.fromRecord('i32.load8_u', RECORD.flags), this.and(sum, this.i64(0xffffffff)), sum);
  }

  address(operand: Operand): V<'i64'> {
    if (this.linear) return this.linear;
    const offset = this.offset(operand);
    if (this.form.isSimple) return this.linear = offset;
    return this.linear = this.add(offset, this.segmentBase());
  }

  override segmentBase(): V<'i64'> {
    return this.load('i64.load', this.field(RECORD.segment));
  }

  override baseIs(number: number): V<'i32'> {
    return this.op('i32.eq', this.field(RECORD.base), this.i32(STATE.gpr + 8 * number));
  }

  override registerNumber(operand: Operand): V<'i32'> {
    return this.field(operand.kind.from === 'rm' ? RECORD.rm : RECORD.reg);
  }

  override addr32(): V<'i32'> {
    return this.fromRecord('i32.load8_u', RECORD.flags);
  }

  // --- memory --------------------------------------------------------------------------------------------------------------------------------

  private tlbEntry(low: V<'i32'>, access: 'r' | 'w'): V<'i32'> {
    return this.op('i32.add', this.around.tlb(this, access), this.op('i32.and', this.op('i32.shr_u', low, this.i32(8)), this.i32((TLB_ENTRIES - 1) * 16)));
  }

  pageHit(linear: V<'i64'>, access: 'r' | 'w'): { isKnown: V<'i32'>; pointer: V<'i32'> } {
    const low = this.wrap(linear), entry = this.tlbEntry(low, access);
    return { isKnown: this.op('i64.lt_u', this.xor(linear, this.load('i64.load', entry, 0)), this.i64(PAGE_SIZE)), pointer: this.op('i32.add', low, this.load('i32.load', entry, 8)) };
  }

  pointer(linear: V<'i64'>, bytes: number, access: 'r' | 'w'): V<'i32'> {
    const low = this.wrap(linear), entry = this.tlbEntry(low, access);
    const pointer = this.variable(this.op('i32.add', low, this.load('i32.load', entry, 8)));
    const tag = this.load('i64.load', entry, 0);
    this.when(this.op('i64.gt_u', this.xor(linear, tag), this.i64(4096 - bytes)), () => {
      this.store('i64.store', this.zero, ENGINE.slowAddress, linear);
      const [found] = this.call(this.around.slowPath, this.record, this.i32(bytes | (access === 'w' ? 0x100 : 0)));
      pointer.set(found as V<'i32'>);
      this.when(this.op('i32.eq', found as V<'i32'>, this.i32(-1)), () => this.around.leave(this));
    });
    return pointer.get();
  }

  operandPointer(operand: Operand, access: 'r' | 'w'): V<'i32'> {
    const known = this.pointers.get(operand);
    if (known && (known.access === 'w' || access === 'r')) return known.node;
    const node = this.pointer(this.address(operand), operand.size, access);
    this.pointers.set(operand, { node, access });
    return node;
  }

  requireAligned(operand: Operand, bytes: number): void {
    if (!operand.isMemory) return;
    this.raise(GP, this.op('i32.wrap_i64', this.and(this.address(operand), this.i64(bytes - 1))));
  }

  // --- vectors -------------------------------------------------------------------------------------------------------------------------------

  readV(operand: Operand, half: 0 | 1 = 0): V<'v128'> {
    if (!operand.isMemory) {
      const { address, offset } = this.place16(operand);
      return this.load('v128.load', address, offset + 16 * half);
    }
    const pointer = this.operandPointer(operand, 'r');
    switch (operand.size) {
      case 16: case 32: return this.load('v128.load', pointer, 16 * half);
      case 8: return this.load('v128.load64_zero', pointer);
      case 4: return this.load('v128.load32_zero', pointer);
      default: return this.lane('i64x2.replace_lane', 0, this.v128(0n, 0n), this.load(LOADS[operand.size] as LoadName, pointer) as V<'i64'>);
    }
  }

  writeV(operand: Operand, value: V<'v128'>, half: 0 | 1 = 0): void {
    if (!operand.isMemory) {
      const { address, offset } = this.place16(operand);
      this.store('v128.store', address, offset + 16 * half, value);
      if (this.isVex && half === 0) this.store('v128.store', address, offset + 16, this.v128(0n, 0n));
      return;
    }
    const pointer = this.operandPointer(operand, 'w');
    if (operand.size >= 16) this.store('v128.store', pointer, 16 * half, value);
    else this.store(STORES[operand.size] as StoreName, pointer, 0, this.lane('i64x2.extract_lane', 0, value));
  }

  readF32(operand: Operand): V<'f32'> {
    if (operand.isMemory) return this.load('f32.load', this.operandPointer(operand, 'r'));
    const { address, offset } = this.place16(operand);
    return this.load('f32.load', address, offset);
  }

  readF64(operand: Operand): V<'f64'> {
    if (operand.isMemory) return this.load('f64.load', this.operandPointer(operand, 'r'));
    const { address, offset } = this.place16(operand);
    return this.load('f64.load', address, offset);
  }

  writeF32(operand: Operand, value: V<'f32'>): void { this.writeLow(operand, 'f32.store', value); }
  writeF64(operand: Operand, value: V<'f64'>): void { this.writeLow(operand, 'f64.store', value); }

  private writeLow(operand: Operand, name: StoreName, value: V): void {
    if (operand.isMemory) { this.store(name, this.operandPointer(operand, 'w'), 0, value); return; }
    const { address, offset } = this.place16(operand);
    this.store(name, address, offset, value);
  }

  readMmx(operand: Operand): V<'i64'> { return this.readWith(operand, operand.isMemory ? LOADS : { 8: 'i64.load' }, 'r'); }

  writeMmx(operand: Operand, value: V<'i64'>): void {
    if (operand.isMemory) { this.store(STORES[operand.size] as StoreName, this.operandPointer(operand, 'w'), 0, value); return; }
    const { address, offset } = this.place16(operand);
    this.store('i64.store', address, offset, value);
    this.store('i32.store16', address, offset + 8, this.i32(0xffff));
    this.enterMmx();
  }

  override enterMmx(): void {
    this.setState(STATE.ftop, this.i32(0));
    this.setState(STATE.ftag, this.i32(0xff));
  }

  // --- flags: see flags.ts -------------------------------------------------------------------------------------------------------------------

  private signed(value: V<'i64'>, bits: number): V<'i64'> {
    switch (bits) {
      case 8: return this.op('i64.extend8_s', value);
      case 16: return this.op('i64.extend16_s', value);
      case 32: return this.op('i64.extend32_s', value);
      default: return value;
    }
  }

  arith(kind: ArithKind, a: V<'i64'>, b: V<'i64'>, r: V<'i64'>, bits = this.bits): void {
    this.setState(STATE.flagResult, this.signed(r, bits));
    const carry = kind === 'add' || kind === 'adc'
      ? this.or(this.and(a, b), this.and(this.or(a, b), this.not(r)))
      : this.or(this.and(this.not(a), b), this.and(this.or(this.not(a), b), r));
    this.setState(STATE.flagCarry, bits === 64 ? carry : this.shl(carry, 64 - bits));
    this.setState(STATE.flagAux, this.and(this.xor(this.xor(a, b), r), this.i64(16)));
  }

  logic(r: V<'i64'>, bits = this.bits): void {
    this.setState(STATE.flagResult, this.signed(r, bits));
    this.setState(STATE.flagCarry, this.i64(0));
    this.setState(STATE.flagAux, this.i64(0));
  }

  resultFlags(r: V<'i64'>, rest: Pick<FlagValues, 'cf' | 'of' | 'af'>, bits = this.bits): void {
    const af = rest.af === undefined ? this.extend(this.flag('af')) : this.bit(rest.af);
    this.setCarries(rest);
    this.setState(STATE.flagResult, this.signed(r, bits));
    this.setState(STATE.flagAux, this.shl(af, 4));
  }

  /** A flag value as i64. */
  private bit(value: V<'i32'> | 0 | 1): V<'i64'> {
    return typeof value === 'number' ? this.i64(value) : this.extend(value);
  }

  private setCarries({ cf, of }: FlagValues): void {
    if (cf === undefined && of === undefined) return;
    const c = cf === undefined ? this.shr(this.state64(STATE.flagCarry), 63) : this.bit(cf);
    const o = of === undefined ? this.extend(this.flag('of')) : this.bit(of);
    this.setState(STATE.flagCarry, this.or(this.shl(c, 63), this.shl(this.xor(c, o), 62)));
  }

  setFlags(values: FlagValues): void {
    const { zf, sf, pf, af } = values;
    if (zf === undefined && sf === undefined && pf === undefined) {
      const old = af === undefined ? undefined : this.state64(STATE.flagAux);
      this.setCarries(values);
      if (old && af !== undefined) this.setState(STATE.flagAux, this.or(this.and(old, this.i64(~16n)), this.shl(this.bit(af), 4)));
      return;
    }
    const known = (name: keyof FlagValues): V<'i64'> => { const value = values[name]; return value === undefined ? this.extend(this.flag(name)) : this.bit(value); };
    const z = known('zf'), s = known('sf'), p = known('pf'), a = known('af');
    this.setCarries(values);
    this.setState(STATE.flagResult, this.xor(z, this.i64(1)));
    this.setState(STATE.flagAux, this.or(this.or(this.shl(s, 63), this.shl(this.xor(p, z), 8)), this.shl(a, 4)));
  }

  flag(name: keyof FlagValues): V<'i32'> {
    const zero = this.i64(0);
    const result = (): V<'i64'> => this.state64(STATE.flagResult), carry = (): V<'i64'> => this.state64(STATE.flagCarry), aux = (): V<'i64'> => this.state64(STATE.flagAux);
    switch (name) {
      case 'zf': return this.isZero(result());
      case 'sf': return this.op('i64.lt_s', this.xor(result(), aux()), zero);
      case 'cf': return this.op('i64.lt_s', carry(), zero);
      case 'of': { const c = carry(); return this.op('i64.lt_s', this.xor(c, this.shl(c, 1)), zero); }
      case 'af': return this.op('i32.and', this.wrap(this.shr(aux(), 4)), this.i32(1));
      case 'pf': return this.op('i32.and', this.op('i32.xor', this.wrap(this.op('i64.popcnt', this.or(this.and(result(), this.i64(0xff)), this.and(aux(), this.i64(0x100))))), this.i32(1)), this.i32(1));
    }
  }

  test(condition: ConditionCode): V<'i32'> {
    const zero = this.i64(0);
    const base = (): V<'i32'> => {
      switch (condition >> 1) {
        case 0: return this.flag('of');
        case 1: return this.flag('cf');
        case 2: return this.flag('zf');
        case 3: return this.op('i32.or', this.flag('cf'), this.flag('zf'));
        case 4: return this.flag('sf');
        case 5: return this.flag('pf');
        default: {
          const c = this.state64(STATE.flagCarry), r = this.state64(STATE.flagResult), a = this.state64(STATE.flagAux);
          const less = this.op('i64.lt_s', this.xor(this.xor(c, this.shl(c, 1)), this.xor(r, a)), zero);
          return condition >> 1 === 6 ? less : this.op('i32.or', less, this.isZero(r));
        }
      }
    };
    return condition & 1 ? this.op('i32.eqz', base()) : base();
  }

  // --- other state ---------------------------------------------------------------------------------------------------------------------------

  state(offset: number, name: 'i32.load' | 'i32.load16_u' = 'i32.load'): V<'i32'> { return this.load(name, this.zero, offset); }
  state64(offset: number): V<'i64'> { return this.load('i64.load', this.zero, offset); }
  setState(offset: number, value: V<'i32'> | V<'i64'>): void { this.store(value.type === 'i32' ? 'i32.store' : 'i64.store', this.zero, offset, value); }

  /** Address of a register: its significand, and at +8 its sign and exponent in 16 bits. */
  private x87Address(i: V<'i32'> | number): V<'i32'> {
    const number = typeof i === 'number' ? this.i32(i) : i;
    const physical = this.op('i32.and', this.op('i32.add', this.state(STATE.ftop), number), this.i32(7));
    return this.op('i32.add', this.op('i32.shl', physical, this.i32(4)), this.i32(STATE.x87));
  }

  override readX87(i: V<'i32'> | number): Float80 {
    const at = this.x87Address(i);
    return { mant: this.load('i64.load', at), signExp: this.wideSignExp(this.load('i32.load16_s', at, 8)) };
  }
  override writeX87(i: V<'i32'> | number, { mant, signExp }: Float80): void {
    const at = this.x87Address(i);
    this.store('i64.store', at, 0, mant);
    this.store('i32.store16', at, 8, this.narrowSignExp(signExp));
  }
  /** Between 16 bits and those of Float80. */
  protected wideSignExp(bits: V<'i32'>): V<'i32'> { return this.op('i32.and', bits, this.i32(0x80007fff)); }
  protected narrowSignExp(signExp: V<'i32'>): V<'i32'> { return this.op('i32.or', signExp, this.op('i32.shr_u', signExp, this.i32(16))); }

  override statusButC1(): V<'i32'> { return this.op('i32.and', this.state(STATE.fsw), this.i32(~FSW_C1)); }
  override setRoundedUp(isUp?: V<'i32'>): void {
    const kept = this.statusButC1();
    this.setState(STATE.fsw, isUp ? this.op('i32.or', kept, this.op('i32.shl', isUp, this.i32(FSW_C1_BIT))) : kept);
  }

  override stNumber(operand: Operand): V<'i32'> {
    return operand.kind.from === 'fixed' ? this.i32(0) : this.field(RECORD.rm);
  }

  table(bytes: readonly number[]): V<'i32'> { return this.i32(this.around.table(bytes)); }

  // --- control -------------------------------------------------------------------------------------------------------------------------------

  override rip(): V<'i64'> {
    return this.add(this.state64(ENGINE.codePage), this.fromRecord('i64.load16_u', RECORD.pageOffset));
  }

  nextRip(): V<'i64'> {
    return this.add(this.rip(), this.fromRecord('i64.load8_u', RECORD.length));
  }

  jump(target: V<'i64'>): void { this.around.jumpTo(this, target); }

  override enterRing(cpl: 0 | 3, target: V<'i64'>): void {
    const words = ringWords(cpl === 3);
    this.setState(STATE.cpl, this.i32(cpl));
    this.setState(ENGINE.readTlb, this.i32(words.readTlb));
    this.setState(ENGINE.writeTlb, this.i32(words.writeTlb));
    this.setState(ENGINE.ringTag + 4, this.op('i32.or', this.state(ENGINE.spaceTag), this.i32(words.ringTag)));
    this.around.changeRing(this, target);
  }

  override hypercall(): void {
    this.setState(STATE.rip, this.nextRip());
    this.around.hypercall(this);
  }

  branch(_operand: Operand, condition?: V<'i32'>): void {
    if (condition) this.when(condition, () => this.around.branchTo(this));
    else this.around.branchTo(this);
  }

  raise(vector: number, condition?: V<'i32'>, errorCode = 0): void {
    const go = (): void => {
      this.store('i32.store', this.zero, ENGINE.faultVector, this.i32(vector));
      this.store('i32.store', this.zero, ENGINE.faultCode, this.i32(errorCode));
      this.around.leave(this);
    };
    if (condition) this.when(condition, go);
    else go();
  }

  callHelper(helper: Helper): void {
    const [status] = this.call(this.around.callHelper, this.record, this.i32(this.around.helperNumber(helper)));
    this.when(status as V<'i32'>, () => this.around.leave(this));
  }

  override callExactly(helper: Helper): void {
    this.setState(ENGINE.exactHelper, this.i32(this.around.helperNumber(helper) + 1));
    this.around.leave(this);
  }

  callRoutine(routine: Routine, ...args: V[]): V[] {
    return this.call(this.around.routine(routine), ...args);
  }

  push(value: V<'i64'>, bytes: number): void {
    const rsp = this.sub(this.gpr(RSP), this.i64(bytes));
    this.store(STORES[bytes] as StoreName, this.pointer(rsp, bytes, 'w'), 0, value);
    this.setGpr(RSP, rsp);
  }
}
