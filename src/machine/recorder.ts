// All that comes from the host, in the order in which it came: a run that is repeated gets the same answers at the same places, whatever has happened to
// the host since. Three kinds: answers about files, input of the terminal (console.ts), and the moments at which the machine was told that something came.
import { comparePositions, type Position } from '../trace/position';
import type { HostFiles, HostStat } from './host';

/** The host had something, between two instructions or while all slept. */
export interface Wake {
  readonly instructions: number;
  readonly entry: number;
  /** Virtual time when it came. */
  readonly clockNs: number;
}

/** Where the run stands, as far as answers depend on it. */
export interface Course {
  /** Kernel entries so far, the one under way included. */
  readonly entries: number;
  /** Wakes so far. */
  readonly cursor: number;
  /** What comes next has been before: the host is not asked. */
  readonly isReplaying: boolean;
}

export class Recorder implements Course {
  /** Wakes that have happened: part of the machine's state. */
  cursor = 0;
  /** How far the inputs are known. */
  end: Position | null = null;

  constructor(private readonly here: () => Position, readonly wakes: Wake[] = []) {}

  get entries(): number { return this.here().entry; }
  get isReplaying(): boolean { return this.end !== null && comparePositions(this.here(), this.end) < 0; }
  /** Instructions at the next recorded wake. */
  get nextAt(): number { return this.wakes[this.cursor]?.instructions ?? Infinity; }

  /** The wake that belongs to this very place. */
  due(instructions: number, entry: number): Wake | undefined {
    const wake = this.wakes[this.cursor];
    return wake?.instructions === instructions && wake.entry === entry ? wake : undefined;
  }

  add(clockNs: number): void {
    const { instructions, entry } = this.here();
    this.wakes.push({ instructions, entry, clockNs });
  }

  forgetFuture(): void {
    this.wakes.length = this.cursor;
    this.end = null;
  }
}

type Entry = { name: string; type: number; ino: number };
export type FileAnswer = HostStat | string | number | Entry[] | Uint8Array;

interface Known { readonly answer: FileAnswer; /** How many wakes must have happened: an answer that was waited for. */ readonly since: number }

/** Host files whose answers are kept. A question without an answer is asked again by poll(), and until then has none. */
export class RecordedFiles implements HostFiles {
  private readonly known = new Map<string, Known>();
  private readonly open = new Map<string, () => FileAnswer | 'pending'>();

  constructor(private readonly host: HostFiles, private readonly course: Course = { entries: 0, cursor: 0, isReplaying: false }, known: Iterable<[string, Known]> = []) {
    for (const [question, answer] of known) this.known.set(question, answer);
  }

  lstat(root: string, path: string): ReturnType<HostFiles['lstat']> {
    return this.ask<HostStat | number>(`s\0${root}\0${path}`, () => this.host.lstat(root, path));
  }

  readlink(root: string, path: string): ReturnType<HostFiles['readlink']> {
    return this.ask<string | number>(`l\0${root}\0${path}`, () => this.host.readlink(root, path));
  }

  readdir(root: string, path: string): ReturnType<HostFiles['readdir']> {
    return this.ask<Entry[] | number>(`d\0${root}\0${path}`, () => this.host.readdir(root, path));
  }

  read(root: string, path: string, offset: number, length: number): ReturnType<HostFiles['read']> {
    return this.ask<Uint8Array | number>(`r\0${root}\0${path}\0${offset}\0${length}`, () => this.host.read(root, path, offset, length));
  }

  /** Somebody waits for an answer. */
  get isWaiting(): boolean { return this.open.size > 0; }

  /** Asks the host again; true when there is an answer, which the guest gets after that many wakes. */
  poll(since: number): boolean {
    let hasCome = false;
    for (const [question, ask] of this.open) {
      const answer = ask();
      if (answer === 'pending') continue;
      this.open.delete(question);
      this.known.set(question, { answer, since });
      hasCome = true;
    }
    return hasCome;
  }

  /** All questions and answers, for a file. */
  entries(): [string, Known][] { return [...this.known]; }

  /** Answers of a future that will not be are waited for again. */
  forgetFuture(): void {
    for (const [question, { answer, since }] of this.known) {
      if (since <= this.course.cursor) continue;
      this.known.delete(question);
      this.open.set(question, () => answer);
    }
  }

  private ask<T extends FileAnswer>(question: string, ask: () => T | 'pending'): T | 'pending' {
    const known = this.known.get(question);
    if (known) return known.since <= this.course.cursor ? known.answer as T : 'pending';
    if (this.open.has(question)) return 'pending';
    const answer = ask();
    if (answer === 'pending') this.open.set(question, ask);
    else this.known.set(question, { answer, since: 0 });
    return answer;
  }
}
