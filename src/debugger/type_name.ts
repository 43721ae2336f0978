// The names of types for rooms that may not look into DWARF.
import { strip, typeName, type CType } from '../dwarf/ctype';
import type { Value } from './expression/value';

export function valueTypeName(value: Value): string { return typeName(value.type); }

/** How many elements an array has; undefined for what is no array. */
export function elementCount(type: CType): number | undefined {
  const stripped = strip(type);
  return stripped.kind === 'array' ? stripped.count ?? 0 : undefined;
}

export function isPointer(type: CType): boolean { return strip(type).kind === 'pointer'; }
