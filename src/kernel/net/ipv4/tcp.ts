// TCP between processes of the machine: what one side sends is in the other's queue at once, and the states are those that the segments would bring about.
// Linux: net/ipv4/tcp.c, tcp_input.c, inet_connection_sock.c. Differs: no segments, windows or retransmission.
import { sock_cmsg_send } from '../core/scm';
import { EAGAIN, EALREADY, ECONNABORTED, ECONNREFUSED, ECONNRESET, EINPROGRESS, EINVAL, EISCONN, ENOTCONN, EPIPE, ETIMEDOUT } from '../../../abi/errno';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDHUP, POLLRDNORM, POLLWRNORM } from '../../../abi/poll';
import { POLL_HUP, POLL_IN, POLL_OUT } from '../../../abi/signal';
import { MSG_DONTWAIT, MSG_ERRQUEUE, MSG_OOB, MSG_PEEK, MSG_TRUNC, MSG_WAITALL } from '../../../abi/socket';
import { iov_iter_advance } from '../../fs/iov_iter';
import type { poll_table, Result } from '../../fs/types';
import type { task_struct } from '../../kernel/types';
import { block, call_deadline, is_past } from '../../kernel/wait';
import { ops } from '../../kobject';
import { failed } from '../../result';
import { kfree_skb, queue_length, skb_consume, skb_copy_to_iter, skb_from_iter } from '../core/skbuff';
import { partial, sk_alloc, sk_state_change, sk_stream_error, sk_wait, sk_wait_for_space, sk_write_space, skb_dequeue, skb_queue_purge, skb_queue_tail, sock_error } from '../core/sock';
import { inet_sock, RCV_SHUTDOWN, SEND_SHUTDOWN, SHUTDOWN_MASK, TCP_CLOSE, TCP_CLOSE_WAIT, TCP_ESTABLISHED, TCP_FIN_WAIT2, TCP_LISTEN, TCP_SYN_SENT, TCP_TIME_WAIT, type msghdr, type sock } from '../types';
import { inet_autobind, inet_inherit_port, inet_lookup, inet_set_peer, inet_sk, inet_unhash, isUnspecified, parse_sockaddr, route, tcp_time_wait } from './addresses';
import { TCP_URG_VALID, isAtMark, isUrgInline, tcp_atmark, tcp_forget_urg, tcp_inq, tcp_recv_urg, tcp_urg, toMark } from './tcp_urg';
import { inet_bind, inet_getname } from './af_inet';
import { inet_getsockopt, inet_setsockopt } from './inet_options';

/** Bytes under way before a sender waits: its own buffer as Linux tunes it on the loopback device, and half the receiver's. */
const TUNED_SNDBUF = 2626560, CHUNK = 65536;
/** Six retransmissions of SYN. */
const SYN_TIMEOUT_NS = 127e9;

const isSynchronized = (sk: sock): boolean => sk.sk_state === TCP_ESTABLISHED || sk.sk_state === TCP_CLOSE_WAIT;
const in_flight = (sk: sock): number => sk.peer ? queue_length(sk.peer.sk_receive_queue) : 0;
const room = (sk: sock): number => sk.peer ? sk.sk_sndbuf + Math.floor(sk.peer.sk_rcvbuf / 2) - in_flight(sk) : 0;
const isStreamWritable = (sk: sock): boolean => room(sk) * 3 >= sk.sk_sndbuf;

// --- connections -------------------------------------------------------------------------------------------------------------------------------

function tcp_listen(_task: task_struct, sk: sock, backlog: number): Result<number> {
  const { is_connecting, was_connected } = inet_sk(sk);
  if (sk.sk_state !== TCP_CLOSE && sk.sk_state !== TCP_LISTEN || is_connecting || was_connected) return EINVAL.because('the socket is connected');
  const bound = inet_autobind(sk);
  if (failed(bound)) return bound;
  if (inet_sk(sk).inet_saddr === '') inet_sk(sk).inet_saddr = sk.sk_family === 2 ? '0.0.0.0' : '::';
  sk.sk_max_ack_backlog = backlog;
  sk.sk_state = TCP_LISTEN;
  return 0;
}

/** Linux: net/ipv4/af_inet.c:__inet_stream_connect(). A connect that sleeps comes back to find what became of it. */
function tcp_connect(task: task_struct, sk: sock, address: Uint8Array, isNonblocking: boolean): Result<number> {
  if (isUnspecified(address)) return tcp_disconnect(sk);
  const inet = inet_sk(sk), isRerun = task.call?.step === 1;
  if (!isRerun) {
    if (isSynchronized(sk) && inet.is_connecting) {
      inet.is_connecting = false;
      inet.was_connected = true;
      return 0;
    }
    if (inet.was_connected || isSynchronized(sk) || sk.sk_state === TCP_FIN_WAIT2) return EISCONN.because('the socket is connected already');
    if (sk.sk_state === TCP_LISTEN) return EISCONN.because('the socket listens');
    if (sk.sk_state === TCP_SYN_SENT) return isNonblocking ? EALREADY.because('a connection is being made') : wait_for_connect(task, sk);
    if (inet.is_connecting) {
      inet.is_connecting = false;
      return sock_error(sk) ?? ECONNABORTED.because('the connection was given up');
    }
    const parsed = parse_sockaddr(sk, address);
    if (failed(parsed)) return parsed;
    const to = route(sk, parsed);
    if (failed(to)) return to;
    const done = inet_set_peer(sk, to);
    if (failed(done)) return done;
    sk.sk_err = 0;
    sk.sk_state = TCP_SYN_SENT;
    tcp_v4_rcv_syn(sk);
    inet.is_connecting = isNonblocking;
    if (isNonblocking) return EINPROGRESS.because('the connection is made while the program goes on');
  }
  return wait_for_connect(task, sk);
}

function wait_for_connect(task: task_struct, sk: sock): Result<number> {
  if (isSynchronized(sk)) {
    inet_sk(sk).was_connected = true;
    return 0;
  }
  if (sk.sk_state === TCP_CLOSE) inet_sk(sk).is_connecting = false;
  const error = sock_error(sk);
  if (error) return error;
  if (sk.sk_state !== TCP_SYN_SENT) return ECONNREFUSED.because('the connection was given up');
  const deadline = call_deadline(task, sk.sk_sndtimeo || SYN_TIMEOUT_NS);
  if (is_past(deadline)) {
    if (sk.sk_sndtimeo) return EINPROGRESS.because('the socket\'s timeout is over');
    tcp_reset(sk, ETIMEDOUT.number);
    return sock_error(sk) ?? ETIMEDOUT.because('the peer has not answered the connection request');
  }
  if (task.call) task.call.step = 1;
  return block(sk.sk_wq, deadline);
}

/** A SYN arrives: refused, queued for accept, or kept until there is room. */
function tcp_v4_rcv_syn(sk: sock): void {
  const { inet_daddr, inet_dport } = inet_sk(sk);
  const listener = inet_lookup(sk.sk_protocol, { address: inet_daddr, port: inet_dport }, null, other => other.sk_state === TCP_LISTEN);
  if (!listener) tcp_reset(sk, ECONNREFUSED.number);
  else if (listener.accept_queue.length > listener.sk_max_ack_backlog) inet_sk(listener).syn_queue.push(sk);
  else tcp_complete(listener, sk);
}

/** Both sides are connected. Linux: net/ipv4/tcp_minisocks.c:tcp_check_req() */
function tcp_complete(listener: sock, sk: sock): void {
  const client = inet_sk(sk);
  const made = sk_alloc(listener.sk_family, listener.sk_type, listener.sk_protocol);
  made.inet = inet_sock.make({ inet_saddr: client.inet_daddr, inet_daddr: client.inet_saddr, inet_dport: client.inet_sport, ipv6only: inet_sk(listener).ipv6only, was_connected: true });
  inet_inherit_port(made, client.inet_dport);
  made.sk_reuse = listener.sk_reuse;
  made.sk_reuseport = listener.sk_reuseport;
  made.sk_rcvtimeo = listener.sk_rcvtimeo;
  made.sk_sndtimeo = listener.sk_sndtimeo;
  made.sk_lingers = listener.sk_lingers;
  made.sk_lingertime = listener.sk_lingertime;
  for (const [option, value] of listener.options) made.options.set(option, value);
  made.sk_rcvbuf = listener.sk_rcvbuf;
  made.sk_sndbuf = TUNED_SNDBUF;
  if (sk.sk_sndbuf === 16384) sk.sk_sndbuf = TUNED_SNDBUF;
  made.sk_state = sk.sk_state = TCP_ESTABLISHED;
  made.peer = sk;
  sk.peer = made;
  listener.accept_queue.push(made);
  sk_state_change(listener, POLL_IN);
  sk_state_change(sk, POLL_OUT);
}

function tcp_accept(sk: sock, isNonblocking: boolean): Result<sock> {
  if (sk.sk_state !== TCP_LISTEN) return EINVAL.because('the socket does not listen');
  const made = sk.accept_queue.shift();
  if (!made) return sk_wait(sk.sk_wq, isNonblocking, sk.sk_rcvtimeo, 'no connection waits');
  const waiting = inet_sk(sk).syn_queue.shift();
  if (waiting && waiting.sk_state === TCP_SYN_SENT) tcp_complete(sk, waiting);
  return made;
}

/** A reset arrives, or the connection is given up. Linux: net/ipv4/tcp_input.c:tcp_reset() */
function tcp_reset(sk: sock, error: number): void {
  sk.sk_err = sk.sk_state === TCP_CLOSE_WAIT && error === ECONNRESET.number ? EPIPE.number : error;
  tcp_done(sk);
}

function tcp_done(sk: sock): void {
  sk.sk_state = TCP_CLOSE;
  sk.sk_shutdown = SHUTDOWN_MASK;
  inet_unhash(sk);
  sk_state_change(sk, POLL_HUP);
}

/** A FIN arrives. Linux: net/ipv4/tcp_input.c:tcp_fin() */
function tcp_fin(sk: sock): void {
  sk.is_done = true;
  sk.sk_shutdown |= RCV_SHUTDOWN;
  if (sk.sk_state === TCP_ESTABLISHED) {
    sk.sk_state = TCP_CLOSE_WAIT;
  } else if (sk.sk_state === TCP_FIN_WAIT2) {
    tcp_time_wait(sk);
    sk.sk_state = sk.is_dead ? TCP_TIME_WAIT : TCP_CLOSE;
    sk.sk_shutdown = SHUTDOWN_MASK;
    inet_unhash(sk);
  }
  // No POLL_HUP for one direction's end.
  sk_state_change(sk, sk.sk_shutdown === SHUTDOWN_MASK ? POLL_HUP : POLL_IN);
}

/** This side sends its FIN. */
function tcp_send_fin(sk: sock): void {
  const { peer } = sk;
  if (sk.sk_state === TCP_ESTABLISHED) {
    sk.sk_state = TCP_FIN_WAIT2;
  } else if (sk.sk_state === TCP_CLOSE_WAIT) {
    sk.sk_state = TCP_CLOSE;
    inet_unhash(sk);
  } else {
    return;
  }
  if (peer) tcp_fin(peer);
}

function tcp_disconnect(sk: sock): Result<number> {
  if (sk.sk_state === TCP_LISTEN) stop_listening(sk);
  else if (sk.peer && !sk.peer.is_dead && sk.sk_state !== TCP_CLOSE) tcp_reset(sk.peer, ECONNRESET.number);
  const inet = inet_sk(sk);
  if (sk.sk_state === TCP_SYN_SENT || sk.sk_state === TCP_FIN_WAIT2 || isSynchronized(sk)) sk.sk_err = ECONNRESET.number;
  skb_queue_purge(sk, () => false);
  inet_unhash(sk);
  sk.peer = null;
  sk.sk_state = TCP_CLOSE;
  sk.sk_shutdown = 0;
  sk.is_done = false;
  Object.assign(inet, { inet_saddr: '', inet_sport: 0, inet_daddr: '', inet_dport: 0, is_autobound: false, is_connecting: false, was_connected: false, urg_data: 0 });
  sk_state_change(sk);
  return 0;
}

/** Connections that nobody accepted are reset. */
function stop_listening(sk: sock): void {
  sk.sk_state = TCP_CLOSE;
  for (const waiting of inet_sk(sk).syn_queue.splice(0)) tcp_reset(waiting, ECONNREFUSED.number);
  for (const made of sk.accept_queue.splice(0)) {
    if (made.peer) tcp_reset(made.peer, ECONNRESET.number);
    skb_queue_purge(made, () => false);
    inet_unhash(made);
  }
}

/** Linux: net/ipv4/tcp.c:tcp_close() */
function tcp_release(sk: sock): void {
  const isListening = sk.sk_state === TCP_LISTEN;
  const wasUnread = sk.sk_receive_queue.length > 0;
  sk.is_dead = true;
  if (isListening) {
    stop_listening(sk);
    inet_unhash(sk);
  } else if ((isSynchronized(sk) || sk.sk_state === TCP_FIN_WAIT2) && (wasUnread || sk.sk_lingers && sk.sk_lingertime === 0)) {
    if (sk.peer) tcp_reset(sk.peer, ECONNRESET.number);
    tcp_done(sk);
  } else if (isSynchronized(sk)) {
    tcp_send_fin(sk);
  } else if (sk.sk_state === TCP_SYN_SENT || sk.sk_state === TCP_CLOSE) {
    tcp_done(sk);
  }
  skb_queue_purge(sk, () => false);
  if (sk.peer) sk_write_space(sk.peer);
}

/** Linux: net/ipv4/af_inet.c:inet_shutdown() */
function tcp_shutdown(sk: sock, how: number): Result<number> {
  if (sk.sk_state === TCP_LISTEN) {
    if (how & RCV_SHUTDOWN) stop_listening(sk);
    return 0;
  }
  if (sk.sk_state === TCP_SYN_SENT) return tcp_disconnect(sk);
  sk.sk_shutdown |= how;
  if (sk.sk_state === TCP_CLOSE) return ENOTCONN.because('the socket is not connected');
  if (how & SEND_SHUTDOWN) tcp_send_fin(sk);
  sk_state_change(sk);
  return 0;
}

// --- data --------------------------------------------------------------------------------------------------------------------------------------

/** Linux: net/ipv4/tcp.c:tcp_sendmsg_locked(). The call record counts the bytes of a send that sleeps half way. */
function tcp_sendmsg(task: task_struct, sk: sock, msg: msghdr): Result<number> {
  const { call } = task, isNonblocking = (msg.flags & MSG_DONTWAIT) !== 0;
  let done = call?.done ?? 0;
  if (done > 0) iov_iter_advance(msg.iter, done);
  if (sk.sk_state === TCP_SYN_SENT && !sk.sk_err) return sk_wait(sk.sk_wr_wq, isNonblocking, sk.sk_sndtimeo, 'the connection is being made');
  for (;;) {
    const { peer } = sk;
    if (sk.sk_err || sk.sk_shutdown & SEND_SHUTDOWN || !isSynchronized(sk) || !peer) return done > 0 ? done : sk_stream_error(sk, msg.flags, 'the socket is not connected, or was shut down for sending');
    const refused = msg.cmsg ? sock_cmsg_send(msg.cmsg) : null;
    if (refused) return refused;
    if (msg.iter.count === 0) return done;
    const space = Math.min(peer.is_dead ? CHUNK : room(sk), CHUNK, msg.iter.count);
    if (space <= 0) {
      if (call) call.done = done;
      return partial(done, sk_wait_for_space(sk, isNonblocking));
    }
    const skb = skb_from_iter(msg.iter, space, true);
    if (failed(skb)) return partial(done, skb);
    if (peer.is_dead || peer.sk_state === TCP_FIN_WAIT2 && peer.sk_shutdown & RCV_SHUTDOWN) {
      // The data goes out, and a reset comes back: the other side has closed, or shut down both ways.
      const length = skb.len + msg.iter.count;
      kfree_skb(skb);
      if (!peer.is_dead) tcp_reset(peer, ECONNRESET.number);
      tcp_reset(sk, ECONNRESET.number);
      return done + length;
    }
    if (msg.flags & MSG_OOB && msg.iter.count === 0) tcp_urg(peer, skb);
    skb_queue_tail(peer, skb);
    done += skb.len;
    if (skb.len < space) return done;
  }
}

/** Linux: net/ipv4/tcp.c:tcp_recvmsg_locked() */
function tcp_recvmsg(task: task_struct, sk: sock, msg: msghdr): Result<number> {
  if (msg.flags & MSG_ERRQUEUE) return EAGAIN.because('the error queue is empty');
  if (sk.sk_state === TCP_LISTEN) return ENOTCONN.because('the socket listens');
  if (msg.flags & MSG_OOB) return tcp_recv_urg(sk, msg);
  const { call } = task, isPeek = (msg.flags & MSG_PEEK) !== 0, isNonblocking = (msg.flags & MSG_DONTWAIT) !== 0;
  msg.name = null;
  let done = call?.done ?? 0, peeked = 0, seq = inet_sk(sk).copied_seq, start = 0;
  if (done > 0) iov_iter_advance(msg.iter, done);
  const target = msg.flags & MSG_WAITALL ? done + msg.iter.count : Math.min(sk.sk_rcvlowat, done + msg.iter.count);
  // No bytes are waited for as any others are, but once, whatever ends the wait.
  const isEmpty = msg.iter.count === 0 && done === 0;
  do {
    const skb = sk.sk_receive_queue[peeked];
    if (!skb) {
      if (done >= target && done > 0) break;
      const end = done > 0 ? sk.sk_err !== 0 || (sk.sk_shutdown & RCV_SHUTDOWN) !== 0 || sk.sk_state === TCP_CLOSE : tcp_end_of_stream(sk);
      if (end === true) break;
      if (end !== false) return end;
      if (call && !isPeek) call.done = done;
      if (isEmpty && call && call.objects.length > call.messages) return 0;
      if (isEmpty && call) call.objects.push(sk);
      return partial(done, sk_wait(sk.sk_wq, isNonblocking, sk.sk_rcvtimeo, 'the receive queue is empty'));
    }
    if (msg.iter.count === 0) break;
    // A read ends at the mark, and the next one begins behind the urgent byte.
    if (isAtMark(sk, seq) && done > 0) break;
    const skipped = isAtMark(sk, seq) && !isUrgInline(sk) ? 1 : 0;
    const length = Math.min(skb.len - start - skipped, msg.iter.count, toMark(sk, seq));
    const copied = length === 0 || msg.flags & MSG_TRUNC ? length : skb_copy_to_iter(skb, start + skipped, length, msg.iter);
    if (typeof copied !== 'number') {
      if (done > 0) break;
      return copied;
    }
    if (msg.flags & MSG_TRUNC) iov_iter_advance(msg.iter, length);
    done += copied;
    seq += skipped + copied;
    if (isPeek) {
      start += skipped + copied;
      if (start < skb.len) continue;
      start = 0;
      peeked++;
      continue;
    }
    skb_consume(skb, skipped + copied);
    inet_sk(sk).copied_seq = seq;
    tcp_forget_urg(sk);
    if (skb.len === 0) skb_dequeue(sk, () => false);
    if (copied < length) break;
  } while (msg.iter.count > 0);
  if (!isPeek && sk.peer && isStreamWritable(sk.peer)) sk_write_space(sk.peer);
  return done;
}

/** What an empty queue means: true, the stream has ended; false, more may come. */
function tcp_end_of_stream(sk: sock): boolean | ReturnType<typeof ENOTCONN.because> {
  if (sk.is_done) return true;
  const error = sock_error(sk);
  if (error) return error;
  if (sk.sk_shutdown & RCV_SHUTDOWN) return true;
  return sk.sk_state === TCP_CLOSE ? ENOTCONN.because('the socket is not connected') : false;
}

/** Linux: net/ipv4/tcp.c:tcp_poll() */
function tcp_poll(sk: sock, table: poll_table | null): number {
  table?.queues.push(sk.sk_wq, sk.sk_wr_wq);
  if (sk.sk_state === TCP_LISTEN) return sk.accept_queue.length > 0 ? POLLIN | POLLRDNORM : 0;
  let mask = 0;
  if (sk.sk_shutdown === SHUTDOWN_MASK || sk.sk_state === TCP_CLOSE) mask |= POLLHUP;
  if (sk.sk_shutdown & RCV_SHUTDOWN) mask |= POLLIN | POLLRDNORM | POLLRDHUP;
  if (sk.sk_state !== TCP_SYN_SENT) {
    const unread = queue_length(sk.sk_receive_queue);
    if (unread >= sk.sk_rcvlowat + (isAtMark(sk, inet_sk(sk).copied_seq) && !isUrgInline(sk) ? 1 : 0)) mask |= POLLIN | POLLRDNORM;
    if (sk.sk_shutdown & SEND_SHUTDOWN || sk.peer === null || sk.peer.is_dead || isStreamWritable(sk)) mask |= POLLOUT | POLLWRNORM;
    else sk.nospace = true;
  }
  if (inet_sk(sk).urg_data & TCP_URG_VALID) mask |= POLLPRI;
  if (sk.sk_err !== 0) mask |= POLLERR;
  return mask;
}

export const inet_stream_ops = ops('inet_stream_ops', {
  name: 'inet_stream_ops', release: tcp_release, bind: inet_bind, connect: tcp_connect, accept: tcp_accept, listen: tcp_listen, getname: inet_getname, shutdown: tcp_shutdown, poll: tcp_poll,
  sendmsg: tcp_sendmsg, recvmsg: tcp_recvmsg, setsockopt: inet_setsockopt, getsockopt: inet_getsockopt, atmark: tcp_atmark,
  inq: (sk: sock): Result<number> => sk.sk_state === TCP_LISTEN ? EINVAL.because('a listening socket has no data') : tcp_inq(sk),
  outq: (sk: sock): Result<number> => sk.sk_state === TCP_LISTEN ? EINVAL.because('a listening socket has no data') : Math.max(0, in_flight(sk) - Math.floor((sk.peer?.sk_rcvbuf ?? 0) / 2)),
});
