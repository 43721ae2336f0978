// Programs of every kind, the stops that a person may ask for in them, and meeting those one after the other: for the tests of ways backwards.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { kernelDocument } from '../../src/debugger/kernel_source';
import { evaluateProgram } from '../../src/debugger/program_expression';
import type { StateHash } from '../../src/machine/state_hash';
import type { Position } from '../../src/trace/position';
import { Walk } from './walk';

const FOLDER = path.resolve('test/programs/time');
/** Stops that are met of one kind. */
export const MOST = 14;
const source = (name: string): string => path.join(FOLDER, `${name}.c`);
const lineOf = (name: string, text: string): number => readFileSync(source(name), 'utf8').split('\n').findIndex(line => line.includes(text)) + 1;

export interface Met { what: string; pid: number; position: Position; hash: StateHash }

/** A program, and what its stops are asked for by. `lines`: that are executed more than once; `call`: one that it makes. */
export interface Program { name: string; source: string; argv?: string[]; lines: string[]; functions: string[]; variable: string; calls: string; kernel: string }

export const PROGRAMS: Program[] = [
  ...[0, 2].map(level => ({ name: `walk${level}.elf`, source: 'walk', lines: ['int result =', 'if (n <= 1)'], functions: ['square', 'say'], variable: 'shared', calls: 'write if fd == 1', kernel: 'kernel:ksys_write' })),
  // Signals, a child, a thread and a long jump.
  ...[0, 2].map(level => ({ name: `turns${level}.elf`, source: 'turns', lines: ['if (n < 2)', 'counter += signo', 'counter += *(int'], functions: ['fib', 'thread', 'on_signal', 'on_alarm'], variable: 'counter', calls: '%process', kernel: 'kernel:do_exit' })),
  { name: 'hop0.elf', source: 'walk', argv: ['hop', path.join(FOLDER, 'walk0.elf')], lines: ['int result ='], functions: ['square', 'main'], variable: 'shared', calls: 'write,execve,fork,clone', kernel: 'kernel:ksys_write' },
];

/** Where a line's code and a variable lie: in another run, which is over before the one that is looked at begins, for there is one kernel. */
export interface Layout { code: bigint; data: bigint }
export function layoutOf({ name, argv, source: file, lines: [text = ''], variable }: Program): Layout {
  const walk = new Walk(path.basename(argv?.[1] ?? name));
  walk.toMain();
  const { core } = walk, frame = core.stackOf(1001).at(0);
  const [line] = core.setSourceBreakpoints(source(file), [{ line: lineOf(file, text) }]);
  const code = line?.addresses[0], data = frame && evaluateProgram(core.target, core.modules, frame, variable).value.place.address;
  assert.ok(code !== undefined && data !== undefined);
  return { code, data };
}

/** What the person sets; undefined: it has no meaning in that program. */
export const KINDS: Record<string, (walk: Walk, program: Program, layout: Layout) => void> = {
  'a line': ({ core }, { source: name, lines }) => { core.setSourceBreakpoints(source(name), lines.map(text => ({ line: lineOf(name, text) }))); },
  'a line with a condition': ({ core }, { source: name, lines: [text = ''] }) => { core.setSourceBreakpoints(source(name), [{ line: lineOf(name, text), condition: name === 'walk' ? 'x > 1' : 'n == 1' }]); },
  'every second hit of a line': ({ core }, { source: name, lines }) => { core.setSourceBreakpoints(source(name), lines.map(text => ({ line: lineOf(name, text), hitCondition: '%2' }))); },
  'a line that logs, and another': ({ core }, { source: name, lines: [text = ''], functions: [fn = ''] }) => {
    core.setSourceBreakpoints(source(name), [{ line: lineOf(name, text), logMessage: 'here {1 + 1}' }]);
    core.setFunctionBreakpoints([{ name: fn, hitCondition: '>1' }]);
  },
  'a function': ({ core }, { functions }) => { core.setFunctionBreakpoints(functions.map(name => ({ name }))); },
  'an instruction': ({ core }, _program, { code }) => { core.setInstructionBreakpoints([{ address: code }]); },
  'entries of calls': ({ core }, { calls }) => { core.setFilters([{ filter: 'syscall', condition: calls }]); },
  'entries and returns of calls': ({ core }, { calls }) => { core.setFilters([{ filter: 'syscall', condition: calls }, { filter: 'syscall-exit', condition: calls }]); },
  'calls with a result': ({ core }) => { core.setFilters([{ filter: 'syscall-exit', condition: 'ret > 0' }]); },
  'calls that fail': ({ core }) => { core.setFilters([{ filter: 'syscall-fail' }]); },
  'a function of the kernel': ({ core }, { kernel }) => { core.setFunctionBreakpoints([{ name: kernel }]); },
  'a line of the kernel': ({ core }, { kernel }) => {
    const fn = core.target.kernel.functions.find(({ name }) => `kernel:${name}` === kernel);
    core.setSourceBreakpoints(kernelDocument(fn?.file ?? ''), [{ line: (fn?.line ?? 0) + 2 }]);
  },
  'several kinds at once': ({ core }, { source: name, lines, functions, calls, kernel }) => {
    core.setSourceBreakpoints(source(name), lines.map(text => ({ line: lineOf(name, text), hitCondition: '%3' })));
    core.setFunctionBreakpoints([{ name: functions[1] ?? '' }, { name: kernel }]);
    core.setFilters([{ filter: 'syscall', condition: calls }]);
  },
};

/** Lets the program go again and again, until `most` stops were met or there are no more. `last`: what ended it. */
export function meet(walk: Walk, go: () => void, most = Infinity): { met: Met[]; last: string } {
  const met: Met[] = [];
  while (met.length < most) {
    go();
    const report = walk.finish();
    if (report.kind !== 'stopped') return { met, last: report.kind };
    if (report.text === 'the end of the recording' || report.text === 'the beginning of the recording') return { met, last: report.text };
    assert.ok(met.length < 200, `${report.reason} again and again, at ${walk.placeOf(report.pid)}`);
    met.push({ what: `${report.reason} ${report.text ?? ''} ${report.phase ?? ''} ${walk.placeOf(report.pid)}`, pid: report.pid, position: walk.core.target.timeline.position, hash: walk.hash });
  }
  return { met, last: 'enough' };
}
