// Rows written, packed and read back.
import assert from 'node:assert/strict';
import { PackedSteps, Steps } from '../../src/trace/event_steps';

interface Row { instructions: number; extra: number; entry: number; what: number; how: number }

function append(steps: Steps, row: number, { instructions, extra, entry, what, how }: Row): void {
  steps.advance(instructions, extra, entry);
  steps.write(row, what, how);
}

/** `length` rows, each a function of the row. */
function written(capacity: number, length: number, fill: (row: number) => Row): Steps {
  const made = new Steps(capacity);
  made.clear();
  for (let row = 0; row < length; row++) append(made, row, fill(row));
  return made;
}

const rowsOf = (steps: Steps, length: number): Row[] =>
  Array.from({ length }, (_, row) => ({ instructions: steps.instructions(row), extra: steps.extra(row), entry: steps.entry(row), what: steps.what(row), how: steps.how(row) }));

/** What was written is there, and when it was packed and read back into rows that were used before. */
function check(capacity: number, expected: readonly Row[]): PackedSteps {
  const { length } = expected, made = written(capacity, length, row => expected[row] as Row);
  assert.deepEqual(rowsOf(made, length), expected);
  const packed = new PackedSteps(made, length), into = written(capacity, capacity, row => ({ instructions: row, extra: -row, entry: 1, what: 3, how: row }));
  packed.unpack(into);
  assert.deepEqual(rowsOf(into, length), expected);
  return packed;
}

const rows = (length: number, fill: (row: number) => Row): Row[] => Array.from({ length }, (_, row) => fill(row));

function random(): (most: number) => number {
  let seed = 1;
  return most => (seed = (seed * 1103515245 + 12345) % 2147483648) % most;
}

describe('trace/event_steps', () => {
  it('numbers and steps of every width come back as they were, also those that fall', () => {
    const below = random();
    for (const most of [1, 2, 256, 257, 65536, 65537, 2 ** 31]) {
      let at = 2 ** 50;
      check(1500, rows(1500, row => {
        at += below(most);
        return { instructions: at, extra: row % 700 === 699 ? -at : at, entry: row % 600 === 0 ? at : row, what: row < 900 ? 7 : below(most), how: below(most) };
      }));
    }
  });

  it('a chunk that is not full has its rows, and one of a single row', () => {
    for (const length of [0, 1, 2, 511, 512, 513, 514]) check(600, rows(length, row => ({ instructions: row * row, extra: row, entry: row >> 3, what: row % 3, how: 5 })));
  });

  it('rows that differ from all others are listed, wherever they are', () => {
    for (const odd of [[1], [511], [512, 513], [1023, 1024, 1025, 4000], [4095], [5, 6, 7, 8, 300, 2000]]) {
      let late = 0;
      const packed = check(4096, rows(4096, row => {
        if (odd.includes(row)) late += 5e9 + row;
        return { instructions: 1e6 + 57 * row + late, extra: 101 * row + late, entry: row + late, what: odd.includes(row) ? 70_000 + row : 9, how: odd.includes(row) ? row : 16 };
      }));
      assert.ok(packed.byteLength < 1024);
    }
  });

  it('a loop takes next to nothing a row, one of two calls a byte, and what is never the same a few', () => {
    assert.ok(check(4096, rows(4096, row => ({ instructions: 1e12 + 57 * row, extra: 1e9 + 101 * row, entry: 77 + row, what: 90, how: 16 }))).byteLength < 512);
    const two = rows(4096, row => ({ instructions: 1e12 + 57 * row + row % 2, extra: 1e9 + 101 * row + row % 2 * 30, entry: 77 + row, what: row % 2 === 0 ? 90 : 104, how: row % 2 === 0 ? 16 : 24 }));
    assert.ok(check(4096, two).byteLength < 4096 + 512);
    const below = random();
    let at = 1e12;
    assert.ok(check(4096, rows(4096, row => ({ instructions: at += 100 + below(1000), extra: at + below(200), entry: row, what: 9 * below(20), how: 8 * below(100) }))).byteLength < 9 * 4096);
  });

  it('a row that is changed leaves all others as they were, and the next one is written behind the newest', () => {
    const below = random(), expected = rows(600, row => ({ instructions: 1000 + 57 * row, extra: 9 * row, entry: row, what: row % 4, how: 8 }));
    const made = written(700, 600, row => expected[row] as Row);
    for (const row of [0, 1, 300, 598, 599, ...Array.from({ length: 50 }, () => below(600))]) {
      const changed = expected[row] = { instructions: 5000 - row, extra: below(1e6), entry: 3, what: below(9), how: below(5) };
      made.replace(row, 600, changed.what, changed.how, changed.instructions, changed.extra, changed.entry);
      made.setHow(row >> 1, 40 + row);
      (expected[row >> 1] as Row).how = 40 + row;
    }
    const next = { instructions: 1e6, extra: 7, entry: 8, what: 2, how: 3 };
    append(made, 600, next);
    assert.deepEqual(rowsOf(made, 601), [...expected, next]);
    made.end(599);
    append(made, 599, next);
    assert.deepEqual(rowsOf(made, 600), [...expected.slice(0, 599), next]);
  });
});
