// Puts probes into one file of the kernel: each statement reports a probe with the names in scope, each function its entry and its result, each write to an
// object is journaled (src/machine/probe.ts is what the probes call). Refuses, with file and line, what would break stepping: see refuse().
// Not here: which files, and the bundle of them (kernel_probes.mjs).
import MagicString from 'magic-string';
import { parseSync } from 'oxc-parser';

/** Functions that change module-level registries, and are called while modules load. */
export const LOAD_TIME = new Set(['syscall', 'register_chrdev']);
/** Methods that change the object that they are called on. Which kind of object that is, src/machine/probe.ts sees. */
const MUTATORS = new Set(['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin', 'set', 'add', 'delete', 'clear',
  ...['Int8', 'Uint8', 'Int16', 'Uint16', 'Int32', 'Uint32', 'Float32', 'Float64', 'BigInt64', 'BigUint64'].map(type => `set${type}`)]);
const isFunction = node => node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression';

/** The names that a pattern declares. */
export function namesOf(pattern, names = []) {
  switch (pattern?.type) {
    case 'Identifier': names.push(pattern.name); break;
    case 'ObjectPattern': for (const p of pattern.properties) namesOf(p.type === 'RestElement' ? p.argument : p.value, names); break;
    case 'ArrayPattern': for (const p of pattern.elements) namesOf(p, names); break;
    case 'AssignmentPattern': namesOf(pattern.left, names); break;
    case 'RestElement': namesOf(pattern.argument, names); break;
  }
  return names;
}
const declaredBy = statement => statement.type === 'VariableDeclaration' ? statement.declarations.flatMap(d => namesOf(d.id)) : [];
const without = (names, hidden) => names.filter(name => !hidden.includes(name));
const bare = node => { while (node && /^(TSNonNull|Parenthesized|TSAs|TSSatisfies)Expression$/.test(node.type)) node = node.expression; return node; };

/** Whether an expression makes an object that nothing else knows. Of array buffers there are none in the kernel but those of arrays: `buffer` is one of them. */
function isBirth(node, isBorn) {
  const made = bare(node);
  if (made?.type === 'ArrayExpression' || made?.type === 'ObjectExpression') return true;
  if (made?.type !== 'NewExpression') return false;
  const [from, ...others] = made.arguments, owner = from?.type === 'MemberExpression' && from.property.name === 'buffer' ? bare(from.object) : null;
  const isOfBorn = !owner || owner.type === 'CallExpression' || owner.type === 'Identifier' && isBorn(owner.name);
  if (made.callee.name === 'DataView') return owner !== null && isOfBorn;
  return /^(Map|Set|Array|\w+Array)$/.test(made.callee.name) && others.length === 0 && isOfBorn;
}

/** An empty table, to be filled by instrument() file by file. */
export const newTable = () => ({ files: [], probes: [], functions: [] });

/**
 * The probed text of one kernel file, as a MagicString without its import of the run time. `file` is relative to src/kernel. Fills `table`:
 * probes are [function, line, column, names], functions { name, file, line, endLine, params, syscall? }; `links` gets what the call graph needs, and where the node of each function begins (`starts`).
 */
export function instrument(source, file, table, links = { files: new Map() }) {
  const { program, errors } = parseSync(file, source, { lang: 'ts' });
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const text = new MagicString(source);
  const lineStarts = [0];
  for (let i = source.indexOf('\n'); i >= 0; i = source.indexOf('\n', i + 1)) lineStarts.push(i + 1);
  const placeOf = offset => {
    let low = 0, high = lineStarts.length - 1;
    while (low < high) { const middle = (low + high + 1) >> 1; if (lineStarts[middle] <= offset) low = middle; else high = middle - 1; }
    return [low + 1, offset - lineStarts[low] + 1];
  };
  const refuse = (node, why) => { throw new Error(`src/kernel/${file}:${placeOf(node.start).join(':')}: ${why}, which a stop inside the kernel does not survive`); };
  const fileIndex = table.files.push({ path: file, text: source }) - 1;
  /** What the call graph needs of this file: imports, module-level names and their functions, names used at module level. */
  const link = { imports: new Map(), functions: new Map(), loaded: new Set() };
  links.files.set(file, link);
  const moduleNames = new Set();
  /** The function being walked: its number, its references, the names that it and those around it declare. */
  let fn = null;

  const probe = (node, names) => {
    const [line, column] = placeOf(node.start);
    const id = table.probes.push([fn.id, line, column, names]) - 1;
    return `$hit(${id}) && $see([${names.join(', ')}])`;
  };

  function walkFunction(node, name, facts = {}) {
    if (node.async || node.generator) refuse(node, 'an async function or generator');
    const around = fn;
    const params = node.params.flatMap(p => namesOf(p));
    const id = table.functions.push({ name, file: fileIndex, line: placeOf(node.start)[0], endLine: placeOf(node.end)[0], params, ...facts }) - 1;
    fn = { id, around, refs: new Set(), methods: new Set(), names: new Set(params), hidden: new Set(), born: new Set() };
    links.refs ??= [];
    links.refs[id] = fn;
    (links.starts ??= [])[id] = node.start;
    if (around) around.refs.add(id);
    for (const p of node.params) {
      forbidCalls(p);
      walk(p);
    }
    const { body } = node;
    if (body.type === 'BlockStatement') {
      text.appendLeft(body.start + 1, ` $enter(${id});`);
      walkBlock(body.body, params);
      if (body.body.at(-1)?.type !== 'ReturnStatement') text.appendLeft(body.end - 1, ' $leave(undefined); ');
    } else {
      text.appendLeft(body.start, `{ $enter(${id}); ${probe(body, params)}; const $r = (`);
      walk(body);
      text.appendLeft(body.end, '); $leave($r); return $r; }');
    }
    fn = around;
    return id;
  }

  function forbidCalls(pattern) {
    if (!pattern || typeof pattern !== 'object') return;
    if (Array.isArray(pattern)) { pattern.forEach(forbidCalls); return; }
    if (/^(Call|New|TaggedTemplate)/.test(pattern.type ?? '') || isFunction(pattern)) refuse(pattern, 'a call in a default parameter');
    for (const [key, value] of Object.entries(pattern)) if (key !== 'typeAnnotation' && typeof value === 'object') forbidCalls(value);
  }

  /** Names that a scope declares. What a function declares twice is looked at no closer. */
  function hide(names) {
    for (const name of names) {
      if (fn.names.has(name)) { fn.hidden.add(name); fn.born.delete(name); }
      fn.names.add(name);
    }
  }

  /** Whether a name is of an object that was born in this call of the kernel: when that is undone nothing leads to it. */
  function isBorn(name) {
    for (let f = fn; f; f = f.around) if (f.names.has(name)) return f.born.has(name);
    return false;
  }

  /** Statements of one scope. Names that it declares later hide those of the same name outside, and are in their dead zone. */
  function walkBlock(statements, outer) {
    const own = statements.flatMap(declaredBy);
    hide(own);
    const names = without(outer, own);
    for (const statement of statements) {
      if (statement.type === 'VariableDeclaration' && statement.kind === 'const') for (const { id, init } of statement.declarations) if (!fn.hidden.has(id.name) && isBirth(init, isBorn)) fn.born.add(id.name);
      walkStatement(statement, names);
      names.push(...declaredBy(statement));
    }
  }

  /** The statement of an if, else or loop, which may stand without braces; `head` is text for its beginning. */
  function walkBody(statement, names, head = '') {
    if (statement.type === 'BlockStatement') {
      if (head) text.appendLeft(statement.start + 1, ` ${head}`);
      walkBlock(statement.body, names);
      return;
    }
    text.appendLeft(statement.start, `{ ${head}`);
    walkStatement(statement, names);
    text.appendLeft(statement.end, ' }');
  }

  function walkTest(node, names) {
    text.appendLeft(node.start, `(${probe(node, names)}, `);
    walk(node);
    text.appendLeft(node.end, ')');
  }

  function walkStatement(s, names, isLabelled = false) {
    const put = () => { if (!isLabelled) text.appendLeft(s.start, `${probe(s, [...names])}; `); };
    switch (s.type) {
      case 'BlockStatement': walkBlock(s.body, names); return;
      case 'EmptyStatement': case 'TSInterfaceDeclaration': case 'TSTypeAliasDeclaration': return;
      case 'FunctionDeclaration': walkFunction(s, `${fnName()}/${s.id.name}`); return;
      case 'ClassDeclaration': refuse(s, 'a class inside a function'); return;
      case 'TryStatement': refuse(s, '`try`'); return;
      case 'IfStatement':
        put();
        walk(s.test);
        walkBody(s.consequent, names);
        if (s.alternate) walkBody(s.alternate, names);
        return;
      case 'ForStatement': {
        put();
        const declared = s.init ? declaredBy(s.init) : [];
        hide(declared);
        const inner = [...without(names, declared), ...declared];
        walk(s.init);
        if (s.test) walkTest(s.test, inner);
        walk(s.update);
        walkBody(s.body, inner);
        return;
      }
      case 'WhileStatement': walkTest(s.test, [...names]); walkBody(s.body, names); return;
      case 'DoWhileStatement': walkBody(s.body, names); walkTest(s.test, [...names]); return;
      case 'ForOfStatement': case 'ForInStatement': {
        put();
        if (s.left.type !== 'VariableDeclaration') refuse(s.left, 'a loop over a target that it does not declare');
        const declared = declaredBy(s.left);
        hide(declared);
        walk(s.right);
        const inner = [...without(names, declared), ...declared];
        walkBody(s.body, inner, `${probe(s.left, inner)}; `);
        return;
      }
      case 'SwitchStatement': {
        put();
        walk(s.discriminant);
        // The names of the other cases are in their dead zone.
        const hidden = s.cases.flatMap(c => c.consequent.flatMap(declaredBy));
        for (const c of s.cases) {
          walk(c.test);
          walkBlock(c.consequent, without(names, hidden));
        }
        return;
      }
      case 'ReturnStatement':
        put();
        if (s.argument) {
          text.overwrite(s.start, s.start + 'return'.length, '{ const $r = (');
          walk(s.argument);
          text.appendLeft(s.argument.end, ')');
          text.appendLeft(s.end, `${source[s.end - 1] === ';' ? '' : ';'} $leave($r); return $r; }`);
        } else {
          text.appendLeft(s.start, '{ $leave(undefined); ');
          text.appendLeft(s.end, ' }');
        }
        return;
      case 'LabeledStatement': // No probe may stand between a label and its loop.
        put();
        walkStatement(s.body, names, true);
        return;
      case 'VariableDeclaration':
        if (s.kind === 'var') refuse(s, '`var`');
        put();
        walk(s);
        return;
      default:
        put();
        walk(s);
    }
  }

  const fnName = () => fn ? table.functions[fn.id].name : file;
  const isModuleName = name => {
    for (let f = fn; f; f = f.around) if (f.names.has(name)) return false;
    return moduleNames.has(name);
  };

  /** A write to a property of `node`: of the graph, or of an object born in this call. */
  function forbidModuleState(node) {
    let base = bare(node);
    while (base?.type === 'MemberExpression') base = bare(base.object);
    if (base?.type === 'Identifier' && isModuleName(base.name) && !LOAD_TIME.has(fnName())) refuse(node, `a change of the module's own '${base.name}'`);
  }

  function wrapWrite(target) {
    const member = bare(target);
    if (member?.type === 'Identifier') {
      if (isModuleName(member.name)) refuse(target, `a change of the module's own '${member.name}'`);
      return walk(target);
    }
    if (member?.type !== 'MemberExpression') refuse(target, 'a destructuring assignment');
    forbidModuleState(member.object);
    if (bare(member.object)?.type === 'Identifier' && isBorn(bare(member.object).name)) return walk(member);
    text.appendLeft(member.object.start, '$write(');
    walk(member.object);
    text.appendLeft(member.object.end, member.computed ? ')' : `, '${member.property.name}')`);
    if (member.computed) walk(member.property);
  }

  function isOptional(node) {
    for (let n = node; n; n = n.type === 'CallExpression' ? n.callee : n.object) {
      if (n.type !== 'MemberExpression' && n.type !== 'CallExpression' && n.type !== 'TSNonNullExpression') return false;
      if (n.optional) return true;
      if (n.type === 'TSNonNullExpression') return isOptional(n.expression);
    }
    return false;
  }

  function walkMutation(call) {
    const { callee: { object, property }, arguments: args } = call;
    forbidModuleState(object);
    if (bare(object)?.type === 'Identifier' && isBorn(bare(object).name)) walk(object);
    else if (isOptional(call.callee)) {
      text.appendLeft(object.start, '$save(');
      walk(object);
      text.appendLeft(object.end, call.callee.optional ? ')' : ')?');
    } else {
      text.appendLeft(object.start, '$call(');
      walk(object);
      text.overwrite(object.end, args.length > 0 ? args[0].start : call.end - 1, `, '${property.name}'${args.length > 0 ? ', ' : ''}`);
    }
    for (const argument of args) walk(argument);
  }

  function walk(node, name) {
    if (!node || typeof node !== 'object') return;
    if (Array.isArray(node)) { for (const one of node) walk(one); return; }
    if (typeof node.type !== 'string') return;
    if (node.type.startsWith('TS') && !/^TS(NonNull|As|Satisfies)Expression$/.test(node.type)) return;
    if (isFunction(node)) {
      const isLoaded = fn === null, id = walkFunction(node, name ?? `${fnName()}/callback`);
      if (isLoaded) link.loaded.add(id);
      return;
    }
    switch (node.type) {
      case 'AwaitExpression': case 'YieldExpression': case 'ImportExpression': case 'ClassExpression': refuse(node, node.type); return;
      case 'Identifier': note(node.name); return;
      case 'AssignmentExpression': if (fn) { wrapWrite(node.left); walk(node.right); return; } break;
      case 'UpdateExpression': if (fn) { wrapWrite(node.argument); return; } break;
      case 'UnaryExpression': if (fn && node.operator === 'delete') { wrapWrite(node.argument); return; } break;
      case 'MemberExpression':
        walk(node.object);
        if (node.computed) walk(node.property);
        else if (fn) fn.methods.add(node.property.name);
        return;
      case 'Property':
        if (node.computed) walk(node.key);
        walk(node.value, isFunction(node.value) ? `${name ?? fnName()}.${node.key.name ?? node.key.value}` : undefined);
        return;
      case 'CallExpression': {
        if (!fn) break;
        const { callee } = node;
        if (callee.type === 'MemberExpression' && !callee.computed && MUTATORS.has(callee.property.name)) { walkMutation(node); return; }
        if (callee.type === 'MemberExpression' && callee.object.name === 'Object' && callee.property.name === 'assign') {
          const [to] = node.arguments;
          if (to.type !== 'ObjectExpression') text.appendLeft(to.start, '$save(').appendLeft(to.end, ')');
          walk(to);
          node.arguments.slice(1).forEach(a => walk(a));
          return;
        }
      }
    }
    for (const key in node) {
      if (key !== 'typeAnnotation' && key !== 'returnType' && key !== 'typeArguments' && key !== 'typeParameters' && typeof node[key] === 'object') walk(node[key]);
    }
  }

  function note(name) {
    if (fn) fn.refs.add(name);
    else link.loaded.add(name);
  }

  // ---- module level ----

  function declare(declarator) {
    const { id, init } = declarator;
    if (!init) return;
    const name = id.name;
    if (isFunction(init)) { link.functions.set(name, walkFunction(init, name)); return; }
    if (init.type === 'CallExpression' && init.callee.name === 'syscall') {
      const facts = init.arguments[0], handler = init.arguments[1];
      const called = facts.properties?.find(p => p.key?.name === 'name')?.value.value;
      if (typeof called !== 'string') refuse(init, 'a system call without a literal name');
      if (handler && isFunction(handler)) link.functions.set(name, walkFunction(handler, `__x64_${name}`, { syscall: called }));
      else if (handler?.type === 'Identifier') (link.handlers ??= []).push([called, handler.name]);
      return;
    }
    if (init.type === 'CallExpression' && init.callee.name === 'ops') {
      const called = init.arguments[0].value;
      for (const p of init.arguments[1].properties) {
        const key = p.key.name;
        if (isFunction(p.value)) (link.methods ??= []).push([called, key, walkFunction(p.value, `${name}.${key}`)]);
        else if (p.value.type === 'Identifier') (link.methods ??= []).push([called, key, p.value.name]);
      }
      return;
    }
    walk(init, name);
  }

  for (const statement of program.body) {
    const s = statement.type === 'ExportNamedDeclaration' && statement.declaration ? statement.declaration : statement;
    if (s.type === 'VariableDeclaration') s.declarations.forEach(d => moduleNames.add(d.id.name));
    if (s.type === 'VariableDeclaration' && s.kind !== 'const') refuse(s, 'a variable of the module (state belongs into the object graph)');
  }
  for (const statement of program.body) {
    const s = statement.type === 'ExportNamedDeclaration' && statement.declaration ? statement.declaration : statement;
    switch (s.type) {
      case 'ImportDeclaration':
        for (const { imported, local } of s.specifiers) if (imported) link.imports.set(local.name, [s.source.value, imported.name]);
        break;
      case 'FunctionDeclaration': link.functions.set(s.id.name, walkFunction(s, s.id.name)); break;
      case 'VariableDeclaration': s.declarations.forEach(declare); break;
      case 'ExpressionStatement': walk(s.expression); break;
      case 'ExportNamedDeclaration': case 'ExportAllDeclaration': case 'TSInterfaceDeclaration': case 'TSTypeAliasDeclaration': break;
      default: refuse(s, `${s.type} at module level`);
    }
  }
  return text;
}
