// UNIX sockets: streams, datagrams and sequenced packets between processes of the machine. Linux: net/unix/af_unix.c.
// Not here: names (names.ts), data (message.ts).
import { ECONNREFUSED, ECONNRESET, EINVAL, EISCONN, EOPNOTSUPP, EPERM } from '../../../abi/errno';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDHUP, POLLRDNORM, POLLWRBAND, POLLWRNORM } from '../../../abi/poll';
import { POLL_HUP, POLL_IN } from '../../../abi/signal';
import { AF_UNIX, SOCK_STREAM } from '../../../abi/socket';
import type { poll_table, Result } from '../../fs/types';
import type { task_struct } from '../../kernel/types';
import { wake_up } from '../../kernel/wait';
import { ops } from '../../kobject';
import { failed } from '../../result';
import { queue_length } from '../core/skbuff';
import { sk_alloc, sk_state_change, sk_wait, skb_queue_purge } from '../core/sock';
import { RCV_SHUTDOWN, SEND_SHUTDOWN, SHUTDOWN_MASK, TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN, unix_sock, type sock } from '../types';
import { unix_atmark } from './oob';
import { isQueueFull, unix_dgram_disconnected, unix_recvmsg, unix_sendmsg, writable } from './message';
import { isConnectionless, unix_autobind, unix_bind, unix_find_other, unix_getname, unix_sk, unix_unbind } from './names';

/** Datagrams that a receiver holds unread. Linux: net.unix.max_dgram_qlen */
const MAX_DGRAM_QLEN = 10;

export function unix_create(type: number): sock {
  const sk = sk_alloc(AF_UNIX, type, 0);
  sk.unix = unix_sock.make({});
  sk.sk_max_ack_backlog = MAX_DGRAM_QLEN;
  return sk;
}

function set_peercred(sk: sock, task: task_struct): void {
  sk.peer_pid = task.tgid;
  sk.peer_uid = task.cred.euid;
  sk.peer_gid = task.cred.egid;
}

function unix_listen(task: task_struct, sk: sock, backlog: number): Result<number> {
  if (isConnectionless(sk)) return EOPNOTSUPP.because('datagram sockets do not listen');
  if (!unix_sk(sk).is_bound) return EINVAL.because('the socket has no name yet');
  if (sk.sk_state !== TCP_CLOSE && sk.sk_state !== TCP_LISTEN) return EINVAL.because('the socket is connected');
  const wasSmaller = backlog > sk.sk_max_ack_backlog;
  sk.sk_max_ack_backlog = backlog;
  sk.sk_state = TCP_LISTEN;
  set_peercred(sk, task);
  if (wasSmaller) sk_state_change(sk);
  return 0;
}

function unix_connect(task: task_struct, sk: sock, address: Uint8Array, isNonblocking: boolean): Result<number> {
  if (isConnectionless(sk)) return unix_dgram_connect(task, sk, address);
  if (sk.sk_passcred && !unix_sk(sk).is_bound) unix_autobind(sk);
  const other = unix_find_other(task, address, sk.sk_type);
  if (failed(other)) return other;
  if (other.sk_state !== TCP_LISTEN || other.is_dead || other.sk_shutdown & RCV_SHUTDOWN) return ECONNREFUSED.because('the socket there does not listen');
  if (sk.sk_state === TCP_ESTABLISHED) return EISCONN.because('the socket is connected already');
  if (sk.sk_state !== TCP_CLOSE) return EINVAL.because('the socket listens');
  if (isQueueFull(other)) return sk_wait(other.sk_wr_wq, isNonblocking, sk.sk_sndtimeo, `${other.accept_queue.length} connections wait to be accepted already`);
  const made = unix_create(sk.sk_type);
  made.unix = unix_sock.make({ addr: unix_sk(other).addr, is_bound: unix_sk(other).is_bound });
  made.sk_state = sk.sk_state = TCP_ESTABLISHED;
  made.peer = sk;
  sk.peer = made;
  set_peercred(made, task);
  sk.peer_pid = other.peer_pid; sk.peer_uid = other.peer_uid; sk.peer_gid = other.peer_gid;
  made.sk_passcred = other.sk_passcred;
  other.accept_queue.push(made);
  sk_state_change(other, POLL_IN);
  return 0;
}

function unix_dgram_connect(task: task_struct, sk: sock, address: Uint8Array): Result<number> {
  const before = sk.peer;
  if (address[0] === 0 && address[1] === 0) {
    sk.peer = null;
    sk.sk_state = TCP_CLOSE;
    if (before) unix_dgram_disconnected(sk, before);
    return 0;
  }
  if (sk.sk_passcred) unix_autobind(sk);
  const other = unix_find_other(task, address, sk.sk_type);
  if (failed(other)) return other;
  if (other.peer && other.peer !== sk) return EPERM.because('the socket there talks to another one only');
  sk.peer = other;
  sk.sk_state = TCP_ESTABLISHED;
  if (before && before !== other) unix_dgram_disconnected(sk, before);
  return 0;
}

/** Two connected sockets. Linux: net/unix/af_unix.c:unix_socketpair() */
export function unix_socketpair(task: task_struct, a: sock, b: sock): void {
  a.peer = b;
  b.peer = a;
  a.sk_state = b.sk_state = TCP_ESTABLISHED;
  set_peercred(a, task);
  set_peercred(b, task);
}

function unix_accept(sk: sock, isNonblocking: boolean): Result<sock> {
  if (isConnectionless(sk)) return EOPNOTSUPP.because('datagram sockets do not accept');
  if (sk.sk_state !== TCP_LISTEN) return EINVAL.because('the socket does not listen');
  if (sk.sk_shutdown & RCV_SHUTDOWN && !isNonblocking) return EINVAL.because('the socket was shut down');
  const made = sk.accept_queue[0];
  if (!made) return sk_wait(sk.sk_wq, isNonblocking, sk.sk_rcvtimeo, 'no connection waits');
  sk.accept_queue.shift();
  // Those that wait for room in the accept queue look again.
  wake_up(sk.sk_wr_wq);
  return made;
}

function unix_release(sk: sock): void {
  unix_unbind(sk);
  const pair = sk.peer, hadData = sk.sk_receive_queue.some(skb => skb.len > 0 || sk.sk_type !== SOCK_STREAM);
  const wasListening = sk.sk_state === TCP_LISTEN;
  sk.sk_shutdown = SHUTDOWN_MASK;
  sk.sk_state = TCP_CLOSE;
  sk.is_dead = true;
  if (pair && !isConnectionless(sk)) {
    pair.sk_shutdown = SHUTDOWN_MASK;
    if (hadData) pair.sk_err = ECONNRESET.number;
    sk_state_change(pair, POLL_HUP);
  }
  sk.peer = null;
  skb_queue_purge(sk, writable);
  if (wasListening) for (const embryo of sk.accept_queue.splice(0)) {
    // A connection that nobody accepted was not heard: its maker is told so.
    const maker = embryo.peer;
    unix_release(embryo);
    if (maker) maker.sk_err = ECONNRESET.number;
  }
  sk_state_change(sk);
}

function unix_shutdown(sk: sock, how: number): Result<number> {
  sk.sk_shutdown |= how;
  const { peer } = sk;
  if (peer && !isConnectionless(sk)) {
    peer.sk_shutdown |= (how & RCV_SHUTDOWN ? SEND_SHUTDOWN : 0) | (how & SEND_SHUTDOWN ? RCV_SHUTDOWN : 0);
    sk_state_change(peer, peer.sk_shutdown === SHUTDOWN_MASK ? POLL_HUP : peer.sk_shutdown & RCV_SHUTDOWN ? POLL_IN : 0);
  }
  sk_state_change(sk);
  return 0;
}

/** Linux: net/unix/af_unix.c:unix_poll(), unix_dgram_poll() */
function unix_poll(sk: sock, queues: poll_table | null): number {
  queues?.queues.push(sk.sk_wq, sk.sk_wr_wq);
  let mask = 0;
  if (sk.sk_err !== 0) mask |= POLLERR;
  if (sk.sk_shutdown === SHUTDOWN_MASK) mask |= POLLHUP;
  if (sk.sk_shutdown & RCV_SHUTDOWN) mask |= POLLRDHUP | POLLIN | POLLRDNORM;
  if (sk.sk_receive_queue.length > 0 || sk.accept_queue.length > 0) mask |= POLLIN | POLLRDNORM;
  if (unix_sk(sk).oob_skb) mask |= POLLPRI;
  if (!isConnectionless(sk) && sk.sk_state === TCP_CLOSE) mask |= POLLHUP;
  const { peer } = sk;
  const isPeerFull = isConnectionless(sk) && peer !== null && peer.peer !== sk && isQueueFull(peer);
  if (sk.sk_state !== TCP_LISTEN && writable(sk) && !isPeerFull) mask |= POLLOUT | POLLWRNORM | POLLWRBAND;
  else sk.nospace = true;
  return mask;
}

export const unix_ops = ops('unix_ops', {
  name: 'unix_ops', release: unix_release, bind: unix_bind, connect: unix_connect, accept: unix_accept, listen: unix_listen, getname: unix_getname, shutdown: unix_shutdown,
  poll: unix_poll, sendmsg: unix_sendmsg, recvmsg: unix_recvmsg,
  inq: (sk: sock): Result<number> => sk.sk_state === TCP_LISTEN ? EINVAL.because('a listening socket has no data') : isConnectionless(sk) ? sk.sk_receive_queue[0]?.len ?? 0 : queue_length(sk.sk_receive_queue),
  outq: (sk: sock): number => sk.sk_wmem_alloc, atmark: unix_atmark,
});
