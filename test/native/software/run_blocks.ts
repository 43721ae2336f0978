// Runs the blocks of a script natively and in the machine. A block begins with "## what it shows", runs in a bash and an empty folder of its own, and is judged by what it
// prints (standard error included) and its status. "#! needs: A B" before the first block names the programs without which the file is skipped.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ENV } from '../programs/compare';

export interface Block { title: string; script: string }
export interface Blocks { needs: string[]; blocks: Block[] }

const CLI = path.resolve('dist/cli.js');

export function readBlocks(file: string): Blocks {
  const [head = '', ...parts] = readFileSync(file, 'utf8').split(/^## /m);
  return {
    needs: /^#! needs: (.*)$/m.exec(head)?.[1]?.split(' ') ?? [],
    blocks: parts.map(part => {
      const end = part.indexOf('\n');
      return { title: part.slice(0, end), script: part.slice(end + 1).trimEnd() };
    }),
  };
}

/** The programs of `needs` that this computer does not have. */
export function missingPrograms(needs: readonly string[]): string[] {
  return needs.filter(name => spawnSync('/bin/sh', ['-c', `command -v "$1" || test -e "$1"`, 'sh', name], { env: ENV }).status !== 0);
}

/** Each block's output and status, in order; a block that was not reached has none. */
export interface Results { outcomes: string[]; trouble: string }

/** What differs from run to run and says nothing: the folder stays, the names of processes go, with the blanks that make short ones five places wide. */
const mask = (text: string): string => text.replace(/(line \d+: ) *\d+ /g, '$1PID ');

/** All blocks in one process, natively or in the machine. The folder has the same name in both. */
export function runBlocks(blocks: readonly Block[], folder: string, inMachine: boolean, timeoutMs = 240_000): Results {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  blocks.forEach((block, i) => writeFileSync(path.join(folder, `${i}.sh`), `${block.script}\n`));
  const all = path.join(folder, 'all.sh');
  writeFileSync(all, `umask 022\nfor i in $(seq 0 ${blocks.length - 1}); do mkdir $i; (cd $i && exec bash ../$i.sh) </dev/null >out 2>&1; status=$?; cat out; printf '\\n## %d status %d\\n' $i $status; done\n`);
  const [file, args] = inMachine ? [process.execPath, [CLI, 'run', '--', '/bin/bash', all]] : ['/bin/bash', [all]];
  const done = spawnSync(file, args, { cwd: folder, env: { ...ENV, HOME: folder, TZ: 'UTC', LC_ALL: 'C.UTF-8' }, encoding: 'latin1', timeout: timeoutMs, maxBuffer: 1 << 26 });
  const outcomes: string[] = [];
  let rest = done.stdout;
  for (let i = 0; i < blocks.length; i++) {
    const end = new RegExp(`\\n## ${i} (status \\d+)\\n`).exec(rest);
    if (!end) break;
    outcomes.push(`${mask(rest.slice(0, end.index))}\n${end[1] ?? ''}`);
    rest = rest.slice(end.index + end[0].length);
  }
  const trouble = outcomes.length === blocks.length ? '' : `it ended with ${done.signal ?? done.status} ${done.error?.message ?? ''}\n${rest}\n${done.stderr}`;
  return { outcomes, trouble };
}

export const makeFolder = (): string => path.join(mkdtempSync(path.join(os.tmpdir(), 'ringside-software-')), 'w');
