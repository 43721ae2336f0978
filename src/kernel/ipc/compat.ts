// What System V's control calls write and read where they came by int 0x80: i386's structures, the older ones where ipc(2) has no IPC_64. Linux: ipc/sem.c:copy_compat_semid_to_user() and its kin.
import type { uaddr_t } from '../../abi/c_types';
import { convertStruct } from '../../abi/compat';
import { IPC_DS } from '../../abi/compat_ipc';
import type { Errno } from '../../abi/errno';
import type { task_struct } from '../kernel/types';
import { task_mm } from '../fs/uio';
import { copy_from_user, copy_to_user } from '../mm/uaccess';
import { failed, type Block } from '../result';
import { in_compat_syscall } from '../syscall';

const NR_IPC = 117, IPC_64 = 0x100;
type Kind = keyof typeof IPC_DS;

/** The command's place among the words of ipc(2). */
const COMMAND: Record<Kind, number> = { sem: 6, msg: 4, shm: 4 };

/** Calls of their own always mean the newer structures. */
export const is_ipc_64 = (task: task_struct, kind: Kind): boolean => task.call?.nr !== NR_IPC || ((task.call.args[COMMAND[kind]] ?? 0) & IPC_64) !== 0;

const layout_of = (task: task_struct, kind: Kind): typeof IPC_DS.sem.wide => is_ipc_64(task, kind) ? IPC_DS[kind].compat64 : IPC_DS[kind].compat;

export function copy_ds_to_user(task: task_struct, kind: Kind, address: uaddr_t, bytes: Uint8Array): number | Errno | Block {
  return copy_to_user(task_mm(task), address, in_compat_syscall(task) ? convertStruct(IPC_DS[kind].wide, layout_of(task, kind), bytes) : bytes);
}

export function copy_ds_from_user(task: task_struct, kind: Kind, address: uaddr_t): Uint8Array | Errno | Block {
  if (!in_compat_syscall(task)) return copy_from_user(task_mm(task), address, IPC_DS[kind].wide.size);
  const layout = layout_of(task, kind), bytes = copy_from_user(task_mm(task), address, layout.size);
  return failed(bytes) ? bytes : convertStruct(layout, IPC_DS[kind].wide, bytes);
}
