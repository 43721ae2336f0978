// Random calls with random arguments, biased to things that exist: nothing that a guest passes may be an internal error. SEED= replays a run from its seed;
// FUZZ_SECONDS=60 goes on for that long, with a new seed for each round. Calls are x86-64's and, one in eight, int 0x80's.
import assert from 'node:assert/strict';
import { do_int80_syscall_32 } from '../../src/kernel/arch/x86/entry';
import { CS, ORIG_RAX, RBP, RBX, RCX, RDI, RDX, RSI, set_reg, set_reg_big, task_pt_regs } from '../../src/kernel/arch/x86/pt_regs';
import { syscalls, syscalls32 } from '../../src/kernel/syscall';
import { current, kernel } from '../../src/kernel/state';
import { copy_to_user } from '../../src/kernel/mm/uaccess';
import { bootHost, call, enterNumber, fakeMachine, passTime } from './fake_machine';

/** Calls that end the program, or take away what the arguments point to; they come seldom, so that the others have their turn. */
const DRASTIC = new Set(['exit', 'exit_group', 'execve', 'execveat', 'kill', 'tkill', 'tgkill', 'rt_sigqueueinfo', 'rt_tgsigqueueinfo', 'pidfd_send_signal', 'rt_sigreturn', 'munmap', 'mremap', 'mmap', 'shmat',
  'fork', 'vfork', 'clone', 'clone3', 'seccomp', 'prctl', 'pause', 'setrlimit', 'prlimit64', 'close_range', 'rt_sigsuspend', 'sigaltstack', 'brk', 'mprotect']);
const PAGES = 16, CALLS = 1500;

function generator(seed: number): (n: number) => number {
  let state = seed | 0;
  return (n) => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return (Math.imul(state ^ state >>> 12, 0x297a2d39) >>> 0) % n;
  };
}

/** Descriptors of every kind, as far as the kernel gives them. */
function openKinds(page: number): void {
  const path = (text: string): number => {
    copy_to_user(current().mm!, page, new TextEncoder().encode(`${text}\0`));
    return page;
  };
  call('openat', -100, path('/tmp/fuzz'), 0o102, 0o644);
  for (const name of ['/dev/null', '/dev/zero', '/proc/self/status', '/tmp', '/dev/tty', '/dev/ptmx']) call('openat', -100, path(name), name === '/tmp' ? 0o200000 : 0o2);
  call('pipe2', page + 8192, 0o4000);
  call('eventfd2', 1, 0o4000);
  call('epoll_create1', 0);
  call('timerfd_create', 1, 0);
  call('inotify_init1', 0o4000);
  call('memfd_create', path('fuzz'), 2);
  call('signalfd4', -1, page + 8192, 8, 0o4000);
  call('socketpair', 1, 1, 0, page + 8192);
  call('socketpair', 1, 5, 0, page + 8192);
  for (const [family, type] of [[1, 2], [2, 1], [2, 2], [10, 1], [10, 2], [16, 3]] as const) call('socket', family, type | 0o4000, 0);
  call('mq_open', path('fuzz'), 0o102, 0o600, 0);
  call('shmget', 0, 4096, 0o600);
  call('semget', 0, 3, 0o600);
  call('msgget', 0, 0o600);
}

/** One machine and as many calls as it lives, at most `calls`; how many it were. Fails with the seed and the call. */
function round(seed: number, calls: number): number {
  const random = generator(seed);
  const fake = fakeMachine();
  bootHost(fake, `${process.cwd()}/examples/hello_write`);
  const page = call('mmap', 0x100000, PAGES * 4096, 3, 0x32, -1, 0);
  openKinds(page);
  const big = (n: number): bigint => BigInt(n);
  /** Memory with numbers and pointers in it that a struct might have. */
  const litter = (): void => {
    const mm = current().mm;
    if (!mm) return;
    const bytes = new Uint8Array(256), view = new DataView(bytes.buffer);
    for (let i = 0; i < 32; i++) view.setBigUint64(i * 8, [0n, big(random(8)), big(page + random(PAGES * 4096)), big(random(0x7fffffff)), 0xffffffffffffffffn][random(5)]!, true);
    copy_to_user(mm, page + random(PAGES - 1) * 4096, bytes);
  };
  const value = (): bigint => {
    switch (random(11)) {
      case 0: case 1: return big(random(40));
      case 2: case 3: return big(page + random(PAGES * 4096));
      case 4: return big(page + random(PAGES) * 4096);
      case 5: return BigInt.asUintN(64, -big(random(200)));
      case 6: return 1n << big(random(64));
      case 7: return 0n;
      case 8: return big(random(0x7fffffff));
      case 9: return [1n << 63n, (1n << 63n) - 1n, 0xffff_8880_0000_0000n, 0x7fff_ffff_f000n, 0xffff_ffffn, 4095n, 4096n, 4097n][random(8)]!;
      default: return big(current().mm?.start_stack ?? 0);
    }
  };
  const native = [...syscalls.values()].filter(s => s.handler), compat = [...syscalls32.values()].filter(s => s.handler);
  let i = 0;
  for (; i < calls && kernel.exit_code < 0; i++) {
    const isCompat = random(8) === 0;
    const table = isCompat ? compat : native;
    let declaration = table[random(table.length)]!;
    if (DRASTIC.has(declaration.name) && random(20) !== 0) declaration = table[random(table.length)]!;
    if (random(4) === 0) litter();
    const nr = random(200) === 0 ? random(1 << 20) - 1000 : isCompat ? declaration.nr32! : declaration.nr;
    const args = Array.from({ length: 6 }, value);
    const told = `SEED=${seed} call ${i}: ${isCompat ? 'int 0x80 ' : ''}${declaration.name} (${nr}): ${args.map(one => `0x${one.toString(16)}`).join(', ')}`;
    try {
      let resume;
      if (isCompat) {
        const task = current();
        set_reg(task, ORIG_RAX, nr);
        set_reg(task, CS, 0x33);
        [RBX, RCX, RDX, RSI, RDI, RBP].forEach((reg, k) => set_reg_big(task, reg, args[k] ?? 0n));
        resume = do_int80_syscall_32(task_pt_regs(task));
      } else resume = enterNumber(nr, ...args);
      for (let waits = 0; resume === 'idle'; waits++) {
        if (fake.timerNs === Infinity || waits > 20) return i;
        resume = passTime(fake);
      }
      if (resume === 'halted') return i;
    } catch (error) {
      assert.fail(`${told}\n${(error as Error).stack}`);
    }
  }
  return i;
}

describe('kernel: random calls', function () {
  const seconds = Number(process.env.FUZZ_SECONDS ?? 0);
  this.timeout(60_000 + seconds * 1000);

  it('give a result, whatever the arguments', () => {
    const first = Number(process.env.SEED ?? 20241124);
    const end = Date.now() + seconds * 1000;
    let rounds = 0, calls = 0;
    for (; rounds < 12 || Date.now() < end; rounds++) calls += round(first + rounds, CALLS);
    console.log(`      ${calls} calls in ${rounds} machines from SEED=${first}`);
    assert.ok(calls > rounds * 50, 'most machines live long enough');
  });
});
