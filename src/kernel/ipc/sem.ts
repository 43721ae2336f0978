// System V semaphores: sets whose operations are done together or not at all. Linux: ipc/sem.c
import { choice, hex, int, special, timespec, uint } from '../../abi/arg_types';
import { E2BIG, EAGAIN, EFBIG, EIDRM, EINTR, EINVAL, ERANGE, Errno } from '../../abi/errno';
import { IPC_INFO, IPC_NOWAIT, IPC_RMID, IPC_SET, IPC_STAT, SEMCTL, SEM_UNDO } from '../../abi/ipc';
import { writeScalar } from '../../abi/struct';
import { block, call_deadline, init_waitqueue_head, is_past, wake_up } from '../kernel/wait';
import type { task_struct, wait_queue_head } from '../kernel/types';
import { f, kobject, type Instance } from '../kobject';
import { task_mm } from '../mm/mmap';
import { copy_ds_from_user, copy_ds_to_user } from './compat';
import { copy_times_from_user } from '../kernel/compat';
import { copy_from_user, copy_to_user } from '../mm/uaccess';
import { failed, type SyscallResult } from '../result';
import { kernel } from '../state';
import { low_word, syscall } from '../syscall';
import { ids_of, ipc_addid, ipc_at, ipc_find, ipc_rmid, ipcget, ipcperms, kern_ipc_perm, max_index, may_change, put_perm, seconds_now, take_perm } from './util';

const SEMMSL = 32000, SEMMNI = 32000, SEMMNS = 1_024_000_000, SEMOPM = 500, SEMVMX = 32767, SEMAEM = 32767;
const { GETPID, GETVAL, GETALL, GETNCNT, GETZCNT, SETVAL, SETALL, SEM_STAT, SEM_INFO, SEM_STAT_ANY } = SEMCTL.values;

export const sem = kobject('sem', { semval: f.s32, sempid: f.pid });
export interface sem extends Instance<typeof sem> {}

/** A task that waits, and the operation of it that cannot be done. */
export const sem_queue = kobject('sem_queue', { sleeper: f.ref<task_struct>('task_struct'), sem_num: f.u32, sem_op: f.s32 });
export interface sem_queue extends Instance<typeof sem_queue> {}

export const sem_array = kobject('sem_array', {
  perm: f.ref<kern_ipc_perm>('kern_ipc_perm'), sem_ctime: f.s64, sem_otime: f.s64, sems: f.list(f.ref<sem>('sem')), pending: f.list(f.ref<sem_queue>('sem_queue')), wait: f.ref<wait_queue_head>('wait_queue_head'),
});
export interface sem_array extends Instance<typeof sem_array> {}

/** What the end of a process adds to the semaphores of a set. */
export const sem_undo = kobject('sem_undo', { semid: f.s32, semadj: f.list(f.s32) });
export interface sem_undo extends Instance<typeof sem_undo> {}
export const sem_undo_list = kobject('sem_undo_list', { refcnt: f.s32, list_proc: f.list(f.ref<sem_undo>('sem_undo')) });
export interface sem_undo_list extends Instance<typeof sem_undo_list> {}

interface sembuf { sem_num: number; sem_op: number; sem_flg: number }

function newary(task: task_struct, key: number, nsems: number, flags: number): number | Errno {
  if (nsems === 0) return EINVAL.because('nsems is 0');
  const sma = sem_array.make({ sem_ctime: seconds_now(), wait: init_waitqueue_head() });
  for (let i = 0; i < nsems; i++) sma.sems.push(sem.make({}));
  return ipc_addid(ids_of('sem'), sma, task, key, flags);
}

export const sys_semget = syscall({
  nr: 64, nr32: 393, name: 'semget', brief: 'get a System V semaphore set identifier', args: { key: special('ipcKey', 'key_t'), nsems: int, semflg: special('ipcFlags', 'int') }, ret: int, classes: ['ipc'],
}, (task, { key, nsems, semflg }) => {
  if (nsems < 0 || nsems > SEMMSL) return EINVAL.because('nsems is negative or larger than 32000');
  return ipcget<sem_array>(ids_of('sem'), task, key | 0, semflg, () => newary(task, key | 0, nsems, semflg), found => nsems > found.sems.length ? EINVAL.because('the set is smaller') : null);
});

/** The undo entry of the task's process for a set. Linux: find_alloc_undo() */
function find_alloc_undo(task: task_struct, sma: sem_array): sem_undo {
  const list = task.sysvsem as sem_undo_list | null ?? sem_undo_list.make({ refcnt: 1 });
  task.sysvsem = list;
  const known = list.list_proc.find(one => one.semid === sma.perm.id);
  if (known) return known;
  const made = sem_undo.make({ semid: sma.perm.id, semadj: sma.sems.map(() => 0) });
  list.list_proc.push(made);
  return made;
}

/** Does all operations, or none: the one that has to wait. Linux: perform_atomic_semop() */
function perform_atomic_semop(task: task_struct, sma: sem_array, sops: readonly sembuf[], undo: sem_undo | null): sembuf | Errno | null {
  const values = new Map<number, number>();
  const adjust = new Map<number, number>();
  for (const op of sops) {
    const old = values.get(op.sem_num) ?? sma.sems[op.sem_num]?.semval ?? 0;
    const result = old + op.sem_op;
    if (op.sem_op === 0 && old !== 0 || result < 0) return op;
    if (result > SEMVMX) return ERANGE.because(`semaphore ${op.sem_num} would be larger than 32767`);
    if (undo && (op.sem_flg & SEM_UNDO) !== 0) {
      const adj = (adjust.get(op.sem_num) ?? undo.semadj[op.sem_num] ?? 0) - op.sem_op;
      if (adj < -SEMAEM - 1 || adj > SEMAEM) return ERANGE.because('what is to be undone would be larger than 32767');
      adjust.set(op.sem_num, adj);
    }
    values.set(op.sem_num, result);
  }
  for (const [num, value] of values) {
    const one = sma.sems[num];
    if (!one) continue;
    one.semval = value;
    one.sempid = task.tgid;
  }
  if (undo) for (const [num, adj] of adjust) undo.semadj[num] = adj;
  return null;
}

function do_semtimedop(task: task_struct, semid: number, at: number, nsops: number, timeoutAt: number): SyscallResult {
  const mm = task_mm(task);
  const { call } = task;
  let timeoutNs = -1;
  if (timeoutAt !== 0) {
    const given = copy_times_from_user(task, timeoutAt, 1);
    if (failed(given)) return given;
    const view = new DataView(given.buffer, given.byteOffset);
    const sec = view.getBigInt64(0, true), nsec = view.getBigInt64(8, true);
    timeoutNs = sec < 0n || nsec < 0n || nsec >= 1_000_000_000n ? -2 : Number(sec) * 1e9 + Number(nsec);
  }
  if (nsops > SEMOPM) return E2BIG.because('nsops is larger than 500');
  if (nsops < 1) return EINVAL.because('nsops is 0');
  const bytes = copy_from_user(mm, at, nsops * 6);
  if (failed(bytes)) return bytes;
  if (semid < 0) return EINVAL.because('semid is negative');
  if (timeoutNs === -2) return EINVAL.because('the timeout is not a valid time');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const sops: sembuf[] = Array.from({ length: nsops }, (_, i) => ({ sem_num: view.getUint16(i * 6, true), sem_op: view.getInt16(i * 6 + 2, true), sem_flg: view.getInt16(i * 6 + 4, true) }));
  const known = call?.objects[0] as sem_array | undefined;
  const sma = known ?? ipc_find<sem_array>(ids_of('sem'), semid);
  if (sma instanceof Errno) return sma;
  if (sma.perm.deleted) return EIDRM.because('the set was removed while the call slept');
  sma.pending = sma.pending.filter(one => one.sleeper !== task && one.sleeper.waiting.includes(sma.wait));
  if (sops.some(op => op.sem_num >= sma.sems.length)) return EFBIG.because(`the set has ${sma.sems.length} semaphores`);
  const alters = sops.some(op => op.sem_op !== 0);
  const refused = ipcperms(task, sma.perm, alters ? 0o222 : 0o444);
  if (refused) return refused;
  const undo = sops.some(op => (op.sem_flg & SEM_UNDO) !== 0) ? find_alloc_undo(task, sma) : null;
  const waits = perform_atomic_semop(task, sma, sops, undo);
  if (waits instanceof Errno) return waits;
  if (!waits) {
    sma.sem_otime = seconds_now();
    if (alters) wake_up(sma.wait);
    return 0;
  }
  if ((waits.sem_flg & IPC_NOWAIT) !== 0) return EAGAIN.because(`semaphore ${waits.sem_num} is ${sma.sems[waits.sem_num]?.semval ?? 0}`);
  const until = timeoutNs < 0 ? Infinity : call_deadline(task, timeoutNs);
  if (is_past(until)) return EAGAIN.because('the timeout passed');
  if (call) call.objects = [sma];
  sma.pending.push(sem_queue.make({ sleeper: task, sem_num: waits.sem_num, sem_op: waits.sem_op }));
  return block(sma.wait, until, EINTR);
}

export const sys_semop = syscall({
  nr: 65, name: 'semop', brief: 'System V semaphore operations', args: { semid: int, sops: special('sembufs', 'struct sembuf *'), nsops: uint }, ret: int, classes: ['ipc'],
}, (task, { semid, sops, nsops }) => do_semtimedop(task, semid, sops, nsops, 0));

export const sys_semtimedop = syscall({
  nr: 220, nr32: 420, name32: 'semtimedop_time64', name: 'semtimedop', brief: 'System V semaphore operations', args: { semid: int, sops: special('sembufs', 'struct sembuf *'), nsops: uint, timeout: timespec }, ret: int, classes: ['ipc'],
}, (task, { semid, sops, nsops, timeout }) => do_semtimedop(task, semid, sops, nsops, timeout));

/** A new child shares its parent's undo list with CLONE_SYSVSEM, or has none. Linux: copy_semundo() */
export function copy_semundo(parent: task_struct, child: task_struct, shares: boolean): void {
  if (!shares) return;
  const list = parent.sysvsem as sem_undo_list | null ?? sem_undo_list.make({ refcnt: 1 });
  parent.sysvsem = list;
  list.refcnt++;
  child.sysvsem = list;
}

/** The last task of an undo list ends: what it did is undone. Linux: exit_sem() */
export function exit_sem(task: task_struct): void {
  const list = task.sysvsem as sem_undo_list | null;
  if (!list) return;
  task.sysvsem = null;
  list.refcnt--;
  if (list.refcnt > 0) return;
  for (const undo of list.list_proc) {
    const sma = ipc_find<sem_array>(ids_of('sem'), undo.semid);
    if (sma instanceof Errno) continue;
    undo.semadj.forEach((adj, i) => {
      const one = sma.sems[i];
      if (!one || adj === 0) return;
      one.semval = Math.min(Math.max(one.semval + adj, 0), SEMVMX);
      one.sempid = task.tgid;
    });
    sma.sem_otime = seconds_now();
    wake_up(sma.wait);
  }
}

/** Values that are set forget what was to be undone. */
function clear_undo(sma: sem_array, num: number): void {
  for (const task of kernel.tasks.values()) {
    for (const undo of (task.sysvsem as sem_undo_list | null)?.list_proc ?? []) if (undo.semid === sma.perm.id) undo.semadj = undo.semadj.map((adj, i) => num < 0 || i === num ? 0 : adj);
  }
}

function sem_info(task: task_struct, cmd: number, at: number): SyscallResult {
  const ids = ids_of('sem');
  let used = 0;
  for (const one of ids.ipcs.values()) used += (one as sem_array).sems.length;
  const words = [SEMMNS, SEMMNI, SEMMNS, SEMMNS, SEMMSL, SEMOPM, SEMOPM, cmd === IPC_INFO ? 20 : ids.ipcs.size, SEMVMX, cmd === IPC_INFO ? SEMAEM : used];
  const bytes = new Uint8Array(40);
  words.forEach((word, i) => writeScalar(bytes, i * 4, 's32', word));
  const stored = copy_to_user(task_mm(task), at, bytes);
  return failed(stored) ? stored : max_index(ids);
}

/** struct semid64_ds, 104 bytes. */
function semid_ds(sma: sem_array): Uint8Array {
  const bytes = new Uint8Array(104);
  put_perm(bytes, sma.perm);
  writeScalar(bytes, 48, 's64', sma.sem_otime);
  writeScalar(bytes, 64, 's64', sma.sem_ctime);
  writeScalar(bytes, 80, 'u64', sma.sems.length);
  return bytes;
}

/** One semaphore, or all of them. Linux: semctl_main(), semctl_setval() */
function semctl_main(task: task_struct, sma: sem_array, num: number, cmd: number, arg: number): SyscallResult {
  const mm = task_mm(task);
  if (cmd === GETALL) {
    const bytes = new Uint8Array(sma.sems.length * 2);
    sma.sems.forEach((one, i) => writeScalar(bytes, i * 2, 'u16', one.semval));
    return copy_to_user(mm, arg, bytes);
  }
  if (cmd === SETALL) {
    const bytes = copy_from_user(mm, arg, sma.sems.length * 2);
    if (failed(bytes)) return bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    for (let i = 0; i < sma.sems.length; i++) if (view.getUint16(i * 2, true) > SEMVMX) return ERANGE.because('a value is larger than 32767');
    sma.sems.forEach((one, i) => { one.semval = view.getUint16(i * 2, true); one.sempid = task.tgid; });
    clear_undo(sma, -1);
    sma.sem_ctime = seconds_now();
    wake_up(sma.wait);
    return 0;
  }
  const one = num < 0 ? undefined : sma.sems[num];
  if (!one) return EINVAL.because(`the set has ${sma.sems.length} semaphores`);
  const sleepers = sma.pending.filter(queue => queue.sem_num === num && queue.sleeper.waiting.includes(sma.wait));
  switch (cmd) {
    case GETVAL: return one.semval;
    case GETPID: return one.sempid;
    case GETNCNT: return sleepers.filter(queue => queue.sem_op < 0).length;
    case GETZCNT: return sleepers.filter(queue => queue.sem_op === 0).length;
    default:
      one.semval = arg | 0;
      one.sempid = task.tgid;
      clear_undo(sma, num);
      sma.sem_ctime = seconds_now();
      wake_up(sma.wait);
      return 0;
  }
}

export const sys_semctl = syscall({
  nr: 66, nr32: 394, name: 'semctl', brief: 'System V semaphore control operations', args: { semid: int, semnum: int, cmd: choice(SEMCTL), arg: hex }, ret: int, classes: ['ipc'],
}, (task, { semid, semnum, cmd, arg }): SyscallResult => {
  if (semid < 0) return EINVAL.because('semid is negative');
  if (cmd === IPC_INFO || cmd === SEM_INFO) return sem_info(task, cmd, arg);
  const changes = cmd === SETVAL || cmd === SETALL;
  const reads = ([GETVAL, GETPID, GETNCNT, GETZCNT, GETALL] as number[]).includes(cmd);
  const byIndex = cmd === SEM_STAT || cmd === SEM_STAT_ANY;
  if (!changes && !reads && !byIndex && !([IPC_STAT, IPC_SET, IPC_RMID] as number[]).includes(cmd)) return EINVAL.because('there is no such command');
  const value = low_word(task, 3, arg) | 0;
  if (cmd === SETVAL && (value > SEMVMX || (value | 0) < 0)) return ERANGE.because('the value is negative or larger than 32767');
  const given = cmd === IPC_SET ? copy_ds_from_user(task, 'sem', arg) : null;
  if (given && failed(given)) return given;
  const sma = byIndex ? ipc_at<sem_array>(ids_of('sem'), semid) : ipc_find<sem_array>(ids_of('sem'), semid);
  if (sma instanceof Errno) return sma;
  if (cmd === SETVAL && (semnum < 0 || semnum >= sma.sems.length)) return EINVAL.because(`the set has ${sma.sems.length} semaphores`);
  if (changes || reads) return ipcperms(task, sma.perm, changes ? 0o222 : 0o444) ?? semctl_main(task, sma, semnum, cmd, arg);
  if (cmd === IPC_STAT || byIndex) {
    const refused = cmd === SEM_STAT_ANY ? null : ipcperms(task, sma.perm, 0o444);
    if (refused) return refused;
    const stored = copy_ds_to_user(task, 'sem', arg, semid_ds(sma));
    return failed(stored) || !byIndex ? stored : sma.perm.id;
  }
  const refused = may_change(task, sma.perm);
  if (refused) return refused;
  if (given) {
    take_perm(given, sma.perm);
    sma.sem_ctime = seconds_now();
  } else {
    ipc_rmid(ids_of('sem'), sma.perm);
    wake_up(sma.wait);
  }
  return 0;
});
