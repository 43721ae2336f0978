// System V IPC. strace: src/ipc_defs.h, ipc_shm.c, ipc_shmctl.c, ipc_sem.c, ipc_msg.c, ipc_msgctl.c, ipc.c.
import { convertStruct, widenWords } from '../../../abi/compat';
import { IPC_DS } from '../../../abi/compat_ipc';
import { O_NONBLOCK } from '../../../abi/fcntl';
import * as abi from '../../../abi/ipc';
import { readBig, readNumber } from '../../../abi/struct';
import { table, type NameTable } from '../../../abi/table';
import { atEntry, type CallFormat } from '../call_format';
import { choice, flags, flags64, plainFlags } from '../flags';
import { openFlags } from '../scalars';
import { kindText } from '../kinds';
import type { Printer } from '../printer';
import { hexNumber, octal } from '../text';

const key = (p: Printer): string => p.lo(0) === 0 ? 'IPC_PRIVATE' : hexNumber(p.lo(0));

/** The named bits, then the mode. */
function getFlags(names: NameTable, value: number): string {
  const named = plainFlags(names, (value & ~0o777) >>> 0);
  return `${named}${named === '' ? '' : '|'}${octal(value & 0o777)}`;
}

const IPC_64 = 0x100;
const command = (names: NameTable, value: number): string => `${(value & IPC_64) !== 0 ? 'IPC_64|' : ''}${choice(names, value & ~IPC_64)}`;

function permText(b: Uint8Array, whole: boolean): string {
  const word = (i: number): number => readNumber(b, i * 4, 'u32');
  const head = `uid=${word(1)}, gid=${word(2)}, mode=${octal(word(5))}`;
  return whole ? `{${head}, key=${word(0)}, cuid=${word(3)}, cgid=${word(4)}}` : `{${head}}`;
}

/** i386's structures as x86-64's; strace takes the older ones for the newer ones. */
function dsAt(p: Printer, kind: keyof typeof IPC_DS, at: number): Uint8Array | null {
  const { wide, compat64 } = IPC_DS[kind], bytes = p.read(at, p.isCompat ? compat64.size : wide.size);
  return bytes && p.isCompat ? convertStruct(compat64, wide, bytes) : bytes;
}

const u64 = (b: Uint8Array, at: number): string => readBig(b, at, 'u64').toString();
const s32 = (b: Uint8Array, at: number): string => String(readNumber(b, at, 's32'));

interface Control { names: NameTable; kind: 'msg' | 'shm'; set: (b: Uint8Array) => string; stat: (b: Uint8Array) => string }

/** A control call: IPC_SET reads its struct, IPC_STAT writes it. */
const control = ({ names, kind, set, stat }: Control): CallFormat => ({
  enter(p) {
    const cmd = p.lo(1) & ~IPC_64;
    const head = `${p.int(0)}, ${command(names, p.lo(1))}, `;
    if (cmd === abi.IPC_STAT) return head;
    const b = cmd === abi.IPC_SET && p.num(2) !== 0 ? dsAt(p, kind, p.num(2)) : null;
    return `${head}${b ? set(b) : p.address(2)}`;
  },
  exit(p) {
    if ((p.lo(1) & ~IPC_64) !== abi.IPC_STAT) return '';
    const b = p.num(2) === 0 || p.failed ? null : dsAt(p, kind, p.num(2));
    return b ? stat(b) : p.address(2);
  },
});

const shmctl = control({
  names: abi.SHMCTL, kind: 'shm', set: b => `{shm_perm=${permText(b, false)}}`,
  stat: b => `{shm_perm=${permText(b, true)}, shm_segsz=${u64(b, 48)}, shm_cpid=${s32(b, 80)}, shm_lpid=${s32(b, 84)}, shm_nattch=${u64(b, 88)}, shm_atime=${u64(b, 56)}, shm_dtime=${u64(b, 64)}, shm_ctime=${u64(b, 72)}}`,
});
const msgctl = control({
  names: abi.MSGCTL, kind: 'msg', set: b => `{msg_perm=${permText(b, false)}, msg_qbytes=${u64(b, 88)}}`,
  stat: b => `{msg_perm=${permText(b, true)}, msg_stime=${u64(b, 48)}, msg_rtime=${u64(b, 56)}, msg_ctime=${u64(b, 64)}, msg_qnum=${u64(b, 80)}, msg_qbytes=${u64(b, 88)}, msg_lspid=${s32(b, 96)}, msg_lrpid=${s32(b, 100)}}`,
});

/** By ipc the argument stands in memory: where, and what it is. */
function semun(p: Printer): { at: number; text: string } {
  if (!p.call.args['isBehindIpc']) return { at: p.num(3), text: p.address(3) };
  const word = p.num(3) === 0 ? null : p.read(p.num(3), 4), at = word ? readNumber(word, 0, 'u32') : 0;
  return { at, text: word ? `[${at === 0 ? 'NULL' : hexNumber(at)}]` : p.address(3) };
}

const semctl: CallFormat = {
  enter(p) {
    const cmd = p.lo(2) & ~IPC_64;
    const head = `${p.int(0)}, ${p.int(1)}, ${command(abi.SEMCTL, p.lo(2))}, `;
    if (cmd === abi.IPC_STAT) return head;
    const { at, text } = semun(p), b = cmd === abi.IPC_SET && at !== 0 ? dsAt(p, 'sem', at) : null;
    return `${head}${b ? `{sem_perm=${permText(b, false)}}` : text}`;
  },
  exit(p) {
    if ((p.lo(2) & ~IPC_64) !== abi.IPC_STAT) return '';
    const { at, text } = semun(p), b = at === 0 || p.failed ? null : dsAt(p, 'sem', at);
    return b ? `{sem_perm=${permText(b, true)}, sem_otime=${u64(b, 48)}, sem_ctime=${u64(b, 64)}, sem_nsems=${u64(b, 80)}}` : text;
  },
};

const sembufs = (p: Printer): string => p.array(1, p.num(1), p.lo(2), 6, b =>
  `{sem_num=${readNumber(b, 0, 'u16')}, sem_op=${readNumber(b, 2, 's16')}, sem_flg=${flags(abi.SEMOP_FLAGS, readNumber(b, 4, 'u16'))}}`);

/** {mtype=1, mtext="text"} */
function msgbuf(p: Printer, length: number): string {
  const at = p.num(1);
  const word = p.isCompat ? 4 : 8, b = at === 0 ? null : p.read(at, word);
  return b ? `{mtype=${readBig(b, 0, p.isCompat ? 's32' : 's64')}, mtext=${p.bytes(at + word, length)}}` : p.address(1);
}

const msgFlags = (value: number): string => value === 0 ? '0' : flags(abi.MSG_RCV_FLAGS, value);

/** The one flag of a queue. */
const MQ_FLAGS = table('O_???', () => ({ O_NONBLOCK }));

function mqAttrText(p: Printer, i: number, isNew = false): string {
  const given = p.num(i) === 0 || p.failed ? null : p.read(p.num(i), p.isCompat ? 16 : 32), b = given && p.isCompat ? widenWords(given) : given;
  if (!b) return p.address(i);
  const long = (k: number): bigint => readBig(b, k * 8, 's64');
  return `{mq_flags=${isNew ? hexNumber(readBig(b, 0, 'u64')) : flags64(MQ_FLAGS, readNumber(b, 0, 'u32'), readNumber(b, 4, 'u32'))}, mq_maxmsg=${long(1)}, mq_msgsize=${long(2)}, mq_curmsgs=${long(3)}}`;
}

const O_CREAT = 0x40;

const mqueue: Record<string, CallFormat> = {
  mq_open: {
    enter(p) {
      const head = `${p.path(p.num(0))}, ${openFlags(p.lo(1))}`;
      return (p.lo(1) & O_CREAT) === 0 ? head : `${head}, ${octal(p.lo(2) & 0o177777)}, ${mqAttrText(p, 3, true)}`;
    },
    exit(p) { p.returnForm = 'fd'; return ''; },
  },
  mq_getsetattr: {
    enter: p => `${p.fd(p.int(0))}, ${mqAttrText(p, 1)}, `,
    exit: p => mqAttrText(p, 2),
  },
  mq_timedreceive: {
    enter: p => `${p.fd(p.int(0))}, `,
    exit(p) {
      const priority = p.fetch(3, 4);
      const text = p.failed ? p.address(1) : p.bytes(p.num(1), p.ret);
      const rest = priority ? `[${readNumber(priority, 0, 'u32')}]` : p.address(3);
      p.trustMemory = true;
      const timeout = kindText('timespec', p, 4);
      p.trustMemory = false;
      return `${text}, ${p.unsigned(2)}, ${rest}, ${timeout}`;
    },
  },
};

export const ipc: Record<string, CallFormat> = {
  ...mqueue,
  shmget: atEntry(key, p => p.unsigned(1), p => getFlags(abi.SHMGET_FLAGS, p.lo(2))),
  semget: atEntry(key, p => String(p.int(1)), p => getFlags(abi.IPC_FLAGS, p.lo(2))),
  msgget: atEntry(key, p => getFlags(abi.IPC_FLAGS, p.lo(1))),
  shmat: {
    enter: p => `${p.int(0)}, ${p.address(1)}, ${flags(abi.SHMAT_FLAGS, p.lo(2))}`,
    exit(p) {
      p.returnForm = 'hex';
      const word = p.call.args['isBehindIpc'] ? p.fetch(3, 4) : null;
      if (word) p.returnValue = readNumber(word, 0, 'u32');
      return '';
    },
  },
  shmctl, msgctl, semctl,
  semop: atEntry(p => String(p.int(0)), sembufs, p => String(p.lo(2))),
  semtimedop: atEntry(p => String(p.int(0)), sembufs, p => String(p.lo(2)), p => kindText('timespec', p, 3)),
  msgsnd: atEntry(p => String(p.int(0)), p => msgbuf(p, p.num(2)), p => p.unsigned(2), p => msgFlags(p.lo(3))),
  msgrcv: {
    enter: p => `${p.int(0)}, `,
    exit: p => `${p.failed ? p.address(1) : msgbuf(p, p.num(2))}, ${p.unsigned(2)}, ${p.call.args['msgtyp'] ? `${p.signed(3)}, ${msgFlags(p.lo(4))}` : msgFlags(p.lo(3))}`,
  },
};
