// The memory layout of C structs as data: fields with offset and size, laid out by the x86-64 ABI's rules and judged by gcc in test/abi.test.ts.
// psABI 3.1.2: natural alignment; `packed` structs have none.

/** A scalar type by its width and sign; `ptr` is a user address. */
export type Scalar = 's8' | 'u8' | 's16' | 'u16' | 's32' | 'u32' | 's64' | 'u64' | 'ptr';
/** What a field may be: a scalar, a struct, or an array of either. */
export type FieldType = Scalar | StructLayout | readonly [Scalar | StructLayout, number];

export interface StructField { readonly name: string; readonly type: Scalar | StructLayout; readonly count: number; readonly offset: number; readonly size: number; readonly isArray: boolean }

export interface StructLayout<N extends string = string> {
  /** As C names it: 'struct timespec'. */
  readonly c: string;
  readonly size: number;
  readonly align: number;
  readonly fields: Readonly<Record<N, StructField>>;
}

const scalarSizes: Record<Scalar, number> = { s8: 1, u8: 1, s16: 2, u16: 2, s32: 4, u32: 4, s64: 8, u64: 8, ptr: 8 };

export const isStruct = (type: Scalar | StructLayout): type is StructLayout => typeof type !== 'string';
export const sizeOf = (type: Scalar | StructLayout): number => isStruct(type) ? type.size : scalarSizes[type];
const alignOf = (type: Scalar | StructLayout): number => isStruct(type) ? type.align : scalarSizes[type];

function layOut<F extends Record<string, FieldType>>(c: string, types: F, form: 'struct' | 'union' | 'packed'): StructLayout<Extract<keyof F, string>> {
  const fields: Record<string, StructField> = {};
  let end = 0;
  let align = 1;
  for (const [name, declared] of Object.entries(types)) {
    const isArray = Array.isArray(declared);
    const [type, count] = (isArray ? declared : [declared, 1]) as readonly [Scalar | StructLayout, number];
    const size = sizeOf(type) * count;
    const fieldAlign = form === 'packed' ? 1 : alignOf(type);
    const offset = form === 'union' ? 0 : Math.ceil(end / fieldAlign) * fieldAlign;
    fields[name] = { name, type, count, offset, size, isArray };
    end = Math.max(end, offset + size);
    align = Math.max(align, fieldAlign);
  }
  return { c, size: Math.ceil(end / align) * align, align, fields: fields as StructLayout<Extract<keyof F, string>>['fields'] };
}

/** A struct with natural alignment. Anonymous parts of C are flattened into it under their field names. */
export const struct = <const F extends Record<string, FieldType>>(c: string, types: F) => layOut(c, types, 'struct');
export const union = <const F extends Record<string, FieldType>>(c: string, types: F) => layOut(c, types, 'union');
/** `__attribute__((packed))`: epoll_event on x86-64. */
export const packedStruct = <const F extends Record<string, FieldType>>(c: string, types: F) => layOut(c, types, 'packed');

/** One scalar, exact: 64-bit types too. */
export function readBig(bytes: Uint8Array, offset: number, type: Scalar): bigint {
  const size = scalarSizes[type];
  let value = 0n;
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[offset + i] ?? 0);
  return type.startsWith('s') ? BigInt.asIntN(size * 8, value) : value;
}

/** Up to four bytes, the first lowest. */
function readLow(bytes: Uint8Array, offset: number, size: number): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value << 8 | (bytes[offset + i] ?? 0);
  return value;
}

/** One scalar as a double (64-bit types are exact below 2^53). */
export function readNumber(bytes: Uint8Array, offset: number, type: Scalar): number {
  const size = scalarSizes[type], isSigned = type.startsWith('s'), upper = Math.min(size, 4), top = readLow(bytes, offset + size - upper, upper) << 32 - 8 * upper;
  const signed = isSigned ? top >> 32 - 8 * upper : top >>> 32 - 8 * upper;
  return size === 8 ? signed * 2 ** 32 + (readLow(bytes, offset, 4) >>> 0) : signed;
}

/** A field of a struct that starts at `base` of `bytes`. */
export function readField<N extends string>(layout: StructLayout<N>, bytes: Uint8Array, name: N, base = 0): number {
  const field = layout.fields[name];
  return readNumber(bytes, base + field.offset, field.type as Scalar);
}

/** Writes a scalar; negative numbers as two's complement. */
export function writeScalar(bytes: Uint8Array, offset: number, type: Scalar, value: number | bigint): void {
  writeBytes(bytes, offset, scalarSizes[type], value);
}

function writeBytes(bytes: Uint8Array, offset: number, size: number, value: number | bigint): void {
  if (Number.isSafeInteger(value)) {
    // Shifts see 32 bits, and no more than those of their operand.
    const low = value as number;
    for (let i = 0; i < size && i < 4; i++) bytes[offset + i] = low >>> 8 * i;
    if (size <= 4) return;
    const high = Math.floor(low / 2 ** 32);
    for (let i = 4; i < size; i++) bytes[offset + i] = high >>> 8 * (i - 4);
    return;
  }
  let rest = BigInt.asUintN(64, BigInt(value));
  for (let i = 0; i < size; i++) {
    bytes[offset + i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

/** The bytes of a struct with the given scalar fields set, the rest zero. */
export function packStruct<N extends string>(layout: StructLayout<N>, values: Partial<Record<N, number | bigint>>): Uint8Array {
  const bytes = new Uint8Array(layout.size);
  for (const name in values) {
    const { offset, size, count } = layout.fields[name];
    writeBytes(bytes, offset, size / count, values[name] as number | bigint);
  }
  return bytes;
}
