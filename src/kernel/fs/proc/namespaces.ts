// /proc/PID/ns: the namespaces of a process, of which there is one of each kind. Linux: fs/proc/namespaces.c, fs/nsfs.c, include/linux/proc_ns.h.
import type { int, ino_t, uaddr_t } from '../../../abi/c_types';
import { ENOTTY, EPERM } from '../../../abi/errno';
import { CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWTIME, CLONE_NEWUSER, CLONE_NEWUTS } from '../../../abi/sched';
import type { task_struct } from '../../kernel/types';
import { copy_to_user } from '../../mm/uaccess';
import { failed } from '../../result';
import { kernel } from '../../state';
import { O_RDONLY } from '../../../abi/fcntl';
import { NS_GET_NSTYPE, NS_GET_OWNER_UID, NS_GET_PARENT, NS_GET_USERNS } from '../../../abi/ioctl';
import { pseudo_dentry } from '../anon_inodes';
import { alloc_file, fd_install_new } from '../file';
import { ops } from '../../kobject';
import { FMODE_READ, type dentry, type file, type path, type Result } from '../types';
import { task_mm } from '../uio';

/** Linux: PROC_CGROUP_INIT_INO and its neighbours; net and mnt get the next ones when the computer starts. */
const KINDS: Readonly<Record<string, { readonly ino: ino_t; readonly type: int }>> = {
  cgroup: { ino: 4026531835, type: CLONE_NEWCGROUP }, ipc: { ino: 4026531839, type: CLONE_NEWIPC }, mnt: { ino: 4026531841, type: CLONE_NEWNS }, net: { ino: 4026531840, type: CLONE_NEWNET },
  pid: { ino: 4026531836, type: CLONE_NEWPID }, time: { ino: 4026531834, type: CLONE_NEWTIME }, user: { ino: 4026531837, type: CLONE_NEWUSER }, uts: { ino: 4026531838, type: CLONE_NEWUTS },
};
export const NS_NAMES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'pid_for_children', 'time', 'time_for_children', 'user', 'uts'];

/** Linux: fs/nsfs.c:ns_ioctl() */
function ns_ioctl(file: file, cmd: number, arg: uaddr_t, task: task_struct): Result<number> {
  if (cmd === NS_GET_NSTYPE) return KINDS[file.f_path.dentry.d_name]?.type ?? 0;
  if (cmd === NS_GET_OWNER_UID && file.f_path.dentry.d_name === 'user') {
    const stored = copy_to_user(task_mm(task), arg, new Uint8Array(4));
    return failed(stored) ? stored : 0;
  }
  if (cmd === NS_GET_USERNS && file.f_path.dentry.d_name !== 'user') return fd_install_new(task, alloc_file(ns_get_path('user'), O_RDONLY, FMODE_READ, ns_file_operations, null), true);
  if (cmd === NS_GET_USERNS || cmd === NS_GET_PARENT) return EPERM.because('the namespace above is not visible from inside');
  return ENOTTY.because('a namespace knows no such ioctl');
}

export const ns_file_operations = ops('ns_file_operations', { name: 'ns_file_operations', ioctl: ns_ioctl });

/** Where a link of /proc/PID/ns leads: one dentry a namespace. */
export function ns_get_path(name: string): path {
  const kind = name.replace('_for_children', ''), key = `ns:${kind}`, known = kernel.subsystems.get(key) as dentry | undefined;
  const made = pseudo_dentry('nsfs', kind, KINDS[kind]?.ino ?? 0, ns_file_operations, known ?? null);
  if (!known) kernel.subsystems.set(key, made.dentry);
  return made;
}

/** The clone flag of the namespace that a file is; 0: it is none. */
export const ns_type_of = (file: file): int => file.f_op === ns_file_operations ? KINDS[file.f_path.dentry.d_name]?.type ?? 0 : 0;
