// The ways into the kernel from the entry code's hypercalls, and the way back. Linux: arch/x86/entry/common.c, kernel/entry/common.c
import type { ktime_t, phys_addr_t, u32 } from '../../../abi/c_types';
import { EINTR, ERESTARTNOHAND, ERESTARTNOINTR, ERESTARTSYS, ERESTART_RESTARTBLOCK } from '../../../abi/errno';
import { assert } from '../../../base/assert';
import { release_call_files } from '../../fs/file';
import { console_input, console_resize } from '../../fs/console';
import { do_group_exit, is_session_over } from '../../kernel/exit';
import { account_system_time, account_user_time } from '../../kernel/rusage';
import { secure_computing } from '../../kernel/seccomp';
import { schedule } from '../../kernel/sched_core';
import { SIGKILL, SIGSYS, core_flag, get_signal, tell_ignored_signals, recalc_sigpending, sigmask } from '../../kernel/signal';
import { is_user_dispatched } from '../../kernel/syscall_user_dispatch';
import { hrtimer_run_queues, program_timer } from '../../kernel/time/hrtimer';
import { run_posix_cpu_timers } from '../../kernel/time/posix_cpu_timers';
import { next_tick, tick_do_update_jiffies64 } from '../../kernel/time/timekeeping';
import { TASK_INTERRUPTIBLE, TASK_RUNNING, TASK_UNINTERRUPTIBLE, kernel_siginfo, type task_struct } from '../../kernel/types';
import { finish_wait, wake_up } from '../../kernel/wait';
import { isBlock, type SyscallResult } from '../../result';
import { charge, current, kernel, ports } from '../../state';
import { begin_call, invoke_syscall } from '../../syscall';
import '../../syscall_table';
import { do_trap } from './fault';
import { ORIG_RAX, R10, RAX, RBP, RBX, RCX, RDI, RDX, RSI, set_reg, set_reg_big, task_pt_regs } from './pt_regs';
import type { PhysicalPages } from './ports';
import { handle_restart, handle_signal } from './signal';
import { update_vsyscall } from './vdso';

/** What the machine does next: run ring 3 of the current task, wait for time or input, or end. */
export type Resume = 'run' | 'idle' | 'halted';

/** Linux: arch/x86/entry/common.c:do_syscall_64() */
export function do_syscall_64(regsPa: phys_addr_t): Resume {
  return enter_syscall(regsPa, 0);
}

/** int 0x80: the i386 table, for calls made from 64-bit code. */
export function do_int80_syscall_32(regsPa: phys_addr_t): Resume {
  return enter_syscall(regsPa, 1);
}

/**
 * The six arguments, as [lo, hi]: RDI RSI RDX R10 R8 R9. They come a million times a second: one by one, and by their distance from R10 in words, so that nothing
 * is computed but that.
 */
function copy_arguments(args: u32[], phys: PhysicalPages, regsPa: phys_addr_t): void {
  const r10: u32 = (regsPa + R10) >>> 2;
  args[0] = phys.words[r10 + 14] as number;
  args[1] = phys.words[r10 + 15] as number;
  args[2] = phys.words[r10 + 12] as number;
  args[3] = phys.words[r10 + 13] as number;
  args[4] = phys.words[r10 + 10] as number;
  args[5] = phys.words[r10 + 11] as number;
  args[6] = phys.words[r10] as number;
  args[7] = phys.words[r10 + 1] as number;
  args[8] = phys.words[r10 + 4] as number;
  args[9] = phys.words[r10 + 5] as number;
  args[10] = phys.words[r10 + 2] as number;
  args[11] = phys.words[r10 + 3] as number;
}

/** The registers of int 0x80, of which the lower halves count; a tracer sees the whole ones. */
function copy_arguments_32(args: u32[], phys: PhysicalPages, regsPa: phys_addr_t): void {
  for (const [i, reg] of [RBX, RCX, RDX, RSI, RDI, RBP].entries()) {
    args[2 * i] = phys.read32(regsPa + reg);
    args[2 * i + 1] = phys.read32(regsPa + reg + 4);
  }
}

/** The entry code has put -ENOSYS into pt_regs->ax. */
function enter_syscall(regsPa: phys_addr_t, abi: 0 | 1): Resume {
  const task = current(), { phys, clock, events } = ports();
  assert(regsPa === task_pt_regs(task), 'pt_regs are not at the top of the current stack');
  account_user_time(task, clock.now());
  if (task.syscall_dispatch !== null && is_user_dispatched(task, abi)) return exit_to_user_mode();
  const call = begin_call(task, (phys.words[(regsPa + ORIG_RAX) >>> 2] as number) | 0, abi), { args } = call;
  if (abi === 0) copy_arguments(args, phys, regsPa);
  else copy_arguments_32(args, phys, regsPa);
  events.syscallEnter(task.pid, call.nr, abi === 0 ? 'x86-64' : 'i386', args);
  call.entry_ns = clock.spend(abi === 0 ? clock.prices.syscall_entry : clock.prices.int80_entry);
  run_call(task);
  return exit_to_user_mode();
}

const restartErrnos = new Map([EINTR, ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK].map(one => [one.name, one]));

const is_killed = (task: task_struct): boolean => task.sigpending && (task.pending.signal & sigmask(SIGKILL)) !== 0n;

/** Runs the current task's call from its top until it is over or sleeps. What is rare stands in functions of its own, here and below: the engine puts those in place that are short. */
function run_call(task: task_struct): void {
  for (;;) {
    const result = task.seccomp_mode === 0 ? invoke_syscall(task) : judged_call(task);
    if (result === null) return;
    if (!isBlock(result)) return finish_call(task, result);
    if (!begins_again(task)) return;
  }
}

/** The call, if secure computing lets it pass. Null: it is over, and so is its task. */
function judged_call(task: task_struct): SyscallResult | null {
  const verdict = secure_computing(task);
  if (verdict === 'over') return null;
  if (verdict === 'kill') {
    finish_call(task, task.call?.nr ?? 0);
    do_group_exit(task, SIGSYS | core_flag(task));
    return null;
  }
  return verdict ?? invoke_syscall(task);
}

/** Of a call that cannot go on: whether it begins again at once. Else it sleeps, or a signal has ended it. */
function begins_again(task: task_struct): boolean {
  if (task.__state === TASK_RUNNING) return true;
  if (!is_killed(task) && (task.__state !== TASK_INTERRUPTIBLE || !task.sigpending)) return false;
  finish_wait(task);
  task.__state = TASK_RUNNING;
  // What was moved before the signal came is told; the signal is seen either way.
  if (task.call && task.call.messages > 0) finish_call(task, task.call.messages);
  else if (task.call && task.call.done > 0) finish_call(task, task.call.done);
  else finish_call(task, (restartErrnos.get(task.call?.interrupted ?? '') ?? ERESTARTSYS).because('a signal came while the call slept'));
  return false;
}

/** The call is over: its result goes to rax and to the trace. */
function finish_call(task: task_struct, result: Exclude<SyscallResult, { blocked: true }>): void {
  const { call } = task;
  if (call === null) assert(false, 'no call to finish');
  call.over = true;
  // No tracer sees the return of a task that is being killed.
  if (task.exit_state !== 0 || task.sigpending && is_killed(task)) return;
  const { clock, events } = ports();
  call.exit_ns = clock.spend(call.abi === 0 ? clock.prices.syscall_exit : clock.prices.int80_exit);
  if (call.files.length > 0) release_call_files(call);
  if (typeof result === 'number') {
    set_reg(task, RAX, result);
    events.syscallExit(task.pid, call.nr, result, null, call);
  } else if (typeof result === 'bigint') {
    set_reg_big(task, RAX, result);
    events.syscallExit(task.pid, call.nr, Number(result), null, call);
  } else {
    call.failed = true;
    set_reg(task, RAX, -result.number);
    events.syscallExit(task.pid, call.nr, -result.number, result.reason, call);
  }
}

/** An exception. `vector` 14 has its address in CR2. */
export function exc(vector: number, errorCode: number, regsPa: phys_addr_t): Resume {
  const task = current();
  assert(regsPa === task_pt_regs(task), 'pt_regs are not at the top of the current stack');
  const { clock } = ports();
  account_user_time(task, clock.now());
  clock.spend(clock.prices.exception);
  do_trap(task, vector, errorCode);
  return exit_to_user_mode();
}

/** The timer: of the virtual clock, or the machine's poke when nothing ran. */
export function timer_interrupt(_regsPa: phys_addr_t): Resume {
  const task = kernel.current;
  if (task) account_user_time(task, ports().clock.now());
  charge('interrupt');
  kernel.nr_irqs++;
  hrtimer_run_queues();
  if (task) run_posix_cpu_timers(task);
  if (task && kernel.slice_end <= ports().clock.now()) task.need_resched = true;
  program_timer();
  return exit_to_user_mode();
}

/** An answer of the host, input for the terminal, or another size of its window has come: who waits looks again. */
export function host_ready(): void {
  console_resize();
  console_input();
  if (kernel.host_wait) wake_up(kernel.host_wait);
  if (kernel.console_wait) wake_up(kernel.console_wait);
}

/** All that has to be done before ring 3 goes on, for whichever task that will be. Linux: exit_to_user_mode_loop() */
export function exit_to_user_mode(): Resume {
  for (;;) {
    const task = current(), { call } = task;
    if (kernel.exit_code >= 0 && is_session_over()) return 'halted';
    if (kernel.timers.length > 0) hrtimer_run_queues();
    if (task.exit_state !== 0 || task.__state !== TASK_RUNNING || task.on_rq) {
      if (!switch_away(task)) return kernel.exit_code >= 0 && kernel.timers.length === 0 ? 'halted' : 'idle';
      continue;
    }
    if (call !== null && !call.over) {
      run_call(task);
      continue;
    }
    if (task.need_resched) {
      switch_away(task);
      continue;
    }
    if (task.ignored.length > 0) tell_ignored_signals(task);
    if (task.sigpending && do_signal(task)) continue;
    if (call !== null && call.failed) handle_restart(task, null);
    if (task.restore_sigmask && restore_saved_sigmask(task)) continue;
    const now = ports().clock.now();
    if (now >= next_tick()) tick(now);
    account_system_time(task, now);
    if (call !== null) {
      task.call_slot = call;
      task.call = null;
    }
    return 'run';
  }
}

/** Another task's turn, or this one's again. False: there is none. */
function switch_away(task: task_struct): boolean {
  account_system_time(task, ports().clock.now());
  task.on_cpu = false;
  if (!schedule()) return false;
  resume_task();
  return true;
}

/** Back to the mask before the call. True: a signal is pending now. Linux: restore_saved_sigmask() */
function restore_saved_sigmask(task: task_struct): boolean {
  task.restore_sigmask = false;
  task.blocked = task.saved_sigmask;
  recalc_sigpending(task);
  return task.sigpending;
}

function tick(now: ktime_t): void {
  tick_do_update_jiffies64(now);
  update_vsyscall();
  program_timer();
}

/** The current task has the processor again: what passed since it had it is the wait of its call. */
function resume_task(): void {
  const task = current();
  const now = ports().clock.now();
  if (task.call && !task.call.over) task.call.blocked_ns += now - task.user_since;
  task.on_cpu = true;
  task.user_since = now;
  program_timer();
}

/** Acts on one pending signal. False: there is none to act on. */
function do_signal(task: task_struct): boolean {
  const next = get_signal(task);
  switch (next.todo) {
    case 'none':
      task.sigpending = false;
      return false;
    case 'stop':
      return true;
    case 'exit':
      do_group_exit(task, next.code);
      return true;
    default: {
      handle_restart(task, next.action);
      const blocked = handle_signal(task, next.info, next.action);
      if (blocked) requeue(task, next.info);
      return true;
    }
  }
}

/** The frame's page waits for the host: the signal is taken again afterwards. */
function requeue(task: task_struct, info: kernel_siginfo): void {
  task.pending.list.unshift(kernel_siginfo.make({ ...info }));
  task.pending.signal |= sigmask(info.si_signo);
  task.sigpending = true;
  task.__state = TASK_UNINTERRUPTIBLE;
}
export { boot } from './boot';
export { access_process_vm } from '../../mm/access_process_vm';
