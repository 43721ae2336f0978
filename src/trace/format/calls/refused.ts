// Calls that reach for the computer, or that the kernel is built without: most are refused, and their arguments say what was asked for.
// strace: src/fanotify.c, io_uring.c, aio.c, quota.c, keyctl.c, numa.c, kexec.c, landlock.c, mount_setattr.c, fsconfig.c and their kin.
import { findErrno } from '../../../abi/errno';
import { AT_FLAGS } from '../../../abi/fcntl';
import * as ni from '../../../abi/ni';
import { readBig, readNumber } from '../../../abi/struct';
import { findName, tableLike } from '../../../abi/table';
import { IORING_SETUP } from '../../../abi/bpf';
import { bpfAttributes } from '../bpf_attr';
import { perfEventAttr } from '../perf_event';
import { atEntry, type CallFormat } from '../call_format';
import { choice, decimalChoice, flags, flags64, inStyle, named, plainFlags } from '../flags';
import { iovText } from '../io';
import { kindText } from '../kinds';
import type { Printer } from '../printer';
import { id, openFlags } from '../scalars';
import { sigsetAt } from '../signal';
import { hexNumber, unsigned as wide } from '../text';

type Part = (p: Printer) => string;
const fdAt = (i: number): Part => p => p.fd(p.int(i));
const dirfdAt = (i: number): Part => p => p.dirfd(p.int(i));
const str = (i: number): Part => p => kindText('str', p, i);
const pathAt = (i: number): Part => p => kindText('path', p, i);
const address = (i: number): Part => p => p.address(i);
const unsigned = (i: number): Part => p => p.unsigned(i);
const int = (i: number): Part => p => String(p.int(i));
const uint = (i: number): Part => p => String(p.lo(i) >>> 0);
const bits = (i: number, names: Parameters<typeof flags>[0]): Part => p => flags(names, p.lo(i) >>> 0);
const one = (i: number, names: Parameters<typeof choice>[0]): Part => p => choice(names, p.lo(i) >>> 0);
/** The bytes at an address, by `show`; the address where they cannot be read. */
const memory = (i: number, length: number, show: (b: Uint8Array, p: Printer) => string): Part => (p) => {
  const b = p.num(i) === 0 ? null : p.read(p.num(i), length);
  return b ? show(b, p) : p.address(i);
};

// --- fanotify, io_uring, aio -------------------------------------------------------------------------------------------------------------------

function fanotifyInit(p: Printer): string {
  const value = p.lo(0) >>> 0, rest = (value & ~ni.FAN_CLASS_MASK) >>> 0;
  return choice(ni.FAN_CLASS, value & ni.FAN_CLASS_MASK) + (rest === 0 ? '' : `|${flags(ni.FAN_INIT_FLAGS, rest)}`);
}

const fdArray = (i: number, count: (p: Printer) => number): Part => p => p.array(i, p.num(i), count(p), 4, b => p.fd(readNumber(b, 0, 's32')));

function ioUringArgument(p: Printer): string {
  switch (findName(ni.IORING_REGISTER_OPCODES, p.lo(1))) {
    case 'IORING_REGISTER_BUFFERS': return iovText(p, 2, p.num(2), p.lo(3));
    case 'IORING_REGISTER_FILES': case 'IORING_REGISTER_EVENTFD': case 'IORING_REGISTER_EVENTFD_ASYNC': return p.num(2) === 0 ? 'NULL' : fdArray(2, q => q.lo(3))(p);
    default: return p.address(2);
  }
}

/** struct __aio_sigset */
function sigsetArgument(b: Uint8Array, p: Printer): string {
  const at = readNumber(b, 0, 'u64'), mask = at === 0 ? null : p.read(at, 8);
  return `{sigmask=${mask ? sigsetAt(p, mask) : at === 0 ? 'NULL' : p.hexAddress(at)}, sigsetsize=${readBig(b, 8, 'u64')}}`;
}

/** struct iocb. strace: src/aio.c */
function iocbHead(b: Uint8Array, p: Printer): string {
  const reqprio = readNumber(b, 18, 's16');
  return `aio_data=${hexNumber(readBig(b, 0, 'u64'))}, aio_lio_opcode=${decimalChoice(ni.IOCB_CMD, readNumber(b, 16, 'u16'))}${reqprio === 0 ? '' : `, aio_reqprio=${reqprio}`}, aio_fildes=${p.fd(readNumber(b, 20, 's32'))}`;
}

function iocbText(b: Uint8Array, p: Printer): string {
  const opcode = findName(ni.IOCB_CMD, readNumber(b, 16, 'u16')), buf = readNumber(b, 24, 'u64'), count = readNumber(b, 32, 'u64');
  if (opcode !== 'IOCB_CMD_PREAD' && opcode !== 'IOCB_CMD_PWRITE') return `{${iocbHead(b, p)}}`;
  const data = opcode === 'IOCB_CMD_PREAD' ? hexNumber(buf) : buf === 0 ? 'NULL' : p.bytes(buf, count);
  return `{${iocbHead(b, p)}, aio_buf=${data}, aio_nbytes=${count}, aio_offset=${readBig(b, 40, 's64')}}`;
}

function iocbList(p: Printer): string {
  const count = p.int(1);
  if (count === 0) return '[]';
  if (p.num(2) === 0 || count < 0) return p.address(2);
  return p.array(2, p.num(2), count, 8, (b) => {
    const iocb = p.read(readNumber(b, 0, 'u64'), 64);
    return iocb ? iocbText(iocb, p) : hexNumber(readNumber(b, 0, 'u64'));
  });
}

// --- quotas, keys, memory policies -------------------------------------------------------------------------------------------------------------

const quotaCommand = (value: number): string => named(String(value), inStyle('abbrev', () => `QCMD(${choice(ni.QUOTA_CMD, value >>> 8)}, ${choice(ni.QUOTA_TYPES, value & 0xff)})`));

/** struct if_dqblk. */
function dqblkText(b: Uint8Array, p: Printer): string {
  const field = (name: string, at: number): string => `dqb_${name}=${readBig(b, at, 'u64')}`;
  const head = ['bhardlimit', 'bsoftlimit', 'curspace', 'ihardlimit', 'isoftlimit', 'curinodes'].map((name, i) => field(name, i * 8)).join(', ');
  return p.options.verbose ? `{${head}, ${field('btime', 48)}, ${field('itime', 56)}, dqb_valid=${flags(ni.QUOTA_FIELDS, readNumber(b, 64, 'u32'))}}` : `{${head}, ...}`;
}

function quotaArguments(p: Printer, command: number): string {
  switch (findName(ni.QUOTA_CMD, command >>> 8)) {
    case 'Q_SYNC': case 'Q_QUOTAOFF': return '';
    case 'Q_QUOTAON': return `, ${choice(ni.QUOTA_FORMATS, p.lo(2))}, ${kindText('path', p, 3)}`;
    case 'Q_SETQUOTA': return `, ${id(p.lo(2))}, ${memory(3, 72, dqblkText)(p)}`;
    case 'Q_GETFMT': return `, ${p.address(3)}`;
    default: return `, ${id(p.lo(2))}, ${p.address(3)}`;
  }
}

const key = (i: number): Part => p => decimalChoice(ni.KEY_SPEC, p.int(i), '');
const KEYCTL_ARGUMENTS: Readonly<Record<string, readonly Part[]>> = {
  KEYCTL_GET_KEYRING_ID: [key(1), int(2)], KEYCTL_JOIN_SESSION_KEYRING: [str(1)], KEYCTL_REVOKE: [key(1)], KEYCTL_CHOWN: [key(1), uint(2), uint(3)], KEYCTL_SETPERM: [key(1), bits(2, ni.KEY_PERMS)],
  KEYCTL_DESCRIBE: [key(1), address(2), unsigned(3)], KEYCTL_CLEAR: [key(1)], KEYCTL_LINK: [key(1), key(2)], KEYCTL_UNLINK: [key(1), key(2)], KEYCTL_SEARCH: [key(1), str(2), str(3), key(4)],
  KEYCTL_READ: [key(1), address(2), unsigned(3)], KEYCTL_SET_TIMEOUT: [key(1), uint(2)], KEYCTL_ASSUME_AUTHORITY: [key(1)], KEYCTL_GET_SECURITY: [key(1), address(2), unsigned(3)],
  KEYCTL_SESSION_TO_PARENT: [], KEYCTL_INVALIDATE: [key(1)], KEYCTL_NEGATE: [key(1), uint(2), key(3)],
};

function keyctl(p: Printer): string {
  const name = findName(ni.KEYCTL_OPS, p.int(0)), parts = KEYCTL_ARGUMENTS[name ?? ''] ?? [1, 2, 3, 4].map((i): Part => q => q.hex(i));
  return [choice(ni.KEYCTL_OPS, p.int(0)), ...parts.map(part => part(p))].join(', ');
}

/** MPOL_BIND|MPOL_F_STATIC_NODES; a mode without a name stands last. */
const policyMode = (i: number): Part => p => modeName(p.lo(i) >>> 0);

function modeName(value: number): string {
  const with_flags = value & 0xe000, mode = (value & ~0xe000) >>> 0, known = findName(ni.MPOL_MODES, mode);
  if (with_flags === 0) return choice(ni.MPOL_MODES, mode);
  const names = inStyle('abbrev', () => plainFlags(ni.MPOL_MODE_FLAGS, with_flags));
  return named(hexNumber(value), known === undefined ? `${names}|${hexNumber(mode)}` : `${known}|${names}`);
}

/** Words of 64 nodes each. strace: src/numa.c:print_nodemask() */
const nodemask = (i: number, bitsAt: number): Part => (p) => {
  const words = Math.ceil((p.num(bitsAt) - 1) / 64);
  if (p.num(i) === 0) return p.address(i);
  if (words <= 0) return p.num(bitsAt) === 0 ? '[]' : p.address(i);
  return p.array(i, p.num(i), words, 8, (b) => {
    const word = readBig(b, 0, 'u64');
    return word === 0n ? '0'.repeat(16) : `0x${word.toString(16).padStart(14, '0')}`;
  });
};

/** Flags of move_pages: no others are named. */
const MPOL_MOVES = tableLike(ni.MPOL_MF_FLAGS, all => all.filter(([, flag]) => flag !== ni.MPOL_MF_STRICT));

/** As many elements of so many bytes as argument 1 says. */
const list = (p: Printer, i: number, size: number, one: (b: Uint8Array) => string): string => p.num(i) === 0 ? 'NULL' : p.array(i, p.num(i), p.num(1), size, one);

/** A node, or why the page is nowhere. */
const nodeOrError = (value: number): string => value < 0 ? `-${findErrno(-value)?.name ?? String(-value)}` : String(value);

// --- mounts ------------------------------------------------------------------------------------------------------------------------------------

const MAX_HANDLE_SZ = 128;

/** The type of a handle and its bytes, as far as there can be any. */
function handleTail(p: Printer, at: number, size: number): string {
  const type = p.read(at + 4, 4), shown = Math.min(size, MAX_HANDLE_SZ), bytes = p.read(at + 8, shown);
  return `, handle_type=${type ? readNumber(type, 0, 's32') : '???'}, f_handle=${bytes ? p.quoted(bytes, bytes, 'all') : p.hexAddress(at + 8)}${size > shown ? '...' : ''}`;
}

function handleText(p: Printer): string {
  const at = p.num(1), size = at === 0 ? null : p.read(at, 4);
  return size ? `{handle_bytes=${readNumber(size, 0, 'u32')}${handleTail(p, at, readNumber(size, 0, 'u32'))}}` : p.address(1);
}

/** The room at entry, what was needed and the handle at exit. strace: src/file_handle.c */
const nameToHandle: CallFormat = {
  enter(p) {
    const size = p.num(2) === 0 ? null : p.read(p.num(2), 4);
    if (size) p.saved.set('room', readNumber(size, 0, 'u32'));
    return `${p.dirfd(p.int(0))}, ${p.path(p.num(1))}, ${size ? `{handle_bytes=${readNumber(size, 0, 'u32')}` : `${p.address(2)}, `}`;
  },
  exit(p) {
    const room = p.saved.get('room'), size = room === undefined ? null : p.read(p.num(2), 4), told = size ? readNumber(size, 0, 'u32') : room, id = p.fetch(3, 4);
    const handle = room === undefined ? '' : `${told === room ? '' : ` => ${told}`}${p.failed ? '' : handleTail(p, p.num(2), Number(told))}}, `;
    return `${handle}${id ? `[${readNumber(id, 0, 's32')}]` : p.address(3)}, ${flags(AT_FLAGS, p.lo(4))}`;
  },
};

const IORING_SETUP_ATTACH_WQ = 0x20;

/** What io_uring_setup is asked for. strace: src/io_uring.c */
function ioUringParams(b: Uint8Array, p: Printer): string {
  const word = (at: number): number => readNumber(b, at, 'u32'), reserved = [28, 32, 36].map(word);
  const parts = [`flags=${flags(IORING_SETUP, word(8))}`, `sq_thread_cpu=${hexNumber(word(12))}`, `sq_thread_idle=${word(16)}`];
  if (word(8) & IORING_SETUP_ATTACH_WQ) parts.push(`wq_fd=${p.fd(word(24) | 0)}`);
  if (reserved.some(one => one !== 0)) parts.push(`resv=[${reserved.map(one => hexNumber(one)).join(', ')}]`);
  return `{${parts.join(', ')}}`;
}

/** Bytes beyond the structure that is known, up to a page, where they are not zero. strace: src/print_fields.h (print_nonzero_bytes) */
function nonzeroTail(p: Printer, at: number, known: number, size: number): string {
  const end = Math.min(size, 4096);
  if (end <= known) return '';
  const tail = p.read(at + known, end - known);
  if (!tail) return ', ???';
  return tail.some(byte => byte !== 0) ? `, /* bytes ${known}..${end - 1} */ ${p.bytes(at + known, end - known, { hexStrings: 'all' })}` : '';
}

const mountAttr: Part = p => p.num(4) < 32 ? p.address(3) : memory(3, 32, b => {
  const attrs = (at: number): string => flags64(ni.MOUNT_ATTRS, readNumber(b, at, 'u32'), readNumber(b, at + 4, 'u32')), propagation = readNumber(b, 16, 'u64');
  return `{attr_set=${attrs(0)}, attr_clr=${attrs(8)}, propagation=${choice(ni.MOUNT_PROPAGATION, propagation)}, userns_fd=${readBig(b, 24, 'u64')}${nonzeroTail(p, p.num(3), 32, p.num(4))}}`;
})(p);

function fsconfig(p: Printer): string {
  const name = findName(ni.FSCONFIG_CMD, p.lo(1)), head = `${p.fd(p.int(0))}, ${choice(ni.FSCONFIG_CMD, p.lo(1))}`;
  switch (name) {
    case 'FSCONFIG_SET_STRING': return `${head}, ${str(2)(p)}, ${str(3)(p)}, ${p.int(4)}`;
    case 'FSCONFIG_SET_BINARY': return `${head}, ${str(2)(p)}, ${p.num(3) === 0 ? 'NULL' : p.bytes(p.num(3), p.int(4), { hexStrings: 'all' })}, ${p.int(4)}`;
    case 'FSCONFIG_SET_PATH': case 'FSCONFIG_SET_PATH_EMPTY': return `${head}, ${str(2)(p)}, ${pathAt(3)(p)}, ${p.dirfd(p.int(4))}`;
    case 'FSCONFIG_SET_FD': return `${head}, ${str(2)(p)}, ${p.address(3)}, ${p.fd(p.int(4))}`;
    case undefined: return `${head}, ${p.address(2)}, ${p.address(3)}, ${p.int(4)}`;
    default: return `${head}, ${name === 'FSCONFIG_SET_FLAG' ? str(2)(p) : p.address(2)}, ${p.address(3)}, ${p.int(4)}`;
  }
}

const kexecFlags: Part = (p) => {
  const value = p.lo(3) >>> 0, rest = plainFlags(ni.KEXEC_FLAGS, value & 0xffff);
  return choice(ni.KEXEC_ARCHS, (value & 0xffff0000) >>> 0) + (rest === '' ? '' : `|${rest}`);
};

const swapFlags: Part = (p) => {
  const value = p.lo(1) >>> 0, names = plainFlags(ni.SWAP_FLAGS, (value & ~ni.SWAP_FLAG_PRIO_MASK) >>> 0), priority = value & ni.SWAP_FLAG_PRIO_MASK;
  return names === '' ? String(priority) : `${names}|${priority}`;
};

function reboot(p: Printer): string {
  const head = `${choice(ni.REBOOT_MAGIC1, p.lo(0) >>> 0)}, ${choice(ni.REBOOT_MAGIC2, p.lo(1) >>> 0)}, ${choice(ni.REBOOT_CMDS, p.lo(2) >>> 0)}`;
  return findName(ni.REBOOT_CMDS, p.lo(2) >>> 0) === 'LINUX_REBOOT_CMD_RESTART2' ? `${head}, ${str(3)(p)}` : head;
}

const whole = (enter: Part): CallFormat => ({ enter });

export const refused: Record<string, CallFormat> = {
  fanotify_init: atEntry(fanotifyInit, p => openFlags(p.lo(1))),
  fanotify_mark: atEntry(fdAt(0), bits(1, ni.FAN_MARK_FLAGS), p => flags64(ni.FAN_EVENTS, p.lo(2) >>> 0, p.isCompat ? p.lo(3) : p.hi(2)), (p) => {
    const at = p.isCompat ? 4 : 3;
    return p.int(at) === -1 ? named('-1', 'FAN_NOFD') : p.dirfd(p.int(at));
  }, p => pathAt(p.isCompat ? 5 : 4)(p)),
  lookup_dcookie: atEntry(p => p.isCompat ? wide(p.lo(0), p.lo(1)) : p.unsigned(0), p => p.address(p.isCompat ? 2 : 1), p => p.unsigned(p.isCompat ? 3 : 2)),
  bpf: atEntry(one(0, ni.BPF_CMD), p => bpfAttributes(p, p.int(0), 1, p.lo(2)), uint(2)),
  io_uring_setup: atEntry(uint(0), memory(1, 120, ioUringParams)),
  io_uring_enter: atEntry(fdAt(0), uint(1), uint(2), bits(3, ni.IORING_ENTER_FLAGS), p => p.num(5) === 8 ? kindText('sigset', p, 4) : p.address(4), unsigned(5)),
  io_uring_register: atEntry(fdAt(0), one(1, ni.IORING_REGISTER_OPCODES), ioUringArgument, uint(3)),
  io_pgetevents: atEntry(p => hexNumber(p.num(0)), p => p.signed(1), p => p.signed(2), address(3), p => kindText('timespec', p, 4), memory(5, 16, sigsetArgument)),
  io_submit: atEntry(p => hexNumber(p.num(0)), p => p.signed(1), iocbList),
  io_cancel: atEntry(p => hexNumber(p.num(0)), memory(1, 64, (b, p) => `{${iocbHead(b, p)}}`), address(2)),
  quotactl: whole(p => `${quotaCommand(p.lo(0) >>> 0)}, ${kindText('path', p, 1)}${quotaArguments(p, p.lo(0) >>> 0)}`),
  quotactl_fd: whole(p => `${p.fd(p.int(0))}, ${quotaCommand(p.lo(1) >>> 0)}${quotaArguments(p, p.lo(1) >>> 0)}`),
  add_key: atEntry(str(0), str(1), p => p.num(2) === 0 ? 'NULL' : p.bytes(p.num(2), p.num(3)), unsigned(3), key(4)),
  request_key: atEntry(str(0), str(1), str(2), key(3)),
  keyctl: whole(keyctl),
  mbind: atEntry(address(0), unsigned(1), policyMode(2), nodemask(3, 4), unsigned(4), bits(5, ni.MPOL_MF_FLAGS)),
  set_mempolicy: atEntry(policyMode(0), nodemask(1, 2), unsigned(2)),
  kexec_load: atEntry(address(0), unsigned(1), address(2), kexecFlags),
  kexec_file_load: atEntry(fdAt(0), fdAt(1), unsigned(2), p => p.num(3) === 0 ? 'NULL' : p.bytes(p.num(3), p.num(2)), bits(4, ni.KEXEC_FILE_FLAGS)),
  landlock_create_ruleset: atEntry(p => p.num(1) < 8 ? p.address(0) : memory(0, 8, b => `{handled_access_fs=${flags64(ni.LANDLOCK_ACCESS_FS, readNumber(b, 0, 'u32'), readNumber(b, 4, 'u32'))}}`)(p), unsigned(1), bits(2, ni.LANDLOCK_RULESET_FLAGS)),
  landlock_add_rule: atEntry(fdAt(0), one(1, ni.LANDLOCK_RULE), p => p.lo(1) !== 1 ? p.address(2)
    : memory(2, 12, b => `{allowed_access=${flags64(ni.LANDLOCK_ACCESS_FS, readNumber(b, 0, 'u32'), readNumber(b, 4, 'u32'))}, parent_fd=${p.fd(readNumber(b, 8, 's32'))}}`)(p), p => p.hex(3)),
  get_mempolicy: {
    enter: () => '',
    exit(p) {
      const mode = p.num(0) === 0 || p.failed ? null : p.read(p.num(0), 4), value = mode ? readNumber(mode, 0, 'u32') : 0;
      const modeText = mode ? `[${choice(ni.MPOL_MODES, value)}]` : p.address(0);
      return `${modeText}, ${p.failed && p.num(2) !== 0 ? p.address(1) : nodemask(1, 2)(p)}, ${p.unsigned(2)}, ${p.address(3)}, ${bits(4, ni.MPOL_F_FLAGS)(p)}`;
    },
  },
  migrate_pages: atEntry(int(0), unsigned(1), nodemask(2, 1), nodemask(3, 1)),
  move_pages: {
    enter: p => `${p.int(0)}, ${p.unsigned(1)}, ${list(p, 2, 8, b => p.hexAddress(readNumber(b, 0, 'u64')))}, ${list(p, 3, 4, b => String(readNumber(b, 0, 's32')))}, `,
    exit: p => `${p.failed ? p.address(4) : list(p, 4, 4, b => nodeOrError(readNumber(b, 0, 's32')))}, ${bits(5, MPOL_MOVES)(p)}`,
  },
  perf_event_open: atEntry(p => perfEventAttr(p, 0), int(1), int(2), fdAt(3), p => flags64(ni.PERF_FLAGS, p.lo(4) >>> 0, p.hi(4))),
  userfaultfd: atEntry(bits(0, ni.UFFD_FLAGS)),
  mount_setattr: atEntry(dirfdAt(0), pathAt(1), bits(2, AT_FLAGS), mountAttr, unsigned(4)),
  fsconfig: whole(fsconfig),
  fsmount: atEntry(fdAt(0), bits(1, ni.FSMOUNT_FLAGS), bits(2, ni.MOUNT_ATTRS)),
  fspick: atEntry(dirfdAt(0), pathAt(1), bits(2, ni.FSPICK_FLAGS)),
  open_by_handle_at: { enter: p => `${p.fd(p.int(0))}, ${handleText(p)}, ${openFlags(p.lo(2))}`, exit(p) { p.returnForm = 'fd'; return ''; } },
  name_to_handle_at: nameToHandle,
  finit_module: atEntry(fdAt(0), str(1), bits(2, ni.MODULE_INIT_FLAGS)),
  delete_module: atEntry(str(0), bits(1, ni.DELETE_MODULE_FLAGS)),
  syslog: atEntry(p => decimalChoice(ni.SYSLOG_ACTIONS, p.int(0)), address(1), int(2)),
  reboot: whole(reboot),
  swapon: atEntry(pathAt(0), swapFlags),
};
