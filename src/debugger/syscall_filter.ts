// The condition of a syscall filter: `SET`, `SET if EXPR` or `EXPR` alone. SET is strace's grammar (`openat,%file`, `!read`); EXPR is a condition over the decoded arguments.
// Not here: strace's grammar itself (the catalog knows it), and when the machine stops.
import { findErrno, allErrnos } from '../abi/errno';
import { UserError } from '../base/errors';
import { isTrue, parseCondition, type Condition, type ConditionValue } from './condition';
import type { CallFacts } from './target';

/** What is known of system calls at large. */
export interface SyscallCatalog {
  /** A predicate on call names for a set in strace's grammar; throws UserError when it names nothing. */
  select(set: string): (name: string) => boolean;
  names(): readonly string[];
  nameOf(nr: number, abi: 'x86-64' | 'i386'): string | undefined;
  /** Man-page names of the arguments. */
  argumentsOf(name: string): readonly string[];
  /** A constant of the ABI by name, O_CREAT for example. */
  constant(name: string): bigint | undefined;
}

/** Where a call of a filter may stop. */
export type CallPhase = 'enter' | 'exit' | 'fail';

export interface SyscallFilter {
  /** As it was asked for, or later: a condition on `ret` or `errno` moves 'enter' to 'exit'. */
  readonly phase: CallPhase;
  readonly text: string;
  /** By name alone: cheap, asked for every call. */
  accepts(name: string): boolean;
  /** Whether a call with these facts stops. A call that lacks an argument of the condition does not. */
  matches(call: CallFacts): boolean;
}

const RESULT_NAMES = new Set(['ret', 'errno']);
const SET = /^!?[\w%/?!^$.*[\]()|+@-]+(?:\s*,\s*[\w%/?!^$.*[\]()|+@-]+)*$/;

/** Throws UserError with the reason when the condition cannot be meant. */
export function parseSyscallFilter(asked: CallPhase, text: string, catalog: SyscallCatalog): SyscallFilter {
  const { set, expression } = split(text.trim(), catalog);
  const accepts = set === undefined ? (): boolean => true : catalog.select(set);
  const condition = expression === undefined ? undefined : parseCondition(expression);
  if (condition) checkNames(condition, accepts, catalog);
  const isAboutResult = [...condition?.names ?? []].some(name => RESULT_NAMES.has(name));
  return {
    phase: asked === 'enter' && isAboutResult ? 'exit' : asked,
    text: text.trim(),
    accepts,
    matches: call => accepts(call.name) && (!condition || holds(condition, call, catalog)),
  };
}

function split(text: string, catalog: SyscallCatalog): { set?: string; expression?: string } {
  if (text === '') return {};
  const conditional = /^(.*?)\s+if\s+(.*)$/s.exec(text);
  if (conditional) return { set: conditional[1]?.trim(), expression: conditional[2] };
  if (/\sif$/.test(text)) throw new UserError(`a condition is expected after 'if': ${text}`);
  return SET.test(text) && isSet(text, catalog) ? { set: text } : { expression: text };
}

/** `!fd` and `fd` are expressions, `!read` and `read` are sets: what an identifier means decides. */
function isSet(text: string, catalog: SyscallCatalog): boolean {
  if (/[%,/?]/.test(text) || text === 'all' || text === 'none') return true;
  const word = text.replace(/^!/, '');
  if (!/^\w+$/.test(word) || /^\d/.test(word)) return false;
  const names = catalog.names();
  if (names.includes(word)) return true;
  if (RESULT_NAMES.has(word) || word === 'path' || names.some(name => catalog.argumentsOf(name).includes(word))) return false;
  throw new UserError(`'${word}' is neither a system call nor an argument of one`);
}

function checkNames(condition: Condition, accepts: (name: string) => boolean, catalog: SyscallCatalog): void {
  const selected = catalog.names().filter(accepts);
  for (const name of condition.names) {
    if (RESULT_NAMES.has(name) || name === 'path' || constant(name, catalog) !== undefined) continue;
    if (selected.some(call => catalog.argumentsOf(call).includes(name))) continue;
    const [only] = selected;
    const has = selected.length === 1 && only !== undefined ? `'${only}' has no argument '${name}' (it has ${catalog.argumentsOf(only).join(', ') || 'none'})` : `no selected call has an argument '${name}'`;
    throw new UserError(`${has}; ret, errno and the constants of the ABI may be used too`);
  }
}

function holds(condition: Condition, call: CallFacts, catalog: SyscallCatalog): boolean {
  let lacks = false;
  const value = (name: string): ConditionValue | undefined => {
    const found = callValue(name, call) ?? constant(name, catalog);
    if (found === undefined) lacks = true;
    return found;
  };
  try {
    return isTrue(condition.evaluate(value));
  } catch (error) {
    if (error instanceof UserError && lacks) return false;
    throw error;
  }
}

/** `ret` is -1 at a failing return, as strace and C have it. */
function callValue(name: string, call: CallFacts): ConditionValue | undefined {
  if (name === 'ret') return call.errno ? -1n : call.ret;
  if (name === 'errno') return call.ret === undefined ? undefined : BigInt(call.errno?.number ?? 0);
  const argument = call.args.find(a => a.name === name) ?? (name === 'path' ? call.args.find(a => a.text !== undefined && isPathName(a.name)) : undefined);
  if (!argument) return undefined;
  if (argument.text !== undefined) return argument.text;
  return argument.isSigned ? BigInt.asIntN(argument.bits, argument.raw) : BigInt.asUintN(argument.bits, argument.raw);
}

const isPathName = (name: string): boolean => /path|file|name|linkpath|target|source|^special|^library|put_old|new_root/.test(name) && name !== 'buf';

function constant(name: string, catalog: SyscallCatalog): bigint | undefined {
  const errno = errnoByName(name);
  return errno === undefined ? catalog.constant(name) : BigInt(errno);
}

const errnoNumbers = new Map<string, number>();

function errnoByName(name: string): number | undefined {
  if (errnoNumbers.size === 0) {
    for (const { name: key, number } of allErrnos()) errnoNumbers.set(key, number);
    errnoNumbers.set('EWOULDBLOCK', findErrno(11)?.number ?? 11);
    errnoNumbers.set('ENOTSUP', findErrno(95)?.number ?? 95);
  }
  return errnoNumbers.get(name);
}
