// Structures as the i386 table of calls has them, and their way to and from those of x86-64 by the names of the fields. Linux: arch/x86/include/uapi/asm/stat.h, include/linux/compat.h.
import { packedStruct, packStruct, readBig, struct, type Scalar, type StructLayout } from './struct';

export const stat64 = packedStruct('struct stat64', {
  st_dev: 'u64', __pad0: ['u8', 4], __st_ino: 'u32', st_mode: 'u32', st_nlink: 'u32', st_uid: 'u32', st_gid: 'u32', st_rdev: 'u64', __pad3: ['u8', 4], st_size: 's64', st_blksize: 'u32', st_blocks: 'u64',
  st_atime: 'u32', st_atime_nsec: 'u32', st_mtime: 'u32', st_mtime_nsec: 'u32', st_ctime: 'u32', st_ctime_nsec: 'u32', st_ino: 'u64',
});
export const compat_sysinfo = struct('struct compat_sysinfo', {
  uptime: 's32', loads: ['u32', 3], totalram: 'u32', freeram: 'u32', sharedram: 'u32', bufferram: 'u32', totalswap: 'u32', freeswap: 'u32', procs: 'u16', pad: 'u16', totalhigh: 'u32', freehigh: 'u32', mem_unit: 'u32', _f: ['s8', 8],
});
export const compat_sigaction = packedStruct('struct compat_sigaction', { sa_handler: 'u32', sa_flags: 'u32', sa_restorer: 'u32', sa_mask: 'u64' });
export const compat_sigaltstack = struct('compat_stack_t', { ss_sp: 'u32', ss_flags: 's32', ss_size: 'u32' });
export const compat_msghdr = struct('struct compat_msghdr', { msg_name: 'u32', msg_namelen: 's32', msg_iov: 'u32', msg_iovlen: 'u32', msg_control: 'u32', msg_controllen: 'u32', msg_flags: 'u32' });
export const compat_cmsghdr = struct('struct compat_cmsghdr', { cmsg_len: 'u32', cmsg_level: 's32', cmsg_type: 's32' });
export const COMPAT_IOVEC_SIZE = 8;

/** The bytes of `to` with what `bytes`, of `from`, has under the same names; arrays are left zero. */
export function convertStruct(from: StructLayout, to: StructLayout, bytes: Uint8Array): Uint8Array {
  const values: Record<string, bigint> = {};
  for (const field of Object.values(to.fields)) {
    const source = from.fields[field.name];
    if (source && !source.isArray && !field.isArray) values[field.name] = readBig(bytes, source.offset, source.type as Scalar);
  }
  return packStruct(to, values);
}

/** Words of 32 bits as signed ones of 64 (struct rusage, struct tms). */
export function widenWords(bytes: Uint8Array): Uint8Array {
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), wide = new Uint8Array(bytes.length * 2), to = new DataView(wide.buffer);
  for (let i = 0; i < bytes.length; i += 4) to.setBigInt64(i * 2, BigInt(from.getInt32(i, true)), true);
  return wide;
}

export function narrowWords(bytes: Uint8Array): Uint8Array {
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), narrow = new Uint8Array(bytes.length / 2), to = new DataView(narrow.buffer);
  for (let i = 0; i < bytes.length; i += 8) to.setInt32(i / 2, from.getInt32(i, true), true);
  return narrow;
}
