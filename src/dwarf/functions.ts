// Functions and the inlined calls within them, by address. DWARF5 3.3.
import { numberToAddress, type Address } from '../base/address';
import { DW_AT, DW_TAG } from './constants';
import { voidType } from './ctype';
import type { DebugFiles } from './debug_files';
import type { Die } from './die';
import type { LineIndex } from './line_index';
import type { FunctionInfo, InlinedCall } from './model';
import { type Range, rangesOf } from './rnglists';
import { qualifiedName, type TypeReader } from './types';
import type { Unit } from './unit';
import type { UnitIndex } from './unit_index';

interface Located { low: number; high: number; index: number }

export class Functions {
  private readonly tables = new Map<Unit, Located[]>();
  private readonly infos = new Map<Unit, Map<number, FunctionInfo>>();

  constructor(private readonly files: DebugFiles, private readonly units: UnitIndex, private readonly lines: LineIndex, private readonly types: TypeReader) {}

  /** The innermost subprogram whose code contains `pc`. */
  dieAt(pc: number): Die | undefined {
    const unit = this.units.unitAt(pc);
    if (!unit) return undefined;
    let best: Located | undefined;
    for (const f of this.tableOf(unit)) if (pc >= f.low && pc < f.high && (!best || f.high - f.low <= best.high - best.low)) best = f;
    return best && unit.die(best.index);
  }

  /** The blocks and inlined calls in `fn` that contain `pc`, outermost first. */
  blocksAt(fn: Die, pc: number): Die[] {
    const chain: Die[] = [];
    let parent = fn;
    for (let depth = 0; depth < 256; depth++) {
      const next = this.files.guard(() => blockIn(parent, pc, 0), undefined);
      if (!next) break;
      chain.push(next);
      parent = next;
    }
    return chain;
  }

  /** Where the function was inlined: the entry address of each copy. */
  inlinedCopies(fn: Die): { die: Die; low: number }[] {
    const { unit } = fn;
    const copies: { die: Die; low: number }[] = [];
    const { abbrevs } = unit.table;
    for (let i = 0; i < abbrevs.length; i++) {
      if (abbrevs[i]?.tag !== DW_TAG.inlined_subroutine) continue;
      const die = unit.die(i);
      if (!die || die.reference(DW_AT.abstract_origin)?.offset !== fn.offset) continue;
      const low = die.address(DW_AT.entry_pc) ?? rangesOf(die)[0]?.low;
      if (low !== undefined) copies.push({ die, low });
    }
    return copies;
  }

  info(die: Die): FunctionInfo {
    let known = this.infos.get(die.unit);
    if (!known) this.infos.set(die.unit, known = new Map());
    let info = known.get(die.offset);
    if (!info) known.set(die.offset, info = this.describe(die));
    return info;
  }

  inlinedCall(die: Die): InlinedCall {
    const callFile = this.lines.fileOf(die.unit, die.number(DW_AT.call_file));
    const callLine = die.number(DW_AT.call_line), callColumn = die.number(DW_AT.call_column);
    return {
      function: this.info(die.origin), ranges: rangesOf(die).map(toAddresses),
      ...(callFile && { callFile }), ...(callLine !== undefined && { callLine }), ...(callColumn !== undefined && { callColumn }),
    };
  }

  private describe(die: Die): FunctionInfo {
    const ranges = this.files.guard(() => rangesOf(die), []).filter(r => r.low !== 0);
    const entry = die.address(DW_AT.low_pc) || ranges[0]?.low;
    const first = ranges.find(r => entry !== undefined && entry >= r.low && entry < r.high) ?? ranges[0];
    const linkageName = die.inherit(d => d.string(DW_AT.linkage_name) ?? d.string(DW_AT.MIPS_linkage_name));
    const declared = declaring(die, DW_AT.decl_file);
    const file = declared && this.lines.fileOf(declared.unit, declared.number(DW_AT.decl_file));
    const line = die.inherit(d => d.number(DW_AT.decl_line));
    const type = this.types.read(die);
    const { types, files } = this;
    return {
      name: qualifiedName(die) ?? linkageName ?? '??', ...(linkageName && { linkageName }),
      ...(first && { low: numberToAddress(first.low), high: numberToAddress(first.high) }), ranges: ranges.map(toAddresses),
      ...(file && { file }), ...(line !== undefined && { line }), isExternal: die.inherit(d => d.has(DW_AT.external) ? d.flag(DW_AT.external) : undefined) ?? false,
      type, get returns() { return files.guard(() => types.typeOf(die), voidType); }, id: this.units.ordinal(die.unit) * 2 ** 32 + die.offset,
    };
  }

  private tableOf(unit: Unit): Located[] {
    let table = this.tables.get(unit);
    if (table) return table;
    this.tables.set(unit, table = []);
    const { abbrevs } = unit.table;
    for (let index = 0; index < abbrevs.length; index++) {
      if (abbrevs[index]?.tag !== DW_TAG.subprogram) continue;
      const die = unit.die(index);
      if (!die) continue;
      for (const { low, high } of this.files.guard(() => rangesOf(die), [])) if (low !== 0) table.push({ low, high, index });
    }
    return table;
  }
}

/** The lexical block or inlined call directly in `parent` that contains `pc`; blocks without addresses are looked through. */
function blockIn(parent: Die, pc: number, depth: number): Die | undefined {
  for (const child of parent.children()) {
    if (child.tag !== DW_TAG.lexical_block && child.tag !== DW_TAG.inlined_subroutine && child.tag !== DW_TAG.try_block && child.tag !== DW_TAG.catch_block) continue;
    const ranges = rangesOf(child);
    if (contains(ranges, pc)) return child;
    if (ranges.length === 0 && child.tag === DW_TAG.lexical_block && depth < 16) {
      const inner = blockIn(child, pc, depth + 1);
      if (inner) return inner;
    }
  }
  return undefined;
}

export function contains(ranges: readonly Range[], pc: number): boolean {
  return ranges.some(r => pc >= r.low && pc < r.high);
}

export function toAddresses(range: Range): { low: Address; high: Address } {
  return { low: numberToAddress(range.low), high: numberToAddress(range.high) };
}

/** The entry that carries the attribute: `die` itself or one that it completes. */
export function declaring(die: Die, name: number): Die | undefined {
  return die.inherit(d => d.has(name) ? d : undefined);
}
