import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { collect_written_files } from '../../../src/kernel/fs/overlayfs/overlay';
import { copy_to_user } from '../../../src/kernel/mm/uaccess';
import { bootHost, call, current, enter, fakeMachine, kernel, peek, result } from '../fake_machine';

const hello = `${process.cwd()}/examples/hello_write`;
const ENOENT = -2, EBADF = -9, EAGAIN = -11, EACCES = -13, EFAULT = -14, EEXIST = -17, ENOTDIR = -20, EISDIR = -21, EINVAL = -22, ESPIPE = -29, ELOOP = -40, ENOTEMPTY = -39, ENAMETOOLONG = -36, EMFILE = -24;
const O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0o100, O_EXCL = 0o200, O_TRUNC = 0o1000, O_NONBLOCK = 0o4000, O_DIRECTORY = 0o200000, O_NOFOLLOW = 0o400000;
const AT_FDCWD = -100;

let folder = '';
let scratch = 0;
let fake: ReturnType<typeof fakeMachine>;

/** A string in the guest; four places are used in turn. */
let turn = 0;
function str(text: string): number {
  turn = (turn + 1) % 4;
  const at = scratch + turn * 8192;
  assert.equal(copy_to_user(current().mm!, at, Buffer.from(`${text}\0`, 'latin1')), 0);
  return at;
}
const buf = (): number => scratch + 40960;
const text = (length: number): string => Buffer.from(peek(buf(), length)).toString('latin1');
const open = (name: string, flags = 0, mode = 0o644): number => call('openat', AT_FDCWD, str(name), flags, mode);
const read = (fd: number, length: number): string | number => {
  const n = call('read', fd, buf(), length);
  return n < 0 ? n : text(n);
};
const write = (fd: number, data: string): number => call('write', fd, str(data), data.length);

describe('kernel/fs', () => {
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-fs-'));
    writeFileSync(`${folder}/host.txt`, 'from the host\n');
    symlinkSync('host.txt', `${folder}/link`);
    symlinkSync('loop', `${folder}/loop`);
    fake = fakeMachine();
    // The test's own folder belongs to whoever runs it.
    const { uid, gid } = statSync(folder);
    fake.ports.facts.uid = uid;
    fake.ports.facts.gid = gid;
    assert.equal(bootHost(fake, hello), null);
    scratch = call('mmap', 0, 0x40000, 3, 0x22, -1, 0);
    assert.equal(call('chdir', str(folder)), 0);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("the host's files are read, sought and stat'ed", () => {
    const fd = open('host.txt');
    assert.equal(fd, 3);
    assert.equal(read(fd, 100), 'from the host\n');
    assert.equal(read(fd, 100), '');
    assert.equal(call('lseek', fd, 5, 0), 5);
    assert.equal(read(fd, 3), 'the');
    assert.equal(call('pread64', fd, buf(), 4, 0), 4);
    assert.equal(text(4), 'from');
    assert.equal(call('fstat', fd, buf()), 0);
    const view = new DataView(peek(buf(), 144).slice().buffer);
    const host = statSync(`${folder}/host.txt`, { bigint: true });
    assert.equal(view.getBigUint64(0, true), host.dev);
    assert.equal(view.getBigUint64(8, true), host.ino);
    assert.equal(view.getUint32(24, true), Number(host.mode));
    assert.equal(view.getBigInt64(48, true), host.size);
    assert.equal(call('close', fd), 0);
    assert.equal(call('close', fd), EBADF);
  });

  it('what the guest writes never reaches the host, and is listed as written', () => {
    let fd = open('host.txt', O_RDWR);
    assert.equal(write(fd, 'FROM'), 4);
    assert.equal(call('lseek', fd, 0, 0), 0);
    assert.equal(read(fd, 100), 'FROM the host\n');
    fd = open('new.txt', O_RDWR | O_CREAT | O_EXCL);
    assert.equal(write(fd, 'hello'), 5);
    assert.equal(open('new.txt', O_CREAT | O_EXCL), EEXIST);
    assert.equal(readFileSync(`${folder}/host.txt`, 'latin1'), 'from the host\n');
    assert.deepEqual(readdirSync(folder), ['host.txt', 'link', 'loop']);
    assert.deepEqual(collect_written_files(kernel.mounts[0]!.mnt_root).map(f => f.path), [`${folder}/host.txt`, `${folder}/new.txt`]);
  });

  it('truncation hides the rest of a lower file for good', () => {
    const fd = open('host.txt', O_RDWR);
    assert.equal(call('ftruncate', fd, 4), 0);
    assert.equal(call('ftruncate', fd, 8), 0);
    assert.equal(read(fd, 100), 'from\0\0\0\0');
    const other = open('host.txt', O_WRONLY | O_TRUNC);
    assert.ok(other > fd);
    assert.equal(read(fd, 100), '');
  });

  it('a removed name stays hidden, a renamed one moves, an open descriptor survives', () => {
    const fd = open('host.txt');
    assert.equal(call('unlink', str('host.txt')), 0);
    assert.equal(open('host.txt'), ENOENT);
    assert.equal(open('link'), ENOENT);
    assert.equal(read(fd, 4), 'from');
    const made = open('a', O_RDWR | O_CREAT);
    write(made, 'data');
    assert.equal(call('rename', str('a'), str('host.txt')), 0);
    assert.equal(read(open('link'), 10), 'data');
    assert.equal(call('readlink', str(`/proc/self/fd/${fd}`), buf(), 200), `${folder}/host.txt (deleted)`.length);
  });

  it('getdents64 merges both layers', () => {
    open('new.txt', O_RDWR | O_CREAT);
    call('unlink', str('loop'));
    const fd = open('.', O_DIRECTORY);
    const n = call('getdents64', fd, buf(), 4096);
    const bytes = peek(buf(), n);
    const names: string[] = [];
    for (let at = 0; at < n; at += bytes[at + 16]! + bytes[at + 17]! * 256) {
      const end = bytes.indexOf(0, at + 19);
      names.push(Buffer.from(bytes.subarray(at + 19, end)).toString('latin1'));
    }
    assert.deepEqual(names.sort(), ['.', '..', 'host.txt', 'link', 'new.txt']);
    assert.equal(call('getdents64', fd, buf(), 4096), 0);
  });

  it('directories: mkdir, rmdir of a full one, rename into itself', () => {
    assert.equal(call('mkdir', str('d'), 0o755), 0);
    assert.equal(call('mkdir', str('d'), 0o755), EEXIST);
    open('d/f', O_WRONLY | O_CREAT);
    assert.equal(call('rmdir', str('d')), ENOTEMPTY);
    assert.equal(call('rmdir', str('..')), ENOTEMPTY);
    assert.equal(call('rmdir', str('d/.')), EINVAL);
    assert.equal(call('rename', str('d'), str('d/e')), EINVAL);
    assert.equal(call('unlink', str('d')), EISDIR);
    assert.equal(call('unlink', str('d/f')), 0);
    assert.equal(call('rmdir', str('d')), 0);
    assert.equal(call('rmdir', str(folder)), ENOTEMPTY);
  });

  it('path errors are those of Linux', () => {
    assert.equal(open(''), ENOENT);
    assert.equal(open('host.txt/x'), ENOTDIR);
    assert.equal(open('host.txt/'), ENOTDIR);
    assert.equal(open('loop'), ELOOP);
    assert.equal(open('link', O_NOFOLLOW), ELOOP);
    assert.equal(open('x'.repeat(256)), ENAMETOOLONG);
    assert.equal(open('x/'.repeat(2200)), ENAMETOOLONG);
    assert.equal(open(folder, O_WRONLY), EISDIR);
    assert.equal(open('host.txt', O_DIRECTORY), ENOTDIR);
    assert.equal(call('openat', AT_FDCWD, 0, 0), EFAULT);
    assert.equal(call('openat', 99, str('host.txt'), 0), EBADF);
    assert.equal(call('readlink', str('host.txt'), buf(), 10), EINVAL);
    assert.equal(call('read', 3, buf(), 1), EBADF);
  });

  it('permissions are checked with the reason', () => {
    current().cred.fsuid = 12345;
    current().cred.fsgid = 12345;
    current().cred.group_info = [];
    current().cred.cap_effective = 0n;
    assert.equal(call('openat', AT_FDCWD, str('/etc/passwd'), O_WRONLY), EACCES);
    assert.match(fake.log.at(-1)!, /does not let uid 12345 write to it/);
  });

  it('descriptors run out with EMFILE', () => {
    current().signal.rlim[7]!.rlim_cur = 5n;
    assert.equal(open('host.txt'), 3);
    assert.equal(call('dup', 3), 4);
    assert.equal(open('host.txt'), EMFILE);
    assert.equal(open('nowhere'), EMFILE);
  });

  it('/dev/null, zero and full', () => {
    const nul = open('/dev/null', O_RDWR);
    assert.equal(write(nul, 'abc'), 3);
    assert.equal(read(nul, 3), '');
    assert.equal(read(open('/dev/zero'), 3), '\0\0\0');
    assert.equal(write(open('/dev/full', O_WRONLY), 'a'), -28);
  });

  it('/proc/self shows the process', () => {
    assert.match(String(read(open('/proc/self/status'), 4000)), /^Name:\thello_write\n[^]*\nPid:\t1001\n/);
    assert.match(String(read(open('/proc/self/maps'), 4000)), /^555555554000-[0-9a-f]+ r--p 00000000 [0-9a-f:]+ \d+ +\/.*hello_write\n/);
    const n = call('readlink', str('/proc/self/exe'), buf(), 4096);
    assert.equal(text(n), hello);
    assert.equal(open('/proc/99999/status'), ENOENT);
  });

  it('a pipe carries bytes, says EAGAIN when empty, ends and breaks', () => {
    assert.equal(call('pipe2', buf(), O_NONBLOCK), 0);
    const [r = 0, w = 0] = new Int32Array(peek(buf(), 8).slice().buffer);
    assert.equal(read(r, 1), EAGAIN);
    assert.equal(write(w, 'pipe'), 4);
    assert.equal(read(r, 2), 'pi');
    assert.equal(read(r, 10), 'pe');
    assert.equal(call('lseek', r, 0, 0), ESPIPE);
    assert.equal(call('close', w), 0);
    assert.equal(read(r, 10), '');
  });

  it('an empty pipe puts its reader to sleep', () => {
    assert.equal(call('pipe2', buf(), 0), 0);
    const [r = 0] = new Int32Array(peek(buf(), 8).slice().buffer);
    assert.equal(enter('read', r, buf(), 1), 'idle');
    assert.equal(current().waiting.length > 0 || result() !== 0, true);
  });

  it('poll and epoll tell what is ready; edges are told once', () => {
    assert.equal(call('pipe2', buf(), O_NONBLOCK), 0);
    const [r = 0, w = 0] = new Int32Array(peek(buf(), 8).slice().buffer);
    const event = Buffer.alloc(12);
    event.writeUInt32LE(0x80000001, 0);
    event.writeBigUInt64LE(42n, 4);
    const ep = call('epoll_create1', 0);
    copy_to_user(current().mm!, buf(), event);
    assert.equal(call('epoll_ctl', ep, 1, r, buf()), 0);
    assert.equal(call('epoll_ctl', ep, 1, r, buf()), EEXIST);
    assert.equal(call('epoll_wait', ep, buf(), 4, 0), 0);
    write(w, 'x');
    assert.equal(call('epoll_wait', ep, buf(), 4, 0), 1);
    assert.equal(Buffer.from(peek(buf(), 12)).readBigUInt64LE(4), 42n);
    assert.equal(call('epoll_wait', ep, buf(), 4, 0), 0);
    write(w, 'y');
    assert.equal(call('epoll_wait', ep, buf(), 4, 0), 1);
  });
});
