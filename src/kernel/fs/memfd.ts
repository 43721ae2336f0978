// memfd_create: a file without a name. Linux: mm/memfd.c. No huge pages.
import { bits, fd, str } from '../../abi/arg_types';
import { EINVAL, ENODEV } from '../../abi/errno';
import { F_SEAL_SEAL, MFD_ALLOW_SEALING, MFD_CLOEXEC, MFD_EXEC, MFD_FLAGS, MFD_HUGETLB, MFD_NOEXEC_SEAL, O_LARGEFILE, O_RDWR } from '../../abi/fcntl';
import { S_IFREG } from '../../abi/stat';
import { ops } from '../kobject';
import { strncpy_from_user } from '../mm/uaccess';
import { failed } from '../result';
import { kernel } from '../state';
import { syscall } from '../syscall';
import { d_alloc } from './dcache';
import { alloc_file, fd_install_new } from './file';
import { shmem_fill_super, shmem_file_operations, shmem_get_inode, shmem_info } from './tmpfs/shmem';
import { FMODE_LSEEK, FMODE_PREAD, FMODE_PWRITE, FMODE_READ, FMODE_WRITE, mount as mount_type, type dentry, type mount } from './types';
import { task_mm } from './uio';

const MFD_NAME_MAX = 249;
const memfd_dentry_operations = ops('memfd_dentry_operations', { name: 'memfd_dentry_operations', d_dname: (d: dentry): string => `/${d.d_name} (deleted)` });

/** The internal tmpfs of files without a mount. Linux: mm/shmem.c:shm_mnt */
export function shm_mount(): mount | null {
  const known = kernel.subsystems.get('shm_mnt');
  if (known) return known as mount;
  const sb = shmem_fill_super('tmpfs', 0o1777);
  if (!sb.s_root) return null;
  sb.s_dev = 1;
  const made = mount_type.make({ mnt_root: sb.s_root, mnt_sb: sb, mnt_devname: 'tmpfs' });
  kernel.subsystems.set('shm_mnt', made);
  return made;
}

/** Linux: include/uapi/linux/memfd.h: the size of huge pages, as its logarithm. */
const MFD_HUGE_MASK = 0x3f << 26;

export const sys_memfd_create = syscall({ nr: 319, nr32: 356, name: 'memfd_create', brief: 'create an anonymous file', args: { name: str, flags: bits(MFD_FLAGS) }, ret: fd, classes: ['desc'] }, (task, args) => {
  const known = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC, isHuge = (args.flags & MFD_HUGETLB) !== 0;
  if (args.flags & ~(known | MFD_HUGETLB | (isHuge ? MFD_HUGE_MASK : 0))) return EINVAL.because('a flag is not known');
  if (args.flags & MFD_EXEC && args.flags & MFD_NOEXEC_SEAL) return EINVAL.because('MFD_EXEC and MFD_NOEXEC_SEAL exclude each other');
  const name = strncpy_from_user(task_mm(task), args.name, MFD_NAME_MAX + 1);
  if (failed(name)) return name;
  if (name.length > MFD_NAME_MAX) return EINVAL.because(`the name is longer than ${MFD_NAME_MAX} bytes`);
  if (isHuge) return ENODEV.because('there are no huge pages');
  const mnt = shm_mount();
  if (!mnt) return EINVAL.because('the file system of memory files is not mounted');
  const inode = shmem_get_inode(mnt.mnt_sb, null, S_IFREG | (args.flags & MFD_NOEXEC_SEAL ? 0o666 : 0o777));
  inode.i_nlink = 0;
  const info = shmem_info(inode);
  if (info) {
    info.is_memfd = true;
    info.seals = args.flags & (MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL) ? 0 : F_SEAL_SEAL;
  }
  const dentry = d_alloc(mnt.mnt_root, `memfd:${name}`);
  dentry.d_inode = inode;
  dentry.d_op = memfd_dentry_operations;
  const file = alloc_file({ mnt, dentry }, O_RDWR | O_LARGEFILE, FMODE_READ | FMODE_WRITE | FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE, shmem_file_operations);
  return fd_install_new(task, file, (args.flags & MFD_CLOEXEC) !== 0);
});
