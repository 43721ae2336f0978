// Signal sets, dispositions, siginfo, alternate stacks. strace: src/signal.c, src/printsiginfo.c.
import { compat_sigaction, compat_sigaltstack, convertStruct, siginfoFromCompat } from '../../abi/compat';
import { findErrno } from '../../abi/errno';
import * as abi from '../../abi/signal';
import { AUDIT_ARCH } from '../../abi/seccomp';
import type { NameTable } from '../../abi/table';
import { choice, flags, flags64, named, signalText } from './flags';
import type { Printer } from './printer';
import { id, type Format } from './scalars';
import { clockTicks, hexNumber } from './text';

/** [USR2 RT_1]; when at least two thirds are set, what is missing: ~[KILL]. */
export function sigsetText(mask: bigint, bits = 64): string {
  let count = 0;
  for (let bit = mask; bit !== 0n; bit &= bit - 1n) count++;
  const inverted = count >= Math.floor(bits * 2 / 3);
  const shown = inverted ? BigInt.asUintN(bits, ~mask) : mask;
  const names: string[] = [];
  for (let signo = 1; signo <= bits; signo++) if ((shown >> BigInt(signo - 1)) & 1n) names.push(named(String(signo), abi.signalName(signo).replace(/^SIG/, '')));
  return `${inverted ? '~' : ''}[${names.join(' ')}]`;
}

export function sigsetAt(p: Printer, bytes: Uint8Array, offset = 0): string {
  let mask = 0n;
  for (let i = 7; i >= 0; i--) mask = (mask << 8n) | BigInt(bytes[offset + i] ?? 0);
  return sigsetText(mask);
}

/** What the log knows of a siginfo; the event of a signal carries the same. */
export interface SigInfo {
  readonly signo: number; readonly code: number; readonly errno: number; readonly pid: number; readonly uid: number; readonly status: number; readonly address: number;
  readonly value: bigint; readonly syscall: number; readonly utime: number; readonly stime: number; readonly timerid: number; readonly overrun: number;
  readonly band: number; readonly fd: number; readonly arch?: number;
}

const codesBySignal: Record<number, NameTable> = {
  [abi.SIGILL]: abi.ILL, [abi.SIGFPE]: abi.FPE, [abi.SIGSEGV]: abi.SEGV, [abi.SIGBUS]: abi.BUS, [abi.SIGTRAP]: abi.TRAP, [abi.SIGCHLD]: abi.CLD, [abi.SIGIO]: abi.POLL,
  [abi.SIGSYS]: abi.SYS,
};

const SI_QUEUE = -1, SI_SIGIO = -5;
/** The highest of POLL_IN and its kin. */
const NSIGPOLL = 6;

function codeText(signo: number, code: number): string {
  for (const names of [abi.SI, codesBySignal[signo]]) {
    const found = names?.entries.find(([, v]) => v === code);
    if (found) return named(hexNumber(code < 0 ? code >>> 0 : code), found[0]);
  }
  const unknown = codesBySignal[signo]?.unknown;
  return `${hexNumber(code < 0 ? code >>> 0 : code)}${unknown === undefined ? '' : ` /* ${unknown} */`}`;
}

const value = (v: bigint): string => `si_int=${BigInt.asIntN(32, v)}, si_ptr=${v === 0n ? 'NULL' : `0x${v.toString(16)}`}`;
const optionalValue = (v: bigint): string[] => v === 0n ? [] : [value(v)];

export function siginfoText(info: SigInfo, syscallName: (nr: number) => string | undefined = () => undefined, processText: (pid: number) => string = String): string {
  const { signo, code } = info;
  if (signo === 0) return '{}';
  const parts = [`si_signo=${signalText(signo)}`, `si_code=${codeText(signo, code)}`];
  if (info.errno !== 0) parts.push(`si_errno=${findErrno(info.errno)?.name ?? info.errno >>> 0}`);
  const from = (): void => { parts.push(`si_pid=${processText(info.pid)}`, `si_uid=${id(info.uid)}`); };
  const poll = [`si_band=${info.band}`, `si_fd=${info.fd}`];
  if (code <= 0) {
    if (code === abi.SI_USER || code === abi.SI_TKILL) from();
    else if (code === abi.SI_TIMER) parts.push(`si_timerid=${hexNumber(info.timerid)}`, `si_overrun=${info.overrun}`, value(info.value));
    else if (code === SI_SIGIO) parts.push(...poll);
    else if (code === SI_QUEUE || info.pid || info.uid || info.value) { from(); parts.push(...optionalValue(info.value)); }
  } else {
    if (signo === abi.SIGCHLD) {
      from();
      const status = code === abi.CLD_EXITED ? String(info.status) : signalText(info.status);
      parts.push(`si_status=${status}`, `si_utime=${clockTicks(info.utime)}`, `si_stime=${clockTicks(info.stime)}`);
    } else if (signo === abi.SIGILL || signo === abi.SIGFPE || signo === abi.SIGSEGV || signo === abi.SIGBUS || signo === abi.SIGTRAP) {
      parts.push(`si_addr=${info.address === 0 ? 'NULL' : hexNumber(info.address)}`);
    } else if (signo === abi.SIGIO && code !== abi.SI_KERNEL) {
      parts.push(...poll);
    } else if (signo === abi.SIGSYS) {
      const name = syscallName(info.syscall);
      parts.push(`si_call_addr=${info.address === 0 ? 'NULL' : hexNumber(info.address)}`, `si_syscall=${name === undefined ? String(info.syscall) : `__NR_${name}`}`,
        `si_arch=${choice(AUDIT_ARCH, info.arch || 0xc000003e)}`);
    } else if (code <= NSIGPOLL && info.pid === 0 && info.uid === 0 && info.band !== 0) {
      // strace takes what tells of a descriptor for a sender and a value: they stand in the same place.
      parts.push(`si_pid=${info.band}`, 'si_uid=0', ...optionalValue(BigInt(info.fd)));
    } else {
      if (info.pid || info.uid) from();
      parts.push(...optionalValue(info.value));
    }
  }
  return `{${parts.join(', ')}}`;
}

/** A siginfo_t in memory. */
export function decodeSiginfo(p: Printer, bytes: Uint8Array): SigInfo {
  const b = p.isCompat ? siginfoFromCompat(bytes) : bytes;
  const kill = (n: string): number => p.field(abi.siginfo_chld, b, n);
  const code = kill('si_code');
  const timer = code === abi.SI_TIMER;
  return {
    signo: kill('si_signo'), errno: kill('si_errno'), code, pid: kill('si_pid'), uid: kill('si_uid'), status: kill('si_status'), utime: kill('si_utime'), stime: kill('si_stime'),
    address: p.field(abi.siginfo_fault, b, 'si_addr'), value: p.big(timer ? abi.siginfo_timer : abi.siginfo_rt, b, 'si_value'),
    timerid: p.field(abi.siginfo_timer, b, 'si_timerid'), overrun: p.field(abi.siginfo_timer, b, 'si_overrun'),
    band: p.field(abi.siginfo_poll, b, 'si_band'), fd: p.field(abi.siginfo_poll, b, 'si_fd'),
    syscall: p.field(abi.siginfo_sys, b, 'si_syscall'), arch: p.field(abi.siginfo_sys, b, 'si_arch'),
  };
}

const HANDLERS: Readonly<Record<string, string>> = { 0: 'SIG_DFL', 1: 'SIG_IGN', [0xffffffffffffffffn.toString()]: 'SIG_ERR' };

/** SIG_DFL, SIG_IGN, or an address. */
export function handlerText(handler: bigint): string {
  const word = handler === 0n ? '0' : `0x${handler.toString(16)}`, known = HANDLERS[handler.toString()];
  return known === undefined ? word : named(word, known);
}

/** `signals`: how many the set has room for. */
export function sigactionText(p: Printer, b: Uint8Array, signals = 64): string {
  const act = abi.kernel_sigaction, name = handlerText(p.big(act, b, 'sa_handler')), mask = BigInt.asUintN(signals, p.big(act, b, 'sa_mask'));
  const bits = p.big(act, b, 'sa_flags');
  const low = Number(bits & 0xffffffffn), high = Number(BigInt.asUintN(64, bits) >> 32n);
  const restorer = low & abi.SA_RESTORER ? `, sa_restorer=${p.hexAddress(p.field(act, b, 'sa_restorer'))}` : '';
  return `{sa_handler=${name}, sa_mask=${sigsetText(mask, signals)}, sa_flags=${flags64(abi.SA, low, high)}${restorer}}`;
}

const sigset: Format = (p, i) => {
  const sizeName = p.names.find((name, k) => k > i && /^(sigsetsize|sizemask)$/.test(name));
  const size = sizeName === undefined ? 8 : p.named(sizeName);
  // A set of a part of the signals is told by rt_sigpending only. strace: src/signal.c (print_sigset_addr_len_limit)
  if (size > 8 || size < (p.call.name === 'rt_sigpending' ? 1 : 8)) return p.address(i);
  const bytes = p.fetch(i, size);
  if (!bytes) return p.address(i);
  const whole = new Uint8Array(8);
  whole.set(bytes);
  return sigsetAt(p, whole);
};
const siginfo: Format = (p, i) => {
  const bytes = p.fetch(i, abi.SIGINFO_SIZE);
  return bytes ? siginfoText(decodeSiginfo(p, bytes), p.facts.syscallName, pid => p.process(pid)) : p.address(i);
};
const sigaction: Format = (p, i) => p.isCompat
  ? p.pointed(i, compat_sigaction, b => sigactionText(p, convertStruct(compat_sigaction, abi.kernel_sigaction, b)))
  : p.pointed(i, abi.kernel_sigaction, b => sigactionText(p, b));
const sigaltstack: Format = (p, i) => p.isCompat
  ? p.pointed(i, compat_sigaltstack, b => stackText(p, convertStruct(compat_sigaltstack, abi.stack_t, b)))
  : p.pointed(i, abi.stack_t, b => stackText(p, b));

const stackText = (p: Printer, b: Uint8Array): string =>
  `{ss_sp=${p.hexAddress(p.field(abi.stack_t, b, 'ss_sp'))}, ss_flags=${flags(abi.SS, p.field(abi.stack_t, b, 'ss_flags') >>> 0)}, ss_size=${p.big(abi.stack_t, b, 'ss_size')}}`;

export const signals: Record<string, Format> = { sigset, siginfo, siginfo_t: siginfo, sigaction, kernel_sigaction: sigaction, sigaltstack, stack_t: sigaltstack };
