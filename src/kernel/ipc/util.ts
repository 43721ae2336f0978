// What System V's three kinds of objects share: ids, keys, permissions. Linux: ipc/util.c, ipc/namespace.c. One namespace.
import { EACCES, EEXIST, EIDRM, EINVAL, ENOENT, EPERM, Errno } from '../../abi/errno';
import { IPC_CREAT, IPC_EXCL, IPC_PRIVATE } from '../../abi/ipc';
import { writeScalar } from '../../abi/struct';
import { capable, in_group_p } from '../fs/inode';
import type { task_struct } from '../kernel/types';
import { ktime_get_real } from '../kernel/time/timekeeping';
import { f, kobject, type Instance, type KObject } from '../kobject';
import { kernel } from '../state';

const CAP_IPC_OWNER = 15, CAP_SYS_ADMIN = 21;
/** Indices below this are used in turn, so that an id does not come back at once. Linux: ipc_min_cycle */
const IPC_MIN_CYCLE = 64;
const IPCMNI = 32768;

export const kern_ipc_perm = kobject('kern_ipc_perm', { id: f.s32, key: { ...f.int('key_t', 'hex') }, uid: f.uid, gid: f.gid, cuid: f.uid, cgid: f.gid, mode: f.umode, seq: f.u32, deleted: f.bool });
export interface kern_ipc_perm extends Instance<typeof kern_ipc_perm> {}

/** Any of shmid_kernel, sem_array, msg_queue. */
export interface IpcObject extends KObject { perm: kern_ipc_perm }

export const ipc_ids = kobject('ipc_ids', { seq: f.u32, last_idx: { ...f.int('int', 'dec', -1) }, ipcs: f.map(f.s32, f.ref<KObject>('void')) });
export interface ipc_ids extends Instance<typeof ipc_ids> {}

/** The objects of one kind: 'shm', 'sem' or 'msg'. */
export function ids_of(kind: 'shm' | 'sem' | 'msg'): ipc_ids {
  const name = `ipc_${kind}_ids`;
  const known = kernel.subsystems.get(name);
  if (known) return known as ipc_ids;
  const made = ipc_ids.make({});
  kernel.subsystems.set(name, made);
  return made;
}

export const seconds_now = (): number => Number(ktime_get_real() / 1_000_000_000n);

/** Gives the object an id and puts it among its kind. Linux: ipc_addid() */
export function ipc_addid(ids: ipc_ids, object: IpcObject, task: task_struct, key: number, mode: number): number {
  const { cred } = task;
  const limit = Math.max(IPC_MIN_CYCLE, Math.floor(ids.ipcs.size * 3 / 2));
  let idx = (ids.last_idx + 1) % limit;
  while (ids.ipcs.has(idx)) idx = (idx + 1) % IPCMNI;
  if (idx <= ids.last_idx) ids.seq = (ids.seq + 1) % 65536;
  ids.last_idx = idx;
  object.perm = kern_ipc_perm.make({ id: ids.seq * IPCMNI + idx, key, uid: cred.euid, gid: cred.egid, cuid: cred.euid, cgid: cred.egid, mode: mode & 0o777, seq: ids.seq });
  ids.ipcs.set(idx, object);
  return object.perm.id;
}

export function ipc_rmid(ids: ipc_ids, perm: kern_ipc_perm): void {
  ids.ipcs.delete(perm.id % IPCMNI);
  perm.deleted = true;
}

/** The object of this id. Linux: ipc_obtain_object_check() */
export function ipc_find<T extends IpcObject>(ids: ipc_ids, id: number): T | Errno {
  const found = id < 0 ? undefined : ids.ipcs.get(id % IPCMNI) as T | undefined;
  if (!found) return EINVAL.because(`there is no object ${id}`);
  return found.perm.id === id ? found : EIDRM.because(`object ${id} has been removed, and its place is taken`);
}

/** Linux: ipcperms() */
export function ipcperms(task: task_struct, perm: kern_ipc_perm, flag: number): Errno | null {
  const { cred } = task;
  const wanted = flag >> 6 | flag >> 3 | flag;
  const isOwner = cred.euid === perm.cuid || cred.euid === perm.uid;
  const granted = isOwner ? perm.mode >> 6 : in_group_p(task, perm.cgid) || in_group_p(task, perm.gid) ? perm.mode >> 3 : perm.mode;
  return (wanted & ~granted & 7) !== 0 && !capable(task, CAP_IPC_OWNER) ? EACCES.because(`the mode of the object is 0${(perm.mode & 0o777).toString(8)}`) : null;
}

/** An existing object by its key, or a new one. `check` may refuse an existing one. Linux: ipcget() */
export function ipcget<T extends IpcObject>(ids: ipc_ids, task: task_struct, key: number, flags: number, create: () => number | Errno, check: (found: T) => Errno | null): number | Errno {
  const found = key === IPC_PRIVATE ? undefined : [...ids.ipcs.values()].find(one => (one as T).perm.key === key) as T | undefined;
  if (!found) return key !== IPC_PRIVATE && (flags & IPC_CREAT) === 0 ? ENOENT.because('no object has this key') : create();
  if ((flags & IPC_CREAT) !== 0 && (flags & IPC_EXCL) !== 0) return EEXIST.because('an object has this key');
  return check(found) ?? ipcperms(task, found.perm, flags) ?? found.perm.id;
}

/** May change or remove the object. Linux: ipcctl_obtain_check() */
export function may_change(task: task_struct, perm: kern_ipc_perm): Errno | null {
  return task.cred.euid === perm.cuid || task.cred.euid === perm.uid || capable(task, CAP_SYS_ADMIN) ? null : EPERM.because('the object belongs to another user');
}

/** struct ipc64_perm, 48 bytes. */
export function put_perm(bytes: Uint8Array, perm: kern_ipc_perm): void {
  [perm.key, perm.uid, perm.gid, perm.cuid, perm.cgid, perm.mode].forEach((word, i) => writeScalar(bytes, i * 4, 'u32', word));
  writeScalar(bytes, 24, 'u16', perm.seq);
}

/** Owner and mode out of struct ipc64_perm. Linux: ipc_update_perm() */
export function take_perm(bytes: Uint8Array, perm: kern_ipc_perm): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  perm.uid = view.getUint32(4, true);
  perm.gid = view.getUint32(8, true);
  perm.mode = perm.mode & ~0o777 | view.getUint32(20, true) & 0o777;
}

/** Where IPC_INFO and the *_STAT of indices look: the highest index in use; 0: none. */
export const max_index = (ids: ipc_ids): number => Math.max(0, ...ids.ipcs.keys());

/** By index instead of id. */
export function ipc_at<T extends IpcObject>(ids: ipc_ids, index: number): T | Errno {
  return ids.ipcs.get(index) as T | undefined ?? EINVAL.because(`there is no object at index ${index}`);
}
