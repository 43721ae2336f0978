import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { inferTypes, type Inferred } from '../scripts/kernel_types.mjs';
import { C_TYPES } from '../src/abi/c_types';
import { typeText } from '../src/debugger/objects/kernel_value';
import { localValue } from '../src/debugger/kernel_locals';
import type { KernelType } from '../src/debugger/target';
import '../src/kernel/syscall_table';
// @ts-expect-error: a module without types
import { globSync } from './glob.mjs';

interface Found { name: string; file: string; types: Record<string, string>; untyped: string[]; returns: string }
interface SyntaxNode { type?: string; start?: number; id?: { name?: string }; key?: { name?: string } }

/** Every function of `files` with the C types of its numbers. */
function functionsOf(root: string, files: string[], inferred: Inferred): Found[] {
  const found: Found[] = [];
  const text = (type: KernelType | null | undefined, isNumber: boolean): string => type === null || type === undefined ? isNumber ? '?' : '' : typeText(localValue({ value: sample(type), type }, inferred.structs));
  for (const file of files) {
    const visit = (node: unknown, name: string): void => {
      if (Array.isArray(node)) { node.forEach(one => visit(one, name)); return; }
      if (typeof node !== 'object' || node === null) return;
      const { type, start, id, key } = node as SyntaxNode, own = id?.name ?? key?.name ?? name;
      if (type !== undefined && /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(type)) {
        const types = inferred.find(file, start ?? -1);
        assert.ok(types, `${file}: ${own} was not read`);
        found.push({
          name: own, file, returns: text(types.returns, types.returns === null),
          types: Object.fromEntries(types.vars.map(([variable, , of, isNumber]) => [variable, text(of, isNumber)])),
          untyped: types.vars.filter(([, , of, isNumber]) => isNumber && (of === null || of === undefined)).map(([variable]) => variable),
        });
      }
      for (const child of Object.values(node)) if (typeof child === 'object') visit(child, own);
    };
    visit(parseSync(file, readFileSync(path.join(root, file), 'utf8'), { lang: 'ts' }).program.body, '');
  }
  return found;
}

/** A value of the form that a type is for. */
function sample(type: KernelType): unknown {
  if (typeof type === 'string') return 1;
  if ('object' in type) return null;
  if ('list' in type) return [sample(type.list)];
  if ('set' in type) return new Set([sample(type.set)]);
  if ('map' in type) return new Map([[type.map[0] === null ? '' : sample(type.map[0]), type.map[1] === null ? '' : sample(type.map[1])]]);
  return {};
}

const inferIn = (files: Record<string, string>): Found[] => {
  const root = mkdtempSync(path.join(tmpdir(), 'types-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(root, name), text);
  const names = Object.keys(files), found = functionsOf(root, names, inferTypes(root, names));
  rmSync(root, { recursive: true });
  return found;
};

describe('the C types of the kernel\'s variables', () => {
  const root = path.resolve('src/kernel');
  const files = (globSync as (root: string, pattern: RegExp) => string[])(root, /(?<!\.d)\.ts$/).map(file => path.relative(root, file)).sort();
  let all: Found[];
  before(() => { all = functionsOf(root, files, inferTypes(root, files)); });
  const of = (name: string): Found => all.find(fn => fn.name === name) ?? assert.fail(`there is no ${name}`);

  it('follow from declarations: nothing but the declaration of calls that are not made here, which runs while the kernel loads, has a number without a type', () => {
    assert.ok(all.length > 1500);
    assert.deepEqual(all.flatMap(({ file, name, untyped }) => untyped.map(variable => `${file} ${name} ${variable}`)), ['kernel/sys_ni.ts ni_syscall nr', 'kernel/sys_ni.ts ni_syscall nr32']);
    assert.deepEqual(all.filter(({ returns }) => returns === '?').map(({ file, name }) => `${file} ${name}`), []);
  });

  it('need no name: a kernel whose variables are called otherwise has the same', () => {
    const text = "import { f, kobject } from './kobject';\nexport const file = kobject('file', { f_pos: f.loff });\nexport interface file extends Instance<typeof file> {}\nexport function read(a: file, b: number) { const c = b + a.f_pos; a.f_pos = b; return c; }";
    const [fn] = inferIn({ 'a.ts': text });
    assert.deepEqual([fn?.types, fn?.returns], [{ a: 'struct file *', b: 'loff_t', c: 'loff_t' }, 'loff_t']);
  });

  // Linux 6.12's own signatures, with our spelling of what is handed over differently: an iov_iter for a buffer and its length, a path for a struct filename.
  const signatures: [name: string, types: Record<string, string>, returns: string][] = [
    ['vfs_write', { file: 'struct file *', pos: 'loff_t', at: 'loff_t', done: 'ssize_t', from: 'struct iov_iter *' }, 'ssize_t'],
    ['vfs_read', { pos: 'loff_t', done: 'ssize_t', to: 'struct iov_iter *' }, 'ssize_t'],
    ['ksys_read', { fd: 'int', buf: 'void __user *', count: 'size_t' }, 'ssize_t'],
    ['ksys_write', { fd: 'int', buf: 'void __user *', count: 'size_t' }, 'ssize_t'],
    ['vfs_llseek', { offset: 'loff_t', whence: 'int' }, 'loff_t'],
    ['do_readv', { vlen: 'unsigned long', flags: 'int' }, 'ssize_t'],
    ['do_sys_openat2', { dfd: 'int', filename: 'void __user *', how: 'struct open_how *', fd: 'int' }, 'int'],
    ['path_openat', { dfd: 'int', flags: 'int', mode: 'umode_t' }, 'struct file *'],
    ['getname', { address: 'void __user *' }, ''],
    ['chmod_common', { mode: 'umode_t' }, 'long'],
    ['do_truncate', { length: 'loff_t' }, 'long'],
    ['generic_permission', { mask: 'int' }, ''],
    ['handle_mm_fault', { address: 'unsigned long', entry: 'pte_t *', pgoff: 'pgoff_t', pa: 'phys_addr_t', needed: 'vm_flags_t' }, ''],
    ['do_cow_fault', { entry: 'pte_t *', pa: 'phys_addr_t' }, ''],
    ['do_mmap', { mm: 'struct mm_struct *', file: 'struct file *', addr: 'unsigned long', length: 'size_t', prot: 'unsigned long', flags: 'unsigned long', pgoff: 'pgoff_t' }, 'unsigned long'],
    ['do_munmap', { start: 'unsigned long', length: 'size_t' }, 'int'],
    ['find_vma', { mm: 'struct mm_struct *', address: 'unsigned long' }, 'struct vm_area_struct *'],
    ['filemap_read', { pos: 'loff_t', page: 'phys_addr_t', copied: 'size_t' }, 'ssize_t'],
    ['copy_process', { flags: 'unsigned long', pid: 'pid_t', stackPa: 'phys_addr_t', args: 'struct kernel_clone_args *', parent: 'struct task_struct *', child: 'struct task_struct *' }, 'struct task_struct *'],
    ['alloc_fd', { start: 'unsigned int', end: 'unsigned int' }, 'int'],
    ['get_unused_fd', {}, 'int'],
    ['do_pipe2', { flags: 'int', read_fd: 'int', write_fd: 'int' }, 'int'],
    ['futex_wait', { uaddr: 'void __user *', value: 'u32', bitset: 'u32', deadline: 'ktime_t' }, 'long'],
    ['send_signal', { signo: 'int', task: 'struct task_struct *' }, ''],
    ['pipe_write', { room: 'size_t' }, 'ssize_t'],
    ['tcp_recvmsg', { copied: 'size_t' }, 'ssize_t'],
  ];
  for (const [name, types, returns] of signatures) {
    it(`are Linux's in ${name}`, () => {
      const fn = of(name);
      assert.deepEqual(Object.fromEntries(Object.keys(types).map(variable => [variable, fn.types[variable]])), types);
      assert.equal(fn.returns, returns);
    });
  }

  it('are those of the arguments in a system call\'s handler, and its result is the call\'s', () => {
    const { types, returns } = all.find(({ name, types: of }) => name === 'sys_write' && 'buf' in of) ?? assert.fail();
    assert.deepEqual([types['fd'], types['buf'], types['count'], returns], ['int', 'const void *', 'size_t', 'long']);
  });

  it('are listed: each alias of abi/c_types.ts says how it is written in C', () => {
    const aliases = [...readFileSync('src/abi/c_types.ts', 'utf8').matchAll(/^export type (\w+) = number;$/gm)].map(([, name]) => name);
    assert.deepEqual(Object.keys(C_TYPES).sort(), aliases.sort());
  });
});
