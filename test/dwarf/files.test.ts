// Where debug information may stand: separate files, packages, type units, compressed sections; and damaged files.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeType, typeName } from '../../src/dwarf/ctype';
import { type DebugInfo, openDebugInfo } from '../../src/dwarf/debug_info';
import { decodeExpression } from '../../src/dwarf/expr';
import { locate, type FramePorts } from '../../src/dwarf/locate';
import { ElfFile } from '../../src/elf/elf';
import { FormatError } from '../../src/base/errors';
import { builds, compile, hasTool, markedLine, open } from './builds';

const folder = path.resolve('.cache/dwarf/files');
const fixtures = readdirSync(path.resolve('test/programs/dwarf')).filter(f => f.endsWith('.elf')).map(f => path.resolve('test/programs/dwarf', f));

function summary(info: DebugInfo): string {
  const functions = info.functionsNamed(/./).filter(f => f.low !== undefined).map(f => `${f.name} ${typeName(f.type)} ${f.line}`).sort();
  const globals = info.globalsNamed(/./).map(v => `${v.name} ${describeType(v.type)}`).sort();
  return [...functions, ...globals].join('\n');
}

function openQuietly(file: string, options: Parameters<typeof openDebugInfo>[1] = {}): DebugInfo {
  return openDebugInfo(ElfFile.open(readFileSync(file)), { path: file, loadFile: p => existsSync(p) ? readFileSync(p) : undefined, ...options });
}

describe('debug files', () => {
  for (const fixture of fixtures) {
    it(`${path.basename(fixture)}: functions, lines, types and variables are read on every machine`, () => {
      const info = open(fixture);
      const main = info.functionsNamed('main')[0]!;
      assert.equal(typeName(main.type), 'int (int, char **)');
      assert.equal(main.line, 99);
      const at = info.addressesFor('dwarf/sample.c', markedLine('deepest'));
      assert.equal(at[0]?.function, 'recurse');
      // clang -O2 leaves no code on the line itself: the next one with code is taken.
      assert.equal(at[0].line, fixture.includes('clang') ? markedLine('deepest') + 2 : markedLine('deepest'));
      assert.equal(info.lineAt(at[0].address)?.line, at[0].line);
      assert.equal(describeType(info.typeNamed('struct node')!), 'struct node {\n    int value;\n    struct node *next;\n}');
      assert.equal(info.enumeratorNamed('BLUE')?.value, 6n);
      assert.equal(info.globalsNamed('static_long').length, 2);
      assert.ok(info.unwindRow(main.low!));
      assert.deepEqual(info.scopeAt(info.prologueEnd(main)!).at(-1)!.variables.filter(v => v.isParameter).map(v => v.name), ['argc', 'argv']);
    });
  }

  it('a separate debug file is found by build id and by debug link', function () {
    if (!hasTool('gcc') || !hasTool('objcopy')) { this.skip(); return; }
    const full = compile(builds().find(b => b.name === 'gcc-O0-dwarf5')!);
    mkdirSync(folder, { recursive: true });
    const stripped = path.join(folder, 'stripped'), debug = path.join(folder, 'stripped.debug');
    execFileSync('objcopy', ['--only-keep-debug', full, debug]);
    execFileSync('objcopy', ['--strip-all', `--add-gnu-debuglink=${debug}`, full, stripped]);
    const expected = summary(open(full));
    assert.equal(summary(openQuietly(stripped)), expected);
    const id = ElfFile.open(readFileSync(stripped)).buildId!;
    const wanted = `/store/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`;
    assert.equal(summary(openQuietly(stripped, { debugDirectories: ['/store'], loadFile: p => p === wanted ? readFileSync(debug) : undefined })), expected);
    assert.equal(openQuietly(stripped, { loadFile: () => undefined }).hasUnits, false);
    const damaged = Buffer.from(readFileSync(debug));
    damaged[damaged.length - 1] = damaged[damaged.length - 1]! ^ 1;
    assert.equal(openQuietly(stripped, { debugDirectories: [], loadFile: p => p === debug ? damaged : undefined }).hasUnits, false, 'the checksum is wrong');
  });

  it('a package of split units gives what the .dwo files give', function () {
    const tools = [['dwp', ['gcc-O0-dwarf4-split', 'gcc-O0-dwarf5-split']], ['llvm-dwp-14', ['clang-O0-dwarf4-split', 'clang-O0-dwarf5-split']]] as const;
    let tried = 0;
    for (const [tool, names] of tools) {
      for (const build of builds().filter(b => names.includes(b.name as never))) {
        const file = compile(build);
        const expected = summary(open(file));
        const dwp = path.join(path.dirname(file), 'package.dwp');
        const made = spawnSync(tool, ['-e', file, '-o', dwp], { cwd: path.dirname(file) });
        if (made.status !== 0 || !existsSync(dwp)) continue;
        tried++;
        assert.equal(summary(openQuietly(file, { loadFile: p => p === `${file}.dwp` ? readFileSync(dwp) : undefined, onProblem: e => { throw new Error(e.message); } })), expected, build.name);
      }
    }
    if (tried === 0) this.skip();
  });

  it('a missing .dwo file is told once and its unit has no entries', function () {
    const build = builds().find(b => b.isSplit);
    if (!build) { this.skip(); return; }
    const problems: string[] = [];
    const info = openQuietly(compile(build), { loadFile: () => undefined, onProblem: p => problems.push(p.message) });
    assert.deepEqual(info.functionsNamed('main'), []);
    assert.equal(problems.filter(p => p.includes('sample.dwo was not found')).length, 1);
    assert.deepEqual([...info.missingFiles].sort(), ['other.dwo', 'sample.dwo']);
    assert.ok(info.sources().some(s => s.path.endsWith('/sample.c')), 'lines stay');
  });

  it('clang tells the MD5 of sources', function () {
    const build = builds().find(b => b.name === 'clang-O0-dwarf5');
    if (!build) { this.skip(); return; }
    const source = open(compile(build)).sources().find(s => s.path.endsWith('/sample.c'))!;
    const sum = execFileSync('md5sum', [source.path], { encoding: 'utf8' }).split(' ')[0];
    assert.equal(source.md5, sum);
  });

  it('DWARF 2 and 3 are read', function () {
    if (!hasTool('gcc')) { this.skip(); return; }
    mkdirSync(folder, { recursive: true });
    const expected = summary(open(compile(builds().find(b => b.name === 'gcc-O0-dwarf4')!)));
    for (const version of [2, 3]) {
      const file = path.join(folder, `dwarf${version}`);
      execFileSync('gcc', ['-w', '-g', `-gdwarf-${version}`, '-gno-strict-dwarf', '-o', file, ...['sample.c', 'other.c'].map(f => path.resolve('test/programs/dwarf', f))]);
      assert.equal(summary(open(file)), expected);
    }
  });

  it('code of a kernel, in the upper half of the addresses, written in assembly', function () {
    if (!hasTool('gcc')) { this.skip(); return; }
    mkdirSync(folder, { recursive: true });
    const source = path.join(folder, 'entry.S'), file = path.join(folder, 'entry');
    writeFileSync(source, '.text\n.globl entry_SYSCALL_64\n.type entry_SYSCALL_64, @function\nentry_SYSCALL_64:\n .cfi_startproc\n swapgs\n push %rax\n .cfi_adjust_cfa_offset 8\n pop %rax\n'
      + ' .cfi_adjust_cfa_offset -8\n sysretq\n .cfi_endproc\n.size entry_SYSCALL_64, . - entry_SYSCALL_64\n');
    execFileSync('gcc', ['-g', '-nostdlib', '-static', '-no-pie', '-Wl,-Ttext=0xffffffff81000000', '-Wl,-e,entry_SYSCALL_64', '-Wl,--build-id=none', '-o', file, source]);
    const info = open(file);
    const entry = 0xffffffff81000000n;
    assert.equal(info.elf.symbolNamed('entry_SYSCALL_64')?.value, entry);
    assert.deepEqual([info.elf.symbolAt(entry + 4n)?.symbol.name, info.elf.symbolAt(entry + 4n)?.offset], ['entry_SYSCALL_64', 4]);
    assert.deepEqual([info.lineAt(entry)?.line, info.lineAt(entry + 3n)?.line, info.lineAt(entry + 4n)?.line], [6, 7, 9]);
    assert.deepEqual(info.addressesFor('entry.S', 7).map(b => b.address), [entry + 3n]);
    assert.deepEqual(info.unwindRow(entry + 4n)?.cfa, { kind: 'register', register: 7, offset: 16 });
    assert.equal(info.unwindRow(entry + 4n)?.low, entry + 4n);
    assert.equal(info.functionAt(entry + 4n)?.function.low ?? entry, entry);
  });

  it('C++ names are qualified', function () {
    if (!hasTool('g++')) { this.skip(); return; }
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, 'cxx');
    const source = 'namespace geo { struct Base { int b; virtual ~Base() {} }; class Shape : public Base { public: static int count; int area(int k) const { return k + size + b; } int size = 2; };\n'
      + 'int Shape::count = 3; int total = 5; int sum(const Shape &s, int &&r) { return s.area(r); } }\nint main() { geo::Shape s; return geo::sum(s, 1) + geo::total + geo::Shape::count; }\n';
    execFileSync('g++', ['-g', '-O0', '-x', 'c++', '-o', file, '-'], { input: source });
    const info = open(file);
    assert.equal(typeName(info.functionsNamed('sum')[0]!.type), 'int (const geo::Shape &, int &&)');
    assert.deepEqual(info.functionsNamed('geo::Shape::area').map(f => [f.name, f.linkageName]), [['geo::Shape::area', '_ZNK3geo5Shape4areaEi']]);
    assert.equal(info.globalsNamed('geo::total')[0]?.name, 'geo::total');
    assert.equal(info.globalsNamed('count')[0]?.name, 'geo::Shape::count');
    const shape = info.typeNamed('geo::Shape')!;
    assert.deepEqual(shape.kind === 'class' && shape.members.map(m => [m.name, m.isBase ?? false, m.isStatic ?? false]), [['', true, false], ['count', false, true], ['size', false, false]]);
  });

  it('mutated files give no error but reported FormatErrors, and no endless run', function () {
    this.timeout(120_000);
    const seed = Number(process.env.SEED ?? 7);
    let state = seed;
    const random = (n: number): number => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor(state / 4294967296 * n); };
    const ports: FramePorts = {
      register: n => BigInt(n * 4096), memory: (_, size) => new Uint8Array(size), cfa: () => 0x1000n, frameBase: () => undefined, relocate: a => a, tls: o => o, entryValue: () => undefined, lookup: 0n,
    };
    let reported = 0;
    for (const fixture of fixtures) {
      const original = readFileSync(fixture);
      const clean = ElfFile.open(original);
      const spots = clean.sections.filter(s => s.name.startsWith('.debug_') || s.name === '.eh_frame');
      for (let round = 0; round < 60; round++) {
        const bytes = Buffer.from(original);
        for (let i = 1 + random(8); i > 0; i--) {
          const s = spots[random(spots.length)]!;
          const at = s.offset + random(random(2) === 0 ? Math.min(s.size, 64) : s.size);
          bytes[at] = random(2) === 0 ? random(256) : [0, 0xff, 0x7f, 0x80][random(4)]!;
        }
        const started = Date.now();
        const what = `SEED=${seed} ${path.basename(fixture)} round ${round}`;
        try {
          const info = openDebugInfo(ElfFile.open(bytes), { onProblem: e => { assert.ok(e instanceof FormatError); reported++; } });
          const text = summary(info);
          assert.ok(text.length < 10_000_000);
          info.sources();
          info.breakpointLocations('sample.c', 1, 200);
          for (const f of info.functionsNamed(/./)) info.prologueEnd(f);
          const low = clean.section('.text')!.address;
          for (let pc = low; pc < low + 0x400n; pc += 7n) {
            info.lineAt(pc); info.functionAt(pc); info.unwindRow(pc); info.callSiteAt(pc);
            for (const scope of info.scopeAt(pc)) for (const v of scope.variables) if (v.location.kind === 'expression') locate(v.location.expression, ports);
          }
          info.addressesFor('sample.c', 60);
        } catch (error) {
          assert.fail(`${what}: ${error instanceof Error ? error.stack : String(error)}`);
        }
        assert.ok(Date.now() - started < 10_000, `${what} took ${Date.now() - started} ms`);
      }
    }
    assert.ok(reported > 20, 'mutations were noticed');
  });

  it('random bytes as expressions decode or give a FormatError, and end', () => {
    let state = 99;
    const random = (n: number): number => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor(state / 4294967296 * n); };
    const ports: FramePorts = { register: () => 5n, memory: (_, size) => new Uint8Array(size).fill(3), cfa: () => 1n, frameBase: () => undefined, relocate: a => a, tls: o => o, entryValue: () => 7n, lookup: 0n };
    for (let round = 0; round < 5000; round++) {
      const expression = { bytes: Uint8Array.from({ length: random(24) }, () => random(256)), addressSize: 8, offsetSize: 4, version: 5 };
      try { decodeExpression(expression); } catch (error) { assert.ok(error instanceof FormatError); }
      locate(expression, ports);
    }
    const loop = locate({ bytes: Uint8Array.from([0x2f, 0xfd, 0xff]), addressSize: 8, offsetSize: 4, version: 5 }, ports);
    assert.deepEqual(loop, { unavailable: 'the expression runs for ever' });
  });
});
