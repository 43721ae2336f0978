// What a console shows of a program that draws: the text that a terminal's sequences stand between, however the bytes are cut.
import assert from 'node:assert/strict';
import { ConsoleText } from '../../src/adapter/console_text';

const ESC = '\u001b';
const DRAWN = `${ESC}[2J${ESC}[1;1Hone ${ESC}[31mred${ESC}[0m${ESC}(B\r\n${ESC}]0;a title\u0007two${ESC}]8;;http://x${ESC}\\link${ESC}]8;;${ESC}\\ ${ESC}7é${ESC}[K\n`;

const shown = (text: string, keepsStyles: boolean, size: number): string => {
  const console = new ConsoleText(keepsStyles), bytes = Buffer.from(text);
  let all = '';
  for (let from = 0; from < bytes.length; from += size) all += console.take(bytes.subarray(from, from + size));
  return all;
};

describe('console text', () => {
  for (const size of [1, 2, 3, 7, 1000]) {
    it(`leaves out what moves, clears and names windows, in pieces of ${size}`, () => {
      assert.equal(shown(DRAWN, false, size), 'one red\ntwolink é\n');
      assert.equal(shown(DRAWN, true, size), `one ${ESC}[31mred${ESC}[0m\ntwolink é\n`);
    });
  }

  it('keeps tabs, a lone carriage return between texts, and an escape that begins nothing for long', () => {
    assert.equal(shown('10%\r20%\t.\n', true, 4), '10%\r20%\t.\n');
    const long = `${ESC}]${'x'.repeat(5000)}`;
    assert.equal(shown(long, true, 10_000), long);
  });
});
