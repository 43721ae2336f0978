// An expression as a person types it, with an optional format after a comma: `buf,s`, `flags,x`, `p,[10]`, `p,[4]x`. The front door.
import { arrayOf, type CType, strip } from '../../dwarf/ctype';
import { decay } from './arithmetic';
import { evaluate, type EvaluateOptions } from './evaluate';
import { type FormatLetter, formatValue } from './format';
import { type Node, parseExpression } from './parse';
import { ExpressionError } from './tokens';
import { type EvaluationContext, type Value, integerOf } from './value';

export interface ExpressionOptions extends EvaluateOptions {
  /** `path ~ "text"` is a regular-expression match. */
  isMatchAllowed?: boolean;
  /** A trailing `,x` is the comma operator, not a format. */
  isFormatRefused?: boolean;
}

export interface Result {
  value: Value;
  letter?: FormatLetter;
}

const suffix = /,\s*(?:\[(\d+)\]\s*([xodubcsfpy])?|([xodubcsfpy])\s*(?:\[(\d+)\])?)\s*$/;

/** Evaluates `text`; ExpressionError (a UserError) names the column of what is wrong. */
export function evaluateExpression(text: string, context: EvaluationContext, options: ExpressionOptions = {}): Result {
  const match = options.isFormatRefused ? null : suffix.exec(text);
  const letter = (match?.[2] ?? match?.[3]) as FormatLetter | undefined;
  const count = match?.[1] ?? match?.[4];
  const node = parse(match ? text.slice(0, match.index) : text, context, options);
  let value = evaluate(node, context, options);
  if (node.kind === 'type') throw new ExpressionError('a type has no value', node.column);
  if (count !== undefined) value = asArray(value, Number(count), context);
  return { value, ...(letter && { letter }) };
}

/** Evaluates and prints. */
export function printExpression(text: string, context: EvaluationContext, options: ExpressionOptions = {}): string {
  const { value, letter } = evaluateExpression(text, context, options);
  return formatValue(value, context, letter ? { letter } : {});
}

/** The type of an expression, or the type that it names: gdb's whatis and ptype. Nothing is read that the type does not need. */
export function typeOfExpression(text: string, context: EvaluationContext): CType {
  return evaluate(parse(text, context, {}), context).type;
}

function parse(text: string, context: EvaluationContext, options: ExpressionOptions): Node {
  return parseExpression(text, { lookupType: name => context.lookupType(name), isVariable: name => context.lookup(name) !== undefined, ...(options.isMatchAllowed && { isMatchAllowed: true }) });
}

/** `pointer,[n]`: what it points to as an array; an array with another length. */
function asArray(value: Value, count: number, context: EvaluationContext): Value {
  const type = strip(value.type);
  if (count > 1_000_000) throw new ExpressionError(`${count} elements are too many`, 1);
  if (type.kind === 'array') return { type: arrayOf(type.element, count), place: { ...(value.place.address !== undefined ? { address: value.place.address } : value.place) } };
  const pointer = decay(value, context);
  const target = strip(pointer.type);
  if (target.kind !== 'pointer') throw new ExpressionError('only a pointer or an array can be shown as an array', 1);
  return { type: arrayOf(target.target, count), place: { address: BigInt.asUintN(64, integerOf(pointer, context) ?? 0n) } };
}
