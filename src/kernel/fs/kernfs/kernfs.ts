// File systems whose files stand in a text (tree.ts): the floor of sysfs and of control groups. Linux: fs/kernfs/. Nobody writes to them here: they are mounted as a container has them.
import type { int, ino_t } from '../../../abi/c_types';
import { EIO, findErrno } from '../../../abi/errno';
import { DT_DIR, DT_LNK, DT_REG, S_IFDIR, S_IFLNK, S_IFREG } from '../../../abi/stat';
import { latin1 } from '../../../base/text';
import { f, kobject, ops, type Instance } from '../../kobject';
import { copy_to_iter, type iov_iter } from '../iov_iter';
import { d_make_root } from '../dcache';
import { new_inode } from '../inode';
import { dcache_dir_lseek, generic_file_llseek } from '../libfs';
import { alloc_super, vfs_mount } from '../super';
import { tree_children, tree_has_folder, tree_line, tree_text } from './tree';
import { SB_RDONLY, type dentry, type dir_entry, type file, type inode, type mount, type path, type Result, type super_operations } from '../types';

/** A tree: its lines, each behind a newline, and the functions that it names. An operations table, known by its name. */
export interface kernfs_root extends super_operations { readonly tree: string; readonly shown: Readonly<Record<string, () => string>>; readonly fileSize: int }

/** The path of an inode in its tree; '' is the root. */
const kernfs_node = kobject('kernfs_node', { name: f.str, root: f.ops<kernfs_root>('super_operations') });
interface kernfs_node extends Instance<typeof kernfs_node> {}
/** What an open file showed when it was read from its beginning. */
const kernfs_open_file = kobject('kernfs_open_file', { buf: f.bytes });
interface kernfs_open_file extends Instance<typeof kernfs_open_file> {}

const node_of = (inode: inode): kernfs_node => inode.i_private as kernfs_node;

/** A number that a path keeps. */
function number_of(name: string): ino_t {
  let sum = 5381;
  for (let i = 0; i < name.length; i++) sum = (Math.imul(sum, 33) + name.charCodeAt(i)) >>> 0;
  return sum;
}

function make_inode(dir: inode, name: string, mode: int, size: int): inode {
  const { root } = node_of(dir), isFolder = (mode & S_IFDIR) === S_IFDIR;
  const made = new_inode(dir.i_sb, { mode, uid: 0, gid: 0, ino: number_of(name), i_op: kernfs_inode_operations, i_fop: isFolder ? kernfs_dir_fops : kernfs_file_fops });
  made.i_private = kernfs_node.make({ name, root });
  made.i_size = size;
  return made;
}

function kernfs_lookup(dir: inode, { d_name }: dentry): inode | null {
  const { name, root } = node_of(dir), full = name === '' ? d_name : `${name}/${d_name}`, line = tree_line(root.tree, full);
  if (line === null) return tree_has_folder(root.tree, full) ? make_inode(dir, full, S_IFDIR | 0o755, 0) : null;
  if (!line.startsWith('-> ')) return make_inode(dir, full, S_IFREG | (line.startsWith('~') ? 0o644 : 0o444), root.fileSize);
  const link = make_inode(dir, full, S_IFLNK | 0o777, 0);
  link.i_link = line.slice(3);
  return link;
}

function kernfs_iterate(file: file): dir_entry[] {
  const { name, root } = node_of(file.f_inode);
  return [...tree_children(root.tree, name)].map(([child, mark]) => ({ name: child, ino: number_of(name === '' ? child : `${name}/${child}`), type: mark === '/' ? DT_DIR : mark === '-' ? DT_LNK : DT_REG }));
}

function text_of({ root, name }: kernfs_node): Result<string> {
  const text = tree_text(tree_line(root.tree, name) ?? '');
  if (text.startsWith('-errno ')) return (findErrno(Number(text.slice(7))) ?? EIO).because(`'${name}' has no value here`);
  return text.startsWith('@') ? root.shown[text.slice(1)]?.() ?? '' : text;
}

function kernfs_read(file: file, to: iov_iter, pos: number): Result<number> {
  let open = file.private_data as kernfs_open_file | null;
  if (!open || pos === 0) {
    const text = text_of(node_of(file.f_inode));
    if (typeof text !== 'string') return text;
    open = kernfs_open_file.make({ buf: latin1(text) });
    file.private_data = open;
  }
  return pos >= open.buf.length ? 0 : copy_to_iter(open.buf.subarray(pos, pos + to.count), to);
}

const kernfs_inode_operations = ops('kernfs_inode_operations', { name: 'kernfs_inode_operations', lookup: kernfs_lookup, get_link: (inode: inode): string => inode.i_link });
const kernfs_file_fops = ops('kernfs_file_fops', { name: 'kernfs_file_fops', llseek: generic_file_llseek, read_iter: kernfs_read });
const kernfs_dir_fops = ops('kernfs_dir_fops', { name: 'kernfs_dir_fops', llseek: dcache_dir_lseek, iterate: kernfs_iterate });

/** Mounts a tree, read-only. */
export function mount_kernfs(at: path, type: string, devname: string, magic: int, tree: kernfs_root, flags: int): mount {
  const sb = alloc_super(type, magic, tree);
  sb.s_flags |= SB_RDONLY;
  const root = new_inode(sb, { mode: S_IFDIR | 0o755, uid: 0, gid: 0, ino: 1, i_op: kernfs_inode_operations, i_fop: kernfs_dir_fops });
  root.i_private = kernfs_node.make({ root: tree });
  sb.s_root = d_make_root(sb, root);
  return vfs_mount(sb, sb.s_root, at, devname, flags);
}
