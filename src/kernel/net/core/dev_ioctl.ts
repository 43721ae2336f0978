// What ioctls of a socket tell of the loopback, the machine's one device. Linux: net/core/dev_ioctl.c, net/ipv4/devinet.c:devinet_ioctl().
import { latin1 } from '../../../base/text';
import type { int, uaddr_t } from '../../../abi/c_types';
import { EADDRNOTAVAIL, ENODEV, EPERM } from '../../../abi/errno';
import { AF_INET } from '../../../abi/socket';
import type { Result } from '../../fs/types';
import type { task_struct } from '../../kernel/types';
import { task_mm } from '../../mm/mmap';
import { copy_from_user, copy_to_user } from '../../mm/uaccess';
import { failed } from '../../result';
import { LOOPBACK_FLAGS, LOOPBACK_IFINDEX, LOOPBACK_MTU, TX_QUEUE } from '../netlink/rtnetlink';

// Linux: include/uapi/linux/sockios.h
const SIOCGIFNAME = 0x8910, SIOCGIFCONF = 0x8912, SIOCGIFFLAGS = 0x8913, SIOCGIFADDR = 0x8915, SIOCGIFDSTADDR = 0x8917, SIOCGIFBRDADDR = 0x8919, SIOCGIFNETMASK = 0x891b, SIOCGIFMETRIC = 0x891d, SIOCGIFMTU = 0x8921,
  SIOCGIFHWADDR = 0x8927, SIOCGIFINDEX = 0x8933, SIOCGIFTXQLEN = 0x8942;
const IFREQ_SIZE = 40, IFNAMSIZ = 16, ARPHRD_LOOPBACK = 772;
/** Those that change a device. */
const SETTERS = new Set([0x8914, 0x8916, 0x891c, 0x8922, 0x8923, 0x8924, 0x8943]);

/** What ioctls write behind the name, by command: a number, or an address of IPv4. */
function answer(cmd: int): { number: number } | { inet: readonly number[] } | null {
  switch (cmd) {
    case SIOCGIFFLAGS: return { number: LOOPBACK_FLAGS & 0xffff };
    case SIOCGIFINDEX: return { number: LOOPBACK_IFINDEX };
    case SIOCGIFMTU: return { number: LOOPBACK_MTU };
    case SIOCGIFTXQLEN: return { number: TX_QUEUE };
    case SIOCGIFMETRIC: return { number: 0 };
    case SIOCGIFADDR: case SIOCGIFDSTADDR: return { inet: [127, 0, 0, 1] };
    case SIOCGIFNETMASK: return { inet: [255, 0, 0, 0] };
    case SIOCGIFBRDADDR: return { inet: [0, 0, 0, 0] };
    default: return null;
  }
}

/** Null: not an ioctl about devices. */
export function dev_ioctl(task: task_struct, cmd: int, arg: uaddr_t): Result<int> | null {
  const value = answer(cmd);
  if (!value && cmd !== SIOCGIFNAME && cmd !== SIOCGIFCONF && cmd !== SIOCGIFHWADDR && !SETTERS.has(cmd)) return null;
  if (cmd === SIOCGIFCONF) return dev_ifconf(task, arg);
  const bytes = copy_from_user(task_mm(task), arg, IFREQ_SIZE);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (cmd === SIOCGIFNAME) {
    if (view.getInt32(IFNAMSIZ, true) !== LOOPBACK_IFINDEX) return ENODEV.because(`there is no device ${view.getInt32(IFNAMSIZ, true)}: the machine has 'lo' only`);
    bytes.set(latin1('lo\0'));
    return copy_to_user(task_mm(task), arg, bytes);
  }
  const name = String.fromCharCode(...bytes.subarray(0, IFNAMSIZ)).replace(/\0.*$/s, '');
  if (name !== 'lo') return ENODEV.because(`there is no device '${name}': the machine has 'lo' only`);
  if (SETTERS.has(cmd)) return EPERM.because('the device is not configured from inside');
  bytes.fill(0, IFNAMSIZ);
  if (cmd === SIOCGIFHWADDR) view.setUint16(IFNAMSIZ, ARPHRD_LOOPBACK, true);
  else if (value && 'inet' in value) {
    view.setUint16(IFNAMSIZ, AF_INET, true);
    bytes.set(value.inet, IFNAMSIZ + 4);
  } else if (value) view.setInt32(IFNAMSIZ, value.number, true);
  else return EADDRNOTAVAIL.because('the device has no such address');
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
