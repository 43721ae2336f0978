// The byte reader, addresses as numbers, UTF-8, lazy values.
import assert from 'node:assert/strict';
import { addressToNumber, numberToAddress } from '../../src/base/address';
import { ByteReader } from '../../src/base/bytes';
import { FormatError } from '../../src/base/errors';
import { lazy } from '../../src/base/lazy';
import { decodeUtf8, encodeUtf8 } from '../../src/base/text';

const reader = (...bytes: number[]): ByteReader => new ByteReader(Uint8Array.from(bytes), '.test');

describe('bytes', () => {
  it('LEB128 numbers are exact to 64 bits', () => {
    const unsigned: [number[], bigint][] = [[[0], 0n], [[0x7f], 127n], [[0x80, 1], 128n], [[0xe5, 0x8e, 0x26], 624485n], [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], 2n ** 64n - 1n], [[0x80, 0x80, 0], 0n]];
    for (const [bytes, value] of unsigned) { assert.equal(reader(...bytes).uleb64(), value); assert.equal(reader(...bytes).uleb(), Number(value)); }
    const signed: [number[], bigint][] = [[[2], 2n], [[0x7e], -2n], [[0xff, 0], 127n], [[0x81, 0x7f], -127n], [[0x80, 0x7f], -128n], [[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f], -(2n ** 63n)], [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0], 2n ** 63n - 1n]];
    for (const [bytes, value] of signed) { assert.equal(reader(...bytes).sleb64(), value); assert.equal(reader(...bytes).sleb(), Number(value)); }
  });

  it('reading beyond the end is a FormatError that names the place', () => {
    const r = reader(1, 2, 3);
    assert.equal(r.u16(), 0x201);
    assert.throws(() => r.u32(), (e: unknown) => e instanceof FormatError && e.offset === 2 && e.section === '.test');
    assert.throws(() => reader(0x80, 0x80).uleb(), FormatError);
    assert.throws(() => reader(65, 66).cstring(), FormatError);
    assert.throws(() => new ByteReader(new Uint8Array(2), '.test', 3), FormatError);
    assert.throws(() => reader(1).take(-1), FormatError);
    assert.throws(() => reader(0, 0, 0, 0, 0, 0, 0x20, 0).size64(), FormatError);
  });

  it('addresses of both halves survive as numbers', () => {
    for (const address of [0n, 0x401136n, 0x7fffffffffffn, 0xffffffff81000000n, 0xffff888000000000n, 0xffffffffffffffffn]) assert.equal(numberToAddress(addressToNumber(address)), address);
    assert.equal(reader(0, 0, 0, 0x81, 0xff, 0xff, 0xff, 0xff).address64(), addressToNumber(0xffffffff81000000n));
  });

  it('UTF-8 is decoded as TextDecoder decodes it', () => {
    const decoder = new TextDecoder();
    for (const text of ['', 'plain', 'Grüße, мир, 世界, 🙂', '\u0000x']) { assert.equal(decodeUtf8(encodeUtf8(text)), text); assert.deepEqual([...encodeUtf8(text)], [...Buffer.from(text)]); }
    for (const bytes of [[0xff], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x99, 0x82], [0xc0, 0x80], [0x41, 0x80, 0x42]]) {
      assert.equal(decodeUtf8(Uint8Array.from(bytes)).replace(/\ufffd+/g, '?'), decoder.decode(Uint8Array.from(bytes)).replace(/\ufffd+/g, '?'));
    }
  });

  it('a lazy value is computed once, and a cyclic one ends', () => {
    let count = 0;
    const once = lazy(() => ++count, 0);
    assert.deepEqual([once(), once(), count], [1, 1, 1]);
    const cyclic: () => number = lazy(() => cyclic() + 1, 10);
    assert.equal(cyclic(), 11);
  });
});
