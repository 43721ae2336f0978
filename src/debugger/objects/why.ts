// "Why is it hanging?": what a sleeping task waits for, what would wake it, and who holds that: the pipe's other end, the futex's owner, the child that has not exited. Names deadlock cycles.
// Not here: what files are waited for (why_file.ts), and System V's semaphores and queues (why_ipc.ts); running anything; all is read off the kernel's objects.
import { TASK_RUNNING, TASK_STOPPED, TASK_TRACED, type task_struct, type wait_queue_head } from '../../kernel/kernel/types';
import { kernel } from '../../kernel/state';
import { syscalls, syscalls32 } from '../../kernel/syscall';
import { FUTEX_TID_MASK } from '../../abi/futex';
import { peek_user } from '../../kernel/mm/uaccess';
import { sigsetText } from '../../trace/format/signal';
import { stateText, taskText, untilText } from './summary';
import { fileBlame, lockBlame, pollBlame } from './why_file';
import { messageBlame, roomBlame, semaphoreBlame } from './why_ipc';

export interface Why {
  /** One sentence: in which call, for what. */
  waits: string;
  /** What would wake it. */
  wakes: string[];
  /** Tasks that could do so. */
  holders: task_struct[];
  /** The tasks of a cycle that this one is part of, itself first; empty: none. */
  cycle: task_struct[];
  queues: wait_queue_head[];
}

/** The symbol at an address of a task, where one is known: `first_lock`, `queue+8`. */
export type Describe = (pid: number, address: bigint) => string | undefined;
const nameless: Describe = () => undefined;

type Blame = Pick<Why, 'waits' | 'wakes' | 'holders'>;

/** Undefined for a task that does not sleep. */
export function whyOf(task: task_struct, describe: Describe = nameless): Why | undefined {
  if (task.exit_state !== 0 || task.__state === TASK_RUNNING) return undefined;
  if (task.__state & (TASK_STOPPED | TASK_TRACED)) return { waits: 'it was stopped by a signal', wakes: ['SIGCONT'], holders: [], cycle: [], queues: [] };
  const blame = blameOf(task, describe);
  const wakes = [...blame.wakes];
  if (task.sleep_timer && task.sleep_timer.expires >= 0 && task.sleep_timer.expires !== Infinity) wakes.push(`its timer, which expires ${untilText(task.sleep_timer.expires)}`);
  if (task.__state & 1) wakes.push('a signal that it does not block');
  return { ...blame, wakes, cycle: cycleOf(task), queues: [...task.waiting] };
}

/** Nothing outside of the tasks that it waits for can end the wait: they sleep too, without a timer, and somebody is to blame. */
function isStuck(task: task_struct, { holders }: Blame): boolean {
  const hasTimer = task.sleep_timer !== null && task.sleep_timer.expires >= 0 && task.sleep_timer.expires !== Infinity;
  return task.exit_state === 0 && task.__state !== TASK_RUNNING && !hasTimer && holders.length > 0;
}

/** Tasks that wait for each other, from `start` back to it; none when one of all that it waits for, however far, has a way out. */
function cycleOf(start: task_struct): task_struct[] {
  const cameFrom = new Map<task_struct, task_struct | null>([[start, null]]);
  const queue = [start];
  let last: task_struct | undefined;
  for (let at = queue.shift(); at; at = queue.shift()) {
    const blame = blameOf(at);
    if (!isStuck(at, blame)) return [];
    for (const holder of blame.holders) {
      if (holder === start) last ??= at;
      if (cameFrom.has(holder)) continue;
      cameFrom.set(holder, at);
      queue.push(holder);
    }
  }
  const cycle: task_struct[] = [];
  for (let at: task_struct | null | undefined = last; at; at = cameFrom.get(at)) cycle.unshift(at);
  return cycle;
}

export function callName(task: task_struct): string | undefined {
  const { call } = task;
  return call ? (call.abi === 0 ? syscalls : syscalls32).get(call.nr)?.name ?? `system call ${call.nr}` : undefined;
}

function blameOf(task: task_struct, describe: Describe = nameless): Blame {
  const { call } = task;
  const name = callName(task);
  if (!call || name === undefined) return { waits: 'it sleeps outside of any system call', wakes: [], holders: [] };
  const low = (i: number): number => (call.args[2 * i] ?? 0) | 0;
  const address = (i: number): number => (call.args[2 * i + 1] ?? 0) * 2 ** 32 + ((call.args[2 * i] ?? 0) >>> 0);
  switch (name) {
    case 'wait4': case 'waitid': case 'waitpid': return childBlame(task, name, name === 'waitid' ? low(1) : low(0));
    case 'futex': return futexBlame(task, address(0), describe);
    case 'nanosleep': case 'clock_nanosleep': return { waits: `it sleeps in ${name}`, wakes: [], holders: [] };
    case 'pause': case 'rt_sigsuspend': case 'rt_sigtimedwait': return { waits: `it waits in ${name} for a signal`, wakes: [`a signal outside of ${sigsetText(task.blocked)}`], holders: [] };
    case 'vfork': case 'clone': case 'clone3': return { waits: `it waits in ${name} until its child runs execve or exits`, wakes: ['the child\'s execve or exit'], holders: task.children.filter(child => child.vfork_parent === task) };
    case 'epoll_wait': case 'epoll_pwait': case 'epoll_pwait2': case 'poll': case 'ppoll': case 'select': case 'pselect6': return pollBlame(task, name, low(0));
    case 'flock': case 'fcntl': return lockBlame(task, name, low(0));
    case 'semop': case 'semtimedop': return semaphoreBlame(task, name, low(0));
    case 'msgrcv': return messageBlame(name, low(0), low(3), low(4));
    case 'msgsnd': return roomBlame(task, name, low(0));
    default: {
      const file = call.files.find(one => one !== null) ?? task.files?.fd[low(0)] ?? null;
      return file ? fileBlame(task, name, file, low(0)) : { waits: `it waits in ${name}`, wakes: [], holders: [] };
    }
  }
}

function childBlame(task: task_struct, name: string, pid: number): Blame {
  const children = task.signal.thread_head.flatMap(thread => thread.children).filter(child => child.group_leader === child && (pid <= 0 || child.pid === pid));
  return { waits: `it waits in ${name} for ${pid > 0 ? `process ${pid}` : 'a child'} to end`, wakes: [`the exit of ${children.map(taskText).join(' or ') || 'a child'}`], holders: children };
}

/** glibc's mutexes hold the owner's tid behind the lock word; with priority inheritance and robust ones the word itself does. */
const OWNER_OFFSET = 8;

function futexBlame(task: task_struct, address: number, describe: Describe): Blame {
  const symbol = describe(task.pid, BigInt(address));
  const at = `0x${address.toString(16)}${symbol === undefined ? '' : ` <${symbol}>`}`;
  const word = task.mm ? peek_user(task.mm, address, 4) : null;
  const owner = task.mm ? peek_user(task.mm, address + OWNER_OFFSET, 4) : null;
  const int = (bytes: Uint8Array | null): number => bytes && bytes.length === 4 ? new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) : 0;
  const holder = [int(owner), int(word) & FUTEX_TID_MASK].map(tid => kernel.tasks.get(tid)).find(one => one !== undefined && one.mm === task.mm && one !== task);
  const joined = kernel.tasks.get(int(word));
  if (joined && joined.clear_child_tid === address) return { waits: `it waits in futex for thread ${taskText(joined)} to end (pthread_join)`, wakes: [`the exit of ${taskText(joined)}, which clears the word at ${at}`], holders: [joined] };
  if (!holder) return { waits: `it waits in futex at ${at}, which holds ${int(word)}`, wakes: ['FUTEX_WAKE there'], holders: [] };
  return { waits: `it waits in futex for the mutex at ${at}, which ${taskText(holder)} owns`, wakes: [`FUTEX_WAKE there, when ${taskText(holder)} unlocks it`], holders: [holder] };
}

/** One sentence, with the cycle where there is one. */
export function whyText(task: task_struct, describe: Describe = nameless): string | undefined {
  const why = whyOf(task, describe);
  if (!why) return undefined;
  const cycle = why.cycle.length === 0 ? '' : why.cycle.length === 1 ? '; it waits for itself: a deadlock' : `; a deadlock: ${[...why.cycle, task].map(taskText).join(' waits for ')}`;
  return `${why.waits}${why.wakes.length > 0 ? `; what wakes it: ${why.wakes.join(', or ')}` : ''}${cycle}`;
}

/** A line a task that sleeps, that of task `first` before the others: what the console says at a deadlock. A task that was asked for has a line in any case. */
export function whyLines(describe: Describe, first?: number): string[] {
  const tasks = [...kernel.tasks.values()].sort((a, b) => Number(b.pid === first) - Number(a.pid === first));
  return tasks.flatMap(task => {
    const text = whyText(task, describe) ?? (task.pid === first ? `it does not wait: ${stateText(task)}` : undefined);
    return text === undefined ? [] : [`${taskText(task)}: ${text}`];
  });
}
