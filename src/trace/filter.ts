// Which calls the log shows: strace's SET of -e trace=: names, numbers, %classes, /regular expressions, `!` for all but these, `?` for names that may not exist.
// strace: src/filter_qualify.c, basic_filters.c.
import { SIGNALS, signalName, SIGRTMAX } from '../abi/signal';
import { UserError } from '../base/errors';

/** What the grammar needs to know of a call. */
export interface CallFacts { readonly nr: number; readonly name: string; readonly classes: readonly string[] }

/** Classes by strace's names; `net` is an older spelling. */
const CLASSES: Record<string, string> = {
  desc: 'desc', file: 'file', memory: 'memory', process: 'process', signal: 'signal', ipc: 'ipc', network: 'network', net: 'network', creds: 'creds', clock: 'clock', pure: 'pure',
};
/** Words that may stand without a percent sign. strace: src/basic_filters.c (parse_class_token), the legacy names. */
const BARE = new Set(['desc', 'file', 'ipc', 'memory', 'network', 'process', 'signal']);

/** The calls of the stat families: facts of names, so no declaration needs to repeat them. strace: src/syscallent.h. */
const STAT_FAMILIES: Record<string, RegExp> = {
  stat: /^(stat|stat64|oldstat)$/, lstat: /^(lstat|lstat64|oldlstat)$/, fstat: /^(fstat|fstat64|fstatat64|newfstatat|oldfstat|statx)$/,
  '%stat': /^(old)?[fl]?stat(64|at64)?$|^newfstatat$|^statx$/, statfs: /^(statfs|statfs64)$/, fstatfs: /^(fstatfs|fstatfs64)$/, '%statfs': /^f?statfs(64)?$|^ustat$/,
};

const isMember = (call: CallFacts, group: string): boolean => {
  const family = STAT_FAMILIES[group];
  return family ? family.test(call.name) : call.classes.includes(group);
};

/** The names of the calls of a SET. Throws UserError with what is wrong. */
export function parseCallSet(text: string, calls: Iterable<CallFacts>): Set<string> {
  const all = [...calls];
  const { negated, items } = splitSet(text);
  const chosen = new Set<string>();
  for (const raw of items) {
    let item = raw;
    const optional = item.startsWith('?');
    if (optional) item = item.slice(1).replace(/^\?+/, '');
    const found = matches(item, all);
    if (found.length === 0 && !optional && item !== 'all' && item !== 'none') {
      throw new UserError(item.startsWith('%') ? `There is no class of system calls '${item}'.` : item.startsWith('/') ? `No system call matches '${item}'.` : `There is no system call '${item}'.`);
    }
    for (const call of found) chosen.add(call.name);
  }
  return negated ? new Set(all.map(call => call.name).filter(name => !chosen.has(name))) : chosen;
}

function matches(item: string, all: CallFacts[]): CallFacts[] {
  if (item === 'all') return all;
  if (item === 'none') return [];
  if (item.startsWith('/')) {
    let pattern: RegExp;
    try {
      pattern = new RegExp(item.slice(1));
    } catch (error) {
      throw new UserError(`'${item.slice(1)}' is not a regular expression: ${error instanceof Error ? error.message : String(error)}.`);
    }
    return all.filter(call => pattern.test(call.name));
  }
  if (item.startsWith('%')) return classMembers(item.slice(1), all);
  if (/^\d+$/.test(item)) return all.filter(call => call.nr === Number(item));
  const byName = all.filter(call => call.name === item.replace(/@(64|32|x32)$/, ''));
  return byName.length > 0 || !BARE.has(item) ? byName : classMembers(item, all);
}

function classMembers(name: string, all: CallFacts[]): CallFacts[] {
  // %%stat: one percent sign is the mark of a class, a second one part of the name.
  const group = name in STAT_FAMILIES ? name : CLASSES[name];
  return group === undefined ? [] : all.filter(call => isMember(call, group));
}

function splitSet(text: string): { negated: boolean; items: string[] } {
  let rest = text.trim();
  let negated = false;
  while (rest.startsWith('!')) { negated = !negated; rest = rest.slice(1).trim(); }
  const items = rest.split(',').map(item => item.trim());
  if (items.some(item => item === '')) throw new UserError(`'${text}' has an empty part: a set is names with commas between them.`);
  return { negated, items };
}

/** The signal of a name: SIGINT, int, rt_3. */
export function signalNamed(word: string): number | undefined {
  const name = `SIG${word.toUpperCase().replace(/^SIG/, '')}`, named = SIGNALS.entries.find(([n]) => n === name)?.[1];
  for (let signo = 32; named === undefined && signo <= SIGRTMAX; signo++) if (signalName(signo) === name) return signo;
  return named;
}
