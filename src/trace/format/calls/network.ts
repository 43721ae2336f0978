// Calls on sockets. strace: src/net.c.
import { NETLINK } from '../../../abi/netlink';
import { findErrno } from '../../../abi/errno';
import * as abi from '../../../abi/socket';
import { readNumber } from '../../../abi/struct';
import { findName, tableLike } from '../../../abi/table';
import type { CallFormat } from '../call_format';
import { choice, flags, named as styled } from '../flags';
import { kindText } from '../kinds';
import type { Printer } from '../printer';
import { msghdrText, readMsghdr, sockaddrText, socketData } from '../socket';
import { gotOptionText, optionNames, setOptionText } from '../sockopt';
import { hexNumber, unsigned } from '../text';

const typeText = (value: number): string => {
  const type = findName(abi.SOCK, value & abi.SOCK_TYPE_MASK);
  if (type === undefined) return flags(abi.SOCK_FLAGS, value);
  const rest = (value & ~abi.SOCK_TYPE_MASK) >>> 0;
  const name = styled(hexNumber(value & abi.SOCK_TYPE_MASK), type);
  return rest === 0 ? name : `${name}|${flags(abi.SOCK_FLAGS, rest)}`;
};

const protocolText = (domain: number, protocol: number, high: number): string =>
  domain === abi.AF_INET || domain === abi.AF_INET6 ? choice(abi.IPPROTO, protocol) : domain === abi.AF_NETLINK ? choice(NETLINK, protocol) : unsigned(protocol >>> 0, high);

const socketHead = (p: Printer): string => `${choice(abi.AF, p.int(0))}, ${typeText(p.lo(1))}, ${protocolText(p.int(0), p.int(2), p.hi(2))}`;

const lengthAt = (p: Printer, i: number): number | null => {
  const b = p.num(i) === 0 ? null : p.read(p.num(i), 4);
  return b ? readNumber(b, 0, 's32') : null;
};

/** An address and its length that the call writes: [128 => 16] when it changed. */
const named = (after: (p: Printer) => string): CallFormat => ({
  enter(p) {
    const length = lengthAt(p, 2);
    if (p.num(1) === 0 || length === null) return `${p.fd(p.int(0))}, ${p.address(1)}, ${p.address(2)}${after(p)}`;
    p.saved.set('length', length);
    return `${p.fd(p.int(0))}, `;
  },
  exit(p) {
    if (!p.saved.has('length')) return '';
    const before = Number(p.saved.get('length'));
    const length = lengthAt(p, 2);
    if (p.failed || length === null) return `${p.address(1)}, [${before}]${after(p)}`;
    return `${sockaddrText(p, p.num(1), Math.min(before, length))}, [${before === length ? '' : `${before} => `}${length}]${after(p)}`;
  },
});

const returnsFd = (call: CallFormat): CallFormat => ({
  enter: call.enter,
  exit(p) { p.returnForm = 'fd'; return call.exit?.(p) ?? ''; },
});

const recvfrom: CallFormat = {
  enter(p) {
    const length = lengthAt(p, 5);
    if (length !== null) p.saved.set('length', length);
    return `${p.fd(p.int(0))}, `;
  },
  exit(p) {
    const data = p.failed ? p.address(1) : socketData(p, p.num(1), Math.min(p.ret, p.num(2)));
    const head = `${data}, ${p.unsigned(2)}, ${flags(abi.MSG, p.lo(3))}`;
    const length = lengthAt(p, 5);
    if (p.num(4) === 0 || length === null || !p.saved.has('length')) return `${head}, ${p.address(4)}, ${p.address(5)}`;
    const before = Number(p.saved.get('length'));
    if (p.failed) return `${head}, ${p.address(4)}, [${before}]`;
    return `${head}, ${sockaddrText(p, p.num(4), Math.min(before, length))}, [${before === length ? '' : `${before} => `}${length}]`;
  },
};

const recvmsg: CallFormat = {
  enter(p) {
    const b = readMsghdr(p, p.num(1));
    if (!b) return `${p.fd(p.int(0))}, ${p.address(1)}, ${flags(abi.MSG, p.lo(2))}`;
    p.saved.set('length', p.field(abi.msghdr, b, 'msg_namelen'));
    return `${p.fd(p.int(0))}, `;
  },
  exit(p) {
    if (!p.saved.has('length')) return '';
    const before = Number(p.saved.get('length'));
    const b = p.failed ? null : readMsghdr(p, p.num(1));
    const text = b ? msghdrText(p, 1, p.num(1), b, p.ret, true, before) : p.failed ? `{msg_namelen=${before}}` : p.address(1);
    return `${text}, ${flags(abi.MSG, p.lo(2))}`;
  },
};

/** Under another name where it has none. strace: src/net.c */
const LEVELS = tableLike(abi.SOL, all => all, 'SOL_??');

const optionHead = (p: Printer, isSet: boolean): string => {
  const level = p.int(1);
  const names = optionNames(level, isSet);
  const option = p.int(2);
  const levelText = choice(LEVELS, level);
  return `${p.fd(p.int(0))}, ${levelText}, ${names ? choice(names, option) : option >>> 0}`;
};

const getsockopt: CallFormat = {
  enter(p) {
    const length = lengthAt(p, 4);
    if (length !== null) p.saved.set('length', length);
    return `${optionHead(p, false)}, `;
  },
  exit(p) {
    const length = lengthAt(p, 4);
    if (length === null || !p.saved.has('length')) return `${p.address(3)}, ${p.address(4)}`;
    const before = Number(p.saved.get('length'));
    if (p.failed) return `${p.address(3)}, [${before}]`;
    const option = p.int(2);
    const error = p.int(1) === abi.SOL_SOCKET && option === abi.SO_ERROR && length === 4 ? errorText(p) : null;
    return `${error ?? gotOptionText(p, length)}, [${before === length ? '' : `${before} => `}${length}]`;
  },
};

function errorText(p: Printer): string {
  const b = p.read(p.num(3), 4);
  if (!b) return p.address(3);
  const code = readNumber(b, 0, 's32');
  return `[${code === 0 ? '0' : findErrno(code)?.name ?? String(code)}]`;
}

const setsockopt: CallFormat = {
  enter: p => `${optionHead(p, true)}, ${setOptionText(p, p.int(4))}, ${p.int(4)}`,
};

export const network: Record<string, CallFormat> = {
  socketcall: { enter: p => `${findName(abi.SOCKETCALLS, p.int(0)) ?? p.int(0)}, ${p.address(1)}` },
  socket: returnsFd({ enter: socketHead }),
  socketpair: {
    enter: p => `${choice(abi.AF, p.int(0))}, ${typeText(p.lo(1))}, ${unsigned(p.lo(2), p.hi(2))}, `,
    exit(p) {
      const b = p.fetch(3, 8);
      return b ? p.items([0, 4].map(at => p.fd(readNumber(b, at, 's32')))) : p.address(3);
    },
  },
  accept: returnsFd(named(() => '')),
  accept4: returnsFd(named(p => `, ${flags(abi.SOCK_FLAGS, p.lo(3))}`)),
  getsockname: named(() => ''),
  getpeername: named(() => ''),
  bind: { enter: p => `${p.fd(p.int(0))}, ${sockaddrText(p, p.num(1), p.int(2))}, ${p.int(2)}` },
  connect: { enter: p => `${p.fd(p.int(0))}, ${sockaddrText(p, p.num(1), p.int(2))}, ${p.int(2)}` },
  sendto: { enter: p => `${p.fd(p.int(0))}, ${socketData(p, p.num(1), p.num(2))}, ${p.unsigned(2)}, ${flags(abi.MSG, p.lo(3))}, ${sockaddrText(p, p.num(4), p.int(5))}, ${p.int(5)}` },
  recvfrom,
  sendmsg: { enter: p => `${p.fd(p.int(0))}, ${kindText('msghdr', p, 1)}, ${flags(abi.MSG, p.lo(2))}` },
  sendmmsg: {
    enter: p => `${p.fd(p.int(0))}, `,
    exit(p) {
      const messages = p.array(1, p.num(1), p.lo(2), 64, (b, at) => `{msg_hdr=${msghdrText(p, 1, at, b, Infinity, false)}${p.failed ? '' : `, msg_len=${readNumber(b, 56, 'u32')}`}}`);
      return `${messages}, ${p.lo(2)}, ${flags(abi.MSG, p.lo(3))}`;
    },
  },
  recvmmsg: {
    enter(p) {
      // The call writes what is left of the timeout over it.
      p.saved.set('timeout', kindText('timespec', p, 4));
      return `${p.fd(p.int(0))}, `;
    },
    exit(p) {
      const messages = p.failed ? p.address(1) : p.array(1, p.num(1), p.ret, 64, (b, at) => `{msg_hdr=${msghdrText(p, 1, at, b, readNumber(b, 56, 'u32'), true)}, msg_len=${readNumber(b, 56, 'u32')}}`);
      if (!p.failed && p.ret === 0) p.aux = 'Timeout';
      else if (!p.failed && p.num(4) !== 0) p.aux = `left ${kindText('timespec', p, 4)}`;
      return `${messages}, ${p.lo(2)}, ${flags(abi.MSG, p.lo(3))}, ${p.saved.get('timeout')}`;
    },
  },
  recvmsg, getsockopt, setsockopt,
  shutdown: { enter: p => `${p.fd(p.int(0))}, ${choice(abi.SHUT, p.int(1))}` },
};
