// What the kernel knows of a value of the program: a descriptor's file, a pointer's mapping, page and symbol, a pid's task, a signal set, a socket address. For hovers over the program's source.
// Not here: the value itself (debugger/expression/value.ts).
import { strip, typeName } from '../../dwarf/ctype';
import { kernel } from '../../kernel/state';
import { sockaddrText } from '../../trace/format/socket';
import { sigsetText } from '../../trace/format/signal';
import { noFacts, Printer } from '../../trace/format/printer';
import { defaultOptions } from '../../trace/options';
import { evaluateKernel } from '../objects/evaluate';
import { kernelValue, type KernelValue } from '../objects/kernel_value';
import { pageValue } from '../objects/page_walk';
import { fileText, summaryOf, vmaText } from '../objects/summary';
import type { Modules } from '../modules';
import type { Target } from '../target';
import { int } from '../../abi/arg_types';
import { integerHere, type Value } from '../expression/value';
import { fact, kernelFact, type Fact } from './fact';

export interface UserFacts {
  /** What stands behind the value in one line; undefined where the value may well mean something else. */
  headline?: string;
  /** The headline says all that the value is: it stands for it, and the facts come before its parts. */
  isWhole?: boolean;
  facts: Fact[];
}

const NOTHING: UserFacts = { facts: [] };
/** Names that programmers give to descriptors. */
const FD_NAME = /(^|_)(fd|fds|sv|socks?|sockets?|sockfd|connfd|listenfd|epfd|pipefd|dirfd)\d*(_|$|\[)|[a-z]fd\d*$|Fd$/;
/** Functions of the C library whose first argument is a descriptor. */
const FD_CALLS = 'read|write|close|pread|pwrite|readv|writev|lseek|fstat|fsync|fdatasync|ftruncate|fcntl|ioctl|dup|dup2|dup3|send|recv|sendto|recvfrom|sendmsg|recvmsg|connect|bind|listen|accept|accept4|shutdown|getsockname|getpeername|setsockopt|getsockopt|epoll_wait|epoll_ctl|fchmod|fchown|fdopen|flock|openat|getdents64|timerfd_settime';

/** `source`: text of the program around the place, in which a use as a descriptor is looked for. */
export function userFacts(target: Target, modules: Modules, pid: number, expression: string, value: Value, source = ''): UserFacts {
  const task = kernel.tasks.get(pid);
  if (!task) return NOTHING;
  const type = strip(value.type);
  const declared = typeName(value.type);
  const special = specialText(target, pid, value, declared);
  if (special !== undefined) return special;
  if (type.kind === 'pointer') return pointerFacts(target, modules, pid, integerHere(value));
  if (type.kind === 'array' && value.place.address !== undefined) return { facts: pointerFacts(target, modules, pid, value.place.address).facts };
  if (type.kind !== 'base' || type.encoding === 'float' || type.size < 4) return NOTHING;
  const number = integerHere(value);
  // A number that stands in the source is no descriptor yet.
  if (number === undefined || number < 0n || /^[\d']/.test(expression)) return NOTHING;
  if (declared === 'pid_t' || declared === '__pid_t' || /(^|_)(pid|tid|child|parent)$/i.test(expression)) {
    const found = kernel.tasks.get(Number(number));
    if (found) return { headline: summaryOf(found), facts: [kernelFact(`task ${number}`, kernelValue(found), `$task(${number})`)] };
    if (declared.includes('pid_t') && number > 0n) return { headline: 'no such task (any more)', facts: [] };
  }
  const file = task.files?.fd[Number(number)];
  if (!file || type.encoding !== 'signed' || type.size !== 4) return NOTHING;
  const facts = [
    kernelFact('file', kernelValue(file), `$file(${number})`), kernelFact('dentry', kernelValue(file.f_path.dentry), `$file(${number})->f_path.dentry`), kernelFact('inode', kernelValue(file.f_inode), `$file(${number})->f_inode`),
    fact('references', String(file.f_count), 'descriptors, mappings and calls that use this open file (f_count)'),
    ...(file.private_data ? [kernelFact('private_data', kernelValue(file.private_data), `$file(${number})->private_data`)] : []),
  ];
  const escaped = expression.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const isDescriptor = FD_NAME.test(expression) || new RegExp(`\\b(?:${FD_CALLS})\\s*\\(\\s*${escaped}\\s*[,)]`).test(source);
  return isDescriptor ? { headline: fileText(file), facts } : { facts: [{ ...fact('as a descriptor', fileText(file), 'an open file of this task has this number'), children: () => facts }] };
}

/** A value of the kernel where its source is pointed at: an address of the program with what is there. */
export function kernelHover(target: Target, modules: Modules, pid: number, name: string, value: KernelValue, isHex: boolean): Fact {
  const row = kernelFact(name, value, name, isHex);
  if (!isUserAddress(name, value) || typeof value.value !== 'number' || value.value === 0) return row;
  const { headline, facts } = pointerFacts(target, modules, pid, BigInt(value.value));
  return { ...row, value: `${row.value} → ${headline}`, ...(facts.length > 0 && { children: () => facts }) };
}

/** Pointers of system calls, `void __user *`, and what Linux keeps in an unsigned long under a name that says so. An entry of the page tables stands elsewhere. */
function isUserAddress(name: string, { kind }: KernelValue): boolean {
  if (kind.kind !== 'int' || kind.show !== 'hex') return false;
  return kind.c.endsWith('*') ? kind.c !== 'pte_t *' : kind.c === 'unsigned long' && /(addr\w*|start\w*|end\w*|brk)$/.test(name);
}

function pointerFacts(target: Target, modules: Modules, pid: number, address: bigint | undefined): UserFacts {
  const mm = kernel.tasks.get(pid)?.mm;
  if (address === undefined || !mm) return NOTHING;
  if (address === 0n) return { headline: 'NULL: reading it gives SIGSEGV', facts: [] };
  const vma = mm.mmap.find(one => address >= BigInt(one.vm_start) && address < BigInt(one.vm_end));
  const symbol = modules.describe(pid, address);
  const symbols = symbol === undefined ? [] : [fact('symbol', symbol, 'the symbol at or before this address')];
  if (!vma) {
    const isKernel = address >= 1n << 47n;
    return { headline: isKernel ? 'an address of the kernel: ring 3 faults on it' : 'not mapped: an access gives SIGSEGV', facts: symbols };
  }
  const hex = `0x${address.toString(16)}`;
  const isOnStack = vma.vm_start <= mm.start_stack && vma.vm_end >= mm.start_stack;
  const name = vmaText(vma).split(' ').slice(1).join(' ');
  return {
    headline: `in ${name}`,
    facts: [
      ...symbols, kernelFact('vm_area_struct', kernelValue(vma), `$vma(${hex})`),
      { ...kernelFact('page', pageValue(mm, address), `$page(${hex})`), meaning: 'the walk of the page tables: PGD, P4D, PUD, PMD, PTE (SDM 3A 4.5)' },
      ...(isOnStack ? [fact('depth', `${BigInt(mm.start_stack) - address} bytes below the stack's start`)] : []),
    ],
  };
}

/** Structs of the C library that have a text of their own: by value or behind a pointer. */
function specialText(target: Target, pid: number, value: Value, declared: string): UserFacts | undefined {
  const isPointer = strip(value.type).kind === 'pointer';
  const address = isPointer ? integerHere(value) : value.place.address;
  if (address === undefined || address === 0n) return undefined;
  if (/\b(__)?sigset_t\b/.test(declared)) {
    const bytes = target.readMemory(pid, address, 8);
    if (bytes.length < 8) return undefined;
    const text = sigsetText(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
    return { headline: text, isWhole: true, facts: [fact('signals', text, 'the set as the kernel reads it: 64 bits'), kernelFact('blocked by this task now', evaluateKernel('current->blocked', undefined, pid), 'current->blocked')] };
  }
  if (/\bsockaddr(_\w+)?\b/.test(declared)) {
    const memory = { read: (at: number, length: number): Uint8Array | null => { const bytes = target.readMemory(pid, BigInt(at), length); return bytes.length === 0 ? null : bytes; } };
    const printer = new Printer(pid, { name: '', args: {}, ret: int }, [], memory, defaultOptions, noFacts);
    const length = /sockaddr_in\b/.test(declared) ? 16 : /sockaddr_in6/.test(declared) ? 28 : 110;
    const text = sockaddrText(printer, Number(address), length);
    return { headline: text, isWhole: true, facts: [fact('address', text, 'as the kernel reads it')] };
  }
  return undefined;
}
