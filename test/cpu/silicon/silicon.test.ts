// Every row against the processor that the test runs on: random operands, flags, memory forms and modes; registers, flags, memory and faults compared, in the
// interpreter and in the translator. Where there is no such processor, or it lacks an extension, fingerprints stored from one that has it are the judge.
// CASES= sets the number of cases a row, SEED= another sequence, ROWS= a regular expression over mnemonics, SHOW= how many cases to print, SHARD=
// a part of the rows: test/cpu/command.mjs.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Decoder, parseRow, type Encoding } from '../../../src/cpu/decode';
import { allRows, lists } from '../../../src/cpu/isa/index';
import { factsOf } from '../../../src/cpu/translator/facts';
import { Bench } from './bench';
import { CASE, CASE_BYTES, isComparable, makeCase, OUTCOME_BYTES, Random } from './cases';
import { differences, fingerprint, isMakersOwn } from './outcome';

const FIXTURES = 'test/cpu/fixtures/silicon.txt', STORED = 4, BATCH = 6000;
const options = { seed: Number(process.env.SEED ?? 1), perRow: Number(process.env.CASES ?? 16), only: new RegExp(process.env.ROWS ?? '.'), show: Number(process.env.SHOW ?? 2), isLong: process.env.CASES !== undefined };
const [shard = 1, shards = 1] = (process.env.SHARD ?? '1/1').split('/').map(Number);

interface Case { encoding: Encoding; bytes: number[]; view: DataView }

const nameOf = (e: Encoding): string => `${e.row[0]} ${e.mnemonic} ${e.operands.map(o => o.code).join(',')}`.trim();
/** States that the same instruction runs from, one after the other: with many cases, what is compiled for it serves them all. */
const STATES = options.isLong ? 16 : 1;
/** A sequence of its own for each row, so that new rows leave the others' cases as they are. */
const randomFor = (e: Encoding, seed: number): Random => new Random([...nameOf(e)].reduce((h, c) => Math.imul(h ^ c.charCodeAt(0), 0x01000193) >>> 0, 0x811c9dc5) + seed);

function makeCases(encoding: Encoding, random: Random, count: number, states: number): { input: Uint8Array; cases: Case[] } {
  let shape = 0;
  const input = new Uint8Array(count * CASE_BYTES), cases: Case[] = [];
  for (let i = 0; i < count; i++) {
    const view = new DataView(input.buffer, i * CASE_BYTES, CASE_BYTES);
    if (i % states === 0) shape = random.u32();
    cases.push({ encoding, bytes: makeCase(encoding, new Random(shape), random, view), view });
  }
  return { input, cases };
}

/** The engines, each around a machine of its own. What has to be interpreted anyway is not run twice. */
class Engines {
  private readonly decoder = new Decoder(lists);
  private readonly interpreter = new Bench({ engine: 'interpreter' });
  private readonly translator = new Bench({ engine: 'translator', translateAfter: 0 });

  forCase({ bytes }: Case, withTranslator: boolean): [string, Bench][] {
    const list: [string, Bench][] = [['interpreter', this.interpreter]];
    if (!withTranslator) return list;
    const length = this.decoder.decode(Uint8Array.from([...bytes, ...new Uint8Array(15)]), 0, 15), { form } = this.decoder.decoded;
    if (length > 0 && form && !factsOf(form).needsInterpreter) list.push(['translator', this.translator]);
    return list;
  }
}

function judge(c: Case, engines: readonly [string, Bench][], compare: (ours: DataView, engine: string) => string[]): string | undefined {
  const wrong: string[] = [];
  for (const [engine, bench] of engines) {
    bench.unimplemented = '';
    try { wrong.push(...compare(bench.run(c.view), engine)); } catch (e) { wrong.push(`${engine}: ${String(e)}`); }
  }
  if (wrong.length === 0) return undefined;
  return `${c.bytes.map(b => b.toString(16).padStart(2, '0')).join(' ')}: ${wrong.slice(0, 4).join('; ')} [flags ${c.view.getUint32(CASE.flags, true).toString(16)} mxcsr ${c.view.getUint32(CASE.fx + 24, true).toString(16)}]`;
}

function assertNone(wrongRows: ReadonlyMap<string, string[]>, perRow: number): void {
  const report = [...wrongRows].map(([row, texts]) => `${row} (${texts.length} of ${perRow})\n          ${texts.slice(0, options.show).join('\n          ')}`);
  assert.equal(report.length, 0, `${report.length} rows differ:\n        ${report.join('\n        ')}`);
}
const note = (wrong: Map<string, string[]>, e: Encoding, text: string): void => { const list = wrong.get(nameOf(e)); if (list) list.push(text); else wrong.set(nameOf(e), [text]); };

class Silicon {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'silicon-'));
  private readonly runner = path.join(this.folder, 'runner');
  private readonly facts = readFileSync('/proc/cpuinfo', 'utf8');
  readonly features = new Set(/flags\s*:(.*)/.exec(this.facts)?.[1]?.trim().split(' ') ?? []);
  readonly isIntel = this.facts.includes('GenuineIntel');
  constructor() { execFileSync('gcc', ['-O1', '-o', this.runner, 'test/native/cpu/silicon_runner.c']); }
  run(input: Uint8Array, count: number, what: string): (i: number) => DataView {
    const { stdout, status, signal } = spawnSync(this.runner, { input, maxBuffer: 2 ** 30 });
    assert.equal(stdout.length, count * OUTCOME_BYTES, `the native runner ended with ${status ?? signal} on ${what}`);
    return i => new DataView(stdout.buffer, stdout.byteOffset + i * OUTCOME_BYTES, OUTCOME_BYTES);
  }
  remove(): void { rmSync(this.folder, { recursive: true }); }
}

const hasSilicon = process.arch === 'x64' && process.platform === 'linux' && spawnSync('gcc', ['--version']).status === 0;

describe('the processor against silicon', () => {
  const all = allRows().map(parseRow).filter(e => options.only.test(e.mnemonic)).filter((_, i) => i % shards === shard - 1);

  it('every row gives what this processor gives', function () {
    this.timeout(24 * 3_600_000);
    if (!hasSilicon) { console.log('      skipped: needs gcc on x86-64 Linux; the stored fingerprints are compared'); return this.skip(); }
    const silicon = new Silicon(), engines = new Engines(), wrong = new Map<string, string[]>();
    const encodings = all.filter(e => isComparable(e, silicon.features));
    // A region is compiled for each case in the translator: dear.
    const every = options.isLong ? 1 : 4;
    let ran = 0, printed = Date.now();
    const fixtures: string[] = [];
    for (let from = 0, rowsEach = Math.max(1, Math.floor(BATCH / options.perRow)); from < encodings.length; from += rowsEach) {
      const chunk = encodings.slice(from, from + rowsEach), randoms = chunk.map(e => randomFor(e, options.seed));
      for (let done = 0; done < options.perRow; done += BATCH) {
        const count = Math.min(BATCH, options.perRow - done), made = chunk.map((e, i) => makeCases(e, randoms[i]!, count, STATES));
        const input = new Uint8Array(chunk.length * count * CASE_BYTES);
        made.forEach((m, i) => input.set(m.input, i * count * CASE_BYTES));
        const native = silicon.run(input, chunk.length * count, `rows ${nameOf(chunk[0]!)} to ${nameOf(chunk.at(-1)!)}`);
        made.flatMap(m => m.cases).forEach((c, i) => {
          ran++;
          const text = judge(c, engines.forCase(c, i % every === 0), (ours, engine) => {
            if (!silicon.isIntel && isMakersOwn(c.encoding, native(i), ours)) return [];
            return differences(c.encoding, native(i), ours, engine);
          });
          if (text) note(wrong, c.encoding, text);
        });
        if (done === 0) chunk.forEach((e, i) => fixtures.push(`${nameOf(e)}: ${Array.from({ length: STORED }, (_, k) => fingerprint(e, native(i * count + k)).toString(16).padStart(8, '0')).join(' ')}`));
        if (options.isLong && Date.now() - printed > 10_000) { printed = Date.now(); console.log(`      ${from + chunk.length} of ${encodings.length} rows, ${ran} cases, ${wrong.size} rows differ; now ${nameOf(chunk.at(-1)!)}`); }
      }
    }
    silicon.remove();
    if (process.env.UPDATE_GOLDEN && options.seed === 1 && options.perRow >= STORED && all.length === allRows().length) writeFileSync(FIXTURES, `${fixtures.join('\n')}\n`);
    console.log(`      ${encodings.length} rows, ${ran} cases, seed ${options.seed}`);
    assertNone(wrong, options.perRow);
  });

  it('every row gives what was stored of the processor that made the fixtures', function () {
    this.timeout(600_000);
    const stored = new Map(readFileSync(FIXTURES, 'utf8').trim().split('\n').map(line => { const at = line.lastIndexOf(': '); return [line.slice(0, at), line.slice(at + 2).split(' ')] as const; }));
    const engines = new Engines(), wrong = new Map<string, string[]>(), missing: string[] = [];
    for (const encoding of all.filter(e => isComparable(e, undefined))) {
      const expected = stored.get(nameOf(encoding));
      if (!expected) { missing.push(nameOf(encoding)); continue; }
      makeCases(encoding, randomFor(encoding, 1), STORED, 1).cases.forEach((c, i) => {
        const text = judge(c, engines.forCase(c, !hasSilicon && i === 0), (ours, engine) => fingerprint(encoding, ours).toString(16).padStart(8, '0') === expected[i] ? [] : [`not as stored in the ${engine}`]);
        if (text) note(wrong, encoding, text);
      });
    }
    assert.deepEqual(missing, [], 'rows without fingerprints: npm test -- --only silicon --update stores them');
    assertNone(wrong, STORED);
  });
});
