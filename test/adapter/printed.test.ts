// What a terminal is told at each place of a recording: always what takes it from what it shows to what was shown there.
import assert from 'node:assert/strict';
import { Printed, type Part } from '../../src/adapter/printed';

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** A terminal that is told all parts. */
class Screen {
  text = '';
  take(part: Part | undefined): this {
    if (part) this.text = (part.isFresh ? '' : this.text) + Buffer.from(part.bytes).toString();
    return this;
  }
}

describe('printed', () => {
  const lines = (): { printed: Printed; screen: Screen } => {
    const printed = new Printed(), screen = new Screen();
    for (const text of ['one\n', 'two\n', 'three\n']) {
      const from = printed.length;
      printed.add(from, bytes(text));
      screen.take(printed.show(from + text.length));
    }
    return { printed, screen };
  };

  it('shows at every place what stood there, backwards and forwards, and tells nothing twice', () => {
    const { printed, screen } = lines(), all = 'one\ntwo\nthree\n';
    assert.equal(screen.text, all);
    for (const length of [8, 4, 4, 0, 5, 14, 7, 14]) assert.equal(screen.take(printed.show(length)).text, all.slice(0, length));
    assert.equal(printed.show(14), undefined);
    assert.equal(new Screen().take(printed.whole()).text, all);
  });

  it('what was printed in a future that was discarded is not shown again', () => {
    const { printed, screen } = lines();
    screen.take(printed.show(6));
    printed.add(6, bytes('X\n'));
    assert.equal(screen.take(printed.show(8)).text, 'one\ntwX\n');
    assert.equal(printed.length, 8);
  });

  it('keeps the newest of much', () => {
    const printed = new Printed();
    for (let i = 0; i < 300; i++) printed.add(printed.length, new Uint8Array(10_000).fill(97));
    assert.equal(printed.length, 3_000_000);
    assert.ok((printed.show(3_000_000)?.bytes.length ?? 0) <= 1 << 20);
  });

  it('says in words how far it was', () => {
    const { printed } = lines();
    assert.equal(printed.sentence(0), 'the program had printed nothing yet');
    assert.equal(printed.sentence(8), 'the program had printed 8 of 14 bytes, up to: two');
    printed.add(14, bytes('\u001b[2J\u001b[3;5Hhello\u001b[0m'));
    assert.match(printed.sentence(printed.length), /up to: hello$/);
  });
});
