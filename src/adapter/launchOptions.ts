// The options of a launch configuration: one row each. package.json's schema is compared with these rows by a test.
// Not here: what they do (launcher.ts).

import { COST_MODELS, type CostModelName } from '../machine/cost_model';

export interface LaunchOption {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'array' | 'object' | readonly ['string', 'number' | 'object'];
  readonly isRequired?: boolean;
  readonly default?: unknown;
  readonly description: string;
}

export const launchOptions: readonly LaunchOption[] = [
  { name: 'program', type: 'string', isRequired: true, description: 'The x86-64 Linux program (an ELF file) to debug.' },
  { name: 'args', type: 'array', default: [], description: 'Arguments of the program.' },
  { name: 'cwd', type: 'string', description: 'Working directory of the program; default: the folder of the program.' },
  { name: 'env', type: 'object', default: {}, description: 'Environment variables to add to those of this computer; null removes one.' },
  { name: 'stopOnEntry', type: 'boolean', default: false, description: 'Stop at main, or at the entry point of a program without one.' },
  { name: 'sysroot', type: 'string', description: "Folder that the program sees as /; default: this computer's own root on Linux." },
  { name: 'sourceMap', type: 'object', default: {}, description: 'Source folders as the debug information names them, and where they are here.' },
  { name: 'stepInto', type: 'string', default: 'syscalls', description: 'What a step into enters: functions with source (source), the wrappers of system calls in the C library besides (syscalls), or every function (all).' },
  { name: 'epoch', type: ['string', 'number'], description: "The time at which the program's clock starts: seconds since 1970 or an ISO 8601 date." },
  { name: 'costModel', type: 'string', default: 'bare-metal', description: 'What the time of the program is priced like: bare-metal, pti (page-table isolation) or vm.' },
  { name: 'vdso', type: 'boolean', default: true, description: 'Whether the program sees a vDSO; without one its clock calls are real calls.' },
  { name: 'trace', type: 'object', default: { memoryMB: 256 }, description: 'memoryMB: how much memory the events and the log of a run may take; older ones are derived again when they are asked for.' },
  { name: 'recording', type: ['string', 'object'], default: { memoryMB: 512 }, description: 'memoryMB: how much memory the past of the run may take. Or a file that ringside record has written, to be debugged instead of a program.' },
  { name: 'onPastEdit', type: 'string', default: 'ask', description: 'What a change in the past does: ask first, branch (discard what was recorded after it) or refuse.' },
];

const STEP_INTO = ['syscalls', 'source', 'all'] as const;
const PAST_EDITS = ['ask', 'branch', 'refuse'] as const;

export interface LaunchConfig {
  program: string;
  args: string[];
  cwd?: string;
  env: Record<string, string | null>;
  stopOnEntry: boolean;
  sysroot?: string;
  sourceMap: Record<string, string>;
  stepInto: typeof STEP_INTO[number];
  epoch?: string | number;
  costModel: CostModelName;
  vdso: boolean;
  trace: { memoryMB: number };
  recording: { memoryMB: number; file?: string };
  onPastEdit: typeof PAST_EDITS[number];
  noDebug: boolean;
}

/** The configuration of a launch request, or a sentence that says what is wrong with it. */
export function readLaunchConfig(given: Readonly<Record<string, unknown>>): LaunchConfig | string {
  for (const { name, type, isRequired } of launchOptions) {
    const value = given[name];
    if (value === undefined || value === null) {
      if (isRequired && typeof given['recording'] !== 'string') return `the launch configuration needs "${name}"`;
      continue;
    }
    const types: readonly string[] = typeof type === 'string' ? [type] : type;
    const actual = Array.isArray(value) ? 'array' : typeof value;
    if (!types.includes(actual)) return `"${name}" in the launch configuration must be ${types.map(t => t === 'array' || t === 'object' ? `an ${t}` : `a ${t}`).join(' or ')}, not ${JSON.stringify(value)}`;
  }
  const text = (name: string): string | undefined => given[name] === undefined || given[name] === null || given[name] === '' ? undefined : String(given[name]);
  const file = typeof given['recording'] === 'string' ? text('recording') : undefined;
  const program = text('program') ?? file;
  if (program === undefined) return 'the launch configuration needs "program"';
  const args = Array.isArray(given['args']) ? given['args'] : [];
  const wrong = args.find(a => typeof a !== 'string' && typeof a !== 'number');
  if (wrong !== undefined) return `"args" in the launch configuration must hold strings, not ${JSON.stringify(wrong)}`;
  const env: Record<string, string | null> = {};
  for (const [name, value] of entries(given['env'])) env[name] = value === null ? null : String(value);
  const sourceMap: Record<string, string> = {};
  for (const [from, to] of entries(given['sourceMap'])) sourceMap[from] = String(to);
  const epoch = given['epoch'];
  const costModel = COST_MODELS.find(name => name === (text('costModel') ?? COST_MODELS[0]));
  if (!costModel) return `"costModel" in the launch configuration is one of ${COST_MODELS.join(', ')}, not ${JSON.stringify(given['costModel'])}`;
  const stepInto = STEP_INTO.find(name => name === (text('stepInto') ?? STEP_INTO[0]));
  if (!stepInto) return `"stepInto" in the launch configuration is one of ${STEP_INTO.join(', ')}, not ${JSON.stringify(given['stepInto'])}`;
  const onPastEdit = PAST_EDITS.find(name => name === (text('onPastEdit') ?? PAST_EDITS[0]));
  if (!onPastEdit) return `"onPastEdit" in the launch configuration is one of ${PAST_EDITS.join(', ')}, not ${JSON.stringify(given['onPastEdit'])}`;
  const pastMB = Object.fromEntries(entries(given['recording']))['memoryMB'] ?? 512;
  if (typeof pastMB !== 'number' || !(pastMB > 0)) return `"recording": { "memoryMB" } in the launch configuration must be a number above 0, not ${JSON.stringify(pastMB)}`;
  const memoryMB = Object.fromEntries(entries(given['trace']))['memoryMB'] ?? 256;
  if (typeof memoryMB !== 'number' || !(memoryMB > 0)) return `"trace": { "memoryMB" } in the launch configuration must be a number above 0, not ${JSON.stringify(memoryMB)}`;
  return {
    program, args: args.map(String), cwd: text('cwd'), env, stepInto, stopOnEntry: given['stopOnEntry'] === true, sysroot: text('sysroot'), sourceMap,
    epoch: typeof epoch === 'number' || typeof epoch === 'string' ? epoch : undefined, noDebug: given['noDebug'] === true,
    costModel, vdso: given['vdso'] !== false, trace: { memoryMB }, onPastEdit, recording: { memoryMB: pastMB, ...(file === undefined ? {} : { file }) },
  };
}

/** Nanoseconds since 1970, or a sentence. */
export function parseEpoch(epoch: string | number): bigint | string {
  if (typeof epoch === 'number' || /^\d+(\.\d+)?$/.test(epoch)) {
    const seconds = Number(epoch);
    return Number.isFinite(seconds) && seconds >= 0 ? BigInt(Math.round(seconds * 1000)) * 1_000_000n : `"epoch" must not be negative: ${epoch}`;
  }
  const milliseconds = Date.parse(epoch);
  return Number.isNaN(milliseconds) ? `"epoch" is neither seconds since 1970 nor an ISO 8601 date: ${epoch}` : BigInt(milliseconds) * 1_000_000n;
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
