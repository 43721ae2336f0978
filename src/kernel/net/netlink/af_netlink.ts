// AF_NETLINK sockets between a program and the kernel: NETLINK_ROUTE's questions about devices. Linux: net/netlink/af_netlink.c. No groups, no messages between programs.
import type { int, poll_t, ssize_t, u32 } from '../../../abi/c_types';
import { EADDRINUSE, ECONNREFUSED, EINVAL, EOPNOTSUPP, EPROTONOSUPPORT, ESOCKTNOSUPPORT } from '../../../abi/errno';
import { NETLINK_ROUTE, NLMSG_HDRLEN } from '../../../abi/netlink';
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../../abi/poll';
import { AF_NETLINK, MSG_DONTWAIT, MSG_OOB, MSG_PEEK, MSG_TRUNC, SOCK_DGRAM, SOCK_RAW, SOL_NETLINK, sockaddr_nl } from '../../../abi/socket';
import { packStruct } from '../../../abi/struct';
import { copy_from_iter, iov_iter_kvec } from '../../fs/iov_iter';
import type { poll_table, Result } from '../../fs/types';
import type { task_struct } from '../../kernel/types';
import { f, kobject, ops, type Instance } from '../../kobject';
import { failed } from '../../result';
import { kernel } from '../../state';
import { int_bytes, sk_alloc, sk_wait, skb_dequeue, skb_queue_purge, skb_queue_tail, sock_error } from '../core/sock';
import { skb_copy_to_iter, skb_from_iter } from '../core/skbuff';
import type { msghdr, sock } from '../types';
import { rtnetlink_answer } from './rtnetlink';

const PORTID = 'nl_pid';

/** The ports that are taken. Linux: struct netlink_table */
const netlink_table = kobject('netlink_table', { ports: f.set(f.u32) });

function taken(): Set<u32> {
  const known = kernel.subsystems.get('nl_table') as Instance<typeof netlink_table> | undefined;
  if (known) return known.ports;
  const made = netlink_table.make({});
  kernel.subsystems.set('nl_table', made);
  return made.ports;
}

export function netlink_create(type: int, protocol: int): Result<sock> {
  if (type !== SOCK_RAW && type !== SOCK_DGRAM) return ESOCKTNOSUPPORT.because('AF_NETLINK has raw and datagram sockets');
  if (protocol !== NETLINK_ROUTE) return EPROTONOSUPPORT.because('NETLINK_ROUTE is simulated, no other family of messages');
  return sk_alloc(AF_NETLINK, type, protocol);
}

const portid_of = (sk: sock): u32 => (sk.options.get(PORTID) ?? 0) >>> 0;

/** The process' number, or another where that is taken. Linux: netlink_autobind() */
function autobind(task: task_struct, sk: sock): void {
  if (portid_of(sk) !== 0) return;
  let wanted = task.tgid;
  while (taken().has(wanted)) wanted = (wanted - 4097) >>> 0 || 0xfffff000;
  take(sk, wanted);
}

function take(sk: sock, portid: u32): void {
  taken().add(portid);
  sk.options.set(PORTID, portid | 0);
}

function netlink_bind(task: task_struct, sk: sock, address: Uint8Array): Result<int> {
  if (address.length < sockaddr_nl.size) return EINVAL.because('the address is shorter than a struct sockaddr_nl');
  const view = new DataView(address.buffer, address.byteOffset), portid = view.getUint32(4, true);
  if (view.getUint16(0, true) !== AF_NETLINK) return EINVAL.because('the address is of another family');
  if (portid_of(sk) !== 0) return portid === portid_of(sk) || portid === 0 ? 0 : EINVAL.because('the socket has another port already');
  if (portid !== 0 && taken().has(portid)) return EADDRINUSE.because('another socket has this port');
  if (portid === 0) autobind(task, sk);
  else take(sk, portid);
  return 0;
}

function netlink_sendmsg(task: task_struct, sk: sock, msg: msghdr): Result<ssize_t> {
  if (msg.flags & MSG_OOB) return EOPNOTSUPP.because('netlink has no out-of-band data');
  if (msg.name && msg.name.length >= sockaddr_nl.size && new DataView(msg.name.buffer, msg.name.byteOffset).getUint32(4, true) !== 0) return ECONNREFUSED.because('only the kernel listens');
  autobind(task, sk);
  const { count } = msg.iter, bytes = new Uint8Array(count);
  const copied = copy_from_iter(bytes, msg.iter);
  if (failed(copied)) return copied;
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + NLMSG_HDRLEN <= count;) {
    const length = view.getUint32(at, true);
    if (length < NLMSG_HDRLEN || length > count - at) break;
    for (const answer of rtnetlink_answer(bytes.slice(at, at + length), portid_of(sk))) {
      const skb = skb_from_iter(iov_iter_kvec(answer), answer.length);
      if (failed(skb)) return skb;
      skb_queue_tail(sk, skb);
    }
    at += Math.ceil(length / 4) * 4;
  }
  return count;
}

function netlink_recvmsg(_task: task_struct, sk: sock, msg: msghdr): Result<ssize_t> {
  if (msg.flags & MSG_OOB) return EOPNOTSUPP.because('netlink has no out-of-band data');
  const error = sock_error(sk);
  if (error) return error;
  const skb = sk.sk_receive_queue[0];
  if (!skb) return sk_wait(sk.sk_wq, (msg.flags & MSG_DONTWAIT) !== 0, sk.sk_rcvtimeo, 'the kernel has nothing to tell');
  const { len } = skb, copied = skb_copy_to_iter(skb, 0, Math.min(len, msg.iter.count), msg.iter);
  if (typeof copied !== 'number') return copied;
  if (copied < len) msg.out_flags |= MSG_TRUNC;
  msg.name = packStruct(sockaddr_nl, { nl_family: AF_NETLINK });
  if (!(msg.flags & MSG_PEEK)) skb_dequeue(sk, () => false);
  return msg.flags & MSG_TRUNC ? len : copied;
}

function netlink_release(sk: sock): void {
  sk.is_dead = true;
  taken().delete(portid_of(sk));
  skb_queue_purge(sk, () => false);
}

function netlink_poll(sk: sock, table: poll_table | null): poll_t {
  table?.queues.push(sk.sk_wq);
  return (sk.sk_receive_queue.length > 0 ? POLLIN | POLLRDNORM : 0) | POLLOUT | POLLWRNORM;
}

export const netlink_ops = ops('netlink_ops', {
  name: 'netlink_ops', release: netlink_release, bind: netlink_bind, poll: netlink_poll, sendmsg: netlink_sendmsg, recvmsg: netlink_recvmsg,
  connect: (task: task_struct, sk: sock): Result<int> => { autobind(task, sk); return 0; },
  getname: (sk: sock, isPeer: boolean): Uint8Array => packStruct(sockaddr_nl, { nl_family: AF_NETLINK, nl_pid: isPeer ? 0 : portid_of(sk) }),
  shutdown: () => EOPNOTSUPP.because('netlink sockets are not shut down'), accept: () => EOPNOTSUPP.because('netlink sockets do not accept'), listen: () => EOPNOTSUPP.because('netlink sockets do not listen'),
  setsockopt: (_sk: sock, level: int): number | null => level === SOL_NETLINK ? 0 : null,
  getsockopt: (_sk: sock, level: int): Uint8Array | null => level === SOL_NETLINK ? int_bytes(0) : null,
  inq: (sk: sock): number => sk.sk_receive_queue[0]?.len ?? 0, outq: (): number => 0,
});
