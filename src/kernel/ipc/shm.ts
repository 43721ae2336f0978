// System V shared memory: segments that are files of the internal tmpfs. Linux: ipc/shm.c. No huge pages; SHM_LOCK locks nothing.
import { choice, hex, int, ptr, size, special } from '../../abi/arg_types';
import { EINVAL, ENOMEM, EPERM, Errno } from '../../abi/errno';
import { O_RDWR } from '../../abi/fcntl';
import { IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT, SHMCTL, SHM_EXEC, SHM_HUGETLB, SHM_NORESERVE, SHM_RDONLY, SHM_REMAP, SHM_RND } from '../../abi/ipc';
import { MAP_32BIT, MAP_FIXED, MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE } from '../../abi/mman';
import { S_IFREG } from '../../abi/stat';
import { writeScalar } from '../../abi/struct';
import { d_alloc } from '../fs/dcache';
import { alloc_file, fput } from '../fs/file';
import { CAP_IPC_LOCK, capable } from '../fs/inode';
import { shm_mount } from '../fs/memfd';
import { shmem_get_inode } from '../fs/tmpfs/shmem';
import { FMODE_READ, FMODE_WRITE, type dentry, type file } from '../fs/types';
import type { task_struct } from '../kernel/types';
import { f, kobject, ops, type Instance } from '../kobject';
import { generic_file_vm_ops } from '../mm/filemap';
import { do_mmap, do_munmap, page_align, task_mm } from '../mm/mmap';
import type { vm_area_struct, vm_operations_struct } from '../mm/types';
import { copy_ds_from_user, copy_ds_to_user } from './compat';
import { copy_longs_to_user } from '../kernel/compat';
import { find_vma_intersection } from '../mm/vma';
import { failed, type SyscallResult } from '../result';
import { current, kernel } from '../state';
import { in_compat_syscall, syscall } from '../syscall';
import { ids_of, ipc_addid, ipc_at, ipc_find, ipc_rmid, ipcget, ipcperms, kern_ipc_perm, max_index, may_change, put_perm, seconds_now, take_perm } from './util';

const SHMMAX = 2 ** 64 - 2 ** 24, SHMMNI = 4096;
const SHM_DEST = 0o1000, SHM_LOCKED = 0o2000;
const { SHM_LOCK, SHM_UNLOCK, SHM_STAT, SHM_INFO, SHM_STAT_ANY } = SHMCTL.values;
const PAGE_SIZE = 4096;
/** Pages of 2 MB and 1 GB; 0: the usual ones. */
const SHM_HUGE_SHIFT = 26, HUGE_PAGE_SHIFTS = new Set([0, 21, 30]);

export const shmid_kernel = kobject('shmid_kernel', {
  perm: f.ref<kern_ipc_perm>('kern_ipc_perm'), shm_file: f.ref<file>('file'), shm_nattch: f.u64, shm_segsz: f.size, shm_atim: f.s64, shm_dtim: f.s64, shm_ctim: f.s64, shm_cprid: f.pid, shm_lprid: f.pid,
});
export interface shmid_kernel extends Instance<typeof shmid_kernel> {}

const segment_of = (vma: vm_area_struct): shmid_kernel => vma.vm_file?.private_data as shmid_kernel;

const shm_dentry_operations = ops('shm_dentry_operations', { name: 'shm_dentry_operations', d_dname: (d: dentry): string => `/${d.d_name} (deleted)` });

/** Linux: newseg() */
function newseg(task: task_struct, key: number, bytes: number, flags: number): number | Errno {
  if (bytes < 1 || bytes > SHMMAX || ((task.call?.args[3] ?? 0) | 0) < 0) return EINVAL.because('the size is 0, or larger than shmmax');
  if ((flags & SHM_HUGETLB) !== 0 && !HUGE_PAGE_SHIFTS.has(flags >>> SHM_HUGE_SHIFT & 63)) return EINVAL.because('there are no huge pages of this size');
  if ((flags & SHM_HUGETLB) !== 0) return capable(task, CAP_IPC_LOCK) ? ENOMEM.because('there are no huge pages') : EPERM.because('huge pages need CAP_IPC_LOCK');
  if (bytes > kernel.nr_pages * PAGE_SIZE && (flags & SHM_NORESERVE) === 0) return ENOMEM.because('the machine has less memory');
  const mnt = shm_mount();
  if (!mnt) return EINVAL.because('the file system of memory files is not mounted');
  const inode = shmem_get_inode(mnt.mnt_sb, null, S_IFREG | 0o777);
  inode.i_nlink = 0;
  inode.i_size = bytes;
  const dentry = d_alloc(mnt.mnt_root, `SYSV${(key >>> 0).toString(16).padStart(8, '0')}`);
  dentry.d_inode = inode;
  dentry.d_op = shm_dentry_operations;
  const shp = shmid_kernel.make({ shm_segsz: bytes, shm_ctim: seconds_now(), shm_cprid: task.tgid });
  shp.shm_file = alloc_file({ mnt, dentry }, O_RDWR, FMODE_READ | FMODE_WRITE, shm_file_operations, shp);
  inode.i_ino = ipc_addid(ids_of('shm'), shp, task, key, flags);
  return inode.i_ino;
}

function shm_destroy(shp: shmid_kernel): void {
  ipc_rmid(ids_of('shm'), shp.perm);
  fput(shp.shm_file);
}

/** Linux: __shm_open(), shm_close() */
function attached(vma: vm_area_struct): void {
  const shp = segment_of(vma);
  shp.shm_nattch++;
  shp.shm_atim = seconds_now();
  shp.shm_lprid = current().tgid;
}

function detached(vma: vm_area_struct): void {
  const shp = segment_of(vma);
  shp.shm_nattch--;
  shp.shm_dtim = seconds_now();
  shp.shm_lprid = current().tgid;
  if (shp.shm_nattch === 0 && (shp.perm.mode & SHM_DEST) !== 0) shm_destroy(shp);
}

const shm_vm_ops: vm_operations_struct = ops('shm_vm_ops', {
  name: 'shm_vm_ops', fault: generic_file_vm_ops.fault, page_mkwrite: generic_file_vm_ops.page_mkwrite,
  open(vma: vm_area_struct): void {
    generic_file_vm_ops.open?.(vma);
    attached(vma);
  },
  close(vma: vm_area_struct): void {
    generic_file_vm_ops.close?.(vma);
    detached(vma);
  },
});

const shm_file_operations = ops('shm_file_operations', {
  name: 'shm_file_operations',
  mmap(_file: file, vma: vm_area_struct): null {
    vma.vm_ops = shm_vm_ops;
    attached(vma);
    return null;
  },
});

export const sys_shmget = syscall({
  nr: 29, nr32: 395, name: 'shmget', brief: 'allocates a System V shared memory segment', args: { key: special('ipcKey', 'key_t'), size, shmflg: special('shmFlags', 'int') }, ret: int, classes: ['ipc'],
}, (task, args) => ipcget<shmid_kernel>(ids_of('shm'), task, args.key | 0, args.shmflg, () => newseg(task, args.key | 0, args.size, args.shmflg),
  found => found.shm_segsz < args.size ? EINVAL.because('the segment is smaller') : null));

export const sys_shmat = syscall({
  nr: 30, nr32: 397, name: 'shmat', brief: 'System V shared memory operations', args: { shmid: int, shmaddr: ptr, shmflg: special('shmatFlags', 'int') }, ret: ptr, classes: ['ipc', 'memory'],
}, (task, { shmid, shmaddr, shmflg }): SyscallResult => {
  if (shmid < 0) return EINVAL.because('shmid is negative');
  const mm = task_mm(task);
  let at = shmaddr;
  if (at === 0 && (shmflg & SHM_REMAP) !== 0) return EINVAL.because('SHM_REMAP without an address');
  if (at % PAGE_SIZE !== 0) {
    if ((shmflg & SHM_RND) === 0) return EINVAL.because('the address is not a multiple of the page size');
    at -= at % PAGE_SIZE;
    if (at === 0 && (shmflg & SHM_REMAP) !== 0) return EINVAL.because('SHM_REMAP at address 0');
  }
  const isReadOnly = (shmflg & SHM_RDONLY) !== 0, isExec = (shmflg & SHM_EXEC) !== 0;
  const shp = ipc_find<shmid_kernel>(ids_of('shm'), shmid);
  if (shp instanceof Errno) return shp;
  const refused = ipcperms(task, shp.perm, (isReadOnly ? 0o444 : 0o666) | (isExec ? 0o111 : 0));
  if (refused) return refused;
  const bytes = page_align(shp.shm_segsz);
  if ((shmflg & SHM_REMAP) === 0 && at + bytes >= 2 ** 64) return EINVAL.because('the range wraps around');
  if (at !== 0 && (shmflg & SHM_REMAP) === 0 && find_vma_intersection(mm, at, at + bytes)) return EINVAL.because('something is mapped there, and SHM_REMAP is not set');
  const file = alloc_file(shp.shm_file.f_path, isReadOnly ? 0 : O_RDWR, isReadOnly ? FMODE_READ : FMODE_READ | FMODE_WRITE, shm_file_operations, shp);
  const prot = PROT_READ | (isReadOnly ? 0 : PROT_WRITE) | (isExec ? PROT_EXEC : 0);
  const mapped = do_mmap(mm, file, at, bytes, prot, MAP_SHARED | (at !== 0 ? MAP_FIXED : 0) | (in_compat_syscall(task) ? MAP_32BIT : 0), 0);
  fput(file);
  return mapped;
});

export const sys_shmdt = syscall({
  nr: 67, nr32: 398, name: 'shmdt', brief: 'System V shared memory operations', args: { shmaddr: ptr }, ret: int, classes: ['ipc', 'memory'],
}, (task, { shmaddr }) => {
  if (shmaddr % PAGE_SIZE !== 0) return EINVAL.because('the address is not a multiple of the page size');
  const mm = task_mm(task);
  const mine = mm.mmap.filter(vma => vma.vm_ops === shm_vm_ops && vma.vm_start - vma.vm_pgoff * PAGE_SIZE === shmaddr);
  const first = mine[0];
  if (!first) return EINVAL.because('no segment is attached there');
  for (const vma of mine) if (segment_of(vma) === segment_of(first)) do_munmap(mm, vma.vm_start, vma.vm_end - vma.vm_start);
  return 0;
});

/** struct shmid64_ds, 112 bytes. */
function shmid_ds(shp: shmid_kernel): Uint8Array {
  const bytes = new Uint8Array(112);
  put_perm(bytes, shp.perm);
  [shp.shm_segsz, shp.shm_atim, shp.shm_dtim, shp.shm_ctim].forEach((word, i) => writeScalar(bytes, 48 + i * 8, 'u64', word));
  writeScalar(bytes, 80, 's32', shp.shm_cprid);
  writeScalar(bytes, 84, 's32', shp.shm_lprid);
  writeScalar(bytes, 88, 'u64', shp.shm_nattch);
  return bytes;
}

function shm_info(task: task_struct, cmd: number, buf: number): SyscallResult {
  const ids = ids_of('shm');
  const bytes = new Uint8Array(cmd === IPC_INFO ? 72 : 48);
  if (cmd === IPC_INFO) [BigInt(SHMMAX), 1n, BigInt(SHMMNI), BigInt(SHMMNI), BigInt(SHMMAX)].forEach((word, i) => writeScalar(bytes, i * 8, 'u64', word));
  else {
    writeScalar(bytes, 0, 's32', ids.ipcs.size);
    let pages = 0;
    for (const one of ids.ipcs.values()) pages += Math.ceil((one as shmid_kernel).shm_segsz / PAGE_SIZE);
    writeScalar(bytes, 8, 'u64', pages);
  }
  const stored = copy_longs_to_user(task, buf, bytes);
  return failed(stored) ? stored : max_index(ids);
}

export const sys_shmctl = syscall({
  nr: 31, nr32: 396, name: 'shmctl', brief: 'System V shared memory control', args: { shmid: int, cmd: choice(SHMCTL), buf: hex }, ret: int, classes: ['ipc'],
}, (task, { shmid, cmd, buf }): SyscallResult => {
  if (cmd < 0 || shmid < 0) return EINVAL.because('cmd or shmid is negative');
  if (cmd === IPC_INFO || cmd === SHM_INFO) return shm_info(task, cmd, buf);
  if (!([IPC_RMID, IPC_SET, IPC_STAT, SHM_STAT, SHM_STAT_ANY, SHM_LOCK, SHM_UNLOCK] as number[]).includes(cmd)) return EINVAL.because('there is no such command');
  const given = cmd === IPC_SET ? copy_ds_from_user(task, 'shm', buf) : null;
  if (given && failed(given)) return given;
  const byIndex = cmd === SHM_STAT || cmd === SHM_STAT_ANY;
  const shp = byIndex ? ipc_at<shmid_kernel>(ids_of('shm'), shmid) : ipc_find<shmid_kernel>(ids_of('shm'), shmid);
  if (shp instanceof Errno) return shp;
  if (cmd === IPC_STAT || byIndex) {
    const refused = cmd === SHM_STAT_ANY ? null : ipcperms(task, shp.perm, 0o444);
    if (refused) return refused;
    const stored = copy_ds_to_user(task, 'shm', buf, shmid_ds(shp));
    return failed(stored) || !byIndex ? stored : shp.perm.id;
  }
  const refused = may_change(task, shp.perm);
  if (refused) return refused;
  if (cmd === SHM_LOCK || cmd === SHM_UNLOCK) shp.perm.mode = cmd === SHM_LOCK ? shp.perm.mode | SHM_LOCKED : shp.perm.mode & ~SHM_LOCKED;
  else if (given) {
    take_perm(given, shp.perm);
    shp.shm_ctim = seconds_now();
  } else if (shp.shm_nattch === 0) shm_destroy(shp);
  else {
    shp.perm.mode |= SHM_DEST;
    shp.perm.key = 0;
  }
  return 0;
});
