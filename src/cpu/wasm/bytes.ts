// A growing byte buffer with WebAssembly's variable-length integers.

/** Bytes of a number of fixed length. */
const FIXED = 5;

export class Bytes {
  private data = new Uint8Array(256);
  length = 0;
  /** Where numbers of fixed length stand that somebody may have to change. */
  readonly marks: number[] = [];
  /** Where conditions stand that hardly ever hold. */
  readonly rare: number[] = [];

  byte(value: number): void {
    if (this.length === this.data.length) this.grow(1);
    this.data[this.length++] = value;
  }

  bytes(values: Uint8Array | readonly number[]): void {
    if (this.length + values.length > this.data.length) this.grow(values.length);
    this.data.set(values, this.length);
    this.length += values.length;
  }

  /** Unsigned LEB128 of a number below 2^32. */
  u32(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) { this.byte((rest & 0x7f) | 0x80); rest >>>= 7; }
    this.byte(rest);
  }

  /** Signed LEB128 of a 32-bit number. */
  s32(value: number): void {
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && !(low & 0x40)) || (rest === -1 && low & 0x40)) { this.byte(low); return; }
      this.byte(low | 0x80);
    }
  }

  /** The same in as many bytes as any may take, and marked. */
  fixed32(value: number): void {
    this.marks.push(this.length);
    if (this.length + FIXED > this.data.length) this.grow(FIXED);
    writeFixed32(this.data, this.length, value);
    this.length += FIXED;
  }

  /** Signed LEB128 of a 64-bit number. */
  s64(value: bigint): void {
    if (value >= -0x80000000n && value <= 0x7fffffffn) { this.s32(Number(value)); return; }
    let rest = BigInt.asIntN(64, value);
    for (;;) {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      if ((rest === 0n && !(low & 0x40)) || (rest === -1n && low & 0x40)) { this.byte(low); return; }
      this.byte(low | 0x80);
    }
  }

  name(text: string): void {
    this.u32(text.length);
    for (let i = 0; i < text.length; i++) this.byte(text.charCodeAt(i));
  }

  /** Appends `part` with its marks. */
  append(part: Bytes): void {
    for (const mark of part.marks) this.marks.push(this.length + mark);
    for (const place of part.rare) this.rare.push(this.length + place);
    this.bytes(part.view());
  }

  /** Appends `part` preceded by its length: a section or a function body. */
  sized(part: Bytes): void {
    this.u32(part.length);
    this.append(part);
  }

  view(): Uint8Array<ArrayBuffer> {
    return this.data.subarray(0, this.length);
  }

  private grow(need: number): void {
    const data = new Uint8Array(Math.max(this.data.length * 2, this.length + need));
    data.set(this.data);
    this.data = data;
  }
}

export function writeFixed32(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < FIXED; i++) bytes[at + i] = ((value >> (7 * i)) & 0x7f) | (i < FIXED - 1 ? 0x80 : 0);
}

export function readFixed32(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 0; i < FIXED; i++) value |= ((bytes[at + i] as number) & 0x7f) << (7 * i);
  return value;
}
