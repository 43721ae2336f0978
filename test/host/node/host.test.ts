import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { nodeFacts, parseLimits } from '../../../src/host/node/facts';
import { NodeFiles } from '../../../src/host/node/files';
import { errnoOf } from '../../../src/host/node/errno';

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

describe('files of this computer', () => {
  let root = '';
  const files = new NodeFiles();
  before(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'ringside-files-'));
    mkdirSync(path.join(root, 'd'));
    for (const name of ['zeta', 'alpha', 'ü', 'mid']) writeFileSync(path.join(root, 'd', name), name);
    symlinkSync('zeta', path.join(root, 'd', 'link'));
    writeFileSync(path.join(root, 'numbers'), Buffer.from(Array.from({ length: 300 }, (_, i) => i & 255)));
  });
  after(() => rmSync(root, { recursive: true }));

  it('directories are in the order of the directory itself, with types and inode numbers', function () {
    const entries = files.readdir(root, '/d');
    assert.ok(Array.isArray(entries));
    if (process.platform === 'linux') {
      const listed = execFileSync('ls', ['-fi', path.join(root, 'd')], { encoding: 'latin1' }).trim().split('\n').map(line => line.trim().split(/\s+/)).filter(([, name]) => name !== '.' && name !== '..');
      assert.deepEqual(entries.map(e => [String(e.ino), e.name]), listed);
    }
    assert.equal(entries.find(e => e.name === 'link')?.type, 10);
    assert.equal(entries.find(e => e.name === latin1('ü'))?.type, 8);
  });

  it('files are as they were when their folder was listed, for a moment', () => {
    const listed = path.join(root, 'd', 'mid'), size = (): unknown => (files.lstat(root, '/d/mid') as { size: number }).size;
    files.readdir(root, '/d');
    writeFileSync(listed, 'longer');
    assert.equal(size(), 3);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1100);
    assert.equal(size(), 6);
    writeFileSync(listed, 'mid');
    files.readdir(root, '/');
    assert.equal(size(), 3);
  });

  it('reads pieces, shorter only at the end', () => {
    const piece = files.read(root, '/numbers', 250, 100);
    assert.ok(piece instanceof Uint8Array);
    assert.deepEqual([piece.length, piece[0], piece[49]], [50, 250, 43]);
    assert.deepEqual(files.read(root, '/numbers', 1000, 10), new Uint8Array(0));
  });

  it('keeps few files open, however many are read', () => {
    for (let i = 0; i < 100; i++) writeFileSync(path.join(root, `f${i}`), String(i));
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 100; i++) assert.deepEqual(files.read(root, `/f${i}`, 0, 9), new Uint8Array(Buffer.from(String(i))));
    }
  });

  it('errors are Linux errno numbers, and links are not followed', () => {
    assert.equal(files.lstat(root, '/none'), 2);
    assert.equal(files.lstat(root, '/numbers/x'), 20);
    assert.equal(files.readlink(root, '/numbers'), 22);
    assert.equal(files.readlink(root, '/d/link'), 'zeta');
    assert.equal(files.readdir(root, '/numbers'), 20);
    assert.equal(files.read(root, '/d', 0, 1), 21);
    const stat = files.lstat(root, '/d/link');
    assert.ok(typeof stat === 'object');
    assert.equal(stat.mode & 0o170000, 0o120000);
    assert.equal(stat.size, 4);
  });

  it('an error that is not the system\'s is thrown on', () => {
    assert.throws(() => errnoOf(new TypeError('ours')), TypeError);
    assert.equal(errnoOf(Object.assign(new Error('odd'), { code: 'EWEIRD' })), 5);
  });
});

describe('facts of this computer', () => {
  it('limits are read in the order of the RLIMIT_ numbers', () => {
    const limits = parseLimits('Limit                     Soft Limit           Hard Limit           Units\nMax cpu time              unlimited            unlimited            seconds\nMax stack size            8388608              unlimited            bytes\nMax open files            1024                 524288               files\n');
    assert.equal(limits.length, 16);
    assert.deepEqual(limits[3], { cur: 8388608n, max: 0xffffffffffffffffn });
    assert.deepEqual(limits[7], { cur: 1024n, max: 524288n });
  });

  it('ids, groups, umask and name are those of this process', function () {
    if (process.platform !== 'linux') this.skip();
    const facts = nodeFacts();
    assert.equal(facts.uid, process.getuid?.());
    assert.equal(facts.nodename, spawnSync('uname', ['-n'], { encoding: 'utf8' }).stdout.trim());
    assert.equal(facts.umask, parseInt(spawnSync('sh', ['-c', 'umask'], { encoding: 'utf8' }).stdout, 8));
    assert.equal(facts.rlimits.length, 16);
  });
});
