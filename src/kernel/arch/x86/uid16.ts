// The calls about users and groups that i386 has with numbers of 16 bits. Linux: kernel/uid16.c, include/linux/highuid.h.
import type { int, kgid_t, u32 } from '../../../abi/c_types';
import { fd, int as int_arg, path, pointer, uid16 } from '../../../abi/arg_types';
import { EINVAL, EPERM } from '../../../abi/errno';
import { capable } from '../../fs/inode';
import { commit_creds, sys_setgid, sys_setresgid, sys_setresuid, sys_setuid } from '../../kernel/sys';
import type { task_struct } from '../../kernel/types';
import { sys_setfsgid, sys_setfsuid, sys_setregid, sys_setreuid } from '../../kernel/sys_more';
import { sys_chown, sys_fchown, sys_lchown } from '../../fs/open';
import { task_mm } from '../../mm/mmap';
import { copy_from_user, copy_to_user } from '../../mm/uaccess';
import { failed } from '../../result';
import { syscall } from '../../syscall';

const CAP_SETGID = 6, OVERFLOW_ID = 65534, NGROUPS_MAX = 65536;

/** What does not fit reads as the overflow number. Linux: include/linux/highuid.h:high2lowuid() */
const high_to_low = (id: u32): u32 => id > 0xffff ? OVERFLOW_ID : id;

const outUid16 = pointer('outUid16', 'old_uid_t *', 'out');

function getter(nr32: int, name: string, id: (task: task_struct) => u32): void {
  syscall({ nr: -1, nr32, name, brief: `${name} with a number of 16 bits`, args: {}, ret: int_arg, classes: ['creds'] }, task => high_to_low(id(task)));
}

function three(nr32: int, name: string, ids: (task: task_struct) => readonly u32[]): void {
  syscall({ nr: -1, nr32, name, brief: `${name} with numbers of 16 bits`, args: { real: outUid16, effective: outUid16, saved: outUid16 }, ret: int_arg, classes: ['creds'] }, (task, { real, effective, saved }) => {
    const values = ids(task);
    for (const [i, address] of [real, effective, saved].entries()) {
      const stored = copy_to_user(task_mm(task), address, new Uint8Array(Uint16Array.of(high_to_low(values[i] ?? 0)).buffer));
      if (failed(stored)) return stored;
    }
    return 0;
  });
}

// Those that set ids are the calls of their names, with each number widened.
export const compat_sys_setuid16 = syscall({ nr: -1, nr32: 23, name: 'setuid', brief: 'setuid with numbers of 16 bits', args: { uid: uid16 }, ret: int_arg, classes: ['creds'] }, (task, args) => sys_setuid.handler?.(task, args) ?? 0);
export const compat_sys_setgid16 = syscall({ nr: -1, nr32: 46, name: 'setgid', brief: 'setgid with numbers of 16 bits', args: { gid: uid16 }, ret: int_arg, classes: ['creds'] }, (task, args) => sys_setgid.handler?.(task, args) ?? 0);
export const compat_sys_setreuid16 = syscall({ nr: -1, nr32: 70, name: 'setreuid', brief: 'setreuid with numbers of 16 bits', args: { ruid: uid16, euid: uid16 }, ret: int_arg, classes: ['creds'] }, (task, args) => sys_setreuid.handler?.(task, args) ?? 0);
export const compat_sys_setregid16 = syscall({ nr: -1, nr32: 71, name: 'setregid', brief: 'setregid with numbers of 16 bits', args: { rgid: uid16, egid: uid16 }, ret: int_arg, classes: ['creds'] }, (task, args) => sys_setregid.handler?.(task, args) ?? 0);
export const compat_sys_setfsuid16 = syscall({ nr: -1, nr32: 138, name: 'setfsuid', brief: 'setfsuid with numbers of 16 bits', args: { fsuid: uid16 }, ret: int_arg, classes: ['creds'] }, (task, args) => sys_setfsuid.handler?.(task, args) ?? 0);
export const compat_sys_setfsgid16 = syscall({ nr: -1, nr32: 139, name: 'setfsgid', brief: 'setfsgid with numbers of 16 bits', args: { fsgid: uid16 }, ret: int_arg, classes: ['creds'] }, (task, args) => sys_setfsgid.handler?.(task, args) ?? 0);
export const compat_sys_setresuid16 = syscall({ nr: -1, nr32: 164, name: 'setresuid', brief: 'setresuid with numbers of 16 bits', args: { ruid: uid16, euid: uid16, suid: uid16 }, ret: int_arg, classes: ['creds'] }, (task, args) => sys_setresuid.handler?.(task, args) ?? 0);
export const compat_sys_setresgid16 = syscall({ nr: -1, nr32: 170, name: 'setresgid', brief: 'setresgid with numbers of 16 bits', args: { rgid: uid16, egid: uid16, sgid: uid16 }, ret: int_arg, classes: ['creds'] }, (task, args) => sys_setresgid.handler?.(task, args) ?? 0);
getter(24, 'getuid', task => task.cred.uid);
getter(47, 'getgid', task => task.cred.gid);
getter(49, 'geteuid', task => task.cred.euid);
getter(50, 'getegid', task => task.cred.egid);
three(165, 'getresuid', ({ cred: { uid, euid, suid } }) => [uid, euid, suid]);
three(171, 'getresgid', ({ cred: { gid, egid, sgid } }) => [gid, egid, sgid]);

const owners = { owner: uid16, group: uid16 };
syscall({ nr: -1, nr32: 182, name: 'chown', brief: 'change ownership of a file', args: { pathname: path, ...owners }, ret: int_arg, classes: ['file'] }, (task, args) => sys_chown.handler?.(task, args) ?? 0);
syscall({ nr: -1, nr32: 16, name: 'lchown', brief: 'change ownership of a file', args: { pathname: path, ...owners }, ret: int_arg, classes: ['file'] }, (task, args) => sys_lchown.handler?.(task, args) ?? 0);
syscall({ nr: -1, nr32: 95, name: 'fchown', brief: 'change ownership of a file', args: { fd, ...owners }, ret: int_arg, classes: ['desc'] }, (task, args) => sys_fchown.handler?.(task, args) ?? 0);

syscall({ nr: -1, nr32: 80, name: 'getgroups', brief: 'get list of supplementary group IDs', args: { size: int_arg, list: pointer('outGroups16', 'old_gid_t *', 'out') }, ret: int_arg, classes: ['creds'] }, (task, { size, list }) => {
  const group_info: readonly kgid_t[] = task.cred.group_info;
  if (size < 0 || size !== 0 && size < group_info.length) return EINVAL.because(`there are ${group_info.length} groups`);
  const stored = size === 0 ? 0 : copy_to_user(task_mm(task), list, new Uint8Array(Uint16Array.from(group_info.map(high_to_low)).buffer));
  return failed(stored) ? stored : group_info.length;
});

syscall({ nr: -1, nr32: 81, name: 'setgroups', brief: 'set list of supplementary group IDs', args: { size: int_arg, list: pointer('groups16', 'const old_gid_t *', 'in') }, ret: int_arg, classes: ['creds'] }, (task, { size, list }) => {
  if (!capable(task, CAP_SETGID)) return EPERM.because('needs CAP_SETGID');
  if (size < 0 || size > NGROUPS_MAX) return EINVAL.because('size is not between 0 and 65536');
  const bytes = copy_from_user(task_mm(task), list, size * 2);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset), ids: kgid_t[] = Array.from({ length: size }, (_, i) => view.getUint16(i * 2, true));
  if (ids.includes(0xffff)) return EINVAL.because('-1 is no group');
  return commit_creds(task, { group_info: ids.sort((a, b) => a - b) });
});
