// Lines of several tasks, times, prefixes and ends: the shapes of reference logs of strace 6.1, from made-up calls.
import assert from 'node:assert/strict';
import { noFacts, type Facts } from '../../src/trace/format/printer';
import { defaultOptions, type StraceOptions } from '../../src/trace/options';
import { StraceLog, type LogFilter } from '../../src/trace/strace_text';
import { declarations } from './declarations';

const noInfo = { code: 0, errno: 0, pid: 0, uid: 0, status: 0, address: 0, value: 0n, syscall: 0, utime: 0, stime: 0, timerid: 0, overrun: 0, band: 0, fd: 0 };

function logger(options: Partial<StraceOptions> = {}, facts: Facts = noFacts, filter?: LogFilter) {
  let text = '';
  let now = 1_700_000_000_000_000_000n;
  const bytes = new Map<number, string>([[0x1000, 'x\0'], [0x2000, '/etc/hostname\0']]);
  const memory = { read: (at: number, n: number) => { const s = bytes.get(at); return s === undefined ? null : Uint8Array.from(s.slice(0, n), c => c.charCodeAt(0)); } };
  const log = new StraceLog({
    declaration: nr => declarations.get(nr), memory: () => memory, facts, now: () => now, instructionPointer: () => 0x401234, stackPointer: () => 0x7000,
  }, { ...defaultOptions, ...options }, (part) => { text += part; }, filter, (part) => { text += part; });
  const words = (args: number[]): Float64Array => Float64Array.from({ length: 12 }, (_, k) => {
    const v = BigInt.asUintN(64, BigInt(args[k >> 1] ?? 0));
    return Number(k & 1 ? v >> 32n : v & 0xffffffffn);
  });
  return {
    log, pass: (ns: number) => { now += BigInt(ns); },
    enter: (pid: number, nr: number, ...args: number[]) => log.syscallEnter(pid, nr, 'x86-64', words(args)),
    exit: (pid: number, nr: number, ret: number) => log.syscallExit(pid, nr, ret),
    text: () => text,
  };
}

describe('trace/strace_text: lines', () => {
  it('a call that another task interrupts is resumed, with the pid before every line of a file', () => {
    const l = logger({ follow: true });
    l.enter(24903, 0, 4, 0x1000, 1);
    l.enter(24904, 1, 5, 0x1000, 1);
    l.exit(24903, 0, 1);
    l.exit(24904, 1, 1);
    l.enter(24904, 231, 3);
    l.log.exit(24904, 24904, 3 << 8);
    assert.equal(l.text(), `24903 read(4,  <unfinished ...>
24904 write(5, "x", 1 <unfinished ...>
24903 <... read resumed>"x", 1)         = 1
24904 <... write resumed>)              = 1
24904 exit_group(3)                     = ?
24904 +++ exited with 3 +++
`);
  });

  it('on a terminal the pid stands only while several tasks are traced', () => {
    const l = logger({ follow: true, toFile: false });
    l.enter(1001, 39);
    l.exit(1001, 39, 1001);
    l.log.fork(1001, 1002, 0);
    l.enter(1002, 39);
    l.exit(1002, 39, 1002);
    l.log.exit(1002, 1002, 9);
    l.enter(1001, 39);
    l.exit(1001, 39, 1001);
    assert.equal(l.text(), `getpid()                                = 1001
strace: Process 1002 attached
[pid  1002] getpid()                    = 1002
[pid  1002] +++ killed by SIGKILL +++
getpid()                                = 1001
`);
  });

  it('a task that is killed in a call shows what it waited in', () => {
    const l = logger();
    l.enter(1, 0, 0, 0x1000, 10);
    l.log.exit(1, 1, 9);
    l.enter(1, 34);
    l.log.exit(1, 1, 11 | 0x80);
    assert.equal(l.text(), `read(0,  <unfinished ...>)              = ?
+++ killed by SIGKILL +++
pause()                                 = ?
+++ killed by SIGSEGV (core dumped) +++
`);
  });

  it('a signal that arrives in a call leaves it unfinished until it returns', () => {
    const l = logger();
    l.enter(1, 34);
    l.log.signal(1, 10, { ...noInfo, pid: 7, uid: 1000 });
    l.exit(1, 34, -514);
    assert.equal(l.text(), `pause( <unfinished ...>
--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=7, si_uid=1000} ---
<... pause resumed>)                    = ? ERESTARTNOHAND (To be restarted if no handler)
`);
  });

  const times: [Partial<StraceOptions>, string][] = [
    [{ time: { format: 'time', digits: 0 } }, '22:13:20 getpid()                       = 1\n22:13:20 getpid()                       = 1\n'],
    [{ time: { format: 'time', digits: 6 }, timeZoneMinutes: 60 }, '23:13:20.000000 getpid()                = 1\n23:13:20.000131 getpid()                = 1\n'],
    [{ time: { format: 'unix', digits: 6 } }, '1700000000.000000 getpid()              = 1\n1700000000.000131 getpid()              = 1\n'],
    [{ relative: 6 }, '     0.000000 getpid()                  = 1\n     0.000131 getpid()                  = 1\n'],
    [{ relative: 6, time: { format: 'time', digits: 0 } }, '22:13:20 (+     0.000000) getpid()      = 1\n22:13:20 (+     0.000131) getpid()      = 1\n'],
    [{ callTimes: 6 }, 'getpid()                                = 1 <0.000042>\ngetpid()                                = 1 <0.000042>\n'],
    [{ instructionPointer: true }, '[0000000000401234] getpid()             = 1\n[0000000000401234] getpid()             = 1\n'],
    [{ callNumber: true }, '[  39] getpid()                         = 1\n[  39] getpid()                         = 1\n'],
  ];
  for (const [options, expected] of times) {
    it(`${JSON.stringify(options)}`, () => {
      const l = logger(options);
      l.enter(1, 39);
      l.pass(42_000);
      l.exit(1, 39, 1);
      l.pass(89_000);
      l.enter(1, 39);
      l.pass(42_000);
      l.exit(1, 39, 1);
      assert.equal(l.text(), expected);
    });
  }

  it('-y names what descriptors are, results too', () => {
    const facts: Facts = { fd: (_, fd) => fd === 3 ? { path: '/etc/host<name>' } : fd === 4 ? { path: 'pipe:[5]' } : fd === 5 ? { path: '/tmp/x', deleted: true } : null, cwd: () => '/home/me' };
    const l = logger({ fdDetail: new Set(['path'] as const) }, facts);
    l.enter(1, 257, -100, 0x2000, 0);
    l.exit(1, 257, 3);
    for (const fd of [4, 5, 6]) { l.enter(1, 3, fd); l.exit(1, 3, 0); }
    assert.equal(l.text(), `openat(AT_FDCWD</home/me>, "/etc/hostname", O_RDONLY) = 3</etc/host\\74name\\76>
close(4<pipe:[5]>)                      = 0
close(5</tmp/x>(deleted))               = 0
close(6)                                = 0
`);
  });

  it('-yy adds devices and protocols', () => {
    const facts: Facts = { fd: (_, fd) => fd === 1 ? { path: '/dev/null', device: { type: 'char', major: 1, minor: 3 } } : { path: 'socket:[9]', socket: 'TCP:[127.0.0.1:80]' }, cwd: () => null };
    const l = logger({ fdDetail: new Set(['path', 'socket', 'dev', 'pidfd'] as const) }, facts);
    for (const fd of [1, 3]) { l.enter(1, 3, fd); l.exit(1, 3, 0); }
    assert.equal(l.text(), 'close(1</dev/null<char 1:3>>)           = 0\nclose(3<TCP:[127.0.0.1:80]>)            = 0\n');
  });

  it('an unknown number prints its six arguments; numbers after strace 6.1 are unknown to the log', () => {
    const l = logger();
    l.enter(1, 999, 1, 2, 3, 0x7ffd3a13ce90, 0, 0);
    l.exit(1, 999, -38);
    l.enter(1, 451, 0);
    l.exit(1, 451, -38);
    assert.equal(l.text(), `syscall_0x3e7(0x1, 0x2, 0x3, 0x7ffd3a13ce90, 0, 0) = -1 ENOSYS (Function not implemented)
syscall_0x1c3(0, 0, 0, 0, 0, 0)         = -1 ENOSYS (Function not implemented)
`);
  });

  it('calls that the filter leaves out leave no trace, their signals do', () => {
    const l = logger({}, noFacts, { call: name => name !== 'getpid', signal: signo => signo !== 17 });
    l.enter(1, 39);
    l.exit(1, 39, 1);
    l.log.signal(1, 17, noInfo);
    l.log.signal(1, 11, { ...noInfo, code: 1, address: 8 });
    assert.equal(l.text(), '--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x8} ---\n');
  });

  it('a stop of the whole log closes the open line', () => {
    const l = logger();
    l.enter(1, 34);
    l.log.detach();
    assert.equal(l.text(), 'pause( <detached ...>\n');
  });
});
