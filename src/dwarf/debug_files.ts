// Which files hold the debug information of a program: itself, a separate debug file (by build id or .gnu_debuglink), dwz's
// supplementary file, .dwo files and a .dwp package. gdb manual, "Debugging Information in Separate Files"; DWARF5 7.3.5.
import { FormatError } from '../base/errors';
import { ElfFile } from '../elf/elf';
import type { Inflate } from '../elf/sections';
import { Container } from './container';
import { DW_AT, DW_UT } from './constants';
import { Unit } from './unit';

export interface DebugFilesOptions {
  path?: string;
  loadFile?: (path: string) => Uint8Array | undefined;
  debugDirectories?: readonly string[];
  onProblem?: (problem: FormatError) => void;
  /** Expands compressed sections of companion files: the host's own, faster than ours. */
  inflate?: Inflate;
}

export class DebugFiles {
  /** The file whose .debug_info is used. */
  readonly main: Container;
  /** The separate debug file, when the program's own sections were moved there. */
  readonly separate: ElfFile | undefined;
  /** It lies in a debug directory, where distributions install theirs; not beside the program. */
  isInstalled = false;
  private readonly splitUnits = new Map<Unit, Unit>();
  private readonly splitFiles = new Map<string, Container | undefined>();
  private readonly seen = new Set<string>();
  private readonly problems: string[] = [];

  constructor(readonly elf: ElfFile, private readonly options: DebugFilesOptions) {
    const hasInfo = this.guard(() => elf.section('.debug_info') !== undefined && (elf.sectionData('.debug_info')?.length ?? 0) > 0, false);
    this.separate = hasInfo ? undefined : this.guard(() => this.findSeparate(), undefined);
    this.main = new Container(this.separate ?? elf, false, this.report);
    this.guard(() => this.attachSupplement(this.main), undefined);
  }

  /** Tells each different problem once. */
  readonly report = (problem: FormatError): void => {
    if (this.seen.has(problem.message) || this.seen.size > 1000) return;
    this.seen.add(problem.message);
    this.options.onProblem?.(problem);
  };

  /** Runs `action`; a FormatError is reported and gives `fallback`. */
  guard<T>(action: () => T, fallback: T): T {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.report(error);
      return fallback;
    }
  }

  /** The unit with the entries: a skeleton's split unit, when its file is found; otherwise the unit itself. */
  full(unit: Unit): Unit {
    const known = this.splitUnits.get(unit);
    if (known) return known;
    this.splitUnits.set(unit, unit);
    const found = this.guard(() => this.findSplit(unit), undefined) ?? unit;
    this.splitUnits.set(unit, found);
    return found;
  }

  /** What was looked for and not found: .dwo files. */
  get missing(): readonly string[] { return this.problems; }

  private load(path: string): ElfFile | undefined {
    const bytes = this.options.loadFile?.(path);
    return bytes && this.guard(() => ElfFile.open(bytes, true, this.options.inflate), undefined);
  }

  private findSeparate(): ElfFile | undefined {
    const { elf, options } = this;
    const roots = options.debugDirectories ?? ['/usr/lib/debug'];
    const id = elf.buildId;
    if (id && id.length > 2) {
      for (const root of roots) {
        const found = this.load(`${root}/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`);
        if (found && (found.buildId === undefined || found.buildId === id)) {
          this.isInstalled = true;
          return found;
        }
      }
    }
    const link = elf.debugLink;
    if (!link) return undefined;
    const folder = folderOf(options.path ?? '');
    for (const path of [`${folder}${link.name}`, `${folder}.debug/${link.name}`, ...roots.map(root => `${root}/${folder}${link.name}`.replace(/\/+/g, '/'))]) {
      if (path === options.path) continue;
      const bytes = options.loadFile?.(path);
      if (!bytes || crc32(bytes) !== link.crc) continue;
      this.isInstalled = roots.some(root => path.startsWith(`${root}/`));
      return this.guard(() => ElfFile.open(bytes, true, this.options.inflate), undefined);
    }
    return undefined;
  }

  private attachSupplement(container: Container): void {
    const link = container.elf.debugAltLink;
    if (!link) return;
    const roots = this.options.debugDirectories ?? ['/usr/lib/debug'];
    const byId = roots.map(root => `${root}/.build-id/${link.buildId.slice(0, 2)}/${link.buildId.slice(2)}.debug`);
    const candidates = [link.name.startsWith('/') ? link.name : `${folderOf(this.options.path ?? '')}${link.name}`, ...byId];
    for (const path of candidates) {
      const found = this.load(path);
      if (found && found.buildId === link.buildId) { container.supplement = new Container(found, false, this.report); return; }
    }
    this.report(new FormatError('.gnu_debugaltlink', 0, `the supplementary file ${link.name} was not found`));
  }

  private findSplit(unit: Unit): Unit | undefined {
    const { header } = unit;
    if (header.section !== '.debug_info' || (unit.version >= 5 && header.unitType !== DW_UT.skeleton)) return undefined;
    const { root } = unit;
    const name = root.string(DW_AT.dwo_name) ?? root.string(DW_AT.GNU_dwo_name);
    if (!name) return undefined;
    const id = header.dwoId ?? root.constant(DW_AT.GNU_dwo_id);
    const folder = root.string(DW_AT.comp_dir) ?? '';
    const own = folderOf(this.options.path ?? '');
    const base = name.slice(name.lastIndexOf('/') + 1);
    const paths = [`${this.options.path ?? ''}.dwp`, name.startsWith('/') ? name : `${folder}/${name}`, `${own}${name}`, `${own}${base}`];
    for (const path of paths) {
      const file = this.splitFile(path);
      const found = file?.units.find(u => (u.header.unitType === DW_UT.split_compile || u.header.unitType === DW_UT.compile)
        && (id === undefined || (u.header.dwoId ?? this.guard(() => u.root.constant(DW_AT.GNU_dwo_id), undefined)) === id));
      if (found) { found.skeleton = unit; return found; }
    }
    if (!this.problems.includes(name)) this.problems.push(name);
    this.report(new FormatError('.debug_info', header.offset, `the split debug file ${name} was not found`));
    return undefined;
  }

  private splitFile(path: string): Container | undefined {
    if (!this.splitFiles.has(path)) {
      const elf = this.load(path);
      const container = elf && new Container(elf, true, this.report);
      if (container) container.parent = this.main;
      this.splitFiles.set(path, container);
    }
    return this.splitFiles.get(path);
  }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

let crcTable: Uint32Array | undefined;

/** The CRC-32 that .gnu_debuglink carries: zlib's. */
export function crc32(bytes: Uint8Array): number {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, n) => { let c = n; for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb8_8320 ^ (c >>> 1) : c >>> 1; return c; });
  let crc = -1;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ -1) >>> 0;
}
