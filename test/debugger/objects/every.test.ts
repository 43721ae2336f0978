// Every kernel object that people look for is reached in four ways: in the Kernel tree, by an expression, from a value of the program, and in the kernel's source.
// The program (every.c) says itself what the kernel told it; the host's kernel told it the same.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { evaluateKernel, scalarOf } from '../../../src/debugger/objects/evaluate';
import { formatKernel } from '../../../src/debugger/objects/format';
import { addressOf, isObject, typeText, type KernelValue } from '../../../src/debugger/objects/kernel_value';
import { membersOf } from '../../../src/debugger/objects/members';
import { evaluateInKernel, evaluateProgram } from '../../../src/debugger/program_expression';
import { kernelFacts } from '../../../src/debugger/scopes/kernel';
import { kernelHover, userFacts } from '../../../src/debugger/scopes/user_facts';
import type { StackFrame } from '../../../src/debugger/stack';
import { build, findFact, runOn, start, stopAtCall, whyNoCompiler, type Guest } from './guest';

const PID = 1001;

interface Row {
  type: string;
  /** The expression that means it. */
  path: string;
  /** The rows of the Kernel tree that lead to it. */
  tree: string[];
  /** Expressions beside the name of the fact that says the same. Numbers are compared as numbers. */
  facts?: readonly (readonly [expression: string, fact: string | ((fact: (name: string) => string) => string)])[];
  /** A statement of the kernel's source that the program comes to, and what is pointed at there. */
  source: readonly [file: string, line: string, pointedAt: string];
}

const hex = (name: string) => (fact: (name: string) => string): string => `0x${fact(name)}`;
const octal = (name: string) => (fact: (name: string) => string): string => `0o${fact(name)}`;
const DATA = '$file(3)', PIPE = '$file(4)->private_data', TIMER = '$file(6)->private_data', SET = '$file(7)->private_data', SOCKET = '$file(8)->private_data', FUTEX = '$futexes[/]';
const WRITE = ['fs/read_write.ts', 'const done = file.f_op.write_iter(file, from, at)'] as const, SEND = ['net/unix/message.ts', 'skb_queue_tail(other, skb);'] as const;

const rows: readonly Row[] = [
  { type: 'task_struct', path: 'current', tree: ['task'], facts: [['current->comm', fact => JSON.stringify(fact('comm'))], ['current->pid', '~pid'], ['current->no_new_privs', 'no_new_privs'], ['current->seccomp_mode', 'seccomp']], source: ['kernel/seccomp.ts', 'const answer = bpf_prog_run', 'task'] },
  { type: 'thread_info', path: 'current->thread_info', tree: ['task', 'thread_info'], facts: [['current->thread_info.syscall_work & 1', 'seccomp_filters'], ['current->thread_info.cpu', () => '0']], source: ['kernel/seccomp.ts', 'const answer = bpf_prog_run', 'task.thread_info'] },
  { type: 'files_struct', path: 'current->files', tree: ['files'], source: ['fs/file.ts', 'if (!file) return EBADF', 'task.files'] },
  { type: 'fdtable', path: 'current->files->fdt', tree: ['task', 'files', 'fdt'], facts: [['current->files->fdt->fd[3]->f_pos', 'pos'], ['current->files->fdt->max_fds', '~fds']], source: ['fs/file.ts', 'if (!file) return EBADF', 'task.files.fdt'] },
  { type: 'file', path: DATA, tree: ['files', '3'], facts: [[`${DATA}->f_pos`, 'pos'], [`${DATA}->f_flags`, octal('flags')], [`${DATA}->f_path`, fact => JSON.stringify(fact('path'))]], source: [...WRITE, 'file'] },
  { type: 'dentry', path: `${DATA}->f_path.dentry`, tree: ['files', '3', 'f_path', 'dentry'], facts: [[`${DATA}->f_path.dentry->d_name.name`, fact => JSON.stringify(path.basename(fact('path')))]], source: ['fs/read_write.ts', 'if (typeof done === \'number\' && done > 0) fsnotify_modify(file);', 'file.f_path.dentry'] },
  { type: 'inode', path: `${DATA}->f_inode`, tree: ['files', '3', 'f_inode'], facts: [[`${DATA}->f_inode->i_mode`, octal('mode')], [`${DATA}->f_inode->i_size`, 'length'], [`${DATA}->f_inode->i_ino`, '~ino'], [`${DATA}->f_inode->i_nlink`, 'links']], source: [...WRITE, 'file.f_inode'] },
  { type: 'super_block', path: `${DATA}->f_inode->i_sb`, tree: ['files', '3', 'f_inode', 'i_sb'], facts: [[`${DATA}->f_inode->i_dev`, '~stat_dev']], source: [...WRITE, 'file.f_inode.i_sb'] },
  { type: 'mount', path: `${DATA}->f_path.mnt`, tree: ['files', '3', 'f_path', 'mnt'], facts: [['$mounts[4]->mnt_sb->s_type', fact => JSON.stringify(fact('~procfs').split(' ')[1])]], source: [...WRITE, 'file.f_path.mnt'] },
  { type: 'mm_struct', path: 'current->mm', tree: ['memory'], facts: [['current->mm->total_vm * 4', fact => fact('~size').replace(' kB', '')]], source: ['mm/mprotect.ts', 'const wanted = prot & (VM_READ', 'mm'] },
  { type: 'vm_area_struct', path: 'current->mm->mmap[1]', tree: ['memory', '[1]'], facts: [['current->mm->mmap[0]->vm_start', fact => `0x${fact('~range').split('-')[0]}`], ['current->mm->mmap[0]->vm_end', fact => `0x${/-(\w+)/.exec(fact('~range'))?.[1]}`]], source: ['mm/memory.ts', 'if ((vma.vm_flags & needed) === 0)', 'vma'] },
  { type: 'signal_struct', path: 'current->signal', tree: ['process'], facts: [['current->signal->nr_threads', 'threads'], ['current->signal->rlim[7]->rlim_cur', fact => fact('limit').split(/ +/)[0] ?? '']], source: ['kernel/signal.ts', 'const queue = isGroup', 'task.signal'] },
  { type: 'sighand_struct', path: 'current->sighand', tree: ['signals', 'handlers'], facts: [['current->blocked', hex('blocked')], ['current->sighand->action[12]->sa_handler', () => '1']], source: ['kernel/signal.ts', 'const queue = isGroup', 'task.sighand'] },
  { type: 'sigpending', path: 'current->pending', tree: ['signals', 'pending'], facts: [['current->pending->signal', hex('pending')], ['current->pending->list[0]->si_signo', () => '10']], source: ['kernel/signal.ts', 'const queue = isGroup', 'task.pending'] },
  { type: 'cred', path: 'current->cred', tree: ['credentials'], facts: [['current->cred->uid.val', fact => fact('~uid').split('\t')[0] ?? ''], ['current->cred->egid.val', fact => fact('~gid').split('\t')[1] ?? '']], source: ['kernel/signal.ts', 'const queue = isGroup', 'task.cred'] },
  { type: 'pipe_inode_info', path: PIPE, tree: ['files', '4', 'private_data'], facts: [[`${PIPE}->bufs[0]->len`, 'in_pipe'], [`${PIPE}->max_usage * 4096`, 'pipe_size']], source: ['fs/pipe.ts', 'const isAtomic = from.count <= PIPE_BUF', 'pipe'] },
  { type: 'socket', path: SOCKET, tree: ['files', '8', 'private_data'], source: ['net/socket.ts', 'return sock.ops.sendmsg(task, sock.sk, { iter, name: name', 'sock'] },
  { type: 'sock', path: `${SOCKET}->sk`, tree: ['files', '8', 'private_data', 'sk'], facts: [['$file(11)->private_data->sk->inet->inet_sport', '~port']], source: [...SEND, 'sk'] },
  { type: 'sk_buff', path: '$file(9)->private_data->sk->sk_receive_queue[0]', tree: ['files', '9', 'private_data', 'sk', 'sk_receive_queue', '[0]'], facts: [['$file(9)->private_data->sk->sk_receive_queue[0]->len', 'in_socket'], ['$file(9)->private_data->sk->sk_receive_queue.length', () => '2']], source: ['net/unix/message.ts', 'skb_queue_tail(other, skb);\n  return', 'skb'] },
  { type: 'eventpoll', path: SET, tree: ['files', '7', 'private_data'], facts: [[`${SET}->items[0]->fd`, fact => fact('~watched').split(' ')[0] ?? ''], [`${SET}->items[0]->data`, () => '0x1234'], [`${SET}->items[0]->events`, () => '0x19']], source: ['fs/eventpoll.ts', 'const table: poll_table = { queues: [ep.wq] };', 'ep'] },
  { type: 'timerfd_ctx', path: TIMER, tree: ['files', '6', 'private_data'], facts: [[`${TIMER}->tintv / 1000000000`, fact => fact('interval').slice(1, 2)]], source: ['fs/timerfd.ts', 'const value = time(2);', 'ctx'] },
  { type: 'hrtimer', path: `${TIMER}->tmr`, tree: ['timers', '[1]'], source: ['fs/timerfd.ts', 'const value = time(2);', 'ctx.tmr'] },
  { type: 'futex_hash_bucket', path: FUTEX, tree: ['futexes', '0x'], facts: [[`${FUTEX}->waiters[0]->task->pid`, '~waiter']], source: ['kernel/futex.ts', 'const i = found.waiters.indexOf(q);', 'found'] },
  { type: 'futex_q', path: `${FUTEX}->waiters[0]`, tree: ['futexes', '0x', 'waiters', '[0]'], source: ['kernel/futex.ts', 'if ((q.bitset & bitset) === 0) continue;', 'q'] },
  { type: 'wait_queue_head', path: `${PIPE}->rd_wait`, tree: ['files', '4', 'private_data', 'rd_wait'], source: ['kernel/wait.ts', 'queue.seq++;', 'queue'] },
  { type: 'seccomp_filter', path: 'current->seccomp_filter', tree: ['seccomp', '[0]'], facts: [['current->seccomp_filter->prog->len', () => '2']], source: ['kernel/seccomp.ts', 'const answer = bpf_prog_run', 'filter'] },
];

describe('every kernel object', function () {
  this.timeout(60_000);
  let guest: Guest;
  let program = '', folder = '';
  const values = new Map<string, string>();
  const fact = (name: string): string => values.get(name) ?? assert.fail(`the program has not said '${name}'`);
  /** The futex that somebody waits at has the address of its word in its name. */
  const named = (text: string): string => text.replaceAll('[/]', () => `[${JSON.stringify([...(evaluateKernel('$futexes').value as Map<string, unknown>).keys()][0])}]`);
  const value = (text: string): KernelValue => evaluateKernel(named(text), undefined, PID);
  const tree = (): ReturnType<typeof kernelFacts> => kernelFacts(guest.core.target, PID, (pid, address) => guest.core.modules.describe(pid, address));

  before(function () {
    const why = whyNoCompiler();
    if (why) { console.log(`      skipped: ${why}`); this.skip(); }
    program = build('every');
    folder = mkdtempSync(path.join(tmpdir(), 'ringside-every-'));
    chmodSync(folder, 0o777);
    guest = start(program, [folder]);
    assert.equal(stopAtCall(guest.core, 'getppid').pid, PID);
    for (const line of guest.output().split('\n')) { const at = line.indexOf('='); values.set(line.slice(0, at), line.slice(at + 1)); }
    values.set('~stat_dev', `0x${fact('~dev')}`);
  });

  after(() => { if (folder !== '') rmSync(folder, { recursive: true, force: true }); });

  it('the program is told the same by the host\'s kernel', function () {
    const { stdout, error } = spawnSync(program, [folder], { encoding: 'utf8', timeout: 30_000 });
    if (error) { console.log(`      skipped: ${error.message}`); this.skip(); }
    const told = (text: string): string[] => text.trim().split('\n').filter(line => !line.startsWith('~'));
    assert.deepEqual(told(guest.output()), told(stdout));
  });

  for (const { type, path: text, tree: names, facts = [] } of rows) {
    it(`${type}: ${text}, in the tree and by an expression, as the program was told`, () => {
      const found = value(text), row = names.reduce<ReturnType<typeof tree>>((level, name, i) => {
        const next = name === '0x' ? level.find(one => one.name.startsWith(name)) ?? assert.fail('no futex') : findFact(level, name);
        return i === names.length - 1 ? [next] : next.children?.() ?? [];
      }, tree())[0]!;
      assert.match(typeText(found), new RegExp(`^struct ${type}\\b`));
      assert.ok(row.expression !== undefined, `${names.join('/')} has no expression`);
      const again = value(row.expression);
      if (isObject(found.value)) {
        assert.match(formatKernel(found), /0xffff8881[0-9a-f]{8}$/);
        assert.equal(again.value, found.value);
        assert.equal(row.memory, addressOf(found.value));
        assert.equal(value(`$object(${addressOf(found.value)})`).value, found.value);
      } else {
        assert.deepEqual(again.value, found.value);
      }
      assert.ok((row.children?.() ?? []).length > 0, 'it can be unfolded');
      for (const [expression, told] of facts) {
        const is = scalarOf(value(expression)), said = typeof told === 'string' ? fact(told) : told(fact);
        assert.equal(is, typeof is === 'bigint' ? BigInt(said.trim()) : JSON.parse(said), expression);
      }
    });
  }

  it('run queue, wait queues: who is ready, who waits for whom, and why', () => {
    assert.equal(formatKernel(value('$runqueue[0]')).replace(/ @.*/, ''), 'every (1004), ready to run');
    assert.match(findFact(tree(), 'run queue', '[0]').value, /^every \(1004\), ready to run @/);
    const waits = findFact(tree(), 'wait queues');
    assert.equal(waits.value, 'every (1002), every (1003) wait');
    const [child, thread] = waits.children!();
    assert.match(child!.value, /waits in read of descriptor 12.*its writing end is open in every \(1001\) and 2 other threads of it/);
    assert.match(thread!.value, /waits in futex at 0x[0-9a-f]+ <word>, which holds 7/);
    assert.equal(scalarOf(value(`${child!.children!()[0]!.expression}->head[0] == $task(1002)`)), 1n);
    assert.equal(findFact(tree(), 'futexes').children!()[0]!.name, `0x${fact('~word')} <word>`);
    assert.equal(fact('child'), 'S (sleeping)');
  });

  it('the walk of the page tables, for any address', () => {
    const page = evaluateProgram(guest.core.target, guest.core.modules, guest.core.stackOf(PID).find(frame => frame.name === 'main')!, 'page').value;
    const start = guest.core.target.registers(PID, 'user').read('rdi')!;
    assert.ok(page);
    const present = [0n, 4096n, 8192n].map(offset => membersOf(value(`$page(${start + offset})`)).some(({ name }) => name === 'PTE') && /PRESENT/.test(formatKernel(value(`$page(${start + offset}).PTE.flags`))) ? '1' : '0').join('');
    assert.equal(present, fact('present'));
    assert.match(formatKernel(value(`$page(${start + 8192n})`)), /not in memory yet/);
    const levels = findFact(tree(), 'memory', '[0]', 'first page').children!().map(({ name }) => name);
    assert.deepEqual(levels, ['PGD', 'P4D', 'PUD', 'PMD', 'PTE', 'page']);
    assert.match(formatKernel(value('$page(0xffffffff81000000)')), /^page frame/);
  });

  it('a value of the program leads to it: descriptors, pointers, pids, sets of signals, addresses of sockets', () => {
    const { target, modules } = guest.core, frame = guest.core.stackOf(PID).find(one => one.name === 'main')!;
    const hover = (text: string) => userFacts(target, modules, PID, text, evaluateProgram(target, modules, frame, text).value);
    const leads = ([text, headline, ...names]: readonly [string, RegExp, ...string[]]): void => {
      const { headline: is, facts } = hover(text);
      assert.match(is ?? '', headline, text);
      for (const name of names) assert.ok(facts.some(one => one.name === name), `${text}: no row '${name}'`);
    };
    ([
      ['data_fd', /^".*\/every\.txt" O_RDWR\|O_APPEND, position 6$/, 'file', 'dentry', 'inode', 'references'], ['pipe_fds[1]', /^"pipe:\[\d+\]" O_WRONLY$/, 'file', 'inode', 'private_data'],
      ['timer_fd', /timerfd/, 'private_data'], ['epoll_fd', /eventpoll/, 'private_data'], ['sockets[0]', /^"socket:/, 'private_data'], ['listen_fd', /^"socket:/, 'private_data'], ['udp_sock', /^"socket:/, 'private_data'],
      ['page', /^in rw-p anonymous memory$/, 'vm_area_struct', 'page'], ['page + 8192', /^in r--p anonymous memory$/, 'vm_area_struct', 'page'], ['&word', /^in rw-p .*every$/, 'symbol', 'vm_area_struct', 'page'], ['&self', /^in rw-p \[stack\]$/, 'vm_area_struct', 'page', 'depth'],
      ['self', /^every \(1001\), on the processor$/, 'task 1001'], ['child', /^every \(1002\), sleeping, interruptible$/, 'task 1002'], ['nobody', /^no such task/],
      ['mask', /^\[USR1 RT_2\]$/, 'signals', 'blocked by this task now'], ['&mask', /^\[USR1 RT_2\]$/], ['pending', /^\[USR1\]$/],
      ['where', /^\{sa_family=AF_UNIX, sun_path="every\.socket"\}$/, 'address'], ['inet', new RegExp(`^\\{sa_family=AF_INET, sin_port=htons\\(${fact('~port')}\\), sin_addr=inet_addr\\("127\\.0\\.0\\.1"\\)\\}$`), 'address'],
    ] as const).forEach(leads);
    assert.deepEqual(findFact(hover('&word').facts, 'symbol').value, 'word');
  });

  /** The line with the last of the text. */
  const lineOf = (file: string, text: string): number => {
    const source = readFileSync(path.join('src/kernel', file), 'utf8');
    assert.ok(source.includes(text), `${file} has no '${text}'`);
    return source.slice(0, source.indexOf(text) + text.length).split('\n').length;
  };
  /** From the beginning to the breakpoint that is set. */
  const comeTo = (what: string): StackFrame => {
    const { core } = guest;
    core.goTo(core.target.timeline.start);
    runOn(core);
    for (;;) {
      core.continue();
      const stop = runOn(core);
      assert.equal(stop.kind, 'stopped', what);
      if (stop.kind === 'stopped' && stop.text === 'the end of the recording') continue;
      assert.ok(stop.kind === 'stopped' && stop.reason === 'breakpoint', `${what}: ${stop.kind === 'stopped' ? `${stop.reason} ${stop.text}` : ''}`);
      return core.stackOf(stop.pid).at(0) ?? assert.fail(what);
    }
  };

  it('in the kernel\'s source, what is pointed at is the same object, at the same address', () => {
    const { core } = guest;
    const addresses = new Map(rows.map(({ path: text }) => [text, value(text)]));
    core.setFilters([]);
    for (const { type, path: text, source: [file, line, pointedAt] } of rows) {
      const document = `ringside-kernel:/${file}`;
      const { value: own } = addresses.get(text)!;
      const condition = isObject(own) ? `${pointedAt} == ${addressOf(own)}` : 'current->pid == 1001';
      const [set] = core.setSourceBreakpoints(document, [{ line: lineOf(file, line), condition }]);
      assert.ok(set?.isVerified, `${file}: ${line}`);
      const frame = comeTo(`${type}: ${file}: ${line} if ${condition}`), found = evaluateInKernel(core.target, frame, pointedAt);
      assert.ok(found);
      assert.match(typeText(found), new RegExp(`^struct ${type}\\b`));
      if (isObject(own)) assert.ok(isObject(found.value) && addressOf(found.value) === addressOf(own), type);
      core.setSourceBreakpoints(document, []);
    }
  });

  it('in the kernel\'s source, addresses of the program lead to their mapping and page, and the run queue and refusals are known by name', () => {
    const { core } = guest, file = 'ringside-kernel:/mm/mprotect.ts';
    core.setSourceBreakpoints(file, [{ line: lineOf('mm/mprotect.ts', 'const wanted = prot & (VM_READ'), condition: 'length == 4096 && first->vm_file == NULL && current->pid == 1001 && (prot & 2) != 0' }]);
    const frame = comeTo('mprotect');
    const hover = (text: string) => kernelHover(core.target, core.modules, PID, text, evaluateInKernel(core.target, frame, text)!, false);
    assert.match(hover('address').value, /^0x7f[0-9a-f]+ → in r--p anonymous memory$/);
    assert.deepEqual(hover('address').children!().map(({ name }) => name), ['vm_area_struct', 'page']);
    assert.match(hover('first').value, /^7f[0-9a-f]+-7f[0-9a-f]+ r--p anonymous memory @ 0xffff8881/);
    assert.match(hover('kernel.runqueue').value, /^\d of them$|^none$/);
    assert.equal(hover('ENOMEM').value, '-ENOMEM (Cannot allocate memory)');
    assert.equal(hover('VM_READ').value, '1');
    core.setSourceBreakpoints(file, []);
  });
});
