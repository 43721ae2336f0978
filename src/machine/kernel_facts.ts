// What the machine reads of the kernel's state: who runs, who waits and for what. Reads only.
import { SIG_IGN } from '../abi/signal';
import type { tty_struct } from '../kernel/drivers/tty/types';
import type { signalfd_ctx } from '../kernel/fs/signalfd';
import { SIGWINCH } from '../kernel/fs/signals';
import { sigmask } from '../kernel/kernel/signal';
import type { task_struct } from '../kernel/kernel/types';
import { kernel } from '../kernel/state';
import { syscalls, syscalls32 } from '../kernel/syscall';
import { PT_REGS_BYTES, STACK_BYTES } from './image/layout';
import type { KernelFacts } from './machine';

/** pt_regs of a task, at the top of its kernel stack. */
export function regsOf(task: task_struct): number {
  return task.thread.stackPa + STACK_BYTES - PT_REGS_BYTES;
}

/** The system call that a task is in, by its name; '' when it is in none. */
export function callNameOf(task: task_struct): string {
  const { call } = task;
  if (!call) return '';
  return (call.abi === 0 ? syscalls : syscalls32).get(call.nr)?.name ?? `system call ${call.nr}`;
}

export const kernelFacts: KernelFacts = {
  currentPid: () => kernel.current?.pid ?? 0,
  currentVdso: () => kernel.current?.mm?.vdso ?? 0,
  currentRegs: () => kernel.current ? regsOf(kernel.current) : 0,
  waitsForHost: () => (kernel.host_wait?.head.length ?? 0) > 0 || (kernel.console_wait?.head.length ?? 0) > 0,
  waitsForWindow: () => {
    const tty = kernel.subsystems.get('console_tty') as tty_struct | undefined;
    return tty !== undefined && tty.pgrp > 0 && [...kernel.tasks.values()].some(task => task.exit_state === 0 && task.signal.pgrp === tty.pgrp && noticesWindow(task));
  },
  exitStatus: () => kernel.exit_code,
  waits: () => [...kernel.tasks.values()].filter(task => task.exit_state === 0).map(waitOf),
};

/** Whether the signal of a window's new size would wake a sleeping task: it has a handler, waits for the signal, or reads signals from a descriptor. */
function noticesWindow(task: task_struct): boolean {
  const bit = sigmask(SIGWINCH);
  if ((task.blocked & bit) === 0n) return (task.sighand.action[SIGWINCH - 1]?.sa_handler ?? 0) > SIG_IGN || (task.real_blocked & bit) !== 0n;
  return task.files?.fd.some(file => file?.private_data?.$type === 'signalfd_ctx' && ((file.private_data as signalfd_ctx).sigmask & bit) !== 0n) ?? false;
}

/** The first words of the arguments tell what is waited for: a descriptor, a pid, an address. */
function waitOf(task: task_struct): string {
  const name = callNameOf(task);
  const who = `${task.comm} (${task.pid})`;
  if (!task.call || !name) return `${who} is stopped`;
  const first = (task.call.args[0] ?? 0) | 0, second = task.call.args[2] ?? 0;
  switch (name) {
    case 'read': case 'readv': case 'write': case 'writev': case 'accept': case 'accept4': case 'recvfrom': case 'recvmsg': case 'sendto': case 'sendmsg': case 'connect':
      return `${who} waits in ${name} of descriptor ${first}${peersOf(task, first)}`;
    case 'wait4': case 'waitid': return `${who} waits in ${name} for ${name === 'wait4' && first > 0 ? `process ${first}` : 'a child'}`;
    case 'futex': return `${who} waits in futex at 0x${((task.call.args[1] ?? 0) * 2 ** 32 + (task.call.args[0] ?? 0)).toString(16)} for a wake-up (operation ${second & 0x7f})`;
    case 'pause': case 'rt_sigsuspend': case 'rt_sigtimedwait': return `${who} waits in ${name} for a signal`;
    default: return `${who} waits in ${name}`;
  }
}

/** Who else has the same file open: the ones that could wake the task, if they ran. */
function peersOf(task: task_struct, fd: number): string {
  const file = task.files?.fd[fd];
  if (!file) return '';
  const peers = new Set<string>();
  for (const other of kernel.tasks.values()) {
    if (other.exit_state === 0 && other.files?.fd.some(f => f !== null && f !== file && f.f_inode === file.f_inode)) peers.add(`${other.comm} (${other.pid})`);
  }
  return peers.size > 0 ? `; the other end is open in ${[...peers].join(', ')}` : '; nobody has the other end open';
}
