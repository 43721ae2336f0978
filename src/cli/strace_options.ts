// The options of `ringside strace`: strace 6.1's, by its letters and names, and those of every command that runs a program. Not here: what they mean (strace_arguments.ts).
import type { OptionSpec } from './getopt';

export interface StraceOption extends OptionSpec {
  readonly id: string;
  readonly help: string;
  /** Why it cannot be had here. */
  readonly refusal?: string;
}

type Rest = Omit<StraceOption, 'id' | 'names' | 'help' | 'letter'>;
const letter = (given: string, names: string, help: string, rest: Rest = {}): StraceOption => ({ id: given, letter: given, names: names === '' ? [] : names.split(' '), help, ...rest });
const long = (names: string, help: string, rest: Rest = {}): StraceOption => ({ id: names.split(' ')[0] ?? '', names: names.split(' '), help, ...rest });

/** In strace's order: its words for an ambiguous name depend on it. */
export const STRACE_OPTIONS: readonly StraceOption[] = [
  letter('a', 'columns', 'the column of the results (40)', { value: 'COLUMN' }),
  letter('A', 'output-append-mode', 'append to the file of -o'),
  letter('b', 'detach-on', 'leave a process alone that calls execve: -b execve', { value: 'CALL' }),
  letter('c', 'summary-only', 'a table of counts and times instead of the log'),
  letter('C', 'summary', 'the log, then the table'),
  letter('d', 'debug', '', { refusal: 'there is no tracer whose work could be shown' }),
  { id: 'D', letter: 'D', names: [], help: '', refusal: 'there is no tracer process that could be a grandchild' },
  long('daemonize daemonised daemonized', '', { value: 'HOW', isOptional: true, refusal: 'there is no tracer process that could be a grandchild' }),
  letter('E', 'env', 'set or remove a variable of the environment', { value: 'VAR[=VAL]' }),
  { id: 'f', letter: 'f', names: [], help: 'follow children and threads; -ff: with a file for each, FILE.PID' },
  long('follow-forks', 'follow children and threads'),
  long('output-separately', 'a file for each process: FILE.PID'),
  { id: 'F', letter: 'F', names: [], help: '' },
  letter('h', 'help', 'this list'),
  letter('i', 'instruction-pointer', 'where each call was made'),
  letter('I', 'interruptible', 'accepted; nothing is interrupted here', { value: 'HOW' }),
  { id: 'k', letter: 'k', names: [], help: 'the call stack of each call and signal' },
  long('stack-traces', 'the call stack of each call and signal'),
  letter('n', 'syscall-number', 'the number of each call'),
  letter('o', 'output', 'write the log to FILE, or with |COMMAND to what COMMAND reads', { value: 'FILE' }),
  letter('O', 'summary-syscall-overhead', 'time that the table leaves out of each call: 5, 5us, 1ms', { value: 'TIME' }),
  letter('p', 'attach', '', { value: 'PID', refusal: 'processes of this computer cannot be traced: a program runs in a machine of its own' }),
  letter('P', 'trace-path', 'only calls that work on PATH', { value: 'PATH' }),
  letter('q', '', 'no messages about processes; -qq: nor about their ends; -qqq: none'),
  letter('r', 'relative-timestamps', 'the time since the line before, in s, ms, us or ns', { value: 'UNIT', isOptional: true }),
  letter('s', 'string-limit', 'print at most N bytes of a string (32)', { value: 'N' }),
  letter('S', 'summary-sort-by', 'sort the table by time, min-time, max-time, avg-time, calls, errors, name, nothing', { value: 'COLUMN' }),
  { id: 't', letter: 't', names: [], help: 'the time of day; -tt: with microseconds; -ttt: seconds since 1970' },
  long('absolute-timestamps timestamps', 'the time of a line: none, time or unix; s, ms, us or ns', { value: '[FORMAT][,UNIT]', isOptional: true }),
  letter('T', 'syscall-times', 'how long each call took, in s, ms, us or ns', { value: 'UNIT', isOptional: true }),
  letter('u', 'user', '', { value: 'USER', refusal: 'the program runs as the user who runs ringside' }),
  letter('U', 'summary-columns', 'columns of the table: time-percent, total-time, min-time, max-time, avg-time, calls, errors, name', { value: 'COLUMNS' }),
  letter('v', 'no-abbrev', 'structures, arguments and environments in full'),
  letter('V', 'version', 'the version'),
  letter('w', 'summary-wall-clock', 'the table counts the time from a call to its return, not that in the kernel'),
  { id: 'x', letter: 'x', names: [], help: 'strings that are not ASCII in hexadecimal; -xx: all strings' },
  long('strings-in-hex', 'strings in hexadecimal: none, non-ascii-chars, non-ascii, all', { value: 'WHICH', isOptional: true }),
  letter('X', 'const-print-style', 'constants as raw numbers, abbrev (names) or verbose (both)', { value: 'FORMAT' }),
  { id: 'y', letter: 'y', names: [], help: 'the path of each descriptor; -yy: all that is known of it' },
  { id: 'Y', letter: 'Y', names: [], help: 'the name of each process beside its number' },
  long('pidns-translation', '', { refusal: 'there is one PID namespace' }),
  letter('z', 'successful-only', 'only calls that succeed'),
  letter('Z', 'failed-only failing-only', 'only calls that fail'),
  long('seccomp-bpf', 'accepted with -f; nothing has to be made faster here'),
  long('tips', '', { value: 'WHICH', isOptional: true, refusal: 'there are no tips' }),
  { id: 'e', letter: 'e', names: [], value: 'EXPR', help: 'one of the following, as trace=SET, signal=SET ...' },
  long('trace', 'only these calls: names, %classes, /expressions, with ! all but these', { value: 'SET' }),
  long('abbrev', 'calls whose structures are abbreviated', { value: 'SET' }),
  long('verbose', 'calls whose structures are shown', { value: 'SET' }),
  long('raw', 'calls whose arguments are shown as they are', { value: 'SET' }),
  long('signals', 'only these signals', { value: 'SET' }),
  long('status', 'only calls that are successful, failed, unfinished, unavailable, detached', { value: 'SET' }),
  long('read', 'show the data that is read from these descriptors', { value: 'SET' }),
  long('write', 'show the data that is written to these descriptors', { value: 'SET' }),
  long('fault', '', { value: 'SET', refusal: 'calls are not tampered with: the debugger changes results at a stop' }),
  long('inject', '', { value: 'SET', refusal: 'calls are not tampered with: the debugger changes results at a stop' }),
  long('kvm', '', { value: 'vcpu', refusal: 'there is no KVM' }),
  long('quiet silent silence', 'no messages of these kinds: attach, exit, path-resolution, personality, thread-execve', { value: 'SET', isOptional: true }),
  long('decode-fds', 'what is told of descriptors: path, socket, dev, pidfd', { value: 'SET', isOptional: true }),
  long('decode-pids', 'what is told of processes: comm', { value: 'SET' }),
  long('secontext', '', { value: 'HOW', isOptional: true, refusal: 'there are no SELinux contexts' }),
];
