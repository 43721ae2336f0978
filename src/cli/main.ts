// The command: `ringside run | strace | stat | chart | record | replay`.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { writeAll } from '../host/node/console';
import { launchMachine } from '../machine/launch';
import { helpFor, parseArguments } from './arguments';
import { recordProgram, replayProgram } from './record';
import { loadProgram, runProgram, sentenceOf, type LoadProgram } from './run';

const STDOUT = 1, STDERR = 2;
const MISTAKE = 2, INTERNAL = 70;

async function main(argv: string[]): Promise<number> {
  const line = parseArguments(argv);
  if (line.command === 'help') {
    writeAll(STDOUT, Buffer.from(helpFor(argv)));
    return 0;
  }
  const product = (): string => `ringside ${(JSON.parse(readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8')) as { version: string }).version}`;
  if (line.command === 'version') {
    writeAll(STDOUT, Buffer.from(`${product()}\n`));
    return 0;
  }
  const load: LoadProgram = (wanted, attach) => loadProgram(wanted, launchMachine, attach);
  if (line.command === 'stat' && line.options.engine) return (await import('./timing.js')).runEngineStat(line, load);
  if (line.command === 'stat') return (await import('./timing.js')).runStat(line, load);
  if (line.command === 'chart') return (await import('./timing.js')).runChart(line, load);
  if (line.command === 'record') return recordProgram(line, load, product());
  if (line.command === 'replay') return replayProgram(line, launchMachine, product());
  return runProgram(line, launchMachine);
}

main(process.argv.slice(2)).then(
  status => process.exit(status),
  (error: unknown) => {
    writeAll(STDERR, Buffer.from(`ringside: ${sentenceOf(error)}\n`));
    process.exit(error instanceof Error && error.name === 'UserError' ? MISTAKE : INTERNAL);
  },
);
