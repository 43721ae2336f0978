// Calls on files. strace: src/open.c, fcntl.c, ioctl.c, term.c, desc.c, poll.c, epoll.c, sendfile.c, mknod.c, chmod.c.
import * as abi from '../../../abi/fcntl';
import { compat_flock, compat_flock64, convertStruct, widenWords } from '../../../abi/compat';
import { MOUNT_FLAGS, MS_BIND, MS_MGC_VAL, MS_MOVE, MS_PRIVATE, MS_REMOUNT, MS_SHARED, MS_SLAVE, MS_UNBINDABLE, SEEK_WHENCE } from '../../../abi/fs';
import * as ioctls from '../../../abi/ioctl';
import { SETNS } from '../../../abi/sched';
import { SECCOMP_IOCTL_NOTIF_RECV } from '../../../abi/seccomp';
import { deviceIoctlName } from '../../../abi/ioctl_devices';
import { IOCTL_NAMES } from '../../../abi/ioctl_names';
import { EPOLL_CTL_OPS } from '../../../abi/poll';
import { signalName } from '../../../abi/signal';
import { readBig, readNumber, type StructLayout } from '../../../abi/struct';
import * as tty from '../../../abi/termios';
import { STATX_MASK, XATTR_FLAGS } from '../../../abi/stat';
import { findName, tableLike } from '../../../abi/table';
import { GRND } from '../../../abi/utsname';
import { atEntry, type CallFormat } from '../call_format';
import { choice, flags, flags64, inStyle, isRaw, named, plainFlags, signalText } from '../flags';
import { ifreqEnter, ifreqExit, isIfreq } from '../ifreq';
import { kindText } from '../kinds';
import { fdsetMembers, fdsetText, pollfdsText, readyText } from '../poll';
import type { Printer } from '../printer';
import { seccompIoctlText } from '../seccomp';
import { device, openFlagNames, openFlags } from '../scalars';
import { modeText } from '../stat';
import { hexNumber, octal } from '../text';
import { readExactly } from '../../memory';

/** Path, flags and, where a file may be made, the mode. */
const openTail = (p: Printer, i: number): string => {
  const bits = p.lo(i + 1);
  const mode = bits & (abi.O_CREAT | 0x400000) ? `, ${octal(p.lo(i + 2) & 0xffff)}` : '';
  return `${p.path(p.num(i))}, ${openFlags(bits)}${mode}`;
};

/** struct f_owner_ex. */
function ownerText(p: Printer, i: number): string {
  const b = p.fetch(i, 8);
  return b ? `{type=${choice(abi.OWNER_TYPES, readNumber(b, 0, 's32'))}, pid=${readNumber(b, 4, 's32')}}` : p.address(i);
}

function lockText(p: Printer, i: number, withPid: boolean): string {
  const narrow = [abi.F_GETLK, abi.F_SETLK, abi.F_SETLKW].includes(p.int(1)) ? compat_flock : compat_flock64, layout = p.isCompat ? narrow : abi.flock;
  return p.pointed(i, layout, (given) => {
    const b = p.isCompat ? convertStruct(layout, abi.flock, given) : given;
    const get = (name: string): number => p.field(abi.flock, b, name);
    const pid = withPid ? `, l_pid=${get('l_pid')}` : '';
    return `{l_type=${choice(abi.LOCK_TYPES, get('l_type') & 0xffff)}, l_whence=${choice(SEEK_WHENCE, get('l_whence') & 0xffff)}, l_start=${p.big(abi.flock, b, 'l_start')}, l_len=${p.big(abi.flock, b, 'l_len')}${pid}}`;
  });
}

/** strace 6.1 knows no hints of write lifetimes. */
const FCNTL_NAMES = tableLike(abi.FCNTL_COMMANDS, all => all.filter(([, command]) => command < abi.F_GET_RW_HINT || command > abi.F_SET_FILE_RW_HINT));

const fcntl: CallFormat = {
  enter(p) {
    const command = p.int(1);
    const name = findName(abi.FCNTL_COMMANDS, command);
    const head = `${p.fd(p.int(0))}, ${choice(FCNTL_NAMES, command)}`;
    switch (name) {
      case 'F_SETFD': return `${head}, ${flags(abi.FD_FLAGS, p.lo(2))}`;
      case 'F_SETFL': return `${head}, ${openFlags(p.lo(2))}`;
      case 'F_DUPFD': case 'F_DUPFD_CLOEXEC': case 'F_SETPIPE_SZ': return `${head}, ${p.lo(2) >>> 0}`;
      case 'F_SETOWN': return `${head}, ${p.int(2)}`;
      case 'F_SETLK': case 'F_SETLKW': case 'F_SETLK64': case 'F_SETLKW64': case 'F_OFD_SETLK': case 'F_OFD_SETLKW': return `${head}, ${lockText(p, 2, false)}`;
      case 'F_GETLK': case 'F_GETLK64': case 'F_OFD_GETLK': case 'F_GETOWN_EX': return `${head}, `;
      case 'F_SETOWN_EX': return `${head}, ${ownerText(p, 2)}`;
      case 'F_SETSIG': return `${head}, ${p.num(2) === 0 ? '0' : signalText(p.int(2))}`;
      case 'F_ADD_SEALS': return `${head}, ${flags(abi.SEALS, p.lo(2))}`;
      case 'F_SETLEASE': return `${head}, ${choice(abi.LOCK_TYPES, p.int(2))}`;
      case 'F_NOTIFY': return `${head}, ${flags(abi.NOTIFY_FLAGS, p.lo(2) >>> 0)}`;
      case 'F_GETFD': case 'F_GETFL': case 'F_GETOWN': case 'F_GETSIG': case 'F_GETPIPE_SZ': case 'F_GET_SEALS': case 'F_GETLEASE': return head;
      default: return `${head}, ${p.hex(2)}`;
    }
  },
  exit(p) {
    const name = findName(abi.FCNTL_COMMANDS, p.int(1));
    switch (name) {
      case 'F_GETLK': case 'F_GETLK64': case 'F_OFD_GETLK': return lockText(p, 2, true);
      case 'F_GETOWN_EX': return ownerText(p, 2);
      case 'F_DUPFD': case 'F_DUPFD_CLOEXEC': p.returnForm = 'fd'; break;
      case 'F_GETFD': if (!p.failed && p.ret !== 0) { p.returnForm = 'hex'; p.aux = `flags ${flags(abi.FD_FLAGS, p.ret)}`; } break;
      case 'F_GETFL': if (!p.failed) { p.returnForm = 'hex'; p.aux = `flags ${openFlagNames(p.ret)}`; } break;
      case 'F_GET_SEALS': if (!p.failed && p.ret !== 0) { p.returnForm = 'hex'; p.aux = `seals ${flags(abi.SEALS, p.ret)}`; } break;
      case 'F_GETLEASE': if (!p.failed) { p.returnForm = 'hex'; p.aux = inStyle('abbrev', () => choice(abi.LOCK_TYPES, p.ret)); } break;
      case 'F_GETSIG': if (!p.failed && p.ret !== 0) { p.aux = signalName(p.ret); } break;
      default:
    }
    return '';
  },
};

/** _IOC(_IOC_READ, 0x54, 0x30, 0x4) for a number without a name. */
function ioctlName(code: number): string {
  const name = IOCTL_NAMES.get(code) ?? deviceIoctlName(code);
  if (name !== undefined) return named(hexNumber(code), name);
  const dir = ['_IOC_NONE', '_IOC_WRITE', '_IOC_READ', '_IOC_READ|_IOC_WRITE'][code >>> 30] ?? '';
  return named(hexNumber(code), `_IOC(${dir}, ${hexNumber((code >>> 8) & 0xff)}, ${hexNumber(code & 0xff)}, ${hexNumber((code >>> 16) & 0x3fff)})`);
}

const OUT_INT = new Set([ioctls.TIOCGPGRP, ioctls.FIONREAD, ioctls.TIOCOUTQ, ioctls.TIOCGSID, ioctls.TIOCGPTN, ioctls.TIOCGETD, ioctls.FIOGETOWN, ioctls.SIOCGPGRP, ioctls.SIOCATMARK, ioctls.TIOCGSOFTCAR]);
const IN_INT = new Set([ioctls.TIOCSPGRP, ioctls.FIONBIO, ioctls.FIOASYNC, ioctls.TIOCSPTLCK, ioctls.TIOCSETD, ioctls.TIOCPKT, ioctls.FIOSETOWN, ioctls.SIOCSPGRP, ioctls.TIOCSSOFTCAR]);
const NO_ARGUMENT = new Set([ioctls.FIOCLEX, ioctls.FIONCLEX, ioctls.TIOCNOTTY, ioctls.TIOCEXCL, ioctls.TIOCNXCL, ioctls.NS_GET_USERNS, ioctls.NS_GET_PARENT, ioctls.NS_GET_NSTYPE]);
const PLAIN = new Set([ioctls.TCSBRK, ioctls.TIOCSCTTY]);
const SETS_TERMIOS = new Set([ioctls.TCSETS, ioctls.TCSETSW, ioctls.TCSETSF, ioctls.TIOCSLCKTRMIOS]);
const SETS_TERMIO = new Set([ioctls.TCSETA, ioctls.TCSETAW, ioctls.TCSETAF]);
const GETS_MODES = new Set([ioctls.TCGETS, ioctls.TCGETA, ioctls.TIOCGLCKTRMIOS]);

const CIBAUD_MASK = 0x100f0000;

/** The terminal's modes, in struct termios or the old termio. strace: src/term.c. */
function termiosText(p: Printer, b: Uint8Array, layout: StructLayout = ioctls.termios): string {
  const get = (name: string): number => p.field(layout, b, name) >>> 0;
  const oflag = get('c_oflag');
  const delays = ([[tty.NLDLY, tty.NLDLY_MASK], [tty.CRDLY, tty.CRDLY_MASK], [tty.TABDLY, tty.TABDLY_MASK], [tty.BSDLY, tty.BSDLY_MASK], [tty.VTDLY, tty.VTDLY_MASK],
    [tty.FFDLY, tty.FFDLY_MASK]] as const).map(([names, mask]) => choice(names, oflag & mask));
  const allDelays = tty.NLDLY_MASK | tty.CRDLY_MASK | tty.TABDLY_MASK | tty.BSDLY_MASK | tty.VTDLY_MASK | tty.FFDLY_MASK;
  const cflag = get('c_cflag');
  const ibaudBits = ((cflag & CIBAUD_MASK) >>> 16) & tty.CBAUD_MASK;
  const ibaud = ibaudBits === 0 ? '' : `${choice(tty.CBAUD, ibaudBits)}<<${named('0x10', 'IBSHIFT')}`;
  const join = (...parts: string[]): string => parts.filter(t => t !== '').join('|');
  const head = `{c_iflag=${plainFlags(tty.C_IFLAG, get('c_iflag'))}, c_oflag=${join(...delays)}|${plainFlags(tty.C_OFLAG, (oflag & ~allDelays) >>> 0)}, `
    + `c_cflag=${join(choice(tty.CBAUD, cflag & tty.CBAUD_MASK), ibaud, choice(tty.CSIZE, cflag & tty.CSIZE_MASK))}|${plainFlags(tty.C_CFLAG, (cflag & ~(tty.CBAUD_MASK | tty.CSIZE_MASK | CIBAUD_MASK)) >>> 0)}, `
    + `c_lflag=${plainFlags(tty.C_LFLAG, get('c_lflag'))}, `;
  if (!p.options.verbose) return `${head}...}`;
  const offset = layout.fields.c_cc?.offset ?? 0;
  const cc = Array.from({ length: layout === ioctls.termio ? 8 : 19 }, (_, k) => `[${findName(tty.C_CC, k) ?? k}]=${hexNumber(b[offset + k] ?? 0)}`);
  return `${head}c_line=${choice(tty.N_LINE, get('c_line'))}, c_cc=[${cc.join(', ')}]}`;
}

function ioctlArgument(p: Printer): string {
  const code = p.lo(1);
  if (code === ioctls.TCGETA || SETS_TERMIO.has(code)) return p.pointed(2, ioctls.termio, b => termiosText(p, b, ioctls.termio));
  if (GETS_MODES.has(code) || SETS_TERMIOS.has(code)) return p.pointed(2, ioctls.termios, b => termiosText(p, b));
  if (code === ioctls.TIOCGWINSZ || code === ioctls.TIOCSWINSZ) return p.pointed(2, ioctls.winsize, b => p.struct(ioctls.winsize, b));
  if (OUT_INT.has(code) || IN_INT.has(code)) {
    const b = p.fetch(2, 4);
    return b ? `[${readNumber(b, 0, 's32')}]` : p.address(2);
  }
  if (code === ioctls.TCFLSH) return choice(ioctls.TCFLSH_QUEUES, p.int(2));
  if (code === ioctls.TCXONC) return choice(ioctls.TCXONC_ACTIONS, p.int(2));
  if (PLAIN.has(code)) return String(p.int(2));
  return seccompIoctlText(p, code) ?? p.hex(2);
}

const isOut = (code: number): boolean => GETS_MODES.has(code) || code === ioctls.TIOCGWINSZ || code === SECCOMP_IOCTL_NOTIF_RECV || OUT_INT.has(code);

const ioctl: CallFormat = {
  enter(p) {
    const code = p.lo(1);
    const head = `${p.fd(p.int(0))}, ${ioctlName(code)}`;
    if (NO_ARGUMENT.has(code)) return head;
    if (isIfreq(code)) return `${head}, ${ifreqEnter(p, code)}`;
    return isOut(code) ? `${head}, ` : `${head}, ${ioctlArgument(p)}`;
  },
  exit(p) {
    const code = p.lo(1);
    if (code === ioctls.NS_GET_USERNS || code === ioctls.NS_GET_PARENT) p.returnForm = 'fd';
    if (code === ioctls.NS_GET_NSTYPE && !p.failed) p.aux = choice(SETNS, p.ret);
    if (isIfreq(code)) return ifreqExit(p, code);
    return isOut(code) ? ioctlArgument(p) : '';
  },
};

/** The timeout that a call leaves behind: not printed when it cannot be read. */
function leftText(p: Printer, i: number, micro: boolean): string {
  if (p.num(i) === 0) return '';
  const text = kindText(micro ? 'timeval' : 'timespec', p, i);
  return text === p.address(i) && p.options.dereferences ? '' : `left ${text}`;
}

/** select and pselect6: the sets at entry, those that are ready after the result. */
function select(micro: boolean): CallFormat {
  const sets = ['in', 'out', 'except'];
  return {
    pending: true,
    enter(p) {
      const count = p.int(0);
      const texts = [1, 2, 3].map(i => fdsetText(p, p.num(i), count));
      const timeout = kindText(micro ? 'timeval' : 'timespec', p, 4);
      const head = `${count}, ${texts.join(', ')}, ${timeout}`;
      if (micro) return head;
      const narrow = p.isCompat && p.num(5) !== 0 ? p.read(p.num(5), 8) : null, pair = narrow ? widenWords(narrow) : p.isCompat || p.num(5) === 0 ? null : p.read(p.num(5), 16);
      if (!pair) return `${head}, ${p.address(5)}`;
      const mask = p.read(readNumber(pair, 0, 'u64'), 8);
      return `${head}, {sigmask=${mask ? kindText('sigset', at(p, readNumber(pair, 0, 'u64')), 0) : p.hexAddress(readNumber(pair, 0, 'u64'))}, sigsetsize=${readNumber(pair, 8, 'u64')}}`;
    },
    exit(p) {
      if (p.failed) return '';
      if (p.ret === 0) { p.aux = 'Timeout'; return ''; }
      const parts: string[] = [];
      [1, 2, 3].forEach((i, k) => {
        const members = p.num(i) === 0 ? [] : fdsetMembers(p, p.num(i), p.int(0)) ?? [];
        if (members.length > 0) parts.push(`${sets[k]} [${members.join(' ')}]`);
      });
      const left = leftText(p, 4, micro);
      if (left !== '') parts.push(left);
      p.aux = parts.join(', ');
      return '';
    },
  };
}

/** A printer whose argument 0 is this address. */
function at(p: Printer, address: number): Printer {
  const copy: Printer = Object.create(p) as Printer;
  Object.defineProperty(copy, 'args', { value: [address % 4294967296, Math.floor(address / 4294967296)] });
  return copy;
}

const pollExit = (p: Printer, timeout: string): string => {
  if (!p.failed && p.ret === 0) p.aux = 'Timeout';
  else if (p.ret > 0 && p.options.dereferences) p.aux = [readyText(p, p.num(0), p.lo(1)), timeout].filter(t => t !== '').join(', ');
  return '';
};

const poll: CallFormat = {
  pending: true,
  enter: p => `${pollfdsText(p, 0, p.num(0), p.lo(1))}, ${p.lo(1)}, ${p.int(2)}`,
  exit: p => pollExit(p, ''),
};

const ppoll: CallFormat = {
  pending: true,
  enter: p => `${pollfdsText(p, 0, p.num(0), p.lo(1))}, ${p.lo(1)}, ${kindText('timespec', p, 2)}, ${kindText('sigset', p, 3)}, ${p.unsigned(4)}`,
  exit: p => pollExit(p, p.ret > 0 ? leftText(p, 2, false) : ''),
};

const epoll_ctl: CallFormat = atEntry(
  p => p.fd(p.int(0)), p => choice(EPOLL_CTL_OPS, p.int(1)), p => p.fd(p.int(2)),
  p => p.int(1) === 2 ? p.address(3) : kindText('epollEvent', p, 3),
);

/** How statx synchronises, then its flags. */
function statxFlags(value: number): string {
  const sync = isRaw() && (value & 0x6000) === 0 ? '' : choice(abi.AT_STATX_SYNC_TYPE, value & 0x6000);
  const rest = plainFlags(abi.AT_FLAGS, (value & ~0x6000) >>> 0);
  return rest === '' ? sync : `${sync}|${rest}`;
}

const statx: CallFormat = {
  enter: p => `${p.dirfd(p.int(0))}, ${p.path(p.num(1))}, ${statxFlags(p.lo(2))}, ${flags(STATX_MASK, p.lo(3))}, `,
  exit: p => kindText('statx', p, 4),
};

const openat2: CallFormat = {
  enter(p) {
    const head = `${p.dirfd(p.int(0))}, ${p.path(p.num(1))}, `;
    const b = p.num(3) >= abi.open_how.size ? p.read(p.num(2), abi.open_how.size) : null;
    if (!b) return `${head}${p.address(2)}, ${p.unsigned(3)}`;
    const bits = p.field(abi.open_how, b, 'flags');
    const mode = p.field(abi.open_how, b, 'mode');
    const modePart = mode !== 0 || bits & (abi.O_CREAT | 0x400000) ? `, mode=${octal(mode)}` : '';
    return `${head}{flags=${openFlags(bits)}${modePart}, resolve=${flags(abi.RESOLVE_FLAGS, p.field(abi.open_how, b, 'resolve'))}}, ${p.unsigned(3)}`;
  },
  exit(p) { p.returnForm = 'fd'; return ''; },
};

const XATTR_SIZE_MAX = 65536;

/** The value of an attribute, without the NUL that ends a string (hexadecimal shows it). */
const xattrValue = (p: Printer, at: number, length: number): string => {
  if (length > XATTR_SIZE_MAX) return p.hexAddress(at);
  // A NUL at the end of what is shown is left out, and with it what says that there is more.
  const shown = Math.min(length, p.options.stringLimit), last = at === 0 || shown === 0 ? null : readExactly(p.memory, at + shown - 1, 1);
  return p.bytes(at, last?.[0] === 0 && p.options.hexStrings === 'none' ? shown - 1 : length);
};

const setxattr = (file: (p: Printer) => string): CallFormat => atEntry(
  file, p => p.string(p.num(1)), p => xattrValue(p, p.num(2), p.num(3)), p => p.unsigned(3), p => flags(XATTR_FLAGS, p.lo(4)),
);

const getxattr = (file: (p: Printer) => string): CallFormat => ({
  enter: p => `${file(p)}, ${p.string(p.num(1))}, `,
  exit: p => `${p.failed || p.num(3) === 0 ? p.address(2) : xattrValue(p, p.num(2), p.ret)}, ${p.unsigned(3)}`,
});

const pathArgument = (p: Printer): string => p.path(p.num(0));
const fdArgument = (p: Printer): string => p.fd(p.int(0));

/** sendfile: the offset before and after. */
const sendfile: CallFormat = {
  enter(p) {
    const head = `${p.fd(p.int(0))}, ${p.fd(p.int(1))}, `;
    const type = p.call.args['offset']?.kind === 'inoutOff32' ? 'u32' : 'u64', b = p.num(2) === 0 ? null : p.read(p.num(2), type === 'u32' ? 4 : 8);
    if (!b) return `${head}${p.address(2)}, ${p.unsigned(3)}`;
    p.saved.set('offset', type);
    return `${head}[${readBig(b, 0, type)}]`;
  },
  exit(p) {
    const type = p.saved.get('offset');
    if (type !== 'u32' && type !== 'u64') return '';
    const b = p.ret > 0 ? p.read(p.num(2), type === 'u32' ? 4 : 8) : null;
    return `${b ? ` => [${readBig(b, 0, type)}]` : ''}, ${p.unsigned(3)}`;
  },
};

const mknodTail = (p: Printer, i: number): string => {
  const mode = p.lo(i + 1) & 0xffff;
  const special = (mode & 0o170000) === 0o20000 || (mode & 0o170000) === 0o60000;
  return `${p.path(p.num(i))}, ${modeText(mode)}${special ? `, ${device(p.lo(i + 2))}` : ''}`;
};

export const files: Record<string, CallFormat> = {
  open: { enter: p => openTail(p, 0), exit(p) { p.returnForm = 'fd'; return ''; } },
  openat: { enter: p => `${p.dirfd(p.int(0))}, ${openTail(p, 1)}`, exit(p) { p.returnForm = 'fd'; return ''; } },
  openat2, setxattr: setxattr(pathArgument), lsetxattr: setxattr(pathArgument), fsetxattr: setxattr(fdArgument),
  getxattr: getxattr(pathArgument), lgetxattr: getxattr(pathArgument), fgetxattr: getxattr(fdArgument),
  fcntl, fcntl64: fcntl, ioctl, statx,
  _llseek: {
    enter: p => `${p.fd(p.int(0))}, ${BigInt.asIntN(64, BigInt(p.lo(1)) << 32n | BigInt(p.lo(2)))}, `,
    exit(p) {
      const b = p.fetch(3, 8);
      return `${b ? `[${readBig(b, 0, 's64')}]` : p.address(3)}, ${choice(SEEK_WHENCE, p.int(4))}`;
    },
  }, poll, ppoll, select: select(true), pselect6: select(false), epoll_ctl, sendfile,
  mount: {
    enter(p) {
      const bits = p.lo(3), hasMagic = ((bits & 0xffff0000) >>> 0) === MS_MGC_VAL, rest = hasMagic ? bits & 0xffff : bits, isMove = (bits & (MS_MOVE | MS_PRIVATE | MS_SLAVE | MS_SHARED | MS_UNBINDABLE)) !== 0, isBind = (bits & MS_BIND) !== 0, isRemount = (bits & MS_REMOUNT) !== 0;
      const type = isMove || isBind || isRemount ? p.address(2) : p.string(p.num(2)), data = isMove || isBind && !isRemount ? p.address(4) : p.string(p.num(4));
      return `${p.path(p.num(0))}, ${p.path(p.num(1))}, ${type}, ${hasMagic ? `MS_MGC_VAL${rest === 0 && p.hi(3) === 0 ? '' : '|'}` : ''}${hasMagic && rest === 0 && p.hi(3) === 0 ? '' : flags64(MOUNT_FLAGS, rest >>> 0, p.hi(3))}, ${data}`;
    },
  },
  mknod: atEntry(p => mknodTail(p, 0)),
  mknodat: atEntry(p => p.dirfd(p.int(0)), p => mknodTail(p, 1)),
  getcwd: { enter: () => '', exit: p => `${p.failed ? p.address(0) : p.path(p.num(0))}, ${p.unsigned(1)}` },
  getrandom: { enter: () => '', exit: p => `${p.failed ? p.address(0) : p.bytes(p.num(0), p.ret, { hexStrings: 'all' })}, ${p.unsigned(1)}, ${flags(GRND, p.lo(2))}` },
  umask: { enter: p => octal(p.lo(0) & 0xffff), exit(p) { p.returnForm = 'oct'; return ''; } },
};
