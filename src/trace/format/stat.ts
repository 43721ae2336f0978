// Files as data: stat, statx, statfs, directory entries. strace: src/print_struct_stat.c, printmode.c, statx.c, print_statfs.c, dirent64.c.
import { compat_stat, compat_statfs, compat_statfs64, convertStruct, stat64 } from '../../abi/compat';
import { readNumber, struct } from '../../abi/struct';
import * as abi from '../../abi/stat';
import { statfs } from '../../abi/fs';
import { FS_MAGIC, ST_FLAGS } from '../../abi/magic';
import { findName, table } from '../../abi/table';
import { choice, flags, named } from './flags';
import type { Printer } from './printer';
import { device, id, type Format } from './scalars';
import { isoTime, zone } from './time';
import { octal } from './text';

const TYPES = table('S_IF???', () => ({ S_IFREG: 0o100000, S_IFSOCK: 0o140000, S_IFIFO: 0o10000, S_IFLNK: 0o120000, S_IFDIR: 0o40000, S_IFBLK: 0o60000, S_IFCHR: 0o20000 }));

/** S_IFREG|0644. strace: src/printmode.c (print_symbolic_mode_t). */
export function modeText(mode: number): string {
  const type = (mode & 0o170000) === 0 ? '' : findName(TYPES, mode & 0o170000);
  if (type === undefined) return octal(mode);
  return named(octal(mode), texts[mode] ??= [type, ...abi.MODE_BITS.entries.filter(([, bit]) => mode & bit).map(([name]) => name), octal(mode & 0o777)].filter(part => part !== '').join('|'));
}
/** By mode: a program's files have few. */
const texts: Record<number, string> = {};

const isDevice = (mode: number): boolean => (mode & 0o170000) === 0o20000 || (mode & 0o170000) === 0o60000;
const makedev = (value: number): string => device(value >>> 0, Math.floor(value / 2 ** 32));

function statText(p: Printer, b: Uint8Array): string {
  const mode = p.field(abi.stat, b, 'st_mode');
  const size = isDevice(mode) ? `st_rdev=${makedev(p.field(abi.stat, b, 'st_rdev'))}` : `st_size=${p.decimal(abi.stat, b, 'st_size')}`;
  if (!p.options.verbose) return `{st_mode=${modeText(mode)}, ${size}, ...}`;
  const get = (name: string): bigint => p.big(abi.stat, b, name);
  const time = (name: string): string => {
    const nsec = Number(get(`${name}_nsec`));
    const comment = isoTime(BigInt.asIntN(64, get(name)), nsec, zone(p));
    return `${name}=${BigInt.asIntN(64, get(name))}${comment === null ? '' : ` /* ${comment} */`}, ${name}_nsec=${nsec}`;
  };
  return `{st_dev=${makedev(p.field(abi.stat, b, 'st_dev'))}, st_ino=${get('st_ino')}, st_mode=${modeText(mode)}, st_nlink=${get('st_nlink')}, st_uid=${id(Number(get('st_uid')))}, `
    + `st_gid=${id(Number(get('st_gid')))}, st_blksize=${get('st_blksize')}, st_blocks=${get('st_blocks')}, ${size}, `
    + `${time('st_atime')}, ${time('st_mtime')}, ${time('st_ctime')}}`;
}

function statxText(p: Printer, b: Uint8Array): string {
  const get = (name: string): number => p.field(abi.statx, b, name);
  const mode = get('stx_mode');
  const attributes = (name: string): string => flags(abi.STATX_ATTRIBUTES, get(name));
  const head = `stx_mask=${flags(abi.STATX_MASK, get('stx_mask'))}`;
  if (!p.options.verbose) return `{${head}, stx_attributes=${attributes('stx_attributes')}, stx_mode=${modeText(mode)}, stx_size=${get('stx_size')}, ...}`;
  const time = (name: string): string => {
    const at = abi.statx.fields[name as 'stx_atime'].offset;
    const view = new DataView(b.buffer, b.byteOffset + at, 12);
    const sec = view.getBigInt64(0, true);
    const nsec = view.getUint32(8, true);
    const comment = isoTime(sec, nsec, zone(p));
    return `${name}={tv_sec=${sec}, tv_nsec=${nsec}}${comment === null ? '' : ` /* ${comment} */`}`;
  };
  return `{${head}, stx_blksize=${get('stx_blksize')}, stx_attributes=${attributes('stx_attributes')}, stx_nlink=${get('stx_nlink')}, stx_uid=${id(get('stx_uid'))}, `
    + `stx_gid=${id(get('stx_gid'))}, stx_mode=${modeText(mode)}, stx_ino=${get('stx_ino')}, stx_size=${get('stx_size')}, stx_blocks=${get('stx_blocks')}, `
    + `stx_attributes_mask=${attributes('stx_attributes_mask')}, ${time('stx_atime')}, ${get('stx_mask') & abi.STATX_BTIME ? `${time('stx_btime')}, ` : ''}${time('stx_ctime')}, ${time('stx_mtime')}, `
    + `stx_rdev_major=${get('stx_rdev_major')}, stx_rdev_minor=${get('stx_rdev_minor')}, stx_dev_major=${get('stx_dev_major')}, stx_dev_minor=${get('stx_dev_minor')}, `
    + `stx_mnt_id=${`0x${get('stx_mnt_id').toString(16)}`}}`;
}

function statfsText(p: Printer, b: Uint8Array): string {
  const get = (name: string): bigint => p.big(statfs, b, name);
  const fsid = new DataView(b.buffer, b.byteOffset + statfs.fields.f_fsid.offset, 8);
  const hex32 = (at: number): string => { const v = fsid.getUint32(at, true); return v === 0 ? '0' : `0x${v.toString(16)}`; };
  return `{f_type=${choice(FS_MAGIC, Number(get('f_type')))}, f_bsize=${get('f_bsize')}, f_blocks=${get('f_blocks')}, f_bfree=${get('f_bfree')}, f_bavail=${get('f_bavail')}, `
    + `f_files=${get('f_files')}, f_ffree=${get('f_ffree')}, f_fsid={val=[${hex32(0)}, ${hex32(4)}]}, f_namelen=${get('f_namelen')}, f_frsize=${get('f_frsize')}, `
    + `f_flags=${flags(ST_FLAGS, Number(get('f_flags')))}}`;
}

/** Entries of getdents64: counted, or in full with -v. */
const dirents: Format = (p, i) => {
  const at = p.num(i);
  if (p.failed || at === 0) return p.address(i);
  const bytes = p.read(at, p.ret);
  if (!bytes) return p.address(i);
  const shown: string[] = [];
  for (let pos = 0; pos + 19 <= bytes.length;) {
    const get = (name: string): bigint => p.big(abi.linux_dirent64, bytes, name, pos);
    const length = Number(get('d_reclen'));
    if (length < 19) break;
    const raw = bytes.subarray(pos + 19, pos + length);
    const end = raw.indexOf(0);
    const name = p.quoted(end < 0 ? raw : raw.subarray(0, end));
    shown.push(`{d_ino=${get('d_ino')}, d_off=${get('d_off')}, d_reclen=${length}, d_type=${choice(abi.DIRENT_TYPES, Number(get('d_type')))}, d_name=${name}}`);
    pos += length;
  }
  if (!p.options.verbose) return `${p.address(i)} /* ${shown.length} entries */`;
  return `[${shown.join(', ')}]`;
};

/** The same of i386's getdents, whose type is the last byte. */
const compatDirents: Format = (p, i) => {
  const bytes = p.failed || p.num(i) === 0 ? null : p.read(p.num(i), p.ret);
  if (!bytes) return p.address(i);
  const shown: string[] = [];
  for (let pos = 0; pos + 12 <= bytes.length;) {
    const length = readNumber(bytes, pos + 8, 'u16'), raw = bytes.subarray(pos + 10, pos + length - 1), end = raw.indexOf(0);
    if (length < 12) break;
    shown.push(`{d_ino=${readNumber(bytes, pos, 'u32')}, d_off=${readNumber(bytes, pos + 4, 'u32')}, d_reclen=${length}, d_name=${p.quoted(end < 0 ? raw : raw.subarray(0, end))}, d_type=${choice(abi.DIRENT_TYPES, bytes[pos + length - 1] ?? 0)}}`);
    pos += length;
  }
  return p.options.verbose ? `[${shown.join(', ')}]` : `${p.address(i)} /* ${shown.length} entries */`;
};

const old_dirent = struct('struct compat_old_linux_dirent', { d_ino: 'u32', d_off: 'u32', d_reclen: 'u16' });

export const files: Record<string, Format> = {
  stat: (p, i) => p.pointed(i, abi.stat, b => statText(p, b)),
  stat64: (p, i) => p.pointed(i, stat64, b => statText(p, convertStruct(stat64, abi.stat, b))),
  statx: (p, i) => p.pointed(i, abi.statx, b => statxText(p, b)),
  compatStat: (p, i) => p.pointed(i, compat_stat, b => statText(p, convertStruct(compat_stat, abi.stat, b))),
  statfs: (p, i) => p.pointed(i, statfs, b => statfsText(p, b)),
  compatStatfs: (p, i) => p.pointed(i, compat_statfs, b => statfsText(p, convertStruct(compat_statfs, statfs, b))),
  compatStatfs64: (p, i) => p.pointed(i, compat_statfs64, b => statfsText(p, convertStruct(compat_statfs64, statfs, b))),
  dirents, compatDirents,
  oldDirent: (p, i) => p.pointed(i, old_dirent, (b) => {
    const at = p.num(i) + 10, name = p.read(at, p.field(old_dirent, b, 'd_reclen'));
    return `{d_ino=${p.big(old_dirent, b, 'd_ino')}, d_off=${p.big(old_dirent, b, 'd_off')}, d_reclen=${p.big(old_dirent, b, 'd_reclen')}, d_name=${name ? p.quoted(name) : p.hexAddress(at)}}`;
  }),
};
