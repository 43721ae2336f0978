// Which rows of a long log are shown: the newest, and older ones where a person has scrolled; bounded; what is left out is said.
import assert from 'node:assert/strict';
import { LogWindow, type Gap } from '../../src/extension/log_window';

const row = (i: number): string => `row ${String(i).padStart(5, '0')}`;
const rows = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => row(from + i));
const places = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}.0`);
const LIMITS = { newest: 10_000, older: 30_000, page: 1000 };

function filled(count: number): LogWindow {
  const window = new LogWindow(({ from, to }) => `${from} to ${to}`, LIMITS);
  for (let at = 0; at < count; at += 100) window.append(at, rows(at, at + 100), places(at, at + 100));
  return window;
}

/** The lines of gaps, and that all others are the rows that they claim to be. */
function gaps(window: LogWindow): Gap[] {
  const found: Gap[] = [], lines = window.render().split('\n');
  let next = 0;
  assert.equal(lines.pop(), '');
  lines.forEach((text, line) => {
    const gap = window.gapAt(line);
    if (gap) {
      assert.deepEqual([gap.from, text], [next, `${gap.from} to ${gap.to}`]);
      found.push(gap);
      next = gap.to;
      return;
    }
    assert.deepEqual([text, window.placeAt(line), window.rowAt(line), window.lineOf(next)], [row(next), `${next}.0`, next, line]);
    next++;
  });
  assert.equal(next, window.length);
  return found;
}

function fetch(window: LogWindow, gap: Gap | undefined): void {
  assert.ok(gap);
  const { from, count } = window.wish(gap);
  assert.ok(count > 0 && from >= gap.from && from + count <= gap.to);
  window.insert(from, rows(from, from + count), places(from, from + count));
}

describe('log_window', () => {
  it('shows all of a short log', () => assert.deepEqual(gaps(filled(500)), []));

  it('keeps the newest rows of a long one, and has older ones put before them up to the first', () => {
    const window = filled(6000);
    assert.ok(window.render().length <= LIMITS.newest + 20);
    let [gap] = gaps(window);
    for (let i = 0; gap?.from === 0; i++) {
      assert.ok(i < 10);
      fetch(window, gap);
      [gap] = gaps(window);
      assert.ok(window.render().length <= LIMITS.newest + LIMITS.older + 40, String(window.render().length));
    }
    assert.equal(window.rowAt(0), 0);
    // And forwards again, until nothing lies between.
    for (let i = 0; ; i++) {
      const between = gaps(window).find(({ from }) => from > 0);
      if (!between) break;
      assert.ok(i < 10);
      fetch(window, between);
    }
  });

  it('rows that come meanwhile are added at the end', () => {
    const window = filled(6000);
    fetch(window, gaps(window)[0]);
    window.append(6000, rows(6000, 9000), places(6000, 9000));
    assert.equal(gaps(window).length, 2);
  });

  it('rows of a future that is discarded go, shown or not', () => {
    for (const from of [5900, 4000, 100]) {
      const window = filled(6000);
      fetch(window, gaps(window)[0]);
      window.append(from, rows(from, from + 10), places(from, from + 10));
      gaps(window);
      assert.equal(window.length, from + 10);
    }
  });

  it('finds the row of a position, unless that row is not shown', () => {
    const window = filled(6000);
    window.render();
    assert.equal(window.rowAt(window.lineBefore('5990.3')), 5990);
    assert.equal(window.lineBefore('10.0'), -1);
    fetch(window, gaps(window)[0]);
    window.append(6000, rows(6000, 9000), places(6000, 9000));
    window.render();
    const [, between] = gaps(window);
    assert.equal(window.lineBefore(`${(between?.from ?? 0) + 5}.0`), -1);
  });

  it('another run begins empty', () => {
    const window = filled(6000);
    window.clear();
    assert.equal(window.render(), '');
  });
});
