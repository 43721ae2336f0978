// Operations on constants, and those that change nothing, while code is written.
import type { Code, V } from '../wasm/code';
import { LOAD_OPS, OPS, type OpName } from '../wasm/ops';

const u64 = (v: bigint): bigint => BigInt.asUintN(64, v), u32 = (v: bigint): bigint => BigInt.asUintN(32, v);

/** The value of an operation whose result is known; else undefined. */
export function fold(m: Code, name: OpName, args: readonly V[]): V | undefined {
  const [x, y] = args, a = x?.constant, b = y?.constant;
  const i64 = (v: bigint): V => m.i64(v), i32 = (v: bigint | boolean): V => m.i32(typeof v === 'boolean' ? (v ? 1 : 0) : Number(BigInt.asIntN(32, v)));
  if (args.length === 1 && a !== undefined) {
    switch (name) {
      case 'i32.eqz': case 'i64.eqz': return i32(a === 0n);
      case 'i32.wrap_i64': return i32(a);
      case 'i64.extend_i32_u': return i64(u32(a));
      case 'i64.extend_i32_s': return i64(a);
      default: return undefined;
    }
  }
  if (args.length === 1 && x) {
    const inner = x.args[0];
    if (name === 'i32.wrap_i64') {
      if (x.opName === 'i64.extend_i32_u' || x.opName === 'i64.extend_i32_s') return inner;
      const mask = x.opName === 'i64.and' ? x.args[1]?.constant : undefined;
      if (mask !== undefined && u32(mask) === 0xffffffffn) return m.wrap(inner as V<'i64'>);
    }
    if (name === 'i64.extend_i32_u' && x.opName === 'i32.wrap_i64' && fits(inner as V<'i64'>, 0xffffffffn)) return inner;
  }
  if (args.length !== 2 || !x || !y) return undefined;
  if (a !== undefined && b !== undefined) {
    switch (name) {
      case 'i64.add': return i64(a + b);
      case 'i64.sub': return i64(a - b);
      case 'i64.and': return i64(a & b);
      case 'i64.or': return i64(a | b);
      case 'i64.xor': return i64(a ^ b);
      case 'i64.shl': return i64(a << (b & 63n));
      case 'i64.shr_u': return i64(u64(a) >> (b & 63n));
      case 'i64.eq': return i32(a === b);
      case 'i64.ne': return i32(a !== b);
      case 'i64.rem_u': return u64(b) === 0n ? undefined : i64(u64(a) % u64(b));
      case 'i32.add': return i32(a + b);
      case 'i32.sub': return i32(a - b);
      case 'i32.and': return i32(a & b);
      case 'i32.or': return i32(a | b);
      case 'i32.xor': return i32(a ^ b);
      case 'i32.eq': return i32(a === b);
      case 'i32.ne': return i32(a !== b);
      case 'i32.shl': return i32(a << (b & 31n));
      case 'i32.shr_u': return i32(u32(a) >> (b & 31n));
      case 'i32.mul': return i32(a * b);
      case 'i32.shr_s': return i32(BigInt.asIntN(32, a) >> (b & 31n));
      default: return undefined;
    }
  }
  if (b !== undefined) {
    if (name === 'i64.and') {
      if (b === 0xffffffffn) { const half = lowHalf(m, x as V<'i64'>); if (half) return m.extend(half); }
      const low = x.opName === 'i64.and' ? x.args[1]?.constant : undefined;
      if (isLowMask(b) && fits(x as V<'i64'>, b)) return x;
      // A mask of a mask; and low bits of a sum, difference or product are those of the operands' low bits.
      if (low !== undefined) return m.and(x.args[0] as V<'i64'>, m.i64(low & b));
      if (isLowMask(b) && (x.opName === 'i64.add' || x.opName === 'i64.sub' || x.opName === 'i64.mul')) {
        const [p, q] = x.args as [V<'i64'>, V<'i64'>], bareP = unmasked(p, b), bareQ = unmasked(q, b);
        if (bareP !== p || bareQ !== q) return m.and(m.op(x.opName, bareP, bareQ), m.i64(b));
      }
    }
    switch (name) {
      case 'i64.add': case 'i64.sub': case 'i64.or': case 'i64.xor': case 'i64.shl': case 'i64.shr_u': case 'i64.shr_s': case 'i32.add': case 'i32.sub': case 'i32.or': case 'i32.xor': case 'i32.shl': case 'i32.shr_u': case 'i32.shr_s': return b === 0n ? x : undefined;
      case 'i64.and': return b === -1n ? x : b === 0n ? i64(0n) : undefined;
      case 'i32.and': return b === 0n ? i32(0n) : b === -1n || (b === 1n && isTruth(x)) ? x : undefined;
      default: return undefined;
    }
  }
  if (name === 'i32.and' && a === 1n && isTruth(y)) return y;
  return a === 0n && (name === 'i64.add' || name === 'i64.or' || name === 'i64.xor' || name === 'i32.add' || name === 'i32.or') ? y : undefined;
}

const HALVES = new Map<string, OpName>((['add', 'sub', 'mul', 'and', 'or', 'xor'] as const).map(name => [`i64.${name}`, `i32.${name}`]));

/** The low half of a result, as an operation on low halves; undefined where it takes more. */
function lowHalf(m: Code, value: V<'i64'>): V<'i32'> | undefined {
  const [x, y] = value.args as readonly [V<'i64'>, V<'i64'>], name = value.opName, half = name === undefined ? undefined : HALVES.get(name);
  if (half) return m.op(half as 'i32.add', m.wrap(x), m.wrap(y));
  const count = name === 'i64.shl' || name === 'i64.shr_u' || name === 'i64.shr_s' ? y : undefined;
  // WebAssembly takes counts modulo the width.
  if (!count || !fits(count, 31n)) return undefined;
  if (name === 'i64.shl') return m.op('i32.shl', m.wrap(x), m.wrap(count));
  if (name === 'i64.shr_u') return fits(x, 0xffffffffn) ? m.op('i32.shr_u', m.wrap(x), m.wrap(count)) : undefined;
  const isSigned = x.opName === 'i64.shr_s' && x.args[1]?.constant === 32n && x.args[0]?.opName === 'i64.shl' && x.args[0].args[1]?.constant === 32n;
  return isSigned ? m.op('i32.shr_s', m.wrap(x.args[0]?.args[0] as V<'i64'>), m.wrap(count)) : undefined;
}

/** Whether an i32 is known to be 0 or 1. */
function isTruth(value: V, steps = 4): boolean {
  const name = value.opName;
  if (name === undefined) return value.constant === 0n || value.constant === 1n;
  if (name === 'i32.and' || name === 'i32.or') return steps > 0 && value.args.every(arg => isTruth(arg, steps - 1));
  return COMPARISON.test(name);
}
const COMPARISON = /^[if](32|64)\.(eqz|eq|ne|[lg][te](_[su])?)$/;

const isLowMask = (mask: bigint): boolean => mask > 0n && (mask & (mask + 1n)) === 0n;
/** What `value` is a part of, when only the bits of `mask` count. */
function unmasked(value: V<'i64'>, mask: bigint): V<'i64'> {
  const own = value.opName === 'i64.and' ? value.args[1]?.constant : undefined;
  return own !== undefined && (own & mask) === mask ? value.args[0] as V<'i64'> : value;
}

const WIDTHS = new Map<number, bigint>([[LOAD_OPS['i64.load8_u'][0], 0xffn], [LOAD_OPS['i64.load16_u'][0], 0xffffn], [LOAD_OPS['i64.load32_u'][0], 0xffffffffn], [OPS['i64.extend_i32_u'][0], 0xffffffffn]]);

/** Whether an i64 is known to have no bits outside `mask`: from what made it, and what made that, so many steps back. */
export function fits(value: V<'i64'>, mask: bigint, steps = 4): boolean {
  const { constant } = value;
  if (constant !== undefined) return (u64(constant) & ~mask) === 0n;
  const bits = WIDTHS.get(value.code);
  if (bits !== undefined && value.opName !== 'i64.and') return (bits & ~mask) === 0n;
  const [x, y] = value.args as readonly [V<'i64'>, V<'i64'>];
  switch (steps > 0 ? value.opName : undefined) {
    case 'i64.and': return fits(x, mask, steps - 1) || fits(y, mask, steps - 1);
    case 'i64.or': case 'i64.xor': return fits(x, mask, steps - 1) && fits(y, mask, steps - 1);
    case 'i64.shr_u': return isLowMask(mask) && fits(x, mask, steps - 1);
    default: return false;
  }
}
