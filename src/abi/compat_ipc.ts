// System V's structures as the i386 table of calls has them, with and without IPC_64, and those of x86-64 that they stand for. Linux: arch/x86/include/asm/compat.h, include/uapi/linux/{sem,msg,shm,ipc}.h, ipc/{sem,msg,shm}.c
import { struct, type StructLayout } from './struct';

const ipc64_perm = { key: 's32', uid: 'u32', gid: 'u32', cuid: 'u32', cgid: 'u32', mode: 'u32', seq: 'u16', __pad2: 'u16', __unused: ['u64', 2] } as const;
const compat_ipc64_perm = { key: 's32', uid: 'u32', gid: 'u32', cuid: 'u32', cgid: 'u32', mode: 'u16', __pad1: 'u16', seq: 'u16', __pad2: 'u16', __unused: ['u32', 2] } as const;
const compat_ipc_perm = { key: 's32', uid: 'u16', gid: 'u16', cuid: 'u16', cgid: 'u16', mode: 'u16', seq: 'u16' } as const;

/** What each *ctl call tells: x86-64's structure, i386's, and the older one. */
export const IPC_DS: Readonly<Record<'sem' | 'msg' | 'shm', { wide: StructLayout; compat64: StructLayout; compat: StructLayout }>> = {
  sem: {
    wide: struct('struct semid64_ds', { ...ipc64_perm, otime: 's64', __unused1: 'u64', ctime: 's64', __unused2: 'u64', nsems: 'u64', __unused3: 'u64', __unused4: 'u64' }),
    compat64: struct('struct compat_semid64_ds', { ...compat_ipc64_perm, otime: 'u32', otime_high: 'u32', ctime: 'u32', ctime_high: 'u32', nsems: 'u32', __unused3: 'u32', __unused4: 'u32' }),
    compat: struct('struct compat_semid_ds', { ...compat_ipc_perm, otime: 's32', ctime: 's32', __pointers: ['u32', 4], nsems: 'u16' }),
  },
  msg: {
    wide: struct('struct msqid64_ds', { ...ipc64_perm, stime: 's64', rtime: 's64', ctime: 's64', cbytes: 'u64', qnum: 'u64', qbytes: 'u64', lspid: 's32', lrpid: 's32', __unused4: 'u64', __unused5: 'u64' }),
    compat64: struct('struct compat_msqid64_ds', {
      ...compat_ipc64_perm, stime: 'u32', stime_high: 'u32', rtime: 'u32', rtime_high: 'u32', ctime: 'u32', ctime_high: 'u32', cbytes: 'u32', qnum: 'u32', qbytes: 'u32', lspid: 's32', lrpid: 's32', __unused4: 'u32', __unused5: 'u32',
    }),
    compat: struct('struct compat_msqid_ds', {
      ...compat_ipc_perm, __first: 'u32', __last: 'u32', stime: 's32', rtime: 's32', ctime: 's32', __lcbytes: 'u32', __lqbytes: 'u32', cbytes: 'u16', qnum: 'u16', qbytes: 'u16', lspid: 'u16', lrpid: 'u16',
    }),
  },
  shm: {
    wide: struct('struct shmid64_ds', { ...ipc64_perm, segsz: 'u64', atime: 's64', dtime: 's64', ctime: 's64', cpid: 's32', lpid: 's32', nattch: 'u64', __unused4: 'u64', __unused5: 'u64' }),
    compat64: struct('struct compat_shmid64_ds', {
      ...compat_ipc64_perm, segsz: 'u32', atime: 'u32', atime_high: 'u32', dtime: 'u32', dtime_high: 'u32', ctime: 'u32', ctime_high: 'u32', cpid: 's32', lpid: 's32', nattch: 'u32', __unused4: 'u32', __unused5: 'u32',
    }),
    compat: struct('struct compat_shmid_ds', { ...compat_ipc_perm, segsz: 's32', atime: 's32', dtime: 's32', ctime: 's32', cpid: 'u16', lpid: 'u16', nattch: 'u16', __unused: 'u16', __unused2: 'u32', __unused3: 'u32' }),
  },
};
