// 80-bit arithmetic against silicon: stored vectors always, and fresh random ones from this processor where gcc is present.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as soft from '../../src/cpu/softfloat80';
import type { F80, F80Context } from '../../src/cpu/softfloat80';

const C0 = 0x100, C1 = 0x200, C2 = 0x400, C3 = 0x4000;
const parse = (hex: string): F80 => ({ signExp: parseInt(hex.slice(0, 4), 16), mant: BigInt(`0x${hex.slice(4)}`) });
const show = (v: F80): string => v.signExp.toString(16).padStart(4, '0') + v.mant.toString(16).padStart(16, '0');
const word = (v: bigint): F80 => ({ signExp: 0, mant: v });

function compute(op: string, c: F80Context, a: F80, b: F80): { value: F80; codes: number } {
  const order = (o: -1 | 0 | 1 | undefined): number => o === undefined ? C0 | C2 | C3 : o === 0 ? C3 : o < 0 ? C0 : 0;
  const prem = (nearest: boolean): { value: F80; codes: number } => {
    const { value, quotient = 0, incomplete } = soft.remainder(a, b, nearest, c);
    return { value, codes: incomplete ? C2 : ((quotient & 4) ? C0 : 0) | ((quotient & 2) ? C3 : 0) | ((quotient & 1) ? C1 : 0) };
  };
  const plain = (value: F80): { value: F80; codes: number } => ({ value, codes: 0 });
  switch (op) {
    case 'add': return plain(soft.add(a, b, c));
    case 'sub': return plain(soft.subtract(a, b, c));
    case 'mul': return plain(soft.multiply(a, b, c));
    case 'div': return plain(soft.divide(a, b, c));
    case 'sqrt': return plain(soft.squareRoot(a, c));
    case 'rndint': return plain(soft.roundToIntegral(a, c));
    case 'scale': return plain(soft.scale(a, b, c));
    case 'prem': return prem(false);
    case 'prem1': return prem(true);
    case 'com': return { value: a, codes: order(soft.compare(a, b, c, false)) };
    case 'ucom': return { value: a, codes: order(soft.compare(a, b, c, true)) };
    case 'xtract': return plain(soft.extract(a, c)[0]);
    case 'st32': return plain(word(BigInt(soft.toFloat32(a, c))));
    case 'st64': return plain(word(soft.toFloat64(a, c)));
    case 'ist16': return plain(word(BigInt.asUintN(16, soft.toInteger(a, 16, c))));
    case 'ist32': return plain(word(BigInt.asUintN(32, soft.toInteger(a, 32, c))));
    case 'ist64': return plain(word(BigInt.asUintN(64, soft.toInteger(a, 64, c))));
    case 'bstp': {
      const bytes = soft.toPackedDecimal(a, c);
      return plain({ mant: new DataView(bytes.buffer).getBigUint64(0, true), signExp: (bytes[9] ?? 0) << 8 | (bytes[8] ?? 0) });
    }
    default: throw new Error(`no op ${op}`);
  }
}

/** The lines on which we and the processor differ. C1 is compared only where it tells of the quotient. */
function differences(text: string): string[] {
  const wrong: string[] = [];
  for (const line of text.trim().split('\n')) {
    const [op, cw, a, b, , result, status] = line.split(' ') as [string, string, string, string, string, string, string];
    const c = soft.contextOf(parseInt(cw, 16));
    const { value, codes } = compute(op, c, parse(a), parse(b));
    const ours = `${show(value)} ${(c.flags | (codes & ~C1)).toString(16).padStart(4, '0')}`;
    const theirs = `${result} ${(parseInt(status, 16) & (0x3f | C0 | C2 | C3)).toString(16).padStart(4, '0')}`;
    if (ours !== theirs) wrong.push(`${op} ${cw} ${a} ${b}: processor ${theirs}, ours ${ours}`);
  }
  return wrong;
}

describe('80-bit floating point', () => {
  it('equals the stored results of a real x87', () => {
    assert.deepEqual(differences(readFileSync('test/cpu/fixtures/x87_vectors.txt', 'utf8')).slice(0, 20), []);
  });

  it('a denormal that is its own remainder is an underflow where one is asked for', () => {
    const UE = 0x10, DE = 2, c = soft.contextOf(0x37f & ~UE);
    // As an Intel x87 gives it: scaled by 2^24576.
    assert.deepEqual([show(soft.remainder(word(0x7a76d127d28771ecn), soft.ONE, false, c).value), c.flags], ['6000f4eda24fa50ee3d8', DE | UE]);
  });

  it('equals this processor on random operands', function () {
    if (process.arch !== 'x64' || spawnSync('gcc', ['--version']).status !== 0) { console.log('      skipped: needs gcc on an x86-64 processor'); return this.skip(); }
    const seed = process.env.SEED ?? String(Date.now() % 1e6);
    const folder = mkdtempSync(path.join(tmpdir(), 'x87-'));
    execFileSync('gcc', ['-O1', '-w', '-o', path.join(folder, 'x87_vectors'), 'test/native/cpu/x87_vectors.c']);
    const text = execFileSync(path.join(folder, 'x87_vectors'), [seed, process.env.CASES ?? '20000'], { encoding: 'utf8', maxBuffer: 1 << 30 });
    rmSync(folder, { recursive: true });
    assert.deepEqual(differences(text).slice(0, 20), [], `seed ${seed}`);
  });
});
