// The sets that -e takes: calls, signals, statuses, descriptors, messages, with strace's words for what is wrong. strace: src/filter_qualify.c, basic_filters.c
import { UserError } from '../base/errors';
import { allCalls } from '../machine/calls';
import { parseCallSet, signalNamed } from '../trace/filter';
import type { CallStatus, FdDetail, Message } from '../trace/options';

/** The members of a set, or with `isInverted` all but these. */
export class QualifiedSet<T> {
  constructor(private readonly members: ReadonlySet<T>, private readonly isInverted: boolean) {}

  has(member: T): boolean { return this.members.has(member) !== this.isInverted; }
  get isAll(): boolean { return this.isInverted && this.members.size === 0; }
  get isNone(): boolean { return !this.isInverted && this.members.size === 0; }
}

/** `[!]all`, `[!]none` or `[!]one,two`; each `!` turns the set around. `members`: what a word stands for, undefined when it is none. */
function parseSet<T>(text: string, what: string, members: (word: string) => Iterable<T> | undefined): QualifiedSet<T> {
  const marks = /^!*/.exec(text)?.[0].length ?? 0, rest = text.slice(marks), isInverted = marks % 2 === 1;
  if (rest === 'none') return new QualifiedSet<T>(new Set(), isInverted);
  if (rest === 'all') return new QualifiedSet<T>(new Set(), !isInverted);
  const words = rest.split(',').filter(word => word !== ''), chosen = new Set<T>();
  if (words.length === 0) throw new UserError(`invalid ${what} '${text}'`);
  for (const word of words) {
    const found = members(word);
    if (!found) throw new UserError(`invalid ${what} '${word}'`);
    for (const member of found) chosen.add(member);
  }
  return new QualifiedSet(chosen, isInverted);
}

const oneOf = <T extends string>(words: Readonly<Record<string, T>>) => (word: string): T[] | undefined => Object.hasOwn(words, word) ? [words[word] as T] : undefined;

/** A whole number as strtol takes it; undefined when it is none. */
export const wholeNumber = (text: string): number | undefined => /^\s*\+?\d+$/.test(text) && Number(text) <= 0x7fffffff ? Number(text) : undefined;

function callNames(word: string): Iterable<string> | undefined {
  const designator = /@([^@]*)$/.exec(word)?.[1];
  if (designator !== undefined && !['64', '32', 'x32'].includes(designator)) throw new UserError(`incorrect personality designator '${designator}' in qualification '${word.replace(/^\?+/, '')}'`);
  const pattern = /^\?*\/(.*)$/s.exec(word)?.[1];
  if (pattern !== undefined) {
    try { RegExp(pattern); }
    catch { throw new UserError(`regcomp: ${pattern}: Invalid regular expression`); }
  }
  try { return parseCallSet(word, allCalls()); }
  catch (error) { if (error instanceof UserError) return undefined; throw error; }
}

export const parseCalls = (text: string): QualifiedSet<string> => parseSet(text, 'system call', callNames);

function signalNumbers(word: string): number[] | undefined {
  const number = /^\d/.test(word) ? wholeNumber(word) : signalNamed(word);
  return number === undefined || number > 255 ? undefined : [number];
}

export const parseSignals = (text: string): QualifiedSet<number> => parseSet(text, 'signal', signalNumbers);

export const parseStatuses = (text: string): QualifiedSet<CallStatus> => parseSet(text, 'status', oneOf({ successful: 'successful', failed: 'failed', unfinished: 'unfinished', unavailable: 'unavailable', detached: 'detached' }));

export const parseDescriptors = (text: string): QualifiedSet<number> => parseSet(text, 'descriptor', (word) => {
  const number = wholeNumber(word);
  return number === undefined ? undefined : [number];
});

export const parseMessages = (text: string): QualifiedSet<Message> =>
  parseSet(text, 'quiet', oneOf({ attach: 'attach', exit: 'exit', exits: 'exit', 'path-resolution': 'path-resolution', personality: 'personality', superseded: 'thread-execve', 'thread-execve': 'thread-execve' }));

export const parseFdDetails = (text: string): QualifiedSet<FdDetail> => parseSet(text, 'decode-fds', oneOf({ path: 'path', socket: 'socket', dev: 'dev', pidfd: 'pidfd' }));

export const parsePidDetails = (text: string): QualifiedSet<'pidns' | 'comm'> => parseSet(text, 'decode-pids', oneOf({ pidns: 'pidns', comm: 'comm' }));
