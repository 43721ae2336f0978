// The containers of Rust's library, headed as rustc's printers for gdb head them. rust: src/etc/gdb_providers.py; hashbrown: src/raw/mod.rs.
import { strip } from '../../dwarf/ctype';
import type { Memory, Value } from '../expression/value';
import { field, firstPointer, length, number, type Opener, sequence, textContainer, type Container, type Element, valueAt } from './container';

/** What a pointer and a length make. */
function slice(head: (many: number) => string, pointer: Value | undefined, many: number | undefined, isText: boolean, memory: Memory, path?: string): Container | undefined {
  const type = pointer && strip(pointer.type);
  if (!pointer || type?.kind !== 'pointer' || many === undefined) return undefined;
  const at = number(memory, pointer);
  if (at === undefined) return undefined;
  return isText ? textContainer(at, many, memory) : sequence(head(many), 'list', type.target, at, many, memory, path);
}

const string: Opener = (value, _type, memory) => {
  const vec = field(value, 'vec'), buffer = vec && field(vec, 'buf');
  return slice(String, buffer && firstPointer(buffer), vec && length(memory, vec, 'len'), true, memory);
};

/** The buffer's pointer is to bytes, whatever the elements are. */
const vec: Opener = (value, type, memory) => {
  const buffer = field(value, 'buf'), pointer = buffer && firstPointer(buffer), many = length(memory, value, 'len'), of = type.templateArguments?.[0];
  const at = pointer && number(memory, pointer);
  return at === undefined || many === undefined || !of ? undefined : sequence(`Vec(size=${many})`, 'list', of, at, many, memory);
};

/** What a pointer with a length beside it leads to: `&str`, `&[u8]`, `Box<[u8]>`. */
export const rustSlice: Opener = (value, type, memory) => {
  const pointer = field(value, 'data_ptr');
  return slice(many => `${type.tag}(size=${many})`, pointer, length(memory, value, 'length'), /\bstr\b/.test(type.tag), memory, '.data_ptr');
};

/** A control byte for each place, of which the high bit says that it is empty; the places stand before them, the first nearest. */
const hashMap = (isMap: boolean, head: string): Opener => (value, _type, memory) => {
  const base = field(value, 'base'), raw = base && field(isMap ? base : field(base, 'map') ?? base, 'table'), table = raw && field(raw, 'table');
  const rawType = raw && strip(raw.type), place = rawType?.kind === 'struct' ? rawType.templateArguments?.[0] : undefined, size = (place && strip(place).size) ?? 0;
  const control = table && field(table, 'ctrl'), pointer = control && firstPointer(control), at = pointer && number(memory, pointer);
  const many = table && length(memory, table, 'items'), mask = table && length(memory, table, 'bucket_mask');
  if (!place || size === 0 || at === undefined || many === undefined || mask === undefined || mask > 2 ** 24 || many > mask + 1) return undefined;
  return {
    kind: 'elements', head: `${head}(size=${many})`, length: many, style: isMap ? 'keyed' : 'list',
    elements(start, count) {
      const found: Element[] = [], bytes = memory.readMemory(BigInt.asUintN(64, at), mask + 1);
      for (let i = 0, seen = 0; i < bytes.length && found.length < count; i++) {
        if ((bytes[i] ?? 0x80) & 0x80 || seen++ < start) continue;
        const both = valueAt(place, at - BigInt((i + 1) * size), memory), key = field(both, '__0'), second = field(both, '__1');
        if (key) found.push(isMap && second ? { key, value: second } : { value: key });
      }
      return found;
    },
  };
};

export const rust: Readonly<Record<string, Opener>> = {
  'alloc::string::String': string, 'alloc::vec::Vec': vec,   'std::collections::hash::map::HashMap': hashMap(true, 'HashMap'), 'std::collections::hash::set::HashSet': hashMap(false, 'HashSet'),
};
