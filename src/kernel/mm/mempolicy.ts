// NUMA policies of a machine that has one node: they are checked, kept and told, and all memory is at node 0 whatever they say. Linux: mm/mempolicy.c, mm/migrate.c:kernel_move_pages()
import type { addr_t, int, uflags_t, ulong } from '../../abi/c_types';
import { hex, int as int_arg, pid as pid_arg, ptr, uint, ulong as ulong_arg } from '../../abi/arg_types';
import { EFAULT, EINVAL, ENODEV, ENOENT, EOPNOTSUPP, EPERM, ESRCH, type Errno } from '../../abi/errno';
import {
  MPOL_BIND, MPOL_DEFAULT, MPOL_F_ADDR, MPOL_F_MEMS_ALLOWED, MPOL_F_NODE, MPOL_F_NUMA_BALANCING, MPOL_F_RELATIVE_NODES, MPOL_F_STATIC_NODES, MPOL_INTERLEAVE, MPOL_LOCAL, MPOL_MF_MOVE, MPOL_MF_MOVE_ALL, MPOL_MF_STRICT, MPOL_PREFERRED,
  MPOL_PREFERRED_MANY, MPOL_WEIGHTED_INTERLEAVE,
} from '../../abi/ni';
import { _PAGE_PRESENT, pte_lo, pte_offset } from '../arch/x86/pgtable';
import { capable, CAP_SYS_NICE } from '../fs/inode';
import { ptrace_may_access } from '../kernel/pid';
import type { task_struct } from '../kernel/types';
import type { Block } from '../result';
import { failed } from '../result';
import { kernel } from '../state';
import { syscall } from '../syscall';
import { find_vma_at, handle_mm_fault } from './memory';
import { page_align, task_mm } from './mmap';
import { PAGE_SIZE, TASK_SIZE, type mm_struct } from './types';
import { copy_from_user, copy_to_user, put_user32 } from './uaccess';
import { isolate, vma_merge } from './vma';

/** Linux: CONFIG_NODES_SHIFT 6 */
const MAX_NUMNODES = 64, NODE_0 = 1n, MODE_FLAGS = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES | MPOL_F_NUMA_BALANCING, WORD = 64;

/** A set of nodes as a caller gives it. Linux: mm/mempolicy.c:get_nodes() */
function get_nodes(task: task_struct, nmask: addr_t, maxnode: ulong): bigint | Errno | Block {
  // A number of bits, and one more.
  const bits = maxnode === 0 ? 2 ** 64 - 1 : maxnode - 1;
  if (bits === 0 || nmask === 0) return 0n;
  if (bits > PAGE_SIZE * 8) return EINVAL.because(`a set of ${bits} nodes is longer than a page`);
  const words = Math.ceil(bits / WORD), bytes = copy_from_user(task_mm(task), nmask, words * 8);
  if (failed(bytes)) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 1; i < words; i++) if (view.getBigUint64(i * 8, true) !== 0n && !(i === words - 1 && bits % WORD !== 0 && (view.getBigUint64(i * 8, true) & ((1n << BigInt(bits % WORD)) - 1n)) === 0n)) return EINVAL.because(`the set names nodes beyond ${MAX_NUMNODES}`);
  const first = view.getBigUint64(0, true);
  return bits >= WORD ? first : first & ((1n << BigInt(bits)) - 1n);
}

/** What a mode and its nodes come to: 0, or the mode with its flags. Linux: mpol_new(), mpol_set_nodemask() */
function mpol_new(mode: int, nodes: bigint): int | Errno {
  const kind = mode & ~MODE_FLAGS, modeFlags = mode & MODE_FLAGS;
  if (kind === MPOL_DEFAULT) return nodes === 0n ? 0 : EINVAL.because('MPOL_DEFAULT takes no nodes');
  if (kind === MPOL_PREFERRED && nodes === 0n) return modeFlags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES) ? EINVAL.because('no nodes are fixed') : MPOL_LOCAL;
  if (kind === MPOL_LOCAL) return nodes !== 0n || modeFlags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES) ? EINVAL.because('MPOL_LOCAL takes no nodes and no flags') : MPOL_LOCAL;
  if (nodes === 0n) return EINVAL.because('the mode takes nodes');
  return (modeFlags & MPOL_F_RELATIVE_NODES) === 0 && (nodes & NODE_0) === 0n ? EINVAL.because('none of the nodes is there: node 0 is the only one') : mode;
}

/** Linux: sanitize_mpol_flags() */
function mode_is_bad(mode: int): Errno | null {
  const kind = mode & ~MODE_FLAGS;
  if (kind < MPOL_DEFAULT || kind > MPOL_WEIGHTED_INTERLEAVE) return EINVAL.because(`mode ${kind} is not known`);
  if ((mode & MPOL_F_STATIC_NODES) !== 0 && (mode & MPOL_F_RELATIVE_NODES) !== 0) return EINVAL.because('MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES together');
  return (mode & MPOL_F_NUMA_BALANCING) !== 0 && kind !== MPOL_BIND && kind !== MPOL_PREFERRED_MANY ? EINVAL.because('MPOL_F_NUMA_BALANCING goes with MPOL_BIND') : null;
}

export const sys_set_mempolicy = syscall({ nr: 238, nr32: 276, name: 'set_mempolicy', brief: 'set default NUMA memory policy', args: { mode: int_arg, nodemask: ptr, maxnode: ulong_arg }, ret: int_arg, classes: ['memory'] }, (task, args) => {
  const bad = mode_is_bad(args.mode);
  if (bad) return bad;
  const nodes = get_nodes(task, args.nodemask, args.maxnode);
  if (typeof nodes !== 'bigint') return nodes;
  const policy = mpol_new(args.mode, nodes);
  if (typeof policy !== 'number') return policy;
  task.mempolicy = policy;
  return 0;
});

/** Whether mappings cover a range without a hole. */
function covers(mm: mm_struct, start: addr_t, end: addr_t): boolean {
  for (let at = start; at < end;) {
    const vma = find_vma_at(mm, at);
    if (!vma) return false;
    at = vma.vm_end;
  }
  return true;
}

export const sys_mbind = syscall({ nr: 237, nr32: 274, name: 'mbind', brief: 'set memory policy for a memory range', args: { addr: ptr, len: ulong_arg, mode: int_arg, nodemask: ptr, maxnode: ulong_arg, flags: uint }, ret: int_arg, classes: ['memory'] }, (task, args) => {
  const bad = mode_is_bad(args.mode);
  if (bad) return bad;
  const nodes = get_nodes(task, args.nodemask, args.maxnode);
  if (typeof nodes !== 'bigint') return nodes;
  if ((args.flags & ~(MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) !== 0) return EINVAL.because('a flag is not known');
  if ((args.flags & MPOL_MF_MOVE_ALL) !== 0 && !capable(task, CAP_SYS_NICE)) return EPERM.because('MPOL_MF_MOVE_ALL needs CAP_SYS_NICE');
  if (args.addr % PAGE_SIZE !== 0) return EINVAL.because('the address is not a multiple of the page size');
  const length = args.len > 2 ** 64 - PAGE_SIZE ? 0 : page_align(args.len), end = args.addr + length;
  if (end >= 2 ** 64) return EINVAL.because('the range wraps around');
  if (length === 0) return 0;
  const policy = mpol_new(args.mode, nodes);
  if (typeof policy !== 'number') return policy;
  const mm = task_mm(task);
  if (end > TASK_SIZE || !covers(mm, args.addr, end)) return EFAULT.because('the range has a hole');
  const changed = isolate(mm, args.addr, end);
  for (const vma of changed) vma.vm_policy = policy;
  for (const vma of changed) if (mm.mmap.includes(vma)) vma_merge(mm, vma);
  return 0;
});

/** Where a page is: its node, or why it is nowhere. */
function node_of(mm: mm_struct, address: addr_t): int {
  if (!find_vma_at(mm, address)) return -EFAULT.number;
  const entry = pte_offset(mm.pgd, address, null);
  return entry >= 0 && (pte_lo(entry) & _PAGE_PRESENT) !== 0 ? 0 : -ENOENT.number;
}

/** The policy's number, and its nodes. Linux: do_get_mempolicy() */
function do_get_mempolicy(task: task_struct, address: addr_t, how: uflags_t): { policy: int; nodes: bigint } | Errno {
  if ((how & MPOL_F_MEMS_ALLOWED) !== 0) return (how & (MPOL_F_NODE | MPOL_F_ADDR)) !== 0 ? EINVAL.because('MPOL_F_MEMS_ALLOWED goes alone') : { policy: 0, nodes: NODE_0 };
  const mm = task_mm(task), vma = (how & MPOL_F_ADDR) !== 0 ? find_vma_at(mm, address) : undefined;
  if ((how & MPOL_F_ADDR) !== 0 && !vma) return EFAULT.because('nothing is mapped there');
  if ((how & MPOL_F_ADDR) === 0 && address !== 0) return EINVAL.because('an address is for MPOL_F_ADDR');
  const policy = vma && vma.vm_policy !== 0 ? vma.vm_policy : task.mempolicy, kind = policy & ~MODE_FLAGS;
  if ((how & MPOL_F_NODE) === 0) return { policy, nodes: kind === MPOL_DEFAULT || kind === MPOL_LOCAL ? 0n : NODE_0 };
  if (vma) {
    const fault = node_of(mm, address) === 0 ? null : handle_mm_fault(mm, vma, address, 'read');
    return fault === null ? { policy: 0, nodes: kind === MPOL_DEFAULT || kind === MPOL_LOCAL ? 0n : NODE_0 } : EFAULT.because('the page cannot be brought');
  }
  return kind === MPOL_INTERLEAVE || kind === MPOL_WEIGHTED_INTERLEAVE ? { policy: 0, nodes: NODE_0 } : EINVAL.because('the policy does not go from node to node');
}

export const sys_get_mempolicy = syscall({ nr: 239, nr32: 275, name: 'get_mempolicy', brief: 'retrieve NUMA memory policy', args: { policy: ptr, nodemask: ptr, maxnode: ulong_arg, addr: ptr, flags: ulong_arg }, ret: int_arg, classes: ['memory'] }, (task, args) => {
  if (args.nodemask !== 0 && args.maxnode < 1) return EINVAL.because('there is one node');
  if (args.flags > 7) return EINVAL.because('a flag is not known');
  const told = do_get_mempolicy(task, args.addr, args.flags);
  if (!('policy' in told)) return told;
  if (args.policy !== 0) {
    const stored = put_user32(task_mm(task), args.policy, told.policy);
    if (failed(stored)) return stored;
  }
  if (args.nodemask === 0) return 0;
  // A number of bits, and one more; the words behind the first are zero.
  const bytes = Math.ceil((args.maxnode - 1) / WORD) * 8;
  if (bytes > PAGE_SIZE) return EINVAL.because('the set is longer than a page');
  const set = new Uint8Array(bytes);
  if (bytes > 0) new DataView(set.buffer).setBigUint64(0, told.nodes, true);
  const stored = copy_to_user(task_mm(task), args.nodemask, set);
  return failed(stored) ? stored : 0;
});

/** Whose memory is meant: 0 is the caller's. */
function target_of(task: task_struct, pid: int): task_struct | Errno {
  const target = pid === 0 ? task : kernel.tasks.get(pid);
  if (!target) return ESRCH.because(`there is no process ${pid}`);
  return target === task || ptrace_may_access(task, target) ? target : EPERM.because('the process belongs to another user');
}

export const sys_migrate_pages = syscall({ nr: 256, nr32: 294, name: 'migrate_pages', brief: 'move all pages of a process to other nodes', args: { pid: pid_arg, maxnode: ulong_arg, old_nodes: ptr, new_nodes: ptr }, ret: int_arg, classes: ['memory'] }, (task, args) => {
  const from = get_nodes(task, args.old_nodes, args.maxnode), to = typeof from === 'bigint' ? get_nodes(task, args.new_nodes, args.maxnode) : from;
  if (typeof to !== 'bigint') return to;
  const target = target_of(task, args.pid);
  if (!('pid' in target)) return target;
  if ((to & ~NODE_0) !== 0n && !capable(task, CAP_SYS_NICE)) return EPERM.because('nodes beyond those of the process need CAP_SYS_NICE');
  return (to & NODE_0) === 0n ? EINVAL.because('none of the nodes is there: node 0 is the only one') : 0;
});

export const sys_move_pages = syscall({ nr: 279, nr32: 317, name: 'move_pages', brief: 'move individual pages to other nodes', args: { pid: pid_arg, count: ulong_arg, pages: ptr, nodes: ptr, status: ptr, flags: int_arg }, ret: int_arg, classes: ['memory'] }, (task, args) => {
  if ((args.flags & ~(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) !== 0) return EINVAL.because('a flag is not known');
  if ((args.flags & MPOL_MF_MOVE_ALL) !== 0 && !capable(task, CAP_SYS_NICE)) return EPERM.because('MPOL_MF_MOVE_ALL needs CAP_SYS_NICE');
  const target = target_of(task, args.pid);
  if (!('pid' in target)) return target;
  if (!target.mm) return EINVAL.because('the process has no memory');
  const mm = task_mm(task);
  for (let i = 0; i < args.count; i++) {
    const page = copy_from_user(mm, args.pages + i * 8, 8), wanted = failed(page) || args.nodes === 0 ? null : copy_from_user(mm, args.nodes + i * 4, 4);
    if (failed(page)) return page;
    if (failed(wanted)) return wanted;
    if (wanted && new DataView(wanted.buffer, wanted.byteOffset).getInt32(0, true) !== 0) return ENODEV.because('there is no such node');
    const told = put_user32(mm, args.status + i * 4, node_of(target.mm, Number(new DataView(page.buffer, page.byteOffset).getBigUint64(0, true))) >>> 0);
    if (failed(told)) return told;
  }
  return 0;
});

export const sys_set_mempolicy_home_node = syscall({ nr: 450, nr32: 450, name: 'set_mempolicy_home_node', brief: 'set the home node of a memory range', args: { start: ptr, len: ulong_arg, home_node: ulong_arg, flags: hex }, ret: int_arg, classes: ['memory'] }, (task, args) => {
  if (args.start % PAGE_SIZE !== 0) return EINVAL.because('the address is not a multiple of the page size');
  if (args.flags !== 0) return EINVAL.because('a flag is not known');
  if (args.home_node !== 0) return EINVAL.because('node 0 is the only one');
  const length = args.len > 2 ** 64 - PAGE_SIZE ? 0 : page_align(args.len);
  if (args.start + length >= 2 ** 64) return EINVAL.because('the range wraps around');
  let result: 0 | Errno = length === 0 ? 0 : ENOENT.because('nothing in the range has a policy');
  for (const { vm_start, vm_end, vm_policy } of task_mm(task).mmap) {
    if (vm_end <= args.start || vm_start >= args.start + length || vm_policy === 0) continue;
    const kind = vm_policy & ~MODE_FLAGS;
    if (kind !== MPOL_BIND && kind !== MPOL_PREFERRED_MANY) return EOPNOTSUPP.because('the policy has no home');
    result = 0;
  }
  return result;
});
