// The command line as data. Options before "--" or before the program are ours; everything after the program's name is the program's.
import { UserError } from '../base/errors';
import { COST_MODELS, type CostModelName } from '../machine/cost_model';
import { COMMANDS, isRunning, type Running } from './commands';

export type Command = Running | 'help' | 'version';

/** One option: its letter or word, the name of its value (none: a switch), and what --help says. */
interface Option { flag: string; key: keyof Options; value?: string; help: string; only?: Running | readonly Running[] }

export interface Options {
  followForks: boolean;
  output: string | null;
  /** The -e expressions in their order. */
  expressions: string[];
  summaryOnly: boolean;
  summaryToo: boolean;
  stringLimit: number | null;
  /** Single-letter switches that only shape the log or the table: t, tt, ttt, r, T, i, x, xx, v, y, yy, z, Z, q ... */
  shape: string[];
  sysroot: string;
  workingDirectory: string | null;
  epoch: string | null;
  save: string | null;
  costModel: CostModelName;
  hidesVdso: boolean;
  json: boolean;
  engine: boolean;
  chart: string | null;
  /** KEY=VALUE sets, KEY removes. */
  environment: string[];
}

export interface CommandLine { command: Command; options: Options; program: string; args: string[] }

/** Those of the charts' registry, which is not loaded to read a command line; a test compares. */
export const CHART_IDS = ['timeline', 'distribution', 'vdso', 'anatomy'];

const OPTIONS: Option[] = [
  { flag: '-f', key: 'followForks', help: 'trace child processes and threads too', only: 'strace' },
  { flag: '-o', key: 'output', value: 'FILE', help: 'write the trace or the table to FILE instead of standard error; the file of the chart, or of the recording', only: ['strace', 'stat', 'chart', 'record'] },
  { flag: '-e', key: 'expressions', value: 'EXPR', help: 'trace=SET, signal=SET, ... as strace has them', only: 'strace' },
  { flag: '-c', key: 'summaryOnly', help: 'a table of counts and times instead of the trace', only: 'strace' },
  { flag: '-C', key: 'summaryToo', help: 'the trace, then the table', only: 'strace' },
  { flag: '-s', key: 'stringLimit', value: 'N', help: 'print at most N bytes of a string (32)', only: 'strace' },
  { flag: '--json', key: 'json', help: 'the figures as JSON; the trace as one JSON object a line', only: ['stat', 'strace'] },
  { flag: '--engine', key: 'engine', help: 'how the processor ran it instead: instructions by tier, regions, TLB misses, exits, hot blocks', only: 'stat' },
  { flag: '--chart', key: 'chart', value: 'ID', help: `which chart (timeline): ${CHART_IDS.join(', ')}`, only: 'chart' },
  { flag: '-E', key: 'environment', value: 'VAR[=VAL]', help: 'set or remove a variable of the environment' },
  { flag: '--sysroot', key: 'sysroot', value: 'DIR', help: 'the folder that the program sees as / (/)' },
  { flag: '--cwd', key: 'workingDirectory', value: 'DIR', help: 'its working directory (this one)' },
  { flag: '--epoch', key: 'epoch', value: 'TIME', help: 'the time at which its clock starts: seconds since 1970 or an ISO date (now)' },
  { flag: '--cost-model', key: 'costModel', value: 'NAME', help: `what its time is priced like: ${COST_MODELS.join(', ')} (${COST_MODELS[0]})` },
  { flag: '--no-vdso', key: 'hidesVdso', help: 'it sees no vDSO: its clock calls are real calls' },
  { flag: '--save', key: 'save', value: 'DIR', help: 'copy the files that the program wrote in the sandbox to DIR' },
];
const SHAPES = ['t', 'tt', 'ttt', 'r', 'T', 'i', 'n', 'x', 'xx', 'v', 'y', 'yy', 'z', 'Z', 'q', 'qq', 'qqq', 'w', 'k'];

export const HELP = `Usage: ringside COMMAND [OPTIONS] [--] PROGRAM [ARGUMENTS]

Runs an x86-64 Linux program in a simulated machine. What it writes stays in the machine.

Commands:
${Object.entries(COMMANDS).map(([name, help]) => `  ${name.padEnd(8)} ${help}`).join('\n')}

Options:
${OPTIONS.map(o => `  ${`${o.flag}${o.value ? ` ${o.value}` : ''}`.padEnd(18)} ${o.help}${o.only ? ` (${commandsOf(o).join(', ')})` : ''}`).join('\n')}
  -${SHAPES.join(' -')}
                     the form of the log, as strace has them (strace)
  --help, --version

The exit status is the program's; 128+N when signal N killed it; 124 when it waits for something that can never happen; 2 for a mistake in the command.
`;

function commandsOf({ only }: Option): readonly Running[] {
  return only === undefined ? Object.keys(COMMANDS) as Running[] : typeof only === 'string' ? [only] : only;
}

function defaults(): Options {
  return {
    followForks: false, output: null, expressions: [], summaryOnly: false, summaryToo: false, stringLimit: null, shape: [],
    sysroot: '/', workingDirectory: null, epoch: null, save: null, costModel: COST_MODELS[0], hidesVdso: false, json: false, engine: false, chart: null, environment: [],
  };
}

/** Reads `argv` (without node and the script). Throws UserError with one sentence. */
export function parseArguments(argv: readonly string[]): CommandLine {
  const [first, ...rest] = argv;
  if (first === '--help' || first === '-h' || first === 'help') return { command: 'help', options: defaults(), program: '', args: [] };
  if (first === '--version' || first === '-V') return { command: 'version', options: defaults(), program: '', args: [] };
  if (first === undefined) throw new UserError(`a command is missing: ${listOf(Object.keys(COMMANDS), 'or')} (ringside --help tells what they do)`);
  if (!isRunning(first)) throw new UserError(`'${first}' is not a command: ${listOf(Object.keys(COMMANDS), 'and')} are (ringside --help)`);
  const options = defaults();
  const words = rest.slice();
  while (words.length > 0) {
    const word = words[0] ?? '';
    if (word === '--') {
      words.shift();
      break;
    }
    if (!word.startsWith('-') || word === '-') break;
    words.shift();
    if (word === '--help') return { command: 'help', options, program: '', args: [] };
    readOption(first, word, words, options);
  }
  const [program, ...args] = words;
  if (program === undefined || program === '') throw new UserError(`the program is missing: ringside ${first} [OPTIONS] -- PROGRAM [ARGUMENTS]`);
  if (options.shape.includes('w') && !options.summaryOnly && !options.summaryToo) throw new UserError('-w, times from entry to return, is a form of the table: it needs -c or -C');
  if (first === 'strace' && options.json && (options.summaryOnly || options.summaryToo)) throw new UserError('--json writes the trace: the table of -c and -C has no JSON (ringside stat --json has figures)');
  if (first === 'chart' && options.output === null) throw new UserError('-o FILE is missing: the file that the chart is drawn to');
  return { command: first, options, program, args };
}

const listOf = (words: readonly string[], last: 'and' | 'or'): string => `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;

/** One word that starts with '-': `-o FILE`, `-oFILE`, `-fc`, `--save DIR`, `--save=DIR`. */
function readOption(command: Running, word: string, rest: string[], options: Options): void {
  if (word.startsWith('--')) {
    const [flag = '', ...value] = word.split('=');
    const option = OPTIONS.find(o => o.flag === flag);
    if (!option) throw new UserError(`unknown option ${flag} (ringside --help)`);
    setOption(command, option, value.length > 0 ? value.join('=') : option.value ? rest.shift() : undefined, options);
    return;
  }
  let letters = word.slice(1);
  while (letters) {
    const option = OPTIONS.find(o => o.flag === `-${letters[0]}`);
    if (option?.value) {
      setOption(command, option, letters.slice(1) || rest.shift(), options);
      return;
    }
    if (option) {
      setOption(command, option, undefined, options);
      letters = letters.slice(1);
      continue;
    }
    const run = /^(.)\1*/.exec(letters)?.[0] ?? '';
    if (!SHAPES.includes(run)) throw new UserError(`unknown option -${run} (ringside --help)`);
    if (command !== 'strace') throw new UserError(`-${run} is an option of ringside strace only`);
    options.shape.push(run);
    letters = letters.slice(run.length);
  }
}

function setOption(command: Running, option: Option, value: string | undefined, options: Options): void {
  if (!commandsOf(option).includes(command)) throw new UserError(`${option.flag} is an option of ringside ${listOf(commandsOf(option), 'and').replace(/^ and /, '')} only`);
  if (option.value && value === undefined) throw new UserError(`${option.flag} needs a value: ${option.flag} ${option.value}`);
  const text = value ?? '';
  switch (option.key) {
    case 'expressions': case 'environment': options[option.key].push(text); break;
    case 'followForks': case 'summaryOnly': case 'summaryToo': case 'json': case 'engine': case 'hidesVdso': options[option.key] = true; break;
    case 'costModel': options.costModel = parseCostModel(text); break;
    case 'stringLimit':
      if (!/^\d+$/.test(text)) throw new UserError(`-s needs a number of bytes, not '${text}'`);
      options.stringLimit = Number(text);
      break;
    case 'chart':
      if (!CHART_IDS.includes(text)) throw new UserError(`--chart needs one of ${CHART_IDS.join(', ')}, not '${text}'`);
      options.chart = text;
      break;
    case 'shape': break;
    default: options[option.key] = text;
  }
}

function parseCostModel(text: string): CostModelName {
  const found = COST_MODELS.find(name => name === text);
  if (!found) throw new UserError(`--cost-model is one of ${COST_MODELS.join(', ')}, not '${text}'`);
  return found;
}

/** `--epoch` in nanoseconds since 1970. */
export function parseEpoch(text: string): bigint {
  const number = /^(\d+)(?:\.(\d{1,9}))?$/.exec(text);
  if (number) return BigInt(number[1] ?? 0) * 1_000_000_000n + BigInt((number[2] ?? '').padEnd(9, '0'));
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new UserError(`--epoch needs seconds since 1970 or an ISO date, not '${text}'`);
  return BigInt(time) * 1_000_000n;
}
