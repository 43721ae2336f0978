// A row that explains something: a name, a value, what it means, and rows below it that are made when somebody looks. All scopes beside the program's own variables are made of these.
// Not here: DAP; where the values come from (cpu_state.ts, syscall.ts, kernel.ts).
import { cellOf, type Cell } from '../objects/edit';
import { formatKernel } from '../objects/format';
import type { KObject } from '../../kernel/kobject';
import { collectOwners } from '../objects/graph';
import { addressOf, isObject, kernelValue, typeText, type KernelValue } from '../objects/kernel_value';
import { isExpandable, membersOf } from '../objects/members';

export interface Fact {
  name: string;
  value: string;
  /** The type, or what the value means and where that is written; shown on hover. */
  meaning?: string;
  children?: () => Fact[];
  /** What a person can type to get it. */
  expression?: string;
  /** An address of the program's or the kernel's memory that the value is. */
  memory?: bigint;
  /** Changes it; with neither this nor a cell it cannot be changed. Throws UserError when the new value is refused. */
  set?: (value: bigint) => void;
  /** The field of a kernel object that it is. */
  cell?: Cell;
}

export function fact(name: string, value: string, meaning?: string, more: Omit<Fact, 'name' | 'value' | 'meaning'> = {}): Fact {
  return { name, value, ...(meaning !== undefined && { meaning }), ...more };
}

/** Rows under a heading. */
export function group(name: string, value: string, children: () => Fact[], meaning?: string): Fact {
  return fact(name, value, meaning, { children });
}

/** A value of the kernel; `expression` leads to it. How it is meant may depend on the field's name, with which `name` ends. */
export function kernelFact(name: string, value: KernelValue, expression?: string, isHex = false): Fact {
  return fact(name, formatKernel(value, { name: /\w+$/.exec(name)?.[0] ?? '', isHex }), typeText(value), {
    ...(expression !== undefined && { expression }),
    ...(isObject(value.value) && { memory: addressOf(value.value) }),
    ...(isExpandable(value) && { children: () => kernelChildren(value, expression, isHex) }),
  });
}

export function kernelChildren(owner: KernelValue, expression: string | undefined, isHex = false): Fact[] {
  const members = membersOf(owner).map(({ name, value, step }): Fact => {
    const cell = cellOf(owner, name);
    return { ...kernelFact(name, value, expression === undefined || step === '' ? undefined : `${expression}${step}`, isHex), ...(cell && { cell }) };
  });
  const object = owner.value;
  return isObject(object) ? [...members, pointedAt(object, isHex)] : members;
}

/** The way back from an object: those that point at it. Looked for when somebody unfolds it. */
function pointedAt(object: KObject, isHex: boolean): Fact {
  const rows = (): Fact[] => collectOwners(object).map(({ owner, field }) => kernelFact(`${owner.$type}.${field}`, kernelValue(owner), `$object(0x${addressOf(owner).toString(16)})`, isHex));
  return fact('pointed at by', 'unfold to look', 'the objects that point at this one: what container_of finds in Linux', { children: rows });
}
