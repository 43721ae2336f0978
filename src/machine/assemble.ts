// Puts a machine together: memory, image, page tables, ports, processor, and a kernel given as a module (the plain or the probed build).
import { assert } from '../base/assert';
import { UserError } from '../base/errors';
import type { PhysicalMemory } from '../cpu/physical_memory';
import { CPU_RESERVED_BYTES, type Engine } from '../cpu/ports';
import type { Errno } from '../abi/errno';
import type { BootOptions } from '../kernel/arch/x86/boot';
import { isBlock, type Block } from '../kernel/result';
import type { task_struct } from '../kernel/kernel/types';
import type { MachinePorts } from '../kernel/arch/x86/ports';
import { buildKernelSpace } from './boot';
import { VirtualClock } from './clock';
import { costModels, type CostModelName } from './cost_model';
import { RecordedConsole } from './console';
import { SeededEntropy } from './entropy';
import { eventLog } from './event_source';
import type { EventFan } from './events';
import type { Host } from './host';
import { readGuestFile, writtenFiles, type WrittenFile } from './guest_files';
import { readKernelImage } from './image/kernel_image';
import { syscallGate } from './image/syscall_gate';
import { readVdsoImage } from './image/vdso_image';
import { kernelFacts } from './kernel_facts';
import { LaunchCall } from './launch_call';
import { describer, logSource } from './log_source';
import { Machine, type KernelEntries } from './machine';
import { GuestPages } from './physical_pages';
import { MachineProcessor, type Core } from './processor';
import { checkProgram } from './program';
import { RecordedFiles, Recorder } from './recorder';
import { MachineTarget } from './target';
import type { EventLog } from '../trace/event';
import type { LogSource } from '../trace/strace_text';
import { Timeline } from './timeline';

/** What to run. Strings that the guest sees are bytes as latin1. */
export interface LaunchOptions {
  /** As execve gets it: absolute, or relative to `cwd`. */
  program: string;
  argv: string[];
  /** KEY=VALUE. */
  env: string[];
  /** Absolute in the guest. */
  cwd: string;
  /** The folder of the host that is the guest's /. */
  sysroot?: string;
  /** CLOCK_REALTIME at boot; the host's time otherwise. */
  epochNs?: bigint;
  /** Of getrandom, AT_RANDOM and the like. */
  seed?: number;
  engine?: Engine;
  /** See CpuOptions: for tests. */
  translateAfter?: number;
  costModel?: CostModelName;
  /** False: programs see no vDSO, their clock calls are real ones. */
  vdso?: boolean;
  /** RAM of the guest. */
  memoryBytes?: number;
}

/** A build of the kernel. */
export interface KernelModule extends KernelEntries {
  /** Writes through page protection, breaking copy-on-write; how many bytes were written. */
  access_process_vm(task: task_struct, address: number, bytes: Uint8Array): number;
  /** Sets up the first task and its program; an Errno when execve refuses it, Block when it must be called again. */
  boot(ports: MachinePorts, options: BootOptions): Errno | Block | null;
}

export interface Session {
  readonly machine: Machine;
  readonly memory: PhysicalMemory;
  readonly logSource: LogSource;
  /** The debugger's view, made when first asked for: it makes the machine stop for its news, and records the past in so much memory (512 MB). */
  target(pastMB?: number): MachineTarget;
  /** The events from now on, recorded; made when first asked for. `memoryMB` bounds it. */
  eventLog(memoryMB?: number): EventLog;
  writtenFiles(): WrittenFile[];
}

const DEFAULT_RAM = 2 ** 30;

/**
 * A machine in which the program stands before its first instruction. `attach` is called before anything has happened, so that a listener sees the
 * first execve. Throws UserError when the program cannot run. A host that answers late lets the machine boot in its first runs; then those throw.
 */
export function assemble(options: LaunchOptions, host: Host, kernel: KernelModule, memory: PhysicalMemory, core: Core, events: EventFan, attach: (session: Session) => void = () => undefined): Session {
  const sysroot = options.sysroot ?? '/';
  const recorder = new Recorder(() => machine.position, host.recorded?.wakes.slice());
  const files = new RecordedFiles(host.files, recorder, host.recorded?.answers);
  recorder.end = host.recorded?.end ?? null;
  if (!host.recorded) checkProgram(files, sysroot, options.program.startsWith('/') ? options.program : `${options.cwd}/${options.program}`, options.program);

  const image = readKernelImage(), vdso = readVdsoImage();
  const ram = Math.min(memory.maximumBytes, CPU_RESERVED_BYTES + (options.memoryBytes ?? DEFAULT_RAM));
  const space = buildKernelSpace(new GuestPages(memory, 0, ram), image, CPU_RESERVED_BYTES);
  const phys = new GuestPages(memory, space.end, ram);
  const clock = new VirtualClock(core, options.epochNs ?? host.epochNs, costModels[options.costModel ?? 'bare-metal']);
  const console = new RecordedConsole(host.console, recorder, host.recorded?.console);
  const entropy = new SeededEntropy(options.seed ?? 1);
  const ports: MachinePorts & { readonly phys: GuestPages } = {
    phys, clock, files, console, events, facts: host.facts, entropy, cpu: new MachineProcessor(core, phys, space, image), kallsyms: () => image.symbols(), cpuid: (leaf, sub) => core.cpuid(leaf, sub),
  };
  core.syscallGate = syscallGate(image);
  const machine = new Machine({
    core, image, vdso, space, ports, clock, console, files, recorder, entropy, events, entries: kernel, facts: kernelFacts, elapsedNs: () => host.elapsedNs(),
    writeMemory: (task, address, bytes) => kernel.access_process_vm(task, Number(address), bytes),
    readFile: path => path === '[vdso]' ? vdso.file : readGuestFile(files, sysroot, path) ?? undefined,
  });
  const shell = new LaunchCall(options);
  const source = logSource(phys, files, sysroot, clock, pid => shell.memory(pid));
  let target: MachineTarget | null = null, recorded: EventLog | null = null;
  const session: Session = {
    machine, memory, logSource: source, writtenFiles,
    eventLog: memoryMB => recorded ??= eventLog(machine, source, memoryMB),
    target: pastMB => {
      assert(!machine.boot, 'the machine has not booted yet');
      return target ??= new MachineTarget(machine, new Timeline(machine, memory, pastMB && pastMB * 2 ** 20), files, sysroot, describer(source));
    },
  };
  attach(session);
  shell.begin(events);
  const fresh = { clock: clock.saveState(), entropy: entropy.state.slice() };
  machine.boot = () => {
    clock.loadState(fresh.clock);
    entropy.state.set(fresh.entropy);
    const refused = kernel.boot(ports, { path: options.program, argv: options.argv, envp: options.env, cwd: options.cwd, sysroot, swapper_pg_dir: space.swapperPgd, vdso: options.vdso === false ? null : vdso.pages });
    if (isBlock(refused)) return false;
    if (refused) throw new UserError(`${options.program}: ${refused.reason ?? refused.text} (${refused.name})`);
    shell.end(events);
    return true;
  };
  if (machine.boot()) machine.boot = null;
  return session;
}
