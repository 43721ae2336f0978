// Columns as bytes and back.
import assert from 'node:assert/strict';
import { packColumns, unpackColumns } from '../../src/trace/packed_columns';

function roundTrip(columns: readonly { numbers: readonly number[]; isStepped: boolean }[]): { numbers: number[][]; bytes: number } {
  const lengths = columns.map(({ numbers }) => numbers.length), made = columns.map(({ numbers, isStepped }) => ({ column: Float64Array.from(numbers), isStepped }));
  const bytes = packColumns(lengths, k => made[k] ?? assert.fail()), read: number[][] = [];
  const into = new Float64Array(Math.max(...lengths));
  unpackColumns(bytes, lengths, k => ({ column: into, isStepped: made[k]?.isStepped ?? false }), k => read.push([...into.subarray(0, lengths[k])]));
  return { numbers: read, bytes: bytes.length };
}

describe('trace/packed_columns', () => {
  it('every number comes back: addresses, fractions, none, negative ones, in columns of any length, as numbers and as steps', () => {
    let seed = 7;
    const below = (most: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % most;
    const makers: readonly ((row: number) => number)[] = [
      row => row, row => -3 * row, () => 5, row => below(256) + (row > 500 ? 1e12 : 0), () => below(65536), () => -below(2 ** 31), row => row % 100 === 99 ? NaN : row, () => NaN,
      row => row / 2, row => row === 300 ? 0.25 : 7, row => 2 ** 63 + 2048 * (row % 9), row => row % 2 === 0 ? 2 ** 64 - 4096 : 3, row => row === 17 ? Infinity : 1, row => row === 0 ? -Infinity : row,
    ];
    for (const length of [0, 1, 2, 3, 511, 512, 513, 1500]) {
      const columns = makers.flatMap((make, k) => [false, ...(k < 7 ? [true] : [])].map(isStepped => ({ numbers: Array.from({ length }, (_, row) => make(row)), isStepped })));
      assert.deepEqual(roundTrip(columns).numbers, columns.map(({ numbers }) => numbers));
    }
  });

  it('what grows evenly and what stays takes next to nothing, and exceptions cost by their number', () => {
    const length = 4096, even = { numbers: Array.from({ length }, (_, row) => 1e12 + 57 * row), isStepped: true }, same = { numbers: Array.from({ length }, () => 12), isStepped: false };
    const odd = { numbers: Array.from({ length }, (_, row) => row % 512 === 100 ? NaN : 9), isStepped: false };
    assert.ok(roundTrip([even, same]).bytes < 400);
    assert.ok(roundTrip([odd]).bytes < 192 + 8 * 16 + 64);
  });
});
