// System V message queues. Linux: ipc/msg.c, ipc/msgutil.c
import { choice, hex, int, long, size, special } from '../../abi/arg_types';
import { E2BIG, EAGAIN, EIDRM, EINVAL, ENOMSG, EPERM, ERESTARTNOHAND, Errno } from '../../abi/errno';
import { IPC_INFO, IPC_NOWAIT, IPC_RMID, IPC_SET, IPC_STAT, MSGCTL, MSG_COPY, MSG_EXCEPT, MSG_INFO, MSG_NOERROR, MSG_STAT, MSG_STAT_ANY } from '../../abi/ipc';
import { writeScalar } from '../../abi/struct';
import { capable } from '../fs/inode';
import { block, init_waitqueue_head, wake_up } from '../kernel/wait';
import type { task_struct, wait_queue_head } from '../kernel/types';
import { f, kobject, type Instance } from '../kobject';
import { task_mm } from '../mm/mmap';
import { copy_ds_from_user, copy_ds_to_user } from './compat';
import { copy_longs_from_user, copy_longs_to_user, long_size } from '../kernel/compat';
import { copy_from_user, copy_to_user } from '../mm/uaccess';
import { failed, type SyscallResult } from '../result';
import { syscall } from '../syscall';
import { ids_of, ipc_addid, ipc_at, ipc_find, ipc_rmid, ipcget, ipcperms, kern_ipc_perm, max_index, may_change, put_perm, seconds_now, take_perm } from './util';

const MSGMAX = 8192, MSGMNB = 16384, MSGMNI = 32000, MSGSSZ = 16;
const CAP_SYS_RESOURCE = 24;

export const msg_msg = kobject('msg_msg', { m_type: f.s64, text: f.bytes });
export interface msg_msg extends Instance<typeof msg_msg> {}
export const msg_queue = kobject('msg_queue', {
  perm: f.ref<kern_ipc_perm>('kern_ipc_perm'), q_stime: f.s64, q_rtime: f.s64, q_ctime: f.s64, q_cbytes: f.u64, q_qbytes: f.u64, q_lspid: f.pid, q_lrpid: f.pid,
  q_messages: f.list(f.ref<msg_msg>('msg_msg')), q_receivers: f.ref<wait_queue_head>('wait_queue_head'), q_senders: f.ref<wait_queue_head>('wait_queue_head'),
});
export interface msg_queue extends Instance<typeof msg_queue> {}

function newque(task: task_struct, key: number, flags: number): number {
  const made = msg_queue.make({ q_ctime: seconds_now(), q_qbytes: MSGMNB, q_receivers: init_waitqueue_head(), q_senders: init_waitqueue_head() });
  return ipc_addid(ids_of('msg'), made, task, key, flags);
}

export const sys_msgget = syscall({
  nr: 68, nr32: 399, name: 'msgget', brief: 'get a System V message queue identifier', args: { key: special('ipcKey', 'key_t'), msgflg: special('ipcFlags', 'int') }, ret: int, classes: ['ipc'],
}, (task, { key, msgflg }) => ipcget<msg_queue>(ids_of('msg'), task, key | 0, msgflg, () => newque(task, key | 0, msgflg), () => null));

/** The queue of a call: found once, so that its removal while the call slept is seen. */
function queue_of(task: task_struct, msqid: number): msg_queue | Errno {
  const known = task.call?.objects[0] as msg_queue | undefined;
  const msq = known ?? ipc_find<msg_queue>(ids_of('msg'), msqid);
  if (msq instanceof Errno) return msq;
  if (msq.perm.deleted) return EIDRM.because('the queue was removed while the call slept');
  return msq;
}

export const sys_msgsnd = syscall({
  nr: 69, nr32: 400, name: 'msgsnd', brief: 'System V message queue operations', args: { msqid: int, msgp: special('msgbuf', 'const void *'), msgsz: size, msgflg: special('msgFlags', 'int') }, ret: int, classes: ['ipc'],
}, (task, { msqid, msgp, msgsz, msgflg }): SyscallResult => {
  const mm = task_mm(task);
  const typed = copy_longs_from_user(task, msgp, 1);
  if (failed(typed)) return typed;
  const mtype = new DataView(typed.buffer, typed.byteOffset).getBigInt64(0, true);
  if (msgsz > MSGMAX || msgsz < 0 || msqid < 0) return EINVAL.because('msgsz is larger than 8192, or msqid is negative');
  if (mtype < 1n) return EINVAL.because('the type of a message must be positive');
  const text = copy_from_user(mm, msgp + long_size(task), msgsz);
  if (failed(text)) return text;
  const msq = queue_of(task, msqid);
  if (msq instanceof Errno) return msq;
  const refused = ipcperms(task, msq.perm, 0o222);
  if (refused) return refused;
  if (msq.q_cbytes + msgsz > msq.q_qbytes || msq.q_messages.length + 1 > msq.q_qbytes) {
    if ((msgflg & IPC_NOWAIT) !== 0) return EAGAIN.because(`the queue holds ${msq.q_cbytes} of ${msq.q_qbytes} bytes`);
    if (task.call) task.call.objects = [msq];
    return block(msq.q_senders, Infinity, ERESTARTNOHAND);
  }
  msq.q_messages.push(msg_msg.make({ m_type: Number(mtype), text: text.slice() }));
  msq.q_cbytes += msgsz;
  msq.q_lspid = task.tgid;
  msq.q_stime = seconds_now();
  wake_up(msq.q_receivers);
  return 0;
});

/** The message that a receiver asks for: its index; -1: none. Linux: find_msg() */
function find_msg(msq: msg_queue, type: number, flags: number): number {
  const { q_messages } = msq;
  if ((flags & MSG_COPY) !== 0) return type >= 0 && type < q_messages.length ? type : -1;
  if (type === 0) return q_messages.length > 0 ? 0 : -1;
  if (type > 0) return q_messages.findIndex(one => (one.m_type === type) === ((flags & MSG_EXCEPT) === 0));
  let best = -1;
  q_messages.forEach((one, i) => {
    if (one.m_type <= -type && (best < 0 || one.m_type < (q_messages[best]?.m_type ?? 0))) best = i;
  });
  return best;
}

export const sys_msgrcv = syscall({
  nr: 70, nr32: 401, name: 'msgrcv', brief: 'System V message queue operations', args: { msqid: int, msgp: special('msgbuf', 'void *'), msgsz: size, msgtyp: long, msgflg: special('msgFlags', 'int') }, ret: long, classes: ['ipc'],
}, (task, { msqid, msgp, msgsz, msgtyp, msgflg }): SyscallResult => {
  if (msqid < 0 || msgsz >= 2 ** 63) return EINVAL.because('msqid or msgsz is negative');
  if ((msgflg & MSG_COPY) !== 0 && ((msgflg & MSG_EXCEPT) !== 0 || (msgflg & IPC_NOWAIT) === 0)) return EINVAL.because('MSG_COPY needs IPC_NOWAIT and excludes MSG_EXCEPT');
  // The room for the copy is made from the caller's buffer.
  const template = (msgflg & MSG_COPY) !== 0 ? copy_from_user(task_mm(task), msgp, Math.min(msgsz, MSGMAX)) : null;
  if (template && failed(template)) return template;
  const msq = queue_of(task, msqid);
  if (msq instanceof Errno) return msq;
  const refused = ipcperms(task, msq.perm, 0o444);
  if (refused) return refused;
  const i = find_msg(msq, msgtyp, msgflg);
  const message = msq.q_messages[i];
  if (!message) {
    if ((msgflg & IPC_NOWAIT) !== 0) return ENOMSG.because('the queue has no message of this type');
    if (task.call) task.call.objects = [msq];
    return block(msq.q_receivers, Infinity, ERESTARTNOHAND);
  }
  if (msgsz < message.text.length && (msgflg & MSG_NOERROR) === 0) return E2BIG.because(`the message has ${message.text.length} bytes`);
  if ((msgflg & MSG_COPY) !== 0 && msgsz < message.text.length) return EINVAL.because('a copy is not cut off');
  const length = Math.min(msgsz, message.text.length);
  const bytes = message.text.subarray(0, length);
  if ((msgflg & MSG_COPY) === 0) {
    msq.q_messages.splice(i, 1);
    msq.q_cbytes -= message.text.length;
    msq.q_lrpid = task.tgid;
    msq.q_rtime = seconds_now();
    wake_up(msq.q_senders);
  }
  // The type is there whole or not at all.
  const typed = copy_longs_to_user(task, msgp, new Uint8Array(BigInt64Array.of(BigInt(message.m_type)).buffer));
  const stored = failed(typed) ? typed : copy_to_user(task_mm(task), msgp + long_size(task), bytes);
  return failed(stored) ? stored : length;
});

function msg_info(task: task_struct, cmd: number, at: number): SyscallResult {
  const ids = ids_of('msg');
  const queues = [...ids.ipcs.values()] as msg_queue[];
  const used = cmd === MSG_INFO;
  const words = [
    used ? queues.length : MSGMNI * MSGMNB / 1024, used ? queues.reduce((sum, one) => sum + one.q_messages.length, 0) : MSGMNB, MSGMAX, MSGMNB, MSGMNI, MSGSSZ,
    used ? queues.reduce((sum, one) => sum + one.q_cbytes, 0) : MSGMNB, 0xffff,
  ];
  const bytes = new Uint8Array(32);
  words.forEach((word, i) => writeScalar(bytes, i * 4, 's32', word));
  const stored = copy_to_user(task_mm(task), at, bytes);
  return failed(stored) ? stored : max_index(ids);
}

/** struct msqid64_ds, 120 bytes. */
function msqid_ds(msq: msg_queue): Uint8Array {
  const bytes = new Uint8Array(120);
  put_perm(bytes, msq.perm);
  [msq.q_stime, msq.q_rtime, msq.q_ctime, msq.q_cbytes, msq.q_messages.length, msq.q_qbytes].forEach((word, i) => writeScalar(bytes, 48 + i * 8, 'u64', word));
  writeScalar(bytes, 96, 's32', msq.q_lspid);
  writeScalar(bytes, 100, 's32', msq.q_lrpid);
  return bytes;
}

export const sys_msgctl = syscall({
  nr: 71, nr32: 402, name: 'msgctl', brief: 'System V message control operations', args: { msqid: int, cmd: choice(MSGCTL), buf: hex }, ret: int, classes: ['ipc'],
}, (task, { msqid, cmd, buf }): SyscallResult => {
  if (msqid < 0 || cmd < 0) return EINVAL.because('msqid or cmd is negative');
  if (cmd === IPC_INFO || cmd === MSG_INFO) return msg_info(task, cmd, buf);
  const byIndex = cmd === MSG_STAT || cmd === MSG_STAT_ANY;
  if (!byIndex && !([IPC_STAT, IPC_SET, IPC_RMID] as number[]).includes(cmd)) return EINVAL.because('there is no such command');
  const given = cmd === IPC_SET ? copy_ds_from_user(task, 'msg', buf) : null;
  if (given && failed(given)) return given;
  const msq = byIndex ? ipc_at<msg_queue>(ids_of('msg'), msqid) : ipc_find<msg_queue>(ids_of('msg'), msqid);
  if (msq instanceof Errno) return msq;
  if (cmd === IPC_STAT || byIndex) {
    const refused = cmd === MSG_STAT_ANY ? null : ipcperms(task, msq.perm, 0o444);
    if (refused) return refused;
    const stored = copy_ds_to_user(task, 'msg', buf, msqid_ds(msq));
    return failed(stored) || !byIndex ? stored : msq.perm.id;
  }
  const refused = may_change(task, msq.perm);
  if (refused) return refused;
  if (given) {
    const qbytes = Number(new DataView(given.buffer, given.byteOffset).getBigUint64(88, true));
    if (qbytes > MSGMNB && !capable(task, CAP_SYS_RESOURCE)) return EPERM.because('msg_qbytes is larger than 16384, and CAP_SYS_RESOURCE is missing');
    msq.q_qbytes = qbytes;
    take_perm(given, msq.perm);
    msq.q_ctime = seconds_now();
    wake_up(msq.q_senders);
  } else {
    ipc_rmid(ids_of('msg'), msq.perm);
    wake_up(msq.q_receivers);
  }
  wake_up(msq.q_senders);
  return 0;
});
