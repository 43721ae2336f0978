// Structures as the i386 table of calls has them, and their way to and from those of x86-64 by the names of the fields. Linux: arch/x86/include/uapi/asm/stat.h, include/linux/compat.h.
import { isStruct, packedStruct, packStruct, readBig, struct, writeScalar, type Scalar, type StructLayout } from './struct';
import { timex } from './time';

export const stat64 = packedStruct('struct stat64', {
  st_dev: 'u64', __pad0: ['u8', 4], __st_ino: 'u32', st_mode: 'u32', st_nlink: 'u32', st_uid: 'u32', st_gid: 'u32', st_rdev: 'u64', __pad3: ['u8', 4], st_size: 's64', st_blksize: 'u32', st_blocks: 'u64',
  st_atime: 'u32', st_atime_nsec: 'u32', st_mtime: 'u32', st_mtime_nsec: 'u32', st_ctime: 'u32', st_ctime_nsec: 'u32', st_ino: 'u64',
});
export const compat_stat = struct('struct compat_stat', {
  st_dev: 'u32', st_ino: 'u32', st_mode: 'u16', st_nlink: 'u16', st_uid: 'u16', st_gid: 'u16', st_rdev: 'u32', st_size: 'u32', st_blksize: 'u32', st_blocks: 'u32',
  st_atime: 'u32', st_atime_nsec: 'u32', st_mtime: 'u32', st_mtime_nsec: 'u32', st_ctime: 'u32', st_ctime_nsec: 'u32', __unused4: 'u32', __unused5: 'u32',
});
export const old_kernel_stat = struct('struct __old_kernel_stat', {
  st_dev: 'u16', st_ino: 'u16', st_mode: 'u16', st_nlink: 'u16', st_uid: 'u16', st_gid: 'u16', st_rdev: 'u16', st_size: 'u32', st_atime: 'u32', st_mtime: 'u32', st_ctime: 'u32',
});
export const compat_statfs = struct('struct compat_statfs', {
  f_type: 's32', f_bsize: 's32', f_blocks: 's32', f_bfree: 's32', f_bavail: 's32', f_files: 's32', f_ffree: 's32', f_fsid: ['s32', 2], f_namelen: 's32', f_frsize: 's32', f_flags: 's32', f_spare: ['s32', 4],
});
export const compat_statfs64 = packedStruct('struct compat_statfs64', {
  f_type: 'u32', f_bsize: 'u32', f_blocks: 'u64', f_bfree: 'u64', f_bavail: 'u64', f_files: 'u64', f_ffree: 'u64', f_fsid: ['s32', 2], f_namelen: 'u32', f_frsize: 'u32', f_flags: 'u32', f_spare: ['u32', 4],
});
export const old_timex32 = struct('struct old_timex32', {
  modes: 'u32', offset: 's32', freq: 's32', maxerror: 's32', esterror: 's32', status: 's32', constant: 's32', precision: 's32', tolerance: 's32', time_sec: 's32', time_usec: 's32', tick: 's32', ppsfreq: 's32',
  jitter: 's32', shift: 's32', stabil: 's32', jitcnt: 's32', calcnt: 's32', errcnt: 's32', stbcnt: 's32', tai: 's32', reserved: ['s32', 11],
});
export const compat_sysinfo = struct('struct compat_sysinfo', {
  uptime: 's32', loads: ['u32', 3], totalram: 'u32', freeram: 'u32', sharedram: 'u32', bufferram: 'u32', totalswap: 'u32', freeswap: 'u32', procs: 'u16', pad: 'u16', totalhigh: 'u32', freehigh: 'u32', mem_unit: 'u32', _f: ['s8', 8],
});
export const compat_sigaction = packedStruct('struct compat_sigaction', { sa_handler: 'u32', sa_flags: 'u32', sa_restorer: 'u32', sa_mask: 'u64' });
export const old_sigaction = struct('struct compat_old_sigaction', { sa_handler: 'u32', sa_mask: 'u32', sa_flags: 'u32', sa_restorer: 'u32' });
export const compat_sigevent = struct('struct compat_sigevent', { sigev_value: 'u32', sigev_signo: 's32', sigev_notify: 's32', sigev_notify_thread_id: 's32', _pad: ['s32', 12] });
export const compat_mq_attr = struct('struct compat_mq_attr', { mq_flags: 's32', mq_maxmsg: 's32', mq_msgsize: 's32', mq_curmsgs: 's32', __reserved: ['s32', 4] });
export const compat_rlimit = struct('struct compat_rlimit', { rlim_cur: 'u32', rlim_max: 'u32' });
export const compat_flock = struct('struct compat_flock', { l_type: 's16', l_whence: 's16', l_start: 's32', l_len: 's32', l_pid: 's32' });
export const compat_flock64 = packedStruct('struct compat_flock64', { l_type: 's16', l_whence: 's16', l_start: 's64', l_len: 's64', l_pid: 's32' });
export const compat_sock_fprog = struct('struct compat_sock_fprog', { len: 'u16', filter: 'u32' });
export const compat_robust_list_head = struct('struct compat_robust_list_head', { list: 'u32', futex_offset: 's32', list_op_pending: 'u32' });
export const compat_sigaltstack = struct('compat_stack_t', { ss_sp: 'u32', ss_flags: 's32', ss_size: 'u32' });
export const compat_msghdr = struct('struct compat_msghdr', { msg_name: 'u32', msg_namelen: 's32', msg_iov: 'u32', msg_iovlen: 'u32', msg_control: 'u32', msg_controllen: 'u32', msg_flags: 'u32' });
export const compat_cmsghdr = struct('struct compat_cmsghdr', { cmsg_len: 'u32', cmsg_level: 's32', cmsg_type: 's32' });
export const COMPAT_IOVEC_SIZE = 8;

/** The bytes of `to` with what `bytes`, of `from`, has under the same names; arrays are left zero. */
export function convertStruct(from: StructLayout, to: StructLayout, bytes: Uint8Array): Uint8Array {
  const values: Record<string, bigint> = {};
  for (const field of Object.values(to.fields)) {
    const source = from.fields[field.name];
    if (source && !source.isArray && !field.isArray && !isStruct(source.type)) values[field.name] = readBig(bytes, source.offset, source.type as Scalar);
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

/** struct timex with words of 64 bits and with such of 32; the time inside has fields of its own. */
export function timex_from_old(bytes: Uint8Array): Uint8Array {
  const whole = convertStruct(old_timex32, timex, bytes), { offset } = timex.fields.time;
  writeScalar(whole, offset, 's64', Number(readBig(bytes, old_timex32.fields.time_sec.offset, 's32')));
  writeScalar(whole, offset + 8, 's64', Number(readBig(bytes, old_timex32.fields.time_usec.offset, 's32')));
  return whole;
}

export function timex_to_old(bytes: Uint8Array): Uint8Array {
  const old = convertStruct(timex, old_timex32, bytes), { offset } = timex.fields.time;
  writeScalar(old, old_timex32.fields.time_sec.offset, 's32', Number(readBig(bytes, offset, 's64')));
  writeScalar(old, old_timex32.fields.time_usec.offset, 's32', Number(readBig(bytes, offset + 8, 's64')));
  return old;
}

const SI_SIGIO = -5, SIGCHLD = 17, SIGSYS = 31, SI_KERNEL = 0x80;
const FAULTS = new Set([4, 5, 7, 8, 11]);

/** Where siginfo_t has its fields: [x86-64, its bytes, i386]; i386 has no padding before the union, and addresses and longs of 32 bits. */
function siginfoFields(signo: number, code: number): readonly (readonly [wide: number, bytes: number, compat: number])[] {
  const isOfSignal = code > 0 && code < SI_KERNEL;
  if (isOfSignal && FAULTS.has(signo)) return [[16, 8, 12], [24, 2, 16]];
  if (isOfSignal && signo === SIGCHLD) return [[16, 4, 12], [20, 4, 16], [24, 4, 20], [32, 8, 24], [40, 8, 28]];
  if (isOfSignal && signo === SIGSYS) return [[16, 8, 12], [24, 4, 16], [28, 4, 20]];
  if (code === SI_SIGIO) return [[16, 8, 12], [24, 4, 16]];
  return [[16, 4, 12], [20, 4, 16], [24, 8, 20]];
}

function moveSiginfo(bytes: Uint8Array, isToCompat: boolean): Uint8Array {
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), out = new Uint8Array(128), to = new DataView(out.buffer);
  out.set(bytes.subarray(0, 12));
  for (const [wide, size, compat] of siginfoFields(from.getInt32(0, true), from.getInt32(8, true))) {
    if (isToCompat) to.setUint32(compat, size === 2 ? from.getUint16(wide, true) : from.getUint32(wide, true), true);
    else if (size === 8) to.setBigInt64(wide, BigInt(from.getInt32(compat, true)), true);
    else to.setUint32(wide, from.getUint32(compat, true), true);
  }
  return out;
}

/** siginfo_t of x86-64 as i386's, and back. Linux: kernel/signal.c:copy_siginfo_to_external32(), post_copy_siginfo_from_user32() */
export const siginfoToCompat = (bytes: Uint8Array): Uint8Array => moveSiginfo(bytes, true);
export const siginfoFromCompat = (bytes: Uint8Array): Uint8Array => moveSiginfo(bytes, false);
