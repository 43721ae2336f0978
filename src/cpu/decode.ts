// The decoder: bytes to a row, an operand form and the fields of a record. Table-driven from the rows; knows nothing of what they mean.
import { assert } from '../base/assert';
import { STATE } from './layout';
import type { Row, RowOptions, Rows } from './isa/machine';
import type { OperandKind } from './isa/operands';

/** A row prepared for decoding. */
export interface Encoding {
  readonly row: Row;
  readonly mnemonic: string;
  readonly operands: readonly OperandKind[];
  readonly options: RowOptions;
  readonly id: number;
  /** -1: no matter; 0: none of 66 F2 F3; else the prefix. */
  readonly prefix: number;
  readonly vex: boolean;
  readonly map: number;
  readonly opcode: number;
  /** How many opcodes follow each other: 1, 8 (+r) or 16 (+cc). */
  readonly span: number;
  readonly digit: number;
  readonly fixedModrm: number;
  readonly w: number;
  readonly l: number;
  readonly hasModrm: boolean;
  /** What modrm.mod must be: 3 for a register, 0 for memory, -1 for either. */
  readonly mod: number;
  /** Whether the operand size, REX.W alone, VEX.L are part of the form. */
  readonly usesV: boolean; readonly usesY: boolean; readonly usesL: boolean;
  readonly byCondition: boolean;
  /** The index of its memory operand is a vector register. */
  readonly vsib: boolean;
  /** It names a segment, control or debug register, of which there are not as many as the field has numbers for. */
  readonly hasSystemRegister: boolean;
  /** Handlers by form key, filled as forms are met. */
  readonly forms: Map<number, Form>;
}

/** One way to run an encoding: what an interpreter handler is made for. */
export interface Form {
  readonly encoding: Encoding;
  readonly key: number;
  /** Operand size in bytes (2, 4, 8) and whether REX.W or VEX.W is set. */
  readonly operandSize: number;
  readonly wide: boolean;
  readonly isMemory: boolean;
  /** The address is base + displacement: no index, no segment, no 32-bit address. */
  readonly isSimple: boolean;
  readonly vectorBytes: number;
  readonly repeat: '' | 'rep' | 'repne';
  readonly condition: number;
  /** Met too seldom to be worth a place in the interpreter's inner function: 16-bit operands. */
  readonly isRare: boolean;
  /** Number of the handler, -1 before there is one. */
  handler: number;
}

/** A decoded instruction; one object is reused. Register fields are state addresses (or bare numbers for st, segment, control and debug registers). */
export interface Decoded {
  form: Form | undefined;
  length: number;
  reg: number; rm: number; vvvv: number;
  base: number; index: number; segment: number; scale: number;
  displacement: number;
  isRipRelative: boolean;
  addr32: boolean;
  immediateLow: number; immediateHigh: number; immediate2: number;
  hasLock: boolean;
}

export const NO_LENGTH = 0;

/** How many rows each list has, and slotsOf() all of them. */
export interface RowIndex { readonly lengths: readonly number[]; readonly slots: readonly number[] }

/** Parses an opcode string of a row; see Row. */
export function parseRow(row: Row, id: number): Encoding {
  const [spec, mnemonic, operands, , , options = {}] = row;
  let rest = spec.trim().split(/\s+/), prefix = -1, map = 0, vex = false, w = -1, l = -1, digit = -1, fixedModrm = -1;
  const first = rest[0] ?? '';
  if (first.startsWith('VEX')) {
    vex = true;
    prefix = 0;
    for (const part of first.split('.').slice(1)) {
      if (part === '66' || part === 'F3' || part === 'F2') prefix = parseInt(part, 16);
      else if (part === '0F') map = 1;
      else if (part === '0F38') map = 2;
      else if (part === '0F3A') map = 3;
      else if (part === 'W0' || part === 'W1') w = Number(part[1]);
      else if (part === 'L0' || part === 'L1' || part === 'LZ' || part === '128' || part === '256') l = part === 'L1' || part === '256' ? 1 : 0;
      else assert(part === 'NP' || part === 'WIG' || part === 'LIG', `opcode '${spec}' of ${mnemonic}: '${part}'?`);
    }
    rest = rest.slice(1);
  } else {
    while (rest[0] === 'NP' || ((rest[0] === '66' || rest[0] === 'F3' || rest[0] === 'F2') && rest.length > 1)) {
      prefix = rest[0] === 'NP' ? 0 : parseInt(rest[0] as string, 16);
      rest = rest.slice(1);
    }
    if (rest[0] === 'REX.W') { w = 1; rest = rest.slice(1); }
    if (rest[0] === '0F') {
      map = 1;
      rest = rest.slice(1);
      if ((rest[0] === '38' || rest[0] === '3A') && rest.length > 1 && /^[0-9A-F]{2}/.test(rest[1] as string)) { map = rest[0] === '38' ? 2 : 3; rest = rest.slice(1); }
    }
  }
  const byte = /^([0-9A-F]{2})(\+r|\+cc)?$/.exec(rest[0] ?? '');
  assert(byte, `opcode '${spec}' of ${mnemonic}`);
  for (const part of rest.slice(1)) {
    if (/^\/[0-7]$/.test(part)) digit = Number(part[1]);
    else if (part === 'REX.W' || part === 'W1') w = 1;
    else if (part === 'W0') w = 0;
    else if (part === '/r') continue;
    else { assert(/^[0-9A-F]{2}$/.test(part), `opcode '${spec}' of ${mnemonic}: '${part}'?`); fixedModrm = parseInt(part, 16); }
  }
  const rm = operands.find(o => o.from === 'rm');
  const has = (size: string): boolean => operands.some(o => o.size === size || o.memorySize === size);
  return {
    row, mnemonic, operands, options, id, prefix, vex, map, opcode: parseInt(byte[1] as string, 16), span: byte[2] === '+r' ? 8 : byte[2] === '+cc' ? 16 : 1, digit, fixedModrm, w, l,
    hasModrm: digit >= 0 || fixedModrm >= 0 || operands.some(o => o.from === 'rm' || o.from === 'reg'),
    mod: fixedModrm >= 0 ? 3 : !rm || options.ignoresMod ? -1 : rm.form === 'both' ? -1 : rm.form === 'register' ? 3 : 0,
    usesV: has('v') || has('z') || options.size64 === true || options.force64 === true, usesY: has('y'), usesL: vex && l < 0 && has('x'), byCondition: byte[2] === '+cc', vsib: rm?.vsib === true, hasSystemRegister: operands.some(o => o.class === 'segment' || o.class === 'control' || o.class === 'debug'), forms: new Map(),
  };
}

const MAPS = 4;

export class Decoder {
  /** Encodings by [vex][map][opcode], those with a mandatory prefix first; made when first asked for, since a program uses few. */
  private readonly table: (readonly Encoding[] | undefined)[] = Array.from({ length: SLOTS });
  private readonly idsOf: (readonly number[] | undefined)[] = Array.from({ length: SLOTS });
  private readonly made: (Encoding | undefined)[];
  readonly decoded: Decoded = {
    form: undefined, length: 0, reg: 0, rm: 0, vvvv: 0, base: 0, index: 0, segment: 0, scale: 0, displacement: 0, isRipRelative: false, addr32: false,
    immediateLow: 0, immediateHigh: 0, immediate2: 0, hasLock: false,
  };

  /** `known`: what indexOf(lists) says, known beforehand: then a list is made when a row of it is met. */
  constructor(private readonly lists: readonly Rows[], private readonly known: RowIndex = indexOf(lists)) {
    const { slots } = known;
    this.made = Array.from({ length: known.lengths.reduce((sum, length) => sum + length, 0) });
    for (let i = 0; i < slots.length; i += 2 + (slots[i + 1] as number)) this.idsOf[slots[i] as number] = slots.slice(i + 2, i + 2 + (slots[i + 1] as number));
  }

  /** The row with that number, prepared. */
  encoding(id: number): Encoding { return this.made[id] ??= parseRow(this.row(id), id); }

  get encodings(): readonly Encoding[] { return this.made.map((_, id) => this.encoding(id)); }

  private row(id: number): Row {
    const { lengths } = this.known;
    let list = 0, at = id;
    for (; at >= (lengths[list] as number); list++) at -= lengths[list] as number;
    return this.lists[list]?.()[at] as Row;
  }

  private listOf(at: number): readonly Encoding[] | undefined { return this.table[at] = this.idsOf[at]?.map(id => this.encoding(id)); }

  /**
   * Decodes the instruction at `bytes[at]`; `available` bytes may be read. Returns its length; 0 when the bytes are too few; -1 when it is undefined
   * (`decoded.length` then tells how far it was understood); -2 when it exceeds 15 bytes.
   */
  decode(bytes: Uint8Array, at: number, available: number): number {
    const d = this.decoded;
    const limit = available < 15 ? available : 15;
    const overrun = available < 15 ? 0 : -2;
    let p = at, rex = 0, has66 = false, repeat = 0, has67 = false, lock = false, segment = -1;
    const end = at + limit;
    d.form = undefined;
    d.length = 0;
    let byte = 0;
    for (;;) {
      if (p >= end) return overrun;
      byte = bytes[p++] as number;
      if (byte === 0x66) { has66 = true; rex = 0; continue; }
      if (byte === 0xf2 || byte === 0xf3) { repeat = byte; rex = 0; continue; }
      if (byte >= 0x40 && byte <= 0x4f) { rex = byte; continue; }
      if (byte === 0x67) { has67 = true; rex = 0; continue; }
      if (byte === 0xf0) { lock = true; rex = 0; continue; }
      if (byte === 0x64) { segment = 4; rex = 0; continue; }
      if (byte === 0x65) { segment = 5; rex = 0; continue; }
      if (byte === 0x2e || byte === 0x36 || byte === 0x3e || byte === 0x26) { rex = 0; continue; }
      break;
    }
    let map = 0, vex = false, w = rex >> 3 & 1, r = rex << 1 & 8, x = rex << 2 & 8, b = rex << 3 & 8, vvvv = 0, l = 0, prefix = repeat || (has66 ? 0x66 : 0);
    if (byte === 0x0f) {
      if (p >= end) return overrun;
      byte = bytes[p++] as number;
      map = 1;
      if (byte === 0x38 || byte === 0x3a) {
        map = byte === 0x38 ? 2 : 3;
        if (p >= end) return overrun;
        byte = bytes[p++] as number;
      }
    } else if (byte === 0xc5 || byte === 0xc4) {
      vex = true;
      const three = byte === 0xc4;
      if (p + (three ? 2 : 1) >= end) return overrun;
      const b1 = bytes[p++] as number;
      let last = b1;
      r = ~b1 >> 4 & 8;
      x = 0; b = 0; w = 0; map = 1;
      if (three) {
        x = ~b1 >> 3 & 8; b = ~b1 >> 2 & 8;
        map = b1 & 31;
        last = bytes[p++] as number;
        w = last >> 7;
      }
      vvvv = ~last >> 3 & 15;
      l = last >> 2 & 1;
      if (rex || has66 || repeat || lock || map === 0 || map >= MAPS) { d.length = p - at; return -1; }
      prefix = [0, 0x66, 0xf3, 0xf2][last & 3] as number;
      byte = bytes[p++] as number;
    }
    const opcode = slot(vex, map, byte), list = this.table[opcode] ?? this.listOf(opcode);
    if (!list) { d.length = p - at; return -1; }
    let modrm = 0;
    if ((list[0] as Encoding).hasModrm) {
      if (p >= end) return overrun;
      modrm = bytes[p] as number;
    }
    let found: Encoding | undefined;
    for (const e of list) {
      if (e.prefix >= 0 && e.prefix !== prefix && !(e.prefix > 0x66 && e.prefix === repeat)) continue;
      if (repeat !== 0 && e.options.noRepeat) continue;
      if (e.digit >= 0 && e.digit !== (modrm >> 3 & 7)) continue;
      if (e.fixedModrm >= 0 && e.fixedModrm !== modrm) continue;
      if (e.mod >= 0 && (e.mod === 3) !== (modrm >= 0xc0)) continue;
      if (e.w >= 0 && e.w !== w) continue;
      if (e.vex && e.l >= 0 && e.l !== l) continue;
      // 90 is NOP, but with REX.B it exchanges r8 with rax; F3 90 is PAUSE whatever REX says.
      if (byte === 0x90 && map === 0 && e.span === 1 && e.prefix < 0 && b !== 0) continue;
      found = e;
      break;
    }
    // Where every instruction of the opcode goes on after modrm, an undefined one does, too, before it is found out.
    const isUndefined = found === undefined;
    found ??= list[0] as Encoding;
    if (isUndefined && !found.hasModrm) { d.length = p - at; return -1; }

    const { options } = found;
    const operandSize = w || options.force64 ? 8 : has66 && found.prefix !== 0x66 ? 2 : options.size64 ? 8 : 4;
    let isMemory = false, isSimple = true;
    d.isRipRelative = false;
    d.displacement = 0;
    d.base = STATE.zero; d.index = STATE.zero; d.segment = STATE.zero; d.scale = 0;
    let rmNumber = 0;
    if (found.hasModrm) {
      p++;
      const mod = modrm >> 6;
      rmNumber = modrm & 7;
      if (mod === 3 || options.ignoresMod) rmNumber |= b;
      else {
        isMemory = true;
        if (rmNumber === 4) {
          if (p >= end) return overrun;
          const sib = bytes[p++] as number;
          const index = sib >> 3 & 7 | x, base = sib & 7;
          if (found.vsib) { d.index = STATE.ymm + 32 * index; d.scale = sib >> 6; isSimple = false; }
          else if (index !== 4) { d.index = STATE.gpr + 8 * index; d.scale = sib >> 6; isSimple = false; }
          if (base === 5 && mod === 0) {
            if (p + 4 > end) return overrun;
            d.displacement = readS32(bytes, p);
            p += 4;
          } else d.base = STATE.gpr + 8 * (base | b);
        } else if (rmNumber === 5 && mod === 0) {
          if (p + 4 > end) return overrun;
          d.displacement = readS32(bytes, p);
          p += 4;
          d.isRipRelative = true;
        } else d.base = STATE.gpr + 8 * (rmNumber | b);
        if (mod === 1) {
          if (p >= end) return overrun;
          d.displacement = (bytes[p++] as number) << 24 >> 24;
        } else if (mod === 2) {
          if (p + 4 > end) return overrun;
          d.displacement = readS32(bytes, p);
          p += 4;
        }
      }
    }
    d.immediateLow = 0; d.immediateHigh = 0; d.immediate2 = 0;
    d.reg = 0; d.rm = 0; d.vvvv = 0;
    const regNumber = modrm >> 3 & 7 | r;
    let usesVvvv = false;
    for (const o of found.operands) {
      switch (o.from) {
        case 'reg': d.reg = registerAddress(o, regNumber, rex !== 0); break;
        case 'rm': if (!isMemory) d.rm = registerAddress(o, rmNumber, rex !== 0); break;
        case 'opcode': d.reg = registerAddress(o, byte & 7 | b, rex !== 0); break;
        case 'vvvv': d.vvvv = registerAddress(o, vvvv, true); usesVvvv = true; break;
        case 'moffs': {
          isMemory = true;
          const size = has67 ? 4 : 8;
          if (p + size > end) return overrun;
          d.immediateLow = readS32(bytes, p);
          d.immediateHigh = has67 ? 0 : readS32(bytes, p + 4);
          p += size;
          break;
        }
        case 'is4': {
          if (p >= end) return overrun;
          d.immediateLow = STATE.ymm + 32 * ((bytes[p++] as number) >> 4);
          break;
        }
        case 'imm': case 'imm2': {
          const size = o.size === 'z' ? (operandSize === 2 ? 2 : 4) : o.size === 'v' ? operandSize : o.size as number;
          if (p + size > end) return overrun;
          const value = size === 1 ? (o.unsigned ? bytes[p] as number : (bytes[p] as number) << 24 >> 24) : size === 2 ? (o.unsigned ? readU16(bytes, p) : readU16(bytes, p) << 16 >> 16) : readS32(bytes, p);
          if (o.from === 'imm2') d.immediate2 = value & 0xff;
          else { d.immediateLow = value; d.immediateHigh = size === 8 ? readS32(bytes, p + 4) : value >> 31; }
          p += size;
          break;
        }
        case 'fixed': break;
      }
    }
    d.length = p - at;
    if (isUndefined || (vex && !usesVvvv && vvvv !== 0)) return -1;
    if (found.hasSystemRegister && !isSystemRegister(found.operands, regNumber)) return -1;
    // A gather needs an index, and three different registers (SDM 2A, 2.3.12).
    if (found.vsib && (d.index === STATE.zero || d.index === d.reg || d.index === d.vvvv || d.reg === d.vvvv)) return -1;
    d.hasLock = lock;
    if (lock && !(options.lock && isMemory)) return -1;
    if (segment >= 0) {
      d.segment = STATE.segmentBase + 8 * segment;
      isSimple = false;
    }
    d.addr32 = has67;
    if (has67) isSimple = false;
    const repeats = options.rep ? (repeat === 0xf3 ? 1 : repeat === 0xf2 ? 2 : 0) : 0;
    const condition = found.byCondition ? byte & 15 : 0;
    const key = (found.usesV ? operandSize : 0) | (found.usesY || found.usesV ? w << 4 : 0) | (isMemory ? 32 : 0) | (isMemory && isSimple ? 64 : 0) | (found.usesL ? l << 7 : 0) | repeats << 8 | condition << 10;
    d.form = this.formFor(found, key);
    return d.length;
  }

  /** The form of an encoding by key; each exists once. */
  formFor(encoding: Encoding, key: number): Form {
    let form = encoding.forms.get(key);
    if (!form) encoding.forms.set(key, form = makeForm(encoding, key));
    return form;
  }
}

/** The form of an encoding by its key (the bits that decode() puts together). */
export function makeForm(encoding: Encoding, key: number): Form {
  const size = key & 15;
  return {
    encoding, key, operandSize: size || 4, wide: (key & 16) !== 0 || encoding.w === 1, isMemory: (key & 32) !== 0, isSimple: (key & 64) !== 0,
    vectorBytes: encoding.vex && (key & 128 || encoding.l === 1) ? 32 : 16,
    isRare: size === 2,
    repeat: (['', 'rep', 'repne'] as const)[key >> 8 & 3] ?? '', condition: key >> 10 & 15, handler: -1,
  };
}

function slot(vex: boolean, map: number, opcode: number): number {
  return ((vex ? MAPS : 0) + map) << 8 | opcode;
}

const SLOTS = MAPS << 9;

export const indexOf = (lists: readonly Rows[]): RowIndex => ({ lengths: lists.map(list => list().length), slots: slotsOf(lists.flatMap(list => list())) });

/** For each opcode that rows have: its slot, how many rows there are, and their numbers in the order in which they are tried. */
function slotsOf(rows: readonly Row[]): number[] {
  const table: Encoding[][] = [];
  rows.map(parseRow).forEach(e => {
    for (let i = 0; i < e.span; i++) {
      const list = table[slot(e.vex, e.map, e.opcode + i)] ??= [];
      if (e.prefix > 0) list.unshift(e); else list.push(e);
    }
  });
  return table.flatMap((list, at) => [at, list.length, ...list.sort((a, b) => rank(b) - rank(a)).map(e => e.id)]);
}

function rank(e: Encoding): number {
  return (e.prefix > 0x66 ? 8 : e.prefix >= 0 ? 4 : 0) + (e.fixedModrm >= 0 ? 2 : 0) + (e.w >= 0 ? 1 : 0) + (e.span === 1 ? 0.5 : 0);
}

function registerAddress(o: OperandKind, number: number, hasRex: boolean): number {
  switch (o.class) {
    case 'gpr': return o.size === 1 && !hasRex && number >= 4 && number < 8 ? STATE.gpr + 8 * (number - 4) + 1 : STATE.gpr + 8 * number;
    case 'vector': return STATE.ymm + 32 * number;
    case 'mmx': return STATE.x87 + 16 * (number & 7);
    case 'st': case 'segment': return number & 7;
    default: return number;
  }
}

/** ES CS SS DS FS GS, of which CS cannot be loaded; CR0 2 3 4 8; DR0 to DR7. */
function isSystemRegister(operands: readonly OperandKind[], number: number): boolean {
  return operands.every(({ class: cls }, i) => cls === 'segment' ? (number & 7) < 6 && !(i === 0 && (number & 7) === 1) : cls === 'control' ? [0, 2, 3, 4, 8].includes(number) : cls === 'debug' ? number < 8 : true);
}

function readS32(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | (bytes[at + 1] as number) << 8 | (bytes[at + 2] as number) << 16 | (bytes[at + 3] as number) << 24;
}

function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | (bytes[at + 1] as number) << 8;
}
