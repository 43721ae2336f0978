import assert from 'node:assert/strict';
import { whyLines, whyOf } from '../../../src/debugger/objects/why';
import { whyFact } from '../../../src/debugger/scopes/why';
import { kernel } from '../../../src/kernel/state';
import { build, runOn, start, stopAtCall, whyNoCompiler } from './guest';

describe('why is it hanging?', function () {
  this.timeout(60_000);
  before(function () {
    const why = whyNoCompiler();
    if (why) { console.log(`      skipped: ${why}`); this.skip(); }
  });

  /** The lines that the console prints when nothing can go on. */
  function hang(mode: string): string[] {
    const guest = start(build('waits'), [mode]);
    guest.core.continue();
    const report = runOn(guest.core);
    assert.equal(report.kind === 'stopped' && report.reason, 'deadlock');
    const lines = whyLines((pid, address) => guest.core.modules.describe(pid, address));
    assert.deepEqual(report.kind === 'stopped' && report.waits, lines);
    return lines;
  }

  it('a reader whose pipe only it can write to waits for itself', () => {
    const [line] = hang('self');
    assert.match(line!, /^waits \(1001\): it waits in read of descriptor 3, "pipe:\[\d+\]" O_RDONLY: the pipe is empty; .*open in waits \(1001\) alone, the very task that waits: it forgot to close its own end.*; it waits for itself: a deadlock$/);
  });

  it('two threads that took two mutexes in different orders are named as a deadlock', () => {
    const lines = hang('mutexes');
    assert.equal(lines.length, 2);
    assert.match(lines[0]!, /^waits \(1001\): it waits in futex for the mutex at 0x[0-9a-f]+ <second>, which waits \(1002\) owns; what wakes it: FUTEX_WAKE there, when waits \(1002\) unlocks it, or.*; a deadlock: waits \(1001\) waits for waits \(1002\) waits for waits \(1001\)$/);
    assert.match(lines[1]!, /<first>, which waits \(1001\) owns.*a deadlock: waits \(1002\) waits for waits \(1001\) waits for waits \(1002\)$/);
    const fact = whyFact(1001, () => undefined);
    assert.deepEqual(fact.children!().map(one => one.name), ['waits', 'wakes by', 'wakes by', 'held by', 'deadlock']);
  });

  it('two processes that read from each other are named as a deadlock', () => {
    const lines = hang('pipes');
    assert.match(lines[0]!, /its writing end is open in waits \(1002\).*a deadlock: waits \(1001\) waits for waits \(1002\) waits for waits \(1001\)$/);
  });

  it('a parent waits for its child, and the child for a signal: no deadlock of theirs, since a signal may come', () => {
    const lines = hang('child');
    assert.match(lines[0]!, /^waits \(1001\): it waits in wait4 for a child to end; what wakes it: the exit of waits \(1002\), or a signal/);
    assert.match(lines[1]!, /^waits \(1002\): it waits in rt_sigsuspend for a signal; what wakes it: a signal outside of/);
    assert.ok(!lines.join().includes('deadlock'));
  });

  it('a lock of flock names who holds it, and a circle of locks the deadlock', () => {
    const lines = hang('flock');
    assert.match(lines[0]!, /^waits \(1001\): it waits in flock of descriptor 8, "\/tmp\/two\.lock" O_RDWR.*: waits \(1002\) holds an exclusive lock; what wakes it: the lock being given back.*; a deadlock: waits \(1001\) waits for waits \(1002\) waits for waits \(1001\)$/);
    assert.match(lines[1]!, /"\/tmp\/one\.lock".*: waits \(1001\) holds an exclusive lock/);
  });

  it('a record lock names its holder and the bytes', () => {
    const lines = hang('record');
    assert.match(lines[1]!, /^waits \(1002\): it waits in fcntl of descriptor 7, "\/tmp\/record" O_RDWR.*: waits \(1001\) holds an exclusive lock on bytes 10 to 29;.*; a deadlock: waits \(1002\) waits for waits \(1001\) waits for waits \(1002\)$/);
  });

  it('a socket names who has its other end', () => {
    const lines = hang('socket');
    assert.match(lines[0]!, /^waits \(1001\): it waits in recvfrom of descriptor 7, "socket:\[\d+\]".*the other end, which is open in waits \(1002\).*; a deadlock: waits \(1001\) waits for waits \(1002\)/);
  });

  it('epoll and poll name what they look at, who could cause it, and the deadlock', () => {
    const lines = hang('epoll');
    assert.match(lines[0]!, /^waits \(1001\): it waits in poll for an event of 5 \(pipe:\[\d+\], whose other end is open in waits \(1002\)\);.*; a deadlock: waits \(1001\) waits for waits \(1002\) waits for waits \(1001\)$/);
    assert.match(lines[1]!, /^waits \(1002\): it waits in epoll_wait for an event of one of 3 \(pipe:\[\d+\], whose other end is open in waits \(1001\)\), 9 \(socket:\[\d+\], whose other end is open in waits \(1001\)\); what wakes it: an event of one of them/);
  });

  it('an eventfd that nobody else has is waited for in vain', () => {
    const [line] = hang('eventfd');
    assert.match(line!, /a write to it: it is open in waits \(1001\) alone, the very task that waits.*it waits for itself: a deadlock$/);
  });

  it('System V and POSIX queues, semaphores, and a listening socket name what they wait for and what would wake it', () => {
    const last = ', or a signal that it does not block';
    assert.deepEqual(hang('semop'), [`waits (1001): it waits in semtimedop for semaphore 0 of set 0, which is 0, to be 1 or more; what wakes it: semop or semctl on the set by another task, or its removal${last}`]);
    assert.deepEqual(hang('msgrcv'), [`waits (1001): it waits in msgrcv for a message of type 7 in queue 0; what wakes it: msgsnd to it by another task, or its removal${last}`]);
    assert.deepEqual(hang('msgsnd'), [`waits (1001): it waits in msgsnd for room in queue 0, which holds 16384 of 16384 bytes; what wakes it: msgrcv from it by another task, or its removal${last}`]);
    assert.deepEqual(hang('mq'), [`waits (1001): it waits in mq_timedreceive of descriptor 7, "/waits" O_RDWR, position 0: the queue is empty; what wakes it: mq_send to it by a task that opens it: no other has it open${last}`]);
    assert.match(hang('accept')[0]!, /^waits \(1001\): it waits in accept of descriptor 7, "socket:\[\d+\]" O_RDWR: no connection waits; what wakes it: a connection to it/);
  });

  it('a connect names the listening socket that is full, and who could accept', () => {
    const lines = hang('connect');
    assert.match(lines[0]!, /^waits \(1001\): it waits in connect of descriptor \d+, "socket:\[\d+\]" O_RDWR: 1 connection waits to be accepted there already, and the listening socket holds no more; what wakes it: an accept by waits \(1002\), which has it open.*; a deadlock: waits \(1001\) waits for waits \(1002\) waits for waits \(1001\)$/);
    const guest = start(build('waits'), ['tcp']);
    stopAtCall(guest.core, 'getppid');
    const why = whyOf(kernel.tasks.get(1001)!);
    assert.match(why?.waits ?? '', /^it waits in connect of descriptor \d+, "socket:\[\d+\]" O_RDWR: 1 connection waits to be accepted there already/);
    assert.match(why?.wakes[0] ?? '', /^an accept by waits \(1001\), which has it open: the very task that waits$/);
  });

  it('semaphores taken with SEM_UNDO name who took them, and the deadlock', () => {
    const lines = hang('semaphores');
    assert.match(lines[0]!, /^waits \(1001\): it waits in semtimedop for semaphore 1 of set 0, which is 0 and was last changed by waits \(1002\), to be 1 or more; what wakes it: semop .*: waits \(1002\) took of it and gives it back at its end at the latest, or .*; a deadlock: waits \(1001\) waits for waits \(1002\) waits for waits \(1001\)$/);
    assert.match(lines[1]!, /semaphore 0 of set 0, which is 0 and was last changed by waits \(1001\)/);
  });

  it('a descriptor of a process names whose end is waited for, and the deadlock', () => {
    const lines = hang('pidfd');
    assert.match(lines[0]!, /^waits \(1001\): it waits in poll for an event of 7 \(anon_inode:\[pidfd\], the end of waits \(1002\)\);.*; a deadlock: waits \(1001\) waits for waits \(1002\) waits for waits \(1001\)$/);
  });

  it('a sleeper names its timer, and no deadlock', () => {
    const guest = start(build('waits'), ['mutexes']);
    let stop = stopAtCall(guest.core, 'clock_nanosleep');
    if (stop.pid === 1001) stop = stopAtCall(guest.core, 'clock_nanosleep');
    assert.equal(stop.pid, 1002);
    const why = whyOf(kernel.tasks.get(1001)!)!;
    assert.equal(why.waits, 'it sleeps in clock_nanosleep');
    assert.match(why.wakes[0]!, /^its timer, which expires in \d+(\.\d+)? [num]?s$/);
    assert.deepEqual(why.cycle, []);
    assert.equal(whyOf(kernel.tasks.get(1002)!), undefined);
  });
});
