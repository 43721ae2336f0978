// Changing a number of the kernel's objects: `current->files->fdt->fd[3]->f_pos = 4096`. Not here: what makes a change a new present (machine/target.ts).
import { UserError } from '../../base/errors';
import { kobjectTypes, serial } from '../../kernel/kobject';
import type { Node } from '../expression/parse';
import { isObject, type KernelValue } from './kernel_value';
import { findMember } from './members';

/** A field of an object. Other things - lists, pointers, text - hang together with more than themselves. */
export interface Cell {
  /** Its value, or undefined where the object does not exist yet. */
  read(): unknown;
  /** Throws UserError when its type does not hold the value. */
  write(value: bigint): void;
}

/** What C's types hold, in bits; negative: signed. Of all others 53 bits are kept, which is as many as the kernel here counts with. */
const BITS: Readonly<Record<string, number>> = { int: -32, 'unsigned int': 32, pid_t: -32, kuid_t: 32, kgid_t: 32, umode_t: 16, dev_t: 32, u8: 8, u16: 16, u32: 32, s32: -32, u64: 64, sigset_t: 64, kernel_cap_t: 64 };

function checked(value: bigint, c: string, isExact: boolean): bigint {
  const bits = BITS[c] ?? (isExact ? 64 : -54);
  const fits = bits < 0 ? BigInt.asIntN(-bits, value) === value : BigInt.asUintN(bits, value) === value;
  if (!fits) throw new UserError(`${value} is not a value of ${c}`);
  return value;
}

/** The field `name` of an object, when it is a number or a truth value. */
export function cellOf(owner: KernelValue, name: string): Cell | undefined {
  const object = owner.value;
  const kind = isObject(object) ? kobjectTypes.get(object.$type)?.fields[name] : undefined;
  if (!isObject(object) || !kind) return undefined;
  const cell = (convert: (value: bigint) => unknown): Cell => ({
    // An object that was made in the entry that is being looked into is not there before it.
    read: () => object.$id < serial.next ? object[name] : undefined,
    write: value => { (object as Record<string, unknown>)[name] = convert(value); },
  });
  switch (kind.kind) {
    case 'int': case 'flags': return cell(value => Number(checked(value, kind.c, false)));
    case 'big': return cell(value => checked(value, kind.c, true));
    case 'bool': return cell(value => value !== 0n);
    default: return undefined;
  }
}

/** The cell that the left side of an assignment means. */
export function cellAt(node: Node, valueOf: (node: Node) => KernelValue): Cell {
  if (node.kind !== 'member') throw new UserError('a field of a kernel object is expected before the =; a variable of a kernel function cannot be changed, but the arguments of the call can, in the scope Syscall');
  const owner = valueOf(node.operand);
  if (!findMember(owner, node.name)) valueOf(node);
  const cell = cellOf(owner, node.name);
  if (!cell) throw new UserError(`'${node.name}' cannot be changed: it is not a number of a kernel object's own`);
  return cell;
}
