// Names of functions, variables, types and enumerators of a whole file. It is built when a pattern is asked for, or a name in a file that
// cannot be searched (name_search.ts).
import { DW_AT, DW_TAG } from './constants';
import type { DebugFiles } from './debug_files';
import type { Die } from './die';
import { searchName } from './name_search';
import { qualifiedName } from './types';
import type { Unit } from './unit';
import type { UnitIndex } from './unit_index';

export type NameKind = 'function' | 'variable' | 'type' | 'enumerator';

interface Entry { unit: Unit; offset: number; kind: NameKind }

const kinds: Readonly<Record<number, NameKind>> = {
  [DW_TAG.subprogram]: 'function', [DW_TAG.variable]: 'variable', [DW_TAG.structure_type]: 'type', [DW_TAG.class_type]: 'type', [DW_TAG.union_type]: 'type',
  [DW_TAG.enumeration_type]: 'type', [DW_TAG.typedef]: 'type', [DW_TAG.base_type]: 'type', [DW_TAG.enumerator]: 'enumerator',
};

export class NameIndex {
  private names: Map<string, Entry[]> | undefined;
  private readonly searched = new Map<string, Die[]>();

  constructor(private readonly files: DebugFiles, private readonly units: UnitIndex) {}

  /** The entries of that kind and name (in C++ also by qualified name); those of unit `near` first. */
  find(kind: NameKind, name: string, near?: Unit): Die[] {
    const last = name.includes('::') ? name.slice(name.lastIndexOf('::') + 2) : name;
    const dies = this.named(last).filter(d => kinds[d.tag] === kind);
    if (near) dies.sort((a, b) => Number(b.unit === near) - Number(a.unit === near));
    return name === last ? dies : dies.filter(d => { const full = qualifiedName(d) ?? ''; return full === name || full.endsWith(`::${name}`); });
  }

  matching(kind: NameKind, pattern: RegExp): Die[] {
    const found: Entry[] = [];
    for (const [name, entries] of this.index()) {
      pattern.lastIndex = 0;
      if (pattern.test(name)) found.push(...entries.filter(e => e.kind === kind));
    }
    return this.dies(found);
  }

  private dies(entries: readonly Entry[]): Die[] {
    return entries.map(e => this.files.guard(() => e.unit.dieAt(e.offset), undefined)).filter(d => d !== undefined);
  }

  /** All entries of that name: searched for while there is no index and the file can be searched. */
  private named(name: string): Die[] {
    let dies = this.searched.get(name);
    if (dies) return [...dies];
    const { main } = this.files;
    const canSearch = !this.names && !this.units.compileUnits.some(u => this.files.full(u) !== u);
    const found = canSearch ? this.files.guard(() => searchName(main, name), undefined) : undefined;
    dies = found ? found.filter(d => !isDeclaration(d.unit, d.index, d.abbrev.names)) : this.dies(this.index().get(name) ?? []);
    if (this.searched.size > 10_000) this.searched.clear();
    this.searched.set(name, dies);
    return [...dies];
  }

  private index(): Map<string, Entry[]> {
    if (this.names) return this.names;
    const names = this.names = new Map();
    const typeUnits = this.files.main.units.filter(u => u.isTypeUnit);
    const splits = new Set(this.units.fullUnits.filter(u => u.skeleton).map(u => u.container));
    const all = new Set([...this.units.fullUnits, ...this.files.main.units, ...typeUnits, ...[...splits].flatMap(c => c.units.filter(u => u.isTypeUnit))]);
    for (const unit of all) this.files.guard(() => this.collect(unit, names), undefined);
    return names;
  }

  private collect(unit: Unit, names: Map<string, Entry[]>): void {
    const { abbrevs, ends, offsets } = unit.table;
    const add = (name: string | undefined, index: number, kind: NameKind): void => {
      if (!name) return;
      const entry = { unit, offset: offsets[index] ?? 0, kind };
      const same = names.get(name);
      if (same) same.push(entry); else names.set(name, [entry]);
    };
    const visit = (from: number, to: number): void => {
      for (let i = from; i < to; i = ends[i] ?? to) {
        const abbrev = abbrevs[i];
        if (!abbrev) continue;
        const kind = kinds[abbrev.tag];
        if (kind && !isDeclaration(unit, i, abbrev.names)) {
          const die = unit.die(i);
          add(die?.inherit(d => d.name), i, kind);
        }
        if (abbrev.tag === DW_TAG.enumeration_type) {
          for (let child = i + 1; child < (ends[i] ?? to); child++) if (abbrevs[child]?.tag === DW_TAG.enumerator) add(unit.die(child)?.name, child, 'enumerator');
        }
        if (abbrev.tag === DW_TAG.namespace || abbrev.tag === DW_TAG.structure_type || abbrev.tag === DW_TAG.class_type || abbrev.tag === DW_TAG.module) visit(i + 1, ends[i] ?? to);
      }
    };
    visit(1, ends[0] ?? 0);
  }
}

function isDeclaration(unit: Unit, index: number, names: readonly number[]): boolean {
  return names.includes(DW_AT.declaration) && (unit.die(index)?.flag(DW_AT.declaration) ?? false);
}
