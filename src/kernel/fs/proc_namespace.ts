// What is mounted, as /proc/PID/mounts, mountinfo and mountstats tell. Linux: fs/proc_namespace.c.
import { major, minor } from '../../abi/stat';
import type { task_struct } from '../kernel/types';
import { kernel } from '../state';
import { d_path_of } from './d_path';
import { MNT_NODEV, MNT_NOEXEC, MNT_NOSUID, MNT_READONLY, MNT_RELATIME, SB_RDONLY, type mount } from './types';

const place = (m: mount, task: task_struct): string => m.mnt_parent && m.mnt_mountpoint ? d_path_of({ mnt: m.mnt_parent, dentry: m.mnt_mountpoint }, task) : '/';
const sb_options = (m: mount): string => {
  const options = m.mnt_sb.s_op.show_options?.(m.mnt_sb) ?? '';
  return options === '' ? '' : `,${options}`;
};
const FLAGS: readonly (readonly [number, string])[] = [[MNT_NOSUID, ',nosuid'], [MNT_NODEV, ',nodev'], [MNT_NOEXEC, ',noexec'], [MNT_RELATIME, ',relatime']];
const mnt_options = (m: mount): string => FLAGS.map(([flag, name]) => m.mnt_flags & flag ? name : '').join('');

/** Linux: fs/proc_namespace.c:show_vfsmnt() */
export function show_mounts(task: task_struct): string {
  return kernel.mounts.map(m => `${m.mnt_devname} ${place(m, task)} ${m.mnt_sb.s_type} ${m.mnt_flags & MNT_READONLY || m.mnt_sb.s_flags & SB_RDONLY ? 'ro' : 'rw'}${mnt_options(m)}${sb_options(m)} 0 0\n`).join('');
}

/** Linux: fs/proc_namespace.c:show_mountinfo() */
export function show_mountinfo(task: task_struct): string {
  return kernel.mounts.map(m => {
    const root = m.mnt_root === m.mnt_sb.s_root ? '/' : `/${m.mnt_root.d_name}`;
    return `${m.mnt_id} ${m.mnt_parent?.mnt_id ?? 1} ${major(m.mnt_sb.s_dev)}:${minor(m.mnt_sb.s_dev)} ${root} ${place(m, task)} ${m.mnt_flags & MNT_READONLY ? 'ro' : 'rw'}${mnt_options(m)} - ${m.mnt_sb.s_type} ${m.mnt_devname} ${m.mnt_sb.s_flags & SB_RDONLY ? 'ro' : 'rw'}${sb_options(m)}\n`;
  }).join('');
}

/** Linux: fs/proc_namespace.c:show_vfsstat() */
export function show_mountstats(task: task_struct): string {
  return kernel.mounts.map(m => `device ${m.mnt_devname} mounted on ${place(m, task)} with fstype ${m.mnt_sb.s_type}\n`).join('');
}
