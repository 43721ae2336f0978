// What the file system asks of signals; filled at load by kernel/signal.ts, since that room imports this one.
import type { SignalInfo, task_struct } from '../kernel/types';

export const signal_hooks: {
  /** A signal of the kernel's own to one task (SIGPIPE, SIGXFSZ). */
  send_sig?(signo: number, task: task_struct): void;
  /** To every process of a group (SIGINT from a terminal). */
  kill_pgrp?(pgrp: number, signo: number): void;
  /** Of the kernel's own to a process (SIGHUP when its terminal goes). */
  send_sig_to_process?(signo: number, task: task_struct): void;
  /** With what it tells; false: the queue is full. */
  send_sig_info?(signo: number, info: SignalInfo, task: task_struct, isGroup: boolean): boolean;
} = {};

export const SIGHUP = 1, SIGINT = 2, SIGQUIT = 3, SIGPIPE = 13, SIGCONT = 18, SIGTTIN = 21, SIGTTOU = 22, SIGTSTP = 20, SIGXFSZ = 25, SIGWINCH = 28;

export function send_sig(signo: number, task: task_struct): void {
  signal_hooks.send_sig?.(signo, task);
}

export function send_sig_to_process(signo: number, task: task_struct): void {
  signal_hooks.send_sig_to_process?.(signo, task);
}

export function kill_pgrp(pgrp: number, signo: number): void {
  signal_hooks.kill_pgrp?.(pgrp, signo);
}

export function send_sig_info(signo: number, info: SignalInfo, task: task_struct, isGroup: boolean): boolean {
  return signal_hooks.send_sig_info?.(signo, info, task, isGroup) ?? true;
}
