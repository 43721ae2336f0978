// The containers of GNU's C++ library, headed as its printers for gdb head them. libstdc++: python/libstdcxx/v6/printers.py, bits/stl_*.h.
import { type CType, strip, type StructType, typeName } from '../../dwarf/ctype';
import type { Memory, Value } from '../expression/value';
import { type Element, type ElementContainer, field, firstPointer, isByte, length, number, type Opener, range, sequence, textContainer, valueAt, word } from './container';

const argument = (type: CType | undefined, index: number): CType | undefined => {
  const of = type && strip(type);
  return of?.kind === 'struct' || of?.kind === 'class' ? of.templateArguments?.[index] : undefined;
};

/** Arguments that a template has by itself, as compilers write them out. */
const DEFAULTS = /, std::(?:allocator|less|equal_to|hash|char_traits|default_delete)</;

/** A type's name as one would write it: `std::map<int, std::string>`. */
export function shortName(name: string): string {
  let text = name.replace(/std::(?:__cxx11::)?basic_string<char, std::char_traits<char>, std::allocator<char> ?>/g, 'std::string').replace(/std::basic_string_view<char, std::char_traits<char> ?>/g, 'std::string_view');
  for (let found = DEFAULTS.exec(text); found; found = DEFAULTS.exec(text)) {
    let end = found.index + found[0].length;
    for (let depth = 1; depth > 0 && end < text.length; end++) depth += text[end] === '<' ? 1 : text[end] === '>' ? -1 : 0;
    text = text.slice(0, found.index) + text.slice(end);
  }
  return text.replace(/ +>/g, '>');
}

/** The template's name without arguments: `std::map`. */
export const templateOf = (tag: string): string => tag.replace(/<.*$/, '').replace(/^std::(__cxx11|__debug)::/, 'std::');
const counted = (type: StructType, many: number): string => `${templateOf(type.tag)} with ${many} element${many === 1 ? '' : 's'}`;

const string: Opener = (value, type, memory) => isByte(argument(type, 0)) ? textContainer(number(memory, value, '_M_dataplus', '_M_p'), length(memory, value, '_M_string_length'), memory) : undefined;
const stringView: Opener = (value, type, memory) => isByte(argument(type, 0)) ? textContainer(number(memory, value, '_M_str'), length(memory, value, '_M_len'), memory) : undefined;

const vector: Opener = (value, type, memory) => {
  const [start, finish, end] = ['_M_start', '_M_finish', '_M_end_of_storage'].map(name => number(memory, value, '_M_impl', name));
  const element = argument(type, 0), size = BigInt((element && strip(element).size) ?? 0);
  if (start === undefined || finish === undefined || end === undefined || !element || size === 0n || finish < start || end < finish || (finish - start) % size !== 0n) return undefined;
  const many = Number((finish - start) / size);
  return sequence(`std::vector of length ${many}, capacity ${Number((end - start) / size)}`, 'list', element, start, many, memory, '._M_impl._M_start');
};

/** Pieces of 512 bytes, or of one element that is larger. */
const deque: Opener = (value, type, memory) => {
  const part = (name: string, which: string): bigint | undefined => number(memory, value, '_M_impl', name, which);
  const element = argument(type, 0), size = (element && strip(element).size) ?? 0;
  const [cur, first, node, lastCur, lastFirst, lastNode] = [part('_M_start', '_M_cur'), part('_M_start', '_M_first'), part('_M_start', '_M_node'), part('_M_finish', '_M_cur'), part('_M_finish', '_M_first'), part('_M_finish', '_M_node')];
  if (!element || size === 0 || cur === undefined || first === undefined || node === undefined || lastCur === undefined || lastFirst === undefined || lastNode === undefined) return undefined;
  const perNode = Math.max(1, Math.floor(512 / size)), begin = Number(cur - first) / size, many = perNode * (Number(lastNode - node) / 8) + Number(lastCur - lastFirst) / size - begin;
  if (!Number.isInteger(begin) || !Number.isInteger(many) || many < 0 || begin < 0 || begin >= perNode) return undefined;
  return {
    kind: 'elements', head: counted(type, many), length: many, style: 'list',
    elements: (start, count) => range(start, Math.min(many, start + count), i => {
      const at = begin + i, piece = word(memory, node + BigInt(8 * Math.floor(at / perNode)));
      return { value: piece === undefined ? unreadable(element) : valueAt(element, piece + BigInt((at % perNode) * size), memory) };
    }),
  };
};

const unreadable = (type: CType): Value => ({ type, place: { problem: 'unavailable' } });

/** Where a node's links are, and its value behind them. */
const LIST_VALUE = 16n, HASH_VALUE = 8n, TREE_VALUE = 32n, TREE = { parent: 8n, left: 16n, right: 24n };

/** Elements that are reached one after the other; what comes before those asked for is walked over. */
function walked(head: string, style: ElementContainer['style'], many: number, first: bigint, next: (node: bigint) => bigint | undefined, make: (node: bigint) => Element): ElementContainer {
  return {
    kind: 'elements', head, length: many, style,
    elements(start, count) {
      const found: Element[] = [];
      let node: bigint | undefined = first;
      for (let i = 0; i < Math.min(many, start + count) && node !== undefined && node !== 0n; i++, node = next(node)) if (i >= start) found.push(make(node));
      return found;
    },
  };
}

const list: Opener = (value, type, memory) => {
  const element = argument(type, 0), node = field(value, '_M_impl', '_M_node'), many = node && length(memory, node, '_M_size'), first = node && number(memory, node, '_M_next');
  if (!element || many === undefined || first === undefined) return undefined;
  // Its printer names the namespace, and says no number.
  const name = type.tag.replace(/<.*$/, '');
  return walked(many === 0 ? `empty ${name}` : name, 'indexed', many, first, at => word(memory, at), at => ({ value: valueAt(element, at + LIST_VALUE, memory) }));
};

/** The two halves of a pair are the key and the value of an element. */
function entry(type: CType, address: bigint, isMap: boolean, memory: Memory): Element {
  const value = valueAt(type, address, memory), key = isMap ? field(value, 'first') : undefined, second = isMap ? field(value, 'second') : undefined;
  return key && second ? { key, value: second } : { value };
}

const tree = (isMap: boolean): Opener => (value, type, memory) => {
  const inner = field(value, '_M_t'), element = argument(inner?.type, 1), many = inner && length(memory, inner, '_M_impl', '_M_node_count'), first = inner && number(memory, inner, '_M_impl', '_M_header', '_M_left');
  if (!element || many === undefined || first === undefined) return undefined;
  const next = (node: bigint): bigint | undefined => {
    let at = word(memory, node + TREE.right);
    if (at !== undefined && at !== 0n) {
      for (let steps = 0; steps < 128; steps++) {
        const left = word(memory, at + TREE.left);
        if (left === undefined || left === 0n) return at;
        at = left;
      }
      return undefined;
    }
    let child = node;
    at = word(memory, child + TREE.parent);
    for (let steps = 0; steps < 128 && at !== undefined && word(memory, at + TREE.right) === child; steps++) { child = at; at = word(memory, at + TREE.parent); }
    return at;
  };
  return walked(counted(type, many), isMap ? 'keyed' : 'indexed', many, first, next, node => entry(element, node + TREE_VALUE, isMap, memory));
};

const hashTable = (isMap: boolean): Opener => (value, type, memory) => {
  const inner = field(value, '_M_h'), element = argument(inner?.type, 1), many = inner && length(memory, inner, '_M_element_count'), first = inner && number(memory, inner, '_M_before_begin', '_M_nxt');
  if (!element || many === undefined || first === undefined) return undefined;
  return walked(counted(type, many), isMap ? 'keyed' : 'indexed', many, first, node => word(memory, node), node => entry(element, node + HASH_VALUE, isMap, memory));
};

/** Its pointer is the first of a tuple, whose other part is the deleter. */
const uniquePtr: Opener = (value, type) => {
  const inner = field(value, '_M_t'), pointer = inner && firstPointer(inner), to = argument(type, 0);
  return pointer && to ? { kind: 'pointer', head: `std::unique_ptr<${shortName(typeName(to))}>`, pointer } : undefined;
};

const sharedPtr: Opener = (value, type, memory) => {
  const pointer = field(value, '_M_ptr'), counts = number(memory, value, '_M_refcount', '_M_pi'), to = argument(type, 0);
  if (!pointer || counts === undefined || !to) return undefined;
  const both = counts === 0n ? undefined : word(memory, counts + 8n);
  const [use, weak] = both === undefined ? [0, 0] : [Number(both & 0xffff_ffffn), Number(both >> 32n)];
  const state = counts === 0n ? 'empty' : use > 0 ? `use count ${use}, weak count ${weak - 1}` : `expired, weak count ${weak}`;
  return { kind: 'pointer', head: `${templateOf(type.tag)}<${shortName(typeName(to))}> (${state})`, pointer };
};

const optional: Opener = (value, type, memory) => {
  const payload = field(value, '_M_payload'), isEngaged = payload && number(memory, payload, '_M_engaged'), inner = payload && field(payload, '_M_payload', '_M_value'), to = argument(type, 0);
  if (isEngaged === undefined || isEngaged > 1n || !inner || !to) return undefined;
  const head = `std::optional<${shortName(typeName(to))}>`;
  if (isEngaged === 0n) return { kind: 'elements', head: `${head} [no contained value]`, length: 0, style: 'list', elements: () => [] };
  return { kind: 'elements', head, length: 1, style: 'keyed', elements: start => start > 0 ? [] : [{ value: inner, label: 'contained value', path: '._M_payload._M_payload._M_value' }] };
};

export const libstdcxx: Readonly<Record<string, Opener>> = {
  'std::basic_string': string, 'std::basic_string_view': stringView, 'std::vector': vector, 'std::deque': deque, 'std::list': list,
  'std::map': tree(true), 'std::multimap': tree(true), 'std::set': tree(false), 'std::multiset': tree(false),
  'std::unordered_map': hashTable(true), 'std::unordered_multimap': hashTable(true), 'std::unordered_set': hashTable(false), 'std::unordered_multiset': hashTable(false),
  'std::unique_ptr': uniquePtr, 'std::shared_ptr': sharedPtr, 'std::weak_ptr': sharedPtr, 'std::optional': optional,
};
