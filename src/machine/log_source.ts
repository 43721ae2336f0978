// What the log and the debugger's words for calls ask of the machine: declarations, memory, descriptors, time.
import { signalName } from '../abi/signal';
import { AF_NETLINK } from '../abi/socket';
import type { PhysicalPages, SignalFacts } from '../kernel/arch/x86/ports';
import { d_path_of } from '../kernel/fs/d_path';
import type { task_struct } from '../kernel/kernel/types';
import type { pid } from '../kernel/kernel/pid';
import { portid_of } from '../kernel/net/netlink/af_netlink';
import type { socket } from '../kernel/net/types';
import { kernel } from '../kernel/state';
import { entryText, exitText, resultText } from '../trace/format/call_text';
import { Printer, type FdFacts } from '../trace/format/printer';
import { siginfoText } from '../trace/format/signal';
import type { MemoryReader } from '../trace/memory';
import { defaultOptions } from '../trace/options';
import type { LogSource } from '../trace/strace_text';
import { findDeclaration } from './calls';
import type { VirtualClock } from './clock';
import type { HostFiles } from './host';
import { SocketWords } from './socket_words';
import { PT_REGS } from './image/layout';
import { regsOf } from './kernel_facts';
import { readPresent, readTaskMemory } from './task_memory';
import type { Describer } from './target';

/** What a descriptor of a process is called. */
const PIDFD = 'anon_inode:[pidfd]';
const SIG_DFL = 0, SIG_IGN = 1;
const S_IFMT = 0o170000, S_IFCHR = 0o020000, S_IFSOCK = 0o140000, S_IFBLK = 0o060000;

/** The log's view of a machine. `before` is the memory of a task that has no address space yet. */
export function logSource(phys: PhysicalPages, files: HostFiles, sysroot: string, clock: VirtualClock, before: (pid: number) => MemoryReader | null = () => null): LogSource {
  const sockets = new SocketWords();
  return {
    declaration: (nr, abi) => findDeclaration(nr, abi),
    memory: pid => before(pid) ?? memoryOf(phys, files, sysroot, pid),
    facts: {
      fd: (pid, fd) => fdFacts(kernel.tasks.get(pid), fd, sockets),
      netlink: (pid, fd) => netlinkOf(kernel.tasks.get(pid), fd),
      comm: pid => kernel.tasks.get(pid)?.comm ?? null,
      cwd: pid => cwdOf(kernel.tasks.get(pid)),
      syscallName: nr => findDeclaration(nr, 'x86-64')?.name,
    },
    now: () => clock.bootEpochNs + BigInt(clock.now()),
    instructionPointer: pid => userRegister(phys, pid, PT_REGS.rip),
    stackPointer: pid => userRegister(phys, pid, PT_REGS.rsp),
  };
}

/** A call in strace's words, for a stop at its entry or return. */
export function describer(source: LogSource): Describer {
  return {
    call(pid, nr, abi, words, ret) {
      const declaration = source.declaration(nr, abi);
      if (!declaration) return `syscall_0x${nr.toString(16)}()`;
      const printer = new Printer(pid, declaration, words, source.memory(pid), defaultOptions, source.facts);
      const entry = entryText(printer);
      if (ret === null) return `${declaration.name}(${entry.replace(/, $/, '')})`;
      return `${declaration.name}(${entry}${exitText(printer, ret)}) = ${resultText(printer, ret)}`;
    },
    signal: (signo, facts: SignalFacts) => ({ name: signalName(signo), text: siginfoText({ ...facts, signo }, source.facts.syscallName ?? (() => undefined)), isFatal: isFatal(signo), isHandled: handlerOf(signo) > SIG_IGN }),
  };
}

/** Signals whose default is to do nothing or to stop. Linux: include/linux/signal.h:SIG_KERNEL_IGNORE_MASK, SIG_KERNEL_STOP_MASK */
const HARMLESS = new Set([17, 18, 19, 20, 21, 22, 23, 28]);

/** True when the current task neither handles nor ignores the signal and its default is to die. */
function isFatal(signo: number): boolean {
  return !HARMLESS.has(signo) && handlerOf(signo) === SIG_DFL;
}

function handlerOf(signo: number): number {
  return kernel.current?.sighand.action[signo - 1]?.sa_handler ?? SIG_DFL;
}

function memoryOf(phys: PhysicalPages, files: HostFiles, sysroot: string, pid: number): MemoryReader {
  return {
    read(address, length) {
      const task = kernel.tasks.get(pid);
      if (!task || address < 0 || address > Number.MAX_SAFE_INTEGER) return null;
      const present = readPresent(phys, task, address, length);
      if (present) return present;
      const bytes = readTaskMemory(phys, files, sysroot, task, BigInt(address), length);
      return bytes.length === 0 && length > 0 ? null : bytes;
    },
  };
}

function fdFacts(task: task_struct | undefined, fd: number, sockets: SocketWords): FdFacts | null {
  const file = task?.files?.fd[fd];
  if (!task || !file) return null;
  const path = d_path_of(file.f_path, task);
  const facts: FdFacts = { path: path.replace(/ \(deleted\)$/, ''), deleted: path.endsWith(' (deleted)') && (file.f_path.dentry.d_unhashed && path.startsWith('/') || path.startsWith('/memfd:')) };
  const type = file.f_inode.i_mode & S_IFMT;
  if (type === S_IFSOCK) {
    const words = sockets.of(file.private_data as socket, file.f_inode.i_ino);
    return words === undefined ? facts : { ...facts, socket: words };
  }
  if (path === PIDFD) return { ...facts, pidfd: (file.private_data as pid).task?.tgid ?? -1 };
  if (type !== S_IFCHR && type !== S_IFBLK) return facts;
  const rdev = file.f_inode.i_rdev;
  // Linux: include/linux/kdev_t.h:new_encode_dev()
  return { ...facts, device: { type: type === S_IFCHR ? 'char' : 'block', major: (rdev >>> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00) } };
}

/** The family of a netlink socket; -1 where it has no port yet: then strace cannot tell. */
function netlinkOf(task: task_struct | undefined, fd: number): number | null {
  const file = task?.files?.fd[fd];
  if (!file || (file.f_inode.i_mode & S_IFMT) !== S_IFSOCK) return null;
  const { sk } = file.private_data as socket;
  if (sk.sk_family !== AF_NETLINK) return null;
  return portid_of(sk) === 0 ? -1 : sk.sk_protocol;
}

function cwdOf(task: task_struct | undefined): string | null {
  return task?.fs ? d_path_of(task.fs.pwd, task) : null;
}

function userRegister(phys: PhysicalPages, pid: number, offset: number): number {
  const { current } = kernel, task = current?.pid === pid ? current : kernel.tasks.get(pid);
  return task ? phys.read64(regsOf(task) + offset) : 0;
}
