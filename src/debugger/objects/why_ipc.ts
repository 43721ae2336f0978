// What a task that sleeps in a call of System V IPC waits for: the semaphore and its value, the type of message, the room in the queue.
import { MSG_EXCEPT } from '../../abi/ipc';
import type { msg_queue } from '../../kernel/ipc/msg';
import type { sem_array, sem_undo_list } from '../../kernel/ipc/sem';
import type { task_struct } from '../../kernel/kernel/types';
import { kernel } from '../../kernel/state';
import { taskText } from './summary';
import type { Why } from './why';

type Blame = Pick<Why, 'waits' | 'wakes' | 'holders'>;

/** `id`: of the set, as the call has it. Holders are who took of the semaphore with SEM_UNDO, since nobody else need give it back. */
export function semaphoreBlame(task: task_struct, name: string, id: number): Blame {
  const set = task.call?.objects[0] as sem_array | undefined, waiting = set?.pending.find(({ sleeper }) => sleeper === task), semaphore = waiting && set?.sems[waiting.sem_num];
  const wakes = 'semop or semctl on the set by another task, or its removal';
  if (!set || !waiting || !semaphore) return { waits: `it waits in ${name} for semaphores of set ${id}`, wakes: [wakes], holders: [] };
  const { sem_num, sem_op } = waiting, isFor = sem_op === 0 ? 'to become 0' : `to be ${-sem_op} or more`;
  const last = semaphore.sempid === 0 ? '' : ` and was last changed by ${kernel.tasks.has(semaphore.sempid) ? taskText(kernel.tasks.get(semaphore.sempid) as task_struct) : `process ${semaphore.sempid}, which is gone`}`;
  const holders = sem_op === 0 ? [] : [...kernel.tasks.values()].filter(one => one !== task && one.group_leader === one && took(one, set, sem_num));
  return {
    waits: `it waits in ${name} for semaphore ${sem_num} of set ${id}, which is ${semaphore.semval}${last}, ${isFor}`,
    wakes: [`${wakes}${holders.length > 0 ? `: ${holders.map(taskText).join(' and ')} took of it and gives it back at its end at the latest` : ''}`], holders,
  };
}

/** Whether the end of the task would give the semaphore something back. */
function took({ sysvsem }: task_struct, { perm }: sem_array, semaphore: number): boolean {
  const undo = (sysvsem as sem_undo_list | null)?.list_proc.find(({ semid }) => semid === perm.id);
  return (undo?.semadj[semaphore] ?? 0) > 0;
}

/** `type` and `flags`: as the call has them. */
export function messageBlame(name: string, id: number, type: number, flags: number): Blame {
  const which = type === 0 ? 'a message' : type < 0 ? `a message of a type up to ${-type}` : flags & MSG_EXCEPT ? `a message of another type than ${type}` : `a message of type ${type}`;
  return { waits: `it waits in ${name} for ${which} in queue ${id}`, wakes: ['msgsnd to it by another task, or its removal'], holders: [] };
}

export function roomBlame(task: task_struct, name: string, id: number): Blame {
  const queue = task.call?.objects[0] as msg_queue | undefined;
  return { waits: `it waits in ${name} for room in queue ${id}${queue ? `, which holds ${queue.q_cbytes} of ${queue.q_qbytes} bytes` : ''}`, wakes: ['msgrcv from it by another task, or its removal'], holders: [] };
}
