// Expressions over a stopped program: printed as gdb prints them; C's rules without a program; assignments; errors; fuzz.
import assert from 'node:assert/strict';
import { cTypes, type CType, pointerTo, typeName } from '../../../src/dwarf/ctype';
import { UserError } from '../../../src/base/errors';
import { readVariable, resolveType, type FramePorts } from '../../../src/dwarf/locate';
import { evaluateNumber } from '../../../src/dwarf/locate';
import type { DebugInfo } from '../../../src/dwarf/debug_info';
import type { Variable } from '../../../src/dwarf/model';
import { dwarfRegisterNumber } from '../../../src/dwarf/registers';
import { evaluateExpression, type ExpressionOptions, printExpression, typeOfExpression } from '../../../src/debugger/expression/expression';
import { type EvaluationContext, type Value, makeInteger, toBytes } from '../../../src/debugger/expression/value';
import { builds, compile, hasTool, open } from '../../dwarf/builds';
import { dumpWithGdb, TestFrame } from '../../dwarf/gdb_dump';

/** What gdb prints at `// BP:end` in main of the unoptimised sample. */
const expressions = [
  'outer', 'outer.corners', 'outer.corners[1].y', 'outer.as_float', 'outer.pair', '&outer.pair', '&outer.corners[1]', 'outer.handler', '*outer.handler', 'outer.name', 'first', '*first.next', 'first.next->value',
  'first.next->next', 'numbers', 'numbers[2]', '&numbers[2]', '*numbers', 'numbers + 1', '*(numbers + 5)', 'word', 'word[0]', '&word', 'raw', 'total', 'argc', '&argc', 'operation', '*operation', 'main', '&main', '*main', 'sum',
  'global_int', '&global_int', 'message', '*message', 'message[1]', 'message + 7', 'buffer', 'origin', '&origin', 'square', 'square[2]', '&square[2].y', 'favourite', 'height', 'bits', 'bits.c', 'bits.d', 'packed_one', 'truth', 'single', 'twice', 'longer',
  'matrix', 'matrix[1]', '&matrix[1][2]', 'hidden', '&hidden', 'nothing', 'constant_pointer', '*constant_pointer', 'cv', 'row_pointer', '*row_pointer', 'operations', 'operations[1]', 'small', 'negative', 'large', 'number', 'complicated',
  'revealed', '&revealed', 'sizeof(struct outer)', 'sizeof numbers', 'sizeof(int *)', 'numbers[0] + numbers[1] * 2', '-numbers[0]', '~numbers[0]', '!numbers[0]', 'numbers[0] == 3', 'numbers[0] != 3', 'numbers[1] < numbers[0] && 1', '0 || 0',
  'numbers[0] > 2 ? 10 : 20', '(numbers[0], numbers[1])', '7 / 2', '-7 / 2', '-7 % 3', '7.0 / 2', '1.0f / 3', '1 / 3.0', '0.1 + 0.2', '1e100', '1.5e-7', '123456789.0f', '2147483647 + 1', '4294967296', '0x80000000', '0xffffffffffffffff', '1 << 31', '1u << 31', '1 << 4',
  '-1 >> 1', '-1 < 1u', '(char)65', '(unsigned char)300', '(short)70000', '(long)numbers[0]', '(double)numbers[0]', '(int)3.99', '(int)-3.99', '(float)0.1', '(_Bool)5', '(unsigned)-1', "'A'", "'\\n'", "'\\0'", "'\\''", '"abc"', 'sizeof("abc")', '(int *)0', '(char *)0', '(void *)0x1234',
  '&numbers[4] - &numbers[1]', '(char *)&numbers[1] - (char *)&numbers[0]', '&first == first.next', '(enum color)5', '(enum color)6', '(enum color)3', '(enum level)-3', 'GREEN', 'GREEN + 1', 'height == LOW', '(long)&global_int', '(struct point *)&origin', '*(struct point *)&origin',
  '((struct point *)&square)[1]', '*square@2', 'numbers[1]@3', '{int}&global_int', '{struct point}&origin', '$rsp', '$pc', '$eflags & 0', '/x numbers', '/x outer.corners[0]', '/d raw', '/x -1', '/o 8', '/x raw', '/c 65', '/c word', '/x (char)-1', '/d (unsigned char)200',
  '/x global_int', '/x &global_int', '/u -1', '/x truth', "'a' + 1", 'truth + 1', 'bits.a + bits.b', 'bits.c * 2', 'number.bytes', 'number.f', '!message', 'single + twice', 'single * 2', '(char)200', "(unsigned char)'\\377'", '&*message', '&buffer', '*&origin', 'argv', 'arguments == argv', '&operation',
  '(int (*)(int))0', '(int (*)[4])matrix', 'sizeof(int (*)[4])', '10 % 4 * 2 - 1', '(1 + 2) * 3', '1 == 1 == 1', '5 & 3 | 8 ^ 2', '1 ? 2 : 3 ? 4 : 5', '- - 5', '!0 + !5', '1.0', '100000.0', '1e16', '1e17', '1.0e-5', '0.0001', '1.5L', '3.0f', "sizeof('a')", 'sizeof(1.0f)', "'\\t'", "'\\033'", "'\\200'", "'\"'",
];

function contextOf(info: DebugInfo, frame: TestFrame): EvaluationContext {
  const asValue = (variable: Variable): Value => {
    const type = resolveType(variable.type, frame);
    const address = variable.location.kind === 'expression' ? addressOf(variable, frame) : undefined;
    if (address !== undefined) return { type, place: { address } };
    const bytes = readVariable(variable.location, type.size ?? 0, frame);
    return { type, place: 'unavailable' in bytes ? { problem: bytes.isOptimizedOut ? 'optimized out' : bytes.unavailable } : { bytes } };
  };
  const near = frame.lookup;
  return {
    lookup(name) {
      for (const scope of info.scopeAt(near)) { const v = scope.variables.find(x => x.name === name); if (v) return asValue(v); }
      const global = info.globalsNamed(name, near)[0];
      if (global) return asValue(global);
      const fn = info.functionsNamed(name).find(f => f.low !== undefined);
      if (fn?.low !== undefined) return { type: fn.type, place: { address: fn.low + frame.bias } };
      const constant = info.enumeratorNamed(name, near);
      return constant && makeInteger(constant.type, constant.value);
    },
    lookupType: name => info.typeNamed(name, near),
    readMemory(address, size) {
      const bytes = frame.memory(address, size);
      if (bytes) return bytes;
      let n = 0;
      while (n < size && frame.memory(address + BigInt(n), 1)) n++;
      return frame.memory(address, n) ?? new Uint8Array();
    },
    writeMemory: () => 0,
    readRegister(name) {
      if (name === 'pc') return { type: pointerTo({ kind: 'function', size: undefined, returns: { kind: 'void', size: undefined }, parameters: [], isVariadic: false, isPrototyped: false }), place: { bytes: toBytes(frame.pc, 8), register: 'rip' } };
      if (name === 'eflags') return makeInteger(cTypes.int, 0x246n);
      const number = dwarfRegisterNumber(name);
      const value = number === undefined ? undefined : frame.register(number, 8);
      return value === undefined ? undefined : { type: name === 'rsp' ? pointerTo({ kind: 'void', size: undefined }) : cTypes.long, place: { bytes: toBytes(value, 8), register: name } };
    },
    writeRegister: () => false,
    describe(address) {
      const found = info.elf.symbolAt(address - frame.bias);
      if (!found || found.symbol.size === 0 && found.offset > 0) return undefined;
      // gdb names data in the file's sections only, code and data alike.
      return info.elf.sectionAt(address - frame.bias) ? `${found.symbol.name}${found.offset ? `+${found.offset}` : ''}` : undefined;
    },
  };
}

function addressOf(variable: Variable, ports: FramePorts): bigint | undefined {
  if (variable.location.kind !== 'expression') return undefined;
  const last = variable.location.expression.bytes;
  // Registers and computed values are no addresses: only plain fbreg, addr and addrx are used here.
  return last[0] === 0x91 || last[0] === 0x03 || last[0] === 0xa1 ? evaluateNumber(variable.location.expression, ports) : undefined;
}

describe('expressions', () => {
  for (const name of ['gcc-O0-dwarf5', 'clang-O0-dwarf4']) {
    it(`${name}: values print as in gdb`, function () {
      const build = builds().find(b => b.name === name);
      if (!build || !hasTool('gdb')) { this.skip(); return; }
      this.timeout(60_000);
      const file = compile(build);
      const info = open(file);
      const [stop] = dumpWithGdb(file, ['end'], expressions);
      assert.ok(stop);
      const context = contextOf(info, TestFrame.innermost(info, stop));
      const wrong: string[] = [];
      let refused = 0;
      for (const expression of expressions) {
        const theirs = stop.printed[expression]!;
        const [, letter, bare = expression] = /^\/(\w) (.*)$/.exec(expression) ?? [];
        let ours: string;
        try { ours = printExpression(letter ? `${bare},${letter === 't' ? 'b' : letter}` : bare, context); } catch (error) { if (!(error instanceof UserError)) throw new Error(`${expression}: ${error instanceof Error ? error.stack : ''}`); ours = `error: ${error.message}`; }
        if (theirs.startsWith('error: ')) { if (process.env.SHOW) console.log(expression, theirs, '|', ours); refused++; }
        else if (ours !== theirs) wrong.push(`${expression}\n  ours ${ours}\n  gdb  ${theirs}`);
      }
      assert.equal(wrong.join('\n'), '');
      assert.ok(refused < 15, `gdb refuses ${refused}`);
    });
  }

  it('types follow C', () => {
    const types: Record<string, CType> = { byte: { kind: 'typedef', name: 'byte', size: 1, target: cTypes.unsignedChar } };
    const context = emptyContext({ lookupType: name => types[name], lookup: name => name === 'c' ? makeInteger(cTypes.char, 1n) : name === 'f' ? undefined : undefined });
    const cases: [string, string][] = [
      ['1', 'int'], ['1u', 'unsigned int'], ['1l', 'long'], ['1ull', 'unsigned long long'], ['4294967295', 'long'], ['0xffffffff', 'unsigned int'], ['9223372036854775807', 'long'], ['0x8000000000000000', 'unsigned long'],
      ['c + c', 'int'], ['c + 1l', 'long'], ['1u + 1', 'unsigned int'], ['1u + 1l', 'long'], ['1ul + 1l', 'unsigned long'], ['1.0f + 1', 'float'], ['1.0f + 1.0', 'double'], ['1.0L + 1', 'long double'], ['c << 1l', 'int'], ['(byte)1 + (byte)1', 'int'],
      ['(byte *)0', 'byte *'], ['(unsigned long int)1', 'unsigned long'], ['(long unsigned)1', 'unsigned long'], ['(int (*)(int, char *))0', 'int (*)(int, char *)'], ['(char *(*[2])(void))0 == 0', 'error'], ['(const char *const *)0', 'const char * const *'],
      ['&"ab"[0]', 'error'], ['sizeof(byte[3])', 'unsigned long'], ['1 == 2', 'int'], ['!1.5', 'int'], ["'a'", 'char'], ['"ab"', 'char [3]'], ['(byte *)4 - (byte *)1', 'long'], ['(int *)0 + 1', 'int *'], ['1 ? 2 : 3', 'int'], ['(signed char)1', 'signed char'], ['(long long)1', 'long long'],
    ];
    for (const [text, expected] of cases) {
      let type: string;
      try { type = typeName(typeOfExpression(text, context)); } catch (error) { assert.ok(error instanceof UserError, String(error)); type = 'error'; }
      assert.equal(type, expected, text);
    }
  });

  it('formats follow a comma', () => {
    const memory = new Map<bigint, number>([...Buffer.from('hi\0there')].map((b, i) => [0x1000n + BigInt(i), b]));
    const context = emptyContext({ lookup: name => name === 'p' ? makeInteger(pointerTo(cTypes.int), 0x1000n) : name === 'n' ? makeInteger(cTypes.int, -2n) : name === 's' ? makeInteger(pointerTo(cTypes.unsignedChar), 0x1000n) : undefined }, memory);
    assert.equal(printExpression('n,x', context), '0xfffffffe');
    assert.equal(printExpression('n, u', context), '4294967294');
    assert.equal(printExpression('n,b', context), '0b11111111111111111111111111111110');
    assert.equal(printExpression('p,[2]', context), '{1946184040, 1701995880}');
    assert.equal(printExpression('p,[2]x', context), '{0x74006968, 0x65726568}');
    assert.equal(printExpression('p,x[1]', context), '{0x74006968}');
    assert.equal(printExpression('s,s', context), '0x1000 "hi"');
    assert.equal(printExpression('n,y', context), 'fe ff ff ff');
    assert.equal(printExpression('(n, 5)', context), '5');
    assert.equal(printExpression('n, 5', context), '5');
  });

  it('big, empty and unreadable arrays print in bounded time', () => {
    const zeros = emptyContext({ lookup: name => name === 'p' ? makeInteger(pointerTo(cTypes.int), 0x1000n) : undefined, readMemory: (_, size) => new Uint8Array(size) });
    assert.equal(printExpression('*p@1000000', zeros), '{0 <repeats 262144 times>...}');
    assert.equal(printExpression('(char[300])*p', zeros), "'\\000' <repeats 299 times>");
    assert.equal(printExpression('p,[0]', zeros), '{}');
    const none = emptyContext({ lookup: name => name === 'p' ? makeInteger(pointerTo(cTypes.int), 0x1000n) : undefined });
    assert.equal(printExpression('p,[5]', none), '<error: Cannot access memory at address 0x1000>');
    assert.equal(printExpression('*p', none), '<error: Cannot access memory at address 0x1000>');
  });

  it('regular expressions match texts where they are allowed', () => {
    const memory = new Map<bigint, number>([...Buffer.from('/etc/passwd\0')].map((b, i) => [0x1000n + BigInt(i), b]));
    const context = emptyContext({ lookup: name => name === 'path' ? makeInteger(pointerTo(cTypes.char), 0x1000n) : undefined }, memory);
    assert.equal(printExpression('path ~ "etc"', context, { isMatchAllowed: true }), '1');
    assert.equal(printExpression('path ~ "^etc" || path ~ "passwd$"', context, { isMatchAllowed: true }), '1');
    assert.equal(printExpression('path == "/etc/passwd"', context), '1');
    assert.throws(() => printExpression('path ~ "etc"', context), /'~' stands where the end of the expression is expected \(column 6\)/);
    assert.throws(() => printExpression('path ~ "["', context, { isMatchAllowed: true }), /is not a regular expression/);
  });

  it('assignments change memory and registers only when they are allowed', () => {
    const memory = new Map<bigint, number>(Array.from({ length: 64 }, (_, i) => [0x1000n + BigInt(i), i]));
    const written: string[] = [];
    const struct: CType = { kind: 'struct', tag: 's', isTagVisible: true, isIncomplete: false, size: 8, members: [{ name: 'a', type: cTypes.unsignedInt, offset: 0, bits: { offset: 3, size: 5 } }, { name: 'b', type: cTypes.short, offset: 4 }] };
    const context = emptyContext({
      lookup: name => name === 'x' ? { type: cTypes.int, place: { address: 0x1000n } } : name === 's' ? { type: struct, place: { address: 0x1008n } } : name === 'd' ? { type: cTypes.double, place: { address: 0x1010n } } : undefined,
      writeRegister: (name, bytes) => { written.push(`${name}=${Buffer.from(bytes).toString('hex')}`); return true; },
      readRegister: name => name === 'rax' ? { type: cTypes.long, place: { bytes: toBytes(5n, 8), register: 'rax' } } : undefined,
    }, memory);
    const allow: ExpressionOptions = { allowSideEffects: true };
    assert.equal(printExpression('x = 7', context, allow), '7');
    assert.equal(printExpression('x += 3', context, allow), '10');
    assert.equal(printExpression('x++', context, allow), '10');
    assert.equal(printExpression('++x', context, allow), '12');
    assert.equal(printExpression('x <<= 2', context, allow), '48');
    assert.equal(printExpression('x', context), '48');
    assert.equal(printExpression('s.a = 0x3f', context, allow), '31');
    assert.equal(memory.get(0x1008n), 0xf8, 'the three low bits stay');
    assert.equal(printExpression('s.b = -1, s.b', context, allow), '-1');
    assert.equal(printExpression('d = 1.5', context, allow), '1.5');
    assert.equal(printExpression('$rax = 0x10', context, allow), '16');
    assert.deepEqual(written, ['rax=1000000000000000']);
    assert.throws(() => evaluateExpression('x = 1', context), /would change the program/);
    assert.throws(() => evaluateExpression('x++', context), /would change the program/);
    assert.throws(() => evaluateExpression('5 = 1', context, allow), /not an lvalue \(column 3\)/);
    assert.throws(() => evaluateExpression('*(int *)0x99 = 1', context, allow), /Cannot access memory at address 0x99/);
  });

  it('errors are sentences with a column', () => {
    const context = emptyContext({ lookup: name => name === 'n' ? makeInteger(cTypes.int, 1n) : undefined });
    const cases: [string, RegExp][] = [
      ['', /^a value|the expression ends where a value is expected \(column 1\)$/], ['n +', /the expression ends where a value is expected \(column 4\)/], ['(n', /where '\)' is expected \(column 3\)/], ['n n', /'n' stands where the end of the expression is expected \(column 3\)/],
      ['missing', /No symbol "missing" in current context \(column 1\)/], ['n.x', /'int' has no members \(column 3\)/], ['*n.y', /has no members/], ['1 / 0', /Division by zero \(column 3\)/], ['n % 0', /Division by zero/], ['$nothing', /there is no register '\$nothing'/],
      ['n()', /cannot be called/], ['&1', /has no address \(column 1\)/], ['"abc', /quotation mark is not closed \(column 1\)/], ['n # 1', /'#' does not belong/], ['12abc', /'12abc' is not a number/], ['099', /Invalid number/], ['1.5 & 1', /floating-point/], ['(struct nope *)0', /there is no struct named 'nope'/],
      ['int', /a type has no value/], ['*(int *)8', /Cannot access memory at address 0x8/], ["''", /./], ["'ab'", /one character/], ['(unsigned float)1', /'unsigned float' is not a type/], ['1 ? 2', /where ':' is expected/], ['99999999999999999999', /too large/], ['-"abc"', /./], ['~1.5', /cannot be applied to 'double'/],
      [`${'('.repeat(5000)}1`, /nested too deeply/], [`${'-'.repeat(5000)} 1`, /too deeply|./],
    ];
    for (const [text, expected] of cases) {
      assert.throws(() => { const { value } = evaluateExpression(text, context); if (/^\*\(int|^-"/.test(text)) evaluateExpression(`(${text}) + 1`, context); return value; }, (error: unknown) => error instanceof UserError && expected.test(error.message), `${text.slice(0, 40)}`);
    }
  });

  it('random words give values or UserErrors', () => {
    const context = emptyContext({ lookup: name => name === 'n' ? makeInteger(cTypes.int, 3n) : name === 'p' ? makeInteger(pointerTo(cTypes.int), 0x1000n) : undefined }, new Map(Array.from({ length: 64 }, (_, i) => [0x1000n + BigInt(i), i])));
    const words = ['n', 'p', '1', '2.5', '"a"', "'c'", '(', ')', '[', ']', '*', '&', '-', '+', '/', '%', '<<', '>>', '->', '.', '?', ':', ',', '=', '==', '&&', '!', '~', 'sizeof', 'int', 'char', 'unsigned', '@', '{', '}', '$rax', '++', ',x', ',[3]', 'struct', '0x10'];
    let state = Number(process.env.SEED ?? 5);
    const random = (k: number): number => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor(state / 4294967296 * k); };
    let good = 0;
    for (let i = 0; i < 6000; i++) {
      const text = Array.from({ length: 1 + random(8) }, () => words[random(words.length)]).join(random(2) ? ' ' : '');
      try { printExpression(text, context, { allowSideEffects: random(2) === 0, isMatchAllowed: random(2) === 0 }); good++; } catch (error) { assert.ok(error instanceof UserError, `${text}: ${error instanceof Error ? error.stack : String(error)}`); }
    }
    assert.ok(good > 100, `${good} had values`);
  });
});

function emptyContext(parts: Partial<EvaluationContext>, memory = new Map<bigint, number>()): EvaluationContext {
  return {
    lookup: () => undefined, lookupType: () => undefined, readRegister: () => undefined, writeRegister: () => false,
    readMemory(address, size) {
      const bytes: number[] = [];
      for (let i = 0; i < size; i++) { const byte = memory.get(address + BigInt(i)); if (byte === undefined) break; bytes.push(byte); }
      return Uint8Array.from(bytes);
    },
    writeMemory(address, bytes) {
      let n = 0;
      for (const byte of bytes) { if (!memory.has(address + BigInt(n))) break; memory.set(address + BigInt(n), byte); n++; }
      return n;
    },
    ...parts,
  };
}
