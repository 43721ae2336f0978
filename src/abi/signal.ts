// Signals. Linux: include/uapi/asm-generic/signal.h, siginfo.h, arch/x86/include/uapi/asm/signal.h, ucontext.h.
import { struct } from './struct';
import { findName, table } from './table';

export const SIG_HOW = table('SIG_???', () => ({
  SIG_BLOCK: 0, SIG_UNBLOCK: 1, SIG_SETMASK: 2,
}));
export const {
  SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK,
} = SIG_HOW.values;

export const SA = table('SA_???', () => ({
  SA_RESTORER: 0x4000000, SA_ONSTACK: 0x8000000, SA_RESTART: 0x10000000, SA_INTERRUPT: 0x20000000, SA_NODEFER: 0x40000000, SA_RESETHAND: 0x80000000,
  SA_SIGINFO: 4, SA_NOCLDSTOP: 1, SA_NOCLDWAIT: 2,
}));
export const {
  SA_RESTORER, SA_ONSTACK, SA_RESTART, SA_INTERRUPT, SA_NODEFER, SA_RESETHAND, SA_SIGINFO, SA_NOCLDSTOP, SA_NOCLDWAIT,
} = SA.values;

export const SIG_HANDLER = table('SIG_???', () => ({
  SIG_ERR: -1, SIG_DFL: 0, SIG_IGN: 1,
}));
export const {
  SIG_ERR, SIG_DFL, SIG_IGN,
} = SIG_HANDLER.values;

export const SS = table('SS_???', () => ({
  SS_ONSTACK: 1, SS_DISABLE: 2, SS_AUTODISARM: 0x80000000,
}));
export const {
  SS_ONSTACK, SS_DISABLE, SS_AUTODISARM,
} = SS.values;

export const SIGEV = table('SIGEV_???', () => ({
  SIGEV_SIGNAL: 0, SIGEV_NONE: 1, SIGEV_THREAD: 2, SIGEV_THREAD_ID: 4,
}));
export const {
  SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD, SIGEV_THREAD_ID,
} = SIGEV.values;

export const SFD = table('SFD_???', () => ({
  SFD_CLOEXEC: 0x80000, SFD_NONBLOCK: 0x800,
}));
export const {
  SFD_CLOEXEC, SFD_NONBLOCK,
} = SFD.values;

/** si_code of any signal. */
export const SI = table('SI_???', () => ({
  SI_USER: 0, SI_KERNEL: 0x80, SI_QUEUE: -1, SI_TIMER: -2, SI_MESGQ: -3, SI_ASYNCIO: -4, SI_SIGIO: -5, SI_TKILL: -6, SI_DETHREAD: -7, SI_ASYNCNL: -60,
}));
export const {
  SI_USER, SI_KERNEL, SI_QUEUE, SI_TIMER, SI_MESGQ, SI_ASYNCIO, SI_SIGIO, SI_TKILL, SI_DETHREAD, SI_ASYNCNL,
} = SI.values;

export const ILL = table('ILL_???', () => ({
  ILL_ILLOPC: 1, ILL_ILLOPN: 2, ILL_ILLADR: 3, ILL_ILLTRP: 4, ILL_PRVOPC: 5, ILL_PRVREG: 6, ILL_COPROC: 7, ILL_BADSTK: 8, ILL_BADIADDR: 9,
}));
export const {
  ILL_ILLOPC, ILL_ILLOPN, ILL_ILLADR, ILL_ILLTRP, ILL_PRVOPC, ILL_PRVREG, ILL_COPROC, ILL_BADSTK, ILL_BADIADDR,
} = ILL.values;

export const FPE = table('FPE_???', () => ({
  FPE_INTDIV: 1, FPE_INTOVF: 2, FPE_FLTDIV: 3, FPE_FLTOVF: 4, FPE_FLTUND: 5, FPE_FLTRES: 6, FPE_FLTINV: 7, FPE_FLTSUB: 8, FPE_FLTUNK: 14,
  FPE_CONDTRAP: 15,
}));
export const {
  FPE_INTDIV, FPE_INTOVF, FPE_FLTDIV, FPE_FLTOVF, FPE_FLTUND, FPE_FLTRES, FPE_FLTINV, FPE_FLTSUB, FPE_FLTUNK, FPE_CONDTRAP,
} = FPE.values;

export const SEGV = table('SEGV_???', () => ({
  SEGV_MAPERR: 1, SEGV_ACCERR: 2, SEGV_BNDERR: 3, SEGV_PKUERR: 4, SEGV_ACCADI: 5, SEGV_ADIDERR: 6, SEGV_ADIPERR: 7, SEGV_MTEAERR: 8, SEGV_MTESERR: 9,
}));
export const {
  SEGV_MAPERR, SEGV_ACCERR, SEGV_BNDERR, SEGV_PKUERR, SEGV_ACCADI, SEGV_ADIDERR, SEGV_ADIPERR, SEGV_MTEAERR, SEGV_MTESERR,
} = SEGV.values;

export const BUS = table('BUS_???', () => ({
  BUS_ADRALN: 1, BUS_ADRERR: 2, BUS_OBJERR: 3, BUS_MCEERR_AR: 4, BUS_MCEERR_AO: 5,
}));
export const {
  BUS_ADRALN, BUS_ADRERR, BUS_OBJERR, BUS_MCEERR_AR, BUS_MCEERR_AO,
} = BUS.values;

export const TRAP = table('TRAP_???', () => ({
  TRAP_BRKPT: 1, TRAP_TRACE: 2, TRAP_BRANCH: 3, TRAP_HWBKPT: 4, TRAP_UNK: 5, TRAP_PERF: 6,
}));
export const {
  TRAP_BRKPT, TRAP_TRACE, TRAP_BRANCH, TRAP_HWBKPT, TRAP_UNK, TRAP_PERF,
} = TRAP.values;

export const CLD = table('CLD_???', () => ({
  CLD_EXITED: 1, CLD_KILLED: 2, CLD_DUMPED: 3, CLD_TRAPPED: 4, CLD_STOPPED: 5, CLD_CONTINUED: 6,
}));
export const {
  CLD_EXITED, CLD_KILLED, CLD_DUMPED, CLD_TRAPPED, CLD_STOPPED, CLD_CONTINUED,
} = CLD.values;

export const POLL = table('POLL_???', () => ({
  POLL_IN: 1, POLL_OUT: 2, POLL_MSG: 3, POLL_ERR: 4, POLL_PRI: 5, POLL_HUP: 6,
}));
export const {
  POLL_IN, POLL_OUT, POLL_MSG, POLL_ERR, POLL_PRI, POLL_HUP,
} = POLL.values;

export const SYS = table('SYS_???', () => ({
  SYS_SECCOMP: 1, SYS_USER_DISPATCH: 2,
}));
export const {
  SYS_SECCOMP, SYS_USER_DISPATCH,
} = SYS.values;

/** Signal names by number, 1 to 31. */
export const SIGNALS = table('SIG_???', () => ({
  SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGTRAP: 5, SIGABRT: 6, SIGBUS: 7, SIGFPE: 8, SIGKILL: 9, SIGUSR1: 10, SIGSEGV: 11, SIGUSR2: 12,
  SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15, SIGSTKFLT: 16, SIGCHLD: 17, SIGCONT: 18, SIGSTOP: 19, SIGTSTP: 20, SIGTTIN: 21, SIGTTOU: 22, SIGURG: 23,
  SIGXCPU: 24, SIGXFSZ: 25, SIGVTALRM: 26, SIGPROF: 27, SIGWINCH: 28, SIGIO: 29, SIGPWR: 30, SIGSYS: 31,
}));
export const {
  SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT,
  SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, SIGPWR, SIGSYS,
} = SIGNALS.values;
export const SIGRTMIN = 32;
export const SIGRTMAX = 64;
export const _NSIG = 64;
export const MINSIGSTKSZ = 2048;

/** As strace prints a signal: SIGINT, SIGRTMIN, SIGRT_1, or the number. */
export function signalName(signo: number): string {
  if (signo >= 1 && signo < SIGRTMIN) return findName(SIGNALS, signo) ?? String(signo);
  if (signo === SIGRTMIN) return 'SIGRTMIN';
  if (signo > SIGRTMIN && signo <= SIGRTMAX) return `SIGRT_${signo - SIGRTMIN}`;
  return String(signo);
}

/** The kernel's sigaction: rt_sigaction(2) passes this, not glibc's. */
export const kernel_sigaction = struct('struct kernel_sigaction', { sa_handler: 'ptr', sa_flags: 'u64', sa_restorer: 'ptr', sa_mask: 'u64' });
export const stack_t = struct('stack_t', { ss_sp: 'ptr', ss_flags: 's32', ss_size: 'u64' });
export const sigevent = struct('struct sigevent', { sigev_value: 'u64', sigev_signo: 's32', sigev_notify: 's32', sigev_notify_thread_id: 's32', _pad: ['s32', 11] });

/** siginfo is a union: one layout for each way that a signal arises; all are 128 bytes. */
export const SIGINFO_SIZE = 128;
const head = { si_signo: 's32', si_errno: 's32', si_code: 's32', _pad0: 's32' } as const;
export const siginfo_kill = struct('siginfo_t', { ...head, si_pid: 's32', si_uid: 'u32' });
export const siginfo_timer = struct('siginfo_t', { ...head, si_timerid: 's32', si_overrun: 's32', si_value: 'u64' });
export const siginfo_rt = struct('siginfo_t', { ...head, si_pid: 's32', si_uid: 'u32', si_value: 'u64' });
export const siginfo_chld = struct('siginfo_t', { ...head, si_pid: 's32', si_uid: 'u32', si_status: 's32', _pad1: 's32', si_utime: 's64', si_stime: 's64' });
export const siginfo_fault = struct('siginfo_t', { ...head, si_addr: 'ptr', si_addr_lsb: 's16', _pad1: ['u8', 6], si_lower: 'ptr', si_upper: 'ptr' });
export const siginfo_poll = struct('siginfo_t', { ...head, si_band: 's64', si_fd: 's32' });
export const siginfo_sys = struct('siginfo_t', { ...head, si_call_addr: 'ptr', si_syscall: 's32', si_arch: 'u32' });
