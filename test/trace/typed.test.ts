import assert from 'node:assert/strict';
import { typedFields, typedValue } from '../../src/trace/format/typed';

describe('typed values of strace\'s text', () => {
  const cases: [text: string, value: unknown][] = [
    ['0', 0], ['-1', -1], ['18446744073709551615', '18446744073709551615'], ['NULL', null], ['0x7ffc0', '0x7ffc0'], ['0644', '0644'],
    ['"a b"', 'a b'], ['"\\303\\244\\n"', 'ä\n'], ['"\\x7f\\377"', { hex: '7fff' }], ['"abc"...', { string: 'abc', isCut: true }], ['"a\\303"...', { string: 'a', isCut: true }], ['"\\"\\\\, {"', '"\\, {'],
    ['SIGINT', 'SIGINT'], ['O_RDWR|O_CREAT|0x40000000', ['O_RDWR', 'O_CREAT', '0x40000000']], ['MFD_HUGETLB|21<<MFD_HUGE_SHIFT', ['MFD_HUGETLB', '21<<MFD_HUGE_SHIFT']],
    ['0x100 /* F_SEAL_??? */', '0x100'], ['[]', []], ['[USR1 RT_2]', ['USR1', 'RT_2']], ['[USR1]', ['USR1']], ['~[RTMIN RT_1]', { not: ['RTMIN', 'RT_1'] }], ['[3, 4]', [3, 4]], ['[128 => 16]', { in: 128, out: 16 }],
    ['[0] => [18]', { in: [0], out: [18] }], ['3</tmp/a, b>', { fd: 3, path: '/tmp/a, b' }], ['AT_FDCWD</root>', { fd: 'AT_FDCWD', path: '/root' }], ['1<TCP:[127.0.0.1:80->127.0.0.1:5]>', { fd: 1, path: 'TCP:[127.0.0.1:80->127.0.0.1:5]' }],
    ['makedev(0x1, 0x3)', { makedev: ['0x1', '0x3'] }], ['htons(80)', { htons: 80 }], ['[{WIFEXITED(s) && WEXITSTATUS(s) == 0}]', [['WIFEXITED(s) && WEXITSTATUS(s) == 0']]],
    ['{st_mode=S_IFREG|0644, st_size=5, ...}', { st_mode: ['S_IFREG', '0644'], st_size: 5, isCut: true }],
    ['{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}', { sa_family: 'AF_INET', sin_port: { htons: 80 }, sin_addr: { inet_addr: '127.0.0.1' } }],
    ['{tv_sec=1, tv_nsec=2} => {tv_sec=0, tv_nsec=1}', { in: { tv_sec: 1, tv_nsec: 2 }, out: { tv_sec: 0, tv_nsec: 1 } }],
    ['[{iov_base="a]", iov_len=2}, {iov_base="}", iov_len=1}]', [{ iov_base: 'a]', iov_len: 2 }, { iov_base: '}', iov_len: 1 }]],
    ['{st_atime=5 /* 1970-01-01T00:00:05+0000 */, st_atime_nsec=0}', { st_atime: 5, st_atime_nsec: 0 }], ['{B38400 opost isig}', ['B38400 opost isig']],
  ];
  for (const [text, value] of cases) it(text, () => { assert.deepEqual(typedValue(text), value); });

  it('arguments have the names that the text has', () => {
    assert.deepEqual(typedFields('child_stack=NULL, flags=CLONE_VM|SIGCHLD, 3'), { named: { child_stack: null, flags: ['CLONE_VM', 'SIGCHLD'] }, plain: [3] });
  });

  it('no text is too odd', () => {
    const pieces = ['{', '}', '[', ']', '<', '>', '"', '\\', ', ', ' => ', '=', '|', '...', '/*', '*/', '3', 'A', '~', '(', ')', ' '];
    let seed = 1;
    const next = (): number => { seed = (seed * 48271) % 2147483647; return seed; };
    for (let n = 0; n < 20_000; n++) JSON.stringify(typedValue(Array.from({ length: next() % 12 }, () => pieces[next() % pieces.length]).join('')));
  });
});
