// The small guest programs of test/programs/kernel: builds a family, runs a case natively under strace -f and in the machine in this process, and makes
// the two logs comparable. The design is told at the head of test/programs/kernel/cases.h.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { NodeFiles } from '../../../src/host/node/files';
import { nodeFacts } from '../../../src/host/node/facts';
import type { LaunchOptions, Session } from '../../../src/machine/assemble';
import { launchMachine } from '../../../src/machine/launch';
import { defaultOptions } from '../../../src/trace/options';
import { StraceLog } from '../../../src/trace/strace_text';
import { ENV } from '../programs/compare';

export interface Case { family: string; name: string; needsRoot: boolean }
export interface Outcome { stdout: string; stderr: string; status: number | null; log: string[] }

const SOURCES = 'test/programs/kernel';
const CACHE = path.resolve('.cache/kernel-cases');
const FLAGS = ['-static', '-O1', '-w', '-pthread'];
const MARK = 'close(-1000)';
/** As cases.h has it. */
const UNCOMPARED = /^(?:read|recvmsg|[gs]etsockopt)\(99, /;
/** More than any case needs: a case that hangs ends. */
const SECONDS = 20, INSTRUCTIONS = 300_000_000;

/** Families that mount: each case has a namespace of mounts of its own on the host. */
const PRIVATE = new Set(['mounts']);

const hash = (...parts: (string | Buffer)[]): string => parts.reduce((sum, part) => sum.update(part).update('\0'), createHash('sha256')).digest('hex').slice(0, 20);

export function families(): string[] {
  return readdirSync(SOURCES).filter(name => name.endsWith('.c')).map(name => name.slice(0, -2)).sort();
}

/** The cases of a family, as its source declares them. */
export function casesOf(family: string): Case[] {
  const source = readFileSync(path.join(SOURCES, `${family}.c`), 'latin1');
  return [...source.matchAll(/^(ROOT_)?CASE\((\w+)\)/gm)].map(match => ({ family, name: match[2] ?? '', needsRoot: match[1] !== undefined }));
}

/** The headers beside a source that it and they name. */
function headersOf(source: string): string[] {
  const own = [...readFileSync(source, 'latin1').matchAll(/^#include "(\w+\.h)"/gm)].map(match => path.join(path.dirname(source), match[1] ?? ''));
  return [...new Set(own.flatMap(header => [header, ...headersOf(header)]))];
}

/** The family's program. */
export const build = (family: string): string => buildProgram(path.join(SOURCES, `${family}.c`));

/** A static program, compiled once for its content. */
export function buildProgram(source: string): string {
  const program = path.join(CACHE, hash(readFileSync(source), ...headersOf(source).map(header => readFileSync(header)), FLAGS.join(' ')), path.basename(source, '.c'));
  if (existsSync(program)) return program;
  mkdirSync(path.dirname(program), { recursive: true });
  const made = `${program}.${process.pid}`;
  const built = spawnSync('gcc', [...FLAGS, '-o', made, source], { encoding: 'utf8' });
  assert.equal(built.status, 0, built.stderr);
  renameSync(made, program);
  return program;
}

/** An empty folder that every user may work in, with room beside it. */
function emptyFolder(): { folder: string; cwd: string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-case-')), cwd = path.join(folder, 'cwd');
  chmodSync(folder, 0o777);
  mkdirSync(cwd);
  chmodSync(cwd, 0o777);
  return { folder, cwd };
}

/** What the host says, kept for the program's content and this kernel; `again` asks it anew. */
export function runNative(program: string, { family, name }: Case, again = false): Outcome {
  const kept = path.join(path.dirname(program), `${name}-${hash(os.release(), os.userInfo().username)}.json`);
  if (!again && existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as Outcome;
  const { folder, cwd } = emptyFolder();
  try {
    const at = (file: string): string => path.join(folder, file);
    // Standard input and output are pipes, as in the machine.
    const script = `: | { env -u PWD -u OLDPWD -u SHLVL -u _ timeout -k 1 ${SECONDS} ${PRIVATE.has(family) ? 'unshare -m --propagation private ' : ''}setarch -R strace -f -o ${at('log')} "$@" 2> ${at('err')}; echo $? > ${at('status')}; } | cat > ${at('out')}`;
    spawnSync('/bin/sh', ['-c', script, 'sh', program, name], { cwd, env: ENV, timeout: (SECONDS + 5) * 1000 });
    const read = (file: string): string => readFileSync(at(file), 'latin1');
    const outcome: Outcome = { stdout: read('out'), stderr: read('err'), status: Number(read('status')), log: maskLog(read('log')) };
    writeFileSync(kept, JSON.stringify(outcome));
    return outcome;
  } finally {
    spawnSync('chmod', ['-R', 'u+rwx', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same in the machine, in this process. */
export function runMachine(program: string, { name }: Case, options: Partial<LaunchOptions> = {}, attach: (session: Session) => void = () => undefined): Outcome {
  const text = ['', '', ''], log: string[] = [], { folder, cwd } = emptyFolder();
  let elapsedNs = 0;
  try {
    const session = launchMachine({ program, argv: [program, name], env: Object.entries(ENV).map(([key, value]) => `${key}=${value}`), cwd, ...options }, {
      files: new NodeFiles(), facts: nodeFacts(), epochNs: BigInt(Date.now()) * 1_000_000n, elapsedNs: () => elapsedNs,
      console: {
        kind: unit => unit === 2 ? 'file' : 'pipe', windowSize: () => ({ rows: 24, columns: 80 }), take: () => 'eof', wait: async () => true,
        write: (unit, bytes) => { text[unit] += Buffer.from(bytes).toString('latin1'); },
      },
    }, made => {
      attach(made);
      made.machine.listen(new StraceLog(made.logSource, { ...defaultOptions, follow: true, toFile: true }, line => log.push(line)));
    });
    let stop = session.machine.run(INSTRUCTIONS);
    // Nothing comes from the host that a task waits for: its time passes at once.
    for (; stop.kind === 'idle' && Number.isFinite(stop.waitMs); stop = session.machine.run(INSTRUCTIONS)) elapsedNs += Math.ceil(stop.waitMs * 1e6);
    const status = stop.kind === 'exited' ? stop.status : null;
    if (stop.kind !== 'exited') text[2] += stop.kind === 'deadlock' ? `deadlock: ${stop.waits.join(', ')}\n` : `still running: ${stop.kind}\n`;
    return { stdout: text[1] ?? '', stderr: text[2] ?? '', status, log: maskLog(log.join('')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A log of strace -f from the mark on: pids by the order of their creation, calls that others interrupted in one line, tasks one after the other, without what
 * differs from run to run.
 */
export function maskLog(log: string): string[] {
  const tasks = new Map<string, { lines: string[]; children: string[]; open: string }>();
  let isMarked = false;
  for (const line of log.split('\n')) {
    const [, pid = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (pid === '') continue;
    const task = tasks.get(pid) ?? { lines: [], children: [], open: '' };
    tasks.set(pid, task);
    isMarked ||= text.startsWith(MARK);
    if (!isMarked || text.startsWith(MARK)) continue;
    const superseding = /^\+\+\+ superseded by execve in pid (\d+)/.exec(text);
    const begun = /^(.*?) ?<unfinished \.\.\.>$/.exec(text), resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text);
    if (superseding) task.open = tasks.get(superseding[1] ?? '')?.open ?? '';
    if (begun) task.open = begun[1] ?? '';
    else if (text.startsWith('--- SIGCHLD')) task.children.push(text);
    else if (!UNCOMPARED.test(resumed ? task.open : text)) task.lines.push(resumed ? task.open + (resumed[1] ?? '') : text);
  }
  const pids = [...tasks.keys()].sort((a, b) => Number(a) - Number(b));
  const named = (line: string): string => line.replace(/\b\d{3,}\b/g, number => tasks.has(number) ? `P${pids.indexOf(number) + 1}` : number);
  return pids.flatMap(pid => {
    const task = tasks.get(pid);
    return [...task?.lines ?? [], ...(task?.children ?? []).sort()].map(line => `${named(pid)} ${maskLine(named(line))}`);
  });
}

/** Addresses, times that passed, and processes outside the case. */
function maskLine(line: string): string {
  return line
    .replace(/\)\s+= /, ') = ')
    .replace(/\b0x[0-9a-f]{6,16}\b/g, 'ADDR')
    .replace(/(getrandom\(")(?:[^"\\]|\\.)*"/, '$1RANDOM"')
    // System V ids and times of all programs of a computer.
    .replace(/\b((?:shm|sem|msg)get\(.*) = \d+$/, '$1 = ID')
    .replace(/\b(shmat|shmctl|semctl|semop|semtimedop|msgsnd|msgrcv|msgctl)\(\d+,/, '$1(ID,')
    .replace(/\b((?:shm|sem|msg)_[adcsro]time)=[1-9]\d*/g, '$1=TIME')
    // Where the program lies.
    .replace(/(readlink\("\/proc\/self\/exe", )"[^"]*"(?:\.\.\.)?, 4096\) = \d+/, '$1PROGRAM')
    // The older structures of ipc(2), which strace takes for the newer ones.
    .replace(/(_perm=\{uid=4294\d+).*/, '$1 OTHER')
    .replace(/\btime\((.*)\) = \d+ \(.*\)$/, 'time($1) = TIME')
    // What file systems call themselves and their entries, and how they are mounted.
    .replace(/\bf_handle="[^"]*"/, 'f_handle=HANDLE')
    .replace(/(name_to_handle_at\(.*\}, )\[\d+\]/, '$1[ID]')
    .replace(/\bf_fsid=\{.*?\}/, 'f_fsid=ID')
    .replace(/\bf_flags=[\w|]+/, 'f_flags=FLAGS')
    .replace(/\bf_(blocks|bfree|bavail|files|ffree)=[1-9]\d*/g, 'f_$1=ROOM')
    .replace(/(readdir\(\d+, \{)d_ino=\d+, d_off=-?\d+, d_reclen=\d+, d_name="[^"]*"/, '$1ENTRY')
    .replace(/\bru_([us])time=\{[^}]*\}/g, 'ru_$1time={TIME}')
    .replace(/\b(getppid|getpgrp|getpgid|getsid)(\(.*\)) = \d+$/, '$1$2 = OUTSIDE')
    .replace(/(read\(\d+, "[0-9a-f]{8}-.*) = \d+$/, '$1 = LENGTH')
    .replace(/(read\(\d+, "Name:\\t.*) = \d+$/, '$1 = LENGTH')
    // /proc/PID/maps names what Linux maps for itself, which differs between versions.
    .replace(/\b(read|write)(\(\d+, )"[0-9a-f]{8,12}-[^"]*"\.\.\., \d+\) = \d+/, '$1$2MAPS)')
    .replace(/\bsysinfo\(\{.*\}\)/, 'sysinfo(FACTS)')
    // Ports that the system chose.
    .replace(/htons\((3276[89]|327[7-9]\d|32[89]\d\d|3[3-9]\d{3}|[4-6]\d{4})\)/g, 'htons(PORT)')
    .replace(/\bsi_overrun=\d{4,}/, 'si_overrun=MANY')
    .replace(/\b(timer_getoverrun\(.*\) = )\d{4,}$/, '$1MANY')
    .replace(/\btimes\((.*)\) = \d+$/, 'times($1) = TICKS')
    .replace(/\bsched_runtime=\d+/, 'sched_runtime=SLICE')
    .replace(/\bsi_([us])time=\d+(?: \/\* [^*]* \*\/)?/g, 'si_$1time=T')
    .replace(/\{tv_sec=(\d+), tv_([nu])sec=(\d+)\}/g, (all, seconds: string, unit: string, rest: string) => seconds.length > 6 || Number(rest) % (unit === 'n' ? 100_000 : 100) ? '{TIME}' : all)
    .replace(/\b(st_[amc]time|stx_[abmc]time)(=[^,}]*)/g, '$1')
    .replace(/ringside-case-\w{6}(\/cwd)?/g, 'CWD');
}
