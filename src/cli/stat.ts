// `ringside stat`: runs a program, then prints where its time went, each kind of call, the vDSO beside the real calls, and advice by line - or the same as JSON.
import type { Run } from '../charts/chart';
import { charts, findChart } from '../charts/charts';
import { adviceText, findAdvice } from '../charts/advice/advice';
import { tableObjects, tableText } from '../charts/text';
import { assert } from '../base/assert';
import type { CommandLine } from './arguments';
import { measure } from './measure';
import type { LoadProgram } from './run';
import { TraceOutput } from './trace_output';

/** The exit status: the program's. Throws UserError. */
export async function runStat(line: CommandLine, loadProgram: LoadProgram): Promise<number> {
  const output = new TraceOutput(line.options.output);
  const { run, status } = await measure(line, loadProgram);
  output.write(Buffer.from(line.options.json ? statJson(run) : statText(run), 'utf8').toString('latin1'));
  output.close();
  return status;
}

function section(id: string, run: Run): { sentence: string | null; table: string } {
  const chart = findChart(id);
  assert(chart, `no chart ${id}`);
  const model = chart.model(run);
  return { sentence: chart.sentence(model), table: tableText(chart.table(model)) };
}

/** What a terminal shows. */
export function statText(run: Run): string {
  const tasks = section('timeline', run), calls = section('distribution', run), vdso = section('vdso', run);
  const advice = findAdvice(run);
  return [
    '', tasks.sentence ?? 'Nothing ran.', '', tasks.table,
    ...calls.sentence === null ? [] : [calls.sentence, '', calls.table],
    ...vdso.sentence === null ? [] : [vdso.sentence, '', vdso.table],
    ...advice.length === 0 ? [] : ['Advice', ...advice.map(adviceText)], '',
  ].join('\n');
}

/** Times are nanoseconds, shares from 0 to 1. */
export function statJson(run: Run): string {
  const tables = Object.fromEntries(charts.filter(chart => chart.id !== 'anatomy').map(chart => [chart.id, tableObjects(chart.table(chart.model(run)))]));
  return `${JSON.stringify({ program: run.program, elapsedNs: run.nowNs, ...tables, advice: findAdvice(run) }, null, 2)}\n`;
}
