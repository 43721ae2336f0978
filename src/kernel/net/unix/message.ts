// Sending and receiving on UNIX sockets. Linux: net/unix/af_unix.c (unix_stream_sendmsg and on).
// Differs: descriptors that are in flight in a circle are not collected before the machine ends.
import { latin1 } from '../../../base/text';
import { ECONNREFUSED, ECONNRESET, EFAULT, EINVAL, EISCONN, EMSGSIZE, ENOTCONN, EOPNOTSUPP, EPERM, EPIPE, type Errno } from '../../../abi/errno';
import type { iflags_t } from '../../../abi/c_types';
import { MSG_DONTWAIT, MSG_NOSIGNAL, MSG_OOB, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, SCM_CREDENTIALS, SOCK_SEQPACKET, SOCK_STREAM, SOL_SOCKET } from '../../../abi/socket';
import { get_file } from '../../fs/file';
import { iov_iter_advance } from '../../fs/iov_iter';
import { send_sig, SIGPIPE } from '../../fs/signals';
import type { file, Result } from '../../fs/types';
import type { task_struct } from '../../kernel/types';
import { failed, isBlock, type Block } from '../../result';
import { current } from '../../state';
import { put_cmsg, scm_detach_fds } from '../core/scm';
import { kfree_skb, skb_consume, skb_copy_to_iter, skb_from_iter, SKB_MAX_HEAD } from '../core/skbuff';
import { partial, sk_state_change, sk_wait, sk_wait_for_space, sk_write_space, skb_dequeue, skb_queue_purge, skb_queue_tail, skb_set_owner_w, sock_error } from '../core/sock';
import { RCV_SHUTDOWN, SEND_SHUTDOWN, TCP_CLOSE, TCP_ESTABLISHED, type msghdr, type sk_buff, type sock } from '../types';
import { SUN_PATH_OFFSET, isConnectionless, name_of, sun_path, unix_autobind, unix_find_other, unix_sk } from './names';
import { manage_oob, queue_oob, unix_stream_recv_urg } from './oob';

const UNIX_SKB_FRAGS_SZ = 32768, OVERFLOW_ID = 65534;

/** Linux: net/unix/af_unix.c:unix_writable() */
export const writable = (sk: sock): boolean => sk.sk_wmem_alloc * 4 <= sk.sk_sndbuf;
export const isQueueFull = (sk: sock): boolean => (isConnectionless(sk) ? sk.sk_receive_queue.length : sk.accept_queue.length) > sk.sk_max_ack_backlog;

/** The next `length` bytes as a buffer of the sender, with the descriptors of its control message. */
function unix_skb(task: task_struct, sk: sock, other: sock, msg: msghdr, length: number): Result<sk_buff> {
  const skb = skb_from_iter(msg.iter, length);
  if (!failed(skb)) skb_address(task, sk, other, msg, skb);
  return skb;
}

/** Whose buffer it is and what goes with it. Linux: net/unix/af_unix.c:unix_scm_to_skb() */
function skb_address(task: task_struct, sk: sock, other: sock, msg: msghdr, skb: sk_buff): void {
  skb_set_owner_w(skb, sk);
  // Only who asked for credentials, on either side, makes the sender's travel.
  const isAsked = sk.sk_passcred || other.sk_passcred;
  const creds = msg.scm?.creds ?? (isAsked ? { pid: task.tgid, uid: task.cred.uid, gid: task.cred.gid } : { pid: 0, uid: OVERFLOW_ID, gid: OVERFLOW_ID });
  skb.pid = creds.pid;
  skb.uid = creds.uid;
  skb.gid = creds.gid;
  skb.name = unix_sk(sk).is_bound ? String.fromCharCode(...name_of(sk)) : '';
  if (msg.scm) skb.fp.push(...msg.scm.fp.splice(0));
}

/** The error that waits stays for the next read. */
function unix_pipe_error(flags: iflags_t, why: string): Errno {
  if (!(flags & MSG_NOSIGNAL)) send_sig(SIGPIPE, current());
  return EPIPE.because(why);
}

export function unix_sendmsg(task: task_struct, sk: sock, msg: msghdr): Result<number> {
  if (msg.flags & MSG_OOB && (sk.sk_type !== SOCK_STREAM || msg.iter.count === 0)) return EOPNOTSUPP.because('only a stream has out-of-band data, and that is a byte');
  return sk.sk_type === SOCK_STREAM ? unix_stream_sendmsg(task, sk, msg) : unix_dgram_sendmsg(task, sk, msg);
}

/** Linux: net/unix/af_unix.c:unix_stream_sendmsg(). The call record counts the bytes of a send that sleeps half way. */
function unix_stream_sendmsg(task: task_struct, sk: sock, msg: msghdr): Result<number> {
  if (msg.name) return sk.sk_state === TCP_ESTABLISHED ? EISCONN.because('a connected stream takes no address') : EOPNOTSUPP.because('a stream takes no address');
  const { peer } = sk, { call } = task;
  if (!peer) return sk.sk_shutdown & SEND_SHUTDOWN && sk.sk_state === TCP_ESTABLISHED ? unix_pipe_error(msg.flags, 'the other side has closed the connection') : ENOTCONN.because('the socket has no peer');
  let done = call?.done ?? 0;
  if (done > 0) iov_iter_advance(msg.iter, done);
  for (;;) {
    if (sk.sk_shutdown & SEND_SHUTDOWN) return done > 0 ? done : unix_pipe_error(msg.flags, 'the socket was shut down for sending, or the other side has closed');
    if (peer.is_dead || peer.sk_shutdown & RCV_SHUTDOWN) return done > 0 ? done : unix_pipe_error(msg.flags, 'the other side does not receive any more');
    if (msg.iter.count === 0) return done;
    if (sk.sk_wmem_alloc >= sk.sk_sndbuf) {
      if (call) call.done = done;
      return partial(done, sk_wait_for_space(sk, (msg.flags & MSG_DONTWAIT) !== 0));
    }
    // The last byte of a send with MSG_OOB is a buffer of its own.
    const isUrgent = (msg.flags & MSG_OOB) !== 0 && msg.iter.count === 1, before = msg.iter.count - (msg.flags & MSG_OOB && !isUrgent ? 1 : 0);
    const size = Math.min(before, Math.floor(sk.sk_sndbuf / 2) - 64, SKB_MAX_HEAD + UNIX_SKB_FRAGS_SZ);
    const skb = unix_skb(task, sk, peer, msg, size);
    if (failed(skb)) return partial(done, skb);
    if (isUrgent) queue_oob(peer, skb);
    else skb_queue_tail(peer, skb);
    done += size;
  }
}

/** Linux: net/unix/af_unix.c:unix_dgram_sendmsg(), unix_seqpacket_sendmsg() */
function unix_dgram_sendmsg(task: task_struct, sk: sock, msg: msghdr): Result<number> {
  if (sk.sk_type === SOCK_SEQPACKET) {
    const error = sock_error(sk);
    if (error) return error;
    if (sk.sk_state !== TCP_ESTABLISHED) return ENOTCONN.because('the socket has no peer');
    msg.name = null;
  }
  const length = msg.iter.count;
  const named = msg.name ? sun_path(msg.name) : '';
  if (msg.name && msg.name.length <= SUN_PATH_OFFSET) return EINVAL.because('the address has no name');
  if (failed(named)) return named;
  if (sk.sk_passcred && !unix_sk(sk).is_bound) unix_autobind(sk);
  if (length > sk.sk_sndbuf - 32) return EMSGSIZE.because(`${length} bytes are more than the send buffer holds`);
  const isNonblocking = (msg.flags & MSG_DONTWAIT) !== 0;
  const error = sock_error(sk);
  if (error) return error;
  if (sk.sk_shutdown & SEND_SHUTDOWN) return unix_pipe_error(msg.flags, 'the socket was shut down for sending, or the other side has closed');
  if (sk.sk_wmem_alloc >= sk.sk_sndbuf) return sk_wait_for_space(sk, isNonblocking);
  const skb = skb_from_iter(msg.iter, length);
  if (failed(skb)) return skb;
  const sent = unix_dgram_deliver(task, sk, msg, skb, isNonblocking);
  if (sent === null) return length;
  kfree_skb(skb);
  return sent;
}

/** What the former peer has sent is lost, and it is told. */
export function unix_dgram_disconnected(sk: sock, other: sock): void {
  if (sk.sk_receive_queue.length === 0) return;
  skb_queue_purge(sk, writable);
  if (other.is_dead || other.peer !== sk) return;
  other.sk_err = ECONNRESET.number;
  sk_state_change(other);
}

/** A datagram goes to whom its address or the connection names; null: it is there. */
function unix_dgram_deliver(task: task_struct, sk: sock, msg: msghdr, skb: sk_buff, isNonblocking: boolean): Errno | Block | null {
  const other = msg.name ? unix_find_other(task, msg.name, sk.sk_type) : sk.peer ?? ENOTCONN.because('the socket has no peer');
  if (failed(other)) return other;
  if (other.is_dead) {
    if (!msg.name) {
      sk.peer = null;
      sk.sk_state = TCP_CLOSE;
      unix_dgram_disconnected(sk, other);
    }
    return (sk.sk_type === SOCK_SEQPACKET ? EPIPE : ECONNREFUSED).because('the other side has closed its socket');
  }
  if (sk.sk_shutdown & SEND_SHUTDOWN) return unix_pipe_error(msg.flags, 'the socket was shut down for sending, or the other side has closed');
  if (isConnectionless(sk) && other.peer && other.peer !== sk) return EPERM.because('the socket there talks to another one only');
  if (other.sk_shutdown & RCV_SHUTDOWN) return EPIPE.because('the other side does not receive any more');
  if (other !== sk && other.peer !== sk && isQueueFull(other)) {
    other.nospace = true;
    return sk_wait(other.sk_wr_wq, isNonblocking, sk.sk_sndtimeo, `the receiver holds ${other.sk_receive_queue.length} datagrams unread`);
  }
  skb_address(task, sk, other, msg, skb);
  skb_queue_tail(other, skb);
  return null;
}

/** Credentials and descriptors that came with what was read. */
function unix_recv_scm(task: task_struct, sk: sock, from: sk_buff | null, files: file[], msg: msghdr): Result<number> {
  if (from && sk.sk_passcred) {
    const stored = put_cmsg(task, msg, SOL_SOCKET, SCM_CREDENTIALS, new Uint8Array(Uint32Array.of(from.pid, from.uid, from.gid).buffer));
    if (failed(stored)) return stored;
  }
  return files.length > 0 ? scm_detach_fds(task, msg, files) : 0;
}

const take_files = (skb: sk_buff, isPeek: boolean): file[] => isPeek ? skb.fp.map(get_file) : skb.fp.splice(0);

export function unix_recvmsg(task: task_struct, sk: sock, msg: msghdr): Result<number> {
  return sk.sk_type === SOCK_STREAM ? unix_stream_recvmsg(task, sk, msg) : unix_dgram_recvmsg(task, sk, msg);
}

/** Linux: net/unix/af_unix.c:unix_stream_read_generic(). The call record counts the bytes of a read that sleeps half way. */
function unix_stream_recvmsg(task: task_struct, sk: sock, msg: msghdr): Result<number> {
  if (sk.sk_state !== TCP_ESTABLISHED) return EINVAL.because('the socket is not connected');
  if (msg.flags & MSG_OOB) return unix_stream_recv_urg(sk, msg);
  const { call } = task, isPeek = (msg.flags & MSG_PEEK) !== 0, isNonblocking = (msg.flags & MSG_DONTWAIT) !== 0;
  let done = call?.done ?? 0, peeked = 0, from: sk_buff | null = null, files: file[] = [];
  if (done > 0) iov_iter_advance(msg.iter, done);
  const target = msg.flags & MSG_WAITALL ? done + msg.iter.count : Math.min(sk.sk_rcvlowat, done + msg.iter.count);
  do {
    const at = manage_oob(sk, peeked, isPeek, done, writable);
    if (at < 0) break;
    peeked = at;
    const skb = sk.sk_receive_queue[at];
    if (!skb) {
      if (done >= target && done > 0) break;
      const error = done > 0 ? null : sock_error(sk);
      if (error) return error;
      if (sk.sk_shutdown & RCV_SHUTDOWN || isPeek && done > 0) break;
      if (call && !isPeek) call.done = done;
      return partial(done, sk_wait(sk.sk_wq, isNonblocking, sk.sk_rcvtimeo, 'the receive queue is empty'));
    }
    // Where the receiver asks for credentials, data of different senders is not joined.
    if (from && sk.sk_passcred && (from.pid !== skb.pid || from.uid !== skb.uid || from.gid !== skb.gid)) break;
    const wanted = Math.min(skb.len, msg.iter.count), copied = skb_copy_to_iter(skb, 0, wanted, msg.iter);
    // A piece that does not fit into memory stays whole in the queue.
    if (typeof copied !== 'number' || copied < wanted) {
      if (done > 0) break;
      return typeof copied === 'number' ? EFAULT.because('the buffers are not writable memory to their end') : copied;
    }
    if (!from && skb.name !== '') msg.name = latin1(skb.name);
    from ??= skb;
    done += copied;
    const hasFiles = skb.fp.length > 0;
    if (hasFiles) files = take_files(skb, isPeek);
    if (isPeek) {
      peeked++;
    } else {
      skb_consume(skb, copied);
      if (skb.len === 0) skb_dequeue(sk, writable);
    }
    if (hasFiles) break;
  } while (msg.iter.count > 0);
  const told = unix_recv_scm(task, sk, from, files, msg);
  return failed(told) ? told : done;
}

/** Linux: net/unix/af_unix.c:__unix_dgram_recvmsg() */
function unix_dgram_recvmsg(task: task_struct, sk: sock, msg: msghdr): Result<number> {
  if (sk.sk_type === SOCK_SEQPACKET && sk.sk_state !== TCP_ESTABLISHED) return ENOTCONN.because('the socket has no peer');
  if (msg.flags & MSG_OOB) return EOPNOTSUPP.because('datagrams have no out-of-band data');
  const error = sock_error(sk);
  if (error) return error;
  const skb = sk.sk_receive_queue[0], isPeek = (msg.flags & MSG_PEEK) !== 0;
  if (!skb) {
    const isNonblocking = (msg.flags & MSG_DONTWAIT) !== 0, hasEnd = sk.sk_type === SOCK_SEQPACKET || !isNonblocking;
    return hasEnd && sk.sk_shutdown & RCV_SHUTDOWN ? 0 : sk_wait(sk.sk_wq, isNonblocking, sk.sk_rcvtimeo, 'the receive queue is empty');
  }
  const { len } = skb, wanted = msg.iter.count;
  const copied = skb_copy_to_iter(skb, 0, Math.min(len, msg.iter.count), msg.iter);
  if (isBlock(copied)) return copied;
  if (typeof copied !== 'number' || copied < Math.min(len, wanted)) {
    // What does not fit into memory is lost.
    if (!isPeek) skb_dequeue(sk, writable);
    return typeof copied === 'number' ? EFAULT.because('the buffers are not writable memory to their end') : copied;
  }
  if (copied < len) msg.out_flags |= MSG_TRUNC;
  if (skb.name !== '') msg.name = latin1(skb.name);
  const told = unix_recv_scm(task, sk, skb, take_files(skb, isPeek), msg);
  if (failed(told)) return told;
  if (!isPeek) {
    skb_dequeue(sk, writable);
    // Senders wait at the receiver for room.
    sk_write_space(sk);
  }
  return msg.flags & MSG_TRUNC ? len : copied;
}
