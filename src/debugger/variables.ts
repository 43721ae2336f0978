// The variables of a frame: arguments and locals in scope, globals by name, and values of simple paths (`p->next[2].name`, `*p`, `&x`).
// Not here: C expressions at large; printing (value.ts).
import { findMember, isCharacter, pointerTo, strip, type CType } from '../dwarf/ctype';
import type { DebugInfo } from '../dwarf/debug_info';
import type { Scope, Variable } from '../dwarf/model';
import type { ConditionValue } from './condition';
import { fetch, toBytes, type Place } from './location';
import type { StackFrame } from './stack';
import type { Target } from './target';
import { dereference, elementOf, integerOf, memberOf, type NamedValue, type Value, type ValueContext } from './value';

export function valueContext(target: Target, frame: StackFrame, describe: (address: bigint) => string | undefined, isHex = false): ValueContext {
  return { target, pid: frame.pid, describe, isHex };
}

/** Arguments first, then locals from the outermost block to the innermost; an inner name hides an outer one. */
export function collectLocals(target: Target, frame: StackFrame): { args: NamedValue[]; locals: NamedValue[] } {
  const args = new Map<string, NamedValue>();
  const locals = new Map<string, NamedValue>();
  for (const scope of [...scopesOf(frame)].reverse()) {
    for (const variable of scope.variables) {
      if (variable.isArtificial) continue;
      const into = variable.isParameter ? args : locals;
      into.delete(variable.name);
      into.set(variable.name, { name: variable.name, path: variable.name, value: readVariable(target, frame, variable) });
    }
  }
  return { args: [...args.values()], locals: [...locals.values()] };
}

/** The blocks that belong to this frame, innermost first: those of an inlined call belong to its own frame. */
function scopesOf(frame: StackFrame): Scope[] {
  const scopes = infoOf(frame)?.scopeAt(linkAddress(frame)) ?? [];
  const total = frame.function?.inlined.length ?? 0;
  const mine: Scope[] = [];
  let depth = total;
  for (const scope of scopes) {
    if (depth === frame.inlineDepth) mine.push(scope);
    if (scope.kind === 'inlined') depth--;
  }
  return mine;
}

export function readVariable(target: Target, frame: StackFrame, variable: Variable): Value {
  const { type, location } = variable;
  return { type, place: placeOf(target, frame, variable, location) };
}

function placeOf(target: Target, frame: StackFrame, { type }: Variable, location: Variable['location']): Place {
  const size = strip(type).size ?? 0;
  switch (location.kind) {
    case 'constant': return { bytes: toBytes(location.value, size) };
    case 'bytes': return { bytes: location.bytes };
    case 'optimizedOut': return { problem: 'optimized out' };
    case 'expression': {
      const info = infoOf(frame);
      return info ? fetch(target, frame, info, location.expression, size) : { problem: 'optimized out' };
    }
  }
}

/** The variable that a name means in this frame: a local, a static of its unit, a global of its module or of another one. */
export function findVariable(target: Target, frame: StackFrame, name: string): Value | undefined {
  for (const scope of scopesOf(frame)) {
    const variable = scope.variables.find(v => v.name === name);
    if (variable) return readVariable(target, frame, variable);
  }
  const info = infoOf(frame);
  const [global] = info?.globalsNamed(name, linkAddress(frame)) ?? [];
  return global && readVariable(target, frame, global);
}

const STEP = /^(?:(->|\.)([A-Za-z_]\w*)|\[(\d+)\])/;

/** The value of a path: a name followed by members and indexes, with `*`, `&` or parentheses before it. Undefined when it is no such path or names nothing. */
export function findPath(target: Target, frame: StackFrame, text: string): Value | undefined {
  const path = text.trim();
  const context: ValueContext = { target, pid: frame.pid, describe: () => undefined };
  if (path.startsWith('*')) {
    const pointer = findPath(target, frame, path.slice(1));
    return pointer && dereference(pointer, context);
  }
  if (path.startsWith('&')) {
    const value = findPath(target, frame, path.slice(1));
    return value?.place.address === undefined ? undefined : { type: pointerTo(value.type), place: { bytes: toBytes(value.place.address, 8) } };
  }
  const group = /^\((.*)\)((?:->|\.|\[).*)?$/.exec(path);
  const name = /^[A-Za-z_]\w*/.exec(path)?.[0];
  let value = group?.[1] !== undefined ? findPath(target, frame, group[1]) : name === undefined ? undefined : findVariable(target, frame, name);
  let rest = group ? group[2] ?? '' : path.slice(name?.length ?? 0);
  while (value && rest !== '') {
    const step = STEP.exec(rest.trimStart());
    if (!step) return undefined;
    rest = rest.trimStart().slice(step[0].length);
    value = step[2] !== undefined ? member(value, step[2], context) : element(value, Number(step[3]), context);
  }
  return value;
}

function member(value: Value, name: string, context: ValueContext): Value | undefined {
  const struct = strip(value.type).kind === 'pointer' ? dereference(value, context) : value;
  const found = struct && findMember(struct.type, name);
  return struct && found && memberOf(struct, found, context);
}

function element(value: Value, index: number, context: ValueContext): Value | undefined {
  const type = strip(value.type);
  if (type.kind === 'array') return elementOf(value, type.element, index, context);
  const first = dereference(value, context);
  if (!first || first.place.address === undefined) return undefined;
  return elementOf({ type: first.type, place: { address: first.place.address } }, first.type, index, context);
}

/** The value of a path for a condition: integers, enums, pointers; a string for char pointers and arrays. */
export function findScalar(target: Target, frame: StackFrame, path: string): ConditionValue | undefined {
  const value = findPath(target, frame, path);
  if (!value) return undefined;
  const type = strip(value.type);
  if (type.kind === 'array' && isCharacter(type.element) && value.place.bytes) return latin1(value.place.bytes);
  if (type.kind === 'pointer' && isCharacter(type.target)) {
    const address = integerOf(value);
    if (address !== undefined && address !== 0n) return latin1(target.readMemory(frame.pid, address, 4096));
  }
  return integerOf(value);
}

function latin1(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Array.from(end < 0 ? bytes : bytes.subarray(0, end), b => String.fromCharCode(b)).join('');
}

export function typeNamed(frame: StackFrame, name: string): CType | undefined {
  return infoOf(frame)?.typeNamed(name, linkAddress(frame));
}

function infoOf(frame: StackFrame): DebugInfo | undefined { return frame.module?.symbols?.info; }

function linkAddress(frame: StackFrame): bigint { return frame.physical.lookupPc - (frame.module?.bias ?? 0n); }
