// What a task that sleeps on files waits for and who can end that: a pipe's and a socket's other end, the holder of a lock, those who can cause what epoll, poll and select look for.
// Not here: other waits, and cycles (why.ts).
import { OFFSET_MAX } from '../../abi/fs';
import type { epitem, eventpoll } from '../../kernel/fs/eventpoll';
import type { file, file_lock } from '../../kernel/fs/types';
import type { pipe_inode_info } from '../../kernel/fs/pipe';
import type { KObject } from '../../kernel/kobject';
import type { pid } from '../../kernel/kernel/pid';
import type { task_struct, wait_queue_head } from '../../kernel/kernel/types';
import { TCP_LISTEN, type sock, type socket } from '../../kernel/net/types';
import { kernel } from '../../kernel/state';
import { fileText, pathText, taskText } from './summary';

interface Blame { waits: string; wakes: string[]; holders: task_struct[] }

const isType = (object: KObject | null, type: string): boolean => object?.$type === type;

/** Threads of one process are named by the first of them: they share their descriptors. */
function named(tasks: readonly task_struct[]): string {
  const firsts = tasks.filter((task, i) => tasks.findIndex(one => one.tgid === task.tgid) === i);
  return firsts.map(first => {
    const more = tasks.filter(task => task.tgid === first.tgid).length - 1;
    return more === 0 ? taskText(first) : `${taskText(first)} and ${more} other thread${more === 1 ? '' : 's'} of it`;
  }).join(', ');
}

/** Tasks that have a file open for which `matches`. */
function openIn(matches: (file: file) => boolean): task_struct[] {
  return [...kernel.tasks.values()].filter(task => task.exit_state === 0 && task.files?.fd.some(file => file !== null && matches(file)));
}

/** Those who have the other end of a pipe or of a connection open; undefined for another kind of file, and for a socket without a connection: there anybody may come. */
function otherEnd(file: file, isReading: boolean): task_struct[] | undefined {
  if (isType(file.private_data, 'pipe_inode_info')) return openIn(one => one.private_data === file.private_data && (one.f_mode & (isReading ? 2 : 1)) !== 0);
  if (!isType(file.private_data, 'socket')) return undefined;
  const { peer } = (file.private_data as socket).sk;
  return peer ? openIn(one => isType(one.private_data, 'socket') && (one.private_data as socket).sk === peer) : undefined;
}

/** A task that reads or writes `file` and sleeps. */
export function fileBlame(task: task_struct, name: string, file: file, fd: number): Blame {
  const waits = `it waits in ${name} of descriptor ${fd}, ${fileText(file)}`;
  if (isType(file.private_data, 'pipe_inode_info')) return pipeBlame(task, waits, file);
  if (isType(file.private_data, 'socket')) {
    if (name.startsWith('accept')) return { waits: `${waits}: no connection waits`, wakes: ['a connection to it'], holders: [] };
    if (name === 'connect') return connectBlame(task, waits, (file.private_data as socket).sk);
    const peers = otherEnd(file, true);
    return { waits, wakes: peers ? [`the other end, which is open in ${named(peers) || 'no task any more'}`] : ['a message sent to it'], holders: peers ?? [] };
  }
  if (isType(file.private_data, 'tty_struct') || file.f_op.name.includes('console')) return { waits, wakes: ['input at the terminal'], holders: [] };
  if (isType(file.private_data, 'eventfd_ctx')) {
    const others = openIn(one => one.private_data === file.private_data);
    const isAlone = others.length === 1 && others[0] === task;
    return { waits, wakes: [`${name.includes('read') ? 'a write to' : 'a read of'} it: it is open in ${named(others)}${isAlone ? ' alone, the very task that waits' : ''}`], holders: others };
  }
  if (isType(file.private_data, 'mqueue_inode_info')) {
    // By its name, any task may open it and send.
    const others = openIn(one => one.private_data === file.private_data && one !== file).filter(other => other !== task), isReceiving = name.includes('receive');
    return { waits: `${waits}: the queue is ${isReceiving ? 'empty' : 'full'}`, wakes: [`${isReceiving ? 'mq_send to' : 'mq_receive from'} it by ${others.length > 0 ? `another task: it is open in ${named(others)}` : 'a task that opens it: no other has it open'}`], holders: [] };
  }
  const event = EVENTS[file.private_data?.$type ?? ''];
  if (event !== undefined) return { waits, wakes: [event], holders: [] };
  return { waits, wakes: [], holders: openIn(one => one !== file && one.f_inode === file.f_inode).filter(peer => peer !== task) };
}

/** A socket that asks a listening one for a connection, of which as many wait there as it may have. */
function connectBlame(task: task_struct, waits: string, sk: sock): Blame {
  const isAsked = ({ sk: other }: socket): boolean => other.sk_state === TCP_LISTEN && (task.waiting.includes(other.sk_wr_wq) || other.inet?.syn_queue.includes(sk) === true);
  const holders = openIn(one => isType(one.private_data, 'socket') && isAsked(one.private_data as socket));
  const [listener] = holders.flatMap(one => one.files?.fd ?? []).map(one => one?.private_data).filter((one): one is socket => isType(one ?? null, 'socket') && isAsked(one as socket));
  if (!listener) return { waits, wakes: ['the answer of the other side, or its time being over'], holders: [] };
  const many = listener.sk.accept_queue.length, isAlone = holders.length === 1 && holders[0] === task;
  return {
    waits: `${waits}: ${many} connection${many === 1 ? ' waits' : 's wait'} to be accepted there already, and the listening socket holds no more`,
    wakes: [`an accept by ${named(holders)}, which ${holders.length === 1 ? 'has' : 'have'} it open${isAlone ? ': the very task that waits' : ''}`], holders,
  };
}

/** What files that no task has the other end of wait for, by their private part. */
const EVENTS: Readonly<Record<string, string>> = { timerfd_ctx: 'the expiration of its timer', signalfd_ctx: 'a signal of its set', inotify_group_private_data: 'an event of a file that it watches', eventpoll: 'an event of a descriptor that it watches' };

function pipeBlame(task: task_struct, waits: string, file: file): Blame {
  const pipe = file.private_data as pipe_inode_info;
  const isReading = task.waiting.includes(pipe.rd_wait), others = otherEnd(file, isReading) ?? [];
  const isAlone = others.length === 1 && others[0] === task;
  const end = isReading ? 'writing' : 'reading';
  const wakes = others.length === 0 ? `nobody has its ${end} end open`
    : `${isReading ? 'bytes written to' : 'room in'} the pipe${isReading ? ', or the last writing end being closed' : ''}: its ${end} end is open in ${named(others)}${isAlone ? ' alone, the very task that waits: it forgot to close its own end' : ''}`;
  return { waits: `${waits}: the pipe is ${isReading ? 'empty' : 'full'}`, wakes: [wakes], holders: others };
}

/** flock, and fcntl's record locks: the call remembers the lock that is in its way. */
export function lockBlame(task: task_struct, name: string, fd: number): Blame {
  const file = task.files?.fd[fd];
  if (!file) return { waits: `it waits in ${name}`, wakes: [], holders: [] };
  const remembered = task.call?.objects[0] ?? null;
  const locks = isType(remembered, 'file_lock') ? [remembered as file_lock] : file.f_inode.i_flctx?.list.filter(lock => lock.kind === 'flock' && lock.owner !== file) ?? [];
  const holders = [...kernel.tasks.values()].filter(one => one.exit_state === 0 && one.group_leader === one && locks.some(({ kind, owner }) => kind === 'posix' ? one.files === owner : one.files?.fd.some(held => held === owner)));
  const held = locks.map(lock => `${lock.type === 0 ? 'a shared' : 'an exclusive'} lock${lock.kind === 'flock' ? '' : ` on ${lock.start === 0n && lock.end === OFFSET_MAX ? 'all of it' : `bytes ${lock.start} to ${lock.end === OFFSET_MAX ? 'the end' : lock.end}`}`}`);
  const isOwn = holders.length === 1 && holders[0] === task.group_leader;
  return {
    waits: `it waits in ${name} of descriptor ${fd}, ${fileText(file)}: ${named(holders) || 'another open description'} holds ${held.join(' and ')}${isOwn ? ', by another descriptor of its own' : ''}`,
    wakes: ['the lock being given back, or its file being closed'], holders,
  };
}

/** epoll, poll and select: the files whose queues the task sleeps on. Where one of them is neither a pipe nor a connection, the event may come from outside. */
export function pollBlame(task: task_struct, name: string, fd: number): Blame {
  const watched = name.startsWith('epoll') ? itemsOf(task, fd) : filesOf(task);
  const processes = watched.map(([, file]) => isType(file.private_data, 'pid') ? (file.private_data as pid).task : null);
  const ends = watched.map(([, file], i) => { const awaited = processes[i]; return awaited ? [awaited] : otherEnd(file, (file.f_mode & 1) !== 0); });
  const holders = ends.every(end => end !== undefined) ? [...new Set(ends.flat())] : [];
  const known = watched.map(([at, file], i) => `${at} (${pathText(file.f_path)}${processes[i] ? `, the end of ${named(ends[i] ?? [])}` : ends[i] ? `, whose other end is open in ${named(ends[i]) || 'no task'}` : ''})`);
  const what = known.length === 0 ? name.startsWith('epoll') ? 'nothing: it watches no descriptor' : 'its descriptors' : known.length === 1 ? `an event of ${known[0]}` : `an event of one of ${known.join(', ')}`;
  return { waits: `it waits in ${name} for ${what}`, wakes: known.length === 0 ? [] : [known.length === 1 ? 'that event' : 'an event of one of them'], holders };
}

function itemsOf(task: task_struct, fd: number): [number, file][] {
  const ep = task.files?.fd[fd]?.private_data ?? null;
  return isType(ep, 'eventpoll') ? (ep as eventpoll).items.map((item: epitem) => [item.fd, item.file]) : [];
}

function filesOf(task: task_struct): [number, file][] {
  return (task.files?.fd ?? []).flatMap((file, fd): [number, file][] => file && queuesOf(file).some(queue => task.waiting.includes(queue)) ? [[fd, file]] : []);
}

/** The wait queues in the private part of a file, and of what that stands for. */
function queuesOf(file: file): wait_queue_head[] {
  const object = file.private_data, within = isType(object, 'socket') ? [object, (object as socket).sk] : [object];
  return within.flatMap(one => one ? Object.values(one) : []).filter((one): one is wait_queue_head => typeof one === 'object' && one !== null && '$type' in one && one.$type === 'wait_queue_head');
}
