// The extension's glance at ELF headers, on real files where there are any and on made-up ones for the rules.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { isElf, namesSource, readElfFile } from '../../src/extension/elf_file';

/** An ELF header with the given type, machine and class, and nothing else. */
function header(type: number, machine = 62, elfClass = 2): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, elfClass, 1, 1]);
  new DataView(bytes.buffer).setUint16(16, type, true);
  new DataView(bytes.buffer).setUint16(18, machine, true);
  return bytes;
}

describe('elf_file', () => {
  it('a dynamic program names its linker, a static one none', () => {
    assert.deepEqual(readElfFile(readFileSync('examples/hello_write')), { isProgram: true, interpreter: '/lib64/ld-linux-x86-64.so.2' });
    assert.deepEqual(readElfFile(readFileSync('examples/hello_write.static')), { isProgram: true, interpreter: undefined });
  });

  for (const [what, bytes, expected] of [
    ['an object file', header(1), false], ['a core file', header(4), false], ['a library without interpreter', header(3), false], ['an executable', header(2), true],
    ['an aarch64 executable', header(2, 183), false], ['an i386 executable', header(2, 3, 1), false],
  ] as const) it(`${what} is ${expected ? 'a' : 'no'} program`, () => assert.equal(readElfFile(bytes)?.isProgram, expected));

  it('text, an empty file and a cut-off header are no ELF files', () => {
    for (const bytes of [Buffer.from('#!/bin/sh\n'), new Uint8Array(0), header(2).subarray(0, 40)]) assert.equal(readElfFile(bytes), undefined);
    assert.equal(isElf(header(2).subarray(0, 4)), true);
  });

  it('any prefix of a real program is read without throwing', () => {
    const whole = readFileSync('examples/hello_write');
    for (let length = 0; length < Math.min(whole.length, 4096); length++) readElfFile(whole.subarray(0, length));
  });

  it('finds the whole source name in the debug strings, not a part of one', () => {
    const program = readFileSync('examples/hello_write');
    assert.equal(namesSource(program, 'hello_write.c'), true);
    assert.equal(namesSource(program, 'write.c'), false);
    assert.equal(namesSource(program, ''), false);
    assert.equal(namesSource(Buffer.from('/src/a.c\0b.c'), 'a.c'), true);
    assert.equal(namesSource(Buffer.from('/src/a.c\0b.c'), 'b.c'), false);
  });

  const library = '/lib/x86_64-linux-gnu/libm.so.6';
  (existsSync(library) ? it : it.skip)(`a real library is no program${existsSync(library) ? '' : ` (skipped: ${library} is absent)`}`, () => {
    assert.equal(readElfFile(readFileSync(library))?.isProgram, false);
  });
});
