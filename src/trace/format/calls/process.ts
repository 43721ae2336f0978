// Calls on processes and threads. strace: src/clone.c, wait.c, futex.c, prctl.c, seccomp.c, kill.c.
import { clockName } from '../scalars';
import { E2BIG } from '../../../abi/errno';
import * as futexes from '../../../abi/futex';
import { KCMP, KCMP_EPOLL_TFD, KCMP_FILE } from '../../../abi/kcmp';
import { widenWords } from '../../../abi/compat';
import { MEMBARRIER_CMD, MEMBARRIER_CMD_FLAG, MEMBARRIER_CMD_FLAG_CPU, MEMBARRIER_CMD_QUERY } from '../../../abi/mman';
import * as abi from '../../../abi/prctl';
import { SECCOMP_FILTER_FLAG, SECCOMP_MODE, SECCOMP_OP, SECCOMP_RET } from '../../../abi/seccomp';
import * as sched from '../../../abi/sched';
import { SIGINFO_SIZE } from '../../../abi/signal';
import { readBig, readNumber } from '../../../abi/struct';
import { findName, table, type NameTable } from '../../../abi/table';
import { RSEQ_FLAG } from '../../../abi/utsname';
import { WAIT, WAITID } from '../../../abi/wait';
import { atEntry, type CallFormat } from '../call_format';
import { iovText } from '../io';
import { ioprio, persona } from '../creds';
import { choice, flags, inStyle, isAbbreviated, isRaw, named, plainFlags, signalText } from '../flags';
import { kindText } from '../kinds';
import type { Printer } from '../printer';
import { decodeSiginfo, siginfoText } from '../signal';
import { rusageText } from '../system';
import { hexNumber } from '../text';

const intAt = (p: Printer, at: number): string => {
  const b = at === 0 || p.failed ? null : p.read(at, 4);
  return b ? `[${readNumber(b, 0, 's32')}]` : p.hexAddress(at);
};

function cloneFlags(value: number): string {
  const signal = value & sched.CSIGNAL;
  const rest = value - signal;
  if (signal === 0) return flags(sched.CLONE, rest);
  return rest === 0 ? signalText(signal) : `${flags(sched.CLONE, rest)}|${signalText(signal)}`;
}


const clone: CallFormat = {
  pending: true,
  enter: p => `child_stack=${p.address(1)}, flags=${cloneFlags(p.lo(0))}`,
  exit(p) {
    const bits = p.lo(0);
    const parts: string[] = [''];
    if (bits & (sched.CLONE_PARENT_SETTID | sched.CLONE_PIDFD)) parts.push(`parent_tid=${intAt(p, p.num(2))}`);
    if (bits & sched.CLONE_SETTLS) parts.push(`tls=${p.hex(4)}`);
    if (bits & (sched.CLONE_CHILD_SETTID | sched.CLONE_CHILD_CLEARTID)) parts.push(`child_tidptr=${p.address(3)}`);
    return parts.join(', ');
  },
};

/** The flags of clone3 are 64 bits wide: those that clone lacks come first. */
function clone3Flags(value: number): string {
  const names = inStyle('abbrev', () => {
    const own = plainFlags(sched.CLONE3, Math.floor(value / 4294967296) * 4294967296 + (value & 0x80));
    const known = plainFlags(sched.CLONE, (value % 4294967296) - (value & 0x80));
    return [known, own].filter(t => t !== '').join('|');
  });
  if (names === '' || !names.startsWith('0x')) return names === '' ? '0' : named(hexNumber(value), names);
  return isRaw() ? names : `${names} /* CLONE_??? */`;
}

/** What clone3 was given beyond the struct that is known, where it is not zero. */
function tailOf(p: Printer, size: number): string[] {
  const known = sched.clone_args.size;
  const tail = size > known && size <= 4096 ? p.read(p.num(0) + known, size - known) : null;
  if (!tail?.some(byte => byte !== 0)) return [];
  return [`/* bytes ${known}..${size - 1} */ "${Array.from(tail, byte => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`];
}


const clone3: CallFormat = {
  pending: true,
  enter(p) {
    const size = p.num(1);
    const b = size >= sched.CLONE_ARGS_SIZE_VER0 ? p.read(p.num(0), Math.min(size, sched.clone_args.size)) : null;
    if (!b) return `${p.address(0)}, ${p.unsigned(1)}`;
    const get = (name: string): number => p.field(sched.clone_args, b, name);
    const bits = get('flags');
    const low = bits % 4294967296;
    const parts = [`flags=${clone3Flags(bits)}`];
    if (low & sched.CLONE_PIDFD) parts.push(`pidfd=${p.hexAddress(get('pidfd'))}`);
    if (low & (sched.CLONE_CHILD_SETTID | sched.CLONE_CHILD_CLEARTID)) parts.push(`child_tid=${p.hexAddress(get('child_tid'))}`);
    if (low & sched.CLONE_PARENT_SETTID) parts.push(`parent_tid=${p.hexAddress(get('parent_tid'))}`);
    parts.push(`exit_signal=${get('exit_signal') === 0 ? '0' : signalText(get('exit_signal'))}`, `stack=${p.hexAddress(get('stack'))}`,
      `stack_size=${hexNumber(get('stack_size'))}`);
    if (low & sched.CLONE_SETTLS) parts.push(`tls=${hexNumber(get('tls'))}`);
    if (get('set_tid') !== 0 || get('set_tid_size') !== 0) {
      const tids = get('set_tid_size') === 0 || get('set_tid_size') > 32 ? p.hexAddress(get('set_tid')) : p.array(0, get('set_tid'), get('set_tid_size'), 4, w => String(readNumber(w, 0, 's32')));
      parts.push(`set_tid=${tids}`, `set_tid_size=${get('set_tid_size')}`);
    }
    if (bits % 0x4_0000_0000 >= 0x2_0000_0000) parts.push(`cgroup=${get('cgroup')}`);
    parts.push(...tailOf(p, size));
    p.saved.set('flags', low);
    p.saved.set('parent_tid', get('parent_tid'));
    p.saved.set('pidfd', get('pidfd'));
    return `{${parts.join(', ')}}`;
  },
  exit(p) {
    if (!p.saved.has('flags')) return '';
    const low = Number(p.saved.get('flags'));
    const parts: string[] = [];
    if (!p.failed) {
      if (low & sched.CLONE_PIDFD) parts.push(`pidfd=${intAt(p, Number(p.saved.get('pidfd')))}`);
      if (low & sched.CLONE_PARENT_SETTID) parts.push(`parent_tid=${intAt(p, Number(p.saved.get('parent_tid')))}`);
    }
    return `${parts.length > 0 ? ` => {${parts.join(', ')}}` : ''}, ${p.unsigned(1)}`;
  },
};

/** A struct sched_attr of the size that it says, or `size`. */
function schedAttr(p: Printer, i: number, size: number | null): string {
  const head = p.num(i) === 0 ? null : p.read(p.num(i), 4);
  if (!head) return p.address(i);
  const own = readNumber(head, 0, 'u32'), length = size ?? (own || 48);
  if (length < 48) return `{size=${own}}`;
  const bytes = p.read(p.num(i), Math.min(length, sched.sched_attr.size));
  if (!bytes) return `{size=${own}}`;
  const field = (name: string): number => p.field(sched.sched_attr, bytes, name);
  const parts = [`size=${own}`];
  if ((field('sched_flags') & sched.SCHED_FLAG_KEEP_POLICY) === 0) parts.push(`sched_policy=${choice(sched.SCHED, field('sched_policy'))}`);
  parts.push(`sched_flags=${flags(sched.SCHED_FLAG, field('sched_flags'))}`);
  if ((field('sched_flags') & sched.SCHED_FLAG_KEEP_PARAMS) === 0) for (const name of ['sched_nice', 'sched_priority', 'sched_runtime', 'sched_deadline', 'sched_period']) parts.push(`${name}=${field(name)}`);
  if (bytes.length >= sched.sched_attr.size) parts.push(`sched_util_min=${field('sched_util_min')}`, `sched_util_max=${field('sched_util_max')}`);
  return `{${parts.join(', ')}}`;
}

/** What the number of waitid is, and that of ioprio_get. */
const P_PID = 1, IOPRIO_WHO_PROCESS = 1;

const wait4: CallFormat = {
  enter: p => `${p.process(p.int(0))}, `,
  exit(p) {
    const usage = p.ret > 0 && p.num(3) !== 0 ? p.fetch(3, 144) : null;
    const status = p.ret > 0 ? kindText('wstatus', p, 1) : p.address(1);
    return `${status}, ${flags(WAIT, p.lo(2))}, ${usage ? rusageText(p, usage) : p.address(3)}`;
  },
};

const waitid: CallFormat = {
  enter: p => `${choice(WAITID, p.int(0))}, ${p.int(0) === P_PID ? p.process(p.int(1)) : p.int(1)}, `,
  exit(p) {
    const info = p.fetch(2, SIGINFO_SIZE);
    const usage = p.num(4) !== 0 ? p.fetch(4, p.isCompat ? 72 : 144) : null;
    return `${info ? info.subarray(0, 4).every(byte => byte === 0) ? '{}' : siginfoText(decodeSiginfo(p, info), undefined, pid => p.process(pid)) : p.address(2)}, ${flags(WAIT, p.lo(3))}, ${usage ? rusageText(p, p.isCompat ? widenWords(usage) : usage) : p.address(4)}`;
  },
};

/** NAME<<28; the comment of an unknown value stands behind the shift. */
const shifted = (names: NameTable, value: number, by: number): string => {
  const name = findName(names, value), isNamed = name !== undefined && isAbbreviated();
  return isNamed ? `${name}<<${by}` : findName(names, value) !== undefined && !isRaw() ? `${choice(names, value)}<<${by}` : `${hexNumber(value)}<<${by} /* ${names.unknown} */`;
};

function futexOp(value: number): string {
  const op = value >>> 28;
  const cmp = (value >>> 24) & 15;
  return `${op & 8 ? `${named('0x8', 'FUTEX_OP_OPARG_SHIFT')}<<28|` : ''}${shifted(futexes.FUTEX_OP, op & 7, 28)}|${hexNumber((value >>> 12) & 0xfff)}<<12|`
    + `${shifted(futexes.FUTEX_OP_CMP, cmp, 24)}|${hexNumber(value & 0xfff)}`;
}

const futex: CallFormat = {
  enter(p) {
    const op = p.int(1);
    const head = `${p.address(0)}, ${choice(futexes.FUTEX, op)}`;
    const val = String(p.lo(2));
    const val2 = String(p.lo(3));
    const val3 = String(p.lo(5));
    const bitset = p.lo(5) === futexes.FUTEX_BITSET_MATCH_ANY ? named('0xffffffff', 'FUTEX_BITSET_MATCH_ANY') : hexNumber(p.lo(5));
    const timeout = (): string => kindText('timespec', p, 3);
    switch (op & futexes.FUTEX_CMD_MASK) {
      case futexes.FUTEX_WAIT: return `${head}, ${val}, ${timeout()}`;
      case futexes.FUTEX_WAIT_BITSET: return `${head}, ${val}, ${timeout()}, ${bitset}`;
      case futexes.FUTEX_WAKE: case futexes.FUTEX_FD: return `${head}, ${val}`;
      case futexes.FUTEX_WAKE_BITSET: return `${head}, ${val}, ${bitset}`;
      case futexes.FUTEX_REQUEUE: return `${head}, ${val}, ${val2}, ${p.address(4)}`;
      case futexes.FUTEX_CMP_REQUEUE: case futexes.FUTEX_CMP_REQUEUE_PI: return `${head}, ${val}, ${val2}, ${p.address(4)}, ${val3}`;
      case futexes.FUTEX_WAKE_OP: return `${head}, ${val}, ${val2}, ${p.address(4)}, ${futexOp(p.lo(5))}`;
      case futexes.FUTEX_WAIT_REQUEUE_PI: return `${head}, ${val}, ${timeout()}, ${p.address(4)}`;
      case futexes.FUTEX_LOCK_PI: case futexes.FUTEX_LOCK_PI2: return `${head}, ${timeout()}`;
      case futexes.FUTEX_UNLOCK_PI: case futexes.FUTEX_TRYLOCK_PI: return head;
      default: return `${head}, ${val}, ${p.address(3)}, ${p.address(4)}, ${hexNumber(p.lo(5))}`;
    }
  },
};

const MCE_KILL = table('PR_MCE_KILL_???', () => ({ PR_MCE_KILL_CLEAR: 0, PR_MCE_KILL_SET: 1 }));
const MCE_KILL_POLICY = table('PR_MCE_KILL_???', () => ({ PR_MCE_KILL_LATE: 0, PR_MCE_KILL_EARLY: 1, PR_MCE_KILL_DEFAULT: 2 }));
const SYS_DISPATCH = table('PR_SYS_DISPATCH_???', () => ({ PR_SYS_DISPATCH_OFF: 0, PR_SYS_DISPATCH_ON: 1 }));
const TSC = table('PR_TSC_???', () => ({ PR_TSC_ENABLE: 1, PR_TSC_SIGSEGV: 2 }));

/** prctl by its option: how many words follow, or what they are. */
const prctl: CallFormat = {
  enter(p) {
    const option = p.int(0);
    const head = choice(abi.PR, option);
    const rest = (from: number): string => [1, 2, 3, 4].slice(from - 1).map(i => `, ${p.hex(i)}`).join('');
    switch (option) {
      case abi.PR_SET_NAME: return `${head}, ${nameAt(p)}`;
      case abi.PR_SET_PDEATHSIG: return `${head}, ${p.lo(1) > 128 || p.hi(1) ? p.unsigned(1) : p.lo(1) === 0 ? '0' : signalText(p.int(1))}`;
      case abi.PR_SET_DUMPABLE: return `${head}, ${choice(abi.SUID_DUMP, p.int(1))}`;
      case abi.PR_SET_KEEPCAPS: case abi.PR_SET_CHILD_SUBREAPER: case abi.PR_SET_TIMERSLACK: case abi.PR_SET_TIMING: return `${head}, ${p.unsigned(1)}`;
      case abi.PR_GET_DUMPABLE: case abi.PR_GET_KEEPCAPS: case abi.PR_GET_SECCOMP: case abi.PR_GET_TIMERSLACK: case abi.PR_GET_SECUREBITS: case abi.PR_GET_TIMING:
      case abi.PR_TASK_PERF_EVENTS_DISABLE: case abi.PR_TASK_PERF_EVENTS_ENABLE: return head;
      case abi.PR_GET_SPECULATION_CTRL: return `${head}, ${choice(abi.PR_SPEC_SUBJECT, p.num(1))}`;
      case abi.PR_MCE_KILL: return p.num(1) === 1 ? `${head}, ${choice(MCE_KILL, 1)}, ${choice(MCE_KILL_POLICY, p.num(2))}${rest(3)}` : `${head}, ${choice(MCE_KILL, p.num(1))}${rest(2)}`;
      case abi.PR_SET_TSC: return `${head}, ${choice(TSC, p.int(1))}`;
      case abi.PR_SET_SYSCALL_USER_DISPATCH: return `${head}, ${choice(SYS_DISPATCH, p.num(1))}, ${p.hex(2)}, ${p.hex(3)}, ${p.address(4)}`;
      case abi.PR_GET_NAME: case abi.PR_GET_PDEATHSIG: case abi.PR_GET_CHILD_SUBREAPER: case abi.PR_GET_TID_ADDRESS: case abi.PR_GET_TSC:
      case abi.PR_GET_FPEMU: case abi.PR_GET_FPEXC: case abi.PR_GET_UNALIGN: return `${head}, `;
      case abi.PR_SET_NO_NEW_PRIVS: case abi.PR_SET_THP_DISABLE: case abi.PR_SET_IO_FLUSHER: return `${head}, ${p.unsigned(1)}${rest(2)}`;
      case abi.PR_GET_NO_NEW_PRIVS: case abi.PR_GET_THP_DISABLE: case abi.PR_MCE_KILL_GET: return `${head}${rest(1)}`;
      case abi.PR_CAPBSET_READ: case abi.PR_CAPBSET_DROP: return `${head}, ${choice(abi.CAP, p.num(1))}`;
      case abi.PR_SET_SECUREBITS: return `${head}, ${flags(abi.SECBIT, p.num(1))}`;
      case abi.PR_SET_SECCOMP: {
        const mode = choice(SECCOMP_MODE, p.num(1));
        if (p.num(1) === 1) return `${head}, ${mode}`;
        return p.num(1) === 2 ? `${head}, ${mode}, ${kindText('fprog', p, 2)}` : `${head}, ${mode}${rest(2)}`;
      }
      case abi.PR_CAP_AMBIENT: return `${head}, ${choice(abi.PR_CAP_AMBIENT_OPT, p.num(1))}${[2, 3].includes(p.num(1)) || p.num(1) === 1 ? `, ${choice(abi.CAP, p.num(2))}, ${p.hex(3)}, ${p.hex(4)}` : rest(2)}`;
      case abi.PR_SET_MM: return `${head}, ${choice(abi.PR_SET_MM_OPT, p.int(1))}${rest(2)}`;
      case abi.PR_SET_VMA: return `${head}, ${p.num(1) === 0 ? named('0', 'PR_SET_VMA_ANON_NAME') : p.hex(1)}, ${p.address(2)}, ${p.unsigned(3)}, ${p.string(p.num(4))}`;
      case abi.PR_SET_PTRACER: return `${head}, ${p.signed(1) === '-1' ? 'PR_SET_PTRACER_ANY' : p.process(p.int(1))}`;
      default: return `${head}${rest(1)}`;
    }
  },
  exit(p) {
    switch (p.int(0)) {
      case abi.PR_GET_DUMPABLE: if (!p.failed) { p.aux = inStyle('abbrev', () => choice(abi.SUID_DUMP, p.ret)); } return '';
      case abi.PR_GET_SECUREBITS: if (!p.failed && p.ret !== 0) { p.aux = flags(abi.SECBIT, p.ret); p.returnForm = 'hex'; } return '';
      case abi.PR_MCE_KILL_GET: if (!p.failed) p.aux = inStyle('abbrev', () => choice(MCE_KILL_POLICY, p.ret)); return '';
      case abi.PR_GET_FPEMU: case abi.PR_GET_FPEXC: case abi.PR_GET_UNALIGN: return p.address(1);
      case abi.PR_GET_NAME: return p.failed ? p.address(1) : nameAt(p);
      case abi.PR_GET_PDEATHSIG: return signalAt(p);
      case abi.PR_GET_CHILD_SUBREAPER: return intAt(p, p.num(1));
      case abi.PR_GET_TSC: {
        const b = p.fetch(1, 4);
        return b ? `[${choice(TSC, readNumber(b, 0, 's32'))}]` : p.address(1);
      }
      case abi.PR_GET_TID_ADDRESS: {
        const b = p.fetch(1, 8);
        return b ? `[${p.hexAddress(readNumber(b, 0, 'u64'))}]` : p.address(1);
      }
      default: return '';
    }
  },
};

/** TASK_COMM_LEN without the NUL. */
const NAME_LENGTH = 15;

/** A thread name. */
function nameAt(p: Printer): string {
  const at = p.num(1);
  const b = at === 0 ? null : p.memory.read(at, 16);
  if (!b) return p.hexAddress(at);
  const end = b.indexOf(0), length = end < 0 ? NAME_LENGTH + 1 : end, limit = Math.min(NAME_LENGTH, p.options.stringLimit);
  return length <= limit ? p.quoted(b.subarray(0, end)) : `${p.quoted(b.subarray(0, limit))}...`;
}

function signalAt(p: Printer): string {
  const b = p.fetch(1, 4);
  if (!b) return p.address(1);
  const signo = readNumber(b, 0, 's32');
  return `[${signo === 0 ? '0' : signalText(signo)}]`;
}

const arch_prctl: CallFormat = {
  enter(p) {
    const head = choice(abi.ARCH, p.lo(0));
    switch (p.int(0)) {
      case abi.ARCH_SET_FS: case abi.ARCH_SET_GS: return `${head}, ${p.address(1)}`;
      case abi.ARCH_GET_FS: case abi.ARCH_GET_GS: return `${head}, `;
      case abi.ARCH_GET_CPUID: return head;
      default: return `${head}, ${p.hex(1)}`;
    }
  },
  exit(p) {
    if (p.int(0) !== abi.ARCH_GET_FS && p.int(0) !== abi.ARCH_GET_GS) return '';
    const b = p.fetch(1, 8);
    return b ? `[${p.hexAddress(readNumber(b, 0, 'u64'))}]` : p.address(1);
  },
};

const seccomp: CallFormat = {
  enter(p) {
    const op = p.lo(0);
    const head = choice(SECCOMP_OP, op);
    if (op === 1) return `${head}, ${flags(SECCOMP_FILTER_FLAG, p.lo(1))}, ${kindText('fprog', p, 2)}`;
    if (op === 2) {
      const b = p.read(p.num(2), 4);
      return `${head}, ${hexNumber(p.lo(1))}, ${b ? `[${choice(SECCOMP_RET, readNumber(b, 0, 'u32'))}]` : p.address(2)}`;
    }
    return `${head}, ${hexNumber(p.lo(1))}, ${op === 3 ? '' : p.address(2)}`;
  },
  exit(p) {
    if (p.lo(0) !== 3) return '';
    const b = p.fetch(2, 6);
    return b ? `{seccomp_notif=${readNumber(b, 0, 'u16')}, seccomp_notif_resp=${readNumber(b, 2, 'u16')}, seccomp_data=${readNumber(b, 4, 'u16')}}` : p.address(2);
  },
};

/** The ranges of the other process: addresses that mean nothing here. */
function remoteIov(p: Printer): string {
  const [type, size] = p.isCompat ? ['u32', 4] as const : ['u64', 8] as const;
  return `${p.array(3, p.num(3), p.num(4), 2 * size, b => `{iov_base=${p.hexAddress(p.pointer(readBig(b, 0, type)))}, iov_len=${readBig(b, size, type)}}`)}, ${p.unsigned(4)}, ${p.unsigned(5)}`;
}

export const process: Record<string, CallFormat> = {
  clone, clone3, wait4, waitid, futex, prctl, arch_prctl, seccomp,
  // strace does not know i386's.
  rseq: atEntry(p => p.isCompat ? p.hex(0) : p.address(0), p => p.isCompat ? p.hex(1) : hexNumber(p.lo(1)), p => p.isCompat ? p.hex(2) : p.lo(2) === 0 ? '0' : flags(RSEQ_FLAG, p.lo(2)), p => p.isCompat ? p.hex(3) : hexNumber(p.lo(3))),
  rt_sigtimedwait: {
    enter: p => `${kindText('sigset', p, 0)}, `,
    exit(p) {
      if (!p.failed) p.aux = inStyle('abbrev', () => signalText(p.ret));
      const info = kindText('siginfo', p, 1);
      p.trustMemory = true;
      const rest = `${kindText('timespec', p, 2)}, ${p.unsigned(3)}`;
      p.trustMemory = false;
      return `${info}, ${rest}`;
    },
  },
  futex_waitv: {
    enter(p) {
      const one = (b: Uint8Array): string => {
        const reserved = readNumber(b, 20, 'u32');
        return `{val=${hexNumber(readBig(b, 0, 'u64'))}, uaddr=${p.hexAddress(p.pointer(readBig(b, 8, 'u64')))}, flags=${flags(futexes.FUTEX2, readNumber(b, 16, 'u32'))}${reserved === 0 ? '' : `, __reserved=${hexNumber(reserved)}`}}`;
      };
      return `${p.array(0, p.num(0), p.lo(1), 24, one)}, ${p.lo(1)}, ${hexNumber(p.lo(2))}, ${kindText('timespec', p, 3)}, ${clockName(p.int(4))}`;
    },
  },
  kcmp: {
    enter(p) {
      const type = p.int(2), head = `${p.process(p.int(0))}, ${p.process(p.int(1))}, ${choice(KCMP, type)}`;
      if (type === KCMP_FILE) return `${head}, ${p.fd(p.int(3))}, ${p.fd(p.int(4))}`;
      if (type === KCMP_EPOLL_TFD) {
        const slot = p.read(p.num(4), 12);
        return `${head}, ${p.fd(p.int(3))}, ${slot ? `{efd=${p.fd(readNumber(slot, 0, 's32'))}, tfd=${readNumber(slot, 4, 's32')}, toff=${readNumber(slot, 8, 'u32')}}` : p.address(4)}`;
      }
      return findName(KCMP, type) === undefined ? `${head}, ${p.hex(3)}, ${p.hex(4)}` : head;
    },
  },
  process_vm_readv: { enter: p => `${p.process(p.int(0))}, `, exit: p => `${iovText(p, 1, p.num(1), p.num(2), Math.max(0, p.ret), true)}, ${p.unsigned(2)}, ${remoteIov(p)}` },
  process_vm_writev: atEntry(p => p.process(p.int(0)), p => iovText(p, 1, p.num(1), p.num(2)), p => p.unsigned(2), remoteIov),
  sched_getscheduler: { enter: p => p.process(p.int(0)), exit(p) { if (!p.failed) p.aux = findName(sched.SCHED, p.ret) ?? null; return ''; } },
  sched_setscheduler: atEntry(p => p.process(p.int(0)), p => choice(sched.SCHED, p.int(1)), p => intAt(p, p.num(2))),
  sched_setparam: atEntry(p => p.process(p.int(0)), p => intAt(p, p.num(1))),
  sched_getparam: { enter: p => `${p.process(p.int(0))}, `, exit: p => intAt(p, p.num(1)) },
  personality: {
    enter: p => p.lo(0) === 0xffffffff ? '0xffffffff' : persona(p.lo(0)),
    exit(p) { if (!p.failed) { p.aux = persona(p.ret); p.returnForm = 'hex'; } return ''; },
  },
  ioprio_set: atEntry(p => choice(sched.IOPRIO_WHO, p.int(0)), p => p.int(0) === IOPRIO_WHO_PROCESS ? p.process(p.int(1)) : String(p.int(1)), p => ioprio(p.lo(2))),
  ioprio_get: { enter: p => `${choice(sched.IOPRIO_WHO, p.int(0))}, ${p.int(0) === IOPRIO_WHO_PROCESS ? p.process(p.int(1)) : p.int(1)}`, exit(p) { if (!p.failed) p.aux = ioprio(p.ret); return ''; } },
  sched_setattr: {
    pending: true,
    enter: p => `${p.process(p.int(0))}, ${schedAttr(p, 1, null)}`,
    exit(p) {
      const size = p.ret === -E2BIG.number ? p.read(p.num(1), 4) : null;
      return `${size ? ` => {size=${readNumber(size, 0, 'u32')}}` : ''}, ${p.lo(2)}`;
    },
  },
  capget: { enter: p => `${kindText('cap_header', p, 0)}, `, exit: p => kindText('cap_data', p, 1) },
  membarrier: {
    enter: p => `${choice(MEMBARRIER_CMD, p.int(0))}, ${flags(MEMBARRIER_CMD_FLAG, p.lo(1))}${p.lo(1) & MEMBARRIER_CMD_FLAG_CPU ? `, ${p.int(2)}` : ''}`,
    exit(p) {
      if (p.failed || p.int(0) !== MEMBARRIER_CMD_QUERY) return '';
      p.returnForm = 'hex';
      if (p.ret !== 0) p.aux = plainFlags(MEMBARRIER_CMD, p.ret);
      return '';
    },
  },
  sched_getattr: { enter: p => `${p.process(p.int(0))}, `, exit: p => `${p.failed ? p.address(1) : schedAttr(p, 1, p.lo(2))}, ${p.lo(2)}, ${p.lo(3)}` },
  set_tid_address: atEntry(p => p.hex(0)),
  exit: atEntry(p => String(p.int(0))),
  exit_group: atEntry(p => String(p.int(0))),
  rt_sigreturn: {
    enter(p) {
      // The mask stands in the frame: the machine passes its address as the first argument.
      const b = p.num(0) === 0 ? null : p.read(p.num(0), 8);
      return `{mask=${b ? kindText('sigset', p, 0) : p.hexAddress(p.num(0))}}`;
    },
  },
};
