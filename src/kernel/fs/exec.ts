// execve: a new program in the place of the old. Linux: fs/exec.c, fs/binfmt_script.c
// Differs: the new address space is built wholly before the old one goes, so a load that fails late gives an errno where Linux kills the process.
import { argv as argvType, bits, dirfd, envp as envpType, int, path } from '../../abi/arg_types';
import { E2BIG, EINVAL, ELOOP, ENAMETOOLONG, ENOEXEC, ENOMEM, Errno } from '../../abi/errno';
import { AT_EMPTY_PATH, AT_FDCWD, AT_FLAGS, AT_SYMLINK_NOFOLLOW } from '../../abi/fcntl';
import { RLIMIT_STACK } from '../../abi/resource';
import { failed, type Block, type SyscallResult } from '../result';
import { charge, kernel, ports } from '../state';
import { in_compat_syscall, syscall } from '../syscall';
import { start_thread } from '../arch/x86/pt_regs';
import { map_vdso } from '../arch/x86/vdso';
import { complete_vfork_done, mm_release, release_task, zap_other_threads } from '../kernel/exit';
import { exit_itimers } from '../kernel/time/posix_cpu_timers';
import { transfer_pid } from '../kernel/pid';
import { SIGCHLD, recalc_sigpending } from '../kernel/signal';
import { k_sigaction, sighand_struct, type task_struct } from '../kernel/types';
import { block } from '../kernel/wait';
import { mm_alloc, mmput } from '../mm/init_mm';
import { task_mm } from '../mm/mmap';
import type { mm_struct } from '../mm/types';
import { get_user32, get_user64, strncpy_from_user } from '../mm/uaccess';
import { create_elf_tables, elf_interpreter, elf_load, elf_read, elf_stack_flags, type ElfImage, type ElfLoaded } from './binfmt_elf';
import { do_close_on_exec, fput, unshare_files } from './file';
import { getname } from './namei';
import { open_exec } from './open';
import { kernel_read } from './read_write';
import type { file } from './types';

const MAX_ARG_STRLEN = 131072;

/** The strings of argv or envp. Linux: copy_strings() */
function copy_strings(task: task_struct, array: number, room: number): string[] | Errno | Block {
  const strings: string[] = [];
  if (array === 0) return strings;
  let total = 0;
  for (let i = 0; ; i++) {
    const at = in_compat_syscall(task) ? get_user32(task_mm(task), array + i * 4) : get_user64(task_mm(task), array + i * 8);
    if (typeof at !== 'number') return at;
    if (at === 0) return strings;
    const text = strncpy_from_user(task_mm(task), at, MAX_ARG_STRLEN);
    if (typeof text !== 'string') return text;
    if (text.length >= MAX_ARG_STRLEN) return E2BIG.because('an argument is longer than 128 KiB');
    total += text.length + 9;
    if (total > room) return E2BIG.because(`arguments and environment are larger than ${room} bytes`);
    strings.push(text);
  }
}

/** A quarter of the stack limit, at least 128 KiB and at most 6 MiB. Linux: bprm_stack_limits() */
function args_room(task: task_struct): number {
  const limit = Number(task.signal.rlim[RLIMIT_STACK]?.rlim_cur ?? 0x800000n);
  return Math.max(Math.min(limit / 4, 0x600000), 0x20000);
}

interface Program { image: ElfImage; interp: ElfImage | null; files: file[]; argv: string[] }

function close_all(files: readonly file[]): void {
  for (const one of files) fput(one);
}

/** Follows scripts to an ELF program. The files are open; the caller closes them. Linux: exec_binprm(), load_script() */
function find_program(task: task_struct, first: file, filename: string, argv: string[]): Program | Errno | Block {
  let name = filename;
  let args = argv;
  for (let depth = 0; depth < 6; depth++) {
    const opened = depth === 0 ? first : open_exec(task, AT_FDCWD, name);
    if (failed(opened)) return opened;
    const head = kernel_read(opened, 0, 256);
    if (failed(head)) {
      fput(opened);
      return head;
    }
    if (head[0] === 0x23 && head[1] === 0x21) {
      fput(opened);
      const script = script_line(head);
      if (script instanceof Errno) return script;
      args = [script.interpreter, ...(script.argument === '' ? [] : [script.argument]), name, ...args.slice(1)];
      name = script.interpreter;
      continue;
    }
    return read_program(task, opened, head, args);
  }
  return ELOOP.because('scripts lead to scripts more than five times');
}

function read_program(task: task_struct, opened: file, head: Uint8Array, argv: string[]): Program | Errno | Block {
  const image = elf_read(opened, head);
  const path = failed(image) ? image : elf_interpreter(image);
  if (failed(image) || failed(path)) {
    fput(opened);
    return failed(image) ? image : path as Errno | Block;
  }
  if (path === '') return { image, interp: null, files: [opened], argv };
  const loader = open_exec(task, AT_FDCWD, path);
  if (failed(loader)) {
    fput(opened);
    return loader instanceof Errno ? loader.because(`the interpreter ${path} cannot be opened`) : loader;
  }
  const loaderHead = kernel_read(loader, 0, 64);
  const interp = failed(loaderHead) ? loaderHead : elf_read(loader, loaderHead);
  if (failed(interp)) {
    close_all([opened, loader]);
    return interp;
  }
  return { image, interp, files: [opened, loader], argv };
}

function script_line(head: Uint8Array): { interpreter: string; argument: string } | Errno {
  const text = String.fromCharCode(...head.subarray(2));
  const end = text.search(/[\n\0]/);
  const line = (end < 0 ? text : text.slice(0, end)).replace(/[ \t]+$/, '').replace(/^[ \t]+/, '');
  if (line === '' || end < 0 && !/[ \t]/.test(line)) return ENOEXEC.because('the #! line names no interpreter');
  const space = line.search(/[ \t]/);
  if (space < 0) return { interpreter: line, argument: '' };
  return { interpreter: line.slice(0, space), argument: line.slice(space).replace(/^[ \t]+/, '') };
}

/** Runs the program in `opened`, which is closed in the end, in the current task. Block: call again. Linux: bprm_execve(), begin_new_exec() */
function do_execve(task: task_struct, opened: file, filename: string, argv: string[], envp: string[]): SyscallResult {
  const args = argv.length === 0 ? [''] : argv;
  const program = find_program(task, opened, filename, args);
  if (failed(program)) return program;
  const waits = de_thread(task);
  if (waits) {
    close_all(program.files);
    return waits;
  }
  const mm = mm_alloc();
  if (!mm) {
    close_all(program.files);
    return ENOMEM.because('guest memory is exhausted');
  }
  const loaded = load_with_vdso(mm, program);
  const isSecure = false;
  const sp = failed(loaded) ? loaded
    : create_elf_tables(mm, loaded, { filename, argv: program.argv, envp }, task.cred, isSecure, elf_stack_flags(program.image));
  if (failed(loaded) || typeof sp !== 'number') {
    close_all(program.files);
    mmput(mm);
    return failed(loaded) ? loaded : sp as Errno | Block;
  }
  const [main] = program.files;
  mm.exe_file = main ?? null;
  close_all(program.files.slice(1));
  commit(task, mm);
  task.comm = filename.slice(filename.lastIndexOf('/') + 1).slice(0, 15);
  task.did_exec = true;
  start_thread(task, loaded.entry, sp);
  charge('exec');
  ports().events.exec(task.pid, filename);
  return 0;
}

/** The program, its interpreter and the vDSO below them. */
function load_with_vdso(mm: mm_struct, program: Program): ElfLoaded | Errno | Block {
  const loaded = elf_load(mm, program.image, program.interp);
  if (failed(loaded)) return loaded;
  const vdso = map_vdso(mm);
  return typeof vdso === 'number' ? { ...loaded, vdso } : vdso;
}

/** Kills the other threads and waits for them; the task becomes the leader. null: it is alone. Linux: de_thread() */
function de_thread(task: task_struct): Block | null {
  const { signal } = task;
  if (signal.thread_head.length > 1) {
    signal.group_exec_task = task;
    zap_other_threads(task);
    const alive = signal.thread_head.filter(thread => thread !== task && thread.exit_state === 0);
    if (alive.length > 0) return block(null);
  }
  signal.group_exec_task = null;
  const leader = task.group_leader;
  if (leader && leader !== task) take_leadership(task, leader);
  return null;
}

/** The task takes the dead leader's pid, parent and children. */
function take_leadership(task: task_struct, leader: task_struct): void {
  const parent = leader.real_parent;
  task.real_parent = parent;
  const at = parent ? parent.children.indexOf(leader) : -1;
  if (parent && at >= 0) parent.children[at] = task;
  for (const child of leader.children.splice(0)) {
    child.real_parent = task;
    task.children.push(child);
  }
  ports().events.superseded(leader.pid, task.pid);
  kernel.tasks.delete(task.pid);
  transfer_pid(leader, task);
  release_task(leader);
  task.pid = task.tgid;
  task.exit_signal = SIGCHLD;
  task.group_leader = task;
  kernel.tasks.set(task.pid, task);
  if (kernel.init === leader) kernel.init = task;
}

/** The point of no return: the new address space, and everything that does not outlive exec. */
function commit(task: task_struct, mm: NonNullable<task_struct['mm']>): void {
  mm_release(task);
  const old = task.mm;
  task.mm = mm;
  task.thread.pgdPa = mm.pgd;
  ports().cpu.loadCr3(mm.pgd);
  if (old) {
    task.signal.maxrss = Math.max(task.signal.maxrss, old.hiwater_rss);
    mmput(old);
  }
  complete_vfork_done(task);
  const action = task.sighand.action.map(one => one.sa_handler > 1 ? k_sigaction.make({}) : k_sigaction.make({ sa_handler: one.sa_handler }));
  task.sighand.count--;
  task.sighand = sighand_struct.make({ count: 1, action });
  unshare_files(task);
  if (task.files) do_close_on_exec(task.files);
  exit_itimers(task.signal);
  task.sas_ss_sp = 0;
  task.sas_ss_size = 0;
  task.sas_ss_flags = 0;
  task.rseq = 0;
  task.rseq_len = 0;
  task.set_child_tid = 0;
  task.clear_child_tid = 0;
  task.pdeath_signal = 0;
  task.keepcaps = false;
  task.syscall_dispatch = null;
  task.tls_array.length = 0;
  const { cpu } = ports();
  cpu.setFsBase(0);
  cpu.setUserGsBase(0);
  cpu.resetFpu();
  recalc_sigpending(task);
}

/** Runs a program by its path with strings that the kernel has. Linux: kernel_execve() */
export function kernel_execve(task: task_struct, filename: string, argv: string[], envp: string[]): SyscallResult {
  const opened = open_exec(task, AT_FDCWD, filename);
  return failed(opened) ? opened : do_execve(task, opened, filename, argv, envp);
}

export const sys_execve = syscall({
  nr: 59, nr32: 11, name: 'execve', brief: 'execute program', args: { pathname: path, argv: argvType, envp: envpType }, ret: int, classes: ['file', 'process'],
  support: { partial: 'set-user-ID bits are ignored' },
}, (task, { pathname, argv, envp }) => execveat(task, AT_FDCWD, pathname, argv, envp, 0));

export const sys_execveat = syscall({
  nr: 322, nr32: 358, name: 'execveat', brief: 'execute program relative to a directory file descriptor',
  args: { dirfd, pathname: path, argv: argvType, envp: envpType, flags: bits(AT_FLAGS) }, ret: int, classes: ['desc', 'file', 'process'],
  support: { partial: 'set-user-ID bits are ignored' },
}, (task, { dirfd: dfd, pathname, argv, envp, flags }) => execveat(task, dfd, pathname, argv, envp, flags));

function execveat(task: task_struct, dfd: number, pathname: number, argv: number, envp: number, flags: number): SyscallResult {
  const filename = getname(task, pathname);
  if (typeof filename !== 'string') return filename;
  if ((flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) !== 0) return EINVAL.because('flags has unknown bits');
  if (filename.length >= 4096) return ENAMETOOLONG.because('the path is longer than 4095 bytes');
  const opened = open_exec(task, dfd, filename, flags);
  if (failed(opened)) return opened;
  const room = args_room(task);
  const args = copy_strings(task, argv, room), env = failed(args) ? args : copy_strings(task, envp, room);
  if (!failed(args) && !failed(env)) return do_execve(task, opened, filename, args, env);
  fput(opened);
  return env as Errno | Block;
}

