// /proc/net: tcp, tcp6, udp, udp6, unix, dev. Linux: net/ipv4/tcp_ipv4.c:get_tcp4_sock(), net/unix/af_unix.c:unix_seq_show().
import { AF_INET, AF_INET6, IPPROTO_TCP, IPPROTO_UDP } from '../../abi/socket';
import { proc_root_stuff } from '../fs/proc/base';
import { address_bytes, hashinfo, inet_sk } from './ipv4/addresses';
import { queue_length } from './core/skbuff';
import { TCP_ESTABLISHED, TCP_LISTEN, TCP_TIME_WAIT, type sock } from './types';
import { unix_sk, unix_sockets } from './unix/names';

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0').toUpperCase();

/** An address as words of the host's order, and a port. */
function place(address: string, port: number, isV6: boolean): string {
  const bytes = address_bytes(address, isV6);
  let text = '';
  for (let word = 0; word < bytes.length; word += 4) for (let i = 3; i >= 0; i--) text += hex(bytes[word + i] ?? 0, 2);
  return `${text}:${hex(port, 4)}`;
}

function inet_line(row: number, sk: sock, isV6: boolean): string {
  const inet = inet_sk(sk), isListening = sk.sk_state === TCP_LISTEN;
  const rx = isListening ? sk.accept_queue.length : queue_length(sk.sk_receive_queue);
  const owner = sk.sk_socket?.file?.f_inode;
  const columns = `${String(row).padStart(4)}: ${place(inet.inet_saddr, inet.inet_sport, isV6)} ${place(inet.inet_daddr, inet.inet_dport, isV6)} ${hex(sk.sk_state, 2)} ${hex(0, 8)}:${hex(rx, 8)} 00:00000000 00000000 ${String(owner?.i_uid ?? 0).padStart(5)} ${'0'.padStart(8)} ${owner?.i_ino ?? 0}`;
  return sk.sk_protocol === IPPROTO_TCP ? `${columns} ${sk.is_dead ? 0 : 1} 0000000000000000 ${isListening ? '100 0 0 10 0' : '20 4 30 10 -1'}` : `${columns} 2 0000000000000000 0`;
}

function show_inet(family: number, protocol: number): string {
  const isTcp = protocol === IPPROTO_TCP, isV6 = family === AF_INET6;
  const wide = isV6 ? 37 : 13, remote = isV6 ? 'remote_address' : 'rem_address';
  const head = isTcp ? `  sl  ${'local_address'.padEnd(wide)} ${remote.padEnd(wide)} st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode` : `   sl  ${'local_address'.padEnd(wide)} ${remote.padEnd(wide)} st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops`;
  const { bound, timewait } = hashinfo();
  const lines = bound.filter(sk => sk.sk_family === family && sk.sk_protocol === protocol).map((sk, row) => inet_line(row, sk, isV6));
  if (isTcp) {
    for (const tw of timewait.filter(one => one.tw_family === family)) {
      lines.push(`${String(lines.length).padStart(4)}: ${place(tw.tw_saddr, tw.tw_sport, isV6)} ${place(tw.tw_daddr, tw.tw_dport, isV6)} ${hex(TCP_TIME_WAIT, 2)} 00000000:00000000 03:00000000 00000000     0        0 0 3 0000000000000000`);
    }
  }
  return [head, ...lines].map(line => `${isV6 ? line : line.padEnd(isTcp ? 149 : 127)}\n`).join('');
}

function show_unix(): string {
  const lines = unix_sockets().map(sk => {
    const { addr } = unix_sk(sk), isListening = sk.sk_state === TCP_LISTEN;
    const state = sk.sk_socket ? sk.sk_state === TCP_ESTABLISHED ? 3 : 1 : 0;
    return `0000000000000000: 00000002 00000000 ${isListening ? '00010000' : '00000000'} ${hex(sk.sk_type, 4)} ${hex(state, 2)} ${String(sk.sk_socket?.file?.f_inode.i_ino ?? 0).padStart(5)} ${addr.replaceAll('\0', '@')}`;
  });
  return ['Num       RefCount Protocol Flags    Type St Inode Path', ...lines].map(line => `${line}\n`).join('');
}

const DEV = 'Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n'
  + '    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n';

Object.assign(proc_root_stuff, {
  'net/tcp': { mode: 0o444, show: () => show_inet(AF_INET, IPPROTO_TCP) }, 'net/tcp6': { mode: 0o444, show: () => show_inet(AF_INET6, IPPROTO_TCP) },
  'net/udp': { mode: 0o444, show: () => show_inet(AF_INET, IPPROTO_UDP) }, 'net/udp6': { mode: 0o444, show: () => show_inet(AF_INET6, IPPROTO_UDP) },
  'net/unix': { mode: 0o444, show: show_unix }, 'net/dev': { mode: 0o444, show: () => DEV },
});
