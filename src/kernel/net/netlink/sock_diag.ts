// NETLINK_SOCK_DIAG: the sockets of a family, as ss asks for them. Linux: net/core/sock_diag.c, net/ipv4/inet_diag.c, net/unix/diag.c.
// Differs: filters by address are left to the asker, who applies them, too.
import type { int, u32, u8 } from '../../../abi/c_types';
import { EINVAL, ENOENT } from '../../../abi/errno';
import * as nl from '../../../abi/netlink';
import { AF_INET, AF_INET6, AF_UNIX } from '../../../abi/socket';
import { latin1 } from '../../../base/text';
import { queue_length } from '../core/skbuff';
import { address_bytes, hashinfo, inet_sk } from '../ipv4/addresses';
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN, TCP_TIME_WAIT, type sock } from '../types';
import { unix_sk, unix_sockets } from '../unix/names';
import { attribute, byte, dump, isDump, reply, word, type Answer, type nlmsg } from './messages';

/** struct inet_diag_req_v2, inet_diag_msg, unix_diag_req, unix_diag_msg */
const INET_REQUEST = 56, INET_MESSAGE = 72, UNIX_REQUEST = 24, UNIX_MESSAGE = 16;

const owner = (sk: sock): { uid: u32; ino: u32 } => ({ uid: sk.sk_socket?.file?.f_inode.i_uid ?? 0, ino: sk.sk_socket?.file?.f_inode.i_ino ?? 0 });

interface inet_ends { saddr: string; sport: int; daddr: string; dport: int }

/** struct inet_diag_msg, but for what a socket has in its queues. */
function inet_message(family: u8, state: u8, { saddr, sport, daddr, dport }: inet_ends, cookie: u32, queues: readonly [u32, u32], { uid, ino }: { uid: u32; ino: u32 }): Uint8Array {
  const bytes = new Uint8Array(INET_MESSAGE), view = new DataView(bytes.buffer), isV6 = family === AF_INET6;
  bytes.set([family, state]);
  view.setUint16(4, sport);
  view.setUint16(6, dport);
  bytes.set(address_bytes(saddr, isV6), 8);
  bytes.set(address_bytes(daddr, isV6), 24);
  view.setUint32(44, cookie, true);
  view.setUint32(56, queues[0], true);
  view.setUint32(60, queues[1], true);
  view.setUint32(64, uid, true);
  view.setUint32(68, ino, true);
  return bytes;
}

function inet_dump(family: u8, protocol: u8, states: u32): Uint8Array[] {
  const isAsked = (state: u8): boolean => (states >>> state & 1) === 1, { bound, timewait } = hashinfo(), found: Uint8Array[] = [];
  for (const sk of bound) {
    if (sk.sk_family !== family || sk.sk_protocol !== protocol || !isAsked(sk.sk_state)) continue;
    const inet = inet_sk(sk), isListening = sk.sk_state === TCP_LISTEN;
    found.push(inet_message(family, sk.sk_state, { saddr: inet.inet_saddr, sport: inet.inet_sport, daddr: inet.inet_daddr, dport: inet.inet_dport }, sk.$id,
      isListening ? [sk.accept_queue.length, sk.sk_max_ack_backlog] : [queue_length(sk.sk_receive_queue), 0], owner(sk)));
  }
  if (isAsked(TCP_TIME_WAIT)) for (const tw of timewait) if (tw.tw_family === family) found.push(inet_message(family, TCP_TIME_WAIT, { saddr: tw.tw_saddr, sport: tw.tw_sport, daddr: tw.tw_daddr, dport: tw.tw_dport }, tw.$id, [0, 0], { uid: 0, ino: 0 }));
  return found;
}

/** UDIAG_SHOW_NAME, _VFS, _PEER, _RQLEN, _UID */
const SHOW_NAME = 1, SHOW_PEER = 4, SHOW_RQLEN = 16, SHOW_UID = 64;

function unix_message(sk: sock, show: u32): Uint8Array[] {
  const bytes = new Uint8Array(UNIX_MESSAGE), view = new DataView(bytes.buffer), { uid, ino } = owner(sk), { addr } = unix_sk(sk), peer = sk.peer ? owner(sk.peer).ino : 0;
  bytes.set([AF_UNIX, sk.sk_type, sk.sk_state]);
  view.setUint32(4, ino, true);
  view.setUint32(8, sk.$id, true);
  const queues = sk.sk_state === TCP_LISTEN ? Uint32Array.of(sk.accept_queue.length, sk.sk_max_ack_backlog) : Uint32Array.of(queue_length(sk.sk_receive_queue), sk.sk_wmem_alloc);
  return [
    bytes, ...(show & SHOW_NAME && addr !== '' ? [attribute(nl.UNIX_DIAG_NAME, latin1(addr))] : []), ...(show & SHOW_PEER && peer !== 0 ? [attribute(nl.UNIX_DIAG_PEER, word(peer))] : []),
    ...(show & SHOW_RQLEN ? [attribute(nl.UNIX_DIAG_RQLEN, new Uint8Array(queues.buffer))] : []), ...(show & SHOW_UID ? [attribute(nl.UNIX_DIAG_UID, word(uid))] : []), attribute(nl.UNIX_DIAG_SHUTDOWN, byte(sk.sk_shutdown)),
  ];
}

/** Linux: net/core/sock_diag.c:sock_diag_rcv_msg() */
export function sock_diag_rcv_msg(request: nlmsg): Answer {
  const { type, body } = request, view = new DataView(body.buffer, body.byteOffset, body.byteLength), family = body[0] ?? 0;
  if (type !== nl.SOCK_DIAG_BY_FAMILY || body.length < 2) return EINVAL.because('the message asks for no family of sockets');
  const isInet = family === AF_INET || family === AF_INET6;
  if (!isInet && family !== AF_UNIX) return ENOENT.because(`family ${family} tells nothing of its sockets`);
  if (body.length < (isInet ? INET_REQUEST : UNIX_REQUEST)) return EINVAL.because('the message is too short');
  if (!isDump(request)) return isInet ? ENOENT.because('single sockets are not told of') : EINVAL.because('single sockets are not told of');
  const states = view.getUint32(4, true);
  if (isInet) return dump(request, inet_dump(family, body[1] ?? 0, states).map(message => reply(request, type, [message])));
  const show = view.getUint32(12, true), isAsked = (sk: sock): boolean => (states >>> (sk.sk_state === TCP_CLOSE || sk.sk_state === TCP_ESTABLISHED || sk.sk_state === TCP_LISTEN ? sk.sk_state : TCP_CLOSE) & 1) === 1;
  return dump(request, unix_sockets().filter(isAsked).map(sk => reply(request, type, unix_message(sk, show))));
}
