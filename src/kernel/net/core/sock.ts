// What all families share: making socks, charging buffers, sleeping, errors. Linux: net/core/sock.c. Not here: the options of level SOL_SOCKET (sockopt.ts).
import { EAGAIN, EINTR, EPIPE, findErrno, type Errno } from '../../../abi/errno';
import { POLL_IN, POLL_OUT, POLL_PRI } from '../../../abi/signal';
import * as so from '../../../abi/socket';
import { kill_fasync, send_sigurg, wake_async } from '../../fs/fasync';
import { send_sig, SIGPIPE } from '../../fs/signals';
import type { Result } from '../../fs/types';
import type { wait_queue_head } from '../../kernel/types';
import { block, call_deadline, init_waitqueue_head, is_past, wake_up } from '../../kernel/wait';
import { current } from '../../state';
import { isBlock, type Block } from '../../result';
import { kfree_skb } from './skbuff';
import { sock, type sk_buff } from '../types';

/** Linux: net/core/sysctl_net_core.c: wmem_default, wmem_max and their kin */
export const SK_MEM_DEFAULT = 212992;

export function sk_alloc(family: number, type: number, protocol: number): sock {
  return sock.make({
    sk_family: family, sk_type: type, sk_protocol: protocol, sk_sndbuf: SK_MEM_DEFAULT, sk_rcvbuf: SK_MEM_DEFAULT, sk_wq: init_waitqueue_head(), sk_wr_wq: init_waitqueue_head(),
  });
}

// --- buffers -----------------------------------------------------------------------------------------------------------------------------------

/** `skb` counts against what its sender may have in flight. */
export function skb_set_owner_w(skb: sk_buff, sk: sock): void {
  skb.sk = sk;
  sk.sk_wmem_alloc += skb.truesize;
}

/** `skb` enters the receive queue of `sk`; readers look. */
export function skb_queue_tail(sk: sock, skb: sk_buff): void {
  sk.sk_receive_queue.push(skb);
  sk.sk_rmem_alloc += skb.truesize;
  wake_up(sk.sk_wq);
  wake_async(sk.fasync_list, POLL_IN);
}

/** The head of the receive queue was read to its end. */
export function skb_dequeue(sk: sock, writable: (sender: sock) => boolean): void {
  const skb = sk.sk_receive_queue.shift();
  if (skb) free_received(sk, skb, writable);
}

export function skb_queue_purge(sk: sock, writable: (sender: sock) => boolean): void {
  while (sk.sk_receive_queue.length > 0) skb_dequeue(sk, writable);
}

function free_received(sk: sock, skb: sk_buff, writable: (sender: sock) => boolean): void {
  sk.sk_rmem_alloc -= skb.truesize;
  const sender = skb.sk;
  kfree_skb(skb);
  if (!sender) return;
  sender.sk_wmem_alloc -= skb.truesize;
  if (writable(sender)) sk_write_space(sender);
}

/** Writers that met a full buffer look again. Linux: net/core/sock.c:sock_def_write_space() */
export function sk_write_space(sk: sock): void {
  if (!sk.nospace) return;
  sk.nospace = false;
  wake_up(sk.sk_wr_wq);
  wake_async(sk.fasync_list, POLL_OUT);
}

/** Something about the sock's state changed: everybody looks. `reason`: what its SIGIO tells; 0: none is sent. Linux: net/core/sock.c:sock_def_wakeup() */
export function sk_state_change(sk: sock, reason = 0): void {
  wake_up(sk.sk_wq);
  wake_up(sk.sk_wr_wq);
  if (reason !== 0) wake_async(sk.fasync_list, reason);
}

/** Who owns the socket learns of an urgent byte. Linux: net/core/sock.c:sk_send_sigurg() */
export function sk_send_sigurg(sk: sock): void {
  const file = sk.sk_socket?.file;
  if (file && send_sigurg(file)) kill_fasync(sk.fasync_list, SIGURG, POLL_PRI);
}
const SIGURG = 23;

// --- sleeping and errors -----------------------------------------------------------------------------------------------------------------------

/** The caller sleeps on `queue` until it is woken, at most the sock's timeout (0: none). `why` is what it waits for. */
export function sk_wait(queue: wait_queue_head, isNonblocking: boolean, timeoutNs: number, why: string): Errno | Block {
  if (isNonblocking) return EAGAIN.because(why);
  if (timeoutNs === 0) return block(queue);
  const deadline = call_deadline(current(), timeoutNs);
  return is_past(deadline) ? EAGAIN.because(`${why}, and the socket's timeout is over`) : block(queue, deadline, EINTR);
}

/** What was moved already counts more than an error. */
export function partial(done: number, result: Errno | Block): Result<number> {
  return done > 0 && !isBlock(result) ? done : result;
}

export function sk_wait_for_space(sk: sock, isNonblocking: boolean): Errno | Block {
  sk.nospace = true;
  return sk_wait(sk.sk_wr_wq, isNonblocking, sk.sk_sndtimeo, 'the send buffer is full');
}

/** The pending error, reported once. Linux: include/net/sock.h:sock_error() */
export function sock_error(sk: sock): Errno | null {
  const number = sk.sk_err;
  sk.sk_err = 0;
  return findErrno(number)?.because(ERROR_REASONS[number] ?? 'an earlier operation failed') ?? null;
}
const ERROR_REASONS: Record<number, string> = { 32: 'the other side has closed the connection', 104: 'the other side has closed with data unread, or reset the connection', 111: 'nobody listens at the address', 110: 'the other side did not answer' };

/** What a send finds that cannot go on: the pending error, else EPIPE, with SIGPIPE. Linux: net/core/stream.c:sk_stream_error() */
export function sk_stream_error(sk: sock, flags: number, why: string): Errno {
  const error = sock_error(sk) ?? EPIPE.because(why);
  if (error.number === EPIPE.number && !(flags & so.MSG_NOSIGNAL)) send_sig(SIGPIPE, current());
  return error;
}
