// Where expressions over the kernel begin: `current`, `$task(1002)`, `$file(3)`, `$page(p)`. One row a root.
import { UserError } from '../../base/errors';
import type { FieldKind } from '../../kernel/kobject';
import type { task_struct } from '../../kernel/kernel/types';
import { kernel } from '../../kernel/state';
import { collectOwners, findObject } from './graph';
import { addressOf, isObject, kernelValue, serialAt, type KernelValue } from './kernel_value';
import { pageValue } from './page_walk';

export interface RootContext {
  /** The task whose stack the person looks at. */
  task(): task_struct;
}

export interface KernelRoot {
  name: string;
  /** What it gives, for completion and the tree. */
  brief: string;
  /** With `(argument)`: a number, or an object for $owners. */
  argument?: string;
  value(context: RootContext, argument: KernelValue | undefined): KernelValue;
}

const list = (type: string): FieldKind => ({ kind: 'list', of: { kind: 'object', type } });

function numberOf(argument: KernelValue | undefined, what: string): number {
  const value = argument?.value;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  throw new UserError(`${what} is expected in the parentheses`);
}

export function addressIn(argument: KernelValue | undefined): bigint {
  const value = argument?.value;
  if (argument?.address !== undefined) return argument.address;
  if (typeof value === 'bigint') return BigInt.asUintN(64, value);
  if (isObject(value)) return addressOf(value);
  return BigInt(numberOf(argument, 'an address'));
}

function mmOf(task: task_struct) {
  if (!task.mm) throw new UserError(`task ${task.pid} has no address space any more`);
  return task.mm;
}

export const kernelRoots: readonly KernelRoot[] = [
  { name: 'current', brief: 'the task whose stack is shown', value: context => kernelValue(context.task()) },
  { name: '$current', brief: 'the same, where the program has a variable named current', value: context => kernelValue(context.task()) },
  { name: 'init_task', brief: 'the first process', value: () => kernelValue(kernel.init) },
  {
    name: '$task', argument: 'pid', brief: 'the task with that pid',
    value: (_, argument) => {
      const pid = numberOf(argument, 'a pid');
      const task = kernel.tasks.get(pid);
      if (!task) throw new UserError(`there is no task ${pid}; there are ${[...kernel.tasks.keys()].join(', ')}`);
      return kernelValue(task);
    },
  },
  {
    name: '$file', argument: 'fd', brief: 'the open file behind a descriptor of the current task',
    value: (context, argument) => {
      const fd = numberOf(argument, 'a descriptor');
      const file = context.task().files?.fd[fd];
      if (!file) throw new UserError(`descriptor ${fd} is not open in task ${context.task().pid}`);
      return kernelValue(file);
    },
  },
  {
    name: '$vma', argument: 'address', brief: 'the mapping that holds an address of the current task',
    value: (context, argument) => {
      const address = addressIn(argument);
      const vma = mmOf(context.task()).mmap.find(one => address >= BigInt(one.vm_start) && address < BigInt(one.vm_end));
      if (!vma) throw new UserError(`nothing is mapped at 0x${address.toString(16)} in task ${context.task().pid}`);
      return kernelValue(vma);
    },
  },
  { name: '$page', argument: 'address', brief: 'the page-table walk for an address: PGD, P4D, PUD, PMD, PTE', value: (context, argument) => pageValue(mmOf(context.task()), addressIn(argument)) },
  {
    name: '$object', argument: 'address', brief: 'the kernel object at an address that this debugger has shown',
    value: (_, argument) => {
      const serial = serialAt(addressIn(argument));
      const object = serial === undefined ? undefined : findObject(serial);
      if (!object) throw new UserError('no kernel object is at that address');
      return kernelValue(object);
    },
  },
  {
    name: '$owners', argument: 'object', brief: 'every object that points at this one (what container_of finds in Linux)',
    value: (_, argument) => {
      const target = argument?.value;
      if (!isObject(target)) throw new UserError('$owners() needs a kernel object, such as $owners($file(3))');
      const owners = collectOwners(target).map(({ owner, field }) => [`${owner.$type}.${field}`, owner] as const);
      return { kind: { kind: 'map', key: { kind: 'string' }, of: { kind: 'object', type: 'void' } }, value: new Map(owners) };
    },
  },
  { name: '$tasks', brief: 'all tasks by pid', value: () => ({ kind: { kind: 'map', key: { kind: 'int', c: 'pid_t', show: 'dec' }, of: { kind: 'object', type: 'task_struct' } }, value: kernel.tasks }) },
  { name: '$runqueue', brief: 'tasks that are ready, in the order of their turn', value: () => ({ kind: list('task_struct'), value: kernel.runqueue }) },
  { name: '$timers', brief: 'started timers, soonest first', value: () => ({ kind: list('hrtimer'), value: kernel.timers }) },
  { name: '$mounts', brief: 'what is mounted', value: () => ({ kind: list('mount'), value: kernel.mounts }) },
  { name: '$futexes', brief: 'threads that wait in futex(), by the word they wait at', value: () => ({ kind: { kind: 'map', key: { kind: 'string' }, of: { kind: 'object', type: 'futex_hash_bucket' } }, value: kernel.futex_queues }) },
  { name: '$kernel', brief: 'the root of the kernel\'s state', value: () => kernelValue(kernel) },
];

const byName = new Map(kernelRoots.map(root => [root.name, root]));
export const findRoot = (name: string): KernelRoot | undefined => byName.get(name);
