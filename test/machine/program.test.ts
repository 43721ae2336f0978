import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { NodeFiles } from '../../src/host/node/files';
import { checkProgram, resolvePath } from '../../src/machine/program';

const files = new NodeFiles();

describe('program', () => {
  let root = '';
  before(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'ringside-program-'));
    mkdirSync(path.join(root, 'usr/bin'), { recursive: true });
    symlinkSync('usr/bin', path.join(root, 'bin'));
    symlinkSync('/bin/real', path.join(root, 'usr/bin/absolute'));
    symlinkSync('loop', path.join(root, 'loop'));
    writeFileSync(path.join(root, 'usr/bin/real'), '');
    writeFileSync(path.join(root, 'text'), 'hello', { mode: 0o755 });
    writeFileSync(path.join(root, 'script'), '#!/bin/sh\n', { mode: 0o755 });
    writeFileSync(path.join(root, 'plain'), elf(), { mode: 0o644 });
    writeFileSync(path.join(root, 'arm'), elf({ machine: 183 }), { mode: 0o755 });
    writeFileSync(path.join(root, 'i386'), elf({ machine: 3, elfClass: 1 }), { mode: 0o755 });
    writeFileSync(path.join(root, 'x32'), elf({ elfClass: 1 }), { mode: 0o755 });
    writeFileSync(path.join(root, 'object'), elf({ type: 1 }), { mode: 0o755 });
    writeFileSync(path.join(root, 'static'), elf(), { mode: 0o755 });
    writeFileSync(path.join(root, 'dynamic'), elf({ interpreter: '/lib/none.so' }), { mode: 0o755 });
  });
  after(() => rmSync(root, { recursive: true }));

  it('symbolic links are followed inside the sysroot', () => {
    assert.equal(resolvePath(files, root, '/bin/absolute'), '/usr/bin/real');
    assert.equal(resolvePath(files, root, '/bin/../..//usr/./bin/real'), '/usr/bin/real');
    assert.equal(resolvePath(files, root, '/loop'), 40);
    assert.equal(resolvePath(files, root, '/usr/bin/real/x'), 20);
  });

  for (const [name, sentence] of [
    ['/none', /^\/none: no such file \(in the sysroot /], ['/usr', /is a directory/], ['/text', /is not an ELF file/], ['/plain', /not executable/],
    ['/arm', /is a 64-bit ELF file for \w+; only x86-64 programs run here/], ['/i386', /is a 32-bit i386 ELF file/], ['/x32', /32-bit/], ['/object', /not a program/],
    ['/dynamic', /its interpreter \/lib\/none\.so does not exist in the sysroot \/.*ringside-program-/],
  ] as const) {
    it(`${name} is refused in one sentence`, () => {
      assert.throws(() => checkProgram(files, root, name), (error: Error) => error.name === 'UserError' && sentence.test(error.message) && !error.message.includes('\n'));
    });
  }

  it('a static program and a script are accepted', () => {
    checkProgram(files, root, '/static');
    checkProgram(files, root, '/script');
  });
});

/** An ELF header with at most one program header. */
function elf({ machine = 62, elfClass = 2, type = 2, interpreter = '' } = {}): Uint8Array {
  const bytes = Buffer.alloc(64 + 56 + interpreter.length + 1);
  bytes.write('\x7fELF', 'latin1');
  bytes[4] = elfClass;
  bytes[5] = 1;
  bytes[6] = 1;
  bytes.writeUInt16LE(type, 16);
  bytes.writeUInt16LE(machine, 18);
  bytes.writeUInt32LE(64, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(interpreter ? 1 : 0, 56);
  bytes.writeUInt32LE(3, 64);
  bytes.writeUInt32LE(120, 64 + 8);
  bytes.writeUInt32LE(interpreter.length + 1, 64 + 32);
  bytes.write(interpreter, 120);
  return bytes;
}
