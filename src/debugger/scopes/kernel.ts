// The scope and the tree *Kernel*: the objects behind a task, grouped as a person looks for them. Each row has the expression that leads to it.
// Not here: the objects' own fields (objects/members.ts).
import { kernel } from '../../kernel/state';
import type { task_struct } from '../../kernel/kernel/types';
import type { futex_hash_bucket } from '../../kernel/kernel/futex';
import type { seccomp_filter } from '../../kernel/kernel/seccomp';
import type { mm_struct, vm_area_struct } from '../../kernel/mm/types';
import { evaluateKernel } from '../objects/evaluate';
import { pageValue } from '../objects/page_walk';
import { kernelValue } from '../objects/kernel_value';
import { stateText, taskText } from '../objects/summary';
import { SECCOMP_MODE_STRICT } from '../../abi/seccomp';
import { bpfInstruction } from '../../trace/format/bpf';
import type { Target } from '../target';
import { whyOf, whyText, type Describe } from '../objects/why';
import { SIG_DFL, SIG_IGN, signalName as signalOf } from '../../abi/signal';
import { sigsetText } from '../../trace/format/signal';
import { fact, group, kernelChildren, kernelFact, type Fact } from './fact';

export const taskName = (pid: number): string => { const task = kernel.tasks.get(pid); return task ? taskText(task) : `task ${pid}`; };

/** All rows: those of a task, which are what a person looks for first, and of the machine. */
export const kernelFacts = (target: Target, pid: number, describe?: Describe): Fact[] => [...taskFacts(target, pid, describe), ...machineFacts(target, describe)];

/** The rows of one task. `root` is the expression that means it: `current`, or `$task(1002)`. */
export function taskFacts(target: Target, pid: number, describe?: Describe, root = 'current'): Fact[] {
  const task = kernel.tasks.get(pid);
  if (!task) return [];
  const row = (name: string, path: string): Fact => kernelFact(name, evaluateKernel(`${root}->${path}`, undefined, pid), `${root}->${path}`);
  const why = whyText(task, describe);
  return [
    kernelFact('task', kernelValue(task), root),
    ...(why === undefined ? [] : [fact('waits', why, 'why the task sleeps and what would wake it')]),
    ...filesFact(task, root),
    ...(task.mm ? [{ ...row('memory', 'mm'), children: () => memoryFacts(target, task, root) }] : []),
    group('signals', signalsText(task), () => [
      row('blocked', 'blocked'), row('pending', 'pending'), row('shared_pending', 'signal->shared_pending'),
      { ...row('handlers', 'sighand'), children: () => handlerFacts(task, root) },
    ], 'sighand_struct, sigpending'),
    row('credentials', 'cred'), seccompFact(task, root), ...(task.fs ? [row('fs', 'fs')] : []), row('process', 'signal'),
    group('children', task.children.length === 0 ? 'none' : task.children.map(taskText).join(', '), () => kernelChildren(evaluateKernel(`${root}->children`, undefined, pid), `${root}->children`)),
  ];
}

/** The filters that judge the task's calls, the latest first, each as the kernel runs it. */
function seccompFact(task: task_struct, root: string): Fact {
  const filters: seccomp_filter[] = [];
  for (let one = task.seccomp_filter as seccomp_filter | null; one; one = one.prev as seccomp_filter | null) filters.push(one);
  const mode = task.seccomp_mode === SECCOMP_MODE_STRICT ? 'strict: read, write, exit and sigreturn only' : filters.length === 0 ? 'none' : `${filters.length} filter${filters.length === 1 ? '' : 's'}`;
  const path = (i: number): string => `${root}->seccomp_filter${'->prev'.repeat(i)}`;
  return {
    ...fact('seccomp', mode, 'what judges the system calls of this task'),
    ...(filters.length > 0 && { children: () => filters.map((one, i) => ({ ...kernelFact(`[${i}]`, kernelValue(one), path(i)), children: () => [
      ...one.prog.insns.map(({ code, jt, jf, k }, n) => fact(String(n), bpfInstruction(code, jt, jf, k), 'struct sock_filter')), ...kernelChildren(kernelValue(one), path(i)),
    ] })) }),
  };
}

/** Which signals are pending, and how many have a handler. */
function signalsText(task: task_struct): string {
  const pending = task.pending.signal | task.signal.shared_pending.signal;
  const handled = task.sighand.action.filter(action => action.sa_handler !== SIG_DFL && action.sa_handler !== SIG_IGN).length;
  return `${pending === 0n ? 'none' : sigsetText(pending)} pending, ${handled || 'no'} handler${handled === 1 ? '' : 's'}`;
}

function filesFact(task: task_struct, root: string): Fact[] {
  const { files } = task;
  if (!files) return [];
  const path = `${root}->files`;
  return [{
    ...kernelFact('files', kernelValue(files), path),
    children: () => files.fd.flatMap((file, fd) => file ? [{ ...kernelFact(String(fd), kernelValue(file), `${path}->fdt->fd[${fd}]`), meaning: `struct file *${files.close_on_exec.has(fd) ? ', closed by execve' : ''}` }] : []),
  }];
}

/** The walk of the page tables for an address, as `$page(address)` gives it. */
function pageFact(mm: mm_struct, name: string, address: bigint | undefined): Fact[] {
  if (address === undefined || address === 0n) return [];
  return [{ ...kernelFact(name, pageValue(mm, address), `$page(0x${address.toString(16)})`), meaning: `PGD, P4D, PUD, PMD and PTE of 0x${address.toString(16)}` }];
}

/** A mapping, with the walk for its first page: those of other addresses are asked for as that row's expression does. */
function vmaFact(mm: mm_struct, vma: vm_area_struct, i: number, root: string): Fact {
  const path = `${root}->mm->mmap[${i}]`;
  return { ...kernelFact(`[${i}]`, kernelValue(vma), path), children: () => [...pageFact(mm, 'first page', BigInt(vma.vm_start)), ...kernelChildren(kernelValue(vma), path)] };
}

function memoryFacts(target: Target, task: task_struct, root: string): Fact[] {
  const { mm } = task;
  if (!mm) return [];
  const user = target.registers(task.pid, 'user');
  return [...pageFact(mm, 'page of RIP', user.read('rip')), ...pageFact(mm, 'page of RSP', user.read('rsp')), ...mm.mmap.map((vma, i) => vmaFact(mm, vma, i, root)), kernelFact('mm_struct', kernelValue(mm), `${root}->mm`)];
}

function handlerFacts(task: task_struct, root: string): Fact[] {
  const path = `${root}->sighand->action`;
  const rows = kernelChildren(evaluateKernel(path, undefined, task.pid), path);
  return rows.flatMap((row, i) => (task.sighand.action[i]?.sa_handler ?? 0) === 0 ? [] : [{ ...row, name: signalOf(i + 1) }]);
}

/** The machine as a whole. */
export function machineFacts(target: Target, describe?: Describe): Fact[] {
  const list = (name: string, expression: string, meaning: string): Fact => ({ ...kernelFact(name, evaluateKernel(expression), expression), meaning });
  return [
    group('tasks', String(kernel.tasks.size), () => [...kernel.tasks.values()].map(task => ({ ...kernelFact(taskText(task), kernelValue(task), `$task(${task.pid})`), value: stateText(task), children: () => taskFacts(target, task.pid, describe, `$task(${task.pid})`) })), 'every task_struct by pid'),
    list('run queue', '$runqueue', 'tasks that are ready, in the order of their turn'), waitsFact(describe), { ...list('futexes', '$futexes', 'threads that wait in futex(), by the word they wait at'), children: () => futexFacts(describe) },
    list('timers', '$timers', 'started hrtimers, soonest first'), list('mounts', '$mounts', 'what is mounted'), list('all state', '$kernel', 'the root of the kernel\'s objects'),
  ];
}

/** Who sleeps, why, and in which queues. */
function waitsFact(describe?: Describe): Fact {
  const sleepers = [...kernel.tasks.values()].filter(task => whyOf(task) !== undefined);
  return group('wait queues', sleepers.length === 0 ? 'nobody waits' : `${sleepers.map(taskText).join(', ')} ${sleepers.length === 1 ? 'waits' : 'wait'}`, () => sleepers.map(task => fact(taskText(task), whyText(task, describe) ?? '', 'why the task sleeps and what would wake it', {
    expression: `$task(${task.pid})->waiting`, children: () => task.waiting.map((queue, i) => kernelFact(`[${i}]`, kernelValue(queue), `$task(${task.pid})->waiting[${i}]`)),
  })), 'who waits for whom, and the queues in which they do');
}

/** The words that somebody waits at, by address and symbol where one address space has them. */
function futexFacts(describe?: Describe): Fact[] {
  return [...kernel.futex_queues].map(([key, bucket]) => {
    const [, address] = /^\d+:(\d+)$/.exec(key) ?? [], waiters = (bucket as futex_hash_bucket).waiters.map(one => one.task), [first] = waiters;
    const symbol = address === undefined || !first ? undefined : describe?.(first.pid, BigInt(address));
    const name = address === undefined ? key : `0x${Number(address).toString(16)}${symbol === undefined ? '' : ` <${symbol}>`}`;
    return { ...kernelFact(name, kernelValue(bucket), `$futexes[${JSON.stringify(key)}]`), value: `${waiters.map(taskText).join(', ')} ${waiters.length === 1 ? 'waits' : 'wait'}` };
  });
}
