// Every constant, struct size and field offset of src/abi against the C compiler and the kernel's own headers.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as errno from '../src/abi/errno';
import * as fcntl from '../src/abi/fcntl';
import * as fs from '../src/abi/fs';
import * as futex from '../src/abi/futex';
import * as ioctl from '../src/abi/ioctl';
import * as ipc from '../src/abi/ipc';
import * as mman from '../src/abi/mman';
import * as ni from '../src/abi/ni';
import * as poll from '../src/abi/poll';
import * as prctl from '../src/abi/prctl';
import * as resource from '../src/abi/resource';
import * as sched from '../src/abi/sched';
import * as seccomp from '../src/abi/seccomp';
import * as signal from '../src/abi/signal';
import * as socket from '../src/abi/socket';
import * as stat from '../src/abi/stat';
import type { StructLayout } from '../src/abi/struct';
import * as time from '../src/abi/time';
import { findNumber32 } from '../src/abi/unistd_32';
import * as utsname from '../src/abi/utsname';
import { syscalls32 } from '../src/kernel/syscall';
import '../src/kernel/syscall_table';
import * as wait from '../src/abi/wait';

const modules: Record<string, object> = { errno, fcntl, fs, futex, ioctl, ipc, mman, ni, poll, prctl, resource, sched, seccomp, signal, socket, stat, time, utsname, wait };

/** The kernel's headers, which glibc's would contradict, and glibc's, for what the kernel keeps to itself. */
const probes: Record<'kernel' | 'libc', string> = {
  kernel: `
#include <linux/types.h>
#include <asm/signal.h>
#include <asm/siginfo.h>
#include <asm/stat.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/futex.h>
#include <linux/wait.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <linux/resource.h>
#include <linux/time.h>
#include <linux/timex.h>
#include <linux/timerfd.h>
#include <linux/times.h>
#include <linux/utime.h>
#include <linux/prctl.h>
#include <asm/prctl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <linux/seccomp.h>
#include <linux/ptrace.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/kcmp.h>
#include <linux/mount.h>
#include <linux/filter.h>
#include <linux/audit.h>
#include <linux/stat.h>
#include <asm/statfs.h>
#include <linux/eventpoll.h>
#include <linux/eventfd.h>
#include <linux/signalfd.h>
#include <asm/poll.h>
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <asm/termios.h>
#include <linux/inotify.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/close_range.h>
#include <linux/utsname.h>
#include <linux/sysinfo.h>
#include <linux/random.h>
#include <linux/rseq.h>
#include <linux/membarrier.h>
#include <linux/memfd.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/tcp.h>
#include <linux/errqueue.h>
#include <linux/netlink.h>
#include <asm/socket.h>
#include <linux/un.h>
#include <linux/limits.h>
#include <linux/xattr.h>
#include <linux/uio.h>
#include <linux/shm.h>
#include <linux/sem.h>
#include <linux/msg.h>
struct linux_dirent64 { __u64 d_ino; __s64 d_off; unsigned short d_reclen; unsigned char d_type; char d_name[]; };
typedef long unsigned size_t; int printf(const char *, ...);
`,
  libc: `
#define _GNU_SOURCE
#include <stdio.h>
#include <stddef.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <sys/statfs.h>
#include <signal.h>
#include <sched.h>
#include <poll.h>
#include <utime.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
`,
};

/** What a struct is called in C, where it is not its own name, and the names of fields that C hides in unions. */
const cNames: Record<string, { probe?: 'libc'; c?: string; fields?: Record<string, string> }> = {
  kernel_sigaction: { c: 'struct sigaction' },
  msghdr: { probe: 'libc' }, mmsghdr: { probe: 'libc' }, cmsghdr: { probe: 'libc' }, ucred: { probe: 'libc' }, linger: { probe: 'libc' }, tms: { probe: 'libc' },
  sigevent: { fields: { sigev_notify_thread_id: '_sigev_un._tid' } },
  siginfo_kill: { fields: { si_pid: '_sifields._kill._pid', si_uid: '_sifields._kill._uid' } },
  siginfo_timer: { fields: { si_timerid: '_sifields._timer._tid', si_overrun: '_sifields._timer._overrun', si_value: '_sifields._timer._sigval' } },
  siginfo_rt: { fields: { si_pid: '_sifields._rt._pid', si_uid: '_sifields._rt._uid', si_value: '_sifields._rt._sigval' } },
  siginfo_chld: { fields: Object.fromEntries(['pid', 'uid', 'status', 'utime', 'stime'].map(f => [`si_${f}`, `_sifields._sigchld._${f}`])) },
  siginfo_fault: { fields: { si_addr: '_sifields._sigfault._addr', si_addr_lsb: '_sifields._sigfault._addr_lsb', si_lower: '_sifields._sigfault._addr_bnd._lower', si_upper: '_sifields._sigfault._addr_bnd._upper' } },
  siginfo_poll: { fields: { si_band: '_sifields._sigpoll._band', si_fd: '_sifields._sigpoll._fd' } },
  siginfo_sys: { fields: { si_call_addr: '_sifields._sigsys._call_addr', si_syscall: '_sifields._sigsys._syscall', si_arch: '_sifields._sigsys._arch' } },
  timespec: { c: 'struct __kernel_timespec' }, itimerspec: { c: 'struct __kernel_itimerspec' },
  timeval: { probe: 'libc' }, itimerval: { probe: 'libc' }, timezone: { probe: 'libc' }, rusage: { probe: 'libc' },
  timex: { c: 'struct __kernel_timex' },
  rlimit: { c: 'struct rlimit64' },
  rseq: { fields: { rseq_cs: 'rseq_cs' } },
};
/** Newer than the oldest headers that the test meets (Linux 6.1). */
const newer: Record<string, string[]> = { rseq: ['node_id', 'mm_cid'], statx: [] };

const isLayout = (v: unknown): v is StructLayout => typeof v === 'object' && v !== null && 'fields' in v && 'align' in v;

describe('abi', () => {
  const hasGcc = spawnSync('gcc', ['--version']).status === 0 && process.platform === 'linux' && process.arch === 'x64';

  function run(source: string): string[] {
    const folder = mkdtempSync(path.join(tmpdir(), 'ringside-abi-'));
    try {
      // Headers differ from system to system: what is not there is not compared.
      writeFileSync(path.join(folder, 'probe.c'), source.replace(/^#include (<.*>)$/gm, '#if __has_include($1)\n#include $1\n#endif'));
      execFileSync('gcc', ['-w', '-o', 'probe', 'probe.c'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
      return execFileSync('./probe', { cwd: folder, encoding: 'utf8' }).trim().split('\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  it('constants have the values of the headers', function () {
    if (!hasGcc) { console.log('      skipped: gcc for x86-64 Linux is not here'); this.skip(); }
    const ours = new Map<string, Set<number>>();
    const add = (name: string, value: number): void => {
      if (!/^_?_?[A-Z][A-Z0-9_]+$/.test(name)) return;
      ours.set(name, (ours.get(name) ?? new Set()).add(value));
    };
    for (const module of Object.values(modules)) {
      for (const [name, value] of Object.entries(module)) {
        if (typeof value === 'number') add(name, value);
        else if (value instanceof errno.Errno) add(name, value.number);
        else if (typeof value === 'object' && value !== null && 'entries' in value) for (const [n, v] of value.entries as [string, number][]) add(n, v);
      }
    }
    // The headers spell these differently from the kernel: the value that we keep is the kernel's.
    for (const own of ['O_LARGEFILE', 'SIGRTMAX', 'SIGRTMIN', 'SOMAXCONN', '_NSIG', 'SCM_MAX_FD', 'SECCOMP_RET_ACTION_FULL', 'O_ACCMODE', 'F_GETLK64', 'F_SETLK64', 'F_SETLKW64']) ours.delete(own);
    const compared = new Set<string>();
    const wrong: string[] = [];
    for (const preamble of Object.values(probes)) {
      const body = [...ours.keys()].map(n => `#ifdef ${n}\nprintf("${n} %lld\\n", (long long)(${n}));\n#endif`).join('\n');
      for (const line of run(`${preamble}\nint main(void) {\n${body}\nreturn 0; }`)) {
        const [name, text] = line.split(' ') as [string, string];
        const value = BigInt(text);
        if (compared.has(name)) continue;
        compared.add(name);
        const same = [...ours.get(name)!].some(v => BigInt.asUintN(32, BigInt(v)) === BigInt.asUintN(32, value) && (BigInt(v) === value || BigInt.asUintN(32, BigInt(v)) === BigInt(v) || v < 0));
        if (!same) wrong.push(`${name}: ${[...ours.get(name)!].join(' or ')}, the header says ${value}`);
      }
    }
    assert.deepEqual(wrong, []);
    const left = [...ours.keys()].filter(n => !compared.has(n));
    assert.ok(compared.size > 900, `only ${compared.size} compared; not found in the headers: ${left.join(' ')}`);
  });

  it('structs have the size and the offsets that gcc gives', function () {
    if (!hasGcc) { console.log('      skipped: gcc for x86-64 Linux is not here'); this.skip(); }
    const expected: string[] = [];
    const actual: string[] = [];
    for (const kind of ['kernel', 'libc'] as const) {
      const lines: string[] = [];
      for (const module of Object.values(modules)) {
        for (const [name, layout] of Object.entries(module)) {
          if (!isLayout(layout)) continue;
          const special = cNames[name] ?? {};
          if ((special.probe ?? 'kernel') !== kind) continue;
          const c = special.c ?? layout.c;
          if (!(name in newer) && c !== 'siginfo_t') { lines.push(`printf("${name} %d\\n", (int)sizeof(${c}));`); expected.push(`${name} ${layout.size}`); }
          for (const field of Object.values(layout.fields)) {
            if (field.name.startsWith('_') || /^pad|^reserved|_pad$|_spare$/.test(field.name) || newer[name]?.includes(field.name)) continue;
            const member = special.fields?.[field.name] ?? field.name;
            lines.push(`printf("${name}.${field.name} %d\\n", (int)__builtin_offsetof(${c}, ${member}));`);
            expected.push(`${name}.${field.name} ${field.offset}`);
          }
        }
      }
      actual.push(...run(`${probes[kind]}\nint main(void) {\n${lines.join('\n')}\nreturn 0; }`));
    }
    assert.deepEqual(actual.sort(), expected.sort());
    assert.ok(expected.length > 150);
  });

  it('i386\'s system calls have the numbers of the header', function () {
    if (!hasGcc) { console.log('      skipped: gcc for x86-64 Linux is not here'); this.skip(); }
    const { stdout } = spawnSync('gcc', ['-dM', '-E', '-include', 'asm/unistd_32.h', '-x', 'c', '/dev/null'], { encoding: 'utf8' });
    const defined = [...stdout.matchAll(/^#define __NR_(\w+) (\d+)$/gm)];
    assert.ok(defined.length > 400);
    assert.deepEqual(defined.map(([, name]) => [name, findNumber32(name!)]), defined.map(([, name, nr]) => [name, Number(nr)]));
    for (const [nr, { name }] of syscalls32) assert.equal(findNumber32(name) ?? nr, nr, name);
  });
});
