// The C types of variables and results of the kernel's functions. Those are TypeScript, in which a number says no more than that; the build follows each to a declaration
// (scripts/kernel_types.mjs), which is looked up here. Everything else carries its type. Not here: printing (objects/format.ts).
import { C_TYPES } from '../abi/c_types';
import { kobjectTypes, type FieldKind } from '../kernel/kobject';
import { syscalls32, syscallsByName, type SyscallDeclaration } from '../kernel/syscall';
import { isObject, kernelValue, type KernelValue } from './objects/kernel_value';
import type { KernelCode, KernelType } from './target';

type Structs = KernelCode['structs'];

/** What stands for the machine in the kernel's code - its ports - and is no state of the kernel. */
export function isMachinePart(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || '$type' in value || '$ops' in value) return false;
  return !/^(Object|Array|Map|Set|Errno|Uint8Array|Float64Array|DataView)$/.test((Object.getPrototypeOf(value) as object | null)?.constructor.name ?? 'Object')
    || Object.values(value).some(one => typeof one === 'function');
}

/** A variable or a result as its declaration has it. */
export function localValue({ value, type }: { value: unknown; type?: KernelType }, structs: Structs): KernelValue {
  const kind = type === undefined ? undefined : kindOf(type, value, structs);
  return kind ? { kind, value } : kernelValue(value);
}

/** The declared kind of a value; undefined where it is none of that kind (an errno instead of a number, nothing). */
function kindOf(type: KernelType, value: unknown, structs: Structs): FieldKind | undefined {
  if (typeof type === 'string') {
    const kind = declaredKind(type);
    if (typeof value === 'bigint') return { kind: 'big', c: kind && 'c' in kind && kind.c !== undefined ? kind.c : 'u64' };
    return typeof value === 'number' || value === null ? kind : undefined;
  }
  const own = kernelValue(value).kind;
  if ('object' in type) {
    if (value === null) return { kind: 'object', type: type.object };
    // What becomes one of its kind, or is a part of one.
    return own.kind === 'struct' ? { kind: 'struct', c: `struct ${type.object} *`, fields: Object.fromEntries(Object.entries(own.fields).map(([name, kind]) => [name, kobjectTypes.get(type.object)?.fields[name] ?? kind])) } : undefined;
  }
  const within = (of: KernelType | null, values: Iterable<unknown>, known: FieldKind): FieldKind => {
    const [first] = values;
    return (of === null ? undefined : kindOf(of, first, structs)) ?? known;
  };
  if ('list' in type && own.kind === 'list') return { kind: 'list', of: within(type.list, value as unknown[], own.of) };
  if ('set' in type && own.kind === 'set') return { kind: 'set', of: within(type.set, value as Set<unknown>, own.of) };
  if ('map' in type && own.kind === 'map') {
    const map = value as Map<unknown, unknown>;
    return { kind: 'map', key: within(type.map[0], map.keys(), own.key), of: within(type.map[1], map.values(), own.of) };
  }
  if ('struct' in type && own.kind === 'struct' && !isObject(value)) {
    const fields = structs[type.struct] ?? {}, record = value as Record<string, unknown>;
    const kinds = Object.entries(own.fields).map(([name, kind]): [string, FieldKind] => { const declared = fields[name]; return [name, (declared === undefined ? undefined : kindOf(declared, record[name], structs)) ?? kind]; });
    return { kind: 'struct', c: `struct ${type.struct} *`, fields: Object.fromEntries(kinds) };
  }
  return undefined;
}

/** The kind that a declaration gives a number. */
function declaredKind(origin: string): FieldKind | undefined {
  const name = origin.slice(2), [owner = '', ...path] = name.split('.');
  switch (origin[0]) {
    case 'c': { const type = C_TYPES[name]; return type && { kind: 'int', ...type }; }
    case 'f': return fieldKind(owner, path);
    case 'a': return argumentKind(callNamed(owner)?.args[path[0] ?? '']);
    default: return argumentKind(callNamed(owner)?.ret);
  }
}

const callNamed = (name: string): SyscallDeclaration | undefined => syscallsByName.get(name) ?? [...syscalls32.values()].find(call => call.name === name);

/** An argument's type: pointers and bits in hexadecimal, permissions in octal, as strace has them. */
function argumentKind(type: SyscallDeclaration['ret'] | undefined): FieldKind | undefined {
  if (!type) return undefined;
  const isBits = /^(ptr|hex|bits|openFlags|dev)$/.test(type.kind) || /[*\]]$/.test(type.c);
  return { kind: 'int', c: type.c, show: isBits ? 'hex' : /^u?mode$/.test(type.kind) ? 'oct' : 'dec' };
}

/** The kind at `mnt.flags`, `fd[]`, `map{}` (its keys) of a kernel object. */
function fieldKind(type: string, path: readonly string[]): FieldKind | undefined {
  let kind: FieldKind | undefined;
  for (const step of path) {
    const [, name = '', inner = ''] = /^(\w+)([[\]{}]*)$/.exec(step) ?? [];
    kind = kind ? kind.kind === 'struct' ? kind.fields[name] : undefined : kobjectTypes.get(type)?.fields[name];
    for (const into of inner.match(/\[\]|\{\}/g) ?? []) kind = kind?.kind === 'map' && into === '{}' ? kind.key : kind && 'of' in kind ? kind.of : undefined;
  }
  return kind;
}
