// What a system call costs, in time of the processor, which other programs do not lengthen: without a breakpoint, with the probed kernel loaded but none set, and with one on vfs_write.
// The kinds that cannot come to vfs_write are to stay within 1.3 of the first.
import { writeFileSync } from 'node:fs';
import { NodeFiles } from '../../src/host/node/files';
import { nodeFacts } from '../../src/host/node/facts';
import { findKernelFunctions } from '../../src/debugger/kernel_source';
import type { Host } from '../../src/machine/host';
import { launchMachine } from '../../src/machine/launch';

const PROGRAM = `${process.cwd()}/bench/syscalls/calls.elf`;
const COUNT = Number(process.argv[2] ?? 150_000), ROUNDS = Number(process.argv[3] ?? 5);
const KINDS: Record<string, number> = { getpid: 1, read: 1, open: 2, pipe: 2 };
const host: Host = {
  files: new NodeFiles(), facts: nodeFacts(), epochNs: 0n, elapsedNs: () => 0,
  console: { kind: () => 'null', windowSize: () => ({ rows: 24, columns: 80 }), write: () => undefined, take: () => 'eof', wait: async () => true },
};

/** Nanoseconds a call; the program's start, which is the same for all, is taken off. */
function measure(kind: string, prepare: (session: ReturnType<typeof launchMachine>) => void): number {
  const time = (count: number): number => {
    const session = launchMachine({ program: PROGRAM, argv: [PROGRAM, kind, String(count)], env: [], cwd: '/tmp' }, host);
    prepare(session);
    const target = session.target(), start = process.cpuUsage();
    for (let stop = target.run(1e9); stop.kind !== 'exited'; stop = target.run(1e9));
    const { user, system } = process.cpuUsage(start);
    return (user + system) * 1000;
  };
  return (time(COUNT) - time(0)) / COUNT / (KINDS[kind] ?? 1);
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
const lines = [`# nanoseconds of processor time a call, best of ${ROUNDS} rounds of ${COUNT}; the ratio is to plain, of the same rounds`];
for (const kind of Object.keys(KINDS)) {
  const best = setups.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round++) setups.forEach(([, prepare], i) => { best[i] = Math.min(best[i] ?? Infinity, measure(kind, prepare)); });
  setups.forEach(([name], i) => lines.push(`${kind} ${name}: ${Math.round(best[i] ?? 0)} ns x${((best[i] ?? 0) / (best[0] ?? 1)).toFixed(2)}`));
}
console.log(lines.join('\n'));
if (process.argv.length <= 2) writeFileSync('bench/syscalls/results.txt', `${lines.join('\n')}\n`);
