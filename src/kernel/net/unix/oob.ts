// The urgent byte of a UNIX stream: one at a time, a buffer of its own in the queue. Linux: net/unix/af_unix.c:queue_oob(), manage_oob(), unix_stream_recv_urg().
import type { int } from '../../../abi/c_types';
import { EFAULT, EINVAL } from '../../../abi/errno';
import { MSG_OOB, MSG_PEEK, SO_OOBINLINE, SOCK_STREAM } from '../../../abi/socket';
import type { Result } from '../../fs/types';
import { skb_consume, skb_copy_to_iter } from '../core/skbuff';
import { sk_send_sigurg, skb_dequeue, skb_queue_tail } from '../core/sock';
import { TCP_LISTEN, type msghdr, type sk_buff, type sock } from '../types';
import { unix_sk } from './names';

const isInline = (sk: sock): boolean => sk.options.get(`1:${SO_OOBINLINE}`) === 1;

/** `skb`, of one byte, comes to `other` as its urgent byte; the one before becomes a byte like others. */
export function queue_oob(other: sock, skb: sk_buff): void {
  unix_sk(other).oob_skb = skb;
  sk_send_sigurg(other);
  skb_queue_tail(other, skb);
}

/** The place in the queue at which a read goes on; -1: it ends at the mark. What a read passes over is taken away. */
export function manage_oob(sk: sock, at: int, isPeek: boolean, copied: int, writable: (sender: sock) => boolean): int {
  const u = unix_sk(sk), skb = sk.sk_receive_queue[at];
  if (!skb || skb.len > 0 && skb !== u.oob_skb) return at;
  // The byte was read out of band: its empty buffer is the mark.
  const isMark = skb.len === 0 ? !u.oob_skb || skb === u.oob_skb : true;
  if (copied > 0 && isMark) return -1;
  if (skb.len > 0 && isInline(sk)) {
    if (!isPeek) u.oob_skb = null;
    return at;
  }
  if (isPeek) return at + 1;
  if (skb === u.oob_skb) u.oob_skb = null;
  skb_dequeue(sk, writable);
  return at;
}

export function unix_stream_recv_urg(sk: sock, msg: msghdr): Result<number> {
  const u = unix_sk(sk), skb = u.oob_skb;
  if (isInline(sk) || !skb) return EINVAL.because('there is no urgent byte that was not read');
  const copied = skb_copy_to_iter(skb, 0, 1, msg.iter);
  if (typeof copied !== 'number') return copied;
  if (!(msg.flags & MSG_PEEK)) {
    u.oob_skb = null;
    skb_consume(skb, 1);
  }
  if (copied < 1) return EFAULT.because('there is no room for the byte');
  msg.out_flags |= MSG_OOB;
  return 1;
}

/** Whether the next byte to be read is the urgent one, or would have been. Linux: unix_ioctl(), SIOCATMARK */
export function unix_atmark(sk: sock): Result<number> {
  if (sk.sk_type !== SOCK_STREAM || sk.sk_state === TCP_LISTEN) return 0;
  const { oob_skb } = unix_sk(sk), skb = sk.sk_receive_queue[0];
  return skb && (skb === oob_skb || !oob_skb && skb.len === 0) ? 1 : 0;
}
