// Clone flags and scheduling. Linux: include/uapi/linux/sched.h, linux/sched/types.h.
import { struct } from './struct';
import { table } from './table';

export const CLONE = table('CLONE_???', () => ({
  CLONE_VM: 0x100, CLONE_FS: 0x200, CLONE_FILES: 0x400, CLONE_SIGHAND: 0x800, CLONE_PIDFD: 0x1000, CLONE_PTRACE: 0x2000, CLONE_VFORK: 0x4000,
  CLONE_PARENT: 0x8000, CLONE_THREAD: 0x10000, CLONE_NEWNS: 0x20000, CLONE_SYSVSEM: 0x40000, CLONE_SETTLS: 0x80000, CLONE_PARENT_SETTID: 0x100000,
  CLONE_CHILD_CLEARTID: 0x200000, CLONE_UNTRACED: 0x800000, CLONE_CHILD_SETTID: 0x1000000, CLONE_NEWCGROUP: 0x2000000, CLONE_NEWUTS: 0x4000000,
  CLONE_NEWIPC: 0x8000000, CLONE_NEWUSER: 0x10000000, CLONE_NEWPID: 0x20000000, CLONE_NEWNET: 0x40000000, CLONE_IO: 0x80000000,
}));
export const {
  CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_SIGHAND, CLONE_PIDFD, CLONE_PTRACE, CLONE_VFORK, CLONE_PARENT, CLONE_THREAD, CLONE_NEWNS, CLONE_SYSVSEM,
  CLONE_SETTLS, CLONE_PARENT_SETTID, CLONE_CHILD_CLEARTID, CLONE_UNTRACED, CLONE_CHILD_SETTID, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
  CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, CLONE_IO,
} = CLONE.values;

/** Flags of clone3 that clone has no room for; strace prints them before those of clone. */
export const CLONE3 = table('CLONE_???', () => ({
  CLONE_NEWTIME: 0x80, CLONE_CLEAR_SIGHAND: 0x100000000, CLONE_INTO_CGROUP: 0x200000000,
}));
export const {
  CLONE_NEWTIME, CLONE_CLEAR_SIGHAND, CLONE_INTO_CGROUP,
} = CLONE3.values;

/** Flags of unshare, in strace's order. */
export const UNSHARE = table('CLONE_???', () => ({
  CLONE_NEWTIME: 0x80, CLONE_VM: 0x100, CLONE_FS: 0x200, CLONE_FILES: 0x400, CLONE_SIGHAND: 0x800, CLONE_THREAD: 0x10000, CLONE_NEWNS: 0x20000,
  CLONE_SYSVSEM: 0x40000, CLONE_NEWCGROUP: 0x2000000, CLONE_NEWUTS: 0x4000000, CLONE_NEWIPC: 0x8000000, CLONE_NEWUSER: 0x10000000,
  CLONE_NEWPID: 0x20000000, CLONE_NEWNET: 0x40000000,
}));

/** Types of setns. */
export const SETNS = table('CLONE_NEW???', () => ({
  CLONE_NEWTIME: 0x80, CLONE_NEWNS: 0x20000, CLONE_NEWCGROUP: 0x2000000, CLONE_NEWUTS: 0x4000000, CLONE_NEWIPC: 0x8000000, CLONE_NEWUSER: 0x10000000,
  CLONE_NEWPID: 0x20000000, CLONE_NEWNET: 0x40000000,
}));

export const SCHED = table('SCHED_???', () => ({
  SCHED_OTHER: 0, SCHED_FIFO: 1, SCHED_RR: 2, SCHED_BATCH: 3, SCHED_ISO: 4, SCHED_IDLE: 5, SCHED_DEADLINE: 6,
}));
export const {
  SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_ISO, SCHED_IDLE, SCHED_DEADLINE,
} = SCHED.values;

export const SCHED_FLAG = table('SCHED_FLAG_???', () => ({
  SCHED_FLAG_RESET_ON_FORK: 1, SCHED_FLAG_RECLAIM: 2, SCHED_FLAG_DL_OVERRUN: 4, SCHED_FLAG_KEEP_POLICY: 8, SCHED_FLAG_KEEP_PARAMS: 0x10,
  SCHED_FLAG_UTIL_CLAMP_MIN: 0x20, SCHED_FLAG_UTIL_CLAMP_MAX: 0x40,
}));
export const {
  SCHED_FLAG_RESET_ON_FORK, SCHED_FLAG_RECLAIM, SCHED_FLAG_DL_OVERRUN, SCHED_FLAG_KEEP_POLICY, SCHED_FLAG_KEEP_PARAMS, SCHED_FLAG_UTIL_CLAMP_MIN,
  SCHED_FLAG_UTIL_CLAMP_MAX,
} = SCHED_FLAG.values;

/** I/O priorities. Linux: include/uapi/linux/ioprio.h. */
export const IOPRIO_CLASS = table('IOPRIO_CLASS_???', () => ({ IOPRIO_CLASS_NONE: 0, IOPRIO_CLASS_RT: 1, IOPRIO_CLASS_BE: 2, IOPRIO_CLASS_IDLE: 3 }));
export const { IOPRIO_CLASS_NONE, IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE } = IOPRIO_CLASS.values;
export const IOPRIO_WHO = table('IOPRIO_WHO_???', () => ({ IOPRIO_WHO_PROCESS: 1, IOPRIO_WHO_PGRP: 2, IOPRIO_WHO_USER: 3 }));
export const { IOPRIO_WHO_PROCESS, IOPRIO_WHO_PGRP, IOPRIO_WHO_USER } = IOPRIO_WHO.values;

/** The low byte of clone's flags is the signal that the parent gets. */
export const CSIGNAL = 0xff;
export const CLONE_DETACHED = 0x400000;
export const SCHED_RESET_ON_FORK = 0x40000000;

export const clone_args = struct('struct clone_args', {
  flags: 'u64', pidfd: 'u64', child_tid: 'u64', parent_tid: 'u64', exit_signal: 'u64', stack: 'u64', stack_size: 'u64', tls: 'u64',
  set_tid: 'u64', set_tid_size: 'u64', cgroup: 'u64',
});
export const CLONE_ARGS_SIZE_VER0 = 64;
export const sched_param = struct('struct sched_param', { sched_priority: 's32' });
export const sched_attr = struct('struct sched_attr', {
  size: 'u32', sched_policy: 'u32', sched_flags: 'u64', sched_nice: 's32', sched_priority: 'u32',
  sched_runtime: 'u64', sched_deadline: 'u64', sched_period: 'u64', sched_util_min: 'u32', sched_util_max: 'u32',
});
