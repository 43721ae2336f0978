// From nothing to the first program's first instruction. Linux: init/main.c, what init and a shell would have done before.
import { assert } from '../../../base/assert';
import type { Errno } from '../../../abi/errno';
import { kernel_execve } from '../../fs/exec';
import { init_rootfs } from '../../fs/init';
import { alloc_thread_stack } from '../../kernel/fork';
import { new_sigpending } from '../../kernel/signal';
import {
  cred, k_sigaction, restart_block, rlimit, sighand_struct, signal_struct, task_struct, thread_struct,
} from '../../kernel/types';
import { program_timer } from '../../kernel/time/hrtimer';
import { init_waitqueue_head } from '../../kernel/wait';
import { serial } from '../../kobject';
import { mem_init } from '../../mm/page_alloc';
import { failed, type Block } from '../../result';
import { KernelState, kernel, useKernel } from '../../state';
import type { MachinePorts } from './ports';
import { THREAD_SIZE } from './pt_regs';
import { init_vdso_image } from './vdso';

/** All strings are byte strings, one char a byte. */
export interface BootOptions {
  /** The program as execve is given it. */
  path: string;
  argv: string[];
  envp: string[];
  cwd: string;
  /** The root of the host's read-only files; '' or null: there is none. */
  sysroot: string | null;
  /** Physical address of the top-level page table whose upper half maps the kernel. */
  swapper_pg_dir: number;
  /** The vDSO's image, in whole pages; null: no program sees one. */
  vdso: Uint8Array | null;
}

const FIRST_PID = 1001;
const FULL_CAPS = 0x1ffffffffffn;

/** A fresh kernel with the first process, ready to run. An Errno when its program cannot be executed; Block when the host owes an answer: to be called again. */
export function boot(ports: MachinePorts, options: BootOptions): Errno | Block | null {
  serial.next = 1;
  useKernel(KernelState.make({ next_pid: FIRST_PID + 1, swapper_pg_dir: options.swapper_pg_dir, nodename: ports.facts.nodename, domainname: '(none)' }), ports);
  mem_init();
  init_vdso_image(options.vdso);
  kernel.host_wait = init_waitqueue_head();
  kernel.console_wait = init_waitqueue_head();
  const task = init_task(ports);
  const mounted = init_rootfs(task, { root: options.sysroot === '' ? null : options.sysroot, cwd: options.cwd });
  if (failed(mounted)) return mounted;
  const started = kernel_execve(task, options.path, options.argv, options.envp);
  if (failed(started)) return started;
  ports.cpu.xsave(task.thread.fpuPa);
  ports.cpu.switchTo(null, task.thread);
  task.on_cpu = true;
  task.user_since = ports.clock.now();
  program_timer();
  return null;
}

function init_task(ports: MachinePorts): task_struct {
  const { uid, gid, groups } = ports.facts;
  const caps = uid === 0 ? FULL_CAPS : 0n;
  const stackPa = alloc_thread_stack();
  assert(stackPa > 0, 'there is too little guest memory to boot');
  const task = task_struct.make({
    pid: FIRST_PID, tgid: FIRST_PID, comm: 'init', prio: 120, static_prio: 120, exit_signal: 17, cpus_mask: 1n,
    cred: cred.make({
      uid, gid, suid: uid, sgid: gid, euid: uid, egid: gid, fsuid: uid, fsgid: gid, group_info: groups.slice(),
      cap_permitted: caps, cap_effective: caps, cap_bset: FULL_CAPS,
    }),
    signal: signal_struct.make({
      nr_threads: 1, shared_pending: new_sigpending(), wait_chldexit: init_waitqueue_head(), pgrp: FIRST_PID, session: FIRST_PID - 1,
      rlim: ports.facts.rlimits.map(({ cur, max }) => rlimit.make({ rlim_cur: cur, rlim_max: max })),
    }),
    sighand: sighand_struct.make({ count: 1, action: Array.from({ length: 64 }, () => k_sigaction.make({})) }),
    pending: new_sigpending(), restart_block: restart_block.make({}),
    thread: thread_struct.make({ stackPa, fpuPa: stackPa + THREAD_SIZE, pgdPa: kernel.swapper_pg_dir }),
  });
  task.group_leader = task;
  task.signal.thread_head.push(task);
  kernel.tasks.set(task.pid, task);
  kernel.current = task;
  kernel.init = task;
  return task;
}
