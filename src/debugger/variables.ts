// The variables of a frame: arguments and locals in scope, globals by name. Not here: expressions (program_expression.ts), printing (expression/format.ts).
import { type CType, findMember, strip } from '../dwarf/ctype';
import type { DebugInfo } from '../dwarf/debug_info';
import type { Scope, Variable } from '../dwarf/model';
import { memberOf } from './expression/member';
import { integerHere, type Memory, type Place, type Value } from './expression/value';
import { fetch, toBytes } from './location';
import type { StackFrame } from './stack';
import type { Target } from './target';
import type { Modules } from './modules';
import type { NamedValue } from './parts';

/** What the values of a task lead to. */
export function memoryOf(target: Target, modules: Modules, pid: number): Memory {
  return {
    readMemory: (address, size) => target.readMemory(pid, address, size),
    // gdb writes offsets in decimal.
    describe: address => modules.describe(pid, address)?.replace(/\+0x([0-9a-f]+)$/, (_, digits: string) => `+${parseInt(digits, 16)}`),
  };
}

/** Arguments first, then locals from the outermost block to the innermost; an inner name hides an outer one. */
export function collectLocals(target: Target, frame: StackFrame): { args: NamedValue[]; locals: NamedValue[] } {
  const args = new Map<string, NamedValue>();
  const locals = new Map<string, NamedValue>();
  for (const scope of [...scopesOf(frame)].reverse()) {
    for (const variable of scope.variables) {
      if (variable.isArtificial && variable.name !== 'this') continue;
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

/** The variable that a name means in this frame: a local, in a method of C++ a member of its object, a static of its unit, a global of its module or of another one. */
export function findVariable(target: Target, frame: StackFrame, name: string): Value | undefined {
  const local = findLocal(target, frame, name) ?? ownMember(target, frame, name);
  if (local) return local;
  const info = infoOf(frame);
  const [global] = info?.globalsNamed(name, linkAddress(frame)) ?? [];
  return global && readVariable(target, frame, global);
}

function findLocal(target: Target, frame: StackFrame, name: string): Value | undefined {
  for (const scope of scopesOf(frame)) {
    const variable = scope.variables.find(v => v.name === name);
    if (variable) return readVariable(target, frame, variable);
  }
  return undefined;
}

function ownMember(target: Target, frame: StackFrame, name: string): Value | undefined {
  const object = name === 'this' ? undefined : findLocal(target, frame, 'this'), type = object && strip(object.type);
  const member = type?.kind === 'pointer' ? findMember(type.target, name) : undefined, address = object && integerHere(object);
  return type?.kind === 'pointer' && member && address !== undefined ? memberOf({ type: type.target, place: { address: BigInt.asUintN(64, address) } }, member) : undefined;
}

export function typeNamed(frame: StackFrame, name: string): CType | undefined {
  return infoOf(frame)?.typeNamed(name, linkAddress(frame));
}

function infoOf(frame: StackFrame): DebugInfo | undefined { return frame.module?.symbols?.info; }

function linkAddress(frame: StackFrame): bigint { return frame.physical.lookupPc - (frame.module?.bias ?? 0n); }
