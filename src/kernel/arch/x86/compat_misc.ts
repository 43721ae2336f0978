// Calls that only i386's table has, and those whose arguments stand otherwise there: limits, names of the system, priorities, clone; and the places of calls that Linux has given up. Linux: arch/x86/entry/syscalls/syscall_32.tbl,
// kernel/sys.c, kernel/time/time.c, kernel/sched/syscalls.c. Differs: there are no TLS entries of the GDT (CLONE_SETTLS, set_thread_area).
import { choice, hex, int, long, path, pid, pointer, ptr, type ArgType } from '../../../abi/arg_types';
import { EFAULT, EINVAL, ENOSYS, EPERM } from '../../../abi/errno';
import { RLIMIT } from '../../../abi/resource';
import { new_utsname } from '../../../abi/utsname';
import { sys_umount2 } from '../../fs/namespace';
import { CAP_SYS_TIME, capable } from '../../fs/inode';
import { sys_clone } from '../../kernel/fork';
import { do_prlimit, utsname_bytes } from '../../kernel/sys';
import { can_nice, nice_of } from '../../kernel/sched_syscalls';
import { do_settimeofday } from '../../kernel/time/time';
import type { task_struct } from '../../kernel/types';
import { task_mm } from '../../mm/mmap';
import { copy_from_user, copy_to_user, get_user32 } from '../../mm/uaccess';
import { failed, type SyscallResult } from '../../result';
import { syscall, type ArgDeclarations } from '../../syscall';

const RLIM_INFINITY = 2n ** 64n - 1n, COMPAT_RLIM_INFINITY = 0xffffffffn, OLD_RLIM_INFINITY = 0x7fffffffn;

/** A limit in words of 32 bits, of which `most` says that there is none. */
function get_rlimit(task: task_struct, resource: number, address: number, most: bigint): SyscallResult {
  const limit = task.signal.rlim[resource];
  if (!limit) return EINVAL.because('there is no such resource');
  const word = (value: bigint): number => Number(value > most ? most : value);
  return copy_to_user(task_mm(task), address, new Uint8Array(Uint32Array.of(word(limit.rlim_cur), word(limit.rlim_max)).buffer));
}

const rlimit32 = pointer('rlimit32', 'const struct compat_rlimit *', 'in'), outRlimit32 = pointer('rlimit32', 'struct compat_rlimit *', 'out');

syscall({ nr: -1, nr32: 76, name: 'getrlimit', brief: 'get resource limits', args: { resource: choice(RLIMIT), rlim: outRlimit32 }, ret: int, classes: [] },
  (task, { resource, rlim }) => get_rlimit(task, resource, rlim, OLD_RLIM_INFINITY));
syscall({ nr: -1, nr32: 191, name: 'ugetrlimit', brief: 'get resource limits', args: { resource: choice(RLIMIT), rlim: outRlimit32 }, ret: int, classes: [] },
  (task, { resource, rlim }) => get_rlimit(task, resource, rlim, COMPAT_RLIM_INFINITY));

syscall({ nr: -1, nr32: 75, name: 'setrlimit', brief: 'set resource limits', args: { resource: choice(RLIMIT), rlim: rlimit32 }, ret: int, classes: [] }, (task, { resource, rlim }) => {
  const bytes = copy_from_user(task_mm(task), rlim, 8);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset), wide = (at: number): bigint => BigInt(view.getUint32(at, true)) === COMPAT_RLIM_INFINITY ? RLIM_INFINITY : BigInt(view.getUint32(at, true));
  return do_prlimit(task, task, resource, new Uint8Array(BigUint64Array.of(wide(0), wide(4)).buffer), 0);
});

syscall({ nr: -1, nr32: 22, name: 'umount', brief: 'unmount filesystem', args: { target: path }, ret: int, classes: ['file'] }, (task, { target }) => sys_umount2.handler?.(task, { target, flags: 0 }) ?? 0);

syscall({ nr: -1, nr32: 25, name: 'stime', brief: 'set time', args: { t: pointer('time32', 'const old_time32_t *', 'out') }, ret: int, classes: ['clock'] }, (task, { t }) => {
  const seconds = get_user32(task_mm(task), t);
  if (failed(seconds)) return seconds;
  if (!capable(task, CAP_SYS_TIME)) return EPERM.because('setting the clock needs CAP_SYS_TIME');
  return do_settimeofday(task, BigInt(seconds | 0) * 1_000_000_000n) ?? 0;
});

/** Linux: kernel/sched/syscalls.c:sys_nice() */
syscall({ nr: -1, nr32: 34, name: 'nice', brief: 'change process priority', args: { inc: int }, ret: int, classes: [] }, (task, { inc }) => {
  const nice = Math.min(Math.max(nice_of(task) + Math.min(Math.max(inc, -40), 40), -20), 19);
  if (inc < 0 && !can_nice(task, nice)) return EPERM.because('a lower nice value needs CAP_SYS_NICE or RLIMIT_NICE');
  task.static_prio = task.prio = 120 + nice;
  return 0;
});

/** The first fields of struct new_utsname, as many bytes of each as the older structures have. */
function older_uname(nr32: number, name: string, bytes: number): void {
  syscall({ nr: -1, nr32, name, brief: 'get name and information about current kernel', args: { buf: hex }, ret: int, classes: [] }, (task, { buf }) => {
    if (buf === 0) return EFAULT.because('buf is NULL');
    const whole = utsname_bytes(), old = new Uint8Array(5 * bytes);
    for (let i = 0; i < 5; i++) old.set(whole.subarray(i * new_utsname.size / 6, i * new_utsname.size / 6 + bytes - 1), i * bytes);
    return copy_to_user(task_mm(task), buf, old);
  });
}
older_uname(59, 'oldolduname', 9);
older_uname(109, 'olduname', 65);

/** The last two arguments stand the other way round. Linux: kernel/fork.c (CONFIG_CLONE_BACKWARDS) */
const CLONE_SETTLS = 0x80000;
syscall({ nr: -1, nr32: 120, name: 'clone', brief: 'create a child process', args: { flags: hex, stack: ptr, parent_tid: ptr, tls: ptr, child_tid: ptr }, ret: pid, classes: ['process'], support: { partial: 'no CLONE_SETTLS' } },
  (task, { flags, stack, parent_tid, tls, child_tid }) => {
    if ((flags & CLONE_SETTLS) !== 0) return tls === 0 ? EFAULT.because('tls is NULL') : EINVAL.because('there are no TLS entries of the GDT');
    return sys_clone.handler?.(task, { flags, stack, parent_tid, child_tid, tls: 0 }) ?? ENOSYS.because('clone is not here');
  });

/** Numbers that stay taken. */
function gone(nr32: number, name: string, brief: string, args: ArgDeclarations, ret: ArgType<number> = int): void {
  syscall({ nr: -1, nr32, name, brief, args, ret, classes: [], support: { none: 'ENOSYS, as on Linux: the call exists no more' } }, () => ENOSYS.because(`${name} exists no more, on Linux as here`));
}
const two = { arg1: hex, arg2: hex };
gone(17, 'break', 'change the end of the data segment', {});
gone(31, 'stty', 'set terminal settings', two);
gone(32, 'gtty', 'get terminal settings', two);
gone(35, 'ftime', 'return date and time', {});
gone(44, 'prof', 'profile a program', {});
gone(53, 'lock', 'lock memory', {});
gone(56, 'mpx', 'create a multiplexed file', {});
gone(58, 'ulimit', 'get and set user limits', two, long);
gone(98, 'profil', 'execution time profile', { ...two, arg3: hex, arg4: hex });
gone(112, 'idle', 'make process 0 idle', {});
gone(113, 'vm86old', 'enter virtual 8086 mode', { v86: hex });
gone(134, 'bdflush', 'start, flush, or tune buffer-dirty-flush daemon', two);
gone(166, 'vm86', 'enter virtual 8086 mode', { ...two, arg3: hex, arg4: hex, arg5: hex });
