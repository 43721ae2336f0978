// Random programs made from the rows - loops, calls, jumps, faults, tracing, code that changes itself - stopped at random instruction counts: the same whole state in the
// interpreter, in the translator, in pieces and by single steps, with breakpoints and watchpoints or without. PROGRAMS= how many, SEED= which; the seed is printed.
import assert from 'node:assert/strict';
import { Decoder, parseRow, type Encoding } from '../../src/cpu/decode';
import { allRows, lists } from '../../src/cpu/isa/index';
import { STATE } from '../../src/cpu/layout';
import type { CpuOptions } from '../../src/cpu/ports';
import { CODE, Computer } from './computer';
import { CASE, CASE_BYTES, DATA, isComparable, makeCase, Random } from './silicon/cases';

const COUNTERS = 0x30000000, PAGES = [CODE, CODE + 0x1000, CODE + 0x2000, CODE + 0x3000, DATA, DATA + 0x1000, COUNTERS], CODE_BYTES = 0x3f00;
const seed = Number(process.env['SEED'] ?? 1), programs = Number(process.env['PROGRAMS'] ?? 3);
const le32 = (n: number): number[] => [n & 255, n >> 8 & 255, n >> 16 & 255, n >>> 24];
/** Those, too, whose last bit differs between makers: not between engines. */
const isEstimate = (e: Encoding): boolean => /^v?r(cp|sqrt)[ps]s$|^f(sin|cos|sincos|ptan|patan|yl2x|yl2xp1|2xm1)$/.test(e.mnemonic);
const encodings = allRows().map(parseRow).filter(e => (isComparable(e, undefined) || isEstimate(e)) && !e.mnemonic.startsWith('ud'));
const common = encodings.filter(e => e.options.hot || /^(adc|sbb|sh|ro|rc|mul|imul|div|bt|movs|stos|add|padd|mov[au]p|mulsd|addsd|cvt|f(ld|st|add|mul))/.test(e.mnemonic));
const decoder = new Decoder(lists);

interface Program { bytes: number[]; starts: number[] }

/** `mov register, value` */
const load = (register: number, value: bigint): number[] => [0x48 | register >> 3, 0xb8 | (register & 7), ...[...Array(8).keys()].map(i => Number(value >> BigInt(8 * i) & 255n))];

/** One instruction, after what it needs in registers. */
function step(r: Random): number[] {
  const view = new DataView(new ArrayBuffer(CASE_BYTES)), e: Encoding = r.pick(r.chance(60) ? common : encodings);
  const bytes = makeCase(e, r, r, view), code = Uint8Array.from([...bytes, ...new Uint8Array(15)]);
  if (decoder.decode(code, 0, 15) <= 0) return bytes;
  const d = decoder.decoded, isImplicit = e.options.rep || /^(push|pop|leave|enter|xlat|v?maskmov)/.test(e.mnemonic), wanted = new Set<number>(isImplicit ? [1, 3, 4, 5, 6, 7] : []);
  if (d.form?.isMemory) for (const at of [d.base, d.index]) if (at >= STATE.gpr && at < STATE.zero) wanted.add((at - STATE.gpr) >> 3);
  // Now and then whatever the register holds, which mostly is no address.
  return [...[...wanted].filter(() => !r.chance(2)).flatMap(n => load(n, view.getBigUint64(CASE.gpr + 8 * n, true))), ...bytes];
}

function makeProgram(r: Random): Program {
  const bytes: number[] = [], starts: number[] = [], functions: number[] = [];
  const emit = (...more: number[]): void => { bytes.push(...more); };
  const start = (): void => { starts.push(bytes.length); };
  const steps = (n: number): void => { for (let i = 0; i < n; i++) { start(); emit(...step(r)); } };
  // Functions first, so that calls know them.
  emit(0xe9, 0, 0, 0, 0);
  for (let i = 0; i < 3; i++) { functions.push(bytes.length); steps(2 + r.below(3)); start(); emit(0xc3); }
  bytes.splice(1, 4, ...le32(bytes.length - 5));
  for (let block = 0; bytes.length < CODE_BYTES - 600; block++) {
    start();
    emit(...load(4, BigInt(DATA + 0x1000 + 64)));
    const isLoop = r.chance(60), counter = COUNTERS + 8 * (block & 255);
    if (isLoop) { start(); emit(0x48, 0xc7, 0x04, 0x25, ...le32(counter), ...le32(2 + r.below(12))); }
    const top = bytes.length;
    steps(1 + r.below(5));
    switch (r.below(8)) {
      case 0: { const skipped = step(r); start(); emit(0x0f, 0x80 | r.below(16), ...le32(skipped.length), ...skipped); break; }
      case 1: { const skipped = step(r).slice(0, 100); start(); emit(0x70 | r.below(16), skipped.length, ...skipped); break; }
      case 2: { const to = r.pick(functions); start(); emit(...load(4, BigInt(DATA + 0x1000 + 96)), 0xe8); emit(...le32(to - bytes.length - 4)); break; }
      case 3: { start(); const to = CODE + r.pick(functions); emit(...load(4, BigInt(DATA + 0x1000 + 96)), ...load(0, BigInt(to)), 0xff, 0xd0); break; }
      // Over the next one by an indirect jump.
      case 4: { const skipped = step(r), at = bytes.length + 12; start(); emit(...load(1, BigInt(CODE + at + skipped.length)), 0xff, 0xe1, ...skipped); break; }
      // mov byte [rip + ...], imm8: into the immediate of the mov behind it, or into what comes later.
      case 5: { start(); emit(0xc6, 0x05, ...le32(r.chance(70) ? 1 : r.below(60)), r.below(256), 0xb8, ...le32(r.u32())); break; }
      // TF for a while: pushf; or byte [rsp + 1], 1; popf
      case 6: if (r.chance(40)) { start(); emit(0x9c, 0x80, 0x4c, 0x24, 0x01, 0x01, 0x9d); } break;
      default: break;
    }
    if (isLoop) { start(); emit(0x48, 0xff, 0x0c, 0x25, ...le32(counter), 0x0f, 0x85); emit(...le32(top - bytes.length - 4)); }
  }
  start();
  emit(0xe9, ...le32(-bytes.length - 5));
  return { bytes, starts };
}

const NAMES = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'rip', 'rflags', 'cpl', 'cs', 'ss', 'fs_base', 'cr2', 'mxcsr', 'fcw', 'fsw', 'ftw', 'fop', 'fip', 'fdp', 'dr6'] as const;

class Run {
  readonly computer: Computer;
  constructor(private readonly program: Program, options: CpuOptions, r: Random) {
    const c = this.computer = new Computer(options);
    for (const page of [DATA, DATA + 0x1000, COUNTERS]) c.mapNew(page);
    for (let at = 0; at < 0x2000; at += 4) c.memory.write32(c.pa(DATA + at), r.u32());
    c.cpu.registers.set('cr0', c.cpu.registers.get('cr0') | 0x40000n);
    c.load(program.bytes);
  }

  get retired(): number { return this.computer.cpu.instructionsRetired; }

  /** Runs to exactly `count` instructions, in pieces as `slice` says; exceptions go on at the next step. */
  to(count: number, slice: () => number, onStop?: () => void): void {
    const { cpu } = this.computer;
    for (let quiet = 0; this.retired < count;) {
      const before = this.retired, exit = cpu.run(Math.min(slice(), count - before));
      if (exit.kind === 'hypercall') this.resume();
      else if (exit.kind === 'breakpoint' || exit.kind === 'watchpoint') onStop?.();
      else assert.equal(exit.kind, 'budget', JSON.stringify(exit));
      quiet = this.retired === before && exit.kind === 'budget' ? quiet + 1 : 0;
      assert.ok(quiet < 50, 'no instruction is retired any more');
    }
  }

  /** What an operating system would do: a trap goes on behind the instruction, a fault with the next step of the program. */
  private resume(): void {
    const { memory, cpu } = this.computer, { registers } = cpu, raised = this.computer.raised(), hasCode = raised.errorCode !== undefined ? 1 : 0;
    const frame = Number(registers.get('rsp') - 0xffff800000000000n) >> 3, flags = memory.u64[frame + hasCode + 2]!;
    const isTrap = raised.vector === 1 || raised.vector === 3, { starts } = this.program;
    const after = starts.find(s => CODE + s > Number(raised.rip)), next = after ?? starts[this.retired % starts.length]!;
    registers.set('cs', 0x23n);
    registers.set('ss', 0x1bn);
    registers.set('rsp', raised.rsp);
    registers.set('rip', isTrap ? raised.rip : BigInt(CODE + next));
    // Traced for some instructions; alignment checked and direction kept now and then only.
    registers.set('rflags', (flags & 0xcd5n & (this.retired % 5 === 0 ? 0xfffn : 0xbffn)) | 0x202n | (isTrap && this.retired % 7 !== 0 ? flags & 0x100n : 0n) | (this.retired % 11 === 0 ? 0x40000n : 0n));
    if (raised.vector === 16) registers.set('fsw', registers.get('fsw') & 0x7f00n);
    if (raised.vector === 19) registers.set('mxcsr', 0x1f80n);
  }

  /** Everything that a program or a debugger can see, as a line; memory as a hash. */
  state(): string {
    const { cpu, memory } = this.computer, { registers } = cpu;
    let hash = 0;
    for (const page of PAGES) { const pa = this.computer.pa(page) >> 2; for (let i = 0; i < 1024; i++) hash = Math.imul(hash ^ memory.u32[pa + i]!, 0x01000193) + 1 | 0; }
    const vectors = Array.from({ length: 16 }, (_, i) => registers.getYmm(i).map(v => v.toString(16)).join('.')), st = Array.from({ length: 8 }, (_, i) => { const { significand, exponent } = registers.getSt(i); return `${exponent.toString(16)}:${significand.toString(16)}`; });
    return [`retired ${this.retired}`, ...NAMES.map(name => `${name} ${registers.get(name).toString(16)}`), ...vectors, ...st, `memory ${hash >>> 0}`].join(' ');
  }
}

/** The first words in which two states differ. */
function difference(a: string, b: string): string {
  const x = a.split(' '), y = b.split(' ');
  return x.flatMap((word, i) => word === y[i] ? [] : [`${x[i - 1]}: ${word} / ${y[i]}`]).slice(0, 5).join(', ');
}

describe('cpu: random programs', function () {
  this.timeout(3_600_000);
  const interpreter: CpuOptions = { engine: 'interpreter' }, eager: CpuOptions = { engine: 'translator', translateAfter: 0 };

  it(`${programs} of them have the same states however they run`, () => {
    console.log(`      seed ${seed}`);
    for (let n = 0; n < programs; n++) {
      const numberOf = seed * 100_003 + n, program = makeProgram(new Random(numberOf)), r = new Random(numberOf + 1);
      const stops: number[] = [];
      for (let at = 0; stops.length < 14;) stops.push(at += 1 + r.below(r.chance(50) ? 40 : 500));
      const whole = (): number => Infinity, begin = (options: CpuOptions): Run => new Run(program, options, new Random(numberOf + 2));
      const reference = begin(interpreter), ways: Record<string, [Run, () => number]> = {
        'translated at once': [begin(eager), whole], 'translated, in pieces': [begin(eager), () => 1 + r.below(60)], 'interpreted by single steps': [begin(interpreter), () => 1], 'translated, by single steps': [begin(eager), () => 1],
      };
      for (const stop of stops) {
        reference.to(stop, whole);
        const expected = reference.state();
        for (const [way, [run, slice]] of Object.entries(ways)) {
          run.to(stop, slice);
          const state = run.state();
          if (state !== expected) assert.fail(`program ${n} of seed ${seed}, ${way}, after ${stop} instructions: ${difference(expected, state)}`);
        }
      }
    }
  });

  it('breakpoints and watchpoints stop at the same places in both engines, and change nothing', () => {
    for (let n = 0; n < Math.ceil(programs / 2); n++) {
      const numberOf = seed * 100_003 + n, program = makeProgram(new Random(numberOf)), r = new Random(numberOf + 3), count = 2000;
      const places = Array.from({ length: 8 }, () => BigInt(CODE + r.pick(program.starts))), watched = [BigInt(DATA + 0x1000 + 8 * r.below(8)), BigInt(COUNTERS + 8 * r.below(8))];
      const plain = new Run(program, interpreter, new Random(numberOf + 2));
      plain.to(count, () => Infinity);
      const seen = [interpreter, eager].map(options => {
        const run = new Run(program, options, new Random(numberOf + 2)), { cpu } = run.computer, stops: string[] = [];
        for (const place of places) cpu.setBreakpoint(place);
        for (const at of watched) cpu.setWatchpoint(at, 8, 'readWrite');
        run.to(count, () => Infinity, () => { if (stops.length < 300) stops.push(run.state()); });
        assert.equal(difference(plain.state(), run.state()), '', `program ${n} of seed ${seed}: the end`);
        return stops;
      });
      const [a = [], b = []] = seen, at = a.findIndex((state, i) => state !== b[i]);
      if (at >= 0 || a.length !== b.length) assert.fail(`program ${n} of seed ${seed}: stop ${at} of ${a.length} and ${b.length}: ${difference(a[at] ?? '', b[at] ?? '')}`);
    }
  });
});
