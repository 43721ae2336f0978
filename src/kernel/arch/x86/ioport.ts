// Segments and ports, which a container does not get: no local descriptor table, no I/O privilege. Linux: arch/x86/kernel/ioport.c, ldt.c
import { int, ptr, uint, ulong } from '../../../abi/arg_types';
import { EINVAL, ENOSYS, EPERM } from '../../../abi/errno';
import { syscall } from '../../syscall';

const IO_BITMAP_BITS = 65536;

export const sys_ioperm = syscall({ nr: 173, nr32: 101, name: 'ioperm', brief: 'set port input/output permissions', args: { from: ulong, num: ulong, turn_on: int }, ret: int, classes: [], support: { partial: 'ports are never granted' } },
  (_task, { from, num, turn_on }) => {
    if (num === 0 || from + num > IO_BITMAP_BITS) return EINVAL.because('the range is empty or ends beyond port 65535');
    return turn_on !== 0 ? EPERM.because('there are no ports to grant') : 0;
  });

export const sys_iopl = syscall({ nr: 172, nr32: 110, name: 'iopl', brief: 'change I/O privilege level', args: { level: uint }, ret: int, classes: [], support: { partial: 'the level is never raised' } },
  (_task, { level }) => level > 3 ? EINVAL.because('the level is above 3') : level > 0 ? EPERM.because('there are no ports to grant') : 0);

export const sys_modify_ldt = syscall({ nr: 154, nr32: 123, name: 'modify_ldt', brief: 'get or set a per-process LDT entry', args: { func: int, ptr, bytecount: ulong }, ret: int, classes: [], support: { none: 'the kernel is built without CONFIG_MODIFY_LDT_SYSCALL' } },
  () => ENOSYS.because('the kernel is built without CONFIG_MODIFY_LDT_SYSCALL'));
