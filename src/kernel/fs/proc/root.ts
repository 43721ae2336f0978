// procfs: directories and files that are made from the kernel's objects when somebody looks. Linux: fs/proc/root.c, generic.c, base.c.
import { latin1 } from '../../../base/text';
import { EPERM, EACCES, EIO, ENOENT, ESRCH, type Errno } from '../../../abi/errno';
import { PROC_SUPER_MAGIC } from '../../../abi/fs';
import { DT_DIR, DT_LNK, DT_REG, S_IFDIR, S_IFLNK, S_IFREG } from '../../../abi/stat';
import type { task_struct } from '../../kernel/types';
import { f, kobject, ops, type Instance } from '../../kobject';
import { current, kernel } from '../../state';
import { d_make_root } from '../dcache';
import { d_path_of } from '../d_path';
import { files_lookup_fd } from '../file';
import { MAY_WRITE, generic_permission, new_inode } from '../inode';
import { access_process_vm, read_process_vm } from '../../mm/access_process_vm';
import type { Block } from '../../result';
import { copy_from_iter, copy_to_iter, type iov_iter } from '../iov_iter';
import { dcache_dir_lseek, seq_lseek } from '../libfs';
import { alloc_super, vfs_mount } from '../super';
import type { dentry, dir_entry, file, inode, path, super_block, Result } from '../types';
import { tree_children, tree_has_folder, tree_line, tree_text } from '../kernfs/tree';
import { PROC_TREE } from './tree';
import { NS_NAMES, ns_get_path } from './namespaces';
import type { vm_area_struct } from '../../mm/types';
import { proc_root_stuff, show_fdinfo, tgid_base_stuff } from './base';

/** What stands behind an inode of procfs. */
export const proc_inode = kobject('proc_inode', {
  /** 'root' | 'dir' | 'file' | 'self' | 'tgid' | 'pidfile' | 'pidlink' | 'fd' | 'fdlink' | 'fdinfo' | 'fdinfofile' | 'task' | 'ns' | 'nslink' | 'map_files' | 'mapfile' | 'mem' */
  kind: f.str,
  /** The path below /proc or /proc/PID. */
  name: f.str,
  pid: f.pid, fd: f.s32,
});
export interface proc_inode extends Instance<typeof proc_inode> {}
/** The text of an open proc file, made at its first read. Linux: fs/seq_file.c */
export const seq_file = kobject('seq_file', { buf: f.bytes });
export interface seq_file extends Instance<typeof seq_file> {}

const PROC_I = (inode: inode): proc_inode => inode.i_private as proc_inode;
const links = ['exe', 'cwd', 'root'];
const find_task = (pid: number): task_struct | undefined => kernel.tasks.get(pid);

function proc_get_inode(dir: inode, mode: number, info: Partial<proc_inode>): inode {
  const task = info.pid ? find_task(info.pid) : undefined;
  const inode = new_inode(dir.i_sb, { mode, uid: task ? task.cred.euid : 0, gid: task ? task.cred.egid : 0, i_op: proc_inode_operations, i_fop: (mode & 0o170000) === S_IFDIR ? proc_dir_operations : proc_file_operations });
  if ((mode & 0o170000) === S_IFLNK) inode.i_op = info.kind === 'self' ? proc_self_inode_operations : proc_link_inode_operations;
  inode.i_private = proc_inode.make(info);
  inode.i_blksize = 1024;
  inode.i_size = 0;
  return inode;
}

function proc_lookup_pid(dir: inode, info: proc_inode, name: string): inode | null {
  const task = find_task(info.pid);
  if (!task) return null;
  if (name === 'mem') {
    const mem = proc_get_inode(dir, S_IFREG | 0o600, { kind: 'mem', name, pid: info.pid });
    mem.i_fop = proc_mem_operations;
    return mem;
  }
  const file = tgid_base_stuff[name];
  if (file) return proc_get_inode(dir, S_IFREG | file.mode, { kind: 'pidfile', name, pid: info.pid });
  if (name === 'net') return proc_get_inode(dir, S_IFDIR | 0o555, { kind: 'dir', name });
  if (name === 'ns') return proc_get_inode(dir, S_IFDIR | 0o511, { kind: 'ns', name, pid: info.pid });
  if (name === 'map_files' && info.kind === 'tgid') return proc_get_inode(dir, S_IFDIR | 0o500, { kind: 'map_files', name, pid: info.pid });
  if (links.includes(name)) return proc_get_inode(dir, S_IFLNK | 0o777, { kind: 'pidlink', name, pid: info.pid });
  if (name === 'fd' || name === 'fdinfo') return proc_get_inode(dir, S_IFDIR | 0o500, { kind: name, name, pid: info.pid });
  if (name === 'task' && info.kind === 'tgid') return proc_get_inode(dir, S_IFDIR | 0o555, { kind: 'task', name, pid: info.pid });
  return null;
}

/** Nothing can be made in procfs: a name that is not there is an error, not a place for a new file. */
function proc_lookup(dir: inode, dentry: dentry): Result<inode> {
  return find_inode(dir, dentry) ?? ENOENT.because(`procfs has no '${dentry.d_name}' there`);
}

function find_inode(dir: inode, dentry: dentry): inode | null {
  const info = PROC_I(dir);
  const name = dentry.d_name;
  dentry.d_op = proc_dentry_operations;
  const number = /^(0|[1-9][0-9]{0,8})$/.test(name) ? Number(name) : -1;
  switch (info.kind) {
    case 'tgid':
      return proc_lookup_pid(dir, info, name);
    case 'task': {
      const task = find_task(number);
      return task && task.tgid === info.pid ? proc_get_inode(dir, S_IFDIR | 0o555, { kind: 'tgid', name, pid: number }) : null;
    }
    case 'ns': return NS_NAMES.includes(name) ? proc_get_inode(dir, S_IFLNK | 0o777, { kind: 'nslink', name, pid: info.pid }) : null;
    case 'map_files': return mapped_file(info.pid, name) ? proc_get_inode(dir, S_IFLNK | 0o600, { kind: 'mapfile', name, pid: info.pid }) : null;
    case 'fd':
    case 'fdinfo': {
      const file = files_lookup_fd(find_task(info.pid)?.files ?? null, number);
      if (!file) return null;
      if (info.kind === 'fdinfo') return proc_get_inode(dir, S_IFREG | 0o444, { kind: 'fdinfofile', name, pid: info.pid, fd: number });
      return proc_get_inode(dir, S_IFLNK | (file.f_mode & 1 ? 0o500 : 0) | (file.f_mode & 2 ? 0o300 : 0), { kind: 'fdlink', name, pid: info.pid, fd: number });
    }
    default: {
      if (info.kind === 'root') {
        if (name === 'self' || name === 'thread-self') return proc_get_inode(dir, S_IFLNK | 0o777, { kind: 'self', name });
        if (name === 'mounts' || name === 'net') {
          const link = proc_get_inode(dir, S_IFLNK | 0o777, { kind: 'self', name });
          link.i_size = `self/${name}`.length;
          return link;
        }
        if (number > 0) return find_task(number) ? proc_get_inode(dir, S_IFDIR | 0o555, { kind: 'tgid', name, pid: number }) : null;
      }
      const full = info.name === '' ? name : `${info.name}/${name}`;
      const file = proc_root_stuff[full];
      if (file) return proc_get_inode(dir, S_IFREG | file.mode, { kind: 'file', name: full });
      const line = tree_line(PROC_TREE, full);
      if (line !== null) return proc_get_inode(dir, S_IFREG | (line.startsWith('~') ? 0o644 : 0o444), { kind: 'file', name: full });
      return tree_has_folder(PROC_TREE, full) || Object.keys(proc_root_stuff).some(key => key.startsWith(`${full}/`)) ? proc_get_inode(dir, S_IFDIR | 0o555, { kind: 'dir', name: full }) : null;
    }
  }
}

/** The file of a mapping, by the name that /proc/PID/map_files has for it. */
function mapped_file(pid: number, name: string): file | null {
  const vma = find_task(pid)?.mm?.mmap.find(one => one.vm_file && map_name(one) === name);
  return vma?.vm_file ?? null;
}
const map_name = ({ vm_start, vm_end }: vm_area_struct): string => `${vm_start.toString(16)}-${vm_end.toString(16)}`;

function proc_iterate(file: file): Result<dir_entry[]> {
  const info = PROC_I(file.f_inode);
  const task = find_task(info.pid);
  const entry = (name: string, type: number): dir_entry => ({ name, ino: file.f_inode.i_ino * 1000 + name.length, type });
  if (info.kind === 'fd' || info.kind === 'fdinfo') {
    if (!task) return ENOENT.because('the process has gone');
    return (task.files?.fd ?? []).flatMap((open, fd) => open ? [entry(String(fd), info.kind === 'fd' ? DT_LNK : DT_REG)] : []);
  }
  if (info.kind === 'ns') return NS_NAMES.map(name => entry(name, DT_LNK));
  if (info.kind === 'map_files') return (task?.mm?.mmap ?? []).flatMap(vma => vma.vm_file ? [entry(map_name(vma), DT_LNK)] : []);
  if (info.kind === 'tgid') {
    return [entry('task', DT_DIR), entry('map_files', DT_DIR), entry('ns', DT_DIR), entry('net', DT_DIR), entry('fd', DT_DIR), entry('fdinfo', DT_DIR), entry('mem', DT_REG), ...Object.keys(tgid_base_stuff).map(name => entry(name, DT_REG)), ...links.map(name => entry(name, DT_LNK))];
  }
  if (info.kind === 'task') return [...kernel.tasks.values()].filter(t => t.tgid === info.pid).map(t => entry(String(t.pid), DT_DIR));
  const prefix = info.name === '' ? '' : `${info.name}/`;
  const names = new Map<string, number>();
  for (const key of Object.keys(proc_root_stuff)) {
    if (!key.startsWith(prefix)) continue;
    const rest = key.slice(prefix.length);
    const slash = rest.indexOf('/');
    names.set(slash < 0 ? rest : rest.slice(0, slash), slash < 0 ? DT_REG : DT_DIR);
  }
  for (const [name, mark] of tree_children(PROC_TREE, info.name)) names.set(name, mark === '/' ? DT_DIR : DT_REG);
  if (info.kind === 'root') names.set('net', DT_LNK);
  const entries = [...names].map(([name, type]) => entry(name, type));
  if (info.kind !== 'root') return entries;
  entries.push(entry('self', DT_LNK), entry('thread-self', DT_LNK), entry('mounts', DT_LNK));
  for (const t of kernel.tasks.values()) if (t.pid === t.tgid) entries.push(entry(String(t.pid), DT_DIR));
  return entries;
}

function text_of(info: proc_inode): Result<string> {
  const task = info.pid ? find_task(info.pid) : current();
  if (!task) return ENOENT.because('the process has gone');
  if (info.kind === 'pidfile') return tgid_base_stuff[info.name]?.show(task) ?? '';
  if (info.kind === 'file') return proc_root_stuff[info.name]?.show(task) ?? tree_text(tree_line(PROC_TREE, info.name) ?? '');
  const open = files_lookup_fd(task.files, info.fd);
  return open ? show_fdinfo(task, info.fd, open) : ENOENT.because('the descriptor was closed');
}

function proc_read(file: file, to: iov_iter, pos: number): Result<number> {
  let seq = file.private_data as seq_file | null;
  if (!seq || pos === 0) {
    const text = text_of(PROC_I(file.f_inode));
    if (typeof text !== 'string') return text;
    seq = seq_file.make({ buf: latin1(text) });
    file.private_data = seq;
  }
  if (pos >= seq.buf.length) return 0;
  return copy_to_iter(seq.buf.subarray(pos, pos + to.count), to);
}

/** Linux: fs/proc/base.c:proc_pid_get_link(): a jump to the object itself. */
function proc_jump_link(inode: inode): Result<path> {
  const info = PROC_I(inode);
  const task = find_task(info.pid);
  if (!task) return ENOENT.because('the process has gone');
  if (info.kind === 'fdlink') {
    const open = files_lookup_fd(task.files, info.fd);
    return open ? { mnt: open.f_path.mnt, dentry: open.f_path.dentry } : ENOENT.because('the descriptor was closed');
  }
  if (info.kind === 'nslink') return ns_get_path(info.name);
  if (info.kind === 'mapfile') {
    const mapped = mapped_file(info.pid, info.name);
    return mapped ? { mnt: mapped.f_path.mnt, dentry: mapped.f_path.dentry } : ENOENT.because('nothing is mapped there any more');
  }
  if (info.name === 'exe') return task.mm?.exe_file ? { mnt: task.mm.exe_file.f_path.mnt, dentry: task.mm.exe_file.f_path.dentry } : ENOENT.because('the process has no program');
  const at = info.name === 'cwd' ? task.fs?.pwd : task.fs?.root;
  return at ? { mnt: at.mnt, dentry: at.dentry } : ENOENT.because('the process has gone');
}

function proc_get_link(inode: inode): Result<string> {
  const target = proc_jump_link(inode);
  return 'mnt' in target ? d_path_of(target, current()) : target;
}

function proc_self_get_link(inode: inode): string {
  const { tgid, pid } = current();
  const { name } = PROC_I(inode);
  return name === 'self' ? String(tgid) : name === 'mounts' || name === 'net' ? `self/${name}` : `${tgid}/task/${pid}`;
}

/** Names of processes and descriptors live as long as these do. */
function proc_revalidate(dentry: dentry): boolean {
  const { d_inode } = dentry;
  if (!d_inode) return false;
  const info = PROC_I(d_inode);
  if (info.pid === 0) return true;
  const task = find_task(info.pid);
  if (!task) return false;
  d_inode.i_uid = task.cred.euid;
  d_inode.i_gid = task.cred.egid;
  return info.kind !== 'fdlink' && info.kind !== 'fdinfofile';
}

/** Linux: fs/proc/base.c:mem_rw(). EIO: nothing is there. */
function mem_read(file: file, to: iov_iter, pos: number): Result<number> {
  const task = find_task(PROC_I(file.f_inode).pid);
  if (!task?.mm || to.count === 0) return 0;
  const bytes = read_process_vm(task, pos, Math.min(to.count, 65536));
  return bytes.length === 0 ? EIO.because('no memory is mapped there') : copy_to_iter(bytes, to);
}

function mem_write(file: file, from: iov_iter, pos: number): Result<number> {
  const task = find_task(PROC_I(file.f_inode).pid);
  if (!task?.mm || from.count === 0) return 0;
  const bytes = new Uint8Array(Math.min(from.count, 65536));
  const copied = copy_from_iter(bytes, from);
  if (typeof copied !== 'number') return copied;
  const done = access_process_vm(task, pos, bytes.subarray(0, copied));
  return done === 0 ? EIO.because('no memory is mapped there') : done;
}

/** A process may always look at its own descriptors. Linux: fs/proc/fd.c:proc_fd_permission() */
function proc_permission(inode: inode, mask: number): Errno | Block | null {
  const { kind, pid } = PROC_I(inode), task = current();
  if (kind === 'tgid' && (mask & MAY_WRITE) !== 0) return EPERM.because('the folder of a process is immutable');
  return (kind === 'fd' || kind === 'fdinfo') && find_task(pid)?.tgid === task.tgid ? null : generic_permission(task, inode, mask);
}

const proc_mem_operations = ops('proc_mem_operations', { name: 'proc_mem_operations', llseek: seq_lseek, read_iter: mem_read, write_iter: mem_write });

function proc_write(file: file, from: iov_iter): Result<number> {
  const info = PROC_I(file.f_inode);
  const task = find_task(info.pid), write = info.kind === 'pidfile' ? tgid_base_stuff[info.name]?.write : undefined;
  if (!write) return EACCES.because('this file of /proc cannot be written here');
  if (!task) return ESRCH.because('the process has gone');
  const bytes = new Uint8Array(Math.min(from.count, 4096)), all = from.count;
  const copied = copy_from_iter(bytes, from);
  if (typeof copied !== 'number') return copied;
  return write(task, String.fromCharCode(...bytes.subarray(0, copied))) ?? all;
}

const proc_dentry_operations = ops('proc_dentry_operations', { name: 'proc_dentry_operations', d_revalidate: proc_revalidate });
const proc_inode_operations = ops('proc_inode_operations', { name: 'proc_inode_operations', lookup: proc_lookup, permission: proc_permission });
const proc_link_inode_operations = ops('proc_link_inode_operations', { name: 'proc_link_inode_operations', get_link: proc_get_link, jump_link: proc_jump_link });
const proc_self_inode_operations = ops('proc_self_inode_operations', { name: 'proc_self_inode_operations', get_link: proc_self_get_link });
const proc_file_operations = ops('proc_file_operations', { name: 'proc_file_operations', llseek: seq_lseek, read_iter: proc_read, write_iter: proc_write });
const proc_dir_operations = ops('proc_dir_operations', { name: 'proc_dir_operations', llseek: dcache_dir_lseek, iterate: proc_iterate });
const proc_super_operations = ops('proc_super_operations', { name: 'proc_super_operations' });

export function mount_proc(at: path, flags: number): void {
  const sb = proc_fill_super();
  if (sb.s_root) vfs_mount(sb, sb.s_root, at, 'proc', flags);
}

/** Linux: fs/proc/root.c:proc_fill_super() */
export function proc_fill_super(): super_block {
  const sb = alloc_super('proc', PROC_SUPER_MAGIC, proc_super_operations);
  const root = new_inode(sb, { mode: S_IFDIR | 0o555, uid: 0, gid: 0, i_op: proc_inode_operations, i_fop: proc_dir_operations });
  root.i_private = proc_inode.make({ kind: 'root' });
  sb.s_root = d_make_root(sb, root);
  return sb;
}
