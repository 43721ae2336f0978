// Debug information of one ELF file in the debugger's terms: lines, functions, scopes, variables, types, unwinding. It reads only
// what is asked for. Addresses are the file's own; malformed units are left out and reported once. It knows no process.
import { type Address, addressToNumber, numberToAddress } from '../base/address';
import { PT_LOAD } from '../elf/constants';
import type { ElfFile } from '../elf/elf';
import { DW_AT, DW_TAG } from './constants';
import type { CType } from './ctype';
import { DebugFiles, type DebugFilesOptions } from './debug_files';
import type { Die } from './die';
import type { Expression } from './expr';
import type { UnwindRow } from './frame_types';
import { Functions } from './functions';
import { LineIndex, type LineRow } from './line_index';
import { locationAt } from './loclists';
import type { BreakpointAddress, BreakpointPosition, CallSite, FunctionAt, FunctionInfo, LineLocation, Scope, SourceFile, Variable } from './model';
import { NameIndex } from './name_index';
import { findPrologueEnd } from './prologue';
import { rangesOf } from './rnglists';
import { Scopes } from './scopes';
import { languageOf, qualifiedName, TypeReader } from './types';
import type { Unit } from './unit';
import { UnitIndex } from './unit_index';
import { UnwindTable } from './unwind_table';

/**
 * `path`: the file's, companions are looked for beside it. `loadFile` reads a companion (separate debug file, .dwo, .dwp); undefined
 * when there is none. `debugDirectories`: default /usr/lib/debug. `onProblem` is told of each malformed part once.
 */
export type DebugInfoOptions = DebugFilesOptions;

export function openDebugInfo(elf: ElfFile, options: DebugInfoOptions = {}): DebugInfo {
  return new DebugInfo(elf, new DebugFiles(elf, options));
}

export class DebugInfo {
  private readonly units: UnitIndex;
  private readonly lines: LineIndex;
  private readonly names: NameIndex;
  private readonly functions: Functions;
  private readonly scopes: Scopes;
  private readonly types: TypeReader;
  readonly unwinding: UnwindTable;

  constructor(readonly elf: ElfFile, private readonly files: DebugFiles) {
    const guard = files.guard.bind(files);
    this.units = new UnitIndex(files);
    this.lines = new LineIndex(files, this.units);
    this.names = new NameIndex(files, this.units);
    this.types = new TypeReader((tag, name) => this.names.find('type', name).find(d => d.tag === tag || qualifiedName(d) === name), guard);
    this.functions = new Functions(files, this.units, this.lines, this.types);
    this.scopes = new Scopes(files, this.units, this.lines, this.functions, this.types, (name, near) => this.names.find('variable', name, near.unit)[0]);
    this.unwinding = new UnwindTable(elf, files.separate, files.report);
  }

  /** There are compilation units, in this file or its separate debug file. */
  get hasUnits(): boolean { return this.files.guard(() => this.files.main.elf.section('.debug_info') !== undefined, false); }
  /** The separate debug file's ELF, for its symbols. */
  get separateElf(): ElfFile | undefined { return this.files.separate; }
  /** That file is one of those that distributions install. */
  get hasInstalledFile(): boolean { return this.files.isInstalled; }
  /** .dwo files that were wanted and not found. */
  get missingFiles(): readonly string[] { return this.files.missing; }

  /** The row of the line table that covers `pc`. */
  lineAt(pc: Address): LineLocation | undefined {
    return this.files.guard(() => this.lines.rowAt(addressToNumber(pc)), undefined);
  }

  /**
   * Where to stop for a line: the nearest line at or after it that has code; one address in each function, inlined copy or block
   * that the line is in; an address in a function's prologue moves to its end. gdb: linespec.c create_sals_line_offset().
   * `file`: a path or its tail.
   */
  addressesFor(file: string, line: number): BreakpointAddress[] {
    const found = new Map<string, BreakpointAddress>();
    const rows = this.files.guard(() => this.lines.rowsFor(file, line), []);
    for (const row of rows) this.files.guard(() => { this.addBreakpoint(row, found); }, undefined);
    const unique = new Map([...found.values()].map(b => [b.address, b]));
    return [...unique.values()];
  }

  private addBreakpoint(row: LineRow, found: Map<string, BreakpointAddress>): void {
    const fn = this.functions.dieAt(row.address);
    const blocks = fn ? this.functions.blocksAt(fn, row.address) : [];
    const block = blocks.at(-1) ?? fn;
    const key = block ? `${this.units.ordinal(block.unit)}:${block.offset}` : `@${row.address}`;
    if (found.has(key)) return;
    const inlined = blocks.filter(b => b.tag === DW_TAG.inlined_subroutine).at(-1);
    const info = fn && this.functions.info(fn);
    const name = inlined ? qualifiedName(inlined) : info?.name;
    const isCopyEntry = blocks.some(b => rangesOf(b).some(r => r.low === row.address) && b.tag === DW_TAG.inlined_subroutine);
    const end = info && !isCopyEntry ? this.prologueEnd(info) : undefined;
    const address = numberToAddress(row.address);
    const isInPrologue = info?.low !== undefined && end !== undefined && address >= info.low && address < end;
    const at = isInPrologue ? this.lines.rowAt(addressToNumber(end)) : undefined;
    const place = at && at.line > 0 ? at : row;
    found.set(key, { address: isInPrologue ? end : address, file: place.file, line: place.line, column: place.column, ...(name && { function: name }) });
  }

  /** The positions in a range of lines where a breakpoint may stand. */
  breakpointLocations(file: string, from: number, to: number): BreakpointPosition[] {
    return this.files.guard(() => this.lines.positions(file, from, to), []);
  }

  /** All source files that the line tables name; with `names`, those of tables that may name a file called like one of them. */
  sources(names?: readonly string[]): SourceFile[] { return this.files.guard(() => this.lines.sources(names), []); }

  functionAt(pc: Address): FunctionAt | undefined {
    return this.files.guard(() => {
      const at = addressToNumber(pc);
      const fn = this.functions.dieAt(at);
      if (!fn) return undefined;
      const inlined = this.functions.blocksAt(fn, at).filter(d => d.tag === DW_TAG.inlined_subroutine).reverse().map(d => this.functions.inlinedCall(d));
      return { function: this.functions.info(fn), inlined };
    }, undefined);
  }

  /** The functions of that name; one that exists only as inlined copies has no `low`. */
  functionsNamed(name: string | RegExp): FunctionInfo[] {
    const dies = this.files.guard(() => typeof name === 'string' ? this.names.find('function', name) : this.names.matching('function', name), []);
    const infos = dies.map(d => this.files.guard(() => this.functions.info(d), undefined)).filter(f => f !== undefined);
    const withCode = infos.filter(f => f.low !== undefined);
    // An abstract function beside its concrete copy says nothing more.
    return [...withCode, ...infos.filter(f => f.low === undefined && !withCode.some(c => c.name === f.name && c.line === f.line))];
  }

  /** The entry addresses of the inlined copies of the function. */
  inlinedCopies(fn: FunctionInfo): Address[] {
    return this.files.guard(() => {
      const die = this.dieOf(fn.id);
      return die ? this.functions.inlinedCopies(die.origin).map(c => numberToAddress(c.low)) : [];
    }, []);
  }

  /** Where a breakpoint on the function is set: after its prologue. */
  prologueEnd(fn: FunctionInfo): Address | undefined {
    const { low, high } = fn;
    if (low === undefined || high === undefined) return undefined;
    return this.files.guard(() => {
      const at = addressToNumber(low);
      const skeleton = this.units.skeletonAt(at);
      const unit = skeleton && this.files.full(skeleton);
      return unit && skeleton ? numberToAddress(findPrologueEnd(unit, this.lines.of(skeleton), at, addressToNumber(high), this.codeAt(low, 16))) : low;
    }, low);
  }

  /** The blocks around `pc`, innermost first, the function's own last, with what each declares. */
  scopeAt(pc: Address): Scope[] {
    return this.files.guard(() => this.scopes.at(addressToNumber(pc)), []);
  }

  /** The DW_AT_frame_base of the function at `pc`. */
  frameBaseAt(pc: Address): Expression | undefined {
    return this.files.guard(() => {
      const at = addressToNumber(pc);
      const fn = this.functions.dieAt(at);
      return fn && locationAt(fn, DW_AT.frame_base, at);
    }, undefined);
  }

  /** The call that returns to `returnAddress`, with what it passes: answers DW_OP_entry_value in the function called. */
  callSiteAt(returnAddress: Address): CallSite | undefined {
    return this.files.guard(() => {
      const at = addressToNumber(returnAddress);
      const fn = this.functions.dieAt(at - 1);
      if (!fn) return undefined;
      const { unit } = fn;
      const { abbrevs, ends } = unit.table;
      for (let i = fn.index + 1; i < (ends[fn.index] ?? 0); i++) {
        const tag = abbrevs[i]?.tag;
        if (tag !== DW_TAG.call_site && tag !== DW_TAG.GNU_call_site) continue;
        const site = unit.die(i);
        const back = site?.address(DW_AT.call_return_pc) ?? (tag === DW_TAG.GNU_call_site ? site?.address(DW_AT.low_pc) : undefined);
        if (site && back === at) return callSite(site, returnAddress);
      }
      return undefined;
    }, undefined);
  }

  /** Global and file-static variables of that name; those of the unit at `near` first. */
  globalsNamed(name: string | RegExp, near?: Address): Variable[] {
    const dies = this.files.guard(() => typeof name === 'string' ? this.names.find('variable', name, this.unitAt(near)) : this.names.matching('variable', name), []);
    return dies.map(d => this.files.guard(() => this.scopes.variable(d, undefined), undefined)).filter(v => v !== undefined);
  }

  enumeratorNamed(name: string, near?: Address): { value: bigint; type: CType } | undefined {
    return this.files.guard(() => {
      const die = this.names.find('enumerator', name, this.unitAt(near))[0];
      const parent = die?.parent;
      return die && parent && { value: die.constant(DW_AT.const_value) ?? 0n, type: this.types.read(parent) };
    }, undefined);
  }

  /** `struct point`, `union u`, `enum e`, or the name of a typedef, base type or C++ class. */
  typeNamed(name: string, near?: Address): CType | undefined {
    return this.files.guard(() => {
      const [, keyword, tag = name] = /^(struct|union|enum|class)\s+(.+)$/.exec(name) ?? [];
      const wanted: readonly number[] = keyword ? tagsOf[keyword] ?? [] : [DW_TAG.typedef, DW_TAG.base_type];
      const dies = this.names.find('type', tag, this.unitAt(near));
      const die = dies.find(d => wanted.includes(d.tag)) ?? (keyword ? undefined : dies.find(d => !isNamedWithTag(this.types.read(d))));
      return die && this.types.read(die);
    }, undefined);
  }

  /** The entry at an offset of .debug_info (of the file or split file that has the code at `pc`) as a variable: an implicit pointer's target. */
  variableAt(offset: number, pc: Address): Variable | undefined {
    return this.files.guard(() => {
      const at = addressToNumber(pc);
      const die = this.units.unitAt(at)?.container.dieAt(offset);
      return die && this.scopes.variable(die, at);
    }, undefined);
  }

  /** The language of the unit at `pc`: DW_LANG. */
  languageAt(pc: Address): number | undefined {
    return this.files.guard(() => { const unit = this.unitAt(pc); return unit && languageOf(unit.root); }, undefined);
  }

  /** The rules that recover the caller's registers at `pc`. */
  unwindRow(pc: Address): UnwindRow | undefined { return this.unwinding.rowAt(pc); }

  /** The compilation units, for who wants to look at all of them. */
  get compileUnits(): Unit[] { return this.files.guard(() => this.units.fullUnits, []); }
  /** The line table of a unit. */
  linesOf(unit: Unit): ReturnType<LineIndex['of']> { return this.lines.of(unit); }

  private unitAt(pc: Address | undefined): Unit | undefined {
    return pc === undefined ? undefined : this.units.unitAt(addressToNumber(pc));
  }

  private dieOf(id: number): Die | undefined {
    const ordinal = Math.floor(id / 2 ** 32);
    return this.units.unitOf(ordinal)?.dieAt(id % 2 ** 32);
  }

  /** The file's bytes at a link-time address. */
  private codeAt(address: Address, length: number): Uint8Array {
    const segment = this.elf.segments.find(s => s.type === PT_LOAD && address >= s.vaddr && address < s.vaddr + BigInt(s.filesz));
    if (!segment) return new Uint8Array();
    const at = Number(address - segment.vaddr);
    return this.elf.segmentData(segment).subarray(at, at + length);
  }
}

const tagsOf: Readonly<Record<string, readonly number[]>> = {
  struct: [DW_TAG.structure_type, DW_TAG.class_type], class: [DW_TAG.class_type, DW_TAG.structure_type], union: [DW_TAG.union_type], enum: [DW_TAG.enumeration_type],
};

function isNamedWithTag(type: CType): boolean {
  return (type.kind === 'struct' || type.kind === 'union' || type.kind === 'enum') && type.isTagVisible;
}

function callSite(site: Die, returnAddress: Address): CallSite {
  const parameters: CallSite['parameters'] = [];
  for (const child of site.children()) {
    if (child.tag !== DW_TAG.call_site_parameter && child.tag !== DW_TAG.GNU_call_site_parameter) continue;
    const location = child.expression(DW_AT.location);
    const value = child.expression(DW_AT.call_value) ?? child.expression(DW_AT.GNU_call_site_value);
    if (location && value) parameters.push({ location, value });
  }
  const origin = site.reference(DW_AT.call_origin) ?? site.reference(DW_AT.abstract_origin);
  const name = origin && qualifiedName(origin);
  return { returnAddress, isTailCall: site.flag(DW_AT.call_tail_call) || site.flag(DW_AT.GNU_tail_call), ...(name && { function: name }), parameters };
}
