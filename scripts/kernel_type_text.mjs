// Types of kernel_types.mjs as they are written down for the debugger. Not here: finding them.
import { partOf, parts } from './kernel_builtins.mjs';

/** Types whose values say by themselves what they are. */
const SELF_TOLD = new Set(['Errno', 'Block']);

/** Gives `write`, and `structs`: the fields of every record that it has named. */
export function typeWriter() {
  const structs = {};

  /** A type as it is written down; undefined where the value says all. */
  function write(type, depth = 0) {
    const number = partOf(type, 'num');
    if (number) return number.at.type;
    for (const one of parts(type)) {
      switch (one.k) {
        case 'list': { const of = one.of ? write(one.of, depth + 1) : undefined; return of && { list: of }; }
        case 'set': { const of = write(one.of, depth + 1); return of && { set: of }; }
        case 'map': { const key = write(one.key, depth + 1), of = write(one.of, depth + 1); return (key || of) && { map: [key ?? null, of ?? null] }; }
        case 'struct':
          if (!one.name || depth > 3 || SELF_TOLD.has(one.name)) continue;
          if (one.isObject) return { object: one.name };
          if (!(one.name in structs)) {
            structs[one.name] = {};
            for (const [name, field] of one.fields) { const of = write(field, depth + 1); if (of) structs[one.name][name] = of; }
          }
          return { struct: one.name };
      }
    }
    return undefined;
  }

  return { structs, write };
}
