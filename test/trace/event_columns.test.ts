// Rows packed and read back.
import assert from 'node:assert/strict';
import { Columns, PackedColumns } from '../../src/trace/event_columns';

/** Columns of `length` rows, each a function of the row. */
function columns(length: number, fill: (row: number) => { instructions: number; extra: number; entry: number; what: number; how: number }): Columns {
  const made = new Columns(length);
  for (let row = 0; row < length; row++) {
    const { instructions, extra, entry, what, how } = fill(row);
    made.instructions[row] = instructions;
    made.extra[row] = extra;
    made.entry[row] = entry;
    made.what[row] = what;
    made.how[row] = how;
  }
  return made;
}

function unpacked(from: Columns, length: number): Columns {
  const made = columns(from.capacity, () => ({ instructions: NaN, extra: NaN, entry: NaN, what: -1, how: -1 }));
  new PackedColumns(from, length).unpack(made);
  return made;
}

describe('trace/event_columns', () => {
  it('numbers and steps of every width come back as they were, also those that fall', () => {
    let seed = 1;
    const below = (most: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % most;
    for (const most of [1, 2, 256, 257, 65536, 65537, 2 ** 31]) {
      let at = 2 ** 50;
      const made = columns(1500, row => {
        at += below(most);
        return { instructions: at, extra: row % 700 === 699 ? -at : at, entry: row % 600 === 0 ? at : row, what: row < 900 ? 7 : below(most), how: -below(most) };
      });
      assert.deepEqual(unpacked(made, 1500), made);
    }
  });

  it('a chunk that is not full has its rows, and one of a single row', () => {
    for (const length of [0, 1, 2, 511, 512, 513, 514]) {
      const made = columns(length, row => ({ instructions: row * row, extra: row, entry: row >> 3, what: row % 3, how: 5 }));
      assert.deepEqual(unpacked(made, length), made);
    }
  });

  it('rows that differ from all others are listed, wherever they are', () => {
    for (const odd of [[1], [511], [512, 513], [1023, 1024, 1025, 4000], [4095], [5, 6, 7, 8, 300, 2000]]) {
      let late = 0;
      const made = columns(4096, row => {
        if (odd.includes(row)) late += 5e9 + row;
        return { instructions: 1e6 + 57 * row + late, extra: 101 * row + late, entry: row + late, what: odd.includes(row) ? 70_000 + row : 9, how: odd.includes(row) ? row : 16 };
      });
      assert.deepEqual(unpacked(made, 4096), made);
      assert.ok(new PackedColumns(made, 4096).byteLength < 4096);
    }
  });

  it('a loop takes less than a byte a row, whatever its numbers', () => {
    const loop = columns(4096, row => ({ instructions: 1e12 + 57 * row, extra: 1e9 + 101 * row, entry: 77 + row, what: 90, how: 16 }));
    assert.ok(new PackedColumns(loop, 4096).byteLength < 4096);
    const two = columns(4096, row => ({ instructions: 1e12 + 57 * row + row % 2, extra: 1e9 + 101 * row + row % 2 * 30, entry: 77 + row, what: row % 2 === 0 ? 90 : 104, how: row % 2 === 0 ? 16 : 24 }));
    assert.ok(new PackedColumns(two, 4096).byteLength < 6 * 4096);
  });
});
