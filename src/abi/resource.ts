// Limits, usage and priorities. Linux: include/uapi/asm-generic/resource.h, linux/resource.h.
import { struct } from './struct';
import { table } from './table';
import { timeval } from './time';

export const RLIMIT = table('RLIMIT_???', () => ({
  RLIMIT_CPU: 0, RLIMIT_FSIZE: 1, RLIMIT_DATA: 2, RLIMIT_STACK: 3, RLIMIT_CORE: 4, RLIMIT_RSS: 5, RLIMIT_NPROC: 6, RLIMIT_NOFILE: 7,
  RLIMIT_MEMLOCK: 8, RLIMIT_AS: 9, RLIMIT_LOCKS: 10, RLIMIT_SIGPENDING: 11, RLIMIT_MSGQUEUE: 12, RLIMIT_NICE: 13, RLIMIT_RTPRIO: 14,
  RLIMIT_RTTIME: 15,
}));
export const {
  RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_CORE, RLIMIT_RSS, RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_AS, RLIMIT_LOCKS,
  RLIMIT_SIGPENDING, RLIMIT_MSGQUEUE, RLIMIT_NICE, RLIMIT_RTPRIO, RLIMIT_RTTIME,
} = RLIMIT.values;

export const RUSAGE = table('RUSAGE_???', () => ({
  RUSAGE_SELF: 0, RUSAGE_CHILDREN: 4294967295, RUSAGE_BOTH: 4294967294, RUSAGE_THREAD: 1,
}));
export const {
  RUSAGE_SELF, RUSAGE_CHILDREN, RUSAGE_BOTH, RUSAGE_THREAD,
} = RUSAGE.values;

export const PRIO = table('PRIO_???', () => ({
  PRIO_PROCESS: 0, PRIO_PGRP: 1, PRIO_USER: 2,
}));
export const {
  PRIO_PROCESS, PRIO_PGRP, PRIO_USER,
} = PRIO.values;

export const RLIM_NLIMITS = 16;
export const RLIM64_INFINITY = 0xffff_ffff_ffff_ffffn;

export const rlimit = struct('struct rlimit', { rlim_cur: 'u64', rlim_max: 'u64' });
export const rusage = struct('struct rusage', {
  ru_utime: timeval, ru_stime: timeval, ru_maxrss: 's64', ru_ixrss: 's64', ru_idrss: 's64', ru_isrss: 's64', ru_minflt: 's64', ru_majflt: 's64',
  ru_nswap: 's64', ru_inblock: 's64', ru_oublock: 's64', ru_msgsnd: 's64', ru_msgrcv: 's64', ru_nsignals: 's64', ru_nvcsw: 's64', ru_nivcsw: 's64',
});
