// What ioctls of a socket tell of the loopback, the machine's one device. Linux: net/core/dev_ioctl.c, net/ipv4/devinet.c:devinet_ioctl().
import { latin1 } from '../../../base/text';
import type { int, uaddr_t } from '../../../abi/c_types';
import { EADDRNOTAVAIL, EFAULT, EINVAL, ENODEV, ENOENT, ENOPKG, ENOTTY, EOPNOTSUPP, EPERM, EPFNOSUPPORT, type Errno } from '../../../abi/errno';
import { AF_INET, AF_INET6 } from '../../../abi/socket';
import type { Result } from '../../fs/types';
import type { task_struct } from '../../kernel/types';
import { task_mm } from '../../mm/mmap';
import { copy_from_user, copy_to_user } from '../../mm/uaccess';
import { failed } from '../../result';
import { LOOPBACK_FLAGS, LOOPBACK_IFINDEX, LOOPBACK_MTU, TX_QUEUE } from '../netlink/rtnetlink';

// Linux: include/uapi/linux/sockios.h
const SIOCADDRT = 0x890b, SIOCDELRT = 0x890c, SIOCGIFNAME = 0x8910, SIOCGIFCONF = 0x8912, SIOCGIFFLAGS = 0x8913, SIOCGIFADDR = 0x8915, SIOCGIFDSTADDR = 0x8917, SIOCGIFBRDADDR = 0x8919, SIOCGIFNETMASK = 0x891b, SIOCGIFMETRIC = 0x891d,
  SIOCGIFMTU = 0x8921, SIOCGIFHWADDR = 0x8927, SIOCGIFSLAVE = 0x8929, SIOCGIFINDEX = 0x8933, SIOCGIFPFLAGS = 0x8935, SIOCGIFBR = 0x8940, SIOCGIFTXQLEN = 0x8942, SIOCETHTOOL = 0x8946, SIOCGARP = 0x8954, SIOCGIFMAP = 0x8970,
  SIOCGIFVLAN = 0x8982, SIOCDEVPRIVATE = 0x89f0, SIOCGSTAMP_OLD = 0x8906, SIOCGSTAMPNS_OLD = 0x8907, SIOCGSTAMP_NEW = 0x80108906, SIOCGSTAMPNS_NEW = 0x80108907;
const IFREQ_SIZE = 40, IFNAMSIZ = 16, ARPHRD_LOOPBACK = 772;
/** Those that change devices, addresses or routes. */
const SETTERS = new Set([SIOCADDRT, SIOCDELRT, 0x8914, 0x8916, 0x8918, 0x891a, 0x891c, 0x891e, 0x8922, 0x8923, 0x8924, 0x8930, 0x8931, 0x8932, 0x8934, 0x8937, 0x8943, 0x8947, 0x8948, 0x8953, 0x8955, 0x8971, 0x8990, 0x8991, 0x8992, 0x8993, 0x8994, 0x8995]);
/** Those that IPv4 answers, for sockets of its own. */
const OF_IPV4 = new Set([SIOCGIFADDR, SIOCGIFDSTADDR, SIOCGIFBRDADDR, SIOCGIFNETMASK, SIOCGIFPFLAGS, SIOCGARP]);

/** What ioctls write behind the name, by command: a number, or an address of IPv4. */
function answer(cmd: int): { number: number } | { inet: readonly number[] } | null {
  switch (cmd) {
    case SIOCGIFFLAGS: return { number: LOOPBACK_FLAGS & 0xffff };
    case SIOCGIFINDEX: return { number: LOOPBACK_IFINDEX };
    case SIOCGIFMTU: return { number: LOOPBACK_MTU };
    case SIOCGIFTXQLEN: return { number: TX_QUEUE };
    case SIOCGIFMETRIC: case SIOCGIFMAP: return { number: 0 };
    case SIOCGIFADDR: case SIOCGIFDSTADDR: return { inet: [127, 0, 0, 1] };
    case SIOCGIFNETMASK: return { inet: [255, 0, 0, 0] };
    case SIOCGIFBRDADDR: return { inet: [0, 0, 0, 0] };
    default: return null;
  }
}

/** What is refused of any device; null: it is looked for. */
function refuse(cmd: int): Errno | null {
  if (SETTERS.has(cmd)) return EPERM.because('the network is not configured from inside');
  switch (cmd) {
    case SIOCGIFPFLAGS: return EINVAL.because('the device is no tunnel');
    case SIOCGARP: return EPFNOSUPPORT.because('the address is none of AF_INET');
    case SIOCGIFBR: return EOPNOTSUPP.because('there are no bridges');
    case SIOCETHTOOL: return EFAULT.because('the device has no ethtool');
    default: return null;
  }
}

const isOfDevices = (cmd: int): boolean => cmd >= SIOCADDRT && cmd <= SIOCDEVPRIVATE || cmd === SIOCGIFVLAN;

/** `family`: the socket's. Null: not an ioctl about devices. */
export function dev_ioctl(task: task_struct, family: int, cmd: int, arg: uaddr_t): Result<int> | null {
  if (cmd === SIOCGSTAMP_OLD || cmd === SIOCGSTAMPNS_OLD || cmd === SIOCGSTAMP_NEW || cmd === SIOCGSTAMPNS_NEW) return family === AF_INET || family === AF_INET6 ? ENOENT.because('no datagram came since times are noted') : ENOTTY.because('this family notes no times');
  if (!isOfDevices(cmd)) return null;
  if (cmd === SIOCGIFVLAN) return ENOPKG.because('there are no virtual LANs');
  if (cmd === SIOCGIFCONF) return dev_ifconf(task, arg);
  const bytes = copy_from_user(task_mm(task), arg, IFREQ_SIZE);
  if (failed(bytes)) return bytes;
  if (OF_IPV4.has(cmd) && family !== AF_INET) return ENOTTY.because('only a socket of AF_INET answers this');
  const refused = refuse(cmd);
  if (refused) return refused;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (cmd === SIOCGIFNAME) {
    if (view.getInt32(IFNAMSIZ, true) !== LOOPBACK_IFINDEX) return ENODEV.because(`there is no device ${view.getInt32(IFNAMSIZ, true)}: the machine has 'lo' only`);
    bytes.set(latin1('lo\0'));
    return copy_to_user(task_mm(task), arg, bytes);
  }
  const value = answer(cmd);
  if (!value && cmd !== SIOCGIFHWADDR && cmd !== SIOCGIFSLAVE) return ENOTTY.because('a socket knows no such ioctl here');
  // A label is a name, a colon and more; its address is another one.
  const name = String.fromCharCode(...bytes.subarray(0, IFNAMSIZ - 1)).replace(/\0.*$/s, ''), device = name.replace(/:.*$/, '');
  if (device !== 'lo') return ENODEV.because(`there is no device '${name}': the machine has 'lo' only`);
  if (cmd === SIOCGIFSLAVE) return EINVAL.because('the device queues by no slave');
  if (name !== device && OF_IPV4.has(cmd)) return EADDRNOTAVAIL.because(`no address has the label '${name}'`);
  bytes.fill(0, IFNAMSIZ, cmd === SIOCGIFFLAGS ? IFNAMSIZ + 2 : value && 'number' in value && cmd !== SIOCGIFMAP ? IFNAMSIZ + 4 : IFREQ_SIZE);
  if (cmd === SIOCGIFHWADDR) view.setUint16(IFNAMSIZ, ARPHRD_LOOPBACK, true);
  else if (cmd === SIOCGIFFLAGS) view.setUint16(IFNAMSIZ, LOOPBACK_FLAGS & 0xffff, true);
  else if (value && 'inet' in value) {
    view.setUint16(IFNAMSIZ, AF_INET, true);
    bytes.set(value.inet, IFNAMSIZ + 4);
  } else if (value) view.setInt32(IFNAMSIZ, value.number, true);
  return copy_to_user(task_mm(task), arg, bytes);
}

/** struct ifconf: a length and where the list goes. */
function dev_ifconf(task: task_struct, arg: uaddr_t): Result<int> {
  const header = copy_from_user(task_mm(task), arg, 16);
  if (failed(header)) return header;
  const view = new DataView(header.buffer, header.byteOffset), buffer = Number(view.getBigUint64(8, true)), room = view.getInt32(0, true);
  const one = new Uint8Array(IFREQ_SIZE);
  one.set(latin1('lo'));
  one.set([AF_INET, 0, 0, 0, 127, 0, 0, 1], IFNAMSIZ);
  const fits = buffer !== 0 && room >= IFREQ_SIZE, stored = fits ? copy_to_user(task_mm(task), buffer, one) : 0;
  if (failed(stored)) return stored;
  view.setInt32(0, buffer === 0 || fits ? IFREQ_SIZE : 0, true);
  return copy_to_user(task_mm(task), arg, header);
}
