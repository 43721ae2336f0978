// What JavaScript's own lists, maps, texts and functions give, as types of kernel_types.mjs. A type is { k: 'num', at }, { k: 'list', of } or { k: 'list', tuple }, { k: 'map', key, of },
// { k: 'set', of }, { k: 'bytes', of }, { k: 'struct', fields }, { k: 'fn', params, ret }, { k: 'union', of } or one of the constants below.
import { COST } from './kernel_type_flow.mjs';

export const NOTHING = { k: 'none' }, TEXT = { k: 'str' }, TRUTH = { k: 'bool' }, UNKNOWN = { k: 'unknown' };
/** What a typed array or a DataView gives. */
export const ELEMENTS = { Uint8Array: 'u8', Uint16Array: 'u16', Uint32Array: 'u32', Int32Array: 's32', Float64Array: 's64', BigUint64Array: 'u64', BigInt64Array: 's64', DataView: 'u8' };
const READS = { getUint8: 'u8', getUint16: 'u16', getUint32: 'u32', getInt32: 's32', getBigUint64: 'u64', getBigInt64: 's64', getFloat64: 's64' };

export function union(types) {
  const all = types.flatMap(type => type.k === 'union' ? type.of : [type]).filter(type => type.k !== 'none' && type.k !== 'unknown');
  if (all.length === 0) return types[0] ?? NOTHING;
  return all.length === 1 ? all[0] : { k: 'union', of: all };
}
export const parts = type => type?.k === 'union' ? type.of : type ? [type] : [];
export const partOf = (type, k) => parts(type).find(one => one.k === k);

/** Over the functions of one reading of the kernel: those of kernel_types.mjs that have these names. */
export function builtInsOf({ evaluate, flow, either, computed, own, elementOf, iterated, membersIn, typeOf, givenIn, number, declared, byRule }) {
  /** What lists, maps and texts have. */
  function field(owner, name) {
    if (name === 'length' || name === 'size' || name === 'byteLength') return byRule('size_t');
    const record = partOf(owner, 'map');
    return record && name !== 'size' ? record.of : UNKNOWN;
  }

  /** What `new` makes. */
  function made(e, scope, expected) {
    const { name } = e.callee, args = e.arguments.map(one => evaluate(one, scope));
    const of = i => e.typeArguments?.params[i] ? typeOf(e.typeArguments.params[i], scope.module, givenIn(scope)) : undefined;
    if (name in ELEMENTS) return { k: 'bytes', of: ELEMENTS[name] };
    const want = partOf(expected, name === 'Map' ? 'map' : name === 'Set' ? 'set' : 'list');
    if (name === 'Map') {
      const pair = args[0] && (partOf(args[0], 'map') ? { k: 'list', tuple: [args[0].key, args[0].of] } : elementOf(args[0]));
      const made = { k: 'map', key: of(0) ?? want?.key ?? (pair ? elementOf(pair, 0) : number()), of: of(1) ?? want?.of ?? (pair ? elementOf(pair, 1) : number()) };
      return made;
    }
    if (name === 'Set') return { k: 'set', of: of(0) ?? want?.of ?? (args[0] ? elementOf(args[0]) : number()) };
    if (name === 'Array') return { k: 'list', of: of(0) ?? want?.of ?? number() };
    return UNKNOWN;
  }

  /** Functions of the language's own objects. */
  function ofObject(owner, name, args, scope) {
    if (name === 'from' && (owner === 'Array' || owner in ELEMENTS)) {
      const all = evaluate(args[0], scope), element = iterated(all);
      const fn = args[1] && evaluate(args[1], scope, { k: 'fn', params: [element, byRule('int')], ret: undefined });
      return owner in ELEMENTS ? { k: 'bytes', of: ELEMENTS[owner] } : { k: 'list', of: fn ? fn.ret : element };
    }
    const types = args.map(one => evaluate(one, scope));
    if (owner in ELEMENTS) return { k: 'bytes', of: ELEMENTS[owner] };
    if (owner === 'Math') return types.length > 1 ? types.reduce(either) : computed(types, COST.assigned);
    if (owner === 'BigInt') return types[1] ?? number();
    if (owner === 'Object') {
      const [of] = types, fields = [...membersIn(partOf(of, 'struct') ?? NOTHING).values()], value = partOf(of, 'map')?.of ?? union(fields.length > 0 ? fields : [UNKNOWN]);
      if (name === 'assign') { types.slice(1).forEach(type => flow(type, of)); return of; }
      if (name === 'values') return { k: 'list', of: value };
      if (name === 'keys') return { k: 'list', of: TEXT };
      if (name === 'entries') return { k: 'list', of: { k: 'list', tuple: [TEXT, value] } };
      return of ?? UNKNOWN;
    }
    return owner === 'String' || owner === 'JSON' ? TEXT : name.startsWith('is') ? TRUTH : name.startsWith('parse') ? byRule('int') : number();
  }

  /** The methods of lists, maps, sets, strings and bytes. */
  function method(owner, name, args, scope) {
    const list = partOf(owner, 'list'), map = partOf(owner, 'map'), set = partOf(owner, 'set'), bytes = partOf(owner, 'bytes'), text = partOf(owner, 'str');
    const element = map ? map.of : list || set || bytes ? elementOf(owner) : UNKNOWN;
    const call = (params, i = 0) => { const fn = args[i] && evaluate(args[i], scope, { k: 'fn', params, ret: undefined }); args.forEach((one, j) => { if (j !== i) evaluate(one, scope); }); return partOf(fn, 'fn')?.ret ?? UNKNOWN; };
    const values = expected => args.map(one => { const type = evaluate(one, scope, expected); if (expected) flow(type, expected); return type; });
    if (name in READS) { values(); return declared(READS[name]); }
    switch (name) {
      case 'find': case 'findLast': call([element, byRule('int')]); return element;
      case 'filter': call([element, byRule('int')]); return owner;
      case 'some': case 'every': call([element, byRule('int')]); return TRUTH;
      case 'findIndex': case 'findLastIndex': call([element, byRule('int')]); return byRule('int');
      case 'forEach': call(map ? [element, map.key] : [element, byRule('int')]); return NOTHING;
      case 'map': return { k: 'list', of: call([element, byRule('int')]) };
      case 'flatMap': { const ret = call([element, byRule('int')]); return partOf(ret, 'list') ?? { k: 'list', of: ret }; }
      case 'sort': case 'toSorted': call([element, element]); return owner;
      case 'reduce': { const init = args[1] ? own(evaluate(args[1], scope)) : element; const ret = call([init, element, byRule('int')]); flow(ret, init); return init; }
      case 'push': case 'unshift': case 'fill': case 'add': values(name === 'fill' && bytes ? undefined : element); return name === 'add' || name === 'fill' ? owner : byRule('size_t');
      case 'pop': case 'shift': return element;
      case 'at': values(); return element;
      case 'get': if (map) values(map.key); else values(); return element;
      case 'set': if (map) { flow(evaluate(args[0], scope, map.key), map.key); flow(evaluate(args[1], scope, map.of), map.of); } else values(); return owner;
      case 'has': case 'delete': values(map ? map.key : set ? set.of : undefined); return TRUTH;
      case 'includes': case 'startsWith': case 'endsWith': case 'test': values(list ? element : undefined); return TRUTH;
      case 'indexOf': case 'lastIndexOf': case 'search': values(list ? element : undefined); return byRule('int');
      case 'keys': return { k: 'list', of: map ? map.key : byRule('int') };
      case 'values': return { k: 'list', of: element };
      case 'entries': return { k: 'list', of: { k: 'list', tuple: [map ? map.key : byRule('int'), element] } };
      case 'concat': case 'slice': case 'subarray': case 'splice': case 'reverse': case 'copyWithin': case 'toReversed': values(); return owner;
      case 'charCodeAt': case 'codePointAt': values(); return declared('u8');
      case 'split': case 'match': values(); return { k: 'list', of: TEXT };
      case 'localeCompare': values(); return byRule('int');
      default: values(); return text || /^(join|toString|trim|pad|replace|repeat|toLowerCase|toUpperCase|substring)/.test(name) ? TEXT : UNKNOWN;
    }
  }

  return { field, made, static: ofObject, method };
}
