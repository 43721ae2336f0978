// The ELF reader, compared with readelf on this machine's files; wrong files as facts; fuzz.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inflateSync } from 'node:zlib';
import { FormatError } from '../../src/base/errors';
import { ElfFile } from '../../src/elf/elf';
import { isRefusal, readElfHeader } from '../../src/elf/header';
import { hasTool, run } from '../dwarf/builds';

const folder = path.resolve('.cache/elf');
const files = ['/bin/true', '/lib/x86_64-linux-gnu/libc.so.6', '/lib64/ld-linux-x86-64.so.2', '/bin/busybox', process.execPath].filter(existsSync);
const fixture = path.resolve('test/programs/dwarf/sample.elf');

function build(name: string, ...flags: string[]): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, name);
  if (!existsSync(file)) execFileSync('gcc', ['-o', file, path.resolve('test/programs/dwarf/other.c'), path.resolve('test/programs/dwarf/sample.c'), '-w', ...flags]);
  return file;
}

describe('ELF files', () => {
  for (const file of files) {
    it(`${file}: segments, sections and symbols are readelf's`, function () {
      if (!hasTool('readelf')) { this.skip(); return; }
      this.timeout(60_000);
      const elf = ElfFile.open(readFileSync(file));
      const headers = run('readelf', ['-W', '-h', '-l', '-S', '-n', '-d', file]);
      assert.equal(elf.entry, BigInt(/Entry point address:\s+(0x[0-9a-f]+)/.exec(headers)![1]!));
      const segments = [...headers.matchAll(/^ {2}[A-Z_]+\s+0x([0-9a-f]{6,}) 0x([0-9a-f]{16}) 0x([0-9a-f]{16}) 0x([0-9a-f]+) 0x([0-9a-f]+)/gm)].map(m => m.slice(1).map(x => BigInt(`0x${x}`)).join());
      assert.deepEqual(elf.segments.map(s => [s.offset, s.vaddr, s.paddr, s.filesz, s.memsz].map(BigInt).join()), segments);
      const sections = [...headers.matchAll(/^ {2}\[ *\d+\] (\S*)\s+[A-Z0-9_]+\s+([0-9a-f]{16}) ([0-9a-f]+) ([0-9a-f]+) /gm)].map(m => `${m[1]} ${BigInt(`0x${m[2]}`)} ${parseInt(m[3]!, 16)} ${parseInt(m[4]!, 16)}`);
      assert.deepEqual(elf.sections.slice(1).map(s => `${s.name} ${s.address} ${s.offset} ${s.size}`).filter(s => !s.startsWith(' ')), sections.filter(s => !s.startsWith('NULL') && !s.startsWith(' ')));
      assert.equal(elf.interpreter, /Requesting program interpreter: ([^\]]+)/.exec(headers)?.[1]);
      assert.equal(elf.buildId, /Build ID: ([0-9a-f]+)/.exec(headers)?.[1]);
      assert.deepEqual(elf.dynamic?.needed ?? [], [...headers.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(m => m[1]));
      const symbols = run('readelf', ['-W', '--dyn-syms', file]);
      const theirs = [...symbols.matchAll(/^ +(\d+): ([0-9a-f]{16}) +(\S+) \S+ +\S+ +\S+ +\S+ (\S+)/gm)].map(m => `${BigInt(`0x${m[2]}`)} ${Number(m[3])} ${m[4]}`);
      const ours = [...elf.dynamicSymbols].slice(1).filter(s => s.name !== '').map(s => `${s.value} ${s.size} ${s.name}${s.version && s.version !== s.name ? (s.isDefaultVersion ? '@@' : '@') + s.version : ''}`);
      assert.equal(ours.length, theirs.length);
      const wrong = ours.filter((s, i) => s !== theirs[i]);
      assert.deepEqual(wrong.slice(0, 5), []);
    });
  }

  it('a symbol is found by name in its default version, and by address', function () {
    const file = '/lib/x86_64-linux-gnu/libc.so.6';
    if (!existsSync(file)) { this.skip(); return; }
    const elf = ElfFile.open(readFileSync(file));
    const memcpy = elf.symbolNamed('memcpy')!;
    assert.equal(memcpy.version, 'GLIBC_2.14');
    assert.ok(elf.dynamicSymbols.allNamed('memcpy').length >= 2);
    const write = elf.symbolNamed('write')!;
    const at = elf.symbolAt(write.value + 5n)!;
    assert.equal(at.offset, 5);
    assert.equal(at.symbol.value, write.value);
    assert.equal(elf.dynamic?.soname, 'libc.so.6');
  });

  it('stubs of the procedure linkage table carry the names of what they call', function () {
    if (!hasTool('gcc')) { this.skip(); return; }
    for (const [name, ...flags] of [['plain'], ['lazy', '-Wl,-z,lazy'], ['cet', '-fcf-protection', '-Wl,-z,ibtplt'], ['nonpie', '-no-pie']] as const) {
      const elf = ElfFile.open(readFileSync(build(`plt-${name}`, ...flags)));
      const stub = elf.pltStubs.find(s => s.name === 'printf');
      assert.ok(stub, name);
      assert.equal(elf.symbolAt(stub.address + 4n)?.symbol.name, 'printf@plt');
    }
  });

  it('compressed sections expand to the uncompressed ones', function () {
    if (!hasTool('gcc') || !hasTool('objcopy')) { this.skip(); return; }
    const plain = build('plain-debug', '-g');
    const info = ElfFile.open(readFileSync(plain)).sectionData('.debug_info')!;
    for (const kind of ['zlib-gabi', 'zlib-gnu', 'zstd']) {
      const file = path.join(folder, `compressed-${kind}`);
      const made = spawnSync('objcopy', [`--compress-debug-sections=${kind}`, plain, file]);
      if (made.status !== 0) continue;
      const elf = ElfFile.open(readFileSync(file));
      assert.ok((elf.section('.debug_info')?.size ?? 0) < info.length, kind);
      assert.equal(Buffer.compare(elf.sectionData('.debug_info')!, info), 0, kind);
      let calls = 0;
      const hosted = ElfFile.open(readFileSync(file), false, (packed, size) => { calls++; return inflateSync(packed, { maxOutputLength: size }); });
      assert.equal(Buffer.compare(hosted.sectionData('.debug_info')!, info), 0, kind);
      assert.equal(calls, kind === 'zstd' ? 0 : 1, 'the host\'s own inflate is used');
      const damaged = readFileSync(file);
      damaged.fill(0x55, elf.section('.debug_info')!.offset + 30, elf.section('.debug_info')!.offset + 60);
      assert.throws(() => ElfFile.open(damaged, false, (packed, size) => inflateSync(packed, { maxOutputLength: size })).sectionData('.debug_info'), FormatError);
      assert.throws(() => ElfFile.open(damaged).sectionData('.debug_info'), FormatError);
    }
  });

  it('zstd-compressed sections expand', () => {
    // A raw zstd frame: magic, descriptor (single segment, 1-byte size), one raw last block.
    const text = Buffer.from('hello, hello, hello');
    const frame = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, text.length]), Buffer.from([(text.length << 3) | 1, 0, 0]), text]);
    const header = Buffer.alloc(24);
    header.writeUInt32LE(2, 0); header.writeBigUInt64LE(BigInt(text.length), 8); header.writeBigUInt64LE(1n, 16);
    const elf = oneSection(Buffer.concat([header, frame]), 0x800);
    assert.equal(Buffer.from(elf.sectionData('.x')!).toString(), text.toString());
  });

  it('a file without section headers is read through its segments', function () {
    if (!hasTool('gcc')) { this.skip(); return; }
    const bytes = Buffer.from(readFileSync(build('plain')));
    bytes.fill(0, 40, 48); bytes.fill(0, 58, 64);
    const elf = ElfFile.open(bytes);
    assert.deepEqual(elf.sections, []);
    assert.equal(elf.interpreter, '/lib64/ld-linux-x86-64.so.2');
    assert.match(elf.buildId ?? '', /^[0-9a-f]{40}$/);
  });

  it('what is not an x86-64 program says what it is', () => {
    const make = (cls: number, data: number, machine: number): Uint8Array => {
      const b = Buffer.alloc(64); b.write('\x7fELF', 'latin1'); b[4] = cls; b[5] = data; b[6] = 1;
      if (data === 2) b.writeUInt16BE(machine, 18); else b.writeUInt16LE(machine, 18);
      return b;
    };
    const say = (bytes: Uint8Array): string => { const h = readElfHeader(bytes); return isRefusal(h) ? `${h.kind}: ${h.sentence}` : 'runs'; };
    assert.equal(say(make(1, 1, 3)), 'wrong-class: is a 32-bit i386 ELF file; only 64-bit x86-64 programs run here');
    assert.equal(say(make(2, 1, 183)), 'wrong-machine: is a 64-bit ELF file for AArch64; only x86-64 programs run here');
    assert.equal(say(make(1, 1, 62)), 'wrong-class: is a 32-bit x86-64 ELF file; only 64-bit x86-64 programs run here');
    assert.match(say(make(2, 2, 22)), /^wrong-byte-order: is a big-endian s390/);
    assert.equal(say(Buffer.from('#!/bin/sh\n')), 'not-elf: is a script, not an ELF file');
    assert.equal(say(Buffer.alloc(0)), 'not-elf: is not an ELF file');
    assert.equal(say(make(2, 1, 62).subarray(0, 40)), 'truncated: is a truncated ELF file');
    assert.equal(say(make(2, 1, 62)), 'runs');
  });

  it('the prebuilt program is read on every machine', () => {
    const elf = ElfFile.open(readFileSync(fixture));
    assert.equal(elf.symbolNamed('main')?.type, 2);
    assert.equal(elf.interpreter, '/lib64/ld-linux-x86-64.so.2');
    assert.equal(elf.isPositionIndependent, true);
    assert.ok(elf.tlsSegment);
  });

  it('mutated and random files give FormatErrors at worst', function () {
    this.timeout(60_000);
    const seed = Number(process.env.SEED ?? 1);
    let state = seed;
    const random = (n: number): number => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state % n; };
    const original = readFileSync(fixture);
    for (let round = 0; round < 400; round++) {
      const bytes = round % 10 === 0 ? Buffer.from(Array.from({ length: random(500) }, () => random(256))) : Buffer.from(original);
      if (round % 10 === 0) original.copy(bytes, 0, 0, Math.min(bytes.length, 16 + random(48)));
      const changes = 1 + random(20);
      for (let i = 0; i < changes; i++) {
        // Headers, section headers and symbol tables are where it matters.
        const at = random(3) === 0 ? random(bytes.length || 1) : random(2) === 0 ? random(1024) : bytes.length - 1 - random(4096);
        if (at >= 0 && at < bytes.length) bytes[at] = random(256);
      }
      try {
        const elf = ElfFile.open(bytes);
        const all = [() => elf.sections, () => elf.notes, () => elf.dynamic, () => [...elf.symbols].length, () => elf.symbolNamed('main'), () => elf.symbolAt(elf.entry), () => elf.pltStubs, () => elf.debugLink, () => elf.interpreter,
          () => elf.sections.forEach(s => elf.sectionData(s)), () => elf.loadRange, () => elf.dynamicSymbols.matching(/a/)];
        for (const action of all) try { action(); } catch (error) { if (!(error instanceof FormatError)) throw error; }
      } catch (error) {
        assert.ok(error instanceof FormatError, `SEED=${seed} round ${round}: ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
  });
});

/** An ELF file with one section `.x`. */
function oneSection(data: Buffer, flags: number): ElfFile {
  const names = Buffer.from('\0.x\0.shstrtab\0');
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(3, 16); header.writeUInt16LE(62, 18); header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(64 + data.length + names.length), 40);
  header.writeUInt16LE(64, 58); header.writeUInt16LE(3, 60); header.writeUInt16LE(2, 62);
  const section = (name: number, type: number, f: number, offset: number, size: number): Buffer => {
    const s = Buffer.alloc(64);
    s.writeUInt32LE(name, 0); s.writeUInt32LE(type, 4); s.writeBigUInt64LE(BigInt(f), 8); s.writeBigUInt64LE(BigInt(offset), 24); s.writeBigUInt64LE(BigInt(size), 32);
    return s;
  };
  const file = Buffer.concat([header, data, names, section(0, 0, 0, 0, 0), section(1, 1, flags, 64, data.length), section(4, 3, 0, 64 + data.length, names.length)]);
  return ElfFile.open(file);
}
