// restart_syscall: goes on with a sleep that a handled-free signal interrupted, with its first deadline. Linux: kernel/signal.c:sys_restart_syscall()
import { long } from '../../abi/arg_types';
import { EINTR } from '../../abi/errno';
import type { SyscallResult } from '../result';
import { syscall } from '../syscall';
import { restart_block, type task_struct } from './types';

/** How each kind of sleep goes on; filled by the files that sleep. */
export const restart_functions = new Map<string, (task: task_struct, block: restart_block) => SyscallResult>();

/** Notes how to go on, before ERESTART_RESTARTBLOCK is returned. */
export function set_restart_fn(task: task_struct, fn: string, deadline: number, args: number[]): void {
  task.restart_block = restart_block.make({ fn, deadline, args });
}

export const sys_restart_syscall = syscall({
  nr: 219, nr32: 0, name: 'restart_syscall', brief: 'restart a system call after interruption by a stop signal', args: {}, ret: long,
}, task => {
  const go = restart_functions.get(task.restart_block.fn);
  return go ? go(task, task.restart_block) : EINTR.because('there is no call to restart');
});
