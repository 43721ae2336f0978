// What a system call costs, in time of the processor, which other programs do not lengthen: without a breakpoint, with the probed kernel loaded but none set, and with one on vfs_write.
// The calls that cannot come to vfs_write are to stay within 1.3 of the first; those that can run in the probed build, each of them.
import { writeFileSync } from 'node:fs';
import { NodeFiles } from '../../src/host/node/files';
import { nodeFacts } from '../../src/host/node/facts';
import { findKernelFunctions } from '../../src/debugger/kernel_source';
import type { Host } from '../../src/machine/host';
import { launchMachine } from '../../src/machine/launch';

const PROGRAM = `${process.cwd()}/bench/syscalls/calls.elf`;
const COUNT = Number(process.argv[2] ?? 150_000), ROUNDS = Number(process.argv[3] ?? 5);
/** The calls of calls.c. */
const KINDS: Record<string, readonly string[]> = { getpid: ['getpid'], read: ['read'], open: ['openat', 'close'], pipe: ['write', 'read'] };
const host: Host = {
  files: new NodeFiles(), facts: nodeFacts(), epochNs: 0n, elapsedNs: () => 0,
  console: { kind: () => 'null', windowSize: () => ({ rows: 24, columns: 80 }), write: () => undefined, take: () => 'eof', wait: async () => true },
};

/** Nanoseconds of a run of `count` rounds of calls. */
function measure(kind: string, count: number, prepare: (session: ReturnType<typeof launchMachine>) => void): number {
  const session = launchMachine({ program: PROGRAM, argv: [PROGRAM, kind, String(count)], env: [], cwd: '/tmp' }, host);
  prepare(session);
  const target = session.target(), start = process.cpuUsage();
  for (let stop = target.run(1e9); stop.kind !== 'exited'; stop = target.run(1e9));
  const { user, system } = process.cpuUsage(start);
  return (user + system) * 1000;
}

const setups: [name: string, prepare: (session: ReturnType<typeof launchMachine>) => void][] = [
  ['plain', () => undefined],
  ['looked inside', session => {
    const target = session.target(), nothing = { breakpoints: new Set<bigint>(), watchpoints: [], syscallExit: null, signals: null };
    target.setStopRequests({ ...nothing, syscallEnter: () => true });
    while (target.run(1e9).kind !== 'syscall');
    if (!target.kernel.goTo(0)) throw new Error('the kernel was not looked into');
    target.kernel.leave();
    target.setStopRequests({ ...nothing, syscallEnter: null });
  }],
  ['breakpoint', session => {
    const target = session.target(), probes = new Set(findKernelFunctions(target.kernel, 'vfs_write').flatMap(fn => fn.probes));
    target.setStopRequests({ breakpoints: new Set(), watchpoints: [], syscallEnter: null, syscallExit: null, signals: null, kernel: { probes, accepts: () => false } });
  }],
];
/** Those of `calls` that can come to vfs_write by the call graph. */
function reaching(calls: readonly string[]): string[] {
  const { kernel } = launchMachine({ program: PROGRAM, argv: [PROGRAM, 'getpid', '0'], env: [], cwd: '/tmp' }, host).target();
  const places = findKernelFunctions(kernel, 'vfs_write').map(fn => `${fn.file}:${fn.line}`);
  return calls.filter(call => places.some(place => kernel.distancesFrom(call).has(place)));
}

const lines = [`# nanoseconds of processor time a call: the best of ${ROUNDS} runs of ${COUNT} rounds of calls, less the best of as many runs of none; the ratio is to plain`];
for (const [kind, calls] of Object.entries(KINDS)) {
  const best = setups.map(() => ({ all: Infinity, none: Infinity }));
  for (let round = 0; round < ROUNDS; round++) {
    setups.forEach(([, prepare], i) => {
      const least = best[i];
      if (least) Object.assign(least, { all: Math.min(least.all, measure(kind, COUNT, prepare)), none: Math.min(least.none, measure(kind, 0, prepare)) });
    });
  }
  const costs = best.map(({ all, none }) => (all - none) / COUNT / calls.length), can = reaching(calls);
  setups.forEach(([name], i) => lines.push(`${kind} ${name}: ${Math.round(costs[i] ?? 0)} ns x${((costs[i] ?? 0) / (costs[0] ?? 1)).toFixed(2)}${name !== 'breakpoint' ? '' : can.length > 0 ? ` (${can.join(' and ')} can come to vfs_write)` : ' (cannot come to vfs_write)'}`));
}
console.log(lines.join('\n'));
if (process.argv.length <= 2) writeFileSync('bench/syscalls/results.txt', `${lines.join('\n')}\n`);
