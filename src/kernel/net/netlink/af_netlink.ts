// AF_NETLINK sockets between a program and the kernel: what devices, addresses, routes and sockets there are. Linux: net/netlink/af_netlink.c.
// Differs: nothing is told to groups, and programs send nothing to each other.
import type { int, poll_t, ssize_t, u32 } from '../../../abi/c_types';
import { EADDRINUSE, ECONNREFUSED, EINVAL, ENODATA, ENOENT, ENOPROTOOPT, EOPNOTSUPP, EPERM, EPROTONOSUPPORT, ESOCKTNOSUPPORT, type Errno } from '../../../abi/errno';
import * as nl from '../../../abi/netlink';
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../../abi/poll';
import { AF_NETLINK, MSG_DONTWAIT, MSG_OOB, MSG_PEEK, MSG_TRUNC, SCM_CREDENTIALS, SOCK_DGRAM, SOCK_RAW, SOL_NETLINK, SOL_SOCKET, sockaddr_nl } from '../../../abi/socket';
import { packStruct } from '../../../abi/struct';
import { copy_from_iter, iov_iter_kvec } from '../../fs/iov_iter';
import { CAP_NET_ADMIN, capable } from '../../fs/inode';
import type { poll_table, Result } from '../../fs/types';
import type { task_struct } from '../../kernel/types';
import { f, kobject, ops, type Instance } from '../../kobject';
import { failed } from '../../result';
import { kernel } from '../../state';
import { get_int_option, int_bytes, int_of, keep_int_option } from '../core/int_options';
import { put_cmsg } from '../core/scm';
import { sk_alloc, sk_wait, skb_dequeue, skb_queue_purge, skb_queue_tail, sock_error } from '../core/sock';
import { skb_copy_to_iter, skb_from_iter } from '../core/skbuff';
import type { msghdr, sock } from '../types';
import { acknowledge, dump, isDump, type Answer, type nlmsg } from './messages';
import { rtnetlink_rcv_msg } from './rtnetlink';
import { sock_diag_rcv_msg } from './sock_diag';

const PORTID = 'nl_pid', GROUPS = 'nl_groups', GENERIC_ID_CTRL = 16;
const KINDS: readonly int[] = [nl.NETLINK_ROUTE, nl.NETLINK_SOCK_DIAG, nl.NETLINK_KOBJECT_UEVENT, nl.NETLINK_GENERIC];
/** The groups that a family has, and whether anybody may listen to them. Linux: NL_CFG_F_NONROOT_RECV */
const GROUP_COUNT: Readonly<Record<int, int>> = { [nl.NETLINK_ROUTE]: 38, [nl.NETLINK_SOCK_DIAG]: 4, [nl.NETLINK_KOBJECT_UEVENT]: 32, [nl.NETLINK_GENERIC]: 32 };

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
  if (!KINDS.includes(protocol)) return EPROTONOSUPPORT.because('NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_KOBJECT_UEVENT and NETLINK_GENERIC are simulated, no other family of messages');
  return sk_alloc(AF_NETLINK, type, protocol);
}

export const portid_of = (sk: sock): u32 => (sk.options.get(PORTID) ?? 0) >>> 0;

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
  const groups = view.getUint32(8, true);
  if (groups !== 0 && sk.sk_protocol === nl.NETLINK_SOCK_DIAG && !capable(task, CAP_NET_ADMIN)) return EPERM.because('listening to this family needs CAP_NET_ADMIN');
  if (portid_of(sk) !== 0 && portid !== portid_of(sk)) return EINVAL.because('the socket has another port already');
  sk.options.set(GROUPS, groups | 0);
  if (portid_of(sk) !== 0) return 0;
  if (portid !== 0 && taken().has(portid)) return EADDRINUSE.because('another socket has this port');
  if (portid === 0) autobind(task, sk);
  else take(sk, portid);
  return 0;
}

function netlink_sendmsg(task: task_struct, sk: sock, msg: msghdr): Result<ssize_t> {
  if (msg.flags & MSG_OOB) return EOPNOTSUPP.because('netlink has no out-of-band data');
  if (msg.iter.count === 0) return ENODATA.because('no message is given');
  if (msg.name && msg.name.length >= sockaddr_nl.size && new DataView(msg.name.buffer, msg.name.byteOffset).getUint32(4, true) !== 0) return ECONNREFUSED.because('only the kernel listens');
  autobind(task, sk);
  const { count } = msg.iter, bytes = new Uint8Array(count);
  const copied = copy_from_iter(bytes, msg.iter);
  if (failed(copied)) return copied;
  const view = new DataView(bytes.buffer), option = (name: int): boolean => sk.options.get(`${SOL_NETLINK}:${name}`) === 1;
  for (let at = 0; at + nl.NLMSG_HDRLEN <= count;) {
    const length = view.getUint32(at, true);
    if (length < nl.NLMSG_HDRLEN || length > count - at) break;
    const whole = bytes.slice(at, at + length);
    const queued = netlink_rcv(sk, {
      type: view.getUint16(at + 4, true), flags: view.getUint16(at + 6, true), seq: view.getUint32(at + 8, true), portid: portid_of(sk), body: whole.subarray(nl.NLMSG_HDRLEN), bytes: whole,
      isCapped: option(nl.NETLINK_CAP_ACK), isStrict: option(nl.NETLINK_GET_STRICT_CHK),
    });
    if (failed(queued)) return queued;
    at += Math.ceil(length / 4) * 4;
  }
  return count;
}

function answer_of(sk: sock, request: nlmsg): Answer {
  switch (sk.sk_protocol) {
    case nl.NETLINK_ROUTE: return rtnetlink_rcv_msg(request);
    case nl.NETLINK_SOCK_DIAG: return sock_diag_rcv_msg(request);
    case nl.NETLINK_GENERIC: return request.type === GENERIC_ID_CTRL ? isDump(request) ? dump(request, []) : ENOENT.because('there is no such family') : ENOENT.because('there is no such family');
    default: return [];
  }
}

/** One message comes to the kernel. Linux: net/netlink/af_netlink.c:netlink_rcv_skb() */
function netlink_rcv(sk: sock, request: nlmsg): Result<number> {
  const isAnswered = (request.flags & nl.NLM_F_REQUEST) !== 0 && request.type >= nl.NLMSG_MIN_TYPE;
  const answer = isAnswered ? answer_of(sk, request) : [], isAsked = (request.flags & nl.NLM_F_ACK) !== 0 && !isDump(request);
  const told = 'number' in answer ? [acknowledge(request, -answer.number)] : [...answer, ...(isAsked ? [acknowledge(request, 0)] : [])];
  for (const datagram of told) {
    const skb = skb_from_iter(iov_iter_kvec(datagram), datagram.length);
    if (failed(skb)) return skb;
    skb_queue_tail(sk, skb);
  }
  return 0;
}

function netlink_recvmsg(task: task_struct, sk: sock, msg: msghdr): Result<ssize_t> {
  if (msg.flags & MSG_OOB) return EOPNOTSUPP.because('netlink has no out-of-band data');
  const error = sock_error(sk);
  if (error) return error;
  const skb = sk.sk_receive_queue[0];
  if (!skb) return sk_wait(sk.sk_wq, (msg.flags & MSG_DONTWAIT) !== 0, sk.sk_rcvtimeo, 'the kernel has nothing to tell');
  const { len } = skb, copied = skb_copy_to_iter(skb, 0, Math.min(len, msg.iter.count), msg.iter);
  if (typeof copied !== 'number') return copied;
  if (copied < len) msg.out_flags |= MSG_TRUNC;
  msg.name = packStruct(sockaddr_nl, { nl_family: AF_NETLINK });
  if (sk.options.get(`${SOL_NETLINK}:${nl.NETLINK_PKTINFO}`) === 1) {
    const stored = put_cmsg(task, msg, SOL_NETLINK, nl.NETLINK_PKTINFO, new Uint8Array(4));
    if (failed(stored)) return stored;
  }
  if (sk.sk_passcred) {
    const stored = put_cmsg(task, msg, SOL_SOCKET, SCM_CREDENTIALS, new Uint8Array(12));
    if (failed(stored)) return stored;
  }
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

const SWITCHES: readonly int[] = [nl.NETLINK_PKTINFO, nl.NETLINK_BROADCAST_ERROR, nl.NETLINK_NO_ENOBUFS, nl.NETLINK_CAP_ACK, nl.NETLINK_EXT_ACK, nl.NETLINK_GET_STRICT_CHK];

/** Linux: net/netlink/af_netlink.c:netlink_setsockopt() */
function netlink_setsockopt(sk: sock, level: int, name: int, value: Uint8Array): Errno | number | null {
  if (level !== SOL_NETLINK) return null;
  const number = value.length >= 4 ? int_of(value) : 0;
  if (SWITCHES.includes(name)) return keep_int_option(sk, level, name, Number(number !== 0));
  if (name === nl.NETLINK_LISTEN_ALL_NSID) return EPERM.because('listening to all namespaces needs CAP_NET_BROADCAST');
  if (name !== nl.NETLINK_ADD_MEMBERSHIP && name !== nl.NETLINK_DROP_MEMBERSHIP) return ENOPROTOOPT.because(`option ${name} of netlink is not known`);
  if (number < 1 || number > (GROUP_COUNT[sk.sk_protocol] ?? 0)) return EINVAL.because(`the family has no group ${number}`);
  if (number <= 32) {
    const groups = sk.options.get(GROUPS) ?? 0, bit = 1 << number - 1;
    sk.options.set(GROUPS, name === nl.NETLINK_ADD_MEMBERSHIP ? groups | bit : groups & ~bit);
  }
  return 0;
}

/** Linux: net/netlink/af_netlink.c:netlink_getsockopt() */
function netlink_getsockopt(sk: sock, level: int, name: int, room = 4): Uint8Array | Errno | null {
  if (level !== SOL_NETLINK) return null;
  if (name === nl.NETLINK_LIST_MEMBERSHIPS) return new Uint8Array(Int32Array.of(sk.options.get(GROUPS) ?? 0).buffer).subarray(0, sk.options.has(GROUPS) ? 4 : 0);
  if (!SWITCHES.includes(name) && name !== nl.NETLINK_LISTEN_ALL_NSID) return ENOPROTOOPT.because(`option ${name} of netlink cannot be read`);
  return room < 4 ? EINVAL.because('the value is an int') : int_bytes(get_int_option(sk, level, name, 0));
}

export const netlink_ops = ops('netlink_ops', {
  name: 'netlink_ops', release: netlink_release, bind: netlink_bind, poll: netlink_poll, sendmsg: netlink_sendmsg, recvmsg: netlink_recvmsg,
  connect: (task: task_struct, sk: sock): Result<int> => { autobind(task, sk); return 0; },
  getname: (sk: sock, isPeer: boolean): Uint8Array => packStruct(sockaddr_nl, { nl_family: AF_NETLINK, nl_pid: isPeer ? 0 : portid_of(sk), nl_groups: isPeer ? 0 : (sk.options.get(GROUPS) ?? 0) >>> 0 }),
  shutdown: () => EOPNOTSUPP.because('netlink sockets are not shut down'), accept: () => EOPNOTSUPP.because('netlink sockets do not accept'), listen: () => EOPNOTSUPP.because('netlink sockets do not listen'),
  setsockopt: netlink_setsockopt, getsockopt: netlink_getsockopt,
  inq: (sk: sock): number => sk.sk_receive_queue[0]?.len ?? 0, outq: (): number => 0,
});
