// All of System V's calls behind one number, as i386 had them first. Linux: ipc/syscall.c:compat_ksys_ipc(). Structures: ipc/compat.ts.
import { int, ptr, special, uint, ulong } from '../../../abi/arg_types';
import type { uaddr_t } from '../../../abi/c_types';
import { EFAULT, EINVAL, ENOSYS } from '../../../abi/errno';
import { sys_msgctl, sys_msgget, sys_msgrcv, sys_msgsnd } from '../../ipc/msg';
import { sys_semctl, sys_semget, sys_semtimedop } from '../../ipc/sem';
import { sys_shmat, sys_shmctl, sys_shmdt, sys_shmget } from '../../ipc/shm';
import type { task_struct } from '../../kernel/types';
import { task_mm } from '../../mm/mmap';
import { copy_from_user, get_user32, put_user32 } from '../../mm/uaccess';
import { failed, type SyscallResult } from '../../result';
import { syscall, type SyscallDeclaration } from '../../syscall';

const SEMOP = 1, SEMGET = 2, SEMCTL = 3, SEMTIMEDOP = 4, MSGSND = 11, MSGRCV = 12, MSGGET = 13, MSGCTL = 14, SHMAT = 21, SHMDT = 22, SHMGET = 23, SHMCTL = 24, IPC_64 = 0x100;

const as = (task: task_struct, { handler }: SyscallDeclaration, args: Record<string, number>): SyscallResult => handler?.(task, args) ?? ENOSYS.because('the call is not here');

/** Before there was a fifth argument, the message's place and its type stood in memory. */
function old_msgrcv(task: task_struct, msqid: number, kludge: uaddr_t, msgsz: number, msgflg: number): SyscallResult {
  if (kludge === 0) return EINVAL.because('there is no struct ipc_kludge');
  const bytes = copy_from_user(task_mm(task), kludge, 8);
  if (failed(bytes)) return EFAULT.because('the struct ipc_kludge is not readable');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return as(task, sys_msgrcv, { msqid, msgp: view.getUint32(0, true), msgsz, msgtyp: view.getInt32(4, true), msgflg });
}

function old_semctl(task: task_struct, semid: number, semnum: number, cmd: number, at: uaddr_t): SyscallResult {
  if (at === 0) return EINVAL.because('there is no union semun');
  const arg = get_user32(task_mm(task), at);
  return failed(arg) ? arg : as(task, sys_semctl, { semid, semnum, cmd: cmd & ~IPC_64, arg });
}

/** The address comes by memory. */
function old_shmat(task: task_struct, shmid: number, shmaddr: uaddr_t, shmflg: number, at: uaddr_t): SyscallResult {
  const mapped = as(task, sys_shmat, { shmid, shmaddr, shmflg });
  return typeof mapped === 'number' ? put_user32(task_mm(task), at, mapped) : mapped;
}

export const compat_sys_ipc = syscall({
  nr: -1, nr32: 117, name: 'ipc', brief: 'System V IPC system calls', args: { call: special('ipcCall', 'unsigned int'), first: int, second: ulong, third: ulong, ptr, fifth: uint }, ret: int, classes: ['ipc'],
}, (task, { call, first, second, third, ptr: at, fifth }) => {
  const version = call >>> 16;
  switch (call & 0xffff) {
    case SEMOP: return as(task, sys_semtimedop, { semid: first, sops: at, nsops: second, timeout: 0 });
    case SEMTIMEDOP: return as(task, sys_semtimedop, { semid: first, sops: at, nsops: second, timeout: fifth });
    case SEMGET: return as(task, sys_semget, { key: first, nsems: second | 0, semflg: third | 0 });
    case SEMCTL: return old_semctl(task, first, second | 0, third | 0, at);
    case MSGSND: return as(task, sys_msgsnd, { msqid: first, msgp: at, msgsz: second >= 2 ** 31 ? -1 : second, msgflg: third | 0 });
    case MSGRCV:
      if (first < 0 || second >= 2 ** 31) return EINVAL.because('the queue or the size is negative');
      return version === 0 ? old_msgrcv(task, first, at, second, third | 0) : as(task, sys_msgrcv, { msqid: first, msgp: at, msgsz: second, msgtyp: fifth | 0, msgflg: third | 0 });
    case MSGGET: return as(task, sys_msgget, { key: first, msgflg: second | 0 });
    case MSGCTL: return as(task, sys_msgctl, { msqid: first, cmd: second & ~IPC_64, buf: at });
    case SHMAT: return version === 1 ? EINVAL.because('that version of the call was of iBCS2') : old_shmat(task, first, at, second | 0, third);
    case SHMDT: return as(task, sys_shmdt, { shmaddr: at });
    case SHMGET: return as(task, sys_shmget, { key: first, size: second, shmflg: third | 0 });
    case SHMCTL: return as(task, sys_shmctl, { shmid: first, cmd: second & ~IPC_64, buf: at });
    default: return ENOSYS.because(`there is no call ${call & 0xffff} of ipc`);
  }
});
