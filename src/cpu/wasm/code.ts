// Code being built: a list of statements over typed value nodes, turned into WebAssembly when it is complete. A node used more than once gets a
// local by itself; loads, calls and reads of variables happen where they were written, pure operations wherever their value is needed. Locals are
// used again behind the last use of what they hold: an optimizing compiler merges every local of the function wherever two paths meet.
import { assert } from '../../base/assert';
import { Bytes } from './bytes';
import { LANE_OPS, LOAD_OPS, OPS, STORE_OPS, type LaneOpName, type LoadName, type OpName, type StoreName, type Type } from './ops';

const enum Kind { constant, marked, op, lane, shuffle, load, select, get, call, result }

/** A value of WebAssembly type T. Pass it to other operations as often as wanted: it is computed once. */
export class V<T extends Type = Type> {
  /** Before it is written: all; meanwhile: those still to come. */
  uses = 0;
  local = -1;
  constructor(readonly type: T, readonly kind: Kind, readonly args: readonly V[], readonly code: number, readonly extra?: unknown) {}

  /** The operation that makes it; undefined for constants, loads and the like. */
  get opName(): OpName | undefined { return this.kind === Kind.op ? nameOf(this.code) : undefined; }

  /** Whether it was read from memory. */
  get isLoad(): boolean { return this.kind === Kind.load; }

  /** What an operation put into lane `lane` of a vector, when this is its result. */
  replacedLane(name: LaneOpName, lane: number): V | undefined {
    return this.kind === Kind.lane && this.code === LANE_OPS[name][0] && this.extra === lane ? this.args[1] : undefined;
  }

  /** What `name` put into lane 0 of zeros, when this is its result. */
  onlyLane(name: LaneOpName): V | undefined { return this.args[0]?.isZeroVector === true ? this.replacedLane(name, 0) : undefined; }

  get isZeroVector(): boolean { return this.kind === Kind.constant && this.type === 'v128' && (this.extra as bigint[]).every(half => half === 0n); }

  /** The value when it is an i32 or i64 constant. */
  get constant(): bigint | undefined {
    return this.kind !== Kind.constant ? undefined : typeof this.extra === 'number' ? BigInt(this.extra) : typeof this.extra === 'bigint' ? this.extra : undefined;
  }
}

let names: Map<number, OpName> | undefined;
const nameOf = (code: number): OpName | undefined => (names ??= new Map(Object.entries(OPS).map(([name, [byte]]) => [byte, name as OpName]))).get(code);

const NOTHING: readonly V[] = [];

/** A mutable local variable. */
export class Variable<T extends Type = Type> {
  local = -1;
  /** Reads and writes, as a value's. */
  uses = 0;
  /** `isInitialized`: the first write comes before everything else on every path. */
  constructor(readonly type: T, private readonly code: Code, readonly isInitialized = false) {}
  get(): V<T> { return this.code.getVariable(this); }
  set(value: V<T>): void { this.code.setVariable(this, value); }
}

/** Where a `br` goes: the end of a block or the start of a loop. */
export interface Label { depth: number }

/** A function of the module or an import, callable from code. */
export interface Callee {
  /** -1: the function that the last argument names in `table`. */
  readonly index: number;
  readonly params: readonly Type[]; readonly results: readonly Type[];
  readonly type?: number; readonly table?: number;
}

/** Bytes of memory.copy and memory.fill with their memories. */
const BULK = { copy: [0xfc, 0x0a, 0, 0], fill: [0xfc, 0x0b, 0] } as const;

type Statement =
  | { k: 'node'; node: V }
  | { k: 'store'; code: number; offset: number; address: V; value: V }
  | { k: 'bulk'; name: keyof typeof BULK; to: V; what: V; length: V }
  | { k: 'set'; variable: Variable; value: V }
  | { k: 'call'; node: V; results: readonly V[]; callee: Callee }
  | { k: 'if'; condition: V; yes: Statement[]; no: Statement[] | undefined; isRare: boolean }
  | { k: 'block' | 'loop'; label: Label; body: Statement[] }
  | { k: 'list'; body: Statement[] }
  | { k: 'br'; label: Label; condition: V | undefined }
  | { k: 'table'; labels: Label[]; index: V }
  | { k: 'return'; values: readonly V[] }
  | { k: 'trap' };

type Operands<N extends readonly [number, Type, ...Type[]]> = N extends readonly [number, Type, ...infer A] ? { [K in keyof A]: V<A[K] & Type> } : never;
type Result<N extends readonly [number, Type, ...Type[]]> = N[1];

export const TYPE_CODE: Record<Type, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** Local variables of the function under construction; `reset()` lets the next piece of code use the same ones again. */
export class Locals {
  private readonly free: Record<Type, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };
  readonly types: Type[] = [];
  constructor(private readonly first: number) {}

  take(type: Type): number {
    return this.free[type].pop() ?? this.first + this.types.push(type) - 1;
  }

  giveBack(type: Type, local: number): void { this.free[type].push(local); }

  reset(): void {
    for (const list of Object.values(this.free)) list.length = 0;
    for (let i = this.types.length - 1; i >= 0; i--) this.free[this.types[i] as Type].push(this.first + i);
  }

  /** A function body: the local declarations, the instructions, `end`. */
  body(instructions: Bytes): Bytes {
    const out = new Bytes();
    const runs: [Type, number][] = [];
    for (const type of this.types) {
      const last = runs.at(-1);
      if (last && last[0] === type) last[1]++; else runs.push([type, 1]);
    }
    out.u32(runs.length);
    for (const [type, count] of runs) { out.u32(count); out.byte(TYPE_CODE[type]); }
    out.append(instructions);
    out.byte(0x0b);
    return out;
  }
}

export class Code {
  private current: Statement[] = [];
  private readonly top = this.current;

  // --- constants -----------------------------------------------------------------------------------------------------------------------------

  i32(value: number): V<'i32'> { return new V('i32', Kind.constant, NOTHING, 0, value | 0); }
  /** A number that may have to be changed when the code is written already; nothing is computed from it meanwhile. */
  marked(value: number): V<'i32'> { return new V('i32', Kind.marked, NOTHING, 0, value | 0); }
  i64(value: number | bigint): V<'i64'> {
    return new V('i64', Kind.constant, NOTHING, 0, typeof value === 'number' ? ((value | 0) === value ? value : BigInt.asIntN(64, BigInt(value))) : BigInt.asIntN(64, value));
  }
  /** An f32 given by its bits, so that NaNs are exact. */
  f32bits(bits: number): V<'f32'> { return this.op('f32.reinterpret_i32', this.i32(bits)); }
  /** An f64 given by its bits, so that NaNs are exact. */
  f64bits(bits: bigint): V<'f64'> { return this.op('f64.reinterpret_i64', this.i64(bits)); }
  v128(low: bigint, high: bigint): V<'v128'> { return new V('v128', Kind.constant, [], 0, [BigInt.asUintN(64, low), BigInt.asUintN(64, high)]); }

  // --- operations ----------------------------------------------------------------------------------------------------------------------------

  /** Any WebAssembly instruction without an immediate, by its own name: `op('i32x4.add', a, b)`. */
  op<N extends OpName>(name: N, ...args: Operands<(typeof OPS)[N]> & V[]): V<Result<(typeof OPS)[N]>> {
    const signature = OPS[name] as readonly [number, Type, ...Type[]];
    check(name, signature, 2, args);
    return (this.simplify(name, args) ?? this.place(new V(signature[1], Kind.op, args, signature[0]))) as V<Result<(typeof OPS)[N]>>;
  }

  /** A simpler value for an operation, if there is one. */
  protected simplify(_name: OpName, _args: readonly V[]): V | undefined { return undefined; }

  /** An instruction with a lane: `lane('i32x4.replace_lane', 2, vector, value)`. */
  lane<N extends LaneOpName>(name: N, lane: number, ...args: Operands<(typeof LANE_OPS)[N]> & V[]): V<Result<(typeof LANE_OPS)[N]>> {
    const signature = LANE_OPS[name] as readonly [number, Type, ...Type[]];
    check(name, signature, 2, args);
    return this.place(new V(signature[1], Kind.lane, args, signature[0], lane)) as V<Result<(typeof LANE_OPS)[N]>>;
  }

  /** i8x16.shuffle: byte i of the result is byte lanes[i] of a (0-15) or b (16-31). */
  shuffle(a: V<'v128'>, b: V<'v128'>, lanes: readonly number[]): V<'v128'> {
    assert(lanes.length === 16, 'a shuffle takes 16 lanes');
    return this.place(new V('v128', Kind.shuffle, [a, b], 0xfd0d, lanes));
  }

  /** `condition` (not zero) ? a : b; both are computed. */
  select<T extends Type>(condition: V<'i32'>, a: V<T>, b: V<T>): V<T> {
    assert(a.type === b.type && condition.type === 'i32', 'select takes an i32 and two values of one type');
    return this.place(new V(a.type, Kind.select, [a, b, condition], 0));
  }

  /** Reads WebAssembly memory at `address + offset`. */
  load<N extends LoadName>(name: N, address: V<'i32'>, offset = 0): V<(typeof LOAD_OPS)[N][1]> {
    const signature = LOAD_OPS[name];
    return this.place(new V(signature[1] as (typeof LOAD_OPS)[N][1], Kind.load, [address], signature[0], offset));
  }

  store(name: StoreName, address: V<'i32'>, offset: number, value: V): void {
    const signature = STORE_OPS[name];
    if (value.type !== signature[1]) assert(false, `${name} stores a ${signature[1]}, not a ${value.type}`);
    this.current.push({ k: 'store', code: signature[0], offset, address, value });
  }

  /** `length` bytes from one address to another, as if there were no overlap; or all `value`. */
  copyBytes(to: V<'i32'>, from: V<'i32'>, length: V<'i32'>): void { this.current.push({ k: 'bulk', name: 'copy', to, what: from, length }); }
  fillBytes(to: V<'i32'>, value: V<'i32'>, length: V<'i32'>): void { this.current.push({ k: 'bulk', name: 'fill', to, what: value, length }); }

  /** Calls a function of the module; the results are values. */
  call(callee: Callee, ...args: V[]): V[] {
    check('call', callee.params, 0, args);
    const node = new V('i32', Kind.call, args, callee.index);
    const results = callee.results.map(type => new V(type, Kind.result, [node], 0));
    this.current.push({ k: 'call', node, results, callee });
    return results;
  }

  // --- i64 and i32 shorthands ----------------------------------------------------------------------------------------------------------------

  add(a: V<'i64'>, b: V<'i64'>): V<'i64'> { return this.op('i64.add', a, b); }
  sub(a: V<'i64'>, b: V<'i64'>): V<'i64'> { return this.op('i64.sub', a, b); }
  mul(a: V<'i64'>, b: V<'i64'>): V<'i64'> { return this.op('i64.mul', a, b); }
  and(a: V<'i64'>, b: V<'i64'>): V<'i64'> { return this.op('i64.and', a, b); }
  or(a: V<'i64'>, b: V<'i64'>): V<'i64'> { return this.op('i64.or', a, b); }
  xor(a: V<'i64'>, b: V<'i64'>): V<'i64'> { return this.op('i64.xor', a, b); }
  shl(a: V<'i64'>, b: V<'i64'> | number): V<'i64'> { return this.op('i64.shl', a, typeof b === 'number' ? this.i64(b) : b); }
  shr(a: V<'i64'>, b: V<'i64'> | number): V<'i64'> { return this.op('i64.shr_u', a, typeof b === 'number' ? this.i64(b) : b); }
  sar(a: V<'i64'>, b: V<'i64'> | number): V<'i64'> { return this.op('i64.shr_s', a, typeof b === 'number' ? this.i64(b) : b); }
  not(a: V<'i64'>): V<'i64'> { return this.op('i64.xor', a, this.i64(-1)); }
  wrap(a: V<'i64'>): V<'i32'> { return this.op('i32.wrap_i64', a); }
  /** i32 (a condition, say) to i64 without sign. */
  extend(a: V<'i32'>): V<'i64'> { return this.op('i64.extend_i32_u', a); }
  isZero(a: V<'i64'>): V<'i32'> { return this.op('i64.eqz', a); }

  // --- statements ----------------------------------------------------------------------------------------------------------------------------

  variable<T extends Type>(initial: V<T>): Variable<T> {
    const variable = new Variable(initial.type, this, true);
    variable.set(initial);
    return variable;
  }

  /** `if`: for effects. Values made inside may only be used inside; carry results out through a variable. `isRare`: it hardly ever holds. */
  when(condition: V<'i32'>, then: () => void, otherwise?: () => void, isRare = false): void {
    assert(condition.type === 'i32', 'a condition is an i32');
    const statement: Statement = { k: 'if', condition, yes: this.collect(then), no: otherwise && this.collect(otherwise), isRare };
    this.current.push(statement);
  }

  /** A block whose label ends it: `br(label)` inside goes past its end. */
  block(body: (done: Label) => void): void {
    const label: Label = { depth: -1 };
    this.current.push({ k: 'block', label, body: this.collect(() => body(label)) });
  }

  /** A loop that runs once unless `br(again)` is reached. */
  loop(body: (again: Label) => void): void {
    const label: Label = { depth: -1 };
    this.current.push({ k: 'loop', label, body: this.collect(() => body(label)) });
  }

  /** A place whose code is written later, by calling what is returned. */
  later(): (write: () => void) => void {
    const statement: Statement = { k: 'list', body: [] };
    this.current.push(statement);
    return write => statement.body.push(...this.collect(write));
  }

  br(label: Label, condition?: V<'i32'>): void { this.current.push({ k: 'br', label, condition }); }
  /** br_table: labels[index], and the last label for every index beyond. */
  brTable(labels: Label[], index: V<'i32'>): void { this.current.push({ k: 'table', labels, index }); }
  return(...values: V[]): void { this.current.push({ k: 'return', values }); }
  trap(): void { this.current.push({ k: 'trap' }); }

  /** A variable that something else gives its first value. */
  declare<T extends Type>(type: T): Variable<T> { return new Variable(type, this); }

  /** A value that stands in an existing local that nothing writes while it is used. */
  parameter<T extends Type>(type: T, local: number): V<T> {
    const node = new V(type, Kind.result, [], 0);
    node.local = local;
    return node;
  }

  /** A variable that stands in an existing local. */
  variableAt<T extends Type>(type: T, local: number): Variable<T> {
    const variable = new Variable(type, this);
    variable.local = local;
    return variable;
  }

  getVariable<T extends Type>(variable: Variable<T>): V<T> {
    return this.place(new V(variable.type, Kind.get, NOTHING, 0, variable));
  }

  setVariable<T extends Type>(variable: Variable<T>, value: V<T>): void {
    if (variable.type !== value.type) assert(false, `a ${value.type} for a variable of type ${variable.type}`);
    this.current.push({ k: 'set', variable, value });
  }

  private place<T extends Type>(node: V<T>): V<T> {
    this.current.push({ k: 'node', node });
    return node;
  }

  private collect(body: () => void): Statement[] {
    const outer = this.current, mine: Statement[] = [];
    this.current = mine;
    body();
    this.current = outer;
    return mine;
  }

  // --- emission ------------------------------------------------------------------------------------------------------------------------------

  /** Writes the code at block depth `depth` (labels from outside carry theirs). */
  emit(out: Bytes, locals: Locals, depth = 0): void {
    countUses(this.top);
    new Emitter(out, locals, depth).statements(this.top);
  }
}

/** Operand i of an OPS entry has type signature[i + first]. */
function check(name: string, signature: readonly unknown[], first: number, args: readonly V[]): void {
  let fits = signature.length - first === args.length;
  for (let i = 0; fits && i < args.length; i++) fits = (args[i] as V).type === signature[i + first];
  if (!fits) assert(false, `${name} takes (${signature.slice(first).join(', ')}), not (${args.map(a => a?.type).join(', ')})`);
}

/** Backwards, so that what only dead nodes use is dead too. */
function countUses(statements: Statement[]): void {
  for (let i = statements.length - 1; i >= 0; i--) {
    const s = statements[i] as Statement;
    switch (s.k) {
      case 'node':
        if (s.node.uses === 0) break;
        for (const a of s.node.args) a.uses++;
        if (s.node.kind === Kind.get) (s.node.extra as Variable).uses++;
        break;
      case 'store': s.address.uses++; s.value.uses++; break;
      case 'bulk': s.to.uses++; s.what.uses++; s.length.uses++; break;
      case 'set': s.value.uses++; s.variable.uses++; break;
      case 'call': for (const a of s.node.args) a.uses++; break;
      case 'if': if (s.no) countUses(s.no); countUses(s.yes); s.condition.uses++; break;
      case 'block': case 'loop': case 'list': countUses(s.body); break;
      case 'br': if (s.condition) s.condition.uses++; break;
      case 'table': s.index.uses++; break;
      case 'return': for (const v of s.values) v.uses++; break;
      case 'trap': break;
    }
  }
}

class Emitter {
  /** What the pool of locals gave away, and in which of the loops that are open: it is not free again before that loop comes round. */
  private readonly taken = new Map<V | Variable, number>();
  /** By open loop: locals whose last use was inside, of values from outside. */
  private readonly kept: (V | Variable)[][] = [];

  constructor(private readonly out: Bytes, private readonly locals: Locals, private depth: number) {}

  private take(holder: V | Variable): number {
    this.taken.set(holder, this.kept.length);
    return holder.local = this.locals.take(holder.type);
  }

  private used(holder: V | Variable): void {
    if (--holder.uses > 0) return;
    const loop = this.taken.get(holder);
    if (loop === undefined) return;
    if (loop < this.kept.length) (this.kept[loop] as (V | Variable)[]).push(holder);
    else { this.locals.giveBack(holder.type, holder.local); this.taken.delete(holder); }
  }

  statements(list: readonly Statement[]): void {
    for (const s of list) this.statement(s);
  }

  private statement(s: Statement): void {
    const { out } = this;
    switch (s.k) {
      case 'node': {
        const { node } = s;
        if (node.uses === 0 || (node.uses === 1 && node.kind !== Kind.load && node.kind !== Kind.get)) return;
        this.expression(node);
        this.local(0x21, this.take(node));
        return;
      }
      case 'store':
        this.value(s.address);
        this.value(s.value);
        opcode(out, s.code);
        out.byte(0);
        out.u32(s.offset);
        return;
      case 'bulk':
        for (const value of [s.to, s.what, s.length]) this.value(value);
        for (const byte of BULK[s.name]) out.byte(byte);
        return;
      case 'set':
        this.value(s.value);
        this.local(0x21, this.place(s.variable));
        this.used(s.variable);
        return;
      case 'call': {
        for (const a of s.node.args) this.value(a);
        if (s.callee.index < 0) { out.byte(0x11); out.u32(s.callee.type ?? 0); out.u32(s.callee.table ?? 0); } else { out.byte(0x10); out.u32(s.callee.index); }
        for (let i = s.results.length - 1; i >= 0; i--) {
          const r = s.results[i] as V;
          if (r.uses === 0) { out.byte(0x1a); continue; }
          this.local(0x21, this.take(r));
        }
        return;
      }
      case 'if':
        this.value(s.condition);
        if (s.isRare) out.rare.push(out.length);
        out.byte(0x04); out.byte(0x40);
        this.depth++;
        this.statements(s.yes);
        if (s.no) { out.byte(0x05); this.statements(s.no); }
        this.depth--;
        out.byte(0x0b);
        return;
      case 'block': case 'loop':
        s.label.depth = this.depth++;
        out.byte(s.k === 'block' ? 0x02 : 0x03); out.byte(0x40);
        if (s.k === 'loop') this.kept.push([]);
        this.statements(s.body);
        if (s.k === 'loop') for (const holder of this.kept.pop() ?? []) this.used(holder);
        this.depth--;
        out.byte(0x0b);
        return;
      case 'list':
        this.statements(s.body);
        return;
      case 'br':
        if (s.condition) this.value(s.condition);
        out.byte(s.condition ? 0x0d : 0x0c);
        out.u32(this.depth - s.label.depth - 1);
        return;
      case 'table':
        this.value(s.index);
        out.byte(0x0e);
        out.u32(s.labels.length - 1);
        for (const label of s.labels) out.u32(this.depth - label.depth - 1);
        return;
      case 'return':
        for (const v of s.values) this.value(v);
        out.byte(0x0f);
        return;
      case 'trap':
        out.byte(0x00);
        return;
    }
  }

  private local(code: number, index: number): void {
    this.out.byte(code);
    this.out.u32(index);
  }

  /** The local of a variable. What need not be written first keeps its own. */
  private place(variable: Variable): number {
    if (variable.local >= 0) return variable.local;
    return variable.isInitialized ? this.take(variable) : variable.local = this.locals.take(variable.type);
  }

  /** Leaves the value of `node` on the stack. */
  private value(node: V): void {
    if (node.local < 0) { this.expression(node); return; }
    this.local(0x20, node.local);
    this.used(node);
  }

  private expression(node: V): void {
    const { out } = this;
    for (const a of node.kind === Kind.result ? [] : node.args) this.value(a);
    switch (node.kind) {
      case Kind.constant:
        if (node.type === 'i32') { out.byte(0x41); out.s32(node.extra as number); }
        else if (node.type === 'i64') { out.byte(0x42); if (typeof node.extra === 'number') out.s32(node.extra); else out.s64(node.extra as bigint); }
        else {
          opcode(out, 0xfd0c);
          for (const half of node.extra as bigint[]) for (let i = 0n; i < 64n; i += 8n) out.byte(Number((half >> i) & 0xffn));
        }
        return;
      case Kind.marked: out.byte(0x41); out.fixed32(node.extra as number); return;
      case Kind.op: opcode(out, node.code); return;
      case Kind.lane: opcode(out, node.code); out.byte(node.extra as number); return;
      case Kind.shuffle: opcode(out, node.code); out.bytes(node.extra as number[]); return;
      case Kind.load: opcode(out, node.code); out.byte(0); out.u32(node.extra as number); return;
      case Kind.select: out.byte(0x1c); out.byte(1); out.byte(TYPE_CODE[node.type]); return;
      case Kind.get: {
        const variable = node.extra as Variable;
        this.local(0x20, this.place(variable));
        this.used(variable);
        return;
      }
      default: throw new Error('a call result was used outside the code that made it');
    }
  }
}

function opcode(out: Bytes, code: number): void {
  if (code < 0x100) { out.byte(code); return; }
  out.byte(code >> 8);
  out.u32(code & 0xff);
}
