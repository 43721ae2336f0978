// Thread-local storage bases. Linux: arch/x86/kernel/process_64.c:do_arch_prctl_64()
import { choice, int, ptr } from '../../../abi/arg_types';
import { EEXIST, EINVAL, ENODEV, EOPNOTSUPP, EPERM } from '../../../abi/errno';
import {
  ARCH, ARCH_GET_CPUID, ARCH_GET_FS, ARCH_GET_GS, ARCH_GET_XCOMP_GUEST_PERM, ARCH_GET_XCOMP_PERM, ARCH_GET_XCOMP_SUPP, ARCH_MAP_VDSO_32, ARCH_MAP_VDSO_64, ARCH_REQ_XCOMP_GUEST_PERM, ARCH_REQ_XCOMP_PERM,
  ARCH_SET_CPUID, ARCH_SET_FS, ARCH_SET_GS,
} from '../../../abi/prctl';
import { task_mm } from '../../mm/mmap';
import { TASK_SIZE } from '../../mm/types';
import { put_user64 } from '../../mm/uaccess';
import { ports } from '../../state';
import { syscall } from '../../syscall';

/** x87, SSE and AVX; the number of AMX's tiles. Linux: arch/x86/include/asm/fpu/types.h */
const XFEATURES = 7, LAST_XFEATURE = 18;

export const sys_arch_prctl = syscall({
  nr: 158, nr32: 384, name: 'arch_prctl', brief: 'set architecture-specific thread state', args: { code: choice(ARCH), addr: ptr }, ret: int, classes: [],
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
    case ARCH_GET_XCOMP_SUPP: case ARCH_GET_XCOMP_PERM: case ARCH_GET_XCOMP_GUEST_PERM: return put_user64(task_mm(task), addr, XFEATURES);
    case ARCH_REQ_XCOMP_PERM: case ARCH_REQ_XCOMP_GUEST_PERM: return addr > LAST_XFEATURE ? EINVAL.because('there is no such feature') : EOPNOTSUPP.because('the processor has no feature that has to be asked for');
    case ARCH_MAP_VDSO_32: case ARCH_MAP_VDSO_64: return EEXIST.because('the vDSO is mapped already');
    case ARCH_GET_CPUID: return 1;
    case ARCH_SET_CPUID: return ENODEV.because('cpuid cannot be made to fault');
    default: return EINVAL.because('this code is not supported');
  }
});
