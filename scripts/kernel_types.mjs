// The types of the kernel's variables and results, for a person who looks at them: its TypeScript is read as the compiler reads it - declared types, kernel objects' field
// lists, system calls' argument types, what functions give - and each plain number is followed to a declaration (kernel_type_flow.mjs). Not here: probes, and how types are shown.
import path from 'node:path';
import { ELEMENTS, NOTHING, TEXT, TRUTH, UNKNOWN, builtInsOf, partOf, parts, union } from './kernel_builtins.mjs';
import { openModules } from './kernel_modules.mjs';
import { typeWriter } from './kernel_type_text.mjs';
import { COST, Place, join, settle } from './kernel_type_flow.mjs';

const bare = node => { while (node && /^(TSNonNull|Parenthesized|TSSatisfies|Chain)Expression$/.test(node.type)) node = node.expression; return node; };
const isFunction = node => /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node?.type ?? '');
const SCALARS = { ptr: 'uaddr_t' };
const ARITHMETIC = new Set(['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>', '>>>', '**']);

/**
 * Reads all of `files` below `root`. `find(file, start)` gives, for the function whose node begins there, `{ vars: [[name, line, type]], returns: type }`, and `structs` the fields
 * of each interface that a type names. A type is a string: `c:size_t` (a name of abi/c_types.ts), `f:file.f_pos` (a field of a kernel object), `a:read.fd`, `r:read` (an argument, the
 * result of a system call); or { object: 'file' }, { list }, { map: [key, of] }, { set }, { struct: name }. Absent: the value itself says it, or nothing does.
 */
export function inferTypes(root, files) {
  const { moduleOf, resolve } = openModules(), places = [], functions = new Map(), kobjects = new Map();
  const number = (origin, isRule) => { const at = new Place(origin, isRule); places.push(at); return { k: 'num', at }; };
  const declared = c => number(`c:${c}`), byRule = c => number(`c:${c}`, true);

  const builtIns = builtInsOf({ evaluate, flow, either, computed, own, elementOf, iterated, membersIn, typeOf, givenIn, number, declared, byRule });

  // ---- files and names ----

  /** The type of a module's own value. */
  function valueOf(module, name) {
    const [owner, own] = resolve(module, name, 'values');
    if (!owner) return UNKNOWN;
    const key = `value ${own}`;
    if (owner.cache.has(key)) return owner.cache.get(key);
    const node = owner.values.get(own);
    if (isFunction(node) || node.type === 'TSDeclareFunction') return functionOf(node, { module: owner, names: new Map(), outer: null });
    // Constants that are taken out of a table.
    if (node.id.type !== 'Identifier') return byRule('int');
    const scope = { module: owner, names: new Map(), outer: null };
    const annotated = node.id.typeAnnotation && typeOf(node.id.typeAnnotation, owner);
    owner.cache.set(key, annotated ?? UNKNOWN);
    if (!node.init) return annotated ?? UNKNOWN;
    const found = evaluate(node.init, scope, annotated);
    const type = annotated ?? found;
    owner.cache.set(key, type);
    return type;
  }

  // ---- types as they are written ----

  function typeOf(node, module, given = new Map()) {
    switch (node?.type) {
      case 'TSTypeAnnotation': return typeOf(node.typeAnnotation, module, given);
      case 'TSNumberKeyword': case 'TSBigIntKeyword': return number();
      case 'TSStringKeyword': return TEXT;
      case 'TSBooleanKeyword': case 'TSTypePredicate': return TRUTH;
      case 'TSNullKeyword': case 'TSUndefinedKeyword': case 'TSVoidKeyword': case 'TSNeverKeyword': return NOTHING;
      case 'TSLiteralType': return typeof node.literal.value === 'string' ? TEXT : NOTHING;
      case 'TSParenthesizedType': case 'TSTypeOperator': case 'TSOptionalType': return typeOf(node.typeAnnotation, module, given);
      case 'TSNamedTupleMember': return typeOf(node.elementType, module, given);
      case 'TSArrayType': return { k: 'list', of: typeOf(node.elementType, module, given) };
      case 'TSTupleType': return { k: 'list', tuple: node.elementTypes.map(one => typeOf(one, module, given)) };
      case 'TSUnionType': case 'TSIntersectionType': return union(node.types.map(one => typeOf(one, module, given)));
      case 'TSTypeLiteral': return structOf(undefined, () => membersOf(node.members, module, given));
      case 'TSFunctionType': return signatureOf(node, module, given);
      case 'TSTypeQuery': return node.exprName.type === 'Identifier' ? valueOf(module, node.exprName.name) : UNKNOWN;
      case 'TSIndexedAccessType': {
        const owner = typeOf(node.objectType, module, given);
        return node.indexType.type === 'TSLiteralType' ? member(owner, node.indexType.literal.value) : elementOf(owner);
      }
      case 'TSTypeReference': return referenceOf(node, module, given);
      default: return UNKNOWN;
    }
  }

  function referenceOf(node, module, given) {
    const { name } = node.typeName, args = node.typeArguments?.params ?? [];
    const arg = i => args[i] ? typeOf(args[i], module, given) : UNKNOWN;
    if (given.has(name)) return given.get(name);
    const [owner, own] = resolve(module, name, 'types');
    if (!owner || /[\\/]kobject\.ts$/.test(owner.file)) {
      switch (name) {
        case 'Array': case 'ReadonlyArray': case 'ArrayLike': case 'Iterable': case 'IterableIterator': return { k: 'list', of: arg(0) };
        case 'Map': case 'ReadonlyMap': case 'Record': return { k: 'map', key: arg(0), of: arg(1) };
        case 'Set': case 'ReadonlySet': return { k: 'set', of: arg(0) };
        case 'Partial': case 'Readonly': case 'Required': case 'Pick': case 'Omit': case 'NonNullable': case 'Exclude': return arg(0);
        case 'Instance': { const made = arg(0); return made.k === 'kobject' ? made.of : UNKNOWN; }
        case 'ReturnType': { const fn = arg(0); return fn.k === 'fn' ? fn.ret : UNKNOWN; }
        case 'KObject': return UNKNOWN;
        default: return name in ELEMENTS ? { k: 'bytes', of: ELEMENTS[name] } : UNKNOWN;
      }
    }
    const declaration = owner.types.get(own);
    if (/[\\/]abi[\\/]c_types\.ts$/.test(owner.file) && declaration.type === 'TSTypeAliasDeclaration') return declared(own);
    const parameters = declaration.typeParameters?.params ?? [];
    if (declaration.type === 'TSTypeAliasDeclaration') return typeOf(declaration.typeAnnotation, owner, new Map(parameters.map((p, i) => [p.name.name, arg(i)])));
    const key = `type ${own}`;
    if (owner.cache.has(key)) return owner.cache.get(key);
    const [base] = declaration.extends ?? [];
    if (base?.expression.name === 'Instance') {
      const made = valueOf(owner, base.typeArguments.params[0].exprName.name);
      return made.k === 'kobject' ? made.of : UNKNOWN;
    }
    const type = structOf(own, () => new Map([...(declaration.extends ?? []).flatMap(b => [...membersIn(referenceOf({ typeName: b.expression, typeArguments: b.typeArguments }, owner, given))]), ...membersOf(declaration.body.body, owner, given)]));
    owner.cache.set(key, type);
    return type;
  }

  /** A record; its fields are looked at when they are needed, since types name each other. */
  function structOf(name, make) {
    let fields;
    return { k: 'struct', name, get fields() { return fields ??= make(); } };
  }
  function membersIn(type) { return type.k === 'struct' ? type.fields : new Map(); }
  const membersOf = (nodes, module, given) => new Map(nodes.filter(m => m.key).map(m => [m.key.name ?? m.key.value, m.type === 'TSMethodSignature' ? signatureOf(m, module, given) : typeOf(m.typeAnnotation, module, given)]));

  function signatureOf(node, module, given) {
    let params, ret;
    return {
      k: 'fn',
      get params() { return params ??= node.params.map(p => typeOf((p.type === 'RestElement' ? p.argument : p.type === 'AssignmentPattern' ? p.left : p).typeAnnotation, module, given)); },
      get ret() { return ret ??= typeOf(node.returnType, module, given); },
    };
  }

  // ---- where values go ----

  /** A value of type `from` goes to where `to` is: their numbers are of one type. */
  function flow(from, to, depth = 0) {
    if (!from || !to || from === to || depth > 4) return;
    for (const a of parts(from)) {
      for (const b of parts(to)) {
        if (a.k !== b.k || a === b) continue;
        switch (a.k) {
          case 'num': join(a.at, b.at); break;
          case 'list': if (a.of && b.of) flow(a.of, b.of, depth + 1); else (a.tuple ?? b.tuple).forEach((one, i) => flow(elementOf(a, i), elementOf(b, i), depth + 1)); break;
          case 'set': flow(a.of, b.of, depth + 1); break;
          case 'map': flow(a.key, b.key, depth + 1); flow(a.of, b.of, depth + 1); break;
          case 'struct': if (!a.isObject || !b.isObject) for (const [name, type] of a.fields) flow(type, b.fields.get(name), depth + 1); break;
          case 'fn': a.params.forEach((type, i) => flow(b.params[i], type, depth + 1)); flow(a.ret, b.ret, depth + 1); break;
        }
      }
    }
  }

  /** A number that is computed from others. */
  function computed(types, cost = COST.computed) {
    const result = number();
    types.forEach((type, i) => { const from = partOf(type, 'num'); if (from) join(from.at, result.at, cost + i, Infinity); });
    return result;
  }

  function elementOf(type, index) {
    for (const one of parts(type)) {
      if (one.k === 'list') return one.of ?? (typeof index === 'number' ? one.tuple[index] : undefined) ?? union(one.tuple);
      if (one.k === 'set' || one.k === 'map') return one.of;
      if (one.k === 'bytes') return declared(one.of);
      if (one.k === 'str') return TEXT;
      if (one.k === 'struct' && !one.isObject && one.fields.size > 0) return [...one.fields.values()].reduce(either);
    }
    return UNKNOWN;
  }

  /** What a loop over it gives. */
  function iterated(type) {
    const map = partOf(type, 'map');
    return map ? { k: 'list', tuple: [map.key, map.of] } : elementOf(type);
  }

  function member(type, name) {
    for (const one of parts(type)) {
      const found = one.k === 'struct' || one.k === 'layout' ? one.fields.get(name) ?? (one.k === 'layout' ? LAYOUT.get(name) : undefined) : undefined;
      if (found) return found;
    }
    return UNKNOWN;
  }

  // ---- kernel objects and system calls ----

  function kobjectOf(node, scope) {
    const name = node.arguments[0].value;
    const known = kobjects.get(name);
    if (known) return known;
    const of = structOf(name, () => fieldsOf(node.arguments[1], scope, name));
    of.isObject = true;
    const made = { k: 'kobject', of };
    kobjects.set(name, made);
    return made;
  }

  function fieldsOf(node, scope, at) {
    const literal = bare(node);
    if (literal.type === 'Identifier') {
      const [owner, own] = resolve(scope.module, literal.name, 'values');
      return owner ? fieldsOf(owner.values.get(own).init, { ...scope, module: owner }, at) : new Map();
    }
    const fields = new Map();
    for (const p of literal.properties ?? []) {
      if (p.type === 'SpreadElement') for (const [name, type] of fieldsOf(p.argument, scope, at)) fields.set(name, type);
      else fields.set(p.key.name ?? p.key.value, fieldType(p.value, scope, `${at}.${p.key.name ?? p.key.value}`));
    }
    return fields;
  }

  function fieldType(node, scope, at) {
    const one = bare(node);
    if (one.type === 'TSAsExpression') return fieldType(one.expression, scope, at);
    if (one.type === 'ObjectExpression') return fieldType(one.properties.find(p => p.type === 'SpreadElement').argument, scope, at);
    if (one.type === 'Identifier') {
      const [owner, own] = resolve(scope.module, one.name, 'values');
      return owner ? fieldType(owner.values.get(own).init, { ...scope, module: owner }, at) : UNKNOWN;
    }
    const isCall = one.type === 'CallExpression', kind = (isCall ? one.callee : one).property?.name, [first, second] = one.arguments ?? [];
    switch (kind) {
      case 'bool': return TRUTH;
      case 'str': return TEXT;
      case 'bytes': return { k: 'bytes', of: 'u8' };
      case 'list': return { k: 'list', of: fieldType(first, scope, `${at}[]`) };
      case 'set': return { k: 'set', of: fieldType(first, scope, `${at}[]`) };
      case 'map': return { k: 'map', key: fieldType(first, scope, `${at}{}`), of: fieldType(second, scope, `${at}[]`) };
      case 'struct': return structOf(undefined, () => fieldsOf(first, scope, at));
      case 'ptr': case 'ref': case 'ops': {
        const [argument] = one.typeArguments?.params ?? [];
        const type = argument ? typeOf(argument, scope.module) : UNKNOWN;
        return type.k === 'unknown' && kobjects.has(first.value) ? kobjects.get(first.value).of : type;
      }
      default: return number(`f:${at}`);
    }
  }

  function syscallOf(node, scope) {
    const [facts, handler] = node.arguments;
    const property = key => facts.properties?.find(p => p.key?.name === key)?.value;
    const name = property('name')?.value, fields = new Map();
    const collect = args => {
      for (const p of args?.properties ?? []) {
        if (p.type === 'SpreadElement') { const [owner, own] = resolve(scope.module, p.argument.name ?? '', 'values'); if (owner) collect(bare(owner.values.get(own).init)); }
        else fields.set(p.key.name ?? p.key.value, number(`a:${name}.${p.key.name ?? p.key.value}`));
      }
    };
    const args = property('args');
    if (args?.type === 'Identifier') { const [owner, own] = resolve(scope.module, args.name, 'values'); if (owner) collect(bare(owner.values.get(own).init)); } else collect(args);
    const expected = { k: 'fn', params: [typeByName(scope.module, 'task_struct'), structOf(`${name}_args`, () => fields)], ret: number(`r:${name}`), isHandler: true };
    if (handler) flow(evaluate(handler, scope, expected), expected);
    return UNKNOWN;
  }
  const typeByName = (module, name) => kobjects.get(name)?.of ?? referenceOf({ typeName: { name } }, module, new Map());

  // ---- functions ----

  /** The type of a function; its statements are read when its result is asked for or all is. Parameters that are not annotated are what `expected` says. */
  function functionOf(node, scope, expected) {
    const key = `fn ${node.start}`, { cache } = scope.module;
    const known = cache.get(key);
    if (known) return known;
    const want = partOf(expected, 'fn'), given = new Map((node.typeParameters?.params ?? []).map(p => [p.name.name, p.constraint ? typeOf(p.constraint, scope.module) : UNKNOWN]));
    const inside = { module: scope.module, names: new Map(), outer: scope, given, vars: [], returns: [] };
    const type = { k: 'fn', node, given };
    cache.set(key, type);
    type.params = node.params.map((p, i) => {
      const target = p.type === 'AssignmentPattern' ? p.left : p.type === 'RestElement' ? p.argument : p;
      const annotation = target.typeAnnotation ?? p.typeAnnotation;
      const own = annotation ? typeOf(annotation, scope.module, given) : want?.params[i] ?? (p.type === 'AssignmentPattern' ? undefined : UNKNOWN);
      const found = p.type === 'AssignmentPattern' ? evaluate(p.right, inside, own) : undefined;
      if (own && found) flow(found, own);
      const param = own ?? found ?? UNKNOWN;
      bind(target, param, inside);
      if (want?.params[i] && annotation) flow(want.params[i], param);
      return param;
    });
    inside.ret = node.returnType ? typeOf(node.returnType, scope.module, given) : want?.isHandler ? want.ret : undefined;
    let isRead = false;
    type.read = () => {
      if (isRead || !node.body) return;
      isRead = true;
      if (node.body.type === 'BlockStatement') statements(node.body.body, inside);
      else returned(evaluate(node.body, inside, inside.ret ?? want?.ret), inside);
    };
    let result;
    Object.defineProperty(type, 'ret', { get() {
      if (inside.ret) return inside.ret;
      if (result) return result;
      type.read();
      result = union(inside.returns.length > 0 ? inside.returns : [NOTHING]);
      // Numbers that are returned in several places are one.
      const numbers = parts(result).filter(one => one.k === 'num');
      if (numbers.length > 1) {
        const one = number();
        numbers.forEach(from => join(from.at, one.at));
        result = union([one, ...parts(result).filter(other => other.k !== 'num')]);
      }
      return result;
    } });
    functions.set(`${scope.module.file}:${node.start}`, { type, inside });
    return type;
  }

  function returned(type, inside) {
    if (inside.ret) flow(type, inside.ret);
    else inside.returns.push(type);
  }

  /** Declares the names of a pattern. Each is a place of its own, to which the value goes. */
  function bind(pattern, type, scope) {
    switch (pattern?.type) {
      case 'Identifier': {
        const fn = functionScope(scope);
        scope.names.set(pattern.name, type);
        fn?.vars.push([pattern.name, pattern.start, type]);
        return;
      }
      case 'ObjectPattern':
        for (const p of pattern.properties) {
          if (p.type === 'RestElement') { bind(p.argument, type, scope); continue; }
          const name = p.key.name ?? p.key.value, field = member(type, name);
          bind(p.value, field.k === 'unknown' ? builtIns.field(type, name) : field, scope);
        }
        return;
      case 'ArrayPattern': pattern.elements.forEach((element, i) => bind(element, element?.type === 'RestElement' ? type : elementOf(type, i), scope)); return;
      case 'AssignmentPattern': {
        const found = evaluate(pattern.right, scope, type);
        if (type.k === 'unknown') bind(pattern.left, found, scope);
        else { flow(found, type); bind(pattern.left, type, scope); }
        return;
      }
      case 'RestElement': bind(pattern.argument, type, scope);
    }
  }
  const functionScope = scope => { let s = scope; while (s && !s.vars) s = s.outer; return s; };
  const block = scope => ({ module: scope.module, names: new Map(), outer: scope });
  /** A variable's own place: what is assigned to it later is of its type too. */
  function own(type) {
    const from = partOf(type, 'num');
    if (!from) return type;
    const to = number();
    join(from.at, to.at);
    return union([to, ...parts(type).filter(one => one !== from)]);
  }

  function statements(list, scope) {
    for (const s of list) if (s.type === 'FunctionDeclaration') scope.names.set(s.id.name, functionOf(s, scope));
    for (const s of list) statement(s, scope);
  }

  /** Where a test has found that a value is none - `failed(x)`, `typeof x !== 'number'` - it is no number. */
  function refused(test, scope) {
    const t = bare(test), isCheck = t.type === 'CallExpression' && /^(failed|isBlock)$/.test(t.callee.name ?? '');
    const isTypeof = t.type === 'BinaryExpression' && t.operator === '!==' && t.left.operator === 'typeof' && t.right.value === 'number';
    const isInstance = t.type === 'BinaryExpression' && t.operator === 'instanceof';
    const one = isCheck ? t.arguments[0] : isTypeof ? t.left.argument : isInstance ? t.left : undefined;
    if (one?.type === 'Identifier') scope.names.set(one.name, union(parts(lookUp(one.name, scope)).filter(part => part.k !== 'num')));
    return scope;
  }

  function statement(s, scope) {
    switch (s?.type) {
      case 'BlockStatement': statements(s.body, block(scope)); return;
      case 'FunctionDeclaration': scope.names.get(s.id.name)?.read(); return;
      case 'VariableDeclaration':
        for (const { id, init } of s.declarations) {
          const annotated = id.typeAnnotation ? typeOf(id.typeAnnotation, scope.module, givenIn(scope)) : undefined;
          const found = init ? evaluate(init, scope, annotated) : UNKNOWN;
          if (annotated) flow(found, annotated);
          bind(id, annotated ?? (id.type === 'Identifier' ? own(found) : found), scope);
        }
        return;
      case 'ExpressionStatement': evaluate(s.expression, scope); return;
      case 'ReturnStatement': if (s.argument) { const fn = functionScope(scope); returned(evaluate(s.argument, scope, fn.ret), fn); } return;
      case 'IfStatement':
        evaluate(s.test, scope); statement(s.consequent, refused(s.test, block(scope)));
        statement(s.alternate, block(scope));
        if (s.test.operator === '!' && (s.consequent.body?.at(-1) ?? s.consequent).type === 'ReturnStatement') refused(s.test.argument, scope);
        return;
      case 'ForStatement': { const inner = block(scope); if (s.init?.type === 'VariableDeclaration') statement(s.init, inner); else if (s.init) evaluate(s.init, inner); if (s.test) evaluate(s.test, inner); if (s.update) evaluate(s.update, inner); statement(s.body, inner); return; }
      case 'ForOfStatement': case 'ForInStatement': {
        const inner = block(scope), all = evaluate(s.right, scope), element = s.type === 'ForInStatement' ? TEXT : iterated(all);
        bind(s.left.declarations?.[0].id ?? s.left, element, inner);
        statement(s.body, inner);
        return;
      }
      case 'WhileStatement': case 'DoWhileStatement': evaluate(s.test, scope); statement(s.body, block(scope)); return;
      case 'SwitchStatement': {
        evaluate(s.discriminant, scope);
        const inner = block(scope);
        for (const c of s.cases) statements(c.consequent, inner);
        return;
      }
      case 'LabeledStatement': statement(s.body, scope); return;
      case 'ThrowStatement': evaluate(s.argument, scope);
    }
  }
  function givenIn(scope) { for (let s = scope; s; s = s.outer) if (s.given) return s.given; return new Map(); }

  function lookUp(name, scope) {
    for (let s = scope; s; s = s.outer) if (s.names.has(name)) return s.names.get(name);
    return valueOf(scope.module, name);
  }

  // ---- expressions ----

  function evaluate(node, scope, expected) {
    const e = bare(node);
    switch (e?.type) {
      case 'Literal': return typeof e.value === 'number' || typeof e.value === 'bigint' ? byRule(typeof e.value === 'bigint' || Math.abs(e.value) > 0x7fffffff ? 'long' : 'int') : typeof e.value === 'string' ? TEXT : typeof e.value === 'boolean' ? TRUTH : NOTHING;
      case 'TemplateLiteral': e.expressions.forEach(one => evaluate(one, scope)); return TEXT;
      case 'Identifier': return e.name === 'undefined' ? NOTHING : e.name === 'Infinity' || e.name === 'NaN' ? number() : lookUp(e.name, scope);
      case 'TSAsExpression': {
        const type = evaluate(e.expression, scope, expected);
        if (e.typeAnnotation.type === 'TSTypeReference' && e.typeAnnotation.typeName.name === 'const') return type;
        const as = typeOf(e.typeAnnotation, scope.module, givenIn(scope));
        flow(type, as);
        return as.k === 'unknown' ? type : as;
      }
      case 'FunctionExpression': case 'ArrowFunctionExpression': { const fn = functionOf(e, scope, expected); fn.read(); return fn; }
      case 'ObjectExpression': return objectOf(e, scope, expected);
      case 'ArrayExpression': return arrayOf(e, scope, expected);
      case 'MemberExpression': return memberOf(e, scope);
      case 'CallExpression': return callOf(e, scope, expected);
      case 'NewExpression': return builtIns.made(e, scope, expected);
      case 'UnaryExpression': {
        const type = evaluate(e.argument, scope);
        return e.operator === '!' || e.operator === 'delete' ? TRUTH : e.operator === 'typeof' ? TEXT : e.operator === 'void' ? NOTHING : type;
      }
      case 'UpdateExpression': return evaluate(e.argument, scope);
      case 'BinaryExpression': return binaryOf(e, scope);
      case 'LogicalExpression': {
        const left = evaluate(e.left, scope, expected), right = evaluate(e.right, scope, expected ?? left);
        return e.operator === '&&' ? right : either(left, right);
      }
      case 'ConditionalExpression': evaluate(e.test, scope); return either(evaluate(e.consequent, refused(e.test, block(scope)), expected), evaluate(e.alternate, scope, expected));
      case 'AssignmentExpression': {
        const to = evaluate(e.left, scope), from = evaluate(e.right, scope, to);
        if (e.operator === '=' || /^(\?\?|\|\||&&)=$/.test(e.operator)) flow(from, to);
        else { const a = partOf(from, 'num'), b = partOf(to, 'num'); if (a && b) join(a.at, b.at, COST.computed); }
        return to;
      }
      case 'SequenceExpression': return e.expressions.map(one => evaluate(one, scope)).at(-1);
      case 'SpreadElement': return evaluate(e.argument, scope, expected);
      default: return UNKNOWN;
    }
  }

  /** One of two: numbers of both become one place. */
  function either(left, right) {
    const a = partOf(left, 'num'), b = partOf(right, 'num');
    if (!a || !b || a === b) return union([left, right]);
    const one = number();
    join(a.at, one.at);
    join(b.at, one.at);
    return union([one, ...parts(left).filter(p => p !== a), ...parts(right).filter(p => p !== b)]);
  }

  function binaryOf(e, scope) {
    const left = evaluate(e.left, scope), right = evaluate(e.right, scope);
    if (ARITHMETIC.has(e.operator)) {
      if (e.operator === '+' && (partOf(left, 'str') || partOf(right, 'str'))) return TEXT;
      return computed(/^(<<|>>>?|%|\*\*)$/.test(e.operator) ? [left] : [left, right]);
    }
    const a = partOf(left, 'num'), b = partOf(right, 'num');
    if (a && b) join(a.at, b.at, COST.compared);
    return TRUTH;
  }

  function objectOf(e, scope, expected) {
    const fields = new Map(), want = partOf(expected, 'struct'), map = partOf(expected, 'map');
    for (const p of e.properties) {
      if (p.type === 'SpreadElement') {
        for (const [name, type] of membersIn(partOf(evaluate(p.argument, scope), 'struct') ?? NOTHING)) fields.set(name, type);
        continue;
      }
      if (p.computed) evaluate(p.key, scope);
      const name = p.key.name ?? p.key.value, to = want?.fields.get(name) ?? map?.of;
      const type = evaluate(p.value, scope, to);
      if (to) flow(type, to);
      fields.set(name, type);
    }
    return want ?? map ?? structOf(undefined, () => fields);
  }

  function arrayOf(e, scope, expected) {
    const want = partOf(expected, 'list') ?? partOf(expected, 'set');
    const types = e.elements.map((one, i) => {
      if (one?.type === 'SpreadElement') return iterated(evaluate(one.argument, scope));
      const to = want && elementOf(want, i), type = one ? evaluate(one, scope, to) : NOTHING;
      if (to) flow(type, to);
      return type;
    });
    if (want) return want;
    const isMixed = types.length > 1 && !types.every(type => type.k === 'num') && !e.elements.some(one => one?.type === 'SpreadElement') && types.length < 8;
    return isMixed ? { k: 'list', tuple: types } : { k: 'list', of: types.length > 0 ? types.reduce(either) : number() };
  }

  function memberOf(e, scope) {
    const owner = evaluate(e.object, scope);
    if (e.computed) {
      const index = evaluate(e.property, scope);
      const at = bare(e.property), map = partOf(owner, 'map');
      if (map) flow(index, map.key);
      return at.type === 'Literal' && typeof at.value === 'string' ? member(owner, at.value) : elementOf(owner, at.type === 'Literal' ? at.value : undefined);
    }
    const { name } = e.property, found = member(owner, name);
    return found.k === 'unknown' ? builtIns.field(owner, name) : found;
  }

  function callOf(e, scope, expected) {
    const callee = bare(e.callee), args = e.arguments;
    if (callee.type === 'Identifier') {
      switch (callee.name) {
        case 'kobject': return kobjectOf(e, scope);
        case 'syscall': return syscallOf(e, scope);
        case 'ops': {
          const want = e.typeArguments ? typeOf(e.typeArguments.params[0], scope.module) : expected;
          return evaluate(args[1], scope, want);
        }
        case 'struct': case 'union': case 'packedStruct': if (args[1]) return layoutOf(args[1], scope); break;
        case 'readField': {
          args.slice(1).forEach(one => evaluate(one, scope));
          const found = member(evaluate(args[0], scope), args[2]?.value);
          if (found.k !== 'unknown') return found;
          break;
        }
        case 'Number': case 'BigInt': case 'Boolean': case 'String': case 'parseInt': case 'parseFloat': {
          const [type] = args.map(one => evaluate(one, scope));
          return callee.name === 'String' ? TEXT : callee.name === 'Boolean' ? TRUTH : partOf(type, 'num') ?? number();
        }
      }
    }
    if (callee.type === 'MemberExpression' && !callee.computed) {
      const { name } = callee.property;
      if (callee.object.type === 'Identifier' && (callee.object.name in ELEMENTS || /^(Math|Object|Array|Number|BigInt|String|JSON)$/.test(callee.object.name))) return builtIns.static(callee.object.name, name, args, scope);
      const owner = evaluate(callee.object, scope);
      if (owner.k === 'kobject' && name === 'make') { evaluate(args[0], scope, owner.of); return owner.of; }
      const own = member(owner, name);
      if (own.k !== 'unknown') return applied(own, args, scope);
      return builtIns.method(owner, name, args, scope);
    }
    return applied(evaluate(callee, scope), args, scope);
  }

  function applied(type, args, scope) {
    const fn = partOf(type, 'fn');
    args.forEach((one, i) => {
      const to = fn?.params[i], from = evaluate(one, scope, to);
      if (to) flow(from, to);
    });
    return fn ? fn.ret : UNKNOWN;
  }

  /** What describes a layout itself. */
  const PLACE = structOf(undefined, () => new Map([['offset', byRule('size_t')], ['size', byRule('size_t')]]));
  const LAYOUT = new Map([['size', byRule('size_t')], ['align', byRule('size_t')], ['fields', { k: 'map', key: TEXT, of: PLACE }]]);

  function layoutOf(node, scope) {
    const fields = new Map();
    for (const p of bare(node).properties ?? []) {
      if (p.type === 'SpreadElement') { const inner = evaluate(p.argument, scope); if (inner.k === 'layout') for (const [k, v] of inner.fields) fields.set(k, v); continue; }
      const value = bare(p.value);
      fields.set(p.key.name ?? p.key.value, value.type === 'Literal' ? declared(SCALARS[value.value] ?? value.value) : value.type === 'ArrayExpression' ? UNKNOWN : evaluate(value, scope));
    }
    return { k: 'layout', fields };
  }

  // ---- all of it, and what is found ----

  const inKernel = files.map(file => moduleOf(path.join(root, file)));
  // Kernel objects first: fields name others by their names.
  for (const module of inKernel) for (const [name, node] of module.values) if (node.init?.callee?.name === 'kobject') valueOf(module, name);
  for (const module of inKernel) {
    for (const name of module.values.keys()) valueOf(module, name);
    for (const one of module.program.body) if (one.type === 'ExpressionStatement') evaluate(one.expression, { module, names: new Map(), outer: null });
  }
  for (const { type } of functions.values()) type.read();
  for (const { type } of functions.values()) void type.ret;
  settle(places);

  const { structs, write } = typeWriter();
  const isNumber = type => partOf(type, 'num') !== undefined;
  return {
    structs,
    /** What is known of the function whose node begins at `start`; numbers of which nothing is known have type null. */
    find(file, start) {
      const found = functions.get(`${path.join(root, file)}:${start}`);
      if (!found) return undefined;
      const { inside, type } = found;
      return {
        vars: inside.vars.map(([name, at, of]) => [name, at, write(of) ?? (isNumber(of) || of.k === 'unknown' ? null : undefined), isNumber(of)]),
        returns: write(type.ret) ?? (isNumber(type.ret) ? null : undefined),
      };
    },
  };
}
