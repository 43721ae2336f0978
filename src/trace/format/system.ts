// The machine and its limits: uname, sysinfo, rlimits, usage, wait status, BPF programs. strace: src/uname.c, sysinfo.c, resource.c, wait.c, seccomp.c, bpf_filter.c.
import { compat_rlimit, compat_sock_fprog, compat_sysinfo, widenWords } from '../../abi/compat';
import { new_utsname, sysinfo } from '../../abi/utsname';
import { rlimit, rusage } from '../../abi/resource';
import { sock_filter, sock_fprog } from '../../abi/seccomp';
import { signalName } from '../../abi/signal';
import * as wait from '../../abi/wait';
import type { Printer } from './printer';
import type { Format } from './scalars';
import { bpfInstruction } from './bpf';
import { named } from './flags';
import { timevalText } from './time';
import { hexNumber, untilNul } from './text';

/** 8192*1024, RLIM64_INFINITY or the number. */
function limitText(value: bigint): string {
  if (value === 0xffff_ffff_ffff_ffffn) return named(value.toString(), 'RLIM64_INFINITY');
  return value > 1024n && value % 1024n === 0n ? named(value.toString(), `${value / 1024n}*1024`) : value.toString();
}

/** The same of 32 bits. */
const limit32Text = (value: number): string => value === 0xffffffff ? named(String(value), 'RLIM_INFINITY') : limitText(BigInt(value));

/** {WIFEXITED(s) && WEXITSTATUS(s) == 3}. */
export function waitStatusText(status: number): string {
  const word = status & 0xffff;
  let rest = status & ~0xffff;
  let text: string;
  if (wait.WIFSTOPPED(word)) {
    let signo = wait.WSTOPSIG(word);
    let trap = '';
    if (signo & 0x80) { signo &= 0x7f; trap = ' | 0x80'; }
    text = `{WIFSTOPPED(s) && WSTOPSIG(s) == ${signalName(signo)}${trap}}`;
    rest = status & ~0xffff;
  } else if (wait.WIFSIGNALED(word)) {
    text = `{WIFSIGNALED(s) && WTERMSIG(s) == ${signalName(wait.WTERMSIG(word))}${wait.WCOREDUMP(word) ? ' && WCOREDUMP(s)' : ''}}`;
    rest = status & ~0xff;
  } else if (wait.WIFEXITED(word)) {
    text = `{WIFEXITED(s) && WEXITSTATUS(s) == ${wait.WEXITSTATUS(word)}}`;
  } else if (wait.WIFCONTINUED(word)) {
    text = '{WIFCONTINUED(s)}';
  } else return hexNumber(status >>> 0);
  return rest === 0 ? text : `${text} | ${hexNumber(rest >>> 0)}`;
}

export function rusageText(p: Printer, b: Uint8Array): string {
  const head = `{ru_utime=${timevalText(p, b)}, ru_stime=${timevalText(p, b, 16)}, `;
  if (!p.options.verbose) return `${head}...}`;
  const rest = Object.keys(rusage.fields).slice(2).map(name => `${name}=${p.big(rusage, b, name)}`);
  return `${head}${rest.join(', ')}}`;
}

const chars = (b: Uint8Array, offset: number): Uint8Array => untilNul(b.subarray(offset, offset + 65));

export const system: Record<string, Format> = {
  utsname: (p, i) => p.pointed(i, new_utsname, (b) => {
    const field = (name: string): string => `${name}=${p.quoted(chars(b, new_utsname.fields[name as 'sysname'].offset))}`;
    if (!p.options.verbose) return `{${field('sysname')}, ${field('nodename')}, ...}`;
    return `{${Object.keys(new_utsname.fields).map(field).join(', ')}}`;
  }),
  sysinfo: (p, i) => p.isCompat ? p.pointed(i, compat_sysinfo, b => p.struct(compat_sysinfo, b)) : p.pointed(i, sysinfo, b => p.struct(sysinfo, b)),
  rusage(p, i) {
    const b = p.fetch(i, p.isCompat ? rusage.size / 2 : rusage.size);
    return b ? rusageText(p, p.isCompat ? widenWords(b) : b) : p.address(i);
  },
  rlimit32: (p, i) => p.pointed(i, compat_rlimit, b => `{rlim_cur=${limit32Text(p.field(compat_rlimit, b, 'rlim_cur'))}, rlim_max=${limit32Text(p.field(compat_rlimit, b, 'rlim_max'))}}`),
  rlimit: (p, i) => p.pointed(i, rlimit, b => `{rlim_cur=${limitText(p.big(rlimit, b, 'rlim_cur'))}, rlim_max=${limitText(p.big(rlimit, b, 'rlim_max'))}}`),
  wstatus(p, i) {
    const bytes = p.ret === 0 ? null : p.fetch(i, 4);
    return bytes ? `[${waitStatusText(new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, true))}]` : p.address(i);
  },
  fprog: (p, i) => p.pointed(i, p.isCompat ? compat_sock_fprog : sock_fprog, (b) => {
    const layout = p.isCompat ? compat_sock_fprog : sock_fprog, length = p.field(layout, b, 'len');
    const at = p.pointer(p.big(layout, b, 'filter'));
    if (!p.options.verbose) return `{len=${length}, filter=${p.hexAddress(at)}}`;
    const program = p.array(i, at, length, sock_filter.size, bytes => bpfInstruction(
      p.field(sock_filter, bytes, 'code'), p.field(sock_filter, bytes, 'jt'), p.field(sock_filter, bytes, 'jf'), p.field(sock_filter, bytes, 'k')));
    return `{len=${length}, filter=${program}}`;
  }),
};
system.new_utsname = system.utsname as Format;
system.sock_fprog = system.fprog as Format;
