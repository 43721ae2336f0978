// File systems without a mount: pipes, sockets, anonymous inodes. Their files have names like "pipe:[123]". Linux: fs/anon_inodes.c, fs/pipe.c:pipefs, fs/libfs.c:init_pseudo().
import { ANON_INODE_FS_MAGIC, NSFS_MAGIC, PIPEFS_MAGIC, SOCKFS_MAGIC } from '../../abi/fs';
import { S_IFIFO, S_IFREG, S_IFSOCK } from '../../abi/stat';
import { assert } from '../../base/assert';
import { ops, type KObject } from '../kobject';
import { current, kernel } from '../state';
import { d_alloc, d_make_root } from './dcache';
import { alloc_file } from './file';
import { new_inode } from './inode';
import { alloc_super } from './super';
import { FMODE_LSEEK, FMODE_STREAM, mount as mount_type, type dentry, type file, type file_operations, type inode, type mount, type path } from './types';

const pseudo_ops = ops('pseudo_ops', { name: 'pseudo_ops' });
const pseudo_inode_operations = ops('pseudo_inode_operations', { name: 'pseudo_inode_operations' });
const pseudo_dir_operations = ops('pseudo_dir_operations', { name: 'pseudo_dir_operations' });

const pipefs_dentry_operations = ops('pipefs_dentry_operations', { name: 'pipefs_dentry_operations', d_dname: (d: dentry): string => `pipe:[${d.d_inode?.i_ino ?? 0}]` });
const sockfs_dentry_operations = ops('sockfs_dentry_operations', { name: 'sockfs_dentry_operations', d_dname: (d: dentry): string => `socket:[${d.d_inode?.i_ino ?? 0}]` });
const anon_dentry_operations = ops('anon_dentry_operations', { name: 'anon_dentry_operations', d_dname: (d: dentry): string => `anon_inode:${d.d_name}` });

const nsfs_dentry_operations = ops('nsfs_dentry_operations', { name: 'nsfs_dentry_operations', d_dname: (d: dentry): string => `${d.d_name}:[${d.d_inode?.i_ino ?? 0}]` });

const kinds = {
  pipefs: { magic: PIPEFS_MAGIC, minor: 14, mode: S_IFIFO | 0o600, d_op: pipefs_dentry_operations },
  sockfs: { magic: SOCKFS_MAGIC, minor: 8, mode: S_IFSOCK | 0o777, d_op: sockfs_dentry_operations },
  nsfs: { magic: NSFS_MAGIC, minor: 4, mode: S_IFREG | 0o444, d_op: nsfs_dentry_operations },
  anon_inodefs: { magic: ANON_INODE_FS_MAGIC, minor: 15, mode: 0o600, d_op: anon_dentry_operations },
};

/** The mount of a pseudo file system, made at its first use. */
function pseudo_mount(kind: keyof typeof kinds): mount {
  const known = kernel.subsystems.get(kind);
  if (known) return known as mount;
  const { magic, minor } = kinds[kind];
  const sb = alloc_super(kind, magic, pseudo_ops, minor);
  const root = new_inode(sb, { mode: 0o40555, uid: 0, gid: 0, i_op: pseudo_inode_operations, i_fop: pseudo_dir_operations });
  const mnt_root = d_make_root(sb, root);
  const made = mount_type.make({ mnt_id: 0, mnt_root, mnt_sb: sb, mnt_devname: kind });
  kernel.subsystems.set(kind, made);
  return made;
}

/** A new inode of a pseudo file system, with the next inode number of the machine. */
export function pseudo_inode(kind: keyof typeof kinds, fop: file_operations): inode {
  const { cred } = current();
  const inode = new_inode(pseudo_mount(kind).mnt_sb, { mode: kinds[kind].mode, uid: cred.fsuid, gid: cred.fsgid, i_op: pseudo_inode_operations, i_fop: fop, ino: kernel.next_ino++ });
  if (kind === 'anon_inodefs') inode.i_uid = inode.i_gid = 0;
  return inode;
}

/** An open description of a pseudo inode. `name`: what anon_inode shows, "[eventfd]". Linux: fs/file_table.c:alloc_file_pseudo() */
export function alloc_file_pseudo(inode: inode, kind: keyof typeof kinds, name: string, flags: number, mode: number, fop: file_operations, private_data: KObject | null): file {
  const mnt = pseudo_mount(kind);
  assert(mnt.mnt_root, 'a pseudo mount has a root');
  const dentry = d_alloc(mnt.mnt_root, name);
  dentry.d_inode = inode;
  dentry.d_op = kinds[kind].d_op;
  return alloc_file({ mnt, dentry }, flags, mode | FMODE_STREAM | (fop.llseek ? FMODE_LSEEK : 0), fop, private_data);
}

/** A place in a pseudo file system that can be opened by a link to it; `known`: the dentry that it has already. */
export function pseudo_dentry(kind: keyof typeof kinds, name: string, ino: number, fop: file_operations, known: dentry | null): path {
  const mnt = pseudo_mount(kind);
  assert(mnt.mnt_root, 'a pseudo mount has a root');
  if (known) return { mnt, dentry: known };
  const dentry = d_alloc(mnt.mnt_root, name);
  dentry.d_inode = new_inode(mnt.mnt_sb, { mode: kinds[kind].mode, uid: 0, gid: 0, i_op: pseudo_inode_operations, i_fop: fop, ino });
  dentry.d_op = kinds[kind].d_op;
  return { mnt, dentry };
}

/** All such files share one inode. Linux: fs/anon_inodes.c:anon_inode_getfile() */
export function anon_inode_getfile(name: string, flags: number, mode: number, fop: file_operations, private_data: KObject | null): file {
  let inode = kernel.subsystems.get('anon_inode') as inode | undefined;
  if (!inode) {
    inode = pseudo_inode('anon_inodefs', fop);
    kernel.subsystems.set('anon_inode', inode);
  }
  return alloc_file_pseudo(inode, 'anon_inodefs', name, flags, mode, fop, private_data);
}
