// A cursor over little-endian bytes. It never reads outside its bytes: that is a FormatError with section and offset.
import { FormatError } from './errors';
import { decodeUtf8 } from './text';

export class ByteReader {
  offset: number;
  readonly end: number;
  private readonly view: DataView;

  /** Reads `bytes` from `start` to `end`; `section` is what errors name. */
  constructor(readonly bytes: Uint8Array, readonly section: string, start = 0, end = bytes.length) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = Math.min(end, bytes.length);
    this.offset = start;
    if (start < 0 || start > this.end || !Number.isInteger(start)) throw new FormatError(section, start, 'the position is outside the section');
  }

  get atEnd(): boolean { return this.offset >= this.end; }
  get remaining(): number { return this.end - this.offset; }

  /** Moves past `length` bytes and returns where they began. */
  skip(length: number): number {
    const at = this.offset;
    if (!(length >= 0) || length > this.end - at) throw new FormatError(this.section, at, `${length} bytes are wanted, ${this.end - at} are left`);
    this.offset = at + length;
    return at;
  }

  /** Moves to `offset`, which must be inside. */
  seek(offset: number): void {
    if (!(offset >= 0 && offset <= this.end)) throw new FormatError(this.section, offset, 'the position is outside the section');
    this.offset = offset;
  }

  u8(): number { return this.view.getUint8(this.skip(1)); }
  i8(): number { return this.view.getInt8(this.skip(1)); }
  u16(): number { return this.view.getUint16(this.skip(2), true); }
  i16(): number { return this.view.getInt16(this.skip(2), true); }
  u24(): number { const at = this.skip(3); return this.view.getUint16(at, true) | (this.view.getUint8(at + 2) << 16); }
  u32(): number { return this.view.getUint32(this.skip(4), true); }
  i32(): number { return this.view.getInt32(this.skip(4), true); }
  u64(): bigint { return this.view.getBigUint64(this.skip(8), true); }
  i64(): bigint { return this.view.getBigInt64(this.skip(8), true); }

  /** A 64-bit size or offset: more than 2^53 cannot be one. */
  size64(): number {
    const at = this.skip(8);
    const high = this.view.getUint32(at + 4, true);
    if (high >= 0x20_0000) throw new FormatError(this.section, at, 'the 64-bit size is absurd');
    return high * 0x1_0000_0000 + this.view.getUint32(at, true);
  }

  /** A 64-bit address as a signed number (base/address.ts). */
  address64(): number {
    const at = this.skip(8);
    return this.view.getInt32(at + 4, true) * 0x1_0000_0000 + this.view.getUint32(at, true);
  }

  /** An unsigned LEB128 number; one over 2^53 loses its low bits, which no size, code or index has. DWARF5 7.6. */
  uleb(): number {
    const { bytes, end } = this;
    let at = this.offset, scale = 1, value = 0;
    for (;;) {
      if (at >= end) throw new FormatError(this.section, this.offset, 'the LEB128 number has no end');
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 128;
      if (at - this.offset > 20) throw new FormatError(this.section, this.offset, 'the LEB128 number is too long');
    }
    this.offset = at;
    return value;
  }

  /** A signed LEB128 number. */
  sleb(): number {
    const { bytes, end } = this;
    let at = this.offset, scale = 1, value = 0;
    for (;;) {
      if (at >= end) throw new FormatError(this.section, this.offset, 'the LEB128 number has no end');
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) { if (byte & 0x40) value -= scale; break; }
      if (at - this.offset > 20) throw new FormatError(this.section, this.offset, 'the LEB128 number is too long');
    }
    this.offset = at;
    return value;
  }

  /** An unsigned LEB128 number, exact, at most 64 bits of it. */
  uleb64(): bigint {
    const start = this.offset;
    const small = this.uleb();
    if (small <= Number.MAX_SAFE_INTEGER) return BigInt(small);
    let value = 0n;
    for (let at = this.offset - 1; at >= start; at--) value = (value << 7n) | BigInt((this.bytes[at] ?? 0) & 0x7f);
    return BigInt.asUintN(64, value);
  }

  /** A signed LEB128 number, exact, 64 bits. */
  sleb64(): bigint {
    const start = this.offset;
    const small = this.sleb();
    if (Math.abs(small) <= Number.MAX_SAFE_INTEGER) return BigInt(small);
    let value = 0n;
    for (let at = this.offset - 1; at >= start; at--) value = (value << 7n) | BigInt((this.bytes[at] ?? 0) & 0x7f);
    return BigInt.asIntN(Math.min(64, 7 * (this.offset - start)), value);
  }

  /** Moves past a LEB128 number. */
  skipLeb(): void {
    while (this.u8() >= 0x80);
  }

  /** The bytes up to a zero byte, as UTF-8 text; the zero is passed over. */
  cstring(): string {
    const at = this.offset;
    const end = this.bytes.indexOf(0, at);
    if (end < 0 || end >= this.end) throw new FormatError(this.section, at, 'the string has no end');
    this.offset = end + 1;
    return decodeUtf8(this.bytes, at, end);
  }

  skipCstring(): void {
    const end = this.bytes.indexOf(0, this.offset);
    if (end < 0 || end >= this.end) throw new FormatError(this.section, this.offset, 'the string has no end');
    this.offset = end + 1;
  }

  /** A view (no copy) of the next `length` bytes. */
  take(length: number): Uint8Array {
    const at = this.skip(length);
    return this.bytes.subarray(at, at + length);
  }
}
