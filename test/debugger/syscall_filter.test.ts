import assert from 'node:assert/strict';
import { UserError } from '../../src/base/errors';
import { parseSyscallFilter, type CallPhase } from '../../src/debugger/syscall_filter';
import { call, catalog } from './catalog';

const enter = (text: string, asked: CallPhase = 'enter') => parseSyscallFilter(asked, text, catalog);
const openat = call('openat', { dfd: -100, filename: '/etc/passwd', flags: 0o101, mode: 0o644 });
const write = call('write', { fd: 1, buf: 0x1000, count: 14 });
const failed = call('openat', { dfd: -100, filename: '/nope', flags: 0, mode: 0 }, -2);

describe('syscall filter', () => {
  it('without text accepts every call', () => assert(enter('').matches(openat) && enter('').matches(write)));
  it('of one name accepts that call', () => assert(enter('write').matches(write) && !enter('write').matches(openat)));
  it('of several names, classes and negation follows the set grammar', () => {
    assert(enter('openat, close').matches(openat));
    assert(enter('%file').matches(openat) && !enter('%file').matches(write));
    assert(enter('!read').matches(write) && !enter('!write').matches(write));
  });
  it('of a set and an expression needs both', () => {
    assert(enter('openat if path ~ "/etc" && flags & O_CREAT').matches(openat));
    assert(!enter('openat if path ~ "/etc" && flags & O_CREAT').matches(failed));
  });
  it('of an expression alone concerns every call that has its names', () => {
    assert(enter('fd == 1').matches(write) && !enter('fd == 1').matches(openat));
    assert(enter('dfd == -100').matches(openat));
    assert(enter('count > 10').matches(write));
  });
  it('on ret or errno moves the stop from entry to return', () => {
    assert.equal(enter('openat if path ~ "/etc" || ret < 0').phase, 'exit');
    assert.equal(enter('errno == ENOENT').phase, 'exit');
    assert.equal(enter('write if fd == 1').phase, 'enter');
    assert.equal(enter('write', 'fail').phase, 'fail');
  });
  it('sees ret as -1 and errno by name at a failing return, 0 at a good one', () => {
    assert(enter('ret == -1').matches(failed) && enter('errno == ENOENT').matches(failed) && !enter('errno').matches(call('write', { fd: 1, buf: 0, count: 3 }, 3)));
    assert(enter('ret == 3').matches(call('write', { fd: 1, buf: 0, count: 3 }, 3)));
  });
  const wrong: [string, RegExp][] = [
    ['wriet', /'wriet' is neither a system call nor an argument/], ['write if', /expected after 'if'/], ['write if pathh ~ "x"', /'write' has no argument 'pathh' \(it has fd, buf, count\)/],
    ['%nothing', /class/], ['write if fd ==', /ends where a value/], ['zork == 1', /no selected call has an argument 'zork'/], ['nope,write', /nope/],
  ];
  for (const [text, message] of wrong) it(`${text} is refused with the reason`, () => assert.throws(() => enter(text), e => e instanceof UserError && message.test(e.message)));
});
