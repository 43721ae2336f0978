// Names in conditions on the kernel: `file->f_pos`, `current->pid`, `task->files->fd[3]`, from the variables of a kernel function, or `current`.
// Not here: operators (condition.ts), showing values.
import { Errno } from '../abi/errno';
import { kernel } from '../kernel/state';
import type { ConditionValue } from './condition';
import type { KernelFrame } from './target';

/** The value of a path, or undefined where nothing has that name. */
export function findKernelPath(frame: KernelFrame, path: string): unknown {
  const [root = '', ...steps] = path.match(/[A-Za-z_$][\w$]*|\[\d+\]/g) ?? [];
  const local = frame.locals.find(({ name }) => name === root);
  let value: unknown = local ? local.value : root === 'current' ? kernel.current : undefined;
  for (const step of steps) value = step.startsWith('[') ? element(value, Number(step.slice(1, -1))) : member(value, step);
  return value;
}

/** As a condition compares it: integers, strings, addresses (0 for NULL). */
export function kernelCondition(frame: KernelFrame, path: string): ConditionValue | undefined {
  const value = findKernelPath(frame, path);
  switch (typeof value) {
    case 'number': return Number.isFinite(value) ? BigInt(Math.trunc(value)) : value > 0 ? 2n ** 63n - 1n : -(2n ** 63n);
    case 'bigint': case 'string': return value;
    case 'boolean': return value ? 1n : 0n;
    case 'object': return value === null ? 0n : value instanceof Errno ? BigInt(-value.number) : '$id' in value ? BigInt(Number(value.$id)) : 1n;
    default: return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  // Linux has one more struct between a table of descriptors and its array.
  if (name === 'fdt' && 'fd' in value) return value;
  return (value as Record<string, unknown>)[name];
}

function element(value: unknown, index: number): unknown {
  return value instanceof Map ? value.get(index) : Array.isArray(value) || value instanceof Uint8Array ? value[index] : undefined;
}
