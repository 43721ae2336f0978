// Every file that declares system calls: importing this fills the tables of syscall.ts. One line a file.
import './arch/x86/process_64';
import './arch/x86/signal';
import './fs/exec';
import './fs/fcntl';
import './fs/locks';
import './fs/namei_modify';
import './fs/open';
import './fs/pipe';
import './fs/read_write';
import './fs/readdir';
import './fs/stat';
import './fs/syscalls';
import './kernel/exit';
import './kernel/fork';
import './kernel/futex';
import './kernel/prctl';
import './kernel/restart';
import './kernel/rusage';
import './kernel/sched_syscalls';
import './kernel/seccomp';
import './kernel/sigaction';
import './kernel/sys';
import './kernel/sys_more';
import './kernel/time/posix_timers';
import './kernel/time/time';
import './mm/madvise';
import './mm/mempolicy';
import './mm/mmap';
import './mm/mprotect';
import './mm/mremap';
import './net/proc';
import './net/socket';
// After all others: what nobody has declared.
import './kernel/sys_ni';

export { syscalls, syscalls32, syscallsByName } from './syscall';
