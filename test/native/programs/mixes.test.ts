// Mixes of strace's options on a program that does a little of everything: the whole log is that of the host's strace. SEED=7 takes one mix and shows it, MIXES=2000 takes so many.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { compiledPrograms, ENV } from './compare';
import { drawMix, maskLog, maskTable, unordered, type Mix } from './mixes';

const CLI = path.resolve('dist/cli.js');
const FEW = 60;
/** Where a run begins that takes more. */
const FROM = Number(process.env.FROM ?? 1);

interface Outcome { status: number; logs: Record<string, string>; /** The numbers in the names of files. */ pids: string[] }

/** Standard error, and the files of -o, by their names without the numbers of processes. */
function run(command: readonly string[], mix: Mix, program: string, folder: string): Outcome {
  const cwd = path.join(folder, 'run');
  mkdirSync(cwd);
  const script = '{ "$@" 2> err; echo $? > status; } | cat > out';
  spawnSync('/bin/sh', ['-c', script, 'sh', ...command, ...mix.options, program, ...mix.args], { cwd, env: ENV, encoding: 'latin1', timeout: 60_000 });
  const read = (name: string): string => readFileSync(path.join(cwd, name), 'latin1');
  const logs: Record<string, string> = { err: read('err').split('\n').filter(line => !/written in the sandbox|^Aborted|^ > |^ringside: System call number 999/.test(line)).join('\n') };
  // Without -o, files of the same name are the program's.
  const files = readdirSync(cwd).filter(name => name.startsWith('mix.log')).sort();
  files.forEach((name, i) => { logs[name === 'mix.log' ? name : `mix.log.${i}`] = read(name).replace(/^ > .*\n/gm, ''); });
  // Which frames are found in a static program, where strace finds few, is no matter of options.
  const status = Number(read('status'));
  rmSync(cwd, { recursive: true });
  return { status, logs, pids: files.flatMap(name => /\d+$/.exec(name) ?? []) };
}

/** The numbers of the processes: of the files of -ff, of what the log says of itself. */
const pidsOf = (logs: Record<string, string>): string[] => Object.values(logs).flatMap(text => [...text.matchAll(/(?:set_tid_address\(.*|clone\(.*|fork\(\)|fork resumed>\)|clone resumed>.*|get[pt]id\(\)|wait4\(.*|waitid\(.*) += (0x[0-9a-f]+|\d+)|Process (\d+) |si_pid=(\d+)/g)]
  .map(match => String(Number(match[1] ?? match[2] ?? match[3]))).filter(pid => pid.length > 2));

function comparable(outcome: Outcome, mix: Mix): Record<string, string[]> {
  const pids = [...outcome.pids, ...pidsOf(outcome.logs)], isSorted = /-S (calls|errors|name|nothing)/.test(mix.options.join(' '));
  return Object.fromEntries(Object.entries(outcome.logs).map(([name, text]) => {
    // What strace says may come in the middle of a line.
    const said: string[] = [], rest = text.replace(/strace: Process \d+ (attached|detached)\n/g, (line) => { said.push(line); return ''; });
    const lines = maskLog(maskTable((said.join('') + rest).split('\n'), isSorted).join('\n'), pids);
    return [name, mix.args[0] === 'children' ? unordered(lines) : lines];
  }));
}

describe('native: whatever options are mixed, the log is strace\'s', function () {
  const count = Number(process.env.MIXES ?? FEW);
  this.timeout(60_000 + count * 4000);
  const programs = compiledPrograms('mixes');

  const one = process.env.SEED === undefined ? null : Number(process.env.SEED);
  it(one === null ? `with ${count} mixes from ${FROM} on` : `with SEED=${one}`, () => {
    const program = programs.build('test/programs/strace/mix.c', ['-g', '-w', '-static']);
    const differing: string[] = [];
    for (const seed of one === null ? Array.from({ length: count }, (_, i) => FROM + i) : [one]) {
      const mix = drawMix(seed);
      if (one !== null) console.log(`      strace ${mix.options.join(' ')} mix ${mix.args.join(' ')}`);
      const native = run(['setarch', '-R', 'strace'], mix, program, programs.folder()), ours = run([process.execPath, CLI, 'strace'], mix, program, programs.folder());
      const wanted = { ...comparable(native, mix), status: [String(native.status)] }, got = { ...comparable(ours, mix), status: [String(ours.status)] };
      try { assert.deepEqual(got, wanted); }
      catch (error) { differing.push(`SEED=${seed}: strace ${mix.options.join(' ')} mix ${mix.args.join(' ')}\n${firstDifference(got, wanted)}`); void error; }
    }
    assert.equal(differing.join('\n'), '', `${differing.length} differ`);
  });
});

function firstDifference(got: Record<string, readonly string[]>, wanted: Record<string, readonly string[]>): string {
  const shown = process.env.SEED === undefined ? 2 : 40;
  return [...new Set([...Object.keys(wanted), ...Object.keys(got)])].flatMap((name) => {
    const a = wanted[name] ?? [], b = got[name] ?? [], found: string[] = [];
    for (let i = 0; i < Math.max(a.length, b.length) && found.length < shown; i++) if (a[i] !== b[i]) found.push(`  ${name}:${i + 1}\n    strace ${a[i]}\n    ours   ${b[i]}`);
    return found;
  }).join('\n');
}
