// Every row against the processor that the test runs on: random operands, flags, memory forms and modes; registers, flags, memory and faults compared.
// SEED= replays, CASES= sets the number of cases a row, ROWS= a regular expression over mnemonics.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseRow, type Encoding } from '../../../src/cpu/decode';
import { table } from '../../../src/cpu/isa/index';
import { Bench } from './bench';
import { CASE, CASE_BYTES, isComparable, makeCase, OUTCOME, OUTCOME_BYTES, Random, WINDOW_BYTES } from './cases';

const GPR = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'];
const FLAG_BITS: readonly (readonly [letter: number, bit: number, name: string])[] = [[0, 0x800, 'OF'], [1, 0x400, 'DF'], [3, 0x80, 'SF'], [4, 0x40, 'ZF'], [5, 0x10, 'AF'], [6, 4, 'PF'], [7, 1, 'CF']];

interface Case { encoding: Encoding; bytes: number[]; view: DataView }

function differences({ encoding }: Case, native: DataView, ours: DataView): string[] {
  const wrong: string[] = [], hex = (v: bigint | number): string => v.toString(16);
  const trap = native.getUint32(OUTCOME.trapno, true), oursTrap = ours.getUint32(OUTCOME.trapno, true);
  if (trap !== oursTrap) return [`exception ${trap} natively, ${oursTrap} here`];
  if (trap === 14 || trap === 13) { const [a, b] = [native.getUint32(OUTCOME.err, true), ours.getUint32(OUTCOME.err, true)]; if (a !== b) wrong.push(`error code ${a} natively, ${b} here`); }
  if (trap === 14 && native.getBigUint64(OUTCOME.cr2, true) !== ours.getBigUint64(OUTCOME.cr2, true)) wrong.push(`cr2 ${hex(native.getBigUint64(OUTCOME.cr2, true))} natively, ${hex(ours.getBigUint64(OUTCOME.cr2, true))} here`);
  const compare = (name: string, at: number): void => { const a = native.getBigUint64(at, true), b = ours.getBigUint64(at, true); if (a !== b) wrong.push(`${name} ${hex(a)} natively, ${hex(b)} here`); };
  compare('rip', OUTCOME.rip);
  GPR.forEach((name, i) => compare(name, OUTCOME.gpr + i * 8));
  const flags = native.getUint32(OUTCOME.flags, true) ^ ours.getUint32(OUTCOME.flags, true);
  for (const [letter, bit, name] of FLAG_BITS) if (flags & bit && (encoding.row[3][letter] !== 'u' || trap !== 3)) wrong.push(`${name} ${native.getUint32(OUTCOME.flags, true) & bit ? 1 : 0} natively`);
  if (native.getUint32(OUTCOME.fx + 24, true) !== ours.getUint32(OUTCOME.fx + 24, true)) wrong.push(`mxcsr ${hex(native.getUint32(OUTCOME.fx + 24, true))} natively, ${hex(ours.getUint32(OUTCOME.fx + 24, true))} here`);
  for (let i = 0; i < 16; i++) {
    for (const half of [0, 8]) compare(`xmm${i}+${half}`, OUTCOME.fx + 160 + i * 16 + half);
    for (const half of [0, 8]) compare(`ymm${i}+${16 + half}`, OUTCOME.ymmh + i * 16 + half);
  }
  for (const [name, at] of [['fcw', 0], ['fsw', 2], ['ftw', 4]] as const) {
    const mask = name === 'fsw' ? (encoding.options.unit === 'x87' ? 0xfdff : 0xffff) : name === 'ftw' ? 0xff : 0xffff;
    const a = native.getUint16(OUTCOME.fx + at, true) & mask, b = ours.getUint16(OUTCOME.fx + at, true) & mask;
    if (a !== b) wrong.push(`${name} ${hex(a)} natively, ${hex(b)} here`);
  }
  for (let i = 0; i < 8; i++) {
    compare(`st${i}`, OUTCOME.fx + 32 + i * 16);
    const [a, b] = [native.getUint16(OUTCOME.fx + 40 + i * 16, true), ours.getUint16(OUTCOME.fx + 40 + i * 16, true)];
    if (a !== b) wrong.push(`st${i} exponent ${hex(a)} natively, ${hex(b)} here`);
  }
  for (let i = 0; i < WINDOW_BYTES; i += 8) compare(`memory+${hex(i)}`, OUTCOME.mem + i);
  return wrong;
}

describe('the processor against silicon', () => {
  it('every row gives what this processor gives', function () {
    this.timeout(3_600_000);
    if (process.arch !== 'x64' || process.platform !== 'linux' || spawnSync('gcc', ['--version']).status !== 0) { console.log('      skipped: needs gcc on x86-64 Linux'); return this.skip(); }
    const seed = Number(process.env.SEED ?? 1), perRow = Number(process.env.CASES ?? 40), only = new RegExp(process.env.ROWS ?? '.');
    const features = new Set(/flags\s*:(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.trim().split(' ') ?? []);
    const encodings = table.map(parseRow).filter(e => isComparable(e, features) && only.test(e.mnemonic));
    const random = new Random(seed), bench = new Bench();
    const folder = mkdtempSync(path.join(tmpdir(), 'silicon-')), runner = path.join(folder, 'runner');
    execFileSync('gcc', ['-O1', '-o', runner, 'test/native/cpu/silicon_runner.c']);
    const wrongRows = new Map<string, string[]>();
    let ran = 0;
    for (let from = 0; from < encodings.length; from += 20) {
      const cases: Case[] = [];
      const chunk = encodings.slice(from, from + 20), input = new Uint8Array(chunk.length * perRow * CASE_BYTES);
      for (const encoding of chunk) for (let i = 0; i < perRow; i++) {
        const view = new DataView(input.buffer, cases.length * CASE_BYTES, CASE_BYTES);
        cases.push({ encoding, bytes: makeCase(encoding, random, view), view });
      }
      const { stdout: output, status, signal } = spawnSync(runner, { input, maxBuffer: 2 ** 30 });
      assert.equal(output.length, cases.length * OUTCOME_BYTES, `the native runner ended with ${status ?? signal} on rows ${chunk[0]?.mnemonic} to ${chunk.at(-1)?.mnemonic}`);
      cases.forEach((c, i) => {
        ran++;
        const native = new DataView(output.buffer, output.byteOffset + i * OUTCOME_BYTES, OUTCOME_BYTES);
        let wrong: string[];
        bench.unimplemented = '';
        try { wrong = differences(c, native, bench.run(c.view)); } catch (e) { wrong = [String(e)]; }
        if (wrong.length === 0) return;
        const key = `${c.encoding.row[0]} ${c.encoding.mnemonic}`;
        const text = `${c.bytes.map(b => b.toString(16).padStart(2, '0')).join(' ')}: ${wrong.slice(0, 4).join('; ')} [flags ${c.view.getUint32(CASE.flags, true).toString(16)} mxcsr ${c.view.getUint32(CASE.fx + 24, true).toString(16)}]`;
        const list = wrongRows.get(key);
        if (list) list.push(text); else wrongRows.set(key, [text]);
      });
    }
    rmSync(folder, { recursive: true });
    const report = [...wrongRows].map(([row, texts]) => `${row} (${texts.length} of ${perRow})\n          ${texts.slice(0, Number(process.env.SHOW ?? 2)).join('\n          ')}`);
    console.log(`      ${encodings.length} rows, ${ran} cases, seed ${seed}`);
    assert.equal(report.length, 0, `${report.length} rows differ:\n        ${report.join('\n        ')}`);
  });
});
