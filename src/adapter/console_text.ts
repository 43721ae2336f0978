// What a program prints as the Debug Console shows it: text and, where the client knows them, styles. That console is no terminal: other control
// sequences would stand in it as rubbish or empty it. Not here: the program's terminal, which gets every byte (printed.ts).
import { TextDecoder } from 'node:util';

const ESC = '\u001b', BEL = '\u0007';
/** Control sequences, whose last byte tells what they do, and control strings up to their end (ECMA-48 5.4, 5.6; xterm ends strings by BEL, too). */
const CONTROL = `${ESC}\\[[0-?]*[ -/]*([@-~])`, STRING = `${ESC}[\\]PX^_](?:[^${BEL}${ESC}]|${ESC}(?!\\\\))*(?:${BEL}|${ESC}\\\\)`;
const SEQUENCES = new RegExp(`${CONTROL}|${STRING}|${ESC}[ -/]*[0-Z\\\\^-~]`, 'g');
/** The beginning of a sequence at the end of a text. */
const UNFINISHED = new RegExp(`${ESC}(?:\\[[0-?]*[ -/]*|[\\]PX^_](?:[^${BEL}${ESC}]|${ESC}(?!\\\\))*|[ -/]*)$`);
/** Select graphic rendition (ECMA-48 8.3.117): colours and weights. */
const STYLE = 'm';
/** Longer than any sequence that a program means: it is text. */
const MOST_HELD = 4096;

/** A text without what only a terminal understands. */
export const withoutSequences = (text: string, keepsStyles = false): string =>
  text.replace(SEQUENCES, (sequence, last?: string) => keepsStyles && last === STYLE ? sequence : '');

/** One stream of a program, which comes in pieces that may end inside a character or a sequence. */
export class ConsoleText {
  private readonly decoder = new TextDecoder();
  private held = '';

  constructor(private readonly keepsStyles: boolean) {}

  take(bytes: Uint8Array): string {
    const text = this.held + this.decoder.decode(bytes, { stream: true });
    const unfinished = UNFINISHED.exec(text) ?? (text.endsWith('\r') ? { index: text.length - 1 } : undefined);
    const end = unfinished && text.length - unfinished.index <= MOST_HELD ? unfinished.index : text.length;
    this.held = text.slice(end);
    return withoutSequences(text.slice(0, end).replace(/\r\n/g, '\n'), this.keepsStyles);
  }
}
