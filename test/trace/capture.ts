// A captured run (programs/capture.c) played into the log, and the host's strace of the same program to compare with.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { noFacts, Printer } from '../../src/trace/format/printer';
import { decodeSiginfo } from '../../src/trace/format/signal';
import { defaultOptions, type StraceOptions } from '../../src/trace/options';
import { StraceLog } from '../../src/trace/strace_text';
import { declarations } from './declarations';

const PID = 1001;

export const hasStrace = process.platform === 'linux' && process.arch === 'x64' && spawnSync('gcc', ['--version']).status === 0
  && /version 6\.1/.test(spawnSync('strace', ['-V'], { encoding: 'utf8' }).stdout ?? '') && spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

/** Memory as far as the capture saw it. */
class CapturedMemory {
  /** The newest first; without bytes: unmapped. */
  private recent: { at: number; length: number; bytes: Uint8Array | null }[] = [];
  set(at: number, bytes: Uint8Array): void { this.put(at, bytes.length, bytes); }
  put(at: number, length: number, bytes: Uint8Array | null): void {
    this.recent = [{ at, length, bytes }, ...this.recent.filter(c => c.at !== at || c.length > length)];
  }
  private byte(at: number): number | undefined {
    const chunk = this.recent.find(c => at >= c.at && at < c.at + c.length);
    return chunk?.bytes?.[at - chunk.at];
  }
  read(address: number, length: number): Uint8Array | null {
    const found: number[] = [];
    for (let k = 0; k < length; k++) {
      const b = this.byte(address + k);
      if (b === undefined) break;
      found.push(b);
    }
    return found.length > 0 ? Uint8Array.from(found) : null;
  }
}

/** The log that our formatter makes of a capture. */
export function replay(capture: string, options: Partial<StraceOptions> = {}): string {
  const memory = new CapturedMemory();
  let text = '';
  let stack = 0;
  const log = new StraceLog({
    declaration: nr => declarations.get(nr), memory: () => memory, facts: { ...noFacts, syscallName: nr => declarations.get(nr)?.name }, now: () => 0n,
    instructionPointer: () => 0, stackPointer: () => stack,
  }, { ...defaultOptions, ...options }, (part) => { text += part; });
  let nr = 0;
  for (const line of capture.trim().split('\n')) {
    const [kind, ...rest] = line.split(' ');
    if (kind === 'M') memory.set(Number(`0x${rest[0]}`), Buffer.from(rest[1] ?? '', 'hex'));
    else if (kind === 'E') {
      nr = Number(rest[0]);
      stack = Number(`0x${rest[7]}`);
      const words = rest.slice(1, 7).flatMap((h) => { const v = BigInt(`0x${h}`); return [Number(v & 0xffffffffn), Number(v >> 32n)]; });
      log.syscallEnter(PID, nr, 'x86-64', Float64Array.from(words));
    } else if (kind === 'U') memory.put(Number(`0x${rest[0]}`), Number(rest[1]), null);
    else if (kind === 'X') log.syscallExit(PID, nr, Number(rest[0]));
    else if (kind === 'S') {
      const p = new Printer(PID, { name: '', args: {}, ret: { c: '', kind: 'int', direction: 'in', decode: () => 0 } }, [], memory, defaultOptions, noFacts);
      log.signal(PID, Number(rest[0]), decodeSiginfo(p, Buffer.from(rest[1] ?? '', 'hex')));
    } else if (kind === 'Q') log.exit(PID, PID, Number(rest[0]));
  }
  return text;
}

export interface Pair { strace: string; capture: string }

/** Runs a program of programs/ under the host's strace and under capture, each in an empty folder of the same name. */
export function record(name: string, straceOptions: string[]): Pair {
  const base = mkdtempSync(path.join(tmpdir(), 'ringside-trace-'));
  const sources = path.resolve('test/trace/programs');
  const env = { PATH: '/usr/bin:/bin', TZ: 'UTC' };
  try {
    execFileSync('gcc', ['-w', '-O1', '-o', `${base}/capture`, `${sources}/capture.c`]);
    execFileSync('gcc', ['-w', '-O1', '-static', '-o', `${base}/prog`, `${sources}/${name}.c`]);
    const run = (argv: string[]): void => {
      execFileSync('mkdir', ['-p', `${base}/cwd`]);
      spawnSync('setarch', ['-R', ...argv], { cwd: `${base}/cwd`, env, stdio: ['ignore', 'ignore', 'ignore'], timeout: 30_000 });
      rmSync(`${base}/cwd`, { recursive: true, force: true });
    };
    run(['strace', ...straceOptions, '-o', `${base}/log`, '../prog']);
    run(['../capture', `${base}/out`, '../prog']);
    return { strace: readFileSync(`${base}/log`, 'latin1'), capture: readFileSync(`${base}/out`, 'latin1') };
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

/** What two runs cannot share: process numbers, random bytes, inode numbers, the time of day. */
export const mask = (line: string): string => line
  .replace(/(?<=(?:getpid|gettid|getppid|set_tid_address|fork|clone3?|wait4|waitid|kill|tgkill|tkill|setpgid|rt_sigqueueinfo)\b.*)\b\d{3,6}\b/g, 'PID')
  .replace(/ringside-trace-\w+/, 'FOLDER').replace(/^getcpu\(\[\d+\]/, 'getcpu([CPU]').replace(/si_pid=\d+/g, 'si_pid=PID').replace(/\bpid=\d+/g, 'pid=PID').replace(/si_value=\{[^}]*\}/, 'si_value={}')
  .replace(/^getrandom\("[^"]*"/, 'getrandom("..."').replace(/"(\\x[0-9a-f]{2}){8,}"/g, '"random"')
  .replace(/\bst_(ino|[amc]time|[amc]time_nsec)=-?\d+( \/\* [^*]* \*\/)?/g, 'st_$1=0').replace(/stx_(ino|[abcm]time)=(\d+|\{[^}]*\})( \/\* [^*]* \*\/)?/g, 'stx_$1=0')
  .replace(/htons\(\d{5}\)/g, 'htons(PORT)').replace(/\bd_(ino|off)=\d+/g, 'd_$1=0').replace(/(uptime|loads|freeram|bufferram|procs|sharedram|freeswap)=(\[[^\]]*\]|\d+)/g, '$1=0')
  .replace(/f_(bfree|bavail|ffree|fsid)=(\{[^}]*\}|\d+)/g, 'f_$1=0').replace(/tv_(sec|nsec|usec)=\d{3,}/g, 'tv_$1=T').replace(/ru_([a-z]+)=(\{[^}]*\}|\d+)/g, 'ru_$1=0').replace(/^times\(.*/, 'times');

export const goldenPath = (name: string): string => path.resolve('test/golden/trace', name);
export const readPair = (name: string, program: string): Pair | null => existsSync(goldenPath(`${name}.strace`))
  ? { strace: readFileSync(goldenPath(`${name}.strace`), 'latin1'), capture: gunzipSync(readFileSync(goldenPath(`${program}.capture.gz`))).toString('latin1') } : null;
export const writePair = (name: string, program: string, pair: Pair): void => {
  writeFileSync(goldenPath(`${name}.strace`), pair.strace, 'latin1');
  if (name === program) writeFileSync(goldenPath(`${program}.capture.gz`), gzipSync(Buffer.from(pair.capture, 'latin1'), { level: 9 }));
};
