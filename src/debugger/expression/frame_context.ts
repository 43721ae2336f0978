// What an expression sees at one frame of a stopped task: its variables, the functions, types and enumerators of all modules,
// memory and registers. Not here: parsing, arithmetic, printing.
import { addressToNumber } from '../../base/address';
import { arrayOf, cTypes, type CType, pointerTo, strip, voidType } from '../../dwarf/ctype';
import type { DebugInfo } from '../../dwarf/debug_info';
import { locate, readAt } from '../location';
import type { Module, Modules } from '../modules';
import { readRegister, registerPart, writeRegister } from '../registers';
import type { StackFrame } from '../stack';
import type { Target } from '../target';
import { findVariable, memoryOf, readVariable } from '../variables';
import { type EvaluationContext, type Value, littleEndian, makeInteger, toBytes } from './value';

/** `modules`: whose names are known beyond the frame's own module. */
export function frameContext(target: Target, modules: Modules, frame: StackFrame): EvaluationContext {
  const { pid } = frame;
  const link = frame.physical.lookupPc - (frame.module?.bias ?? 0n);
  // The frame's module first: its names hide those of the others.
  const all = (): Module[] => [...(frame.module ? [frame.module] : []), ...modules.of(pid).filter(m => m.path !== frame.module?.path)];
  const firstOf = <T>(find: (info: DebugInfo, module: Module) => T | undefined): T | undefined => {
    for (const module of all()) {
      const info = module.symbols?.info;
      const found = info && find(info, module);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const near = (module: Module): bigint | undefined => module.path === frame.module?.path ? link : undefined;
  const cache = new Map<string, Value | undefined>();

  const find = (name: string): Value | undefined => {
    const variable = findVariable(target, frame, name);
    if (variable) return withLength(target, frame, variable);
    return firstOf((info, module) => {
      const fn = info.functionsNamed(name).find(f => f.low !== undefined);
      if (fn?.low !== undefined) return { type: fn.type, place: { address: fn.low + module.bias } };
      const global = module.path === frame.module?.path ? undefined : info.globalsNamed(name)[0];
      if (global) return readVariable(target, { ...frame, module }, global);
      const constant = info.enumeratorNamed(name, near(module));
      return constant && makeInteger(constant.type, constant.value);
    }) ?? functionBySymbol(all(), name);
  };

  return {
    ...memoryOf(target, modules, pid),
    lookup(name) {
      if (!cache.has(name)) cache.set(name, find(name));
      return cache.get(name);
    },
    lookupType: name => firstOf((info, module) => info.typeNamed(name, near(module))),
    writeMemory(address, bytes) { cache.clear(); return target.writeMemory(pid, address, bytes); },
    readRegister(name) {
      const value = readRegister(frame.physical.registers, name);
      const type = value === undefined ? undefined : registerType(name);
      return value === undefined || !type ? undefined : { type, place: { bytes: toBytes(value, strip(type).size ?? 8), register: name } };
    },
    writeRegister(name, bytes) {
      cache.clear();
      return frame.index === 0 && writeRegister(frame.physical.registers, name, littleEndian(bytes));
    },
  };
}

/** A function of which only the symbol is known: its type is `int ()`-like, as gdb's `<text variable, no debug info>`. */
function functionBySymbol(modules: readonly Module[], name: string): Value | undefined {
  for (const module of modules) {
    const symbol = module.symbols?.symbolsNamed(name)[0];
    if (symbol) return { type: { kind: 'function', size: undefined, returns: cTypes.int, parameters: [], isVariadic: false, isPrototyped: false }, place: { address: symbol.address + module.bias } };
  }
  return undefined;
}

/** A variable-length array's type with the length that it has in the frame. */
function withLength(target: Target, frame: StackFrame, value: Value): Value {
  const type = strip(value.type);
  const info = frame.module?.symbols?.info;
  if (type.kind !== 'array' || type.count !== undefined || !type.upperBound || !info) return value;
  const expression = type.upperBound.at(addressToNumber(frame.physical.lookupPc - (frame.module?.bias ?? 0n)));
  const [piece] = (expression && locate(target, frame, info, expression)) ?? [];
  if (!piece) return value;
  let bound: bigint | undefined;
  if (piece.kind === 'value') bound = piece.value;
  else if (piece.kind === 'register') bound = readRegister(frame.physical.registers, registerNameOf(piece.register));
  else if (piece.kind === 'memory') {
    if (type.upperBound.isLocation) { const { bytes } = readAt(target, frame.pid, piece.address, type.upperBound.size); bound = bytes && littleEndian(bytes); }
    else bound = piece.address;
  }
  if (bound === undefined) return value;
  const count = Number(BigInt.asIntN(64, bound)) + (type.upperBound.isCount ? 0 : 1);
  const { address } = value.place;
  return count < 0 || count > 2 ** 32 ? value : { type: arrayOf(type.element, count), place: address === undefined ? value.place : { address } };
}

function registerNameOf(number: number): string {
  return ['rax', 'rdx', 'rcx', 'rbx', 'rsi', 'rdi', 'rbp', 'rsp', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'][number] ?? '';
}

const codePointer: CType = pointerTo({ kind: 'function', size: undefined, returns: voidType, parameters: [], isVariadic: false, isPrototyped: false });
const dataPointer: CType = pointerTo(voidType);

/** The types that gdb gives registers; vectors as integers of their width, or as four of 64 bits. gdb: amd64.xml. */
function registerType(name: string): CType | undefined {
  const part = registerPart(name);
  if (!part) return undefined;
  switch (part.bits) {
    case 8n: return { ...cTypes.signedChar, name: 'int8_t' };
    case 16n: return cTypes.short;
    case 32n: return cTypes.int;
    case 80n: return cTypes.longDouble;
    case 128n: return cTypes.unsignedInt128;
    case 256n: return arrayOf(cTypes.unsignedLong, 4);
    default: return part.register === 'rip' ? codePointer : part.register === 'rsp' || part.register === 'rbp' ? dataPointer : cTypes.long;
  }
}
