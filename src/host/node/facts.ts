// What the guest is told of this computer and its user: ids, groups, umask, node name, limits. Off Linux: fixed values.
import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { LaunchFacts } from '../../machine/host';

const INFINITY = 0xffffffffffffffffn;

/** The rows of /proc/PID/limits in the order of the RLIMIT_ numbers. Linux: fs/proc/base.c:lnames */
const LIMITS = [
  'Max cpu time', 'Max file size', 'Max data size', 'Max stack size', 'Max core file size', 'Max resident set', 'Max processes', 'Max open files',
  'Max locked memory', 'Max address space', 'Max file locks', 'Max pending signals', 'Max msgqueue size', 'Max nice priority', 'Max realtime priority', 'Max realtime timeout',
];

/** The limits of a fresh login on Linux, where this computer has none to tell. */
const DEFAULT_LIMITS: LaunchFacts['rlimits'] = LIMITS.map(name => {
  if (name === 'Max stack size') return { cur: 8388608n, max: INFINITY };
  if (name === 'Max open files') return { cur: 1024n, max: 1048576n };
  if (name === 'Max core file size') return { cur: 0n, max: INFINITY };
  if (name === 'Max nice priority' || name === 'Max realtime priority') return { cur: 0n, max: 0n };
  if (name === 'Max locked memory') return { cur: 8388608n, max: 8388608n };
  if (name === 'Max msgqueue size') return { cur: 819200n, max: 819200n };
  if (name === 'Max pending signals' || name === 'Max processes') return { cur: 31000n, max: 31000n };
  return { cur: INFINITY, max: INFINITY };
});

/** The text of /proc/PID/limits as numbers; a row that is missing is unlimited. */
export function parseLimits(text: string): LaunchFacts['rlimits'] {
  const value = (word: string | undefined): bigint => word === undefined || word === 'unlimited' ? INFINITY : BigInt(word);
  const lines = text.split('\n');
  return LIMITS.map(name => {
    const words = lines.find(line => line.startsWith(name))?.slice(name.length).trim().split(/\s+/) ?? [];
    return { cur: value(words[0]), max: value(words[1]) };
  });
}

/**
 * The facts of this computer. The limits are those of our parent process, since Node raises its own limit of open files when it starts.
 */
export function nodeFacts(): LaunchFacts {
  if (process.platform !== 'linux') {
    return { uid: 1000, gid: 1000, groups: [1000], umask: 0o022, nodename: 'ringside', rlimits: DEFAULT_LIMITS };
  }
  const umask = /^Umask:\s*([0-7]+)/m.exec(read('/proc/self/status'))?.[1];
  const limits = read(`/proc/${process.ppid}/limits`) || read('/proc/self/limits');
  return {
    uid: process.getuid?.() ?? 1000, gid: process.getgid?.() ?? 1000, groups: supplementary(), umask: umask === undefined ? 0o022 : parseInt(umask, 8),
    nodename: os.hostname(), rlimits: limits ? parseLimits(limits) : DEFAULT_LIMITS,
  };
}

/** The supplementary groups as the kernel has them: process.getgroups() adds the effective one. */
function supplementary(): number[] {
  const line = /^Groups:[ \t]*(.*)$/m.exec(read('/proc/self/status'))?.[1];
  return line === undefined ? process.getgroups?.() ?? [] : line.trim().split(/\s+/).filter(word => word).map(Number);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
