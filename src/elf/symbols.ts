// A symbol table (.symtab or .dynsym): by name, by address, with versions. It is decoded on first use.
// Original: elf.h Elf64_Sym, Elf64_Verdef, Elf64_Verneed; the choice among symbols of one address follows gdb's habit.
import { type Address, addressToNumber } from '../base/address';
import { ByteReader } from '../base/bytes';
import { encodeUtf8 } from '../base/text';
import { SHN_UNDEF, STB_GLOBAL, STB_LOCAL, STB_WEAK, STT_FILE, STT_FUNC, STT_GNU_IFUNC, STT_NOTYPE, STT_OBJECT, STT_SECTION, STT_TLS } from './constants';
import { stringAt } from './sections';

export interface ElfSymbol {
  name: string;
  /** `GLIBC_2.34`, when the symbol is versioned. */
  version?: string;
  /** The version is the default one (`name@@VERSION`). */
  isDefaultVersion?: boolean;
  value: Address;
  size: number;
  /** STT_FUNC, STT_OBJECT, STT_TLS ... */
  type: number;
  /** STB_LOCAL, STB_GLOBAL, STB_WEAK. */
  binding: number;
  visibility: number;
  /** Section index; SHN_UNDEF for a symbol that another file defines. */
  section: number;
}

/** A version that this file defines, or needs of another. */
export interface VersionName { name: string; isDefinition: boolean }

export interface SymbolTableData {
  symbols: Uint8Array;
  strings: Uint8Array;
  versionIndexes?: Uint8Array;
  versionNames?: ReadonlyMap<number, VersionName>;
}

const SYM_SIZE = 24;

export class SymbolTable {
  readonly length: number;
  private sorted: { values: Float64Array; indexes: Uint32Array; longest: number } | undefined;
  private readonly view: DataView;

  constructor(private readonly data: SymbolTableData) {
    this.length = Math.floor(data.symbols.length / SYM_SIZE);
    this.view = new DataView(data.symbols.buffer, data.symbols.byteOffset, data.symbols.byteLength);
  }

  /** The symbol with this index; undefined outside the table. */
  at(index: number): ElfSymbol | undefined {
    if (!(index >= 0 && index < this.length)) return undefined;
    const { view, data } = this;
    const at = index * SYM_SIZE;
    const info = view.getUint8(at + 4);
    const symbol: ElfSymbol = {
      name: this.nameAt(index), value: view.getBigUint64(at + 8, true), size: Number(view.getBigUint64(at + 16, true)),
      type: info & 15, binding: info >> 4, visibility: view.getUint8(at + 5) & 3, section: view.getUint16(at + 6, true),
    };
    const versions = data.versionIndexes;
    if (versions && index * 2 + 1 < versions.length) {
      const raw = (versions[index * 2] ?? 0) | ((versions[index * 2 + 1] ?? 0) << 8);
      const version = data.versionNames?.get(raw & 0x7fff);
      if (version) { symbol.version = version.name; symbol.isDefaultVersion = version.isDefinition && (raw & 0x8000) === 0; }
    }
    return symbol;
  }

  *[Symbol.iterator](): Generator<ElfSymbol> {
    for (let i = 0; i < this.length; i++) {
      const symbol = this.at(i);
      if (symbol) yield symbol;
    }
  }

  /** Every symbol of that name (a name may occur in several versions, or as several local symbols); defined ones first. */
  allNamed(name: string): ElfSymbol[] {
    const { strings } = this.data;
    const wanted = encodeUtf8(name);
    const found: ElfSymbol[] = [];
    for (let i = 1; i < this.length; i++) {
      const at = this.view.getUint32(i * SYM_SIZE, true);
      if (strings[at + wanted.length] !== 0 || strings[at] !== wanted[0]) continue;
      let k = 1;
      while (k < wanted.length && strings[at + k] === wanted[k]) k++;
      const symbol = k >= wanted.length && isNameable(this.typeAt(i)) ? this.at(i) : undefined;
      if (symbol) found.push(symbol);
    }
    return found.sort((a, b) => rank(a) - rank(b));
  }

  /** The defined symbol of that name: global before weak before local, the default version before others. */
  named(name: string): ElfSymbol | undefined {
    return this.allNamed(name).find(s => s.section !== SHN_UNDEF);
  }

  /** Defined functions and objects whose name matches. */
  matching(pattern: RegExp): ElfSymbol[] {
    const found: ElfSymbol[] = [];
    for (let i = 1; i < this.length; i++) {
      if (!isNameable(this.typeAt(i)) || this.view.getUint16(i * SYM_SIZE + 6, true) === SHN_UNDEF) continue;
      pattern.lastIndex = 0;
      if (!pattern.test(this.nameAt(i))) continue;
      const symbol = this.at(i);
      if (symbol) found.push(symbol);
    }
    return found;
  }

  /**
   * The symbol that contains `address`, best first: one whose size covers it, or, without a size, the nearest below it.
   * Of several at one address: global before weak before local, a function before an object before the rest.
   */
  containing(address: Address): ElfSymbol | undefined {
    const { values, indexes, longest } = this.index();
    const wanted = addressToNumber(address);
    let low = 0, high = values.length;
    while (low < high) { const middle = (low + high) >> 1; if ((values[middle] ?? 0) <= wanted) low = middle + 1; else high = middle; }
    let best: ElfSymbol | undefined;
    let nearest: ElfSymbol | undefined;
    for (let i = low - 1, steps = 0; i >= 0 && steps < 4096; i--, steps++) {
      const value = values[i] ?? 0;
      if (best && addressToNumber(best.value) !== value) break;
      if (nearest && wanted - value >= longest) break;
      const symbol = this.at(indexes[i] ?? 0);
      if (!symbol) continue;
      const covers = symbol.size > 0 ? wanted < value + symbol.size : wanted === value;
      if (covers && (!best || rank(symbol) < rank(best))) best = symbol;
      if (symbol.size === 0 && (!nearest || (nearest.value === symbol.value && rank(symbol) < rank(nearest)))) nearest = symbol;
    }
    return best ?? nearest;
  }

  private index(): { values: Float64Array; indexes: Uint32Array; longest: number } {
    if (this.sorted) return this.sorted;
    const picked: { value: number; index: number }[] = [];
    let longest = 0;
    for (let i = 1; i < this.length; i++) {
      const type = this.typeAt(i);
      const section = this.view.getUint16(i * SYM_SIZE + 6, true);
      if (type === STT_TLS || !isNameable(type) || section === SHN_UNDEF || this.view.getUint32(i * SYM_SIZE, true) === 0) continue;
      const value = this.view.getInt32(i * SYM_SIZE + 12, true) * 0x1_0000_0000 + this.view.getUint32(i * SYM_SIZE + 8, true);
      longest = Math.max(longest, this.view.getUint32(i * SYM_SIZE + 20, true) * 0x1_0000_0000 + this.view.getUint32(i * SYM_SIZE + 16, true));
      picked.push({ value, index: i });
    }
    picked.sort((a, b) => a.value - b.value || a.index - b.index);
    this.sorted = { values: Float64Array.from(picked, p => p.value), indexes: Uint32Array.from(picked, p => p.index), longest };
    return this.sorted;
  }

  private typeAt(index: number): number { return this.view.getUint8(index * SYM_SIZE + 4) & 15; }
  private nameAt(index: number): string { return stringAt(this.data.strings, this.view.getUint32(index * SYM_SIZE, true)); }
}

function isNameable(type: number): boolean {
  return type !== STT_SECTION && type !== STT_FILE;
}

/** Smaller is preferred. */
function rank(symbol: ElfSymbol): number {
  const kind = symbol.type === STT_FUNC || symbol.type === STT_GNU_IFUNC ? 0 : symbol.type === STT_OBJECT ? 1 : symbol.type === STT_NOTYPE ? 2 : 3;
  const binding = symbol.binding === STB_GLOBAL ? 0 : symbol.binding === STB_WEAK ? 1 : symbol.binding === STB_LOCAL ? 2 : 1;
  return (symbol.section === SHN_UNDEF ? 100 : 0) + (symbol.isDefaultVersion === false ? 10 : 0) + kind * 3 + binding;
}

/** The names of version indexes from .gnu.version_d and .gnu.version_r. */
export function readVersionNames(definitions: Uint8Array | undefined, needs: Uint8Array | undefined, strings: Uint8Array): Map<number, VersionName> {
  const names = new Map<number, VersionName>();
  const walk = (bytes: Uint8Array, section: string, each: (reader: ByteReader, at: number) => number): void => {
    for (let at = 0, steps = 0; steps < 65536; steps++) {
      if (at + 16 > bytes.length) return;
      const next = each(new ByteReader(bytes, section, at), at);
      if (next === 0) return;
      at += next;
    }
  };
  if (definitions) {
    walk(definitions, '.gnu.version_d', (reader, at) => {
      reader.skip(4);
      const index = reader.u16();
      reader.skip(6);
      const aux = reader.u32(), next = reader.u32();
      if (at + aux + 8 <= definitions.length) names.set(index, { name: stringAt(strings, new ByteReader(definitions, '.gnu.version_d', at + aux).u32()), isDefinition: true });
      return next;
    });
  }
  if (needs) {
    walk(needs, '.gnu.version_r', (reader, at) => {
      reader.skip(2);
      const count = reader.u16();
      reader.skip(4);
      const aux = reader.u32(), next = reader.u32();
      for (let i = 0, entry = at + aux; i < count && entry + 16 <= needs.length; i++) {
        const item = new ByteReader(needs, '.gnu.version_r', entry);
        item.skip(6);
        names.set(item.u16() & 0x7fff, { name: stringAt(strings, item.u32()), isDefinition: false });
        const step = item.u32();
        if (step === 0) break;
        entry += step;
      }
      return next;
    });
  }
  return names;
}
