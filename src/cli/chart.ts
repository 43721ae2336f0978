// `ringside chart`: runs a program, then draws it.
import { writeFileSync } from 'node:fs';
import { assert } from '../base/assert';
import { UserError } from '../base/errors';
import { findChart } from '../charts/charts';
import { renderSvg } from '../charts/render';
import type { CommandLine } from './arguments';
import { measure } from './measure';
import type { LoadProgram } from './run';

/** The exit status: the program's. Throws UserError. */
export async function runChart(line: CommandLine, loadProgram: LoadProgram): Promise<number> {
  const { output, chart: id } = line.options;
  const chart = findChart(id ?? 'timeline');
  assert(chart && output !== null, 'the command line was checked');
  const { run, status } = await measure(line, loadProgram);
  try {
    writeFileSync(output, renderSvg(chart, run));
  } catch (error) {
    throw new UserError(`${output} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  return status;
}
