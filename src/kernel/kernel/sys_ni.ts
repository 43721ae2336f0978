// The calls of Linux 6.12 that are declared and not made: what a container answers (EPERM to what needs the computer, ENOSYS to what its profile lacks), and ENOSYS to those that
// Linux itself has given up or not built. One row a call; a handler elsewhere takes the row's place. Linux: kernel/sys_ni.c, entry/syscalls/syscall_64.tbl
import {
  buffer, choice, clockid, fd, hex, int, long, path, pid, ptr, size, str, timespec, uhex, uint, ulong, type ArgType,
} from '../../abi/arg_types';
import { ENOSYS, EPERM } from '../../abi/errno';
import { BPF_CMD, KEYCTL_OPS, LANDLOCK_RULE, SYSLOG_ACTIONS } from '../../abi/ni';
import { PTRACE_REQUESTS } from '../../abi/ptrace';
import { notice } from '../state';
import { syscall, type ArgDeclarations } from '../syscall';

type Answer = 'container' | 'gone' | 'not built';

const ANSWERS: Record<Answer, string> = {
  container: 'EPERM, as in a container: the call reaches for the computer itself',
  gone: 'ENOSYS, as on Linux: the call exists no more',
  'not built': 'ENOSYS, as from a kernel built without it',
};

/** A call that always gives the same answer. */
function ni_syscall(answer: Answer, nr: number, nr32: number, name: string, brief: string, args: ArgDeclarations, classes: string[] = [], ret: ArgType<number> = int): void {
  const refused = answer === 'container' ? EPERM.because(`${name} is not permitted in a container`)
    : ENOSYS.because(answer === 'gone' ? `${name} exists no more, on Linux as here` : `the kernel is built without ${name}`);
  syscall({ nr, nr32: nr32 < 0 ? undefined : nr32, name, brief, args, ret, classes, support: { none: ANSWERS[answer] } }, (task) => {
    notice(`syscall ${name}`, `${name}() is not made here; ${task.comm} got ${refused.name}, as ${answer === 'container' ? 'in a container' : 'from a Linux without it'}.`);
    return refused;
  });
}

const c = ni_syscall.bind(null, 'container');
const gone = ni_syscall.bind(null, 'gone');
const absent = ni_syscall.bind(null, 'not built');
const fdArg = fd;
const raw = { arg1: hex, arg2: hex, arg3: hex, arg4: hex, arg5: hex };

c(101, 26, 'ptrace', 'process trace', { op: choice(PTRACE_REQUESTS, 'enum __ptrace_request'), pid, addr: ptr, data: ptr }, [], long);
c(103, 103, 'syslog', 'read and/or clear kernel message ring buffer', { type: choice(SYSLOG_ACTIONS), bufp: ptr, len: int });
c(169, 88, 'reboot', 'reboot or enable/disable Ctrl-Alt-Del', { magic: hex, magic2: hex, op: hex, arg: ptr });
c(175, 128, 'init_module', 'load a kernel module', { module_image: ptr, len: ulong, param_values: str });
c(176, 129, 'delete_module', 'unload a kernel module', { name: str, flags: hex });
c(313, 350, 'finit_module', 'load a kernel module', { fd: fdArg, param_values: str, flags: hex }, ['desc']);
c(443, 443, 'quotactl_fd', 'manipulate disk quotas', { fd: fdArg, op: hex, id: uint, addr: ptr }, ['desc']);
c(246, 283, 'kexec_load', 'load a new kernel for later execution', { entry: hex, nr_segments: ulong, segments: ptr, flags: hex });
c(320, -1, 'kexec_file_load', 'load a new kernel for later execution', { kernel_fd: fdArg, initrd_fd: fdArg, cmdline_len: ulong, cmdline: buffer('cmdline_len'), flags: hex }, ['desc']);
c(248, 286, 'add_key', "add a key to the kernel's key management facility", { type: str, description: str, payload: buffer('plen'), plen: size, keyring: int });
c(249, 287, 'request_key', "request a key from the kernel's key management facility", { type: str, description: str, callout_info: str, dest_keyring: int });
c(250, 288, 'keyctl', "manipulate the kernel's key management facility", { op: choice(KEYCTL_OPS), arg2: hex, arg3: hex, arg4: hex, arg5: hex }, [], long);
c(298, 336, 'perf_event_open', 'set up performance monitoring', { attr: ptr, pid, cpu: int, group_fd: fdArg, flags: hex }, ['desc'], fd);
c(321, 357, 'bpf', 'perform a command on an extended BPF map or program', { cmd: choice(BPF_CMD), attr: ptr, size: uint }, ['desc'], long);
c(323, 374, 'userfaultfd', 'create a file descriptor for handling page faults in user space', { flags: hex }, ['desc'], fd);
c(457, 457, 'statmount', 'get a mount status', { req: ptr, buf: ptr, bufsize: size, flags: hex });
c(458, 458, 'listmount', 'list mount ids', { req: ptr, mnt_ids: ptr, nr_mnt_ids: size, flags: hex }, [], long);

absent(425, 425, 'io_uring_setup', 'set up a context for performing asynchronous I/O', { entries: uint, p: ptr }, ['desc'], fd);
absent(426, 426, 'io_uring_enter', 'initiate and/or complete asynchronous I/O', { fd: fdArg, to_submit: uint, min_complete: uint, flags: hex, sig: ptr, sz: size }, ['desc', 'signal']);
absent(427, 427, 'io_uring_register', 'register files or user buffers for asynchronous I/O', { fd: fdArg, opcode: uint, arg: ptr, nr_args: uint }, ['desc', 'memory']);
absent(206, 245, 'io_setup', 'create an asynchronous I/O context', { nr_events: uint, ctx_idp: ptr }, ['memory']);
absent(207, 246, 'io_destroy', 'destroy an asynchronous I/O context', { ctx_id: hex }, ['memory']);
absent(208, 247, 'io_getevents', 'read asynchronous I/O events', { ctx_id: hex, min_nr: long, nr: long, events: ptr, timeout: timespec }, []);
absent(209, 248, 'io_submit', 'submit asynchronous I/O blocks for processing', { ctx_id: hex, nr: long, iocbpp: ptr });
absent(210, 249, 'io_cancel', 'cancel an outstanding asynchronous I/O operation', { ctx_id: hex, iocb: ptr, result: ptr }, []);
absent(333, 385, 'io_pgetevents', 'read asynchronous I/O events', { ctx_id: hex, min_nr: long, nr: long, events: ptr, timeout: timespec, usig: ptr });
absent(444, 444, 'landlock_create_ruleset', 'create a new Landlock ruleset', { attr: ptr, size, flags: hex }, ['desc'], fd);
absent(445, 445, 'landlock_add_rule', 'add a new Landlock rule to a ruleset', { ruleset_fd: fdArg, rule_type: choice(LANDLOCK_RULE), rule_attr: ptr, flags: uhex }, ['desc']);
absent(446, 446, 'landlock_restrict_self', 'enforce a Landlock ruleset', { ruleset_fd: fdArg, flags: uhex }, ['desc']);
absent(453, 453, 'map_shadow_stack', 'map a shadow stack', { addr: ptr, size, flags: hex }, ['memory'], ptr);
absent(454, 454, 'futex_wake', 'wake futex waiters', { uaddr: ptr, mask: hex, nr: int, flags: hex });
absent(455, 455, 'futex_wait', 'wait on a futex', { uaddr: ptr, val: ulong, mask: hex, flags: hex, timeout: timespec, clockid });
absent(456, 456, 'futex_requeue', 'requeue futex waiters', { waiters: ptr, flags: hex, nr_wake: int, nr_requeue: int });
absent(451, 451, 'cachestat', 'query the page cache statistics of a file', { fd: fdArg, cstat_range: ptr, cstat: ptr, flags: hex }, ['desc']);
absent(459, 459, 'lsm_get_self_attr', 'get the security attributes of the process', { attr: uint, ctx: ptr, size: ptr, flags: hex });
absent(460, 460, 'lsm_set_self_attr', 'set the security attributes of the process', { attr: uint, ctx: ptr, size: uint, flags: hex });
absent(461, 461, 'lsm_list_modules', 'list the active security modules', { ids: ptr, size: ptr, flags: hex });
absent(462, 462, 'mseal', 'make a mapping immutable', { start: ptr, len: size, flags: hex }, ['memory']);
absent(335, -1, 'uretprobe', 'run the handlers of a return probe', {});

gone(134, 86, 'uselib', 'load shared library', { library: path }, ['file']);
gone(156, 149, '_sysctl', 'read/write system parameters', { args: ptr });
gone(174, 127, 'create_module', 'create a loadable module entry', { name: str, size }, []);
gone(177, 130, 'get_kernel_syms', 'retrieve exported kernel and module symbols', { table: ptr });
gone(178, 167, 'query_module', 'query the kernel for various bits pertaining to modules', { name: str, which: int, buf: ptr, bufsize: size, ret: ptr });
gone(180, 169, 'nfsservctl', 'syscall interface to kernel nfs daemon', { cmd: int, argp: ptr, resp: ptr });
gone(181, 188, 'getpmsg', 'receive a message of a STREAM', raw, ['network']);
gone(182, 189, 'putpmsg', 'send a message on a STREAM', raw, ['network']);
gone(183, 137, 'afs_syscall', 'Andrew file system', raw);
gone(184, -1, 'tuxcall', 'Tux web server', raw);
gone(185, -1, 'security', 'security modules', raw);
gone(205, 243, 'set_thread_area', 'set a GDT entry for thread-local storage', { u_info: ptr });
gone(211, 244, 'get_thread_area', 'get a GDT entry for thread-local storage', { u_info: ptr });
gone(212, 253, 'lookup_dcookie', "return a directory entry's path", { cookie: ulong, buffer: ptr, len: size });
gone(214, -1, 'epoll_ctl_old', 'control interface for an epoll file descriptor', { epfd: fdArg, op: int, fd: fdArg, event: ptr });
gone(215, -1, 'epoll_wait_old', 'wait for an I/O event on an epoll file descriptor', { epfd: fdArg, events: ptr, maxevents: int, timeout: int });
gone(236, 273, 'vserver', 'Linux-VServer', raw);
