// What the variables of the simulated kernel's functions hold, as a person sees it: one line with its C type, and what is inside.
// Not here: conditions (kernel_path.ts).
import { Errno } from '../abi/errno';
import { kobjectTypes, type FieldKind } from '../kernel/kobject';
import { isBlock } from '../kernel/result';

export interface ShownKernelValue { name: string; type: string; text: string; value: unknown; children: number }

const HEX_FROM = 0x10000;

export function showKernelValue(name: string, value: unknown, field?: FieldKind): ShownKernelValue {
  return { name, value, ...describe(value, field), children: childCount(value) };
}

/** Fields in the order of their declaration, elements in theirs. */
export function kernelChildren(value: unknown): ShownKernelValue[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.map((one, i) => showKernelValue(`[${i}]`, one));
  if (value instanceof Map) return [...value].map(([key, one]) => showKernelValue(`[${typeof key === 'object' ? 'object' : String(key)}]`, one));
  if (value instanceof Set) return [...value].map((one, i) => showKernelValue(`[${i}]`, one));
  const fields = '$type' in value ? kobjectTypes.get(String(value.$type))?.fields : undefined;
  return Object.entries(value).filter(([key]) => !key.startsWith('$')).map(([key, one]) => showKernelValue(key, one, fields?.[key]));
}

function childCount(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof Errno || isBlock(value) || ArrayBuffer.isView(value)) return 0;
  return Array.isArray(value) ? value.length : value instanceof Map || value instanceof Set ? value.size : Object.keys(value).length;
}

function describe(value: unknown, field?: FieldKind): { type: string; text: string } {
  switch (typeof value) {
    case 'number': {
      const isHex = field?.kind === 'flags' || field?.kind === 'int' && field.show === 'hex';
      const text = field?.kind === 'int' && field.show === 'oct' ? `0${value.toString(8)}` : isHex && Number.isFinite(value) ? `0x${value.toString(16)}` : Number.isInteger(value) && value >= HEX_FROM ? `${value} (0x${value.toString(16)})` : String(value);
      return { type: field && 'c' in field ? field.c : 'long', text };
    }
    case 'bigint': return { type: field && 'c' in field ? field.c : 'u64', text: value >= HEX_FROM ? `0x${value.toString(16)}` : String(value) };
    case 'boolean': return { type: 'bool', text: String(value) };
    case 'string': return { type: 'char *', text: JSON.stringify(value) };
    case 'function': return { type: 'function', text: value.name };
    case 'object': break;
    default: return { type: '', text: 'not set' };
  }
  if (value === null) return { type: field?.kind === 'object' ? `struct ${field.type} *` : 'void *', text: 'NULL' };
  if (value instanceof Errno) return { type: 'int', text: `-${value.name} (${value.text})${value.reason ? `: ${value.reason}` : ''}` };
  if (isBlock(value)) return { type: 'int', text: 'BLOCK: the task sleeps, and the call runs again from its top when it is woken' };
  if ('$ops' in value) return { type: `struct ${field?.kind === 'ops' ? field.table : 'operations'} *`, text: `&${String(value.$ops)}` };
  if ('$type' in value && '$id' in value) return { type: `struct ${String(value.$type)} *`, text: `#${String(value.$id)}${titleOf(value)}` };
  if (value instanceof Uint8Array) return { type: `u8[${value.length}]`, text: [...value.subarray(0, 16)].map(byte => byte.toString(16).padStart(2, '0')).join(' ') + (value.length > 16 ? ' ...' : '') };
  if (Array.isArray(value)) return { type: 'array', text: `${value.length} elements` };
  if (value instanceof Map || value instanceof Set) return { type: value instanceof Map ? 'map' : 'set', text: `${value.size} elements` };
  return { type: 'struct', text: `{${Object.keys(value).join(', ')}}` };
}

/** The field that says which object it is. */
function titleOf(object: object): string {
  for (const key of ['comm', 'd_name', 's_id']) if (key in object) return ` ${JSON.stringify((object as Record<string, unknown>)[key])}`;
  const dentry = 'f_path' in object && typeof object.f_path === 'object' && object.f_path !== null && 'dentry' in object.f_path ? object.f_path.dentry : undefined;
  return typeof dentry === 'object' && dentry !== null ? titleOf(dentry) : '';
}
