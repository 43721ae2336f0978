// The files of /proc/PID. Linux: fs/proc/base.c, array.c, fd.c.
// Differs: /proc/PID/io counts nothing.
import { EACCES, EINVAL, type Errno } from '../../../abi/errno';
import { O_CLOEXEC } from '../../../abi/fcntl';
import { CLOCK_REALTIME } from '../../../abi/time';
import { get_reg, RIP, RSP } from '../../arch/x86/pt_regs';
import { show_cpuinfo } from '../../arch/x86/proc';
import { count_filters } from '../../kernel/seccomp';
import { NSEC_PER_SEC, clock_base } from '../../kernel/time/timekeeping';
import { queued_signals } from '../../kernel/signal';
import { task_ppid_nr } from '../../kernel/sys';
import type { tty_struct } from '../../drivers/tty/types';
import { oom_badness } from '../../mm/oom_kill';
import { peek_user } from '../../mm/uaccess';
import { EXIT_ZOMBIE, TASK_INTERRUPTIBLE, TASK_STOPPED, TASK_TRACED, TASK_UNINTERRUPTIBLE, type task_struct } from '../../kernel/types';
import { current, kernel, ports } from '../../state';
import { max_fds } from '../file';
import { capable, CAP_SYS_RESOURCE } from '../inode';
import type { file } from '../types';
import { show_mountinfo, show_mounts, show_mountstats } from '../proc_namespace';
import { show_locks } from './locks';
import { show_maps, show_numa_maps, show_smaps, show_smaps_rollup } from './task_mmu';

function state_of(task: task_struct): string {
  if (task.exit_state & EXIT_ZOMBIE) return 'Z (zombie)';
  if (task.__state & TASK_STOPPED) return 'T (stopped)';
  if (task.__state & TASK_TRACED) return 't (tracing stop)';
  if (task.__state & TASK_UNINTERRUPTIBLE) return 'D (disk sleep)';
  if (task.__state & TASK_INTERRUPTIBLE) return 'S (sleeping)';
  return 'R (running)';
}

const sigset = (set: bigint): string => set.toString(16).padStart(16, '0');
const kib = (pages: number): string => `${String(pages * 4).padStart(8)} kB`;

function signal_set(task: task_struct, handler: number): bigint {
  return task.sighand.action.reduce((set, action, i) => (handler === 2 ? action.sa_handler > 1 : action.sa_handler === handler) ? set | (1n << BigInt(i)) : set, 0n);
}

/** Linux: fs/proc/array.c:proc_pid_status() */
function proc_pid_status(task: task_struct): string {
  const { cred, mm } = task;
  const lines = [
    `Name:\t${task.comm}`, `Umask:\t${(task.fs?.umask ?? 0).toString(8).padStart(4, '0')}`, `State:\t${state_of(task)}`, `Tgid:\t${task.tgid}`, 'Ngid:\t0', `Pid:\t${task.pid}`,
    `PPid:\t${task_ppid_nr(task)}`, 'TracerPid:\t0', `Uid:\t${cred.uid}\t${cred.euid}\t${cred.suid}\t${cred.fsuid}`, `Gid:\t${cred.gid}\t${cred.egid}\t${cred.sgid}\t${cred.fsgid}`,
    `FDSize:\t${task.files ? max_fds(task.files) : 0}`, `Groups:\t${cred.group_info.join(' ')} `, `NStgid:\t${task.tgid}`, `NSpid:\t${task.pid}`, `NSpgid:\t${task.signal.pgrp}`, `NSsid:\t${task.signal.session}`, 'Kthread:\t0',
  ];
  if (mm) {
    const rss = mm.rss_file + mm.rss_anon + mm.rss_shmem;
    lines.push(
      `VmPeak:\t${kib(Math.max(mm.hiwater_vm, mm.total_vm))}`, `VmSize:\t${kib(mm.total_vm)}`, `VmLck:\t${kib(mm.locked_vm)}`, `VmPin:\t${kib(0)}`, `VmHWM:\t${kib(Math.max(mm.hiwater_rss, rss))}`, `VmRSS:\t${kib(rss)}`,
      `RssAnon:\t${kib(mm.rss_anon)}`, `RssFile:\t${kib(mm.rss_file)}`, `RssShmem:\t${kib(mm.rss_shmem)}`, `VmData:\t${kib(mm.data_vm)}`, `VmStk:\t${kib(mm.stack_vm)}`, `VmExe:\t${kib(Math.ceil((mm.end_code - mm.start_code) / 4096))}`,
      `VmLib:\t${kib(mm.exec_vm)}`, `VmPTE:\t${kib(mm.nr_ptes)}`, `VmSwap:\t${kib(0)}`, 'HugetlbPages:\t       0 kB', 'CoreDumping:\t0', 'THP_enabled:\t0', 'untag_mask:\t0xffffffffffffffff',
    );
  }
  lines.push(
    `Threads:\t${task.signal.nr_threads}`, `SigQ:\t${queued_signals(cred.uid)}/${task.signal.rlim[11]?.rlim_cur ?? 0n}`, `SigPnd:\t${sigset(task.pending.signal)}`, `ShdPnd:\t${sigset(task.signal.shared_pending.signal)}`,
    `SigBlk:\t${sigset(task.blocked)}`, `SigIgn:\t${sigset(signal_set(task, 1))}`, `SigCgt:\t${sigset(signal_set(task, 2))}`, `CapInh:\t${sigset(cred.cap_inheritable)}`, `CapPrm:\t${sigset(cred.cap_permitted)}`,
    `CapEff:\t${sigset(cred.cap_effective)}`, `CapBnd:\t${sigset(cred.cap_bset)}`, `CapAmb:\t${sigset(cred.cap_ambient)}`, `NoNewPrivs:\t${task.no_new_privs ? 1 : 0}`, `Seccomp:\t${task.seccomp_mode}`, `Seccomp_filters:\t${count_filters(task)}`, 'Speculation_Store_Bypass:\tnot vulnerable', 'SpeculationIndirectBranch:\tnot affected',
    'Cpus_allowed:\t1', 'Cpus_allowed_list:\t0', `Mems_allowed:\t${'00000000,'.repeat(31)}00000001`, 'Mems_allowed_list:\t0', `voluntary_ctxt_switches:\t${task.nvcsw}`, `nonvoluntary_ctxt_switches:\t${task.nivcsw}`,
  );
  return `${lines.join('\n')}\n`;
}

/** The number of a terminal in the encoding of user mode. */
const tty_nr = (tty: tty_struct): number => (136 << 8) | (tty.index & 0xff) | (tty.index & 0xfff00) << 12;

/** Linux: fs/proc/array.c:do_task_stat(): 52 fields. */
function proc_pid_stat(task: task_struct): string {
  const { mm, signal } = task;
  const rss = mm ? mm.rss_file + mm.rss_anon + mm.rss_shmem : 0;
  const fields = [
    task.pid, `(${task.comm})`, state_of(task).charAt(0), task_ppid_nr(task), signal.pgrp, signal.session, signal.tty ? tty_nr(signal.tty as tty_struct) : 0, signal.tty ? (signal.tty as tty_struct).pgrp : -1, task.flags, task.min_flt, 0, task.maj_flt, 0,
    ticks(task.utime), ticks(task.stime), ticks(signal.cutime), ticks(signal.cstime), 20, 0, signal.nr_threads, 0, ticks(task.start_time), (mm?.total_vm ?? 0) * 4096, rss, '18446744073709551615',
    mm?.start_code ?? 0, mm?.end_code ?? 0, mm?.start_stack ?? 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, task.exit_signal, 0, 0, 0, 0, 0, 0,
    mm?.start_data ?? 0, mm?.end_data ?? 0, mm?.start_brk ?? 0, mm?.arg_start ?? 0, mm?.arg_end ?? 0, mm?.env_start ?? 0, mm?.env_end ?? 0, task.exit_code,
  ];
  return `${fields.join(' ')}\n`;
}

/** Memory of the task as text, without faulting anything in for the reader. */
function user_text(task: task_struct, start: number, end: number): string {
  const bytes = task.mm && end > start ? peek_user(task.mm, start, end - start) : null;
  return bytes ? bytes.reduce((text, byte) => text + String.fromCharCode(byte), '') : '';
}

function statm(task: task_struct): string {
  const { mm } = task;
  if (!mm) return '0 0 0 0 0 0 0\n';
  return `${mm.total_vm} ${mm.rss_file + mm.rss_anon + mm.rss_shmem} ${mm.rss_file + mm.rss_shmem} ${Math.ceil((mm.end_code - mm.start_code) / 4096)} 0 ${mm.data_vm + mm.stack_vm} 0\n`;
}

const limit_names = [
  'Max cpu time|seconds', 'Max file size|bytes', 'Max data size|bytes', 'Max stack size|bytes', 'Max core file size|bytes', 'Max resident set|bytes', 'Max processes|processes', 'Max open files|files',
  'Max locked memory|bytes', 'Max address space|bytes', 'Max file locks|locks', 'Max pending signals|signals', 'Max msgqueue size|bytes', 'Max nice priority|', 'Max realtime priority|', 'Max realtime timeout|us',
];

function limits(task: task_struct): string {
  const show = (value: bigint | undefined): string => value === undefined || value === 0xffffffffffffffffn ? 'unlimited' : String(value);
  const rows = limit_names.map((entry, i) => {
    const [name = '', unit = ''] = entry.split('|');
    return `${name.padEnd(25)} ${show(task.signal.rlim[i]?.rlim_cur).padEnd(20)} ${show(task.signal.rlim[i]?.rlim_max).padEnd(20)} ${unit.padEnd(10)}\n`;
  });
  return `${'Limit'.padEnd(25)} ${'Soft Limit'.padEnd(20)} ${'Hard Limit'.padEnd(20)} ${'Units'.padEnd(10)}\n${rows.join('')}`;
}

/** One descriptor, as /proc/PID/fdinfo shows it. */
export function show_fdinfo(task: task_struct, fd: number, file: file): string {
  const flags = (file.f_flags | (task.files?.close_on_exec.has(fd) ? O_CLOEXEC : 0)).toString(8);
  return `pos:\t${file.f_pos}\nflags:\t0${flags}\nmnt_id:\t${file.f_path.mnt.mnt_id}\nino:\t${file.f_inode.i_ino}\n${file.f_op.show_fdinfo?.(file) ?? ''}`;
}

const hex = (value: number): string => `0x${value.toString(16)}`;

/** The call that a task sleeps in, or that it reads this by. Linux: fs/proc/base.c:proc_pid_syscall() */
function proc_pid_syscall(task: task_struct): string {
  if (task.on_cpu && !task.call) return 'running\n';
  const place = `${hex(get_reg(task, RSP))} ${hex(get_reg(task, RIP))}\n`;
  if (!task.call) return `-1 ${place}`;
  const { nr, args } = task.call, values = [0, 1, 2, 3, 4, 5].map(i => hex((args[2 * i + 1] ?? 0) * 2 ** 32 + (args[2 * i] ?? 0)));
  return `${nr} ${values.join(' ')} ${place}`;
}

/** Linux: mm/oom_kill.c:oom_badness(), fs/proc/base.c:proc_oom_score() */
function oom_score(task: task_struct): string {
  const points = oom_badness(task);
  return points === null ? '0\n' : `${Math.max(0, Math.trunc((1000 + Math.trunc(points * 1000 / kernel.nr_pages)) * 2 / 3))}\n`;
}
const OOM_ADJUST_MAX = 15, OOM_DISABLE = -17;

/** Linux: fs/proc/base.c:oom_adj_read() */
function oom_adj(task: task_struct): string {
  const { oom_score_adj } = task.signal;
  return `${oom_score_adj === 1000 ? OOM_ADJUST_MAX : Math.max(OOM_DISABLE, Math.trunc(oom_score_adj * -OOM_DISABLE / 1000))}\n`;
}

const NOTIFY: readonly string[] = ['signal', 'none', 'thread', ''];

/** Linux: fs/proc/base.c:show_timer() */
function proc_timers(task: task_struct): string {
  return [...task.signal.posix_timers.values()].map(timer => {
    const how = timer.it_sigev_notify & ~SIGEV_THREAD_ID, isThread = (timer.it_sigev_notify & SIGEV_THREAD_ID) !== 0;
    return `ID: ${timer.it_id}\nsignal: ${timer.it_signo}/${timer.it_value.toString(16).padStart(16, '0')}\nnotify: ${NOTIFY[how] ?? ''}/${isThread ? 'tid' : 'pid'}.${timer.it_pid || task.tgid}\nClockID: ${timer.it_clock}\n`;
  }).join('');
}
const SIGEV_THREAD_ID = 4;

const IDENTITY_MAP = '         0          0 4294967295\n';

/** Regular files of /proc/PID: mode and text. */
export const tgid_base_stuff: Record<string, { mode: number; show(task: task_struct): string; write?(task: task_struct, text: string): Errno | null }> = {
  status: { mode: 0o444, show: proc_pid_status },
  stat: { mode: 0o444, show: proc_pid_stat },
  statm: { mode: 0o444, show: statm },
  maps: { mode: 0o444, show: show_maps },
  smaps: { mode: 0o444, show: show_smaps },
  smaps_rollup: { mode: 0o444, show: show_smaps_rollup },
  numa_maps: { mode: 0o444, show: show_numa_maps },
  mountinfo: { mode: 0o444, show: show_mountinfo },
  mountstats: { mode: 0o400, show: show_mountstats },
  schedstat: { mode: 0o444, show: task => `${task.utime + task.stime} 0 ${task.nvcsw + task.nivcsw}\n` },
  sched: { mode: 0o644, show: task => `${task.comm} (${task.pid}, #threads: ${task.signal.nr_threads})\n${'-'.repeat(67)}\n${sched_line('se.sum_exec_runtime', ((task.utime + task.stime) / 1e6).toFixed(6))}${sched_line('nr_switches', task.nvcsw + task.nivcsw)}${sched_line('nr_voluntary_switches', task.nvcsw)}${sched_line('nr_involuntary_switches', task.nivcsw)}${sched_line('policy', task.policy)}${sched_line('prio', task.prio)}` },
  autogroup: { mode: 0o644, show: () => '' },
  wchan: { mode: 0o444, show: () => '0' },
  syscall: { mode: 0o400, show: proc_pid_syscall },
  io: { mode: 0o400, show: () => 'rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n' },
  coredump_filter: { mode: 0o644, show: () => '00000033\n' },
  children: { mode: 0o444, show: task => task.children.map(child => `${child.pid} `).join('') },
  cmdline: { mode: 0o444, show: task => task.mm ? user_text(task, task.mm.arg_start, task.mm.arg_end) : '' },
  environ: { mode: 0o400, show: task => task.mm ? user_text(task, task.mm.env_start, task.mm.env_end) : '' },
  auxv: { mode: 0o400, show: task => task.mm ? task.mm.saved_auxv.reduce((text, byte) => text + String.fromCharCode(byte), '') : '' },
  comm: { mode: 0o644, show: task => `${task.comm}\n`, write(task, text) { task.comm = text.replace(/\0.*/s, '').slice(0, 15); return null; } },
  limits: { mode: 0o444, show: limits },
  mounts: { mode: 0o444, show: show_mounts },
  cgroup: { mode: 0o444, show: () => '0::/\n' },
  cpuset: { mode: 0o444, show: () => '/\n' },
  oom_score: { mode: 0o444, show: oom_score },
  oom_adj: { mode: 0o644, show: oom_adj },
  oom_score_adj: { mode: 0o644, show: task => `${task.signal.oom_score_adj}\n`, write: oom_score_adj_write },
  loginuid: { mode: 0o644, show: () => '4294967295' },
  sessionid: { mode: 0o444, show: () => '4294967295' },
  personality: { mode: 0o400, show: task => `${task.personality.toString(16).padStart(8, '0')}\n` },
  timers: { mode: 0o444, show: proc_timers },
  timerslack_ns: { mode: 0o666, show: task => `${task.timer_slack_ns}\n` },
  timens_offsets: { mode: 0o644, show: () => 'monotonic           0         0\nboottime            0         0\n' },
  uid_map: { mode: 0o644, show: () => IDENTITY_MAP },
  gid_map: { mode: 0o644, show: () => IDENTITY_MAP },
  projid_map: { mode: 0o644, show: () => IDENTITY_MAP },
  setgroups: { mode: 0o644, show: () => 'allow\n' },
};

const sched_line = (name: string, value: number | string): string => `${name.padEnd(45)}:${String(value).padStart(21)}\n`;

/** Linux: fs/proc/base.c:oom_score_adj_write(), __set_oom_adj() */
function oom_score_adj_write(task: task_struct, text: string): Errno | null {
  const value = Number(text.trim());
  if (text.trim() === '' || !Number.isInteger(value)) return EINVAL.because(`'${text.trim()}' is no number`);
  if (value < -1000 || value > 1000) return EINVAL.because('oom_score_adj lies between -1000 and 1000');
  if (value < task.signal.oom_score_adj_min && !capable(current(), CAP_SYS_RESOURCE)) return EACCES.because('the value may not become less than it was without CAP_SYS_RESOURCE');
  task.signal.oom_score_adj = value;
  if (capable(current(), CAP_SYS_RESOURCE)) task.signal.oom_score_adj_min = value;
  return null;
}

/** In USER_HZ. */
const ticks = (ns: number): number => Math.floor(ns / 1e7);
const seconds = (ns: number): string => `${Math.floor(ns / 1e9)}.${String(Math.floor(ns / 1e7) % 100).padStart(2, '0')}`;
/** What no task has used. */
const idle_ns = (): number => ports().clock.now() - kernel.cpu_user - kernel.cpu_system;

/** Linux: fs/proc/stat.c:show_stat() */
function show_stat(): string {
  const cpu = [kernel.cpu_user, 0, kernel.cpu_system, idle_ns(), 0, 0, 0, 0, 0, 0].map(ticks).join(' ');
  return `cpu  ${cpu}\ncpu0 ${cpu}\nintr ${kernel.nr_irqs}\nctxt ${kernel.nr_switches}\nbtime ${clock_base(CLOCK_REALTIME) / NSEC_PER_SEC}\nprocesses ${kernel.next_pid - 1001}\nprocs_running ${kernel.runqueue.length + 1}\nprocs_blocked 0\n`;
}

const memory_line = (name: string, pages: number): string => `${`${name}:`.padEnd(16)}${String(pages * 4).padStart(8)} kB\n`;

/** Linux: kernel/kallsyms.c:kallsyms_show_value(): with kptr_restrict 0 and perf_event_paranoid above 1, addresses are for CAP_SYSLOG; others see zeros. */
function show_kallsyms(task: task_struct): string {
  const isShown = capable(task, CAP_SYSLOG);
  return (ports().kallsyms?.() ?? []).map(({ address, type, name }) => `${isShown ? address : '0'.repeat(16)} ${type} ${name}\n`).join('');
}
const CAP_SYSLOG = 34;

/** RFC 4122, version 4. */
function uuid(bytes: Uint8Array): string {
  const hex = [...bytes].map((byte, i) => (i === 6 ? (byte & 0xf) | 0x40 : i === 8 ? (byte & 0x3f) | 0x80 : byte).toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The same throughout a run, another in a run that began at another time. */
function boot_bytes(): Uint8Array {
  let state = clock_base(CLOCK_REALTIME);
  return Uint8Array.from({ length: 16 }, () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number(state >> 56n);
  });
}

function random_uuid(): string {
  const bytes = new Uint8Array(16);
  ports().entropy.fill(bytes);
  return `${uuid(bytes)}\n`;
}

/** Regular files of /proc itself and below /proc/sys. */
export const proc_root_stuff: Record<string, { mode: number; show(task: task_struct): string }> = {
  version: { mode: 0o444, show: () => 'Linux version 6.12.0-ringside (ringside@ringside) #1 SMP PREEMPT_DYNAMIC\n' },
  uptime: { mode: 0o444, show: () => `${seconds(ports().clock.now())} ${seconds(idle_ns())}\n` },
  loadavg: { mode: 0o444, show: () => `0.00 0.00 0.00 ${kernel.runqueue.length + 1}/${kernel.tasks.size} ${kernel.next_pid - 1}\n` },
  meminfo: { mode: 0o444, show: () => `${memory_line('MemTotal', kernel.nr_pages)}${memory_line('MemFree', kernel.nr_free_pages)}${memory_line('MemAvailable', kernel.nr_free_pages)}${memory_line('Buffers', 0)}${memory_line('Cached', 0)}${memory_line('SwapCached', 0)}${memory_line('SwapTotal', 0)}${memory_line('SwapFree', 0)}` },
  cpuinfo: { mode: 0o444, show: show_cpuinfo },
  stat: { mode: 0o444, show: () => show_stat() },
  filesystems: { mode: 0o444, show: () => 'nodev\ttmpfs\nnodev\tproc\nnodev\tdevtmpfs\nnodev\toverlay\nnodev\tpipefs\nnodev\tsockfs\n' },
  cmdline: { mode: 0o444, show: () => 'ringside\n' },
  devices: { mode: 0o444, show: () => 'Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n136 pts\n\nBlock devices:\n' },
  interrupts: { mode: 0o444, show: () => `           CPU0       \nLOC: ${String(kernel.nr_irqs).padStart(10)}   Local timer interrupts\n` },
  partitions: { mode: 0o444, show: () => 'major minor  #blocks  name\n\n' },
  swaps: { mode: 0o444, show: () => 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n' },
  vmstat: { mode: 0o444, show: () => `nr_free_pages ${kernel.nr_free_pages}\npgfault ${[...kernel.tasks.values()].reduce((sum, task) => sum + task.min_flt + task.maj_flt, 0)}\n` },
  'sys/kernel/random/boot_id': { mode: 0o444, show: () => `${uuid(boot_bytes())}\n` },
  'sys/kernel/random/uuid': { mode: 0o444, show: random_uuid },
  locks: { mode: 0o444, show: show_locks },
  kallsyms: { mode: 0o444, show: show_kallsyms },
  'sys/fs/protected_hardlinks': { mode: 0o600, show: () => '1\n' },
  'sys/fs/protected_symlinks': { mode: 0o600, show: () => '0\n' },
  'sys/fs/protected_fifos': { mode: 0o600, show: () => '0\n' },
  'sys/fs/protected_regular': { mode: 0o600, show: () => '0\n' },
  'sys/kernel/hostname': { mode: 0o644, show: () => `${kernel.nodename}\n` },
  'sys/kernel/domainname': { mode: 0o644, show: () => '(none)\n' },
  'sys/kernel/ns_last_pid': { mode: 0o644, show: () => `${kernel.next_pid - 1}\n` },
};
