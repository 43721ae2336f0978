// What the options of `ringside strace` mean together: how the log looks, what it shows, where it goes, and the sentences that strace says of combinations. strace: src/strace.c (init).
import { UserError } from '../base/errors';
import { defaultOptions, type CallStatus, type Digits, type FdDetail, type Message, type StraceOptions, type TextOptions } from '../trace/options';
import { parseSummaryColumns, parseSummaryOrder, type SummaryOptions } from '../trace/summary';
import { getopt, type GivenOption } from './getopt';
import { parseCalls, parseDescriptors, parseFdDetails, parseMessages, parsePidDetails, parseSignals, parseStatuses, wholeNumber, type QualifiedSet } from './qualifiers';
import { STRACE_OPTIONS, type StraceOption } from './strace_options';

export interface StraceArguments {
  /** How the log looks. */
  log: StraceOptions;
  calls: QualifiedSet<string>;
  signals: QualifiedSet<number>;
  /** Only calls on these: -P. */
  paths: readonly string[];
  summary: (SummaryOptions & { isOnly: boolean; isWall: boolean; overheadNs: number }) | null;
  output: string | null;
  appends: boolean;
  /** -b execve. */
  detachesOnExecve: boolean;
  /** What strace would say before it begins. */
  remarks: readonly string[];
  /** And what it says when it has looked at the paths of -P. */
  lastRemarks: readonly string[];
}

type Given = GivenOption<StraceOption>;
const invalid = ({ name, value }: Given): UserError => new UserError(`invalid ${name} argument: '${value ?? ''}'`);

const DIGITS: Readonly<Record<string, Digits>> = { s: 0, sec: 0, ms: 3, msec: 3, us: 6, usec: 6, ns: 9, nsec: 9 };
const UNITS_NS: Readonly<Record<string, number>> = { s: 1e9, sec: 1e9, ms: 1e6, msec: 1e6, us: 1e3, usec: 1e3, ns: 1, nsec: 1 };

function digitsOf(given: Given): Digits {
  const digits = given.value === undefined ? 6 : DIGITS[given.value];
  if (digits === undefined) throw invalid(given);
  return digits;
}

const HEX_STRINGS = { none: 'none', 'non-ascii-chars': 'nonascii-chars', 'non-ascii': 'nonascii', all: 'all' } as const;

/** The options as far as they are read: letters that count, and the sets, of which the last of a kind holds. */
class Reading {
  readonly log: StraceOptions = { ...defaultOptions, toFile: false, timeZoneMinutes: -new Date().getTimezoneOffset() };
  readonly counts: Record<string, number> = {};
  readonly given = new Set<string>();
  readonly paths: string[] = [];
  readonly environment: string[] = [];
  calls = parseCalls('all');
  signals = parseSignals('all');
  abbrev = parseCalls('all');
  verbose = parseCalls('all');
  raw = parseCalls('none');
  reads = parseDescriptors('none');
  writes = parseDescriptors('none');
  status = parseStatuses('all');
  quiet: QualifiedSet<Message> | null = null;
  fds: QualifiedSet<FdDetail> | null = null;
  output: string | null = null;
  sortBy: SummaryOptions['sortBy'] = 'total';
  columns: SummaryOptions['columns'] | null = null;
  overheadNs = 0;
  time: StraceOptions['time'] | undefined;
  private timeDigits: Digits = 0;
  hexStrings: keyof typeof HEX_STRINGS | undefined;

  count(id: string): number { return this.counts[id] ?? 0; }

  read(given: Given): void {
    const { spec: { id, refusal }, name, value = '' } = given, { log } = this;
    if (refusal !== undefined) throw new UserError(`${name} is not supported: ${refusal}`);
    this.given.add(id);
    this.counts[id] = this.count(id) + 1;
    switch (id) {
      case 'a': log.column = this.number(given); break;
      case 'b': if (value !== 'execve') throw new UserError(`Syscall '${value}' for -b isn't supported`); break;
      case 'c': case 'C': if (this.given.has('c') && this.given.has('C')) throw new UserError('-c/--summary-only and -C/--summary are mutually exclusive'); break;
      case 'E': this.environment.push(value); break;
      case 'e': this.qualify(value); break;
      case 'i': log.instructionPointer = true; break;
      case 'I': if (!/^([1-4]|anywhere|always|waiting|never|never_tstp)$/.test(value)) throw invalid(given); break;
      case 'k': case 'stack-traces': log.stackTraces = true; break;
      case 'n': log.callNumber = true; break;
      case 'o': this.output = value; break;
      case 'O': this.overheadNs = overhead(given); break;
      case 'P': this.paths.push(value); break;
      case 'r': log.relative = digitsOf(given); break;
      case 's': log.stringLimit = this.number(given); break;
      case 'S': this.sortBy = parseSummaryOrder(value) ?? fail(`invalid sortby: '${value}'`); break;
      case 'absolute-timestamps': this.timestamps(given); break;
      case 'T': log.callTimes = digitsOf(given); break;
      case 'U': this.columns = summaryColumns(value); break;
      case 'v': this.abbrev = parseCalls('none'); break;
      case 'strings-in-hex': {
        const which = given.value ?? 'all';
        if (!Object.hasOwn(HEX_STRINGS, which)) throw invalid(given);
        this.hexStrings = which as keyof typeof HEX_STRINGS;
        break;
      }
      case 'X':
        if (value !== 'raw' && value !== 'abbrev' && value !== 'verbose') throw invalid(given);
        log.constStyle = value;
        break;
      case 'Y': log.comm = true; break;
      case 'z': this.status = parseStatuses('successful'); break;
      case 'Z': this.status = parseStatuses('failed'); break;
      case 'trace': case 'abbrev': case 'verbose': case 'raw': case 'signals': case 'status': case 'read': case 'write': case 'decode-pids': this.set(id, value); break;
      case 'quiet': this.set(id, given.value ?? 'attach,personality'); break;
      case 'decode-fds': this.set(id, given.value ?? 'path'); break;
      default:
    }
  }

  private number(given: Given): number { return wholeNumber(given.value ?? '') ?? fail(invalid(given).message); }

  private timestamps(given: Given): void {
    let format: 'none' | 'time' | 'unix' | undefined, digits: Digits | undefined;
    for (const word of (given.value ?? 'format:time').split(',').filter(one => one !== '')) {
      const [, prefix = '', text = ''] = /^(format:|precision:)?(.*)$/is.exec(word) ?? [], kind = prefix.toLowerCase(), lower = text.toLowerCase();
      if (kind !== 'precision:' && (lower === 'none' || lower === 'time' || lower === 'unix')) format = lower;
      else if (kind !== 'format:' && text in DIGITS) digits = DIGITS[text];
      else throw invalid(given);
    }
    // The precision of an earlier one holds, also where that asked for no time.
    this.timeDigits = digits ?? this.timeDigits;
    this.time = format === 'none' ? null : { format: format ?? this.time?.format ?? 'time', digits: this.timeDigits };
  }

  private qualify(text: string): void {
    const [, word = '', set = ''] = /^(\w[\w-]*)=(.*)$/s.exec(text) ?? [], kind = QUALIFIERS[word];
    if (kind === undefined) { this.set('trace', text); return; }
    const spec = STRACE_OPTIONS.find(option => option.id === kind);
    if (spec?.refusal !== undefined) throw new UserError(`-e ${word}= is not supported: ${spec.refusal}`);
    this.set(kind, set);
  }

  private set(kind: string, text: string): void {
    switch (kind) {
      case 'trace': this.calls = parseCalls(text); break;
      case 'abbrev': this.abbrev = parseCalls(text); break;
      case 'verbose': this.verbose = parseCalls(text); break;
      case 'raw': this.raw = parseCalls(text); break;
      case 'signals': this.signals = parseSignals(text); break;
      case 'status': this.status = parseStatuses(text); break;
      case 'read': this.reads = parseDescriptors(text); break;
      case 'write': this.writes = parseDescriptors(text); break;
      case 'quiet': this.quiet = parseMessages(text); break;
      case 'decode-fds': this.fds = parseFdDetails(text); break;
      case 'decode-pids': this.log.comm = parsePidDetails(text).has('comm'); break;
      default:
    }
  }
}

/** The words before = in -e. */
const QUALIFIERS: Readonly<Record<string, string>> = {
  trace: 'trace', t: 'trace', abbrev: 'abbrev', a: 'abbrev', verbose: 'verbose', v: 'verbose', raw: 'raw', x: 'raw', signal: 'signals', signals: 'signals', s: 'signals', status: 'status', quiet: 'quiet', silent: 'quiet',
  silence: 'quiet', q: 'quiet', read: 'read', reads: 'read', r: 'read', write: 'write', writes: 'write', w: 'write', fault: 'fault', inject: 'inject', kvm: 'kvm', 'decode-fds': 'decode-fds', 'decode-fd': 'decode-fds',
  'decode-pids': 'decode-pids', 'decode-pid': 'decode-pids',
};

function fail(message: string): never { throw new UserError(message); }

function overhead(given: Given): number {
  const [, number = '', unit = 'us'] = /^(\d+(?:\.\d*)?|\.\d+)([a-z]+)?$/.exec(given.value ?? '') ?? [], scale = UNITS_NS[unit];
  if (number === '' || scale === undefined) throw invalid(given);
  return Math.floor(Number(number) * scale);
}

function summaryColumns(text: string): SummaryOptions['columns'] {
  const found = parseSummaryColumns(text);
  if ('unknown' in found) fail(`unknown column name: '${found.unknown}'`);
  if ('twice' in found) fail(`call summary column has been provided more than once: '${found.twice}' (-U option residual: '${found.rest}')`);
  return found.columns;
}

/** Reads the words behind `ringside strace`: `own` are options of every command. Null: help or version is asked for. Throws UserError. */
export function parseStrace<S extends StraceOption>(words: readonly string[], own: readonly S[], readOwn: (given: GivenOption<S>) => void): { trace: StraceArguments; environment: string[]; program: string; args: string[] } | 'help' | 'version' {
  const { given, rest } = getopt<StraceOption>([...STRACE_OPTIONS, ...own], words), reading = new Reading();
  for (const option of given) {
    if (option.spec.id === 'h') return 'help';
    const mine = own.find(spec => spec === option.spec);
    if (mine) readOwn({ ...option, spec: mine });
    else reading.read(option);
  }
  if (reading.given.has('V')) return 'version';
  const [program, ...args] = rest;
  if (program === undefined) throw new UserError('the program is missing: ringside strace [OPTIONS] -- PROGRAM [ARGUMENTS]');
  return { trace: together(reading), environment: reading.environment, program, args };
}

function exclude(first: string, second: string): never { throw new UserError(`${first} and ${second} cannot be provided simultaneously`); }

function together(reading: Reading): StraceArguments {
  const { log, given } = reading, count = (id: string): number => reading.count(id), remarks: string[] = [];
  if (count('t') > 0 && given.has('absolute-timestamps')) exclude('-t', '--absolute-timestamps');
  log.time = reading.time ?? [null, { format: 'time', digits: 0 } as const, { format: 'time', digits: 6 } as const, { format: 'unix', digits: 6 } as const][Math.min(count('t'), 3)] ?? null;
  if (count('x') > 0 && reading.hexStrings !== undefined) exclude('-x', '--strings-in-hex');
  log.hexStrings = reading.hexStrings !== undefined ? HEX_STRINGS[reading.hexStrings] : count('x') > 1 ? 'all' : count('x') === 1 ? 'nonascii' : 'none';
  if (count('y') > 0 && reading.fds) exclude('-y', '--decode-fds');
  const fds = reading.fds ?? parseFdDetails(['none', 'path', 'all'][Math.min(count('y'), 2)] ?? 'none');
  log.fdDetail = fds.isNone ? null : new Set((['path', 'socket', 'dev', 'pidfd'] as const).filter(detail => fds.has(detail)));
  if (count('f') > 0 && given.has('follow-forks')) exclude('-f', '--follow-forks');
  if (count('f') > 1 && given.has('output-separately')) exclude('-ff', '--output-separately');
  log.follow = count('f') > 0 || given.has('follow-forks');
  log.separate = count('f') > 1 || given.has('output-separately');
  if (given.has('seccomp-bpf') && given.has('b')) remarks.push('--seccomp-bpf is not enabled because it is not compatible with -b');
  else if (given.has('seccomp-bpf') && !log.follow) remarks.push('--seccomp-bpf cannot be used without -f/--follow-forks, disabling');
  if (given.has('F')) {
    remarks.push(log.follow ? 'deprecated option -F ignored' : 'option -F is deprecated, please use -f/--follow-forks instead');
    log.follow = true;
  }
  const isOnly = given.has('c'), hasSummary = isOnly || given.has('C'), needed = 'must be given with (-c/--summary-only or -C/--summary)';
  if (log.separate && hasSummary) fail('(-c/--summary-only or -C/--summary) and -ff/--output-separately are mutually exclusive');
  if (given.has('w') && !hasSummary) fail(`-w/--summary-wall-clock ${needed}`);
  if (given.has('U') && !hasSummary) fail(`-U/--summary-columns ${needed}`);
  if (given.has('S') && !hasSummary) remarks.push('-S/--summary-sort-by has no effect without (-c/--summary-only or -C/--summary)');
  if (isOnly) remarks.push(...withoutEffect(log).map(option => `${option} has no effect with -c/--summary-only`));
  if (reading.output === null) {
    if (log.separate && !log.follow) remarks.push('--output-separately has no effect without -o/--output');
    if (given.has('A')) remarks.push('-A/--output-append-mode has no effect without -o/--output');
  }
  if (count('z') + count('Z') > 1) remarks.push('Only the last of -z/--successful-only/-Z/--failed-only options will take effect. See status qualifier for more complex filters.');
  if (/^[|!]/.test(reading.output ?? '') && log.separate) fail('piping the output and -ff/--output-separately are mutually exclusive');
  if (reading.output === null) log.separate = false;
  log.toFile = reading.output !== null;
  log.quiet = quietOf(reading);
  log.status = reading.status.isAll ? null : new Set((['successful', 'failed', 'unfinished', 'unavailable', 'detached'] as const satisfies readonly CallStatus[]).filter(one => reading.status.has(one)));
  log.verbose = reading.abbrev.isNone;
  log.dereferences = !reading.verbose.isNone;
  log.raw = reading.raw.isAll;
  log.byCall = byCall(reading);
  log.dumps = reading.reads.isNone && reading.writes.isNone ? null : { read: reading.reads, write: reading.writes };
  const { sortBy, columns, overheadNs } = reading;
  return {
    log, calls: reading.calls, signals: reading.signals, paths: reading.paths, output: reading.output, appends: given.has('A'), detachesOnExecve: given.has('b'), remarks,
    lastRemarks: given.has('seccomp-bpf') && log.follow && !given.has('b') && reading.calls.isAll ? ['Seccomp filter is requested but there are no syscalls to filter.  See -e trace to filter syscalls.'] : [],
    summary: hasSummary ? { isOnly, isWall: given.has('w'), overheadNs, sortBy, ...(columns ? { columns } : {}) } : null,
  };
}

function withoutEffect(log: StraceOptions): string[] {
  return ([
    ['-i/--instruction-pointer', log.instructionPointer], ['-k/--stack-traces', log.stackTraces], ['-n/--syscall-number', log.callNumber], ['-r/--relative-timestamps', log.relative !== null],
    ['-t/--absolute-timestamps', log.time !== null], ['-T/--syscall-times', log.callTimes !== null], ['-y/--decode-fds', log.fdDetail !== null],
  ] as const).filter(([, isGiven]) => isGiven).map(([name]) => name);
}

/** -q, -qq, -qqq, or a set. A log in a file has no messages beside it. */
function quietOf(reading: Reading): ReadonlySet<Message> {
  const given = reading.count('q');
  if (given > 0 && reading.quiet) exclude('-q', '-e quiet/--quiet');
  const set = reading.quiet ?? parseMessages(['none', 'attach,personality', 'exit,attach,personality', 'all'][Math.min(given || (reading.output === null ? 0 : 1), 3)] ?? 'all');
  return new Set((['attach', 'exit', 'path-resolution', 'personality', 'thread-execve'] as const).filter(message => set.has(message)));
}

/** The form of each call's text; null where all have the same. */
function byCall({ abbrev, verbose, raw, log }: Reading): StraceOptions['byCall'] {
  if ([abbrev, verbose, raw].every(set => set.isAll || set.isNone)) return null;
  const kept = new Map<string, TextOptions>();
  return (name) => {
    let options = kept.get(name);
    if (!options) kept.set(name, options = { ...log, verbose: !abbrev.has(name), dereferences: verbose.has(name), raw: raw.has(name) });
    return options;
  };
}
