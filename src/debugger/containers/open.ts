// Which container a value is, by the name that its library gives the type. Not here: how one prints (expression/format.ts), its rows (parts.ts).
import { type Member, strip, type StructType } from '../../dwarf/ctype';
import { memberOf } from '../expression/member';
import { integerOf, type Memory, type Value } from '../expression/value';
import type { Container } from './container';
import { goSlice, goString } from './go';
import { libstdcxx, templateOf } from './libstdcxx';
import { rust, rustSlice } from './rust';

export function containerOf(value: Value, memory: Memory): Container | undefined {
  const type = strip(value.type);
  if (value.isRaw || value.place.problem !== undefined || (type.kind !== 'struct' && type.kind !== 'class')) return undefined;
  const { tag } = type, name = templateOf(tag);
  const opener = libstdcxx[name] ?? rust[name] ?? (/^&|^alloc::boxed::Box<(str|\[)/.test(tag) ? rustSlice : tag === 'string' ? goString : tag.startsWith('[]') ? goSlice : undefined);
  return opener?.(value, type, memory);
}

/** What a tagged union holds now; undefined: it is none, or holds none of its variants. */
export function variantOf(value: Value, { variants }: StructType, memory: Memory): Member | undefined {
  if (!variants) return undefined;
  const { discriminant } = variants;
  if (!discriminant) return variants.variants[0]?.member;
  const tag = integerOf(memberOf(value, discriminant), memory), bits = 8 * (strip(discriminant.type).size ?? 8);
  if (tag === undefined) return undefined;
  const found = variants.variants.find(variant => variant.value !== undefined && BigInt.asUintN(bits, variant.value) === BigInt.asUintN(bits, tag));
  return (found ?? variants.variants.find(variant => variant.value === undefined))?.member;
}
