// memfd_secret: memory that only those who map it see. Linux: mm/secretmem.c. The rest of the kernel does see it here.
import { bits, fd } from '../../abi/arg_types';
import type { loff_t } from '../../abi/c_types';
import { EAGAIN, EINVAL, type Errno } from '../../abi/errno';
import { O_CLOEXEC, O_RDWR } from '../../abi/fcntl';
import { S_IFREG } from '../../abi/stat';
import { SECRETMEM_FLAGS } from '../../abi/mman';
import { d_alloc } from '../fs/dcache';
import { alloc_file, fd_install_new } from '../fs/file';
import { shm_mount } from '../fs/memfd';
import { shmem_get_inode, shmem_setattr } from '../fs/tmpfs/shmem';
import { FMODE_READ, FMODE_WRITE, type dentry, type file, type inode } from '../fs/types';
import { ops } from '../kobject';
import { syscall } from '../syscall';
import { generic_file_mmap } from './filemap';
import { mlock_future_ok } from './mmap';
import { VM_DONTDUMP, VM_LOCKED, VM_SHARED, type vm_area_struct } from './types';

function secretmem_mmap(file: file, vma: vm_area_struct): Errno | null {
  if ((vma.vm_flags & VM_SHARED) === 0) return EINVAL.because('secret memory has no private mappings');
  if (!mlock_future_ok(vma.vm_mm, vma.vm_flags | VM_LOCKED, vma.vm_end - vma.vm_start)) return EAGAIN.because('RLIMIT_MEMLOCK would be exceeded');
  vma.vm_flags |= VM_LOCKED | VM_DONTDUMP;
  return generic_file_mmap(file, vma);
}

/** The size is said once. */
function secretmem_setattr(inode: inode, size: loff_t | null): Errno | null {
  return size !== null && inode.i_size !== 0 ? EINVAL.because('secret memory has its size already') : shmem_setattr(inode, size);
}

const secretmem_fops = ops('secretmem_fops', { name: 'secretmem_fops', mmap: secretmem_mmap });
const secretmem_iops = ops('secretmem_iops', { name: 'secretmem_iops', setattr: secretmem_setattr });
const secretmem_dentry_operations = ops('secretmem_dentry_operations', { name: 'secretmem_dentry_operations', d_dname: (d: dentry): string => `/${d.d_name} (deleted)` });

export const sys_memfd_secret = syscall({
  nr: 447, nr32: 447, name: 'memfd_secret', brief: 'create an anonymous RAM-based file to access secret memory regions', args: { flags: bits(SECRETMEM_FLAGS) }, ret: fd, classes: ['desc'],
}, (task, { flags }) => {
  if ((flags & ~O_CLOEXEC) !== 0) return EINVAL.because('flags has unknown bits');
  const mnt = shm_mount();
  if (!mnt) return EINVAL.because('the file system of memory files is not mounted');
  const inode = shmem_get_inode(mnt.mnt_sb, null, S_IFREG | 0o600);
  inode.i_nlink = 0;
  inode.i_op = secretmem_iops;
  const dentry = d_alloc(mnt.mnt_root, 'secretmem');
  dentry.d_inode = inode;
  dentry.d_op = secretmem_dentry_operations;
  return fd_install_new(task, alloc_file({ mnt, dentry }, O_RDWR, FMODE_READ | FMODE_WRITE, secretmem_fops), (flags & O_CLOEXEC) !== 0);
});
