// Lines and addresses of a whole file, over the line tables of its units. The choice of addresses for a line follows gdb.
import { addressToNumber, numberToAddress, type Address } from '../base/address';
import { encodeUtf8 } from '../base/text';
import { DW_AT } from './constants';
import type { DebugFiles } from './debug_files';
import { END_SEQUENCE, IS_STATEMENT, type LineHeader, type LineSections, type LineTable, PROLOGUE_END, readLineHeader, runLineProgram } from './line';
import type { BreakpointPosition, LineLocation, SourceFile } from './model';
import { textPlaces } from './name_search';
import { joinPath, normalizePath, pathMatches } from './paths';
import { isTombstone } from './rnglists';
import type { Unit } from './unit';
import type { UnitIndex } from './unit_index';

/** A run of rows with rising addresses: rows first..last, last being the end mark. */
interface Sequence { low: number; high: number; first: number; last: number }

export interface UnitLines {
  header: LineHeader;
  /** By file number. */
  files: (SourceFile | undefined)[];
  /** Runs the program on first use. */
  table(): LineTable;
  sequences(): Sequence[];
}

/** One row that a breakpoint could stand at. */
export interface LineRow { address: number; file: SourceFile; line: number; column: number }

export class LineIndex {
  private readonly byUnit = new Map<Unit, UnitLines | undefined>();
  private readonly byOffset = new Map<number, UnitLines>();
  private readonly sourceFiles = new Map<string, SourceFile>();
  private readonly named = new Map<string, boolean>();

  constructor(private readonly files: DebugFiles, private readonly units: UnitIndex) {}

  /** The line table of a unit (of a split unit: its skeleton's). */
  of(unit: Unit): UnitLines | undefined {
    const owner = unit.skeleton ?? unit;
    if (!this.byUnit.has(owner)) this.byUnit.set(owner, this.files.guard(() => this.open(owner), undefined));
    return this.byUnit.get(owner);
  }

  /** A split type unit's own table of files, or the unit's. */
  fileOf(unit: Unit, number: number | undefined): SourceFile | undefined {
    return number === undefined ? undefined : this.of(unit)?.files[number];
  }

  rowAt(pc: number): LineLocation | undefined {
    const unit = this.units.skeletonAt(pc);
    const lines = unit && this.of(unit);
    return lines && this.files.guard(() => locate(lines, pc), undefined);
  }

  /** With `names`: none where no table can name a file that is called like one of them. */
  sources(names?: readonly string[]): SourceFile[] {
    if (names && !names.some(name => this.mayName(name))) return [];
    const found = new Map<string, SourceFile>();
    for (const unit of this.units.compileUnits) for (const file of this.of(unit)?.files ?? []) if (file && !found.has(file.path)) found.set(file.path, file);
    return [...found.values()];
  }

  /** The rows for the smallest line at or after `line` that has code in the file; gdb's rule. */
  rowsFor(wanted: string, line: number): LineRow[] {
    let best = Infinity;
    let rows: LineRow[] = [];
    for (const row of this.rowsIn(wanted)) {
      if (row.line < line || row.line > best) continue;
      if (row.line < best) { best = row.line; rows = []; }
      rows.push(row);
    }
    return rows;
  }

  positions(wanted: string, from: number, to: number): BreakpointPosition[] {
    const found = new Map<string, BreakpointPosition>();
    for (const { line, column, address } of this.rowsIn(wanted)) {
      const key = `${line}:${column}`;
      const known = found.get(key);
      if (line >= from && line <= to && (!known || addressToNumber(known.address) > address)) found.set(key, { line, column, address: numberToAddress(address) });
    }
    return [...found.values()].sort((a, b) => a.line - b.line || a.column - b.column);
  }

  /** The statements of the file, in each unit in order of address. Of several rows for one address each counts, as in gdb. */
  private *rowsIn(wanted: string): Generator<LineRow> {
    const tail = normalizePath(wanted);
    if (!this.mayName(tail)) return;
    const seen = new Set<UnitLines>();
    for (const unit of this.units.compileUnits) {
      const lines = this.of(unit);
      if (!lines || seen.has(lines)) continue;
      seen.add(lines);
      const numbers = new Set<number>();
      lines.files.forEach((file, i) => { if (file && pathMatches(file.path, tail)) numbers.add(i); });
      if (numbers.size === 0) continue;
      const table = lines.table();
      for (const { first, last } of lines.sequences()) {
        for (let i = first; i < last; i++) {
          const line = table.lines[i] ?? 0, number = table.files[i] ?? 0, address = table.addresses[i] ?? 0;
          if (line === 0 || !numbers.has(number) || !((table.flags[i] ?? 0) & IS_STATEMENT)) continue;
          const file = lines.files[number];
          if (file) yield { address, file, line, column: table.columns[i] ?? 0 };
        }
      }
    }
  }

  /** False when no table can name a file that is called so: the headers of a big library need not be read then. */
  private mayName(path: string): boolean {
    const name = encodeUtf8(path.slice(path.lastIndexOf('/') + 1));
    if (name.length === 0) return false;
    let may = this.named.get(path);
    if (may === undefined) this.named.set(path, may = ['.debug_line_str', '.debug_line', '.debug_str'].some(section => !textPlaces(this.files.main.section(section), name).next().done));
    return may;
  }

  private open(unit: Unit): UnitLines | undefined {
    const { root } = unit;
    const offset = root.sectionOffset(DW_AT.stmt_list);
    if (offset === undefined) return undefined;
    const known = this.byOffset.get(offset);
    if (known) return known;
    const compDir = root.string(DW_AT.comp_dir) ?? '';
    const { container } = unit;
    const sections: LineSections = {
      line: container.section('.debug_line'), lineStr: container.section('.debug_line_str'), str: container.section('.debug_str'),
      strOffsets: container.section('.debug_str_offsets'), strOffsetsBase: unit.bases.strOffsets,
    };
    const header = readLineHeader(sections, offset, unit.addressSize, compDir, root.name ?? '');
    let table: LineTable | undefined;
    let sequences: Sequence[] | undefined;
    const lines: UnitLines = {
      header, files: header.files.map((_, i) => this.sourceFile(header, i, compDir)),
      table: () => table ??= runLineProgram(sections, header, this.files.report),
      sequences: () => sequences ??= sequencesOf(lines.table()),
    };
    this.byOffset.set(offset, lines);
    return lines;
  }

  private sourceFile(header: LineHeader, number: number, compDir: string): SourceFile | undefined {
    const entry = header.files[number];
    if (!entry || entry.name === '') return undefined;
    const root = joinPath(compDir, header.version >= 5 ? header.directories[0] ?? compDir : compDir);
    const folder = header.directories[entry.directory] ?? '';
    const name = joinPath(entry.directory === 0 ? '' : folder, entry.name);
    const path = normalizePath(joinPath(joinPath(root, folder), entry.name));
    const key = `${path}\n${name}\n${entry.md5 ?? ''}`;
    let file = this.sourceFiles.get(key);
    if (!file) this.sourceFiles.set(key, file = { path, name, compDir, ...(entry.md5 && !/^0+$/.test(entry.md5) && { md5: entry.md5 }) });
    return file;
  }
}

function sequencesOf(table: LineTable): Sequence[] {
  const sequences: Sequence[] = [];
  for (let i = 0, first = 0; i < table.length; i++) {
    if (!((table.flags[i] ?? 0) & END_SEQUENCE)) continue;
    const low = table.addresses[first] ?? 0, high = table.addresses[i] ?? 0;
    if (i > first && high > low && low !== 0 && !isTombstone(low)) sequences.push({ low, high, first, last: i });
    first = i + 1;
  }
  return sequences.sort((a, b) => a.low - b.low);
}

/** The last row at or before `pc` in its sequence: of rows for the same address a statement is preferred. */
export function rowIndexAt(lines: UnitLines, pc: number): { row: number; sequence: Sequence } | undefined {
  const sequences = lines.sequences();
  let low = 0, high = sequences.length;
  while (low < high) { const middle = (low + high) >> 1; if ((sequences[middle]?.low ?? 0) <= pc) low = middle + 1; else high = middle; }
  const sequence = sequences[low - 1];
  if (!sequence || pc >= sequence.high) return undefined;
  const table = lines.table();
  let first = sequence.first, last = sequence.last;
  while (first < last) { const middle = (first + last) >> 1; if ((table.addresses[middle] ?? 0) <= pc) first = middle + 1; else last = middle; }
  let row = first - 1;
  if (row < sequence.first) return undefined;
  // Code of no line belongs to the line before it: gdb leaves such rows out. gdb: lnp_state_machine::record_line().
  while (row > sequence.first && table.lines[row] === 0) row--;
  const address = table.addresses[row];
  if (!((table.flags[row] ?? 0) & IS_STATEMENT)) {
    for (let i = row - 1; i >= sequence.first && table.addresses[i] === address; i--) if ((table.flags[i] ?? 0) & IS_STATEMENT) { row = i; break; }
  }
  return { row, sequence };
}

function locate(lines: UnitLines, pc: number): LineLocation | undefined {
  const found = rowIndexAt(lines, pc);
  if (!found) return undefined;
  const table = lines.table();
  const { row, sequence } = found;
  const address = table.addresses[row] ?? 0;
  let next = row + 1;
  while (next < sequence.last && ((table.addresses[next] ?? 0) <= pc || table.lines[next] === 0)) next++;
  const file = lines.files[table.files[row] ?? 0];
  if (!file) return undefined;
  const flags = table.flags[row] ?? 0;
  const isPrologueEnd = (flags & PROLOGUE_END) !== 0;
  return { address: toAddress(address), end: toAddress(table.addresses[next] ?? 0), file, line: table.lines[row] ?? 0, column: table.columns[row] ?? 0, isStatement: (flags & IS_STATEMENT) !== 0, isPrologueEnd };
}

function toAddress(n: number): Address { return numberToAddress(n); }
