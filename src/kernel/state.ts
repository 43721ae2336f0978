// The one kernel object graph of a machine and the ports under it. Shared by the plain and the probed build.
import { assert } from '../base/assert';
import type { MachinePorts, Work } from './arch/x86/ports';
import type { mount } from './fs/types';
import type { hrtimer, task_struct, wait_queue_head } from './kernel/types';
import { f, kobject, type Instance, type KObject } from './kobject';

export const KernelState = kobject('KernelState', {
  tasks: f.map(f.pid, f.ref<task_struct>('task_struct')),
  /** Tasks that are ready, in the order of their turn; the current task is not in it. */
  runqueue: f.list(f.ref<task_struct>('task_struct')),
  current: f.ptr<task_struct>('task_struct'),
  /** Whose session this is: when it ends the machine stops. */
  init: f.ptr<task_struct>('task_struct'),
  next_pid: f.pid,
  exit_code: { ...f.int('int', 'dec', -1) },
  /** After the first process has ended: how long the ones it left behind may go on. */
  linger_until: { ...f.int('ktime_t', 'dec', Infinity) },
  /** The top-level page table whose upper half all share; the CPU features that AT_HWCAP tells. */
  swapper_pg_dir: f.pa, hwcap: { ...f.int('u32', 'hex', 0x178bfbff) },
  /** The pages of the vDSO's image, and the page of clock readings that it looks at; none, 0: there is no vDSO. */
  vdso_pages: f.list(f.pa), vvar_page: f.pa,
  /** The last tick, and when the wall clock was last set: coarse clocks stand where the later of the two has left them; what was added to the wall clock since boot, in ns; settimeofday's time zone. */
  tick_at: f.ns, xtime_at: f.ns, wall_offset: f.big('s64'), tz_minuteswest: f.s32, tz_dsttime: f.s32,
  /** When the current task's turn ends if others are ready; Infinity: nobody is. */
  slice_end: { ...f.int('ktime_t', 'dec', Infinity) },
  /** Kernel stacks (with their FPU page) that are free to use again. */
  thread_stacks: f.list(f.pa),
  /** Context switches since boot. */
  nr_switches: f.s64,
  /** Interrupts since boot, and the time that all tasks together had the processor; the rest was idle. Linux: kernel_cpustat */
  nr_irqs: f.s64, cpu_user: f.ns, cpu_system: f.ns,
  /** Started timers, soonest first. */
  timers: f.list(f.ref<hrtimer>('hrtimer')),
  mounts: f.list(f.ref<mount>('mount')),
  /** Tasks that wait for an answer of the host, and for console input. */
  host_wait: f.ptr<wait_queue_head>('wait_queue_head'),
  console_wait: f.ptr<wait_queue_head>('wait_queue_head'),
  /** Subjects already told to the person. */
  noticed: f.set(f.str),
  nodename: f.str, domainname: f.str,
  /** The page allocator (mm/page_alloc.ts). */
  page_free: f.pa, page_next: f.pa, page_limit: f.pa, nr_free_pages: f.s64, nr_pages: f.s64,
  /** Threads by the address they wait at: mm $id or page, see kernel/futex.ts. */
  futex_queues: f.map(f.str, f.ref<KObject>('futex_hash_bucket')),
  /** Inodes watched by whomever (0: nobody is told of anything), and the cookie of the last rename told. */
  fsnotify_marks: f.s32, fsnotify_cookie: f.u32,
  next_ino: { ...f.int('ino_t', 'dec', 4096) },
  /** Objects of other rooms by name: registries that need no field of their own. */
  subsystems: f.map(f.str, f.ref<KObject>('void')),
});
export interface KernelState extends Instance<typeof KernelState> {}

export let kernel: KernelState = KernelState.make({});
let machine: MachinePorts | null = null;

/** Makes `state` the kernel that all functions work on. */
export function useKernel(state: KernelState, ports?: MachinePorts): void {
  kernel = state;
  if (ports) machine = ports;
}

export function ports(): MachinePorts {
  // Compared: whether an object is anything at all takes a look at it.
  if (machine === null) assert(false, 'the kernel has no machine: useKernel() was not called with ports');
  return machine;
}

/** Takes the time that the work takes: nanoseconds. */
export function charge(work: Work, count = 1): number {
  return ports().clock.charge(work, count);
}

export function current(): task_struct {
  const { current: task } = kernel;
  if (task === null) assert(false, 'no current task');
  return task;
}

/** Tells the person once, in one sentence, about `subject`. */
export function notice(subject: string, sentence: string): void {
  if (kernel.noticed.has(subject)) return;
  kernel.noticed.add(subject);
  ports().events.notice(sentence);
}
