// TCP's urgent byte: one at a time, read out of band or, with SO_OOBINLINE, where it stands in the stream. Linux: net/ipv4/tcp.c:tcp_recv_urg(), tcp_input.c:tcp_check_urg(), tcp_urg()
import type { loff_t } from '../../../abi/c_types';
import { EAGAIN, EINVAL, ENOTCONN } from '../../../abi/errno';
import { MSG_OOB, MSG_PEEK, MSG_TRUNC, SO_OOBINLINE } from '../../../abi/socket';
import { copy_to_iter } from '../../fs/iov_iter';
import type { Result } from '../../fs/types';
import { PAGE_SIZE } from '../../mm/types';
import { ports } from '../../state';
import { queue_length, skb_consume } from '../core/skbuff';
import { sk_send_sigurg, skb_dequeue } from '../core/sock';
import { RCV_SHUTDOWN, TCP_CLOSE, TCP_LISTEN, type msghdr, type sk_buff, type sock } from '../types';
import { inet_sk } from './addresses';

// Linux: include/net/tcp.h
export const TCP_URG_VALID = 0x100;
const TCP_URG_READ = 0x400;

export const isUrgInline = (sk: sock): boolean => sk.options.get(`1:${SO_OOBINLINE}`) === 1;

/** Whether the byte at `seq` of the stream is the urgent one, read out of band already or not. */
export function isAtMark(sk: sock, seq: loff_t): boolean {
  const { urg_data, urg_seq } = inet_sk(sk);
  return urg_data !== 0 && urg_seq === seq;
}

/** Bytes from `seq` up to the mark; Infinity: there is none ahead. */
export function toMark(sk: sock, seq: loff_t): number {
  const { urg_data, urg_seq } = inet_sk(sk);
  return urg_data !== 0 && urg_seq > seq ? urg_seq - seq : Infinity;
}

/** The stream was read past the mark. */
export function tcp_forget_urg(sk: sock): void {
  const inet = inet_sk(sk);
  if (inet.urg_data !== 0 && inet.copied_seq > inet.urg_seq) inet.urg_data = 0;
}

/** The last byte of `skb`, which comes next, is urgent. */
export function tcp_urg(sk: sock, skb: sk_buff): void {
  const inet = inet_sk(sk), end = inet.copied_seq + queue_length(sk.sk_receive_queue);
  sk_send_sigurg(sk);
  // An older urgent byte that stands first and was not read in line is lost.
  const head = sk.sk_receive_queue[0];
  if (isAtMark(sk, inet.copied_seq) && !isUrgInline(sk) && head) {
    inet.copied_seq++;
    skb_consume(head, 1);
    if (head.len === 0) skb_dequeue(sk, () => false);
  }
  const at = skb.consumed + skb.len - 1;
  inet.urg_seq = end + skb.len - 1;
  inet.urg_data = TCP_URG_VALID | ports().phys.read8((skb.pages[Math.floor(at / PAGE_SIZE)] ?? 0) + at % PAGE_SIZE);
}

export function tcp_recv_urg(sk: sock, msg: msghdr): Result<number> {
  const inet = inet_sk(sk);
  if (isUrgInline(sk) || inet.urg_data === 0 || inet.urg_data === TCP_URG_READ) return EINVAL.because('there is no urgent byte that was not read');
  if (sk.sk_state === TCP_CLOSE && !sk.is_done) return ENOTCONN.because('the socket is not connected');
  if (!(inet.urg_data & TCP_URG_VALID)) return sk.sk_state === TCP_CLOSE || sk.sk_shutdown & RCV_SHUTDOWN ? 0 : EAGAIN.because('the urgent byte has not come yet');
  const byte = inet.urg_data & 0xff;
  if (!(msg.flags & MSG_PEEK)) inet.urg_data = TCP_URG_READ;
  msg.out_flags |= MSG_OOB;
  msg.name = null;
  if (msg.iter.count === 0) {
    msg.out_flags |= MSG_TRUNC;
    return 0;
  }
  return msg.flags & MSG_TRUNC ? 1 : copy_to_iter(Uint8Array.of(byte), msg.iter);
}

/** Bytes that a read gives before it ends at the mark. Linux: include/net/tcp.h:tcp_inq() */
export function tcp_inq(sk: sock): number {
  const inet = inet_sk(sk), unread = queue_length(sk.sk_receive_queue);
  const isAhead = !isUrgInline(sk) && inet.urg_data !== 0 && inet.urg_seq >= inet.copied_seq && inet.urg_seq < inet.copied_seq + unread;
  return isAhead ? inet.urg_seq - inet.copied_seq : unread;
}

export function tcp_atmark(sk: sock): Result<number> {
  return sk.sk_state === TCP_LISTEN ? EINVAL.because('a listening socket has no data') : Number(isAtMark(sk, inet_sk(sk).copied_seq));
}
