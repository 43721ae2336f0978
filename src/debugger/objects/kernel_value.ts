// A value of the simulated kernel as the debugger holds it: an object of its graph, a field, or a local of one of its functions, with the C type that it is shown as.
// Not here: how it is printed (format.ts), what it contains (members.ts), expressions (evaluate.ts).
import { Errno } from '../../abi/errno';
import type { FieldKind, KObject } from '../../kernel/kobject';
import { isBlock } from '../../kernel/result';

/** What a field list says, and what only functions have: errno values, the request to sleep, functions, nothing. */
export type ValueKind = FieldKind | { kind: 'errno' } | { kind: 'block' } | { kind: 'function' } | { kind: 'none' };

export interface KernelValue {
  readonly kind: ValueKind;
  readonly value: unknown;
  /** Where a text of the program stands in its memory. */
  readonly address?: bigint;
}

/** Objects of the graph stand where no guest page does: above the direct map of the largest guest, 256 bytes each, by their serial. */
const SLAB = 0xffff_8881_0000_0000n;
const SLOT = 8n;

/** The address that an object is shown at: stable within a run. */
export function addressOf(object: KObject): bigint {
  return SLAB + (BigInt(object.$id) << SLOT);
}

/** The serial of the object at a shown address, or undefined for an address that is none. */
export function serialAt(address: bigint): number | undefined {
  return address >= SLAB && address < SLAB + (1n << 40n) ? Number((address - SLAB) >> SLOT) : undefined;
}

export function isObject(value: unknown): value is KObject & Record<string, unknown> {
  return typeof value === 'object' && value !== null && '$type' in value && '$id' in value;
}

/** The name of an ops table, or undefined for what is none. */
export function opsName(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null && '$ops' in value ? String(value.$ops) : undefined;
}

const plainInt: FieldKind = { kind: 'int', c: 'long', show: 'dec' };

/** A value whose declaration is not known: its kind follows from what it is. */
export function kernelValue(value: unknown): KernelValue {
  return { kind: kindOf(value), value };
}

function kindOf(value: unknown): ValueKind {
  switch (typeof value) {
    case 'number': return plainInt;
    case 'bigint': return { kind: 'big', c: 'u64' };
    case 'boolean': return { kind: 'bool' };
    case 'string': return { kind: 'string' };
    case 'function': return { kind: 'function' };
    case 'undefined': return { kind: 'none' };
    case 'symbol': return { kind: 'none' };
    case 'object': break;
  }
  if (value === null) return { kind: 'object', type: 'void' };
  if (isObject(value)) return { kind: 'object', type: value.$type };
  if (opsName(value) !== undefined) return { kind: 'ops', table: opsName(value) ?? '' };
  if (value instanceof Errno) return { kind: 'errno' };
  if (isBlock(value)) return { kind: 'block' };
  if (value instanceof Uint8Array) return { kind: 'bytes' };
  if (Array.isArray(value)) return { kind: 'list', of: elementKind(value) };
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return { kind: 'list', of: plainInt };
  if (value instanceof Map) return { kind: 'map', key: elementKind([...value.keys()]), of: elementKind([...value.values()]) };
  if (value instanceof Set) return { kind: 'set', of: elementKind([...value]) };
  return { kind: 'struct', fields: Object.fromEntries(Object.entries(value as object).map(([name, field]) => [name, declaredKind(field)])) };
}

function elementKind(elements: readonly unknown[]): FieldKind {
  return declaredKind(elements.find(element => element !== null && element !== undefined));
}

function declaredKind(value: unknown): FieldKind {
  const kind = kindOf(value);
  return kind.kind === 'errno' || kind.kind === 'block' || kind.kind === 'function' || kind.kind === 'none' ? { kind: 'object', type: 'void' } : kind;
}

/** A field's value: where the declaration says less than the value itself (void *), the value says it. */
export function fieldValue(kind: FieldKind, value: unknown): KernelValue {
  if (value === undefined) return { kind: { kind: 'none' }, value };
  if (kind.kind === 'object') return value === null || isObject(value) && value.$type === kind.type ? { kind, value } : kernelValue(value);
  return { kind, value };
}

/** The C type that a value is shown with. */
export function typeText({ kind, value }: KernelValue): string {
  switch (kind.kind) {
    case 'errno': return 'errno';
    case 'block': case 'none': return 'void';
    case 'function': return 'function';
    case 'list': return `${fieldTypeText(kind.of)}[${Array.isArray(value) ? value.length : ''}]`;
    case 'bytes': return `u8[${value instanceof Uint8Array ? value.length : ''}]`;
    default: return fieldTypeText(kind);
  }
}

function fieldTypeText(kind: FieldKind): string {
  switch (kind.kind) {
    case 'int': case 'big': case 'flags': return kind.c;
    case 'bool': return 'bool';
    case 'string': return 'char *';
    case 'object': return kind.type === 'void' ? 'void *' : `struct ${kind.type} *`;
    case 'list': return `${fieldTypeText(kind.of)}[]`;
    case 'map': return `${fieldTypeText(kind.of)}[by ${fieldTypeText(kind.key)}]`;
    case 'set': return `set of ${fieldTypeText(kind.of)}`;
    case 'bytes': return 'u8[]';
    case 'struct': return 'mnt' in kind.fields && 'dentry' in kind.fields ? 'struct path' : kind.c ?? 'struct';
    case 'ops': return `const struct ${kind.table} *`;
  }
}
