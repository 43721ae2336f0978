// An ELF64 file, read lazily: header, segments, sections, notes, symbols, dynamic section. Wrong files are FormatErrors here;
// readElfHeader (header.ts) tells what they are without throwing. Original: gABI, elf.h. No writing, no relocating.
import { type Address, addressToNumber } from '../base/address';
import { FormatError } from '../base/errors';
import { ET_DYN, PN_XNUM, PT_DYNAMIC, PT_INTERP, PT_LOAD, PT_NOTE, PT_TLS, SHF_ALLOC, SHF_EXECINSTR, SHT_DYNAMIC, SHT_DYNSYM, SHT_GNU_verdef, SHT_GNU_verneed,
  SHT_GNU_versym, SHT_NOBITS, SHT_NOTE, SHT_RELA, SHT_SYMTAB } from './constants';
import { type DynamicInfo, readDynamic } from './dynamic';
import { type ElfHeader, interpreterPath, isRefusal, readElfHeader, readSegments, type Segment } from './header';
import { buildIdOf, type Note, readNotes } from './notes';
import { findPltStubs, type PltStub, readRelocations } from './relocations';
import { type Inflate, readSections, type Section, sectionContents, stringAt } from './sections';
import { type ElfSymbol, readVersionNames, SymbolTable } from './symbols';

export class ElfFile {
  private sectionTable: Section[] | undefined;
  private sectionNames: Map<string, Section> | undefined;
  private readonly contents = new Map<number, Uint8Array>();
  private noteList: Note[] | undefined;
  private tables: { full: SymbolTable; dynamic: SymbolTable } | undefined;
  private dynamicInfo: DynamicInfo | undefined | null = null;
  private stubs: PltStub[] | undefined;
  readonly segments: readonly Segment[];

  private constructor(readonly bytes: Uint8Array, readonly header: ElfHeader, private readonly inflate: Inflate | undefined) {
    let count = header.phnum;
    if (count === PN_XNUM) count = this.sections[0]?.info ?? 0;
    this.segments = header.phoff === 0 || header.phoff > bytes.length ? [] : readSegments(bytes.subarray(header.phoff), count, header.phentsize);
  }

  /** Reads the headers of `bytes`; FormatError when it is not an x86-64 ELF file (`anyMachine`: any 64-bit little-endian one). `inflate`: the host's own, faster than ours. */
  static open(bytes: Uint8Array, anyMachine = false, inflate?: Inflate): ElfFile {
    const header = readElfHeader(bytes, anyMachine);
    if (isRefusal(header)) throw new FormatError('ELF header', 0, `the file ${header.sentence}`);
    return new ElfFile(bytes, header, inflate);
  }

  get entry(): Address { return this.header.entry; }

  /** The section headers; a damaged table is a FormatError. */
  get sections(): readonly Section[] {
    this.sectionTable ??= readSections(this.bytes, this.header);
    return this.sectionTable;
  }

  /** The first section of that name; `.debug_x` also finds the old compressed `.zdebug_x`. */
  section(name: string): Section | undefined {
    if (!this.sectionNames) {
      this.sectionNames = new Map();
      for (const s of this.sections) if (!this.sectionNames.has(s.name)) this.sectionNames.set(s.name, s);
    }
    return this.sectionNames.get(name) ?? (name.startsWith('.debug_') ? this.sectionNames.get(`.z${name.slice(1)}`) : undefined);
  }

  /** The section's contents, expanded; undefined when there is no such section (or it occupies no file space); FormatError when damaged. */
  sectionData(which: string | Section): Uint8Array | undefined {
    const section = typeof which === 'string' ? this.section(which) : which;
    if (!section || section.type === SHT_NOBITS) return undefined;
    let data = this.contents.get(section.index);
    if (!data) this.contents.set(section.index, data = sectionContents(this.bytes, section, this.inflate));
    return data;
  }

  /** The section that is mapped at `address`. */
  sectionAt(address: Address): Section | undefined {
    return this.sections.find(s => s.flags & SHF_ALLOC && address >= s.address && address < s.address + BigInt(s.size));
  }

  /** The file's bytes of a segment, as many as there are. */
  segmentData(segment: Segment): Uint8Array {
    return this.bytes.subarray(Math.min(segment.offset, this.bytes.length), Math.min(segment.offset + segment.filesz, this.bytes.length));
  }

  /** PT_INTERP's path: undefined for a static program. */
  get interpreter(): string | undefined {
    const segment = this.segments.find(s => s.type === PT_INTERP);
    return segment && interpreterPath(this.segmentData(segment));
  }

  /** PT_TLS: the template of thread-local storage. */
  get tlsSegment(): Segment | undefined {
    return this.segments.find(s => s.type === PT_TLS);
  }

  /** The lowest and the end address of what is loaded: link-time addresses. */
  get loadRange(): { low: Address; high: Address } | undefined {
    const loads = this.segments.filter(s => s.type === PT_LOAD);
    const first = loads[0];
    if (!first) return undefined;
    return loads.reduce((r, s) => ({ low: s.vaddr < r.low ? s.vaddr : r.low, high: s.vaddr + BigInt(s.memsz) > r.high ? s.vaddr + BigInt(s.memsz) : r.high }), { low: first.vaddr, high: first.vaddr });
  }

  /** ET_DYN: the addresses are relative to where the file is loaded. */
  get isPositionIndependent(): boolean { return this.header.type === ET_DYN; }

  get notes(): readonly Note[] {
    if (!this.noteList) {
      const fromSections = this.sections.filter(s => s.type === SHT_NOTE).flatMap(s => readNotes(this.sectionData(s) ?? new Uint8Array(), s.align));
      this.noteList = fromSections.length > 0 ? fromSections : this.segments.filter(s => s.type === PT_NOTE).flatMap(s => readNotes(this.segmentData(s), s.align));
    }
    return this.noteList;
  }

  /** The build id in hex. */
  get buildId(): string | undefined { return buildIdOf(this.notes); }

  /** .gnu_debuglink: the name of the separate debug file and its CRC-32. */
  get debugLink(): { name: string; crc: number } | undefined {
    const data = this.sectionData('.gnu_debuglink');
    const end = data ? data.indexOf(0) : -1;
    if (!data || end <= 0) return undefined;
    const at = (end + 4) & ~3;
    if (at + 4 > data.length) return undefined;
    return { name: stringAt(data, 0), crc: new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(at, true) };
  }

  /** .gnu_debugaltlink: the supplementary file (dwz) and its build id. */
  get debugAltLink(): { name: string; buildId: string } | undefined {
    const data = this.sectionData('.gnu_debugaltlink');
    const end = data ? data.indexOf(0) : -1;
    if (!data || end <= 0) return undefined;
    return { name: stringAt(data, 0), buildId: Array.from(data.subarray(end + 1), b => b.toString(16).padStart(2, '0')).join('') };
  }

  /** .symtab; empty when stripped. */
  get symbols(): SymbolTable { return this.symbolTables().full; }
  /** .dynsym, with versions. */
  get dynamicSymbols(): SymbolTable { return this.symbolTables().dynamic; }

  /** The defined symbol of that name, from .symtab, else from .dynsym. */
  symbolNamed(name: string): ElfSymbol | undefined {
    return this.symbols.named(name) ?? this.dynamicSymbols.named(name);
  }

  /** The symbol that contains the (link-time) address, with the distance from its beginning; PLT stubs are `name@plt`. */
  symbolAt(address: Address): { symbol: ElfSymbol; offset: number } | undefined {
    const stub = this.pltStubs.find(s => address >= s.address && address < s.address + BigInt(s.size));
    if (stub) return { symbol: { name: `${stub.name}@plt`, value: stub.address, size: stub.size, type: 2, binding: 0, visibility: 0, section: 0 }, offset: Number(address - stub.address) };
    const section = this.sectionAt(address);
    const candidates = [this.symbols.containing(address), this.dynamicSymbols.containing(address)]
      .filter(s => s !== undefined).filter(s => s.size > 0 || !section || s.value >= section.address);
    const symbol = candidates.find(s => s.size > 0) ?? candidates.reduce<ElfSymbol | undefined>((a, b) => !a || b.value > a.value ? b : a, undefined);
    return symbol && { symbol, offset: addressToNumber(address) - addressToNumber(symbol.value) };
  }

  /** The procedure-linkage stubs, named after the functions that they call. */
  get pltStubs(): readonly PltStub[] {
    if (this.stubs) return this.stubs;
    const names = new Map<number, string>();
    for (const section of this.sections.filter(s => s.type === SHT_RELA && s.flags & SHF_ALLOC)) {
      const table = this.sections[section.link]?.type === SHT_DYNSYM ? this.dynamicSymbols : this.symbols;
      for (const r of readRelocations(this.sectionData(section) ?? new Uint8Array())) {
        const name = r.symbol === 0 ? undefined : table.at(r.symbol)?.name;
        if (name) names.set(addressToNumber(r.offset), name);
        else if (r.type === 37) { const target = this.symbols.containing(r.addend); if (target) names.set(addressToNumber(r.offset), `*ABS*+0x${r.addend.toString(16)}`); }
      }
    }
    this.stubs = this.sections.filter(s => s.name.startsWith('.plt') && s.flags & SHF_EXECINSTR)
      .flatMap(s => findPltStubs(this.sectionData(s) ?? new Uint8Array(), s.address, s.name === '.plt.got' ? s.entrySize || 8 : s.entrySize || 16, names));
    return this.stubs;
  }

  /** The dynamic section's facts; undefined for a static program. */
  get dynamic(): DynamicInfo | undefined {
    if (this.dynamicInfo !== null) return this.dynamicInfo;
    const section = this.sections.find(s => s.type === SHT_DYNAMIC);
    const strings = section && this.sections[section.link];
    const segment = this.segments.find(s => s.type === PT_DYNAMIC);
    if (section && strings) this.dynamicInfo = readDynamic(this.sectionData(section) ?? new Uint8Array(), this.sectionData(strings) ?? new Uint8Array());
    else this.dynamicInfo = segment && readDynamic(this.segmentData(segment), new Uint8Array());
    return this.dynamicInfo;
  }

  private symbolTables(): { full: SymbolTable; dynamic: SymbolTable } {
    if (this.tables) return this.tables;
    const none = new Uint8Array();
    const dataOf = (type: number): Uint8Array | undefined => { const s = this.sections.find(x => x.type === type); return s && this.sectionData(s); };
    const read = (type: number): SymbolTable => {
      const section = this.sections.find(s => s.type === type);
      const strings = section && this.sections[section.link];
      if (!section || !strings) return new SymbolTable({ symbols: none, strings: none });
      const data = { symbols: this.sectionData(section) ?? none, strings: this.sectionData(strings) ?? none };
      const versionIndexes = type === SHT_DYNSYM ? dataOf(SHT_GNU_versym) : undefined;
      if (!versionIndexes) return new SymbolTable(data);
      return new SymbolTable({ ...data, versionIndexes, versionNames: readVersionNames(dataOf(SHT_GNU_verdef), dataOf(SHT_GNU_verneed), data.strings) });
    };
    this.tables = { full: read(SHT_SYMTAB), dynamic: read(SHT_DYNSYM) };
    return this.tables;
  }
}
