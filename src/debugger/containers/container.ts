// What the containers of a language's library hold, as a person thinks of them: a text, elements, what a smart pointer points to. Their own
// members stay in reach as `[raw]`. Memory may hold anything (a variable before its constructor has run): what cannot be a container is none.
import { type CType, findMember, isCharacter, type Member, strip, type StructType } from '../../dwarf/ctype';
import { memberOf } from '../expression/member';
import { integerHere, littleEndian, loaded, type Memory, type Value } from '../expression/value';

export interface TextContainer { readonly kind: 'text'; readonly bytes: Uint8Array; readonly isCut: boolean }

export interface ElementContainer {
  readonly kind: 'elements';
  /** What stands before the elements. */
  readonly head: string;
  readonly length: number;
  /** `list`: as of an array. `indexed`: each with its number. `keyed`: each with its key. */
  readonly style: 'list' | 'indexed' | 'keyed';
  elements(start: number, count: number): Element[];
}

export interface Element {
  readonly value: Value;
  readonly key?: Value;
  /** What is said of it in place of a number. */
  readonly label?: string;
  /** What gives it again, behind the expression of the container. */
  readonly path?: string;
}

export interface PointerContainer { readonly kind: 'pointer'; readonly head: string; readonly pointer: Value }

export type Container = TextContainer | ElementContainer | PointerContainer;

/** How a library's type is opened. Undefined: the memory holds no such container. */
export type Opener = (value: Value, type: StructType, memory: Memory) => Container | undefined;

/** More of a text is not read. */
const MOST_TEXT = 1 << 16;
/** More elements are no container, but memory that holds something else. */
const MOST_ELEMENTS = 2 ** 40;

export function textContainer(at: bigint | undefined, length: number | undefined, memory: Memory): TextContainer | undefined {
  if (at === undefined || length === undefined || length < 0 || length > MOST_ELEMENTS) return undefined;
  const bytes = length === 0 ? new Uint8Array(0) : memory.readMemory(BigInt.asUintN(64, at), Math.min(length, MOST_TEXT));
  return bytes.length === 0 && length > 0 ? undefined : { kind: 'text', bytes, isCut: bytes.length < length };
}

/** Elements that stand side by side, of which the first is what `path` gives. */
export function sequence(head: string, style: 'list' | 'indexed', element: CType, at: bigint, length: number, memory: Memory, path?: string): ElementContainer | undefined {
  const size = strip(element).size ?? 0;
  if (size === 0 || length < 0 || length > MOST_ELEMENTS) return undefined;
  if (length > 0 && memory.readMemory(BigInt.asUintN(64, at), 1).length === 0) return undefined;
  return {
    kind: 'elements', head, length, style,
    elements: (start, count) => range(start, Math.min(length, start + count), i => ({ value: valueAt(element, at + BigInt(i * size), memory), ...(path !== undefined && { path: `${path}[${i}]` }) })),
  };
}

export function range<T>(start: number, end: number, make: (i: number) => T): T[] {
  return Array.from({ length: Math.max(0, end - start) }, (_, i) => make(start + i));
}

export function valueAt(type: CType, address: bigint, memory: Memory): Value {
  return loaded({ type, place: { address: BigInt.asUintN(64, address) } }, memory);
}

/** The member that the names lead to. */
export function field(value: Value, ...names: string[]): Value | undefined {
  let found: Value | undefined = value;
  for (const name of names) {
    const member: Member | undefined = found && findMember(found.type, name);
    found = found && member && memberOf(found, member);
  }
  return found;
}

/** The number that the names lead to, with its type's sign. */
export function number(memory: Memory, value: Value, ...names: string[]): bigint | undefined {
  const found = field(value, ...names);
  return found && integerHere(loaded(found, memory));
}

export function length(memory: Memory, value: Value, ...names: string[]): number | undefined {
  const found = number(memory, value, ...names);
  return found === undefined || found < 0n || found > BigInt(MOST_ELEMENTS) ? undefined : Number(found);
}

/** The first pointer inside, at any depth: of wrappers around wrappers, whose names change with the library. */
export function firstPointer(value: Value, depth = 0): Value | undefined {
  const type = strip(value.type);
  if (type.kind === 'pointer') return value;
  if ((type.kind !== 'struct' && type.kind !== 'class') || depth > 8) return undefined;
  for (const member of type.members) {
    const found = member.isStatic ? undefined : firstPointer(memberOf(value, member), depth + 1);
    if (found) return found;
  }
  return undefined;
}

/** An 8-byte word of memory. */
export function word(memory: Memory, address: bigint): bigint | undefined {
  const bytes = memory.readMemory(BigInt.asUintN(64, address), 8);
  return bytes.length < 8 ? undefined : littleEndian(bytes);
}

export const isByte = (type: CType | undefined): boolean => type !== undefined && isCharacter(type) && strip(type).size === 1;
