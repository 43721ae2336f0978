// What a kernel value contains: the fields of its declaration, the shapes that Linux gives them where ours differ (fdt->fd[], f_dentry, d_name.name), elements.
// Not here: printing (format.ts), expressions (evaluate.ts).
import { kobjectTypes, type FieldKind, type KObject } from '../../kernel/kobject';
import { max_fds } from '../../kernel/fs/file';
import type { files_struct } from '../../kernel/fs/types';
import type { task_struct } from '../../kernel/kernel/types';
import { kernel } from '../../kernel/state';
import { collectOwners } from './graph';
import { fieldValue, isObject, kernelValue, opsName, type KernelValue } from './kernel_value';

export interface KernelMember {
  name: string;
  value: KernelValue;
  /** How an expression gets here from its owner: `->f_pos`, `[3]`. */
  step: string;
}

const ref = (type: string): FieldKind => ({ kind: 'object', type });
const int = (c: string): FieldKind => ({ kind: 'int', c, show: 'dec' });
const fdtable: Record<string, FieldKind> = { max_fds: int('unsigned int'), fd: { kind: 'list', of: ref('file') }, close_on_exec: { kind: 'set', of: int('int') } };

/** Linux: arch/x86/include/asm/thread_info.h, include/linux/thread_info.h */
const TIF = [['TIF_SIGPENDING', 1 << 2], ['TIF_NEED_RESCHED', 1 << 3]] as const;
const SYSCALL_WORK = [['SYSCALL_WORK_SECCOMP', 1 << 0], ['SYSCALL_WORK_SYSCALL_USER_DISPATCH', 1 << 5]] as const;
const TS_COMPAT = 2;

/** What the entry code looks at on its way back to ring 3, kept as truth values of the task. There is one processor. */
function threadInfo({ sigpending, need_resched, seccomp_mode, syscall_dispatch, call }: task_struct): KernelValue {
  const fields: Record<string, FieldKind> = {
    flags: { kind: 'flags', c: 'unsigned long', names: TIF }, syscall_work: { kind: 'flags', c: 'unsigned long', names: SYSCALL_WORK }, status: { kind: 'flags', c: 'u32', names: [['TS_COMPAT', TS_COMPAT]] }, cpu: int('u32'),
  };
  const flags = (sigpending ? TIF[0][1] : 0) | (need_resched ? TIF[1][1] : 0), syscall_work = (seccomp_mode ? SYSCALL_WORK[0][1] : 0) | (syscall_dispatch ? SYSCALL_WORK[1][1] : 0);
  return { kind: { kind: 'struct', c: 'struct thread_info', fields }, value: { flags, syscall_work, status: call?.abi === 1 ? TS_COMPAT : 0, cpu: 0 } };
}

/** Fields that Linux has under another name or in another place than the simulated kernel: by type, then by Linux's name. They are views: nothing is stored twice. */
const shapes: Readonly<Record<string, Readonly<Record<string, (object: never) => KernelValue>>>> = {
  files_struct: {
    fdt: (files: files_struct) => ({ kind: { kind: 'struct', c: 'struct fdtable *', fields: fdtable }, value: { max_fds: max_fds(files), fd: files.fd, close_on_exec: files.close_on_exec } }),
    fd_array: (files: files_struct) => ({ kind: { kind: 'list', of: ref('file') }, value: files.fd }),
  },
  file: {
    f_dentry: (file: { f_path: { dentry: KObject } }) => kernelValue(file.f_path.dentry),
    f_vfsmnt: (file: { f_path: { mnt: KObject } }) => kernelValue(file.f_path.mnt),
  },
  task_struct: {
    parent: (task: task_struct) => fieldValue(ref('task_struct'), task.real_parent),
    real_cred: (task: task_struct) => kernelValue(task.cred),
    active_mm: (task: task_struct) => fieldValue(ref('mm_struct'), task.mm),
    state: (task: task_struct) => ({ kind: int('unsigned int'), value: task.__state }),
    thread_info: threadInfo,
  },
  mm_struct: {
    mm_mt: (mm: { mmap: KObject[] }) => ({ kind: { kind: 'list', of: ref('vm_area_struct') }, value: mm.mmap }),
    owner: (mm: KObject) => fieldValue(ref('task_struct'), [...kernel.tasks.values()].find(task => task.mm === mm)?.group_leader ?? null),
  },
  inode: { i_dentry: (inode: KObject) => ({ kind: { kind: 'list', of: ref('dentry') }, value: collectOwners(inode).filter(({ owner, field }) => owner.$type === 'dentry' && field === 'd_inode').map(({ owner }) => owner) }) },
  dentry: { d_subdirs: (dentry: { d_children: Map<string, KObject> }) => ({ kind: { kind: 'list', of: ref('dentry') }, value: [...dentry.d_children.values()] }) },
  wait_queue_head: { task_list: (queue: { head: KObject[] }) => ({ kind: { kind: 'list', of: ref('task_struct') }, value: queue.head }) },
};

/** Those that a tree shows before the declared fields: objects of Linux's own that have no other place here. */
const shown: Readonly<Record<string, readonly string[]>> = { task_struct: ['thread_info'], files_struct: ['fdt'] };

/** Names of one field that C programmers write otherwise; the object itself is meant. */
const transparent = new Set(['name', 'val', 'counter', 'sig', 'bits']);

/** The field `name` of a value: of an object, of a record, or of an element of neither (`d_name.name`, `uid.val`: the value itself). */
export function findMember(owner: KernelValue, name: string): KernelValue | undefined {
  const { value } = owner;
  if (isObject(value)) {
    const declared = kobjectTypes.get(value.$type)?.fields[name];
    if (declared) return fieldValue(declared, value[name]);
    if (name in value && !name.startsWith('$')) return kernelValue(value[name]);
    return (shapes[value.$type]?.[name] as ((object: KObject) => KernelValue) | undefined)?.(value);
  }
  if (owner.kind.kind === 'struct') {
    const field = owner.kind.fields[name];
    return field && fieldValue(field, (value as Record<string, unknown>)[name]);
  }
  if (opsName(value) !== undefined && typeof value === 'object' && value !== null && name in value) return kernelValue((value as Record<string, unknown>)[name]);
  if (Array.isArray(value) && name === 'length') return { kind: int('size_t'), value: value.length };
  if ((value instanceof Map || value instanceof Set) && name === 'size') return { kind: int('size_t'), value: value.size };
  if ((typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') && transparent.has(name)) return owner;
  return undefined;
}

/** The names of all fields that `findMember` knows of a value. */
export function memberNames(owner: KernelValue): string[] {
  const { value, kind } = owner;
  if (isObject(value)) return [...Object.keys(kobjectTypes.get(value.$type)?.fields ?? {}), ...Object.keys(shapes[value.$type] ?? {})];
  return kind.kind === 'struct' ? Object.keys(kind.fields) : [];
}

/** The element at `index` of a list, of a map by its key, of bytes. */
export function elementAt(owner: KernelValue, index: number | string): KernelValue | undefined {
  const { kind, value } = owner;
  if (kind.kind === 'list' && (Array.isArray(value) || ArrayBuffer.isView(value))) {
    const element = (value as ArrayLike<unknown>)[Number(index)];
    return element === undefined ? undefined : fieldValue(kind.of, element);
  }
  if (value instanceof Uint8Array) return value[Number(index)] === undefined ? undefined : { kind: { kind: 'int', c: 'u8', show: 'hex' }, value: value[Number(index)] };
  if (kind.kind === 'map' && value instanceof Map) return value.has(index) ? fieldValue(kind.of, value.get(index)) : undefined;
  if (kind.kind === 'set' && value instanceof Set) return { kind: { kind: 'bool' }, value: value.has(index) };
  return undefined;
}

/** The children that a tree shows, in order of declaration. Lists leave out empty slots, as fd tables have them. */
export function membersOf({ kind, value }: KernelValue): KernelMember[] {
  if (isObject(value)) {
    const views = (shown[value.$type] ?? []).flatMap(name => { const view = findMember({ kind, value }, name); return view ? [{ name, value: view, step: `->${name}` }] : []; });
    return [...views, ...Object.entries(kobjectTypes.get(value.$type)?.fields ?? {}).map(([name, field]) => ({ name, value: fieldValue(field, value[name]), step: `->${name}` }))];
  }
  switch (kind.kind) {
    case 'struct': return Object.entries(kind.fields).map(([name, field]) => ({ name, value: fieldValue(field, (value as Record<string, unknown>)[name]), step: `.${name}` }));
    case 'list': return Array.from(value as ArrayLike<unknown>, (element, i) => ({ name: `[${i}]`, value: fieldValue(kind.of, element), step: `[${i}]` })).filter(member => member.value.value !== null);
    case 'map': return [...(value as Map<unknown, unknown>)].map(([key, element]) => { const text = typeof key === 'number' ? String(key) : JSON.stringify(String(key)); return { name: `[${text}]`, value: fieldValue(kind.of, element), step: `[${text}]` }; });
    case 'set': return [...(value as Set<unknown>)].map((element, i) => ({ name: `[${i}]`, value: fieldValue(kind.of, element), step: '' }));
    case 'ops': return opsName(value) === undefined ? [] : Object.entries(value as object).filter(([name]) => name !== 'name').map(([name, one]) => ({ name, value: kernelValue(one), step: `->${name}` }));
    default: return [];
  }
}

/** Whether a tree can unfold it. */
export function isExpandable({ kind, value }: KernelValue): boolean {
  if (isObject(value)) return true;
  if (value === null || value === undefined) return false;
  switch (kind.kind) {
    case 'list': return (value as ArrayLike<unknown>).length > 0;
    case 'map': case 'set': return (value as Map<unknown, unknown>).size > 0;
    case 'struct': case 'ops': return true;
    default: return false;
  }
}
