// strace's sets: names, numbers, classes, regular expressions, negation.
import assert from 'node:assert/strict';
import { UserError } from '../../src/base/errors';
import { parseCallSet } from '../../src/trace/filter';

const calls = [
  { nr: 0, name: 'read', classes: ['desc'] }, { nr: 1, name: 'write', classes: ['desc'] }, { nr: 2, name: 'open', classes: ['desc', 'file'] },
  { nr: 257, name: 'openat', classes: ['desc', 'file'] }, { nr: 4, name: 'stat', classes: ['file'] }, { nr: 5, name: 'fstat', classes: ['desc'] },
  { nr: 41, name: 'socket', classes: ['network'] }, { nr: 9, name: 'mmap', classes: ['desc', 'memory'] }, { nr: 332, name: 'statx', classes: ['desc', 'file'] },
];
const set = (text: string): string[] => [...parseCallSet(text, calls)].sort();

describe('trace/filter', () => {
  const cases: [string, string[]][] = [
    ['write', ['write']], ['openat,open', ['open', 'openat']], ['!read,write,socket,mmap,open,openat', ['fstat', 'stat', 'statx']], ['%file', ['open', 'openat', 'stat', 'statx']],
    ['%net', ['socket']], ['file', ['open', 'openat', 'stat', 'statx']], ['/^open', ['open', 'openat']], ['/at', ['fstat', 'openat', 'stat', 'statx']], ['257', ['openat']],
    ['?nosuch,read', ['read']], ['all', calls.map(c => c.name).sort()], ['none', []], ['!all', []], ['!none', calls.map(c => c.name).sort()],
    ['%%stat', ['fstat', 'stat', 'statx']], ['%stat', ['stat']], ['%fstat', ['fstat', 'statx']], ['read@64', ['read']],
  ];
  for (const [text, expected] of cases) it(`${text}`, () => assert.deepEqual(set(text), expected));

  it('a wrong part is named', () => {
    assert.throws(() => set('nosuch'), new UserError("There is no system call 'nosuch'."));
    assert.throws(() => set('%nosuch'), new UserError("There is no class of system calls '%nosuch'."));
    assert.throws(() => set('read,,write'), UserError);
    assert.throws(() => set('/('), UserError);
  });
});
