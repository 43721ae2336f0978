// ptrace: what its address and its data are depends on the request. strace: src/process.c, regset.c, x86_64/userent.h. Not here: registers of other architectures, and what a call that succeeds writes, since none does.
import { PTRACE_O, PTRACE_REQUESTS, REGSETS } from '../../../abi/ptrace';
import { SIGINFO_SIZE } from '../../../abi/signal';
import { readBig, readNumber } from '../../../abi/struct';
import { findName, table } from '../../../abi/table';
import type { CallFormat } from '../call_format';
import { choice, flags, flags64, named, signalText, unnamed } from '../flags';
import type { Printer } from '../printer';
import { decodeSiginfo, siginfoText, sigsetAt } from '../signal';
import { hexNumber } from '../text';

/** struct user by its words: registers, then parts by where they begin. */
const REGISTERS = ['R15', 'R14', 'R13', 'R12', 'RBP', 'RBX', 'R11', 'R10', 'R9', 'R8', 'RAX', 'RCX', 'RDX', 'RSI', 'RDI', 'ORIG_RAX', 'RIP', 'CS', 'EFL', 'RSP', 'SS'];
const USER_PARTS: readonly (readonly [at: number, name: string])[] = [
  [216, 'u_fpvalid'], [224, 'i387'], [736, 'u_tsize'], [744, 'u_dsize'], [752, 'u_ssize'], [760, 'start_code'], [768, 'start_stack'], [776, 'signal'], [784, 'reserved'], [792, 'u_ar0'], [800, 'u_fpstate'], [808, 'magic'], [816, 'u_comm'],
  [848, 'u_debugreg'],
];
const USER_SIZE = 912;

/** An offset in struct user: the last place that begins before it, and how far it is from there. */
function userOffset(p: Printer): string {
  const at = p.num(2);
  if (at > USER_SIZE) return p.address(2);
  if (at === USER_SIZE) return named(p.address(2), 'sizeof(struct user)');
  const part = USER_PARTS.filter(([begin]) => begin <= at).at(-1), k = Math.min(Math.floor(at / 8), REGISTERS.length - 1);
  const [begin, name] = part ? [part[0], `offsetof(struct user, ${part[1]})`] : [k * 8, `8*${REGISTERS[k]}`];
  return named(p.address(2), at === begin ? name : `${name}+${at - begin}`);
}

const REGS = ['r15', 'r14', 'r13', 'r12', 'rbp', 'rbx', 'r11', 'r10', 'r9', 'r8', 'rax', 'rcx', 'rdx', 'rsi', 'rdi', 'orig_rax', 'rip', 'cs', 'eflags', 'rsp', 'ss', 'fs_base', 'gs_base', 'ds', 'es', 'fs', 'gs'];

const at3 = (p: Printer): string => p.address(3);
const addressed = (p: Printer): string => `${p.address(2)}, ${p.address(3)}`;

function structure(p: Printer, length: number, show: (b: Uint8Array) => string): string {
  const b = p.num(3) === 0 ? null : p.read(p.num(3), length);
  return b ? show(b) : p.address(3);
}

const registers = (p: Printer): string => structure(p, REGS.length * 8, b => `{${REGS.map((name, k) => `${name}=${hexNumber(readBig(b, k * 8, 'u64'))}`).join(', ')}}`);

const signo = (p: Printer): string => p.int(3) > 0 && p.int(3) <= 64 ? signalText(p.int(3)) : String(p.int(3));
const resumes = (p: Printer): string => `${p.address(2)}, ${signo(p)}`;
const options = (p: Printer): string => `${p.address(2)}, ${flags64(PTRACE_O, p.lo(3), p.hi(3))}`;
const sized = (p: Printer): string => `${p.unsigned(2)}, ${p.address(3)}`;
const regset = (p: Printer): string => `${choice(REGSETS, p.int(2))}, ${structure(p, 16, b => `{iov_base=${p.hexAddress(p.pointer(readBig(b, 0, 'u64')))}, iov_len=${readBig(b, 8, 'u64')}}`)}`;
const PEEK_FLAGS = table('PTRACE_PEEKSIGINFO_???', () => ({ PTRACE_PEEKSIGINFO_SHARED: 1 }));

function peekSiginfo(p: Printer): string {
  const b = p.num(2) === 0 ? null : p.read(p.num(2), 16);
  return `${b ? `{off=${readBig(b, 0, 'u64')}, flags=${flags(PEEK_FLAGS, readNumber(b, 8, 'u32'))}, nr=${readNumber(b, 12, 's32')}}` : p.address(2)}, ${p.address(3)}`;
}

const none = (): string => '';
/** By request; others take an address and an address. */
const REQUESTS: Readonly<Record<string, (p: Printer) => string>> = {
  PTRACE_TRACEME: none, PTRACE_KILL: none, PTRACE_ATTACH: none, PTRACE_INTERRUPT: none, PTRACE_LISTEN: none,
  PTRACE_PEEKUSER: p => `${userOffset(p)}, ${p.address(3)}`, PTRACE_POKEUSER: p => `${userOffset(p)}, ${p.address(3)}`,
  PTRACE_CONT: resumes, PTRACE_SINGLESTEP: resumes, PTRACE_DETACH: resumes, PTRACE_SYSCALL: resumes, PTRACE_SYSEMU: resumes, PTRACE_SYSEMU_SINGLESTEP: resumes, PTRACE_SINGLEBLOCK: resumes,
  PTRACE_GETREGS: at3, PTRACE_GETFPREGS: at3, PTRACE_SETFPREGS: at3, PTRACE_SETREGS: registers, PTRACE_SETOPTIONS: options, PTRACE_SEIZE: options,
  PTRACE_SETSIGINFO: p => `${p.address(2)}, ${structure(p, SIGINFO_SIZE, b => siginfoText(decodeSiginfo(p, b), p.facts.syscallName, pid => p.process(pid)))}`,
  PTRACE_GETREGSET: regset, PTRACE_SETREGSET: regset, PTRACE_PEEKSIGINFO: peekSiginfo, PTRACE_GETSIGMASK: sized, PTRACE_SECCOMP_GET_FILTER: sized, PTRACE_GET_SYSCALL_INFO: sized,
  PTRACE_SETSIGMASK: p => `${p.unsigned(2)}, ${p.num(2) === 8 ? structure(p, 8, b => sigsetAt(p, b)) : p.address(3)}`,
  PTRACE_SECCOMP_GET_METADATA: p => `${p.unsigned(2)}, ${p.num(2) >= 8 ? structure(p, 8, b => `{filter_off=${readBig(b, 0, 'u64')}}`) : p.address(3)}`,
};

export const ptrace: CallFormat = {
  enter(p) {
    const name = p.hi(0) === 0 ? findName(PTRACE_REQUESTS, p.int(0)) : undefined;
    const head = name === undefined ? unnamed((BigInt(p.hi(0)) << 32n) | BigInt(p.lo(0)), PTRACE_REQUESTS) : choice(PTRACE_REQUESTS, p.int(0));
    if (name === 'PTRACE_TRACEME') return head;
    const rest = (REQUESTS[name ?? ''] ?? addressed)(p);
    return `${head}, ${p.process(p.int(1))}${rest === '' ? '' : `, ${rest}`}`;
  },
};
