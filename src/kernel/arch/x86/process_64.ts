// Thread-local storage bases. Linux: arch/x86/kernel/process_64.c:do_arch_prctl_64()
import { choice, int, ptr } from '../../../abi/arg_types';
import { EINVAL, ENODEV, EPERM } from '../../../abi/errno';
import { ARCH, ARCH_GET_CPUID, ARCH_GET_FS, ARCH_GET_GS, ARCH_SET_CPUID, ARCH_SET_FS, ARCH_SET_GS } from '../../../abi/prctl';
import { task_mm } from '../../mm/mmap';
import { TASK_SIZE } from '../../mm/types';
import { put_user64 } from '../../mm/uaccess';
import { ports } from '../../state';
import { syscall } from '../../syscall';

export const sys_arch_prctl = syscall({
  nr: 158, nr32: 384, name: 'arch_prctl', brief: 'set architecture-specific thread state', args: { code: choice(ARCH), addr: ptr }, ret: int, classes: ['process'],
}, (task, { code, addr }) => {
  const { cpu } = ports();
  switch (code) {
    case ARCH_SET_FS:
    case ARCH_SET_GS:
      if (addr >= TASK_SIZE) return EPERM.because('the address is not a user address');
      if (code === ARCH_SET_FS) cpu.setFsBase(addr);
      else cpu.setUserGsBase(addr);
      return 0;
    case ARCH_GET_FS: return put_user64(task_mm(task), addr, cpu.fsBase);
    case ARCH_GET_GS: return put_user64(task_mm(task), addr, cpu.userGsBase);
    case ARCH_GET_CPUID: return 1;
    case ARCH_SET_CPUID: return ENODEV.because('cpuid cannot be made to fault');
    default: return EINVAL.because('this code is not supported');
  }
});
