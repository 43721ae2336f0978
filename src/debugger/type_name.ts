// The names of types for rooms that may not look into DWARF.
import { strip, typeName, type CType } from '../dwarf/ctype';
import { shortName } from './containers/libstdcxx';
import type { Value } from './expression/value';

export function valueTypeName(value: Value): string { return shortName(typeName(value.type)); }

export function isPointer(type: CType): boolean { return strip(type).kind === 'pointer'; }
