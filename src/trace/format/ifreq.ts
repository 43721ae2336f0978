// struct ifreq and ifconf of ioctls about network devices. strace: src/sock.c:ifreq_ioctl().
import { readNumber } from '../../abi/struct';
import { table } from '../../abi/table';
import { flags } from './flags';
import type { Printer } from './printer';
import { sockaddrText } from './socket';
import { untilNul } from './text';

const IFNAMSIZ = 16, IFREQ_SIZE = 40, SIOCGIFNAME = 0x8910, SIOCGIFCONF = 0x8912;
const IFF = table('IFF_???', () => ({
  IFF_UP: 1, IFF_BROADCAST: 2, IFF_DEBUG: 4, IFF_LOOPBACK: 8, IFF_POINTOPOINT: 0x10, IFF_NOTRAILERS: 0x20, IFF_RUNNING: 0x40, IFF_NOARP: 0x80, IFF_PROMISC: 0x100, IFF_ALLMULTI: 0x200, IFF_MASTER: 0x400, IFF_SLAVE: 0x800,
  IFF_MULTICAST: 0x1000, IFF_PORTSEL: 0x2000, IFF_AUTOMEDIA: 0x4000, IFF_DYNAMIC: 0x8000,
}));

type Field = (p: Printer, at: number, bytes: Uint8Array) => string;
const number = (name: string): Field => (_p, _at, bytes) => `${name}=${readNumber(bytes, IFNAMSIZ, 's32')}`;
const inet = (name: string): Field => (p, at) => `${name}=${sockaddrText(p, at + IFNAMSIZ, 16)}`;
const hardware: Field = (_p, _at, bytes) => `ifr_hwaddr={sa_family=ARPHRD_LOOPBACK, sa_data=${Array.from(bytes.subarray(IFNAMSIZ + 2, IFNAMSIZ + 8), byte => byte.toString(16).padStart(2, '0')).join(':')}}`;

/** What ioctls fill in behind the name. */
const GETS: ReadonlyMap<number, Field | null> = new Map<number, Field | null>([
  [0x8913, (_p, _at, bytes) => `ifr_flags=${flags(IFF, readNumber(bytes, IFNAMSIZ, 'u16'))}`], [0x8915, inet('ifr_addr')], [0x8917, inet('ifr_dstaddr')], [0x8919, inet('ifr_broadaddr')], [0x891b, inet('ifr_netmask')],
  [0x891d, number('ifr_metric')], [0x8921, number('ifr_mtu')], [0x8927, hardware], [0x8929, null], [0x8933, number('ifr_ifindex')], [0x8942, number('ifr_qlen')],
  [0x8970, (_p, _at, bytes) => `ifr_map={mem_start=${readNumber(bytes, IFNAMSIZ, 'u64')}, mem_end=${readNumber(bytes, IFNAMSIZ + 8, 'u64')}, base_addr=${readNumber(bytes, IFNAMSIZ + 16, 'u16')}, irq=${bytes[IFNAMSIZ + 18] ?? 0}, dma=${bytes[IFNAMSIZ + 19] ?? 0}, port=${bytes[IFNAMSIZ + 20] ?? 0}}`],
]);

export const isIfreq = (code: number): boolean => GETS.has(code) || code === SIOCGIFNAME || code === SIOCGIFCONF;

function nameText(p: Printer, bytes: Uint8Array): string {
  const name = untilNul(bytes.subarray(0, IFNAMSIZ));
  return name.length < IFNAMSIZ ? p.quoted(name) : `${p.quoted(name.subarray(0, IFNAMSIZ - 1))}...`;
}

/** A length in bytes, and how many structures that is. */
const lengthText = (length: number): string => length > 0 && length % IFREQ_SIZE === 0 ? `${length} /* ${length / IFREQ_SIZE} * sizeof(struct ifreq) */` : String(length);

export function ifreqEnter(p: Printer, code: number): string {
  if (code !== SIOCGIFCONF) return '';
  const bytes = p.read(p.num(2), 16);
  if (!bytes) return '';
  const length = readNumber(bytes, 0, 's32');
  p.saved.set('ifc_len', length);
  return `{ifc_len=${lengthText(length)}`;
}

export function ifreqExit(p: Printer, code: number): string {
  const at = p.num(2);
  if (code === SIOCGIFCONF) return ifconfExit(p);
  const bytes = p.read(at, IFREQ_SIZE);
  if (!bytes) return p.address(2);
  if (code === SIOCGIFNAME) return `{ifr_ifindex=${readNumber(bytes, IFNAMSIZ, 's32')}${p.failed ? '' : `, ifr_name=${nameText(p, bytes)}`}}`;
  const field = p.failed ? null : GETS.get(code) ?? null;
  return `{ifr_name=${nameText(p, bytes)}${field ? `, ${field(p, at, bytes)}` : ''}}`;
}

function ifconfExit(p: Printer): string {
  const bytes = p.read(p.num(2), 16);
  if (!bytes) return p.address(2);
  const length = readNumber(bytes, 0, 's32'), buffer = readNumber(bytes, 8, 'u64');
  const changed = p.saved.get('ifc_len') === length || p.failed ? '' : ` => ${lengthText(length)}`;
  if (buffer === 0 || p.failed) return `${changed}, ifc_buf=${p.hexAddress(buffer)}}`;
  const rows: string[] = [];
  for (let i = 0; (i + 1) * IFREQ_SIZE <= length; i++) {
    const one = p.read(buffer + i * IFREQ_SIZE, IFREQ_SIZE);
    if (one) rows.push(`{ifr_name=${nameText(p, one)}, ifr_addr=${sockaddrText(p, buffer + i * IFREQ_SIZE + IFNAMSIZ, 16)}}`);
  }
  return `${changed}, ifc_buf=[${rows.join(', ')}]}`;
}
