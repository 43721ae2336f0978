// System V IPC. Linux: include/uapi/linux/ipc.h, shm.h, sem.h, msg.h.
import { struct } from './struct';
import { table } from './table';

export const IPC_FLAGS = table('IPC_???', () => ({
  IPC_CREAT: 0x200, IPC_EXCL: 0x400, IPC_NOWAIT: 0x800,
}));
export const {
  IPC_CREAT, IPC_EXCL, IPC_NOWAIT,
} = IPC_FLAGS.values;

export const SHMGET_FLAGS = table('SHM_???', () => ({
  IPC_CREAT: 0x200, IPC_EXCL: 0x400, SHM_HUGETLB: 0x800, SHM_NORESERVE: 0x1000,
}));
export const { SHM_HUGETLB, SHM_NORESERVE } = SHMGET_FLAGS.values;

export const SHMAT_FLAGS = table('SHM_???', () => ({
  SHM_RDONLY: 0x1000, SHM_RND: 0x2000, SHM_REMAP: 0x4000, SHM_EXEC: 0x8000,
}));
export const {
  SHM_RDONLY, SHM_RND, SHM_REMAP, SHM_EXEC,
} = SHMAT_FLAGS.values;

export const SEMOP_FLAGS = table('SEM_???', () => ({
  SEM_UNDO: 0x1000, IPC_NOWAIT: 0x800,
}));

export const MSG_RCV_FLAGS = table('MSG_???', () => ({
  MSG_NOERROR: 0x1000, MSG_EXCEPT: 0x2000, MSG_COPY: 0x4000, IPC_NOWAIT: 0x800,
}));
export const {
  MSG_NOERROR, MSG_EXCEPT, MSG_COPY,
} = MSG_RCV_FLAGS.values;

export const MSGCTL = table('MSG_???', () => ({
  IPC_RMID: 0, IPC_SET: 1, IPC_STAT: 2, IPC_INFO: 3, MSG_STAT: 11, MSG_INFO: 12, MSG_STAT_ANY: 13,
}));
export const {
  IPC_RMID, IPC_SET, IPC_STAT, IPC_INFO, MSG_STAT, MSG_INFO, MSG_STAT_ANY,
} = MSGCTL.values;

export const SEMCTL = table('SEM_???', () => ({
  IPC_RMID: 0, IPC_SET: 1, IPC_STAT: 2, IPC_INFO: 3, GETPID: 11, GETVAL: 12, GETALL: 13, GETNCNT: 14, GETZCNT: 15, SETVAL: 16, SETALL: 17,
  SEM_STAT: 18, SEM_INFO: 19, SEM_STAT_ANY: 20,
}));

export const SHMCTL = table('SHM_???', () => ({
  IPC_RMID: 0, IPC_SET: 1, IPC_STAT: 2, IPC_INFO: 3, SHM_LOCK: 11, SHM_UNLOCK: 12, SHM_STAT: 13, SHM_INFO: 14, SHM_STAT_ANY: 15,
}));

export const IPC_PRIVATE = 0;
export const SEM_UNDO = 0x1000;
export const sembuf = struct('struct sembuf', { sem_num: 'u16', sem_op: 's16', sem_flg: 's16' });
