// Internet addresses and ports of a machine that has nothing but its loopback device. Linux: net/ipv4/inet_connection_sock.c, inet_hashtables.c, net/ipv6/addrconf.c.
// Addresses are text: '127.0.0.1' for IPv4 and for IPv4 in IPv6 sockets, '::1' and '::' for IPv6.
import { EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENETUNREACH, type Errno } from '../../../abi/errno';
import { AF_INET, AF_INET6, AF_UNSPEC, SOCK_STREAM } from '../../../abi/socket';
import { CAP_NET_BIND_SERVICE, capable } from '../../fs/inode';
import type { Result } from '../../fs/types';
import type { task_struct } from '../../kernel/types';
import { f, kobject, type Instance } from '../../kobject';
import { failed } from '../../result';
import { kernel, ports } from '../../state';
import { inet_sock as inet_sock_type, inet_timewait_sock, TCP_LISTEN, type inet_sock, type sock } from '../types';

/** Linux: net.ipv4.ip_local_port_range, ip_unprivileged_port_start, TCP_TIMEWAIT_LEN */
const FIRST_PORT = 32768, LAST_PORT = 60999, PRIVILEGED_PORTS = 1024, TIMEWAIT_NS = 60e9;

/** Everything that has a port. */
const inet_hashinfo = kobject('inet_hashinfo', {
  bound: f.list(f.ref<sock>('sock')), timewait: f.list(f.ref<inet_timewait_sock>('inet_timewait_sock')),
  next_port: { ...f.int('int', 'dec', FIRST_PORT) },
});
export interface inet_hashinfo extends Instance<typeof inet_hashinfo> {}

export function hashinfo(): inet_hashinfo {
  let known = kernel.subsystems.get('inet_hashinfo') as inet_hashinfo | undefined;
  if (!known) {
    known = inet_hashinfo.make({});
    kernel.subsystems.set('inet_hashinfo', known);
  }
  if (known.timewait.length > 0) known.timewait = known.timewait.filter(tw => tw.tw_expires > ports().clock.now());
  return known;
}

export function inet_sk(sk: sock): inet_sock {
  if (!sk.inet) sk.inet = inet_sock_type.make({});
  return sk.inet;
}

// --- addresses ---------------------------------------------------------------------------------------------------------------------------------

export interface endpoint { address: string; port: number }

const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::' || address === '';
const isV4 = (address: string): boolean => address.includes('.');
export const isLocal = (address: string): boolean => isAny(address) || address.startsWith('127.') || address === '::1';

/** Where a struct sockaddr_in or sockaddr_in6 points, as the sock's family takes it. */
export function parse_sockaddr(sk: sock, bytes: Uint8Array): Result<endpoint> {
  const family = (bytes[0] ?? 0) | (bytes[1] ?? 0) << 8, port = (bytes[2] ?? 0) << 8 | (bytes[3] ?? 0);
  if (family === AF_INET && bytes.length >= 16 && (sk.sk_family === AF_INET || !inet_sk(sk).ipv6only)) return { address: bytes.subarray(4, 8).join('.'), port };
  if (sk.sk_family === AF_INET) return bytes.length < 16 ? EINVAL.because('a struct sockaddr_in has 16 bytes') : EAFNOSUPPORT.because('the address is not one of AF_INET');
  if (bytes.length < 24) return EINVAL.because('a struct sockaddr_in6 has 24 bytes at least');
  if (family !== AF_INET6) return EAFNOSUPPORT.because('the address is not one of AF_INET6');
  return { address: ipv6_text(bytes.subarray(8, 24)), port };
}

export const isUnspecified = (bytes: Uint8Array): boolean => ((bytes[0] ?? 0) | (bytes[1] ?? 0) << 8) === AF_UNSPEC;

function ipv6_text(bytes: Uint8Array): string {
  const isMapped = bytes.subarray(0, 10).every(b => b === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (isMapped) return bytes.subarray(12, 16).join('.');
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] ?? 0) << 8 | (bytes[i + 1] ?? 0)).toString(16));
  const text = groups.join(':');
  return text === '0:0:0:0:0:0:0:0' ? '::' : text === '0:0:0:0:0:0:0:1' ? '::1' : text;
}

/** The struct sockaddr of an endpoint, in the sock's family. */
export function make_sockaddr(sk: sock, address: string, port: number): Uint8Array {
  const isV6 = sk.sk_family === AF_INET6;
  const bytes = new Uint8Array(isV6 ? 28 : 16);
  bytes[0] = sk.sk_family;
  bytes[2] = port >> 8;
  bytes[3] = port & 255;
  bytes.set(address_bytes(address, isV6), isV6 ? 8 : 4);
  return bytes;
}

/** An address in network order: 4 bytes, or 16 of IPv6. */
export function address_bytes(address: string, isV6: boolean): Uint8Array {
  const v4 = isV4(address) ? Uint8Array.from(address.split('.'), Number) : new Uint8Array(4);
  if (!isV6) return v4;
  const bytes = new Uint8Array(16);
  if (isV4(address) && address !== '0.0.0.0') {
    bytes.fill(255, 10, 12);
    bytes.set(v4, 12);
  } else if (address.includes(':') && !isAny(address)) {
    const groups = address === '::1' ? ['0', '0', '0', '0', '0', '0', '0', '1'] : address.split(':');
    groups.forEach((group, i) => { const value = Number.parseInt(group, 16); bytes[i * 2] = value >> 8; bytes[i * 2 + 1] = value & 255; });
  }
  return bytes;
}

/** The destination of a connection or datagram: any address means the machine itself; others cannot be reached. */
export function route(sk: sock, to: endpoint): endpoint | Errno {
  if (to.address === '0.0.0.0' || to.address === '') return { address: '127.0.0.1', port: to.port };
  if (to.address === '::') return { address: '::1', port: to.port };
  if (!isLocal(to.address)) return ENETUNREACH.because(`${to.address} is outside: the machine's network is its loopback device`);
  if (isV4(to.address) && inet_sk(sk).ipv6only) return ENETUNREACH.because('the socket is for IPv6 only');
  return to;
}

/** The address that a connection to `destination` comes from. */
export const source_for = (destination: string): string => isV4(destination) ? '127.0.0.1' : '::1';

// --- ports -------------------------------------------------------------------------------------------------------------------------------------

/** May a socket of this family at `address` meet what is sent to `other`? */
function overlaps(a: sock, b: sock): boolean {
  const [x, y] = [inet_sk(a), inet_sk(b)];
  const takesV4 = (sk: sock, address: string): boolean => sk.sk_family === AF_INET || (isAny(address) ? !inet_sk(sk).ipv6only : isV4(address));
  const takesV6 = (sk: sock, address: string): boolean => sk.sk_family === AF_INET6 && !isV4(address);
  const shared = takesV4(a, x.inet_saddr) && takesV4(b, y.inet_saddr) || takesV6(a, x.inet_saddr) && takesV6(b, y.inet_saddr);
  return shared && (isAny(x.inet_saddr) || isAny(y.inet_saddr) || x.inet_saddr === y.inet_saddr);
}

/** Linux: net/ipv4/inet_connection_sock.c:inet_csk_bind_conflict(), net/ipv4/udp.c:udp_lib_lport_inuse() */
function bind_conflict(sk: sock, port: number): boolean {
  const isStream = sk.sk_type === SOCK_STREAM, info = hashinfo();
  const clash = info.bound.some(other => other !== sk && other.sk_protocol === sk.sk_protocol && inet_sk(other).inet_sport === port && overlaps(sk, other)
    && !(sk.sk_reuse && other.sk_reuse && !(isStream && other.sk_state === TCP_LISTEN)) && !(sk.sk_reuseport && other.sk_reuseport));
  return clash || isStream && info.timewait.some(tw => tw.tw_sport === port && !(sk.sk_reuse && tw.tw_reuse));
}

/** Gives `sk` an address and a port; 0: any that is free. */
export function inet_bind_to(task: task_struct, sk: sock, to: endpoint): Result<number> {
  const inet = inet_sk(sk);
  if (!isLocal(to.address)) return EADDRNOTAVAIL.because(`${to.address} is no address of the machine, which has its loopback device only`);
  if (to.port > 0 && to.port < PRIVILEGED_PORTS && !capable(task, CAP_NET_BIND_SERVICE)) return EACCES.because(`port ${to.port} is below ${PRIVILEGED_PORTS}: CAP_NET_BIND_SERVICE is needed`);
  if (inet.inet_sport !== 0) return EINVAL.because('the socket has an address already');
  inet.inet_saddr = to.address;
  const port = to.port !== 0 ? to.port : free_port(sk);
  if (failed(port)) return port;
  if (to.port !== 0 && bind_conflict(sk, port)) {
    inet.inet_saddr = '';
    return EADDRINUSE.because(`port ${port} is taken`);
  }
  inet_put_port(sk, port);
  return 0;
}

function inet_put_port(sk: sock, port: number): void {
  inet_sk(sk).inet_sport = port;
  hashinfo().bound.push(sk);
}

function free_port(sk: sock): number | Errno {
  const info = hashinfo();
  for (let tried = FIRST_PORT; tried <= LAST_PORT; tried++) {
    const port = info.next_port;
    info.next_port = port >= LAST_PORT ? FIRST_PORT : port + 1;
    if (!bind_conflict(sk, port)) return port;
  }
  return EADDRINUSE.because('no port is free');
}

/** A port for a socket that connects or sends without having one. Linux: net/ipv4/af_inet.c:inet_autobind() */
export function inet_autobind(sk: sock): Result<number> {
  if (inet_sk(sk).inet_sport !== 0) return 0;
  const port = free_port(sk);
  if (failed(port)) return port;
  inet_sk(sk).is_autobound = true;
  inet_put_port(sk, port);
  return 0;
}

/** No address of its own yet, or any. */
export function isUnboundAddress(address: string): boolean { return address === '' || address === '0.0.0.0' || address === '::'; }

/** Gives the socket its peer, and the port and the address of its own that lead there. */
export function inet_set_peer(sk: sock, to: endpoint): Result<number> {
  const bound = inet_autobind(sk);
  if (failed(bound)) return bound;
  const inet = inet_sk(sk);
  if (isUnboundAddress(inet.inet_saddr)) inet.inet_saddr = source_for(to.address);
  inet.inet_daddr = to.address;
  inet.inet_dport = to.port;
  return 0;
}

/** The other end of an accepted connection shares the listener's port. */
export function inet_inherit_port(sk: sock, port: number): void {
  inet_put_port(sk, port);
}

export function inet_unhash(sk: sock): void {
  const info = hashinfo();
  info.bound = info.bound.filter(other => other !== sk);
}

/** This side closed first: its port stays taken for a minute. Linux: net/ipv4/tcp_minisocks.c:tcp_time_wait() */
export function tcp_time_wait(sk: sock): void {
  const inet = inet_sk(sk);
  hashinfo().timewait.push(inet_timewait_sock.make({
    tw_saddr: inet.inet_saddr, tw_sport: inet.inet_sport, tw_daddr: inet.inet_daddr, tw_dport: inet.inet_dport, tw_family: sk.sk_family, tw_reuse: sk.sk_reuse, tw_expires: ports().clock.now() + TIMEWAIT_NS,
  }));
}

/** The best match among the sockets that take what is sent to `to`: a connected one, then a bound address, then any. Linux: net/ipv4/udp.c:compute_score() */
export function inet_lookup(protocol: number, to: endpoint, from: endpoint | null, accepts: (sk: sock) => boolean): sock | null {
  let best: sock | null = null, bestScore = -1;
  for (const sk of hashinfo().bound) {
    const inet = inet_sk(sk);
    if (sk.sk_protocol !== protocol || inet.inet_sport !== to.port || !accepts(sk)) continue;
    const isFamily = isV4(to.address) ? sk.sk_family === AF_INET || !inet.ipv6only : sk.sk_family === AF_INET6;
    if (!isFamily || !(isAny(inet.inet_saddr) && (inet.inet_saddr !== '0.0.0.0' || isV4(to.address)) || inet.inet_saddr === to.address)) continue;
    const isConnected = inet.inet_dport !== 0;
    if (isConnected && (!from || inet.inet_daddr !== from.address || inet.inet_dport !== from.port)) continue;
    const score = (isConnected ? 4 : 0) + (isAny(inet.inet_saddr) ? 0 : 2) + (sk.sk_family === AF_INET ? 1 : 0);
    if (score > bestScore) { best = sk; bestScore = score; }
  }
  return best;
}
