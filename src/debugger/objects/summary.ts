// One kernel object in a few words, as crash and drgn list them: `"/etc/passwd" O_RDONLY, position 512`. One row a type.
// Not here: addresses and scalar fields (format.ts), what an object contains (members.ts).
import { OPEN_FLAGS, O_ACCMODE, O_LARGEFILE } from '../../abi/fcntl';
import { OFFSET_MAX } from '../../abi/fs';
import { SCHED } from '../../abi/sched';
import { signalName } from '../../abi/signal';
import { AF } from '../../abi/socket';
import { FILE_TYPES, S_IFMT, major, minor } from '../../abi/stat';
import { findName } from '../../abi/table';
import { d_path, dentry_path } from '../../kernel/fs/d_path';
import type { pipe_inode_info } from '../../kernel/fs/pipe';
import type { dentry, file, files_struct, inode, mount, path, super_block } from '../../kernel/fs/types';
import { EXIT_DEAD, EXIT_ZOMBIE, TASK_INTERRUPTIBLE, TASK_RUNNING, TASK_STOPPED, TASK_TRACED, TASK_UNINTERRUPTIBLE, type cred, type hrtimer, type k_sigaction, type kernel_siginfo, type signal_struct, type sigpending, type task_struct, type wait_queue_head } from '../../kernel/kernel/types';
import type { KObject } from '../../kernel/kobject';
import type { mm_struct, vm_area_struct } from '../../kernel/mm/types';
import type { inet_sock, sk_buff, sock, socket } from '../../kernel/net/types';
import { kernel, ports } from '../../kernel/state';
import { flags } from '../../trace/format/flags';
import { sigsetText } from '../../trace/format/signal';
import { isObject } from './kernel_value';

const quoted = (text: string): string => JSON.stringify(text);
const plural = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;

/** Bytes as people say them: 512 bytes, 12 KiB, 1.5 MiB. */
export function sizeText(bytes: number): string {
  if (bytes < 10240) return plural(bytes, 'byte');
  const isKib = bytes < 10 * 2 ** 20;
  const amount = bytes / (isKib ? 2 ** 10 : 2 ** 20);
  return `${Number.isInteger(amount) ? amount : amount.toFixed(1)} ${isKib ? 'KiB' : 'MiB'}`;
}

/** A path as its task's root sees it; of a record {mnt, dentry}. */
export function pathText(at: path): string {
  let { mnt } = at;
  while (mnt.mnt_parent) mnt = mnt.mnt_parent;
  return d_path(at, { mnt, dentry: mnt.mnt_root });
}

/** As ps(1) says it: what a task is about. */
export function stateText(task: task_struct): string {
  if (task.exit_state & (EXIT_ZOMBIE | EXIT_DEAD)) return task.exit_state & EXIT_DEAD ? 'dead' : 'zombie: has exited, its parent has not waited for it';
  if (task.__state & TASK_TRACED) return 'traced';
  if (task.__state & TASK_STOPPED) return 'stopped by a signal';
  if (task.__state & TASK_INTERRUPTIBLE) return 'sleeping, interruptible';
  if (task.__state & TASK_UNINTERRUPTIBLE) return 'sleeping, uninterruptible';
  return kernel.current === task ? 'on the processor' : 'ready to run';
}

/** `-rw-r--r--` as ls(1) shows it. */
export function modeText(mode: number): string {
  const type = { S_IFSOCK: 's', S_IFLNK: 'l', S_IFREG: '-', S_IFBLK: 'b', S_IFDIR: 'd', S_IFCHR: 'c', S_IFIFO: 'p' }[findName(FILE_TYPES, mode & S_IFMT) ?? ''] ?? '?';
  const bits = [...'rwxrwxrwx'].map((letter, i) => mode & (0o400 >> i) ? letter : '-');
  if (mode & 0o4000) bits[2] = mode & 0o100 ? 's' : 'S';
  if (mode & 0o2000) bits[5] = mode & 0o010 ? 's' : 'S';
  if (mode & 0o1000) bits[8] = mode & 0o001 ? 't' : 'T';
  return type + bits.join('');
}

const typeNames: Readonly<Record<string, string>> = { S_IFSOCK: 'socket', S_IFLNK: 'symbolic link', S_IFREG: 'file', S_IFBLK: 'block device', S_IFDIR: 'directory', S_IFCHR: 'character device', S_IFIFO: 'pipe' };
export const fileTypeText = (mode: number): string => typeNames[findName(FILE_TYPES, mode & S_IFMT) ?? ''] ?? 'file of no type';

/** The permissions and the name of a mapping, as /proc/PID/maps has them. */
export function vmaText(vma: vm_area_struct): string {
  const { mm, name } = { mm: vma.vm_mm, name: vma.vm_file ? pathText(vma.vm_file.f_path) : vma.vm_ops?.vma_name?.(vma) };
  const isHeap = vma.vm_start < mm.brk && vma.vm_end > mm.start_brk;
  const isStack = vma.vm_start <= mm.start_stack && vma.vm_end >= mm.start_stack;
  const label = name ?? (isHeap ? '[heap]' : isStack ? '[stack]' : vma.anon_name ? `[anon:${vma.anon_name}]` : 'anonymous memory');
  const permissions = ['r', 'w', 'x'].map((letter, i) => vma.vm_flags & (1 << i) ? letter : '-').join('') + (vma.vm_flags & 0x80 ? 's' : 'p');
  return `${vma.vm_start.toString(16)}-${vma.vm_end.toString(16)} ${permissions} ${label}`;
}

export const taskText = (task: task_struct): string => `${task.comm} (${task.pid})`;

/** How long until a moment of CLOCK_MONOTONIC. */
export function untilText(ns: number): string {
  if (ns < 0) return 'not started';
  if (ns === Infinity) return 'never';
  const left = ns - ports().clock.now();
  const amount = Math.abs(left);
  const text = amount < 1e3 ? `${amount} ns` : amount < 1e6 ? `${(amount / 1e3).toFixed(1)} us` : amount < 1e9 ? `${(amount / 1e6).toFixed(1)} ms` : `${(amount / 1e9).toFixed(3)} s`;
  return left <= 0 ? `${text} ago` : `in ${text}`;
}

function waitersText(queue: wait_queue_head): string {
  const watchers = queue.entries.length > 0 ? `, ${plural(queue.entries.length, 'watcher')}` : '';
  return (queue.head.length === 0 ? 'nobody waits' : `${queue.head.map(taskText).join(', ')} ${queue.head.length === 1 ? 'waits' : 'wait'}`) + watchers;
}

/** O_LARGEFILE says nothing: the kernel sets it on every 64-bit open. */
export function openFlagsText({ f_flags }: { readonly f_flags: number }): string {
  const mode = ['O_RDONLY', 'O_WRONLY', 'O_RDWR'][f_flags & O_ACCMODE] ?? 'O_ACCMODE';
  const rest = f_flags & ~(O_ACCMODE | O_LARGEFILE);
  return rest === 0 ? mode : `${mode}|${flags(OPEN_FLAGS, rest)}`;
}

export function fileText(file: file): string {
  const isSeekable = (file.f_mode & 0x4) !== 0;
  return `${quoted(pathText(file.f_path))} ${openFlagsText(file)}${isSeekable ? `, position ${file.f_pos}` : ''}`;
}

function inodeText(inode: inode): string {
  const type = inode.i_mode & S_IFMT;
  const what = type === 0o020000 || type === 0o060000 ? `, device ${major(inode.i_rdev)}:${minor(inode.i_rdev)}` : type === 0o100000 ? `, ${sizeText(inode.i_size)}` : '';
  return `${fileTypeText(inode.i_mode)} ${modeText(inode.i_mode)}, inode ${inode.i_ino}${what}`;
}

/** Linux: include/net/tcp_states.h */
const SOCK_STATES = ['', 'established', 'SYN sent', 'SYN received', 'FIN wait 1', 'FIN wait 2', 'time wait', 'closed', 'close wait', 'last ACK', 'listening', 'closing'];
const SOCK_TYPES = ['', 'SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_RAW', 'SOCK_RDM', 'SOCK_SEQPACKET'];
const inetText = (inet: inet_sock): string => `${inet.inet_saddr || '*'}:${inet.inet_sport}${inet.inet_dport ? ` -> ${inet.inet_daddr}:${inet.inet_dport}` : ''}`;

function sockText(sk: sock): string {
  const waiting = sk.sk_receive_queue.reduce((sum, skb) => sum + skb.len, 0);
  const where = sk.inet ? ` ${inetText(sk.inet)}` : sk.unix?.is_bound ? ` ${quoted(sk.unix.addr.replace(/^\0/, '@').replace(/\0+$/, ''))}` : '';
  return `${findName(AF, sk.sk_family) ?? `family ${sk.sk_family}`} ${SOCK_TYPES[sk.sk_type] ?? `type ${sk.sk_type}`}${where}, ${SOCK_STATES[sk.sk_state] ?? sk.sk_state}, ${plural(waiting, 'byte')} to read${sk.accept_queue.length > 0 ? `, ${plural(sk.accept_queue.length, 'connection')} to accept` : ''}`;
}

const handlerText = (action: k_sigaction): string => action.sa_handler === 0 ? 'SIG_DFL' : action.sa_handler === 1 ? 'SIG_IGN' : `handler at 0x${action.sa_handler.toString(16)}`;
const objectName = (object: unknown): string => isObject(object) ? object.$type : 'nothing';

const rows: Readonly<Record<string, (object: never) => string>> = {
  task_struct: (task: task_struct) => `${taskText(task)}, ${stateText(task)}`,
  file: fileText,
  dentry: (at: dentry) => quoted(dentry_path(at)) + (at.d_inode ? '' : ', which does not exist') + (at.d_unhashed ? ', removed' : ''),
  inode: inodeText,
  super_block: (sb: super_block) => `${sb.s_type}, device ${major(sb.s_dev)}:${minor(sb.s_dev)}`,
  mount: (mnt: mount) => `${mnt.mnt_sb.s_type} on ${quoted(mnt.mnt_parent && mnt.mnt_mountpoint ? pathText({ mnt: mnt.mnt_parent, dentry: mnt.mnt_mountpoint }) : '/')}`,
  files_struct: (files: files_struct) => `${plural(files.fd.filter(file => file).length, 'open descriptor')}${files.count > 1 ? `, shared by ${files.count} tasks` : ''}`,
  fs_struct: (fs: { pwd: path }) => `in ${quoted(pathText(fs.pwd))}`,
  mm_struct: (mm: mm_struct) => `${plural(mm.mmap.length, 'mapping')}, ${sizeText((mm.rss_anon + mm.rss_file + mm.rss_shmem) * 4096)} resident`,
  vm_area_struct: vmaText,
  cred: (cred: cred) => `uid ${cred.uid}, gid ${cred.gid}${cred.euid === cred.uid ? '' : `, effective uid ${cred.euid}`}${cred.cap_effective ? `, capabilities 0x${cred.cap_effective.toString(16)}` : ''}`,
  signal_struct: (signal: signal_struct) => `${plural(signal.nr_threads, 'thread')}, process group ${signal.pgrp}, session ${signal.session}`,
  sighand_struct: (hand: { action: k_sigaction[] }) => `${plural(hand.action.filter(a => a.sa_handler > 1).length, 'handler')} installed`,
  k_sigaction: handlerText,
  sigpending: (pending: sigpending) => pending.signal === 0n ? 'none pending' : `pending ${sigsetText(pending.signal)}`,
  kernel_siginfo: (info: kernel_siginfo) => signalName(info.si_signo) + (info.si_pid ? ` from ${info.si_pid}` : ''),
  wait_queue_head: waitersText,
  wait_queue_entry: (entry: { owner: unknown }) => `tells ${objectName(entry.owner)}`,
  hrtimer: (timer: hrtimer) => `${timer.expires < 0 ? 'not started' : `expires ${untilText(timer.expires)}`}${timer.ops ? `, ${timer.ops.name}` : ''}`,
  rlimit: (limit: { rlim_cur: bigint; rlim_max: bigint }) => [limit.rlim_cur, limit.rlim_max].map(n => n >= 0xffff_ffff_ffff_ffffn ? 'unlimited' : String(n)).join(' of '),
  pipe_inode_info: (pipe: pipe_inode_info) => `${plural(pipe.bufs.reduce((sum, buf) => sum + buf.len, 0), 'byte')} in ${pipe.bufs.length} of ${pipe.max_usage} pages, ${plural(pipe.readers, 'reader')}, ${plural(pipe.writers, 'writer')}`,
  pipe_buffer: (buf: { len: number; offset: number }) => `${plural(buf.len, 'byte')} at offset ${buf.offset}`,
  eventpoll: (ep: { items: unknown[] }) => `watches ${plural(ep.items.length, 'descriptor')}`,
  epitem: (item: { fd: number; file: file }) => `descriptor ${item.fd}, ${fileText(item.file)}`,
  eventfd_ctx: (ctx: { count: bigint }) => `count ${ctx.count}`,
  timerfd_ctx: (ctx: { expires: number; ticks: number }) => `${ctx.expires < 0 ? 'disarmed' : `expires ${untilText(ctx.expires)}`}, ${plural(ctx.ticks, 'expiration')} to read`,
  futex_q: (q: { task: task_struct; key: string }) => `${taskText(q.task)} waits at ${q.key.replace(/^\d+:(\d+)$/, (_, address: string) => `0x${Number(address).toString(16)}`)}`,
  seccomp_filter: (filter: { prog: { len: number }; notif: object | null }) => `${plural(filter.prog.len, 'instruction')}${filter.notif ? ', with a supervisor' : ''}`,
  bpf_prog: (prog: { len: number }) => plural(prog.len, 'instruction'),
  futex_hash_bucket: (bucket: { waiters: unknown[] }) => plural(bucket.waiters.length, 'waiter'),
  socket: (socket: socket) => sockText(socket.sk),
  sock: sockText,
  sk_buff: (skb: sk_buff) => `${plural(skb.len, 'byte')}${skb.fp.length > 0 ? `, ${plural(skb.fp.length, 'descriptor')} in flight` : ''}`,
  unix_sock: (unix: { addr: string; is_bound: boolean }) => unix.is_bound ? quoted(unix.addr.replace(/^\0/, '@').replace(/\0+$/, '')) : 'not bound',
  inet_sock: inetText,
  tty_struct: (tty: { name: string; ws_row: number; ws_col: number }) => `${tty.name}, ${tty.ws_row} rows of ${tty.ws_col}`,
  address_space: (mapping: { i_pages: Map<number, number> }) => `${plural(mapping.i_pages.size, 'page')} cached`,
  call_record: (call: { nr: number; abi: number; over: boolean }) => `system call ${call.nr}${call.abi ? ' (i386)' : ''}${call.over ? ', over' : ''}`,
  restart_block: (block: { fn: string }) => block.fn === '' ? 'nothing to restart' : `goes on in ${block.fn}`,
  thread_struct: (thread: { stackPa: number }) => `kernel stack at 0x${(0xffff_8880_0000_0000n + BigInt(thread.stackPa)).toString(16)}`,
  file_lock: (lock: { kind: string; start: bigint; end: bigint; pid: number }) => `${lock.kind} lock of ${lock.pid}, ${lock.start}-${lock.end === OFFSET_MAX ? 'end' : lock.end}`,
  k_itimer: (timer: { it_id: number; it_signo: number }) => `timer ${timer.it_id}, ${signalName(timer.it_signo)}`,
};

/** What this object is about, or '' when its type has no words for it. */
export function summaryOf(object: KObject): string {
  return (rows[object.$type] as ((object: KObject) => string) | undefined)?.(object) ?? '';
}

/** The names of a scheduling policy and of a task's state, for the fields that hold them. */
export const policyText = (policy: number): string => findName(SCHED, policy) ?? String(policy);
const STATES: readonly (readonly [number, string])[] = [[TASK_INTERRUPTIBLE, 'TASK_INTERRUPTIBLE'], [TASK_UNINTERRUPTIBLE, 'TASK_UNINTERRUPTIBLE'], [TASK_STOPPED, '__TASK_STOPPED'], [TASK_TRACED, '__TASK_TRACED'], [EXIT_DEAD, 'EXIT_DEAD'], [EXIT_ZOMBIE, 'EXIT_ZOMBIE']];
export const taskStateText = (state: number): string => state === TASK_RUNNING ? 'TASK_RUNNING' : STATES.filter(([bit]) => state & bit).map(([, name]) => name).join('|') || `0x${state.toString(16)}`;
