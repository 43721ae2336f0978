// Expressions over the program at a stop, for all who ask: watches, hovers, the console, conditions and log messages of breakpoints, new values. One language: C, with gdb's additions.
// Not here: the language itself (expression/), the kernel's objects (objects/evaluate.ts), conditions over the arguments of system calls (condition.ts).
import { UserError } from '../base/errors';
import { isCharacter, strip, voidType } from '../dwarf/ctype';
import { isTrue } from './expression/arithmetic';
import { textOf } from './expression/evaluate';
import { evaluateExpression } from './expression/expression';
import { formatValue, type FormatLetter } from './expression/format';
import { frameContext } from './expression/frame_context';
import { parseExpression } from './expression/parse';
import { tokenize } from './expression/tokens';
import { integerHere, integerOf, loaded, type Value } from './expression/value';
import { namesOf } from './kernel_source';
import type { Modules } from './modules';
import { evaluateKernel, isKernelTrue, kernelAssignment, type KernelNames, rootsIn, scalarOf } from './objects/evaluate';
import { formatKernel } from './objects/format';
import type { KernelValue } from './objects/kernel_value';
import type { StackFrame } from './stack';
import type { Target } from './target';
import { findVariable } from './variables';

export interface ProgramValue {
  value: Value;
  /** The format that was asked for after a comma: `flags,x`. */
  letter?: FormatLetter;
  /** As gdb prints it, in that format. */
  print(): string;
}

/** Throws UserError, with the column. Side effects (`x = 3`, `i++`) only where the person meant to change the program. */
export function evaluateProgram(target: Target, modules: Modules, frame: StackFrame, text: string, options: { allowSideEffects?: boolean; isFormatRefused?: boolean } = {}): ProgramValue {
  const context = frameContext(target, modules, frame);
  const { value, letter } = evaluateExpression(text, context, { isMatchAllowed: true, ...options });
  return { value: loaded(value, context), ...(letter && { letter }), print: () => formatValue(value, context, letter ? { letter } : {}) };
}

/**
 * The value of an expression over the kernel's objects: of any in a frame of the kernel, elsewhere of one that mentions a root of the kernel (`current->pid == 1002 && i > 3`).
 * The program's integers and texts can stand in it by name. Undefined: it is the program's alone.
 */
export function evaluateInKernel(target: Target, frame: StackFrame, text: string): KernelValue | undefined {
  const names = kernelNames(target, frame, text);
  return names && evaluateKernel(text, names, frame.pid);
}

/** Changes a field of a kernel object when `text` is an assignment to one; the field's new value. `begin` is called before anything changes. */
export function assignInKernel(target: Target, frame: StackFrame, text: string, begin: () => void): KernelValue | undefined {
  const names = kernelNames(target, frame, text);
  const assignment = names && kernelAssignment(text, names, frame.pid);
  if (!assignment) return undefined;
  begin();
  target.changeKernel(assignment.cell.read, () => assignment.cell.write(assignment.value));
  return assignment.left();
}

/** An integer that a person typed for a field of a kernel object. */
export function kernelInteger(target: Target, frame: StackFrame | undefined, text: string): bigint {
  const value = frame ? scalarOf(evaluateKernel(text, kernelNames(target, frame, `(${text}) + current->pid`), frame.pid)) : BigInt(text);
  if (typeof value === 'string') throw new UserError('an integer is expected');
  return value;
}

/** What names mean in an expression over the kernel; undefined: the expression is none. */
function kernelNames(target: Target, frame: StackFrame, text: string): KernelNames | undefined {
  if (frame.kernel) return /^\$\w+$/.test(text) && rootsIn(text).length === 0 ? undefined : namesOf(target.kernel, frame.kernel);
  if (!rootsIn(text).some(name => name.startsWith('$') || !findVariable(target, frame, name))) return undefined;
  return name => {
    const found = findVariable(target, frame, name);
    return found && (findText(target, frame, found) ?? integerHere(found));
  };
}

/** As much of a text as a comparison looks at. */
const LONGEST_TEXT = 4096;

/** A text is what it says, and where a root asks for an address, its own. */
function findText(target: Target, frame: StackFrame, value: Value): KernelValue | undefined {
  const type = strip(value.type);
  const address = type.kind === 'pointer' && isCharacter(type.target) ? integerHere(value) : type.kind === 'array' && isCharacter(type.element) ? value.place.address : undefined;
  const bytes = address === undefined || address === 0n ? new Uint8Array(0) : target.readMemory(frame.pid, address, LONGEST_TEXT);
  if (bytes.length === 0) return undefined;
  const end = bytes.indexOf(0);
  return { kind: { kind: 'string' }, value: Array.from(end < 0 ? bytes : bytes.slice(0, end), byte => String.fromCharCode(byte)).join(''), address };
}

/** A condition's answer. */
export function isProgramTrue(target: Target, modules: Modules, frame: StackFrame, text: string): boolean {
  const inKernel = evaluateInKernel(target, frame, text);
  if (inKernel) return isKernelTrue(inKernel);
  const context = frameContext(target, modules, frame);
  return isTrue(evaluateExpression(text, context, { isMatchAllowed: true, isFormatRefused: true }).value, context);
}

/** A value in a log message: a text is shown as it is. */
export function programText(target: Target, modules: Modules, frame: StackFrame, text: string): string {
  const inKernel = evaluateInKernel(target, frame, text);
  if (inKernel) return formatKernel(inKernel);
  const context = frameContext(target, modules, frame);
  const { value, letter } = evaluateExpression(text, context, { isMatchAllowed: true });
  const type = strip(value.type);
  const isText = type.kind === 'pointer' && isCharacter(type.target) && integerOf(value, context) !== 0n || type.kind === 'array' && isCharacter(type.element);
  return isText && !letter ? textOf(value, context) : formatValue(value, context, letter ? { letter } : {});
}

/** An integer that a person typed for a register or an argument. */
export function programInteger(target: Target, modules: Modules, frame: StackFrame | undefined, text: string): bigint {
  if (/^\s*-?(0[xX][0-9a-fA-F]+|\d+)\s*$/.test(text)) return text.trim().startsWith('-') ? -BigInt(text.trim().slice(1)) : BigInt(text.trim());
  if (!frame) throw new UserError('a number is expected');
  const context = frameContext(target, modules, frame);
  const value = integerOf(evaluateExpression(text, context, { isFormatRefused: true }).value, context);
  if (value === undefined) throw new UserError('an integer is expected');
  return value;
}

/** Whether the expression would change the program: an assignment or an increment stands in it. */
export function changesProgram(text: string): boolean {
  return tokenize(text).some(token => token.kind === 'operator' && /^(\+\+|--|([-+*/%&|^]|<<|>>)?=)$/.test(token.text));
}

/** Whether `text` can be an expression at all, before the program's types are known: a name before a star or a parenthesis may be a type. Throws UserError. */
export function checkProgramExpression(text: string): void {
  try {
    parseExpression(text, { lookupType: () => undefined, isMatchAllowed: true });
  } catch (error) {
    if (!(error instanceof UserError) || !/[({]\s*(?:struct|union|enum|const|volatile|unsigned|signed)?\s*[A-Za-z_]\w*[\s*]*[)}]/.test(text)) throw error;
    parseExpression(text, { lookupType: () => voidType, isMatchAllowed: true });
  }
}
