// Times of 64 bits in seconds and nanoseconds, and scalars in memory: what BigInt says is the judge.
import assert from 'node:assert/strict';
import { packStruct, readBig, readNumber, struct, writeScalar, type Scalar } from '../../src/abi/struct';
import { nanosecondsOf, secondsOf } from '../../src/abi/time';

const NS = 1_000_000_000n;
const floor = (ns: bigint): [bigint, bigint] => { const rest = ((ns % NS) + NS) % NS; return [(ns - rest) / NS, rest]; };

describe('abi: numbers of 64 bits', () => {
  it('a time in seconds and nanoseconds, the latter never negative', () => {
    let seed = 1n;
    const next = (): bigint => seed = BigInt.asUintN(64, seed * 6364136223846793005n + 1442695040888963407n);
    const times = [0n, 1n, -1n, NS, NS - 1n, -NS, -NS - 1n, -NS + 1n, 2n ** 63n - 1n, -(2n ** 63n), 1_700_000_000n * NS, 1_700_000_000n * NS + NS - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 32n * NS, 2n ** 32n * NS - 1n];
    for (let i = 0; i < 5000; i++) {
      const seconds = BigInt.asIntN(34, next()) % 9_000_000_000n;
      times.push(BigInt.asIntN(64, next()), seconds * NS, seconds * NS - 1n, seconds * NS + 1n);
    }
    for (const ns of times) assert.deepEqual([BigInt(secondsOf(ns)), BigInt(nanosecondsOf(ns))], floor(ns), String(ns));
  });

  it('a scalar as a number is what it is exactly, rounded once', () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => (i * 73 + 41) ^ (i << 4)).map((b, i) => i > 48 ? 0xff : b);
    for (const type of ['s8', 'u8', 's16', 'u16', 's32', 'u32', 's64', 'u64', 'ptr'] as const satisfies readonly Scalar[]) {
      for (let at = 0; at + 8 <= bytes.length; at++) assert.equal(readNumber(bytes, at, type), Number(readBig(bytes, at, type)), `${type} at ${at}`);
    }
  });

  it('a struct has each of its fields where C has it', () => {
    const layout = struct('struct of_many', { a: 's8', b: 'u16', c: 's32', d: 'u64', e: 's64', f: 'u64' });
    const bytes = packStruct(layout, { a: -2, b: 0x1234, c: -3, d: 2 ** 40 + 5, e: -(2 ** 40), f: 0xfedcba9876543210n });
    const view = new DataView(bytes.buffer);
    assert.deepEqual([view.getInt8(0), view.getUint16(2, true), view.getInt32(4, true), view.getBigUint64(8, true), view.getBigInt64(16, true), view.getBigUint64(24, true)], [-2, 0x1234, -3, 2n ** 40n + 5n, -(2n ** 40n), 0xfedcba9876543210n]);
    writeScalar(bytes, 8, 'u32', -1);
    assert.equal(view.getBigUint64(8, true), 0x100ffffffffn);
  });
});
