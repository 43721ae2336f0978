// The C types of the kernel's plain numbers: its functions are TypeScript, so a number's type is that of the field or of the system call's argument that it is, where
// the kernel declares one; else it follows from its name, which is Linux's for it. Everything else carries its type. Not here: printing (objects/format.ts).
import { kobjectTypes, type FieldKind } from '../kernel/kobject';
import { syscallsByName } from '../kernel/syscall';
import { kernelValue, type KernelValue } from './objects/kernel_value';
import type { KernelOrigin } from './target';

const int = (c: string, show: 'dec' | 'hex' | 'oct' = 'dec'): FieldKind => ({ kind: 'int', c, show });

const types: Readonly<Record<string, FieldKind>> = Object.fromEntries(([
  [int('int'), 'fd', 'dfd', 'newfd', 'oldfd', 'nr', 'abi', 'signo', 'sig', 'whence', 'vector', 'index', 'i', 'j', 'k'],
  [int('int', 'hex'), 'flags', 'cmd', 'op', 'clone_flags', 'access'],
  [int('size_t'), 'count', 'len', 'length', 'size', 'vlen', 'done', 'part', 'left', 'bytes_left'],
  [int('loff_t'), 'pos', 'offset', 'at', 'start', 'end'],
  [int('umode_t', 'oct'), 'mode', 'umask'],
  [int('pid_t'), 'pid', 'tgid', 'tid', 'pgid', 'sid'],
  [int('phys_addr_t', 'hex'), 'pa', 'regsPa', 'page', 'pgd', 'pgdPa', 'entry', 'pte'],
  [int('unsigned long', 'hex'), 'prot', 'vm_flags', 'error_code', 'errorCode', 'mask'],
  [int('void __user *', 'hex'), 'buf', 'addr', 'address', 'vec', 'ip', 'sp', 'uaddr'],
  [int('ktime_t'), 'deadline', 'deadlineNs', 'ns', 'now'],
] as [FieldKind, ...string[]][]).flatMap(([kind, ...names]) => names.map(name => [name, kind])));

/** From here on a number without a known name is more likely an address than an amount. */
const ADDRESSES = 0x4000_0000;

/** What stands for the machine in the kernel's code - its ports - and is no state of the kernel. */
export function isMachinePart(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || '$type' in value || '$ops' in value) return false;
  return !/^(Object|Array|Map|Set|Errno|Uint8Array|Float64Array|DataView)$/.test((Object.getPrototypeOf(value) as object | null)?.constructor.name ?? 'Object')
    || Object.values(value).some(one => typeof one === 'function');
}

/** The type that the kernel's own declarations give; a field's only where all objects that have one of that name agree. */
function declaredKind(name: string, origin: KernelOrigin | undefined): FieldKind | undefined {
  if (!origin) return undefined;
  if ('call' in origin) {
    const c = syscallsByName.get(origin.call)?.args[name]?.c;
    return c === undefined ? undefined : /[*\]]$/.test(c) ? int(c, 'hex') : types[name]?.kind === 'int' && types[name].show !== 'dec' ? { ...types[name], c } : int(c);
  }
  const kinds = [...kobjectTypes.values()].flatMap(({ fields }) => fields[origin.field] ?? []).filter(kind => kind.kind === 'int' || kind.kind === 'flags');
  const [first] = kinds;
  return first && kinds.every(kind => kind.c === first.c) ? first : undefined;
}

export function localValue(name: string, value: unknown, origin?: KernelOrigin): KernelValue {
  if (typeof value !== 'number') return kernelValue(value);
  const declared = declaredKind(name, origin);
  if (declared) return { kind: declared, value };
  const kind = types[name] ?? int('long');
  return { kind: kind.kind === 'int' && kind.show === 'dec' && Number.isInteger(value) && value >= ADDRESSES && kind.c !== 'ktime_t' && kind.c !== 'loff_t' ? int(kind.c, 'hex') : kind, value };
}
