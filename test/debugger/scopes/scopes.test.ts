import assert from 'node:assert/strict';
import { cpuState } from '../../../src/debugger/scopes/cpu_state';
import type { Fact } from '../../../src/debugger/scopes/fact';
import { machineFacts, taskFacts } from '../../../src/debugger/scopes/kernel';
import { findReasonPlaces } from '../../../src/debugger/scopes/reason_place';
import { callOf, syscallScope } from '../../../src/debugger/scopes/syscall';
import { userFacts } from '../../../src/debugger/scopes/user_facts';
import { evaluateKernel } from '../../../src/debugger/objects/evaluate';
import type { StopReport } from '../../../src/debugger/debugger';
import type { StackFrame } from '../../../src/debugger/stack';
import { evaluateProgram } from '../../../src/debugger/program_expression';
import { build, findFact as find, runOn, start, stopAtCall, whyNoCompiler, type Guest } from '../objects/guest';

describe('scopes', function () {
  this.timeout(60_000);
  before(function () {
    const why = whyNoCompiler();
    if (why) { console.log(`      skipped: ${why}`); this.skip(); }
  });
  const frameOf = (guest: Guest, pid: number, name: string): StackFrame => {
    const frame = guest.core.stackOf(pid).find(one => one.name === name);
    assert.ok(frame, `no frame ${name}`);
    return frame;
  };
  const call = (guest: Guest, stop: StopReport): Fact[] => {
    const { target, modules } = guest.core;
    const state = callOf(target, stop.pid, stop);
    assert.ok(state);
    return syscallScope(target, modules, stop.pid, state);
  };

  it('Syscall at the entry: numbers of both ABIs, arguments decoded and unfolded; arguments can be changed', () => {
    const guest = start(build('objects'));
    const stop = stopAtCall(guest.core, 'write if count == 15');
    const facts = call(guest, stop);
    assert.equal(find(facts, 'call').value, 'write(3, "Hello, kernel!\\n", 15)');
    assert.equal(find(facts, 'number').value, '1 on x86-64; 4 on i386');
    assert.match(find(facts, 'fd', 'file').value, /"\/tmp\/objects.txt" O_RDWR, position 0 @ 0xffff8881/);
    assert.equal(find(facts, 'fd', 'file').expression, '$file(3)');
    assert.equal(find(facts, 'buf').value, '"Hello, kernel!\\n"');
    assert.match(find(facts, 'errno of the program').value, /^0/);
    find(facts, 'count').set?.(5n);
    assert.equal(find(call(guest, stop), 'count').value, '5');
    const after = stopAtCall(guest.core, 'write', 'syscall-exit');
    assert.equal(after.call?.ret, 5n);
    find(call(guest, after), 'result').set?.(-28n);
    assert.equal(find(call(guest, after), 'errno').value, 'ENOSPC (28) No space left on device');
    // The program sees what the person wrote.
    const later = stopAtCall(guest.core, 'lseek');
    assert.match(find(call(guest, later), 'errno of the program').value, /^28 ENOSPC/);
  });

  it('Syscall at the return: memory before and after, and at a failure the reason and its place', () => {
    const guest = start(build('signals'));
    const failed = stopAtCall(guest.core, 'openat', 'syscall-exit');
    const facts = call(guest, failed);
    assert.equal(find(facts, 'errno').value, 'ENOENT (2) No such file or directory');
    assert.match(find(facts, 'because').value, /nowhere/);
    assert.match(find(facts, 'refused by').value, /^\w+\(\) at fs\/\w+\.ts:\d+/);
    const stat = stopAtCall(guest.core, '/^(new)?(fstatat|stat)', 'syscall-exit');
    const pointer = call(guest, stat).find(one => one.name === 'statbuf')!;
    assert.equal(find([pointer], 'statbuf', 'before', 'st_size').value, '77');
    assert.notEqual(find([pointer], 'statbuf', 'after', 'st_size').value, '77');
    const sleep = stopAtCall(guest.core, 'clock_nanosleep,nanosleep');
    const request = call(guest, sleep).find(one => one.meaning?.startsWith('const struct timespec *'))!;
    assert.equal(find([request], request.name, 'tv_nsec').value, '2000000');
  });

  it('Syscall: arrays by their count, integers, texts to their end, bytes as many as the call says, fields as the kernel reads them', () => {
    const guest = start(build('arguments'));
    const stopped = (condition: string, phase: 'syscall' | 'syscall-exit' = 'syscall'): Fact[] => call(guest, stopAtCall(guest.core, condition, phase));
    const values = (facts: readonly Fact[], ...names: string[]): string[] => find(facts, ...names).children!().map(({ name, value }) => `${name} ${value}`);
    assert.deepEqual(values(stopped('pipe2,pipe', 'syscall-exit'), 'pipefd', 'after'), ['[0] 3', '[1] 4']);
    const vectors = find(stopped('writev'), 'iov').children!();
    assert.deepEqual(vectors.map(({ name, value }) => `${name} ${value.replace(/0x\w+/, '0x')}`), ['[0] {iov_base=0x, iov_len=3}', '[1] {iov_base=0x, iov_len=5}']);
    assert.equal(find(vectors, '[1]', 'iov_len').value, '5');
    const polled = stopped('poll', 'syscall-exit');
    assert.deepEqual(values(polled, 'fds', 'before'), ['[0] {fd=3, events=POLLIN, revents=0}', '[1] {fd=4, events=POLLOUT, revents=0}']);
    assert.deepEqual(values(polled, 'fds', 'after'), ['[0] {fd=3, events=POLLIN, revents=POLLIN}', '[1] {fd=4, events=POLLOUT, revents=POLLOUT}']);
    const read = find(stopped('read', 'syscall-exit'), 'buf');
    assert.deepEqual(read.children!().map(({ name, value }) => `${name} ${value}`), ['before "before"', 'after "abcdefgh"']);
    assert.deepEqual(values(stopped('write if count == 1'), 'buf'), ['bytes "x"']);
    const stat = stopped('/^(new)?(fstatat|stat)', 'syscall-exit');
    assert.deepEqual(values(stat, 'pathname'), ['bytes "/"']);
    assert.match(find(stat, 'statbuf', 'after', 'st_mode').value, /^040[0-7]{3} drwx/);
    assert.match(find(stat, 'number').value, /^262 on x86-64; 300 on i386 \(fstatat64\)$|^4 on x86-64; 106 on i386$/);
    const action = stopped('rt_sigaction');
    assert.deepEqual(['sa_handler', 'sa_flags', 'sa_mask'].map(name => find(action, 'act', name).value), ['SIG_IGN', '0x14000000 SA_RESTORER|SA_RESTART', '[INT]']);
    assert.equal(find(stopped('ioctl'), 'request').value, 'TCGETS');
    assert.equal(find(stopped('fcntl'), 'cmd').value, 'F_SETFL');
    assert.equal(find(stopped('futex'), 'futex_op').value, 'FUTEX_WAKE_PRIVATE');
    assert.equal(find(stopped('clone', 'syscall-exit'), 'flags').value, 'CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD');
    const sent = stopped('sendmsg', 'syscall-exit');
    assert.equal(find(sent, 'number').value, '46 on x86-64; 370 on i386');
    assert.match(find(sent, 'refused by').value, /^\w+\(\) at net\/.*\.ts:\d+/);
  });

  it('a refusal is traced to the checks that the call can come to, few of them where several use the same words', () => {
    const { kernel } = start(build('signals')).session.target();
    assert.deepEqual(findReasonPlaces(kernel, 'signalfd4', 'EINVAL', 'sizemask is not the size of a sigset_t').map(place => place.file), ['fs/signalfd.ts']);
    const reads = findReasonPlaces(kernel, 'read', 'EBADF', 'the descriptor is not open for reading');
    assert.equal(reads[0]?.name, 'vfs_read');
    assert.deepEqual(findReasonPlaces(kernel, 'read', 'EBADF', 'descriptor 77 is not open').map(place => place.name), ['fdget_raw']);
    assert.deepEqual(findReasonPlaces(kernel, 'read', 'ENOENT', 'no such reason'), []);
    for (const { path, text } of kernel.sources.filter(one => one.path.endsWith('.ts'))) for (const match of text.matchAll(/\b(E[A-Z0-9]+)\.because\('([^'\\]+)'\)/g)) {
      assert.ok(findReasonPlaces(kernel, '', match[1]!, match[2]!).length > 0, `${path}: ${match[0]}`);
    }
  });

  it('a signal\'s handler stands above the interrupted frame, with a row that says so; int 0x80 has its own words', () => {
    const guest = start(build('signals'));
    const stop = stopAtCall(guest.core, 'write if count == 5');
    const rows: string[] = [];
    for (let i = 0; ; i++) {
      const frame = guest.core.stackOf(stop.pid).at(i);
      if (!frame) break;
      if (frame.border) rows.push(`-- ${frame.border}`);
      rows.push(frame.name);
    }
    const at = (name: string): number => rows.findIndex(row => row.includes(name));
    assert.deepEqual(rows.slice(0, 3), ['do_syscall_64', 'entry_SYSCALL_64', '-- ring 0 above, ring 3 below: entered by syscall 1 (write)']);
    assert.ok(at('on_alarm') < at('signal SIGALRM delivered here') && at('signal SIGALRM delivered here') < at('sigsuspend') && at('sigsuspend') < at('main'), rows.join('\n'));
    const i386 = stopAtCall(guest.core, 'getpid');
    assert.equal(i386.call?.abi, 'i386');
    const border = guest.core.stackOf(stop.pid).find(frame => frame.border !== undefined)?.border;
    assert.equal(border, 'ring 0 above, ring 3 below: entered by int 0x80: i386 syscall 20 (getpid)');
    assert.equal(find(call(guest, i386), 'number').value, '20 on i386; 39 on x86-64');
  });

  it('an interrupted call says whether it is made again, and its handler\'s stack leads over the trampoline to the call', () => {
    const guest = start(build('restarts'));
    const interrupted = (condition: string): { result: string; restart: string; stop: StopReport } => {
      const stop = stopAtCall(guest.core, condition, 'syscall-exit'), facts = call(guest, stop);
      return { result: find(facts, 'result').value, restart: find(facts, 'restart').value, stop };
    };
    const first = interrupted('read');
    assert.equal(first.result, '? ERESTARTSYS (To be restarted if SA_RESTART is set)');
    assert.match(first.restart, /^made again when the signal's handler has returned/);
    const names = guest.core.stackOf(first.stop.pid).slice(0, 20).flatMap(frame => [...frame.border ? [`-- ${frame.border}`] : [], frame.name]);
    assert.deepEqual(names.slice(2, 6), ['-- ring 0 above, ring 3 below: entered by syscall 0 (read)', 'answer', '__restore_rt', '-- signal SIGALRM delivered here']);
    assert.ok(names.includes('main'));
    assert.equal(find(call(guest, stopAtCall(guest.core, 'read', 'syscall-exit')), 'result').value, '1');
    assert.match(interrupted('read').restart, /^not made again: it gives -1 EINTR/);
    assert.match(interrupted('clock_nanosleep').restart, /^not made again/);
    assert.equal(find(call(guest, stopAtCall(guest.core, 'exit_group')), 'status').value, '0');
  });

  it('a page fault\'s stack says which address', () => {
    const guest = start(build('signals'));
    const stop = stopAtCall(guest.core, 'getuid');
    const module = guest.core.modules.of(stop.pid).find(one => one.isKernel)!;
    guest.core.setFilters([]);
    guest.core.setInstructionBreakpoints([{ address: module.functionAddresses('exc_page_fault')[0]!.address }]);
    let border: string | undefined;
    for (let i = 0; i < 50 && !/ 0x[0-9a-f]+120 /.test(border ?? ''); i++) {
      guest.core.continue();
      if (runOn(guest.core).kind !== 'stopped') break;
      ({ border } = guest.core.stackOf(stop.pid).find(frame => frame.border !== undefined)!);
      if (guest.core.stackOf(stop.pid).find(frame => frame.name === 'main')?.index === 2) break;
    }
    assert.match(border!, /^ring 0 above, ring 3 below: entered by #PF at 0x7f[0-9a-f]+: ring 3 (wrote|read) a page that is not present$/);
  });

  it('CPU state in ring 0: control registers, MSRs, descriptors and gates as the machine set them, pt_regs with orig_rax named', () => {
    const guest = start(build('objects'));
    const { pid } = stopAtCall(guest.core, 'getppid');
    const { target, modules } = guest.core;
    const facts = cpuState(target, modules, frameOf(guest, pid, 'do_syscall_64'));
    assert.equal(find(facts, 'CPL').value, '0 (kernel mode)');
    assert.match(find(facts, 'RIP', 'mapping').value, /^0xffffffff81000000-\S+ r-xp \[kernel\]$/);
    assert.match(find(facts, 'CR0').value, /\[PE .*WP.* PG\]$/);
    assert.equal(find(facts, 'CR0', 'WP').value, '1');
    assert.match(find(facts, 'CR0', 'WP').meaning!, /copy-on-write.*SDM 3A 2\.5/);
    assert.match(find(facts, 'EFER').value, /\[SCE LME LMA NXE\]$/);
    assert.match(find(facts, 'LSTAR').value, /^0xffffffff81\w+ entry_SYSCALL_64$/);
    assert.equal(find(facts, 'STAR', 'SYSCALL CS').value, '0x10');
    assert.equal(find(facts, 'STAR', 'SYSRETQ CS').value, '0x33');
    assert.match(find(facts, 'segments', 'CS').value, /^0x10 64-bit code, readable, for ring 0$/);
    assert.match(find(facts, 'segments', 'TR').value, /TSS/);
    assert.match(find(facts, 'IDT', '[14]').value, /#PF page fault -> asm_exc_page_fault$/);
    assert.match(find(facts, 'IDT', '[128]').meaning!, /ring 3 may call it/);
    assert.equal(find(facts, 'pt_regs', 'orig_rax').value, '110 (getppid)');
    assert.equal(find(facts, 'pt_regs', 'rax').value, '-38');
    const stack = evaluateKernel('current->thread->stackPa + 0x4000', undefined, pid).value as bigint;
    assert.equal(BigInt(find(facts, 'TSS', 'RSP0').value), 0xffff_8880_0000_0000n + stack);
    const unexplained = (rows: readonly Fact[], path: string): string[] => rows.flatMap(one => [...one.meaning && /SDM|psABI|Linux/.test(one.meaning) ? [] : [`${path}${one.name}`], ...unexplained(one.children?.() ?? [], `${path}${one.name}/`)]);
    assert.deepEqual(unexplained(facts, ''), []);
    const user = cpuState(target, modules, frameOf(guest, pid, 'main'));
    assert.equal(find(user, 'CPL').value, '3 (user mode)');
    assert.ok(!user.some(one => one.name === 'pt_regs'));
  });

  it('Kernel: files, memory, signals; each row\'s expression gives the row again', () => {
    const guest = start(build('objects'));
    const { pid } = stopAtCall(guest.core, 'getppid');
    const facts = taskFacts(guest.core.target, pid);
    assert.equal(find(facts, 'files', '3').expression, 'current->files->fdt->fd[3]');
    assert.match(find(facts, 'files', '4').value, /"pipe:\[\d+\]" O_RDONLY @ 0xffff8881/);
    assert.match(find(facts, 'signals', 'handlers', 'SIGALRM').value, /handler at 0x/);
    assert.match(find(facts, 'signals', 'blocked').value, /\[USR1\]/);
    assert.equal(find(machineFacts(guest.core.target), 'tasks').value, '2');
    const sleeper = callOf(guest.core.target, 1002);
    assert.match(find(syscallScope(guest.core.target, guest.core.modules, 1002, sleeper!), 'call').value, /^read\(6/);
    const waiting = find(machineFacts(guest.core.target), 'tasks').children!()[1]!;
    assert.match(find(waiting.children!(), 'waits').value, /waits in read of descriptor 6.*the pipe is empty; what wakes it: bytes written to the pipe.*open in objects \(1001\)/);
  });

  it('a value of the program: descriptor, pointer, pid, signal set, socket address', () => {
    const guest = start(build('objects'));
    const { pid } = stopAtCall(guest.core, 'getppid');
    const { target, modules } = guest.core;
    const frame = frameOf(guest, pid, 'main');
    const facts = (expression: string, source = '') => userFacts(target, modules, pid, expression, evaluateProgram(target, modules, frame, expression).value, source);
    assert.equal(facts('data_fd').headline, '"/tmp/objects.txt" O_RDWR, position 6');
    assert.deepEqual(facts('data_fd').facts.map(one => one.name), ['file', 'dentry', 'inode', 'references']);
    assert.match(facts('pipe_fds[0]').headline!, /pipe:/);
    assert.match(facts('page').headline!, /^in rw-p anonymous memory/);
    assert.deepEqual(find(facts('page').facts, 'page').children!().map(one => one.name), ['PGD', 'P4D', 'PUD', 'PMD', 'PTE', 'page']);
    assert.match(facts('self').headline!, new RegExp(`^objects\\S* \\(${pid}\\)`));
    assert.deepEqual(facts('self').facts.map(one => [one.name, one.expression]), [[`task ${pid}`, `$task(${pid})`]]);
    assert.equal(facts('nobody').headline, 'no such task (any more)');
    assert.deepEqual([facts('3'), facts('0')], [{ facts: [] }, { facts: [] }]);
    const seccomp = find(taskFacts(target, pid), 'seccomp');
    assert.equal(seccomp.value, '1 filter');
    assert.deepEqual(find([seccomp], 'seccomp', '[0]').children!().slice(0, 2).map(one => one.value), ['BPF_STMT(BPF_LD|BPF_W|BPF_ABS, 0)', 'BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ALLOW)']);
    assert.equal(facts('mask').headline, '[USR1]');
    assert.equal(facts('where').headline, '{sa_family=AF_UNIX, sun_path="/tmp/socket"}');
  });
});
