// .eh_frame and .debug_frame: call frame information, and the rules of unwinding that it gives for an address.
// DWARF5 6.4; LSB 10.6 (.eh_frame, augmentation letters z L P R S B); psABI 3.7.
import { numberToAddress } from '../base/address';
import { ByteReader } from '../base/bytes';
import { FormatError } from '../base/errors';
import { DW_CFA, DW_EH_PE } from './constants';
import type { Expression } from './expr';
import type { CfaRule, RegisterRule, UnwindRow } from './frame_types';
import { readUnitLength } from './units';

interface Cie {
  version: number;
  codeAlign: number;
  dataAlign: number;
  returnAddress: number;
  addressSize: number;
  offsetSize: number;
  pointerEncoding: number;
  lsdaEncoding: number;
  hasAugmentationData: boolean;
  isSignalFrame: boolean;
  instructions: Uint8Array;
}

export interface Fde {
  cie: Cie;
  /** In the section. */
  offset: number;
  /** Signed numbers. */
  low: number;
  high: number;
  instructions: Uint8Array;
}

export interface FrameSection {
  name: '.eh_frame' | '.debug_frame';
  bytes: Uint8Array;
  /** Where it is mapped, as a signed number: pointers in .eh_frame are relative to themselves. */
  address: number;
}

const NO_ENCODING = DW_EH_PE.omit;

/** All entries of a section, sorted by address. A malformed entry is reported and left out. */
export function readFrameSection(section: FrameSection, report: (problem: FormatError) => void): Fde[] {
  const { bytes, name } = section;
  const cies = new Map<number, Cie | undefined>();
  const fdes: Fde[] = [];
  const cieAt = (offset: number): Cie | undefined => {
    if (!cies.has(offset)) { cies.set(offset, undefined); cies.set(offset, readCie(section, offset)); }
    return cies.get(offset);
  };
  for (let at = 0; at + 4 <= bytes.length;) {
    let end = bytes.length;
    try {
      const whole = new ByteReader(bytes, name, at);
      const { length, offsetSize } = readUnitLength(whole);
      if (length === 0) { at += 4; continue; }
      if (length > whole.remaining) throw new FormatError(name, at, 'the entry reaches beyond its section');
      end = whole.offset + length;
      const reader = new ByteReader(bytes, name, whole.offset, end);
      const idAt = reader.offset;
      const isEh = name === '.eh_frame';
      const id = isEh ? reader.u32() : offsetSize === 8 ? Number(BigInt.asUintN(64, reader.u64())) : reader.u32();
      const isCie = isEh ? id === 0 : offsetSize === 8 ? id >= 2 ** 64 - 2048 : id === 0xffff_ffff;
      if (!isCie) {
        const cie = cieAt(isEh ? idAt - id : id);
        if (cie) {
          const fde = readFde(reader, section, at, cie);
          if (fde.high > fde.low) fdes.push(fde);
        }
      }
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      report(error);
    }
    at = end;
  }
  return fdes.sort((a, b) => a.low - b.low);
}

function readCie(section: FrameSection, at: number): Cie {
  const { bytes, name } = section;
  const whole = new ByteReader(bytes, name, at);
  const { length, offsetSize } = readUnitLength(whole);
  if (length > whole.remaining) throw new FormatError(name, at, 'the entry reaches beyond its section');
  const reader = new ByteReader(bytes, name, whole.offset, whole.offset + length);
  if (name === '.eh_frame') { if (reader.u32() !== 0) throw new FormatError(name, at, 'there is no common entry here'); }
  else readIdMustBeCie(reader, offsetSize, name, at);
  const version = reader.u8();
  if (version !== 1 && version !== 3 && version !== 4) throw new FormatError(name, at, `version ${version} is unknown`);
  const augmentation = reader.cstring();
  let addressSize = 8;
  if (version >= 4) { addressSize = reader.u8(); if (reader.u8() !== 0) throw new FormatError(name, at, 'segmented addresses are not supported'); }
  if (addressSize !== 8 && addressSize !== 4) throw new FormatError(name, at, `addresses of ${addressSize} bytes are not supported`);
  if (augmentation === 'eh') reader.skip(8);
  const cie: Cie = {
    version, codeAlign: reader.uleb(), dataAlign: reader.sleb(), returnAddress: version === 1 ? reader.u8() : reader.uleb(), addressSize, offsetSize,
    pointerEncoding: DW_EH_PE.absptr, lsdaEncoding: NO_ENCODING, hasAugmentationData: augmentation.startsWith('z'), isSignalFrame: false, instructions: bytes,
  };
  if (cie.hasAugmentationData) {
    const size = reader.uleb();
    const data = new ByteReader(bytes, name, reader.offset, reader.offset + Math.min(size, reader.remaining));
    for (const letter of augmentation.slice(1)) {
      if (letter === 'R') cie.pointerEncoding = data.u8();
      else if (letter === 'L') cie.lsdaEncoding = data.u8();
      else if (letter === 'P') readPointer(data, data.u8(), section, cie, 0);
      else if (letter === 'S') cie.isSignalFrame = true;
      else if (letter !== 'B') break;
    }
    reader.skip(size);
  } else if (augmentation !== '' && augmentation !== 'eh') {
    throw new FormatError(name, at, `augmentation '${augmentation.slice(0, 16)}' is unknown`);
  }
  cie.instructions = reader.take(reader.remaining);
  return cie;
}

function readIdMustBeCie(reader: ByteReader, offsetSize: number, name: string, at: number): void {
  const isCie = offsetSize === 8 ? reader.u64() === 0xffff_ffff_ffff_ffffn : reader.u32() === 0xffff_ffff;
  if (!isCie) throw new FormatError(name, at, 'there is no common entry here');
}

function readFde(reader: ByteReader, section: FrameSection, offset: number, cie: Cie): Fde {
  const low = readPointer(reader, cie.pointerEncoding, section, cie, 0);
  // The length has the pointer's size but is relative to nothing.
  const size = readPointer(reader, cie.pointerEncoding & 0x07, section, cie, 0);
  if (cie.hasAugmentationData) reader.skip(reader.uleb());
  return { cie, offset, low, high: low + size, instructions: reader.take(reader.remaining) };
}

/** A pointer of .eh_frame as a signed number. Indirect ones give the address of the pointer. LSB 10.5. */
function readPointer(reader: ByteReader, encoding: number, section: FrameSection, cie: { addressSize: number }, functionStart: number): number {
  if (encoding === DW_EH_PE.omit) return 0;
  if ((encoding & 0x70) === DW_EH_PE.aligned) { reader.seek(Math.ceil(reader.offset / 8) * 8); return reader.address64(); }
  const at = section.address + reader.offset;
  const value = readEncoded(reader, encoding & 0x0f, cie.addressSize);
  switch (encoding & 0x70) {
    case 0: return value;
    case DW_EH_PE.pcrel: return at + value;
    case DW_EH_PE.funcrel: return functionStart + value;
    default: throw new FormatError(section.name, reader.offset, `pointer encoding 0x${encoding.toString(16)} is not supported`);
  }
}

function readEncoded(reader: ByteReader, format: number, addressSize: number): number {
  switch (format) {
    case DW_EH_PE.absptr: return addressSize === 8 ? reader.address64() : reader.u32();
    case DW_EH_PE.uleb128: return reader.uleb();
    case DW_EH_PE.udata2: return reader.u16();
    case DW_EH_PE.udata4: return reader.u32();
    case DW_EH_PE.udata8: case DW_EH_PE.sdata8: return reader.address64();
    case DW_EH_PE.sleb128: return reader.sleb();
    case DW_EH_PE.sdata2: return reader.i16();
    case DW_EH_PE.sdata4: return reader.i32();
    default: throw new FormatError(reader.section, reader.offset, `pointer format 0x${format.toString(16)} is unknown`);
  }
}

/** Where .eh_frame is, from .eh_frame_hdr (PT_GNU_EH_FRAME), for files without section headers. */
export function ehFramePointer(header: Uint8Array, address: number): number {
  const reader = new ByteReader(header, '.eh_frame_hdr');
  reader.skip(1);
  const encoding = reader.u8();
  reader.skip(2);
  return readPointer(reader, encoding, { name: '.eh_frame', bytes: header, address }, { addressSize: 8 }, 0);
}

/** The entry for `pc` (signed number) in sorted entries. */
export function findFde(fdes: readonly Fde[], pc: number): Fde | undefined {
  let low = 0, high = fdes.length;
  while (low < high) { const middle = (low + high) >> 1; if ((fdes[middle]?.low ?? 0) <= pc) low = middle + 1; else high = middle; }
  for (let i = low - 1, steps = 0; i >= 0 && steps < 8; i--, steps++) {
    const fde = fdes[i];
    if (fde && pc < fde.high) return fde;
  }
  return undefined;
}

interface RuleState { cfa: CfaRule; registers: Map<number, RegisterRule> }

/** The rows of an entry in order; up to the one that holds `until` when it is given. */
export function unwindRows(fde: Fde, section: FrameSection, until = Infinity): UnwindRow[] {
  const { cie } = fde;
  const rows: UnwindRow[] = [];
  const state: RuleState = { cfa: { kind: 'register', register: 7, offset: 0 }, registers: new Map() };
  const stack: RuleState[] = [];
  let location = fde.low, argumentsSize = 0, isDone = false;
  const expression = (bytes: Uint8Array): Expression => ({ bytes, addressSize: cie.addressSize, offsetSize: cie.offsetSize, version: 4 });
  const finishRow = (next: number): void => {
    if (next > location) {
      rows.push({ low: numberToAddress(location), high: numberToAddress(Math.min(next, fde.high)), cfa: state.cfa, registers: new Map(state.registers),
        returnAddress: cie.returnAddress, isSignalFrame: cie.isSignalFrame, argumentsSize });
      if (next > until) isDone = true;
    }
    location = next;
  };
  const execute = (instructions: Uint8Array, initial: ReadonlyMap<number, RegisterRule> | undefined): void => {
    const reader = new ByteReader(instructions, section.name);
    const restore = (register: number): void => {
      const rule = initial?.get(register);
      if (rule) state.registers.set(register, rule); else state.registers.delete(register);
    };
    const advance = (delta: number): void => finishRow(location + delta * cie.codeAlign);
    const set = (register: number, rule: RegisterRule): void => { state.registers.set(register, rule); };
    const cfaOffset = (offset: number): void => { if (state.cfa.kind === 'register') state.cfa = { ...state.cfa, offset }; };
    while (!reader.atEnd && !isDone) {
      const opcode = reader.u8();
      const low6 = opcode & 0x3f;
      switch (opcode & 0xc0) {
        case DW_CFA.advance_loc: advance(low6); continue;
        case DW_CFA.offset: set(low6, { kind: 'offset', offset: reader.uleb() * cie.dataAlign }); continue;
        case DW_CFA.restore: restore(low6); continue;
        default:
      }
      switch (opcode) {
        case DW_CFA.nop: case DW_CFA.GNU_window_save: break;
        case DW_CFA.set_loc: finishRow(readPointer(reader, cie.pointerEncoding, section, cie, fde.low)); break;
        case DW_CFA.advance_loc1: advance(reader.u8()); break;
        case DW_CFA.advance_loc2: advance(reader.u16()); break;
        case DW_CFA.advance_loc4: advance(reader.u32()); break;
        case DW_CFA.offset_extended: { const r = reader.uleb(); set(r, { kind: 'offset', offset: reader.uleb() * cie.dataAlign }); break; }
        case DW_CFA.offset_extended_sf: { const r = reader.uleb(); set(r, { kind: 'offset', offset: reader.sleb() * cie.dataAlign }); break; }
        case DW_CFA.GNU_negative_offset_extended: { const r = reader.uleb(); set(r, { kind: 'offset', offset: -reader.uleb() * cie.dataAlign }); break; }
        case DW_CFA.restore_extended: restore(reader.uleb()); break;
        case DW_CFA.undefined: set(reader.uleb(), { kind: 'undefined' }); break;
        case DW_CFA.same_value: set(reader.uleb(), { kind: 'sameValue' }); break;
        case DW_CFA.register: { const r = reader.uleb(); set(r, { kind: 'register', register: reader.uleb() }); break; }
        case DW_CFA.remember_state:
          if (stack.length >= 1000) throw new FormatError(section.name, fde.offset, 'too many states are remembered');
          stack.push({ cfa: state.cfa, registers: new Map(state.registers) });
          break;
        case DW_CFA.restore_state: {
          const saved = stack.pop();
          if (!saved) throw new FormatError(section.name, fde.offset, 'a state is restored that was not remembered');
          state.cfa = saved.cfa;
          state.registers = saved.registers;
          break;
        }
        case DW_CFA.def_cfa: state.cfa = { kind: 'register', register: reader.uleb(), offset: reader.uleb() }; break;
        case DW_CFA.def_cfa_sf: state.cfa = { kind: 'register', register: reader.uleb(), offset: reader.sleb() * cie.dataAlign }; break;
        case DW_CFA.def_cfa_register: { const register = reader.uleb(); state.cfa = { kind: 'register', register, offset: state.cfa.kind === 'register' ? state.cfa.offset : 0 }; break; }
        case DW_CFA.def_cfa_offset: cfaOffset(reader.uleb()); break;
        case DW_CFA.def_cfa_offset_sf: cfaOffset(reader.sleb() * cie.dataAlign); break;
        case DW_CFA.def_cfa_expression: state.cfa = { kind: 'expression', expression: expression(reader.take(reader.uleb())) }; break;
        case DW_CFA.expression: { const r = reader.uleb(); set(r, { kind: 'expression', expression: expression(reader.take(reader.uleb())) }); break; }
        case DW_CFA.val_expression: { const r = reader.uleb(); set(r, { kind: 'valExpression', expression: expression(reader.take(reader.uleb())) }); break; }
        case DW_CFA.val_offset: { const r = reader.uleb(); set(r, { kind: 'valOffset', offset: reader.uleb() * cie.dataAlign }); break; }
        case DW_CFA.val_offset_sf: { const r = reader.uleb(); set(r, { kind: 'valOffset', offset: reader.sleb() * cie.dataAlign }); break; }
        case DW_CFA.GNU_args_size: argumentsSize = reader.uleb(); break;
        default: throw new FormatError(section.name, fde.offset, `instruction 0x${opcode.toString(16)} is unknown`);
      }
      if (rows.length > 1_000_000) throw new FormatError(section.name, fde.offset, 'the entry has too many rows');
    }
  };
  execute(cie.instructions, undefined);
  execute(fde.instructions, new Map(state.registers));
  if (!isDone) finishRow(fde.high);
  return rows;
}

/** The row for `pc` (signed number). */
export function unwindRowAt(fdes: readonly Fde[], section: FrameSection, pc: number): UnwindRow | undefined {
  const fde = findFde(fdes, pc);
  if (!fde) return undefined;
  const row = unwindRows(fde, section, pc).at(-1);
  return row && pc < fde.high ? row : undefined;
}
