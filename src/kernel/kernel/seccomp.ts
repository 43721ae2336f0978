// Secure computing: strict mode and filters that judge every system call. Linux: kernel/seccomp.c. Supervisors behind a descriptor: seccomp_notify.ts.
import { choice, int, pointer, uint } from '../../abi/arg_types';
import { compat_sock_fprog } from '../../abi/compat';
import { EACCES, EINVAL, ENOMEM, ENOSYS, EOPNOTSUPP, ESRCH, Errno, findErrno } from '../../abi/errno';
import {
  AUDIT_ARCH_I386, AUDIT_ARCH_X86_64, BPF_ABS, BPF_ALU, BPF_LD, BPF_LEN, BPF_LDX, BPF_MAXINSNS, BPF_OP_ALU, BPF_W, BPF_X, SECCOMP_FILTER_FLAG_LOG, SECCOMP_FILTER_FLAG_NEW_LISTENER,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW, SECCOMP_FILTER_FLAG_TSYNC, SECCOMP_FILTER_FLAG_TSYNC_ESRCH, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, SECCOMP_GET_ACTION_AVAIL, SECCOMP_GET_NOTIF_SIZES,
  SECCOMP_MODE_DISABLED, SECCOMP_MODE_FILTER, SECCOMP_MODE_STRICT, SECCOMP_OP, SECCOMP_RET, SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ALLOW, SECCOMP_RET_DATA, SECCOMP_RET_ERRNO,
  SECCOMP_RET_KILL_THREAD, SECCOMP_RET_LOG, SECCOMP_RET_TRACE, SECCOMP_RET_TRAP, SECCOMP_RET_USER_NOTIF, SECCOMP_SET_MODE_FILTER, SECCOMP_SET_MODE_STRICT, seccomp_data, sock_fprog,
} from '../../abi/seccomp';
import { readField } from '../../abi/struct';
import { findName } from '../../abi/table';
import { RIP, get_reg } from '../arch/x86/pt_regs';
import { f, kobject, type Instance, type KObject } from '../kobject';
import { task_mm } from '../mm/mmap';
import { copy_from_user, copy_to_user, get_user32 } from '../mm/uaccess';
import { bpf_check_classic, bpf_prog, bpf_prog_create, bpf_prog_run, type BpfResult } from '../net/core/filter';
import { failed, type Block, type SyscallResult } from '../result';
import { notice } from '../state';
import { in_compat_syscall, syscall, syscalls, syscalls32 } from '../syscall';
import { do_exit } from './exit';
import { SIGKILL, SIGSYS, force_sig_info } from './signal';
import { new_listener, notify_supervisor, type seccomp_notification } from './seccomp_notify';
import type { task_struct } from './types';

/** One attached program; `prev` was attached before it, by the same task or its parent, and is asked too. */
export const seccomp_filter = kobject('seccomp_filter', {
  prog: f.ref<bpf_prog>('bpf_prog'), prev: f.ptr<KObject>('seccomp_filter'), log: f.bool,
  /** Calls that wait for the supervisor; null: nobody has asked for a listener. */
  notif: f.ptr<seccomp_notification>('notification'),
});
export interface seccomp_filter extends Instance<typeof seccomp_filter> {}

const filter_of = (task: task_struct): seccomp_filter | null => task.seccomp_filter as seccomp_filter | null;
const prev_of = (filter: seccomp_filter): seccomp_filter | null => filter.prev as seccomp_filter | null;

/** Instructions of all filters of a task, each with four more. Linux: MAX_INSNS_PER_PATH */
const MAX_INSNS_PER_PATH = 32768;
const MAX_ERRNO = 4095;
/** read, write, exit, rt_sigreturn of x86-64; read, write, exit, sigreturn of i386. Linux: mode1_syscalls */
const STRICT_CALLS: readonly ReadonlySet<number>[] = [new Set([0, 1, 60, 15]), new Set([3, 4, 1, 119])];

/** What becomes of the call: null, it is made; a result; 'over', its task has ended; 'kill', its process ends with SIGSYS now. Called when the call begins, and again after a supervisor was waited for. */
export type Verdict = SyscallResult | 'over' | 'kill' | null;

/** Linux: __secure_computing() */
export function secure_computing(task: task_struct): Verdict {
  const { call } = task;
  if (!call || call.secured) return null;
  if (task.seccomp_mode === SECCOMP_MODE_STRICT) {
    call.secured = true;
    if (STRICT_CALLS[call.abi]?.has(call.nr)) return null;
    notice(`seccomp ${task.tgid}`, `${task.comm} (pid ${task.tgid}) was killed: seccomp's strict mode allows read, write, _exit and sigreturn only, not ${call_name(task)}.`);
    do_exit(task, SIGKILL);
    return 'over';
  }
  return seccomp_run(task);
}

function call_name({ call }: task_struct): string {
  if (!call) return 'no call';
  return (call.abi === 0 ? syscalls : syscalls32).get(call.nr)?.name ?? `call ${call.nr}`;
}

/** struct seccomp_data of the current call, as words. */
function seccomp_words(task: task_struct): number[] {
  const { call } = task;
  const ip = get_reg(task, RIP);
  return [(call?.nr ?? 0) >>> 0, call?.abi === 1 ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64, ip % 4294967296, Math.floor(ip / 4294967296), ...call?.args ?? []];
}

/** An action as Linux compares it: the lower, the stronger. */
const strength = (value: number): number => (value & SECCOMP_RET_ACTION_FULL) | 0;

/** Asks all filters, the newest first; the strongest answer counts, of equal ones the newest. Linux: seccomp_run_filters() */
function seccomp_run_filters(task: task_struct, words: readonly number[]): BpfResult & { match: seccomp_filter | null } {
  let result: BpfResult = { value: SECCOMP_RET_ALLOW, pc: 0 };
  let match: seccomp_filter | null = null;
  for (let filter = filter_of(task); filter; filter = prev_of(filter)) {
    const answer = bpf_prog_run(filter.prog, offset => words[offset / 4] ?? 0, seccomp_data.size);
    if (strength(answer.value) >= strength(result.value)) continue;
    result = answer;
    match = filter;
  }
  return { ...result, match };
}

/** Linux: __seccomp_filter() */
function seccomp_run(task: task_struct): Verdict {
  const { call } = task;
  if (!call) return null;
  const words = seccomp_words(task);
  const { value, pc, match } = seccomp_run_filters(task, words);
  const action = (value & SECCOMP_RET_ACTION_FULL) >>> 0;
  const data = value & SECCOMP_RET_DATA;
  const place = `instruction ${pc} of the seccomp filter`;
  if (action !== SECCOMP_RET_USER_NOTIF) call.secured = true;
  switch (action) {
    case SECCOMP_RET_ALLOW: case SECCOMP_RET_LOG: return null;
    case SECCOMP_RET_ERRNO: {
      const number = Math.min(data, MAX_ERRNO);
      if (number === 0) return 0;
      return (findErrno(number) ?? new Errno(`${number}`, number, `Unknown error ${number}`)).because(`${place} returned SECCOMP_RET_ERRNO|${data}`);
    }
    case SECCOMP_RET_TRACE: return ENOSYS.because(`${place} returned SECCOMP_RET_TRACE, and there is no tracer`);
    case SECCOMP_RET_TRAP:
      force_sig_info(SIGSYS, sigsys_info(task, data), task);
      return call.nr;
    case SECCOMP_RET_USER_NOTIF: {
      if (!match?.notif) return ENOSYS.because(`${place} returned SECCOMP_RET_USER_NOTIF, and nobody listens`);
      return notify_supervisor(task, match.notif, words);
    }
    default: return seccomp_kill(task, action, place);
  }
}

/** Linux: force_sig_seccomp() */
function sigsys_info(task: task_struct, reason: number): Parameters<typeof force_sig_info>[1] {
  const { call } = task;
  return { si_code: 1, si_errno: reason, si_call_addr: get_reg(task, RIP), si_syscall: call?.nr ?? 0, si_arch: call?.abi === 1 ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64 };
}

function seccomp_kill(task: task_struct, action: number, place: string): Verdict {
  const name = findName(SECCOMP_RET, action) ?? `0x${action.toString(16)}, which kills`;
  const isThread = action === SECCOMP_RET_KILL_THREAD && task.signal.nr_threads > 1;
  notice(`seccomp ${task.pid}`, `${task.comm} (${isThread ? 'thread' : 'pid'} ${task.pid}) was killed by SIGSYS: ${place} returned ${name} for ${call_name(task)}.`);
  if (!isThread) return 'kill';
  do_exit(task, SIGSYS);
  return 'over';
}

/** A mode once chosen stays. Linux: seccomp_may_assign_mode() */
const may_assign_mode = (task: task_struct, mode: number): boolean => task.seccomp_mode === SECCOMP_MODE_DISABLED || task.seccomp_mode === mode;

function seccomp_set_mode_strict(task: task_struct): number | Errno {
  if (!may_assign_mode(task, SECCOMP_MODE_STRICT)) return EINVAL.because('the task has filters already');
  task.seccomp_mode = SECCOMP_MODE_STRICT;
  return 0;
}

/** What a seccomp filter may not do that classic BPF can. Linux: seccomp_check_filter() */
function seccomp_check_filter({ insns }: bpf_prog): Errno | null {
  for (let pc = 0; pc < insns.length; pc++) {
    const { code, k } = insns[pc] as bpf_prog['insns'][number];
    const kind = code & 7;
    if (code === (BPF_LD | BPF_W | BPF_ABS)) {
      if (k >= seccomp_data.size || (k & 3) !== 0) return EINVAL.because(`instruction ${pc} loads at ${k}, which is no word of struct seccomp_data`);
      continue;
    }
    if (code === (BPF_LD | BPF_W | BPF_LEN) || code === (BPF_LDX | BPF_W | BPF_LEN)) continue;
    const isLoad = kind === BPF_LD && ![0, 0x60].includes(code) || kind === BPF_LDX && ![0x01, 0x61].includes(code);
    const isModulo = kind === BPF_ALU && (code & ~BPF_X) === (BPF_ALU | BPF_OP_ALU.values.BPF_MOD);
    if (isLoad || isModulo) return EINVAL.because(`instruction ${pc} (code 0x${code.toString(16)}) is not allowed in a seccomp filter`);
  }
  return null;
}

/** Linux: seccomp_prepare_user_filter() */
function seccomp_prepare_filter(task: task_struct, address: number): bpf_prog | Errno | Block {
  const mm = task_mm(task);
  const layout = in_compat_syscall(task) ? compat_sock_fprog : sock_fprog, fprog = copy_from_user(mm, address, layout.size);
  if (failed(fprog)) return fprog;
  const len = readField(layout, fprog, 'len');
  if (len === 0 || len > BPF_MAXINSNS) return EINVAL.because('the filter has no instructions, or more than 4096');
  if (!task.no_new_privs && (task.cred.cap_effective & 1n << 21n) === 0n) return EACCES.because('the task has neither no_new_privs nor CAP_SYS_ADMIN');
  const bytes = copy_from_user(mm, readField(layout, fprog, 'filter'), len * 8);
  if (failed(bytes)) return bytes;
  const prog = bpf_prog_create(bytes);
  return bpf_check_classic(prog) ?? seccomp_check_filter(prog) ?? prog;
}

function is_ancestor(parent: seccomp_filter | null, child: seccomp_filter | null): boolean {
  if (!parent) return true;
  for (let at = child; at; at = prev_of(at)) if (at === parent) return true;
  return false;
}

/** The first other thread whose filters are not the caller's or older ones of it. Linux: seccomp_can_sync_threads() */
function thread_out_of_sync(task: task_struct): task_struct | undefined {
  return task.signal.thread_head.find(thread => thread !== task && thread.exit_state === 0 && thread.seccomp_mode !== SECCOMP_MODE_DISABLED
    && !(thread.seccomp_mode === SECCOMP_MODE_FILTER && is_ancestor(filter_of(thread), filter_of(task))));
}

const FILTER_FLAGS = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW | SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC_ESRCH
  | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;

/** Linux: seccomp_set_mode_filter(), seccomp_attach_filter() */
function seccomp_set_mode_filter(task: task_struct, flags: number, address: number): SyscallResult {
  if ((flags & ~FILTER_FLAGS) !== 0) return EINVAL.because('flags has unknown bits');
  const listens = (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) !== 0;
  const syncs = (flags & SECCOMP_FILTER_FLAG_TSYNC) !== 0;
  if (syncs && listens && (flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH) === 0) return EINVAL.because('SECCOMP_FILTER_FLAG_TSYNC and _NEW_LISTENER both want the result');
  if ((flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) !== 0 && !listens) return EINVAL.because('SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV without _NEW_LISTENER');
  const prog = seccomp_prepare_filter(task, address);
  if (failed(prog)) return prog;
  if (!may_assign_mode(task, SECCOMP_MODE_FILTER)) return EINVAL.because('the task is in strict mode');
  let total = prog.len;
  for (let filter = filter_of(task); filter; filter = prev_of(filter)) total += filter.prog.len + 4;
  if (total > MAX_INSNS_PER_PATH) return ENOMEM.because('all filters together have more than 32768 instructions');
  if (syncs) {
    const odd = thread_out_of_sync(task);
    if (odd) return (flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH) !== 0 ? ESRCH.because(`thread ${odd.pid} has filters of its own`) : odd.pid;
  }
  const filter = seccomp_filter.make({ prog, prev: task.seccomp_filter, log: (flags & SECCOMP_FILTER_FLAG_LOG) !== 0 });
  const listener = listens ? new_listener(task, has_listener(task)) : null;
  if (listener instanceof Errno) return listener;
  if (listener) filter.notif = listener.notif;
  task.seccomp_filter = filter;
  task.seccomp_mode = SECCOMP_MODE_FILTER;
  if (syncs) sync_threads(task);
  return listener ? listener.fd : 0;
}

function has_listener(task: task_struct): boolean {
  for (let filter = filter_of(task); filter; filter = prev_of(filter)) if (filter.notif) return true;
  return false;
}

/** Linux: seccomp_sync_threads() */
function sync_threads(task: task_struct): void {
  for (const thread of task.signal.thread_head) {
    if (thread === task || thread.exit_state !== 0) continue;
    thread.seccomp_filter = task.seccomp_filter;
    thread.seccomp_mode = SECCOMP_MODE_FILTER;
    if (task.no_new_privs) thread.no_new_privs = true;
  }
}

/** How many filters judge the calls of the task: Seccomp_filters of /proc/PID/status. */
export function count_filters(task: task_struct): number {
  let count = 0;
  for (let filter = filter_of(task); filter; filter = prev_of(filter)) count++;
  return count;
}

function do_seccomp(task: task_struct, op: number, flags: number, uargs: number): SyscallResult {
  switch (op) {
    case SECCOMP_SET_MODE_STRICT: return flags !== 0 || uargs !== 0 ? EINVAL.because('flags and args must be 0') : seccomp_set_mode_strict(task);
    case SECCOMP_SET_MODE_FILTER: return seccomp_set_mode_filter(task, flags, uargs);
    case SECCOMP_GET_ACTION_AVAIL: {
      if (flags !== 0) return EINVAL.because('flags is not 0');
      const action = get_user32(task_mm(task), uargs);
      if (typeof action !== 'number') return action;
      return findName(SECCOMP_RET, action >>> 0) === undefined ? EOPNOTSUPP.because('there is no such action') : 0;
    }
    case SECCOMP_GET_NOTIF_SIZES: {
      if (flags !== 0) return EINVAL.because('flags is not 0');
      return copy_to_user(task_mm(task), uargs, Uint8Array.of(80, 0, 24, 0, 64, 0));
    }
    default: return EINVAL.because('there is no such operation');
  }
}

export const sys_seccomp = syscall({
  nr: 317, nr32: 354, name: 'seccomp', brief: 'operate on Secure Computing state of the process',
  args: { op: choice(SECCOMP_OP, 'unsigned int'), flags: uint, args: pointer('fprog', 'void *', 'in') }, ret: int, classes: [],
}, (task, { op, flags, args }) => do_seccomp(task, op, flags, args));

/** prctl(PR_SET_SECCOMP). Linux: prctl_set_seccomp() */
export function prctl_set_seccomp(task: task_struct, mode: number, filter: number): SyscallResult {
  if (mode === SECCOMP_MODE_STRICT) return do_seccomp(task, SECCOMP_SET_MODE_STRICT, 0, 0);
  if (mode === SECCOMP_MODE_FILTER) return do_seccomp(task, SECCOMP_SET_MODE_FILTER, 0, filter);
  return EINVAL.because('there is no such mode');
}
