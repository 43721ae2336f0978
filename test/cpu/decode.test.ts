// The decoder against iced-x86: whether an encoding exists, and its length - over every byte of real libraries and over random bytes. What we leave out on
// purpose is listed by iced's names; nothing else may differ.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import { Decoder } from '../../src/cpu/decode';
import { table } from '../../src/cpu/isa/index';

const iced = createRequire(import.meta.url)('iced-x86') as typeof import('iced-x86');
const codeNames = new Map(Object.entries(iced.Code).map(([name, code]) => [code as number, name]));

/** Not implemented: other vendors' and later extensions, far transfers, VMX and SMX, RTM, protection keys, segment limits. They raise #UD. */
const LEFT_OUT = new RegExp(`^(EVEX|XOP|D3NOW|MVEX|VEX_K|VEX_Vfn?m(add|sub)[ps][sd]_[xy]|VEX_Vfmaddsub|VEX_Vfmsubadd|VEX_Vpermil2|VEX_(Cmp\\w+xadd|Vpdp|Vbcst|Vcvtne|Vgf2p8|Vsha512|Vsm[34]|T|Ld|St|Ttcmm|Vpmadd52|Urdmsr|Uwrmsr|Llwpcb|Slwpcb|Jkn?zd|Vpclmulqdq_ymm|Vaes\\w+_ymm)|
  Retf|Reservednop_\\w+_0F0D|(Call|Jmp)_m|Sysenter|Sysexit|Femms|Rsm|Getsec|Rdpmc|Vm|Inv(ept|vpid|pcid|lpgb)|L[adfgs]s?[lrs]?_r|L(ar|sl|ss|fs|gs)_|Ver[rw]|Lmsw|X(abort|begin|end|test|store|crypt|sha|saves|rstors|saveopt|saves64|susldtrk|resldtrk)|Rd(rand|seed|pid|pkru|ssp|pru)|Wr(pkru|ss|uss)|
  Movnts[sd]|Extrq|Insertq|[MLS]fence_|Fn?(eni|disi|setpm)|Fstpnce|Mov_(dr|cr|r64_dr|r64_cr)|Clgi|Stgi|Skinit|Pconfig|Serialize|Enc(l|s|lu|lv|ls)|Mwaitx?|Monitorx?|Umonitor|Umwait|Tpause|Ptwrite|Movdir|Enqcmd|Inc?ssp|Inc ssp|Incssp|Saveprevssp|Rstorssp|Setssbsy|Clrssbsy|
  Cldemote|Clwb|Clzero|Gf2p8|Wbnoinvd|Aesenc\\d|Aesdec\\d|Aes(enc|dec)(wide)?\\d|Loadiwkey|Encodekey|Psmash|Pvalidate|Rmp|Tdcall|Seam|Hreset|Senduipi|Uiret|Testui|Clui|Stui|Lkgs|Erets|Eretu|Pbndkb|[AR]?(add|and|or|xor)_m\\d+_r|Aadd|Aand|Aor|Axor|Montmul|Vmgexit|Cc?s_|Bnd|Rdudbg|Wrudbg|Jmpe|Altinst|Ibts|Xbts|Umov|Cmpxchg486|Loadall|Zalloc|Via|Undoc|Smint|Dmint|Cpu_read|Cpu_write|Svdc|Rsdc|Svldt|Rsldt|Svts|Rsts|Frinear|Ftstp|Frint2|Fsetpm|Ud0_r\\d+_rm)`.replaceAll('\n  ', ''), 'i');

function executableParts(file: string): { bytes: Uint8Array; from: number; to: number }[] {
  const bytes = new Uint8Array(readFileSync(file)), view = new DataView(bytes.buffer), parts: { bytes: Uint8Array; from: number; to: number }[] = [];
  const sections = Number(view.getBigUint64(40, true)), count = view.getUint16(60, true);
  for (let i = 0; i < count; i++) {
    const at = sections + 64 * i;
    if (view.getUint32(at + 4, true) === 1 && view.getBigUint64(at + 8, true) & 4n) parts.push({ bytes, from: Number(view.getBigUint64(at + 24, true)), to: Number(view.getBigUint64(at + 24, true) + view.getBigUint64(at + 32, true)) });
  }
  return parts;
}

/** Decodes [from, to) both ways, instruction by instruction or at every byte; the differences by kind. */
function compare(bytes: Uint8Array, from: number, to: number, everyByte: boolean): Map<string, string> {
  const ours = new Decoder(table), theirs = new iced.Decoder(64, bytes.subarray(from, to), iced.DecoderOptions.None), instruction = new iced.Instruction(), wrong = new Map<string, string>();
  while (theirs.canDecode && theirs.position < to - from - 15) {
    const at = theirs.position;
    theirs.decodeOut(instruction);
    const length = ours.decode(bytes, from + at, 15), isInvalid = instruction.mnemonic === iced.Mnemonic.INVALID, name = codeNames.get(instruction.code) ?? '?';
    // Encodings that iced refuses (reserved registers, VEX.L where it is fixed) and silicon ignores are judged by silicon, not here.
    if (!isInvalid && length !== instruction.length && !(length < 0 && LEFT_OUT.test(name))) wrong.set(name, `${length} instead of ${instruction.length}: ${[...bytes.subarray(from + at, from + at + 12)].map(b => b.toString(16).padStart(2, '0')).join(' ')}`);
    if (everyByte) theirs.position = at + 1;
  }
  instruction.free();
  theirs.free();
  return wrong;
}

describe('cpu/decode', () => {
  for (const file of ['/lib/x86_64-linux-gnu/libc.so.6', '/lib64/ld-linux-x86-64.so.2', '/lib/x86_64-linux-gnu/libm.so.6', 'examples/hello_write.static']) {
    const test = existsSync(file) ? it : it.skip;
    test(`agrees with iced-x86 on the length of every instruction of ${file}`, () => {
      for (const { bytes, from, to } of executableParts(file)) assert.deepEqual([...compare(bytes, from, to, false)], []);
    });
  }

  it('agrees with iced-x86 on random bytes', () => {
    const bytes = new Uint8Array(200_000), LEADS = [0x0f, 0x66, 0xf3, 0xf2, 0xc5, 0xc4, 0x48, 0x0f];
    let x = 1;
    for (let i = 0; i < bytes.length; i++) {
      x = (Math.imul(x, 1103515245) + 12345) >>> 0;
      bytes[i] = x >>> 28 === 0 ? LEADS[x >>> 8 & 7]! : x >>> 16;
    }
    assert.deepEqual([...compare(bytes, 0, bytes.length, true)], []);
  });

  it('too few bytes are told from undefined ones', () => {
    const d = new Decoder(table), code = Uint8Array.of(0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 0x06, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    for (let n = 0; n < 10; n++) assert.equal(d.decode(code, 0, n), 0);
    assert.equal(d.decode(code, 0, 10), 10);
    assert.equal(d.decode(code, 10, 15), -1);
  });
});
