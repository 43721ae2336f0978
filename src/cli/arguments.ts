// The command line as data. Options before "--" or before the program are ours; everything after the program's name is the program's. Those of strace are read as strace reads them (strace_arguments.ts).
import { UserError } from '../base/errors';
import { COST_MODELS, type CostModelName } from '../machine/cost_model';
import { COMMANDS, isRunning, type Running } from './commands';
import { parseStrace, type StraceArguments } from './strace_arguments';
import { STRACE_OPTIONS, type StraceOption } from './strace_options';

export type Command = Running | 'help' | 'version';

/** One option: its letter or word, the name of its value (none: a switch), and what --help says. */
interface Option { flag: string; key: keyof Options; value?: string; help: string; only?: Running | readonly Running[] }

export interface Options {
  output: string | null;
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

export interface CommandLine {
  command: Command;
  options: Options;
  program: string;
  args: string[];
  /** Of strace. */
  trace: StraceArguments | null;
}

/** Those of the charts' registry, which is not loaded to read a command line; a test compares. */
export const CHART_IDS = ['timeline', 'distribution', 'vdso', 'anatomy'];

const OPTIONS: Option[] = [
  { flag: '-o', key: 'output', value: 'FILE', help: 'write the table to FILE instead of standard error; the file of the chart, or of the recording', only: ['stat', 'chart', 'record'] },
  { flag: '--json', key: 'json', help: 'the figures as JSON; the log as one JSON object a line', only: ['stat', 'strace'] },
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

/** Our words beside strace's options. */
const BESIDE_STRACE: readonly StraceOption[] = OPTIONS.filter(option => option.flag.startsWith('--') && commandsOf(option).includes('strace'))
  .map(({ flag, value, help }) => ({ id: flag, names: [flag.slice(2)], help, ...(value === undefined ? {} : { value }) }));

export const HELP = `Usage: ringside COMMAND [OPTIONS] [--] PROGRAM [ARGUMENTS]

Runs an x86-64 Linux program in a simulated machine. What it writes stays in the machine.

Commands:
${Object.entries(COMMANDS).map(([name, help]) => `  ${name.padEnd(8)} ${help}`).join('\n')}

Options:
${OPTIONS.map(o => `  ${`${o.flag}${o.value ? ` ${o.value}` : ''}`.padEnd(18)} ${o.help}${o.only ? ` (${commandsOf(o).join(', ')})` : ''}`).join('\n')}
  --help, --version

strace has the options of strace 6.1, too: ringside strace --help lists them.

The exit status is the program's; 128+N when signal N killed it; 124 when it waits for something that can never happen;
2 for a mistake in the command, 1 in one of strace.
`;

const spelled = ({ letter, names, value, isOptional }: StraceOption): string => {
  const long = names[0] === undefined ? [] : [`--${names[0]}${value === undefined ? '' : isOptional ? `[=${value}]` : `=${value}`}`];
  return [...(letter === undefined ? [] : [`-${letter}${value === undefined || isOptional ? '' : ` ${value}`}`]), ...long].join(', ');
};

export const STRACE_HELP = `Usage: ringside strace [OPTIONS] [--] PROGRAM [ARGUMENTS]

Runs an x86-64 Linux program in a simulated machine and logs its system calls as strace 6.1 does.

Options:
${[...STRACE_OPTIONS, ...BESIDE_STRACE].filter(option => option.help !== '').map(option => `  ${spelled(option).padEnd(40)} ${option.help}`).join('\n')}

Not here:
${STRACE_OPTIONS.filter(option => option.refusal !== undefined && (option.letter === undefined || option.names.length > 0)).map(option => `  ${spelled(option).padEnd(40)} ${option.refusal ?? ''}`).join('\n')}

The exit status is the program's; 128+N when signal N killed it; 124 when it waits for something that can never happen; 1 for a mistake in the command.
`;

function commandsOf({ only }: Option): readonly Running[] {
  return only === undefined ? Object.keys(COMMANDS) as Running[] : typeof only === 'string' ? [only] : only;
}

function defaults(): Options {
  return { output: null, sysroot: '/', workingDirectory: null, epoch: null, save: null, costModel: COST_MODELS[0], hidesVdso: false, json: false, engine: false, chart: null, environment: [] };
}

const asked = (command: 'help' | 'version', trace: StraceArguments | null = null): CommandLine => ({ command, options: defaults(), program: '', args: [], trace });

/** What --help prints: `words` are those of the command line. */
export const helpFor = (words: readonly string[]): string => words[0] === 'strace' ? STRACE_HELP : HELP;

/** Reads `argv` (without node and the script). Throws UserError with one sentence. */
export function parseArguments(argv: readonly string[]): CommandLine {
  const [first, ...rest] = argv;
  if (first === '--help' || first === '-h' || first === 'help') return asked('help');
  if (first === '--version' || first === '-V') return asked('version');
  if (first === undefined) throw new UserError(`a command is missing: ${listOf(Object.keys(COMMANDS), 'or')} (ringside --help tells what they do)`);
  if (!isRunning(first)) throw new UserError(`'${first}' is not a command: ${listOf(Object.keys(COMMANDS), 'and')} are (ringside --help)`);
  if (first === 'strace') return straceLine(rest);
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
    if (word === '--help') return asked('help');
    readOption(first, word, words, options);
  }
  const [program, ...args] = words;
  if (program === undefined || program === '') throw new UserError(`the program is missing: ringside ${first} [OPTIONS] -- PROGRAM [ARGUMENTS]`);
  if (first === 'chart' && options.output === null) throw new UserError('-o FILE is missing: the file that the chart is drawn to');
  return { command: first, options, program, args, trace: null };
}

function straceLine(words: readonly string[]): CommandLine {
  const options = defaults();
  const read = parseStrace(words, BESIDE_STRACE, ({ spec, value }) => {
    const option = OPTIONS.find(one => one.flag === spec.id);
    if (option) setOption('strace', option, value, options);
  });
  if (read === 'help' || read === 'version') return asked(read);
  const { trace, environment, program, args } = read;
  if (options.json && trace.summary) throw new UserError('--json writes the log: the table of -c and -C has no JSON (ringside stat --json has figures)');
  return { command: 'strace', options: { ...options, environment }, program, args, trace };
}

const listOf = (words: readonly string[], last: 'and' | 'or'): string => `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;

/** One word that starts with '-': `-o FILE`, `-oFILE`, `--save DIR`, `--save=DIR`. */
function readOption(command: Running, word: string, rest: string[], options: Options): void {
  const isLong = word.startsWith('--'), [flag = '', ...more] = isLong ? word.split('=') : [word.slice(0, 2)];
  const option = OPTIONS.find(o => o.flag === flag);
  if (!option) throw new UserError(isStraceOption(flag) ? `${flag} is an option of ringside strace only` : `unknown option ${flag} (ringside --help)`);
  const value = isLong ? more.length > 0 ? more.join('=') : undefined : word.slice(2) || undefined;
  setOption(command, option, value ?? (option.value ? rest.shift() : undefined), options);
}

const isStraceOption = (flag: string): boolean => STRACE_OPTIONS.some(({ letter, names }) => flag === `-${letter}` || names.some(name => flag === `--${name}`));

function setOption(command: Running, option: Option, value: string | undefined, options: Options): void {
  if (!commandsOf(option).includes(command)) throw new UserError(`${option.flag} is an option of ringside ${listOf(commandsOf(option), 'and').replace(/^ and /, '')} only`);
  if (option.value && value === undefined) throw new UserError(`${option.flag} needs a value: ${option.flag} ${option.value}`);
  const text = value ?? '';
  switch (option.key) {
    case 'environment': options.environment.push(text); break;
    case 'json': case 'engine': case 'hidesVdso': options[option.key] = true; break;
    case 'costModel': options.costModel = parseCostModel(text); break;
    case 'chart':
      if (!CHART_IDS.includes(text)) throw new UserError(`--chart needs one of ${CHART_IDS.join(', ')}, not '${text}'`);
      options.chart = text;
      break;
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
