// The page at the end of the address space that programs of old called for the time: nothing is there to read, and a jump to one of its three entries is done by the kernel.
// Linux: arch/x86/entry/vsyscall/vsyscall_64.c, with vsyscall=xonly. Differs: seccomp's filters are not asked.
import type { addr_t, int, uint } from '../../../abi/c_types';
import { SEGV_MAPERR, SI_KERNEL } from '../../../abi/signal';
import { sys_getcpu } from '../../kernel/prctl';
import { SIGSEGV, force_sig_info } from '../../kernel/signal';
import { sys_gettimeofday, sys_time } from '../../kernel/time/time';
import type { task_struct } from '../../kernel/types';
import { PAGE_SIZE, TASK_SIZE } from '../../mm/types';
import { get_user64 } from '../../mm/uaccess';
import { failed } from '../../result';
import type { SyscallDeclaration } from '../../syscall';
import { RAX, RDI, RDX, RIP, RSI, RSP, get_reg, set_reg } from './pt_regs';

/** As CR2 is told: 0xffffffffff600000. */
const VSYSCALL_ADDR = -0xa00000;
/** Linux: gate_vma */
export const VSYSCALL_MAP = 'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n';

const ENTRY_BYTES = 0x400;
const ENTRIES: readonly { call: SyscallDeclaration; args: readonly string[]; sizes: readonly uint[] }[] = [
  { call: sys_gettimeofday, args: ['tv', 'tz'], sizes: [16, 8] }, { call: sys_time, args: ['tloc'], sizes: [8] }, { call: sys_getcpu, args: ['cpu', 'node'], sizes: [4, 4] },
];

/** Ring 3 jumped to `address`. False: it is not the page. Linux: emulate_vsyscall() */
export function emulate_vsyscall(task: task_struct, address: addr_t): boolean {
  if (address < VSYSCALL_ADDR || address >= VSYSCALL_ADDR + PAGE_SIZE) return false;
  const entry = ENTRIES[(address - VSYSCALL_ADDR) / ENTRY_BYTES], sp = get_reg(task, RSP);
  const caller = entry && task.mm ? get_user64(task.mm, sp) : null;
  if (!entry || caller === null || failed(caller)) return refuse(task);
  const values = [get_reg(task, RDI), get_reg(task, RSI), get_reg(task, RDX)];
  for (const [i, size] of entry.sizes.entries()) {
    const pointer = values[i] ?? 0;
    if (pointer !== 0 && pointer + size > TASK_SIZE) {
      force_sig_info(SIGSEGV, { si_code: SEGV_MAPERR, si_addr: pointer }, task);
      return true;
    }
  }
  const result = entry.call.handler?.(task, Object.fromEntries(entry.args.map((name, i): [string, int] => [name, values[i] ?? 0])));
  if (typeof result !== 'number' && typeof result !== 'bigint') return refuse(task);
  set_reg(task, RAX, Number(result));
  set_reg(task, RIP, caller);
  set_reg(task, RSP, sp + 8);
  return true;
}

function refuse(task: task_struct): true {
  force_sig_info(SIGSEGV, { si_code: SI_KERNEL }, task);
  return true;
}
