// The decoder against iced-x86: whether an encoding exists, its length and its operands - at every byte of real programs, over the whole table of opcodes, and over
// random bytes. What we leave out on purpose is listed by iced's names; nothing else may differ. DECODE=whole looks at every byte of the large programs.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { Decoder } from '../../src/cpu/decode';
import { lists } from '../../src/cpu/isa/index';
import { agree, codeNames, iced, ourOperands, theirOperands } from './iced';
import { opcodeSpace } from './opcode_space';

/** Not implemented: other vendors' and later extensions, VMX and SMX, RTM, protection keys, segment limits. They raise #UD. */
const LEFT_OUT = new RegExp(`^(EVEX|XOP|D3NOW|MVEX|VEX_K|VEX_Vfn?m(add|sub)[ps][sd]_[xy]|VEX_Vfmaddsub|VEX_Vfmsubadd|VEX_Vpermil2|VEX_(Cmp\\w+xadd|Vpdp|Vbcst|Vcvtne|Vgf2p8|Vsha512|Vsm[34]|T|Ld|St|Ttcmm|Vpmadd52|Urdmsr|Uwrmsr|Llwpcb|Slwpcb|Jkn?zd|Vpclmulqdq_ymm|Vaes\\w+_ymm)|
  Reservednop_\\w+_0F0D|Sysenter|Sysexit|Femms|Rsm|Getsec|Vm|Inv(ept|vpid|pcid|lpgb|lpga)|Tlbsync|Mcommit|Wrmsr(ns|list)|Rdmsrlist|L[adfgs]s?[lrs]?_r|L(ss|fs|gs)_|X(abort|begin|end|test|store|crypt|sha|saves|rstors|saveopt|saves64|susldtrk|resldtrk)|Rd(rand|seed|pkru|ssp|pru)|Wr(pkru|ss|uss)|
  Movnts[sd]|Extrq|Insertq|[MLS]fence_|Fn?(eni|disi|setpm)|Clgi|Stgi|Skinit|Pconfig|Serialize|Enc(l|s|lu|lv|ls)|Mwaitx?|Monitorx?|Umonitor|Umwait|Tpause|Ptwrite|Movdir|Enqcmd|Inc?ssp|Incssp|Saveprevssp|Rstorssp|Setssbsy|Clrssbsy|
  Cldemote|Clwb|Clzero|Gf2p8|Wbnoinvd|Aesenc\\d|Aesdec\\d|Aes(enc|dec)(wide)?\\d|Loadiwkey|Encodekey|Psmash|Pvalidate|Rmp|Tdcall|Seam|Hreset|Senduipi|Uiret|Testui|Clui|Stui|Lkgs|Erets|Eretu|Pbndkb|Aadd|Aand|Aor|Axor|Montmul|Vmgexit|Cc?s_|Bnd|Rdudbg|Wrudbg|Jmpe|Altinst|Ibts|Xbts|Umov|Cmpxchg486|Loadall|Zalloc|Via|Undoc|Smint|Dmint|Cpu_read|Cpu_write|Svdc|Rsdc|Svldt|Rsldt|Svts|Rsts|Frinear|Ftstp|Frint2|Fsetpm|Ud0_r\\d+_rm)`.replaceAll('\n  ', ''), 'i');

const hex = (bytes: Uint8Array): string => [...bytes].map(b => b.toString(16).padStart(2, '0')).join(' ');

function executableParts(file: string): { bytes: Uint8Array; from: number; to: number }[] {
  const bytes = new Uint8Array(readFileSync(file)), view = new DataView(bytes.buffer), parts: { bytes: Uint8Array; from: number; to: number }[] = [];
  const sections = Number(view.getBigUint64(40, true)), count = view.getUint16(60, true);
  for (let i = 0; i < count; i++) {
    const at = sections + 64 * i;
    if (view.getUint32(at + 4, true) === 1 && view.getBigUint64(at + 8, true) & 4n) parts.push({ bytes, from: Number(view.getBigUint64(at + 24, true)), to: Number(view.getBigUint64(at + 24, true) + view.getBigUint64(at + 32, true)) });
  }
  return parts;
}

/** The differences by iced's name of the instruction. */
class Comparison {
  readonly wrong = new Map<string, string>();
  /** Encodings that iced refuses and this decoder takes, by mnemonic. */
  readonly more = new Map<string, string>();
  instructions = 0;
  private readonly ours = new Decoder(lists);
  private readonly instruction = new iced.Instruction();

  /** At each step: of an instruction, or of `stride` bytes. */
  range(bytes: Uint8Array, from: number, to: number, stride?: number): void {
    const theirs = new iced.Decoder(64, bytes.subarray(from, to), iced.DecoderOptions.None);
    while (theirs.canDecode && theirs.position < to - from - 15) {
      const at = theirs.position;
      theirs.ip = BigInt(at);
      theirs.decodeOut(this.instruction);
      this.compare(bytes, from + at, BigInt(at));
      if (stride) theirs.position = Math.min(at + stride, to - from);
    }
    theirs.free();
  }

  private compare(bytes: Uint8Array, at: number, ip: bigint): void {
    const { ours, instruction } = this, length = ours.decode(bytes, at, 15), d = ours.decoded, { form } = d;
    const text = (): string => hex(bytes.subarray(at, at + 15));
    this.instructions++;
    if (instruction.mnemonic === iced.Mnemonic.INVALID) {
      if (length > 0 && form && !this.more.has(form.encoding.mnemonic)) this.more.set(form.encoding.mnemonic, text());
      return;
    }
    const name = codeNames.get(instruction.code) ?? '?';
    if (length !== instruction.length || !form) {
      if (length !== -1 || !LEFT_OUT.test(name)) this.wrong.set(name, `length ${length} instead of ${instruction.length}: ${text()}`);
      return;
    }
    const a = ourOperands(d, form, ip + BigInt(length)), b = theirOperands(instruction);
    if (!form.encoding.mnemonic.endsWith('fence') && !agree(a, b) && !this.wrong.has(name)) this.wrong.set(name, `${form.encoding.mnemonic} ${a.map(o => o.text).join(', ')} instead of ${b.join(', ')}: ${text()}`);
    if (d.hasLock !== instruction.hasLockPrefix && form.encoding.options.lock) this.wrong.set(`${name} LOCK`, text());
  }

  free(): this { this.instruction.free(); return this; }
}

describe('cpu/decode', function () {
  this.timeout(3_600_000);
  const isWhole = process.env['DECODE'] === 'whole', version = `${process.arch}-linux-gnu`.replace('x64', 'x86_64');
  const cc1 = [...Array(20).keys()].map(n => `/usr/lib/gcc/${version}/${n}/cc1`).find(existsSync) ?? '/usr/lib/gcc/cc1', python = ['/usr/bin/python3', '/usr/local/bin/python3'].find(existsSync) ?? '/usr/bin/python3';

  for (const file of [`/lib/${version}/libc.so.6`, '/lib64/ld-linux-x86-64.so.2', `/lib/${version}/libm.so.6`, python, cc1, 'examples/hello_write.static']) {
    const test = existsSync(file) ? it : it.skip;
    test(`agrees with iced-x86 on ${file}`, () => {
      const parts = executableParts(file), size = parts.reduce((sum, { from, to }) => sum + to - from, 0);
      // A step that is prime to the lengths of instructions; 40,000 places.
      const stride = isWhole ? 1 : Math.max(1, Math.floor(size / 40_000) | 1), comparison = new Comparison();
      for (const { bytes, from, to } of parts) comparison.range(bytes, from, to, stride);
      if (isWhole) console.log(`      ${comparison.instructions} places, every byte`);
      assert.deepEqual([...comparison.free().wrong], []);
    });
  }

  it('agrees with iced-x86 on every opcode', () => {
    const comparison = new Comparison(), bytes = opcodeSpace(isWhole);
    for (const code of bytes) comparison.range(code, 0, code.length, 32);
    assert.deepEqual([...comparison.free().wrong], []);
    assert.deepEqual([...comparison.more], [], 'taken, but not by iced-x86');
  });

  it('agrees with iced-x86 on random bytes', () => {
    const bytes = new Uint8Array(isWhole ? 4_000_000 : 60_000), LEADS = [0x0f, 0x66, 0xf3, 0xf2, 0xc5, 0xc4, 0x48, 0x0f];
    let x = isWhole ? Date.now() >>> 0 : 1;
    console.log(`      seed ${x}`);
    for (let i = 0; i < bytes.length; i++) {
      x = (Math.imul(x, 1103515245) + 12345) >>> 0;
      bytes[i] = x >>> 28 === 0 ? LEADS[x >>> 8 & 7]! : x >>> 16;
    }
    const comparison = new Comparison();
    comparison.range(bytes, 0, bytes.length, 1);
    assert.deepEqual([...comparison.free().wrong], []);
  });

  it('too few bytes are told from undefined ones', () => {
    const d = new Decoder(lists), code = Uint8Array.of(0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 0x06, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    for (let n = 0; n < 10; n++) assert.equal(d.decode(code, 0, n), 0);
    assert.equal(d.decode(code, 0, 10), 10);
    assert.equal(d.decode(code, 10, 15), -1);
  });
});
