// What `strace -yy` says of a socket: its protocol, with the addresses that it has or the number of its file. strace: src/socketutils.c
import { NETLINK } from '../abi/netlink';
import { AF_INET, AF_INET6, AF_NETLINK, AF_UNIX } from '../abi/socket';
import { findName } from '../abi/table';
import { quote } from '../trace/format/text';
import type { sock, socket } from '../kernel/net/types';
import { portid_of } from '../kernel/net/netlink/af_netlink';

const SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_RAW = 3;

/** Details are remembered by the number of the file: strace asks once. */
export class SocketWords {
  private readonly known = new Map<number, string>();

  /** Undefined for families of which strace knows the number only. */
  of({ sk }: socket, ino: number): string | undefined {
    const known = this.known.get(ino);
    if (known !== undefined) return known;
    const protocol = protocolOf(sk);
    if (protocol === undefined) return undefined;
    const details = detailsOf(sk, ino);
    if (details === null) return `${protocol}:[${ino}]`;
    const words = `${protocol}:[${details}]`;
    this.known.set(ino, words);
    return words;
  }
}

function protocolOf({ sk_family, sk_type }: sock): string | undefined {
  const internet = sk_type === SOCK_STREAM ? 'TCP' : sk_type === SOCK_DGRAM ? 'UDP' : sk_type === SOCK_RAW ? 'RAW' : undefined;
  switch (sk_family) {
    case AF_UNIX: return sk_type === SOCK_STREAM ? 'UNIX-STREAM' : 'UNIX';
    case AF_INET: return internet;
    case AF_INET6: return internet === undefined ? undefined : `${internet}v6`;
    case AF_NETLINK: return 'NETLINK';
    default: return undefined;
  }
}

function detailsOf(sk: sock, ino: number): string | null {
  const { unix, inet, sk_family } = sk;
  if (sk_family === AF_NETLINK) {
    const port = portid_of(sk);
    return port === 0 ? null : `${(findName(NETLINK, sk.sk_protocol) ?? String(sk.sk_protocol)).replace('NETLINK_', '')}:${port}`;
  }
  if (unix) {
    const peer = sk.peer?.sk_socket?.file?.f_inode.i_ino;
    if (peer === undefined && !unix.is_bound) return null;
    return `${ino}${peer === undefined ? '' : `->${peer}`}${unix.is_bound ? `,${nameText(unix.addr)}` : ''}`;
  }
  if (!inet || inet.inet_sport === 0) return null;
  const end = (address: string, port: number): string => `${sk_family === AF_INET6 ? `[${address || '::'}]` : address || '0.0.0.0'}:${port}`;
  return `${end(inet.inet_saddr, inet.inet_sport)}${inet.inet_dport === 0 ? '' : `->${end(inet.inet_daddr, inet.inet_dport)}`}`;
}

/** A path up to its NUL, or a name without a file behind @. */
function nameText(address: string): string {
  const isAbstract = address.startsWith('\0'), text = isAbstract ? address.slice(1) : address.replace(/\0.*$/s, '');
  return `${isAbstract ? '@' : ''}${quote(Uint8Array.from(text, c => c.charCodeAt(0)), 'none')}`;
}
