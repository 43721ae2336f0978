// Rules of DWARF expressions, one line each: bytes, what is asked on the way, what comes out. DWARF5 2.5, 2.6.
import assert from 'node:assert/strict';
import { FormatError } from '../../src/base/errors';
import { ElfFile } from '../../src/elf/elf';
import { readFileSync } from 'node:fs';
import { Evaluation, type Piece } from '../../src/dwarf/evaluate';
import { DW_ATE } from '../../src/dwarf/constants';
import type { Expression, ExpressionUnit } from '../../src/dwarf/expr';
import { float80ToNumber, numberToFloat80 } from '../../src/dwarf/expr_value';
import { locate, readPieces, type FramePorts } from '../../src/dwarf/locate';
import { builds, compile, open } from './builds';

const types: Record<number, { size: number; encoding: number }> = { 1: { size: 4, encoding: DW_ATE.float }, 2: { size: 8, encoding: DW_ATE.float }, 3: { size: 4, encoding: DW_ATE.signed }, 4: { size: 1, encoding: DW_ATE.unsigned } };
const unit: ExpressionUnit = {
  addressAt: i => 0x1000 + i, constantAt: i => 0x1000 + i, baseTypeAt: o => types[o],
  locationOf: o => o === 7 ? expression([0x35, 0x22]) : o === 8 ? expression([0x98, 8, 0]) : undefined,
};
const expression = (bytes: number[]): Expression => ({ bytes: Uint8Array.from(bytes), addressSize: 8, offsetSize: 4, version: 5, unit });

/** Registers hold ten times their number, memory its own address, the frame base is 0x500, the CFA 0x600. */
function run(bytes: number[]): { result: string; asked: string[] } {
  const evaluation = new Evaluation(expression(bytes));
  const asked: string[] = [];
  for (;;) {
    const outcome = evaluation.step();
    if (outcome.need === 'nothing') return { result: outcome.pieces.map(show).join(' '), asked };
    asked.push(outcome.need);
    switch (outcome.need) {
      case 'register': evaluation.answer(BigInt(outcome.register * 10)); break;
      case 'memory': evaluation.answer(BigInt.asUintN(outcome.size * 8, outcome.address)); break;
      case 'frameBase': evaluation.answer(0x500n); break;
      case 'cfa': evaluation.answer(0x600n); break;
      case 'tls': evaluation.answer(outcome.offset + 0x700n); break;
      case 'relocate': evaluation.answer(outcome.address + 0x10000n); break;
      default: evaluation.answer(9n);
    }
  }
}

function show(piece: Piece): string {
  const where = piece.kind === 'memory' ? `@${piece.address.toString(16)}` : piece.kind === 'register' ? `r${piece.register}` : piece.kind === 'value' ? `=${piece.value}` : piece.kind === 'implicit' ? `[${Buffer.from(piece.bytes).toString('hex')}]`
    : piece.kind === 'implicitPointer' ? `->${piece.offset}+${piece.delta}` : '-';
  return where + (piece.sizeBits === undefined ? '' : `:${piece.sizeBits}${piece.offsetBits ? `<<${piece.offsetBits}` : ''}`);
}

const M1 = 0xffff_ffff_ffff_ffffn;
const cases: [string, number[], string, string[]?][] = [
  ['an address is relocated', [0x03, 0, 0x10, 0, 0, 0, 0, 0, 0], '@11000', ['relocate']],
  ['an indexed address too', [0xa1, 5], '@11005', ['relocate']],
  ['an indexed constant is not', [0xa2, 5], '@1005', []],
  ['a register', [0x53], 'r3', []], ['a register by number', [0x90, 40], 'r40', []],
  ['register plus offset', [0x77, 8], '@4e', ['register']], ['bregx', [0x92, 20, 0x7f], '@c7', ['register']],
  ['frame base plus offset', [0x91, 0x6c], '@4ec', ['frameBase']], ['the CFA', [0x9c], '@600', ['cfa']],
  ['TLS', [0x30, 0x9b], '@700', ['tls']], ['GNU TLS', [0x0e, 8, 0, 0, 0, 0, 0, 0, 0, 0xe0], '@708', ['tls']],
  ['memory', [0x70, 0, 0x06], '@0', ['register', 'memory']], ['two bytes of memory', [0x0c, 0x78, 0x56, 0x34, 0x12, 0x94, 2], '@5678', ['memory']],
  ['a value', [0x35, 0x9f], '=5'], ['constants have signs', [0x09, 0xff, 0x9f], `=${M1}`], ['consts', [0x11, 0x7f, 0x9f], `=${M1}`],
  ['plus', [0x33, 0x34, 0x22, 0x9f], '=7'], ['minus wraps', [0x33, 0x34, 0x1c, 0x9f], `=${M1}`], ['mul', [0x33, 0x34, 0x1e, 0x9f], '=12'],
  ['div is signed', [0x09, 0xf8, 0x33, 0x1b, 0x9f], `=${M1 - 1n}`], ['mod is unsigned', [0x09, 0xff, 0x3a, 0x1d, 0x9f], `=${M1 % 10n}`],
  ['shr is logical', [0x09, 0xff, 0x08, 60, 0x25, 0x9f], '=15'], ['shra is arithmetic', [0x09, 0xf0, 0x32, 0x26, 0x9f], `=${M1 - 3n}`], ['shifts beyond the width', [0x31, 0x08, 64, 0x24, 0x9f], '=0'],
  ['neg', [0x31, 0x1f, 0x9f], `=${M1}`], ['not', [0x30, 0x20, 0x9f], `=${M1}`], ['abs', [0x09, 0xfb, 0x19, 0x9f], '=5'], ['xor', [0x35, 0x33, 0x27, 0x9f], '=6'],
  ['less is signed', [0x09, 0xff, 0x31, 0x2d, 0x9f], '=1'], ['eq', [0x31, 0x31, 0x29, 0x9f], '=1'],
  ['dup, over, swap, rot, pick, drop', [0x31, 0x32, 0x33, 0x17, 0x15, 2, 0x9f], '=3'], ['swap', [0x31, 0x32, 0x16, 0x1c, 0x9f], '=1'],
  ['bra over', [0x31, 0x28, 1, 0, 0x33, 0x34, 0x9f], '=4'], ['skip', [0x2f, 1, 0, 0x33, 0x34, 0x9f], '=4'],
  ['pieces', [0x53, 0x93, 4, 0x93, 2, 0x35, 0x9f, 0x93, 2, 0x70, 0, 0x93, 8], 'r3:32 -:16 =5:16 @0:64'], ['bit pieces', [0x50, 0x9d, 5, 3], 'r0:5<<3'],
  ['an implicit value', [0x9e, 2, 0xab, 0xcd], '[abcd]'], ['an implicit pointer', [0xa0, 0x20, 0, 0, 0, 4], '->32+4'],
  ['an entry value', [0xa3, 1, 0x55, 0x9f], '=9', ['entryValue']], ['a call', [0x31, 0x98, 7, 0, 0x9f], '=6'], ['nothing', [], '-'],
  ['a typed constant converted', [0xa4, 1, 4, 0, 0, 0x20, 0x40, 0xa8, 0, 0x9f], '=2'], ['float addition', [0xa4, 1, 4, 0, 0, 0x20, 0x40, 0x12, 0x22, 0x9f], `=${0x40a00000}`],
  ['signed to double', [0xa4, 3, 4, 0xfe, 0xff, 0xff, 0xff, 0xa8, 2, 0x9f], `=${0xc000000000000000n}`], ['a typed register', [0xa5, 3, 4, 0xa8, 0, 0x9f], '=30', ['register']],
  ['an unsigned byte does not sign-extend', [0xa4, 4, 1, 0xff, 0xa8, 0, 0x9f], '=255'], ['reinterpret', [0xa4, 1, 4, 0, 0, 0x80, 0x3f, 0xa9, 3, 0x9f], `=${0x3f800000}`],
];

describe('dwarf expressions', () => {
  for (const [name, bytes, expected, asked] of cases) {
    it(name, () => {
      const outcome = run(bytes);
      assert.equal(outcome.result, expected);
      if (asked) assert.deepEqual(outcome.asked, asked);
    });
  }

  it('malformed ones are FormatErrors', () => {
    for (const bytes of [[0x22], [0x31, 0x30, 0x1b], [0x06], [0x01], [0x0e, 1], [0x2f, 0x7f, 0], [0x98, 8, 0], [0xa8, 99], [0x31, 0x94, 0]]) assert.throws(() => run(bytes), FormatError, bytes.join());
  });

  it('pieces are put together bit by bit', () => {
    const ports: FramePorts = { register: n => BigInt(n) * 0x1111n, memory: () => undefined, cfa: () => undefined, frameBase: () => undefined, relocate: a => a, tls: () => undefined, entryValue: () => undefined, lookup: 0n };
    const pieces = locate(expression([0x51, 0x93, 2, 0x52, 0x93, 2]), ports);
    assert.ok(!('unavailable' in pieces));
    assert.deepEqual(readPieces(pieces, 4, ports), Uint8Array.from([0x11, 0x11, 0x22, 0x22]));
    const bits = locate(expression([0x51, 0x9d, 4, 4, 0x53, 0x9d, 12, 0]), ports);
    assert.ok(!('unavailable' in bits));
    assert.deepEqual(readPieces(bits, 2, ports), Uint8Array.from([0x31, 0x33]));
    assert.deepEqual(locate(expression([0x9c]), ports), { unavailable: 'the frame cannot be found' });
  });

  it('80-bit numbers convert exactly', () => {
    for (const number of [0, -0, 1, -1.5, 0.1, 1e300, 1e-300, 5e-324, 2 ** -1022, Infinity, -Infinity, Math.PI]) assert.ok(Object.is(float80ToNumber(numberToFloat80(number)), number), String(number));
    assert.ok(Number.isNaN(float80ToNumber(numberToFloat80(NaN))));
  });

  for (const build of builds()) {
    it(`${build.name}: a thread's variable is at its symbol's offset in the TLS block`, () => {
      const file = compile(build);
      const elf = ElfFile.open(readFileSync(file));
      for (const name of ['thread_counter', 'thread_text']) {
        const variable = open(file).globalsNamed(name)[0];
        if (build.level === '-O2' && variable?.location.kind === 'optimizedOut') continue;
        assert.ok(variable?.location.kind === 'expression');
        const evaluation = new Evaluation(variable.location.expression);
        assert.deepEqual(evaluation.step(), { need: 'tls', offset: elf.symbols.named(name)?.value });
        evaluation.answer(0x7000n);
        assert.deepEqual(evaluation.step(), { need: 'nothing', pieces: [{ kind: 'memory', address: 0x7000n }] });
      }
    });
  }
});
