// NUMA policy and protection keys of a machine that has neither: one node, no PKU. Linux: mm/mempolicy.c and mm/migrate.c without CONFIG_NUMA, mm/mprotect.c
import { PKEY_RIGHTS } from '../../abi/ni';
import { bits, hex, int, pid, ptr, size, uint, ulong } from '../../abi/arg_types';
import { EINVAL, ENOSYS, type Errno } from '../../abi/errno';
import { PROT } from '../../abi/mman';
import { syscall } from '../syscall';
import { task_mm } from './mmap';
import { do_mprotect } from './mprotect';

const noNuma = (): Errno => ENOSYS.because('the kernel is built without NUMA');

export const sys_mbind = syscall({ nr: 237, nr32: 274, name: 'mbind', brief: 'set memory policy for a memory range', args: { addr: ptr, len: ulong, mode: int, nodemask: ptr, maxnode: ulong, flags: uint }, ret: int, classes: ['memory'] }, noNuma);
export const sys_set_mempolicy = syscall({ nr: 238, nr32: 276, name: 'set_mempolicy', brief: 'set default NUMA memory policy', args: { mode: int, nodemask: ptr, maxnode: ulong }, ret: int, classes: ['memory'] }, noNuma);
export const sys_get_mempolicy = syscall({ nr: 239, nr32: 275, name: 'get_mempolicy', brief: 'retrieve NUMA memory policy', args: { policy: ptr, nodemask: ptr, maxnode: ulong, addr: ptr, flags: ulong }, ret: int, classes: ['memory'] }, noNuma);
export const sys_migrate_pages = syscall({ nr: 256, nr32: 294, name: 'migrate_pages', brief: 'move all pages of a process to other nodes', args: { pid, maxnode: ulong, old_nodes: ptr, new_nodes: ptr }, ret: int, classes: ['memory'] }, noNuma);
export const sys_move_pages = syscall({ nr: 279, nr32: 317, name: 'move_pages', brief: 'move individual pages to other nodes', args: { pid, count: ulong, pages: ptr, nodes: ptr, status: ptr, flags: int }, ret: int, classes: ['memory'] }, noNuma);

export const sys_set_mempolicy_home_node = syscall({ nr: 450, nr32: 450, name: 'set_mempolicy_home_node', brief: 'set the home node of a memory range', args: { start: ptr, len: ulong, home_node: ulong, flags: hex }, ret: int, classes: ['memory'] }, noNuma);

export const sys_pkey_alloc = syscall({ nr: 330, nr32: 381, name: 'pkey_alloc', brief: 'allocate a protection key', args: { flags: hex, access_rights: bits(PKEY_RIGHTS) }, ret: int, classes: [] },
  (_task, { flags, access_rights }) => flags !== 0 || access_rights > 3 ? EINVAL.because('flags or access rights have unknown bits') : EINVAL.because('the processor has no protection keys'));
export const sys_pkey_free = syscall({ nr: 331, nr32: 382, name: 'pkey_free', brief: 'free a protection key', args: { pkey: int }, ret: int, classes: [] }, () => EINVAL.because('no key is allocated'));

export const sys_pkey_mprotect = syscall({ nr: 329, nr32: 380, name: 'pkey_mprotect', brief: 'set protection on a region of memory', args: { addr: ptr, len: size, prot: bits(PROT), pkey: int }, ret: int, classes: ['memory'] },
  (task, { addr, len, prot, pkey }) => pkey !== -1 ? EINVAL.because('the key is not allocated') : do_mprotect(task_mm(task), addr, len, prot));
