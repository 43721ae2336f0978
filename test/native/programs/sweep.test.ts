import assert from 'node:assert/strict';
import type { ArgType } from '../../../src/abi/arg_types';
import { syscalls } from '../../../src/kernel/syscall';
import '../../../src/kernel/arch/x86/entry';
import { compiledPrograms, runNative, runRingside } from './compare';

/** Calls that change the caller, sleep, end it, or reach for the computer; those that say so of other processes' state; and those whose text is compared by cases of their own. */
const LEFT_OUT = new Set(`exit exit_group fork vfork clone clone3 pause rt_sigsuspend rt_sigreturn reboot munmap brk mremap mprotect arch_prctl set_tid_address rseq setresuid setuid setreuid setresgid setgid
  setregid setgroups setfsuid setfsgid capset prctl seccomp personality unshare setns alarm setitimer select pselect6 poll ppoll rt_sigtimedwait nanosleep clock_nanosleep futex mmap shmat shmdt execve execveat
  ptrace chroot restart_syscall set_robust_list sched_setaffinity kill tkill tgkill rt_sigaction rt_sigprocmask sigaltstack setrlimit prlimit64 setsid vhangup close_range dup dup2 dup3 pipe pipe2 socket
  socketpair epoll_create epoll_create1 eventfd eventfd2 inotify_init inotify_init1 timerfd_create signalfd signalfd4 memfd_create memfd_secret userfaultfd perf_event_open pidfd_open timer_create mq_open shmget
  semget msgget umask open creat openat openat2 getcwd mlockall munlockall process_madvise rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal sync syncfs wait4 waitid times getrandom sysinfo getrusage
  gettimeofday time clock_gettime getpid gettid getppid getpgrp getpgid getsid sched_yield get_robust_list getcpu membarrier setpgid nice setpriority sched_setscheduler sched_setparam sched_setattr ioprio_set
  sethostname setdomainname settimeofday clock_settime adjtimex clock_adjtime sched_getaffinity uretprobe io_uring_setup io_uring_enter io_uring_register io_setup io_destroy io_getevents io_submit io_cancel
  io_pgetevents landlock_create_ruleset landlock_add_rule landlock_restrict_self fanotify_init fanotify_mark quotactl quotactl_fd name_to_handle_at open_by_handle_at add_key request_key keyctl bpf syslog
  migrate_pages move_pages set_mempolicy mbind get_mempolicy acct swapon swapoff pivot_root init_module delete_module finit_module kexec_load kexec_file_load umount2 fsmount fsconfig fspick mount_setattr
  modify_ldt iopl ioperm uselib _sysctl set_thread_area get_thread_area getsockopt setsockopt`.split(/\s+/));

const BASE = 0x20000000, CALLS = 4, LAST = 450;

/** Arguments that are valid in form, and nearly always refused. */
function argumentFor(type: ArgType<number> | ArgType<bigint>, pick: <T>(from: readonly T[]) => T): number {
  const { kind, table, choiceTable } = type;
  if (table && (kind === 'bits' || kind === 'choice')) {
    const values = table.entries.map(([, value]) => value);
    if (kind === 'choice') return pick([...values, 0x7fff]);
    return pick([pick(values), pick(values) | pick(values), pick(values) | 0x40000000, 0]) | (choiceTable ? pick(choiceTable.entries.map(([, value]) => value)) : 0);
  }
  const byKind: Record<string, number[]> = {
    fd: [-1, 99, -100, 77], dirfd: [-1, 99, -100, 77], pid: [999999, 999998], openFlags: [0, 1, 2, 0x80000, 0x241, 0x10000], mode: [0o644, 0o100755, 0, 0o1777], umode: [0o644, 0o100755, 0, 0o1777],
    uid: [0, -1, 65534], gid: [0, -1, 65534], signo: [0, 9, 10, 34, 64, 65], clockid: [0, 1, 2, 3, 4, 7, 9, 11, 12, -6, -2], dev: [0x801, 0, 0x10300], ptr: [BASE + 8, 0, 8], unused: [0],
    path: [BASE + 0x3000, BASE + 0x3100, BASE + 0x3200, 0, 8], str: [BASE + 0x3000, BASE + 0x3100, BASE + 0x3200, 0, 8],
  };
  const isNumber = ['int', 'uint', 'long', 'ulong', 'size', 'off', 'hex', 'uhex', 'u64', 'lenOf', 'bits', 'choice'].includes(kind);
  return pick(byKind[kind] ?? (isNumber ? [0, 1, 2, 3, 16, 24, 100, -1, 0x12345678] : [BASE, BASE + 0x1000, BASE + 0x2000, BASE + 0x2800, BASE + 0x4000, 0, 8]));
}

describe('native: strace says the same of every call\'s arguments', function () {
  this.timeout(120_000);
  const programs = compiledPrograms('sweep');

  const seed = Number(process.env.SEED ?? 1);
  it(`with arguments of seed ${seed}`, () => {
    const program = programs.build('test/programs/strace/sweep.c', ['-static']);
    let state = seed;
    const pick = <T>(from: readonly T[]): T => {
      state = (state * 48271) % 2147483647;
      return from[state % from.length] as T;
    };
    const lines: string[] = [];
    for (const call of [...syscalls.values()].sort((a, b) => a.nr - b.nr)) {
      if (call.nr > LAST || LEFT_OUT.has(call.name)) continue;
      for (let n = 0; n < CALLS; n++) {
        const args = Object.values(call.args).map(type => BigInt.asUintN(64, BigInt(argumentFor(type, pick))).toString(16));
        lines.push([call.nr, ...args, 0, 0, 0, 0, 0, 0].slice(0, 7).join(' '));
      }
    }
    // What the call answers is not compared: the host's Linux is another one.
    const mask = (log: string): string[] => log.split('close(-1000)').slice(1).map(part => /^[^\n]*\n(.*?\)) += /s.exec(part)?.[1] ?? part);
    const run = { program, cwd: programs.folder(), stdin: `${lines.join('\n')}\n`, mask };
    const native = runNative(run), ours = runRingside(run);
    assert.ok(native.log.length > 600, `${native.log.length} calls`);
    // Out-parameters show as addresses where only one of the two refuses.
    const isOut = /^(clock_getres|getgroups|ustat|sysfs|statfs|sched_rr_get_interval|mincore|recvmmsg|sendmmsg)\(/;
    assert.deepEqual(ours.log.filter(line => !isOut.test(line)), native.log.filter(line => !isOut.test(line)));
  });
});
