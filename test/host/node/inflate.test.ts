import assert from 'node:assert/strict';
import { unzlibSync, zlibSync } from 'fflate';
import { inflate } from '../../../src/host/node/inflate';

describe('the zlib of the host', () => {
  it('expands as fflate does, to bytes of their own kind', () => {
    for (const length of [0, 1, 100, 70_000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => i * i % 251), packed = zlibSync(bytes);
      const made = inflate(packed, length);
      assert.deepEqual(made, unzlibSync(packed, { out: new Uint8Array(length) }));
      assert.equal(Object.getPrototypeOf(made), Uint8Array.prototype);
    }
  });

  it('a damaged stream, and one that is longer than it says, are errors', () => {
    const packed = zlibSync(new Uint8Array(1000).fill(7));
    assert.throws(() => inflate(packed.subarray(0, 5), 1000));
    assert.throws(() => inflate(packed, 999));
  });
});
