// A machine with the processor and the kernel of this build.
import { Cpu } from '../cpu/cpu';
import { PhysicalMemory } from '../cpu/physical_memory';
import { boot } from '../kernel/arch/x86/boot';
import { access_process_vm, do_int80_syscall_32, do_syscall_64, exc, host_ready, timer_interrupt } from '../kernel/arch/x86/entry';
import { assemble, type KernelModule, type LaunchOptions, type Session } from './assemble';
import { EventFan } from './events';
import type { Host } from './host';

const kernel: KernelModule = { access_process_vm, boot, do_syscall_64, do_int80_syscall_32, exc, timer_interrupt, host_ready };

/** A machine in which the program stands before its first instruction; see assemble(). There is one machine at a time: its kernel's state is global. */
export function launchMachine(options: LaunchOptions, host: Host, attach?: (session: Session) => void): Session {
  const memory = new PhysicalMemory();
  const events = new EventFan();
  const { codeStore } = host, keptCode = codeStore?.read(options.program);
  const core = new Cpu(memory, {
    ...(keptCode ? { keptCode } : {}),
    ...(codeStore ? { compileModule: (bytes, isCommon) => codeStore.compile(options.program, bytes, isCommon) } : {}),
    engine: options.engine, translateAfter: options.translateAfter,
    onUnimplemented: ({ text }) => events.notice(`${text.charAt(0).toUpperCase()}${text.slice(1)}; the program got SIGILL.`),
  });
  codeStore?.keepAtEnd(options.program, () => core.keepCode());
  return assemble(options, host, kernel, memory, core, events, attach);
}
