// The ELF files that a task has mapped, where they are loaded, and symbol questions in run-time addresses.
// Not here: reading ELF or DWARF; `open` does that, once per file and only when somebody asks.
import type { CodeLocation, FunctionAt, LineRow, SymbolFile, UnwindRow } from './symbols';
import type { Mapping, Target } from './target';

export type OpenSymbols = (path: string, contents: Uint8Array, readFile: (path: string) => Uint8Array | undefined) => SymbolFile | undefined;

/** One file as it is loaded: run-time address = link-time address + bias. */
export class Module {
  readonly start: bigint;
  readonly end: bigint;
  private loaded: { symbols: SymbolFile | undefined; bias: bigint } | undefined;

  constructor(readonly path: string, readonly mappings: readonly Mapping[], private readonly load: (path: string) => SymbolFile | undefined) {
    this.start = mappings[0]?.start ?? 0n;
    this.end = mappings.at(-1)?.end ?? 0n;
  }

  get name(): string { return this.path.startsWith('[') ? this.path : this.path.slice(this.path.lastIndexOf('/') + 1); }
  get isKernel(): boolean { return this.path === '[kernel]'; }
  get symbols(): SymbolFile | undefined { return this.open().symbols; }
  get bias(): bigint { return this.open().bias; }

  contains(address: bigint): boolean {
    return this.mappings.some(m => address >= m.start && address < m.end);
  }

  lineAt(address: bigint): LineRow | undefined {
    const row = this.symbols?.lineAt(address - this.bias);
    return row && { ...row, start: row.start + this.bias, end: row.end + this.bias };
  }

  functionAt(address: bigint): FunctionAt | undefined {
    const found = this.symbols?.functionAt(address - this.bias);
    return found && { ...found, low: found.low + this.bias, high: found.high + this.bias, bodyStart: found.bodyStart + this.bias, inlined: found.inlined.map(i => ({ ...i, low: i.low + this.bias })) };
  }

  symbolAt(address: bigint): { name: string; address: bigint; size: bigint } | undefined {
    const found = this.symbols?.symbolAt(address - this.bias);
    return found && { ...found, address: found.address + this.bias };
  }

  unwindRow(address: bigint): UnwindRow | undefined {
    return this.symbols?.unwindRow(address - this.bias);
  }

  addressesFor(file: string, line: number): CodeLocation[] {
    return (this.symbols?.addressesFor(file, line) ?? []).map(l => ({ ...l, address: l.address + this.bias }));
  }

  breakpointLocations(file: string, from: number, to: number): CodeLocation[] {
    return (this.symbols?.breakpointLocations(file, from, to) ?? []).map(l => ({ ...l, address: l.address + this.bias }));
  }

  /** Where a breakpoint on a function of this name goes: after the prologue where DWARF tells, else at the symbol. */
  functionAddresses(pattern: string | RegExp): { name: string; address: bigint }[] {
    const { symbols, bias } = this;
    if (!symbols) return [];
    const described = symbols.functionsNamed(pattern);
    const found = described.map(f => ({ name: f.name, address: f.bodyStart + bias }));
    for (const symbol of symbols.symbolsNamed(pattern)) {
      if (!described.some(f => symbol.address >= f.low && symbol.address < f.high) && !found.some(f => f.address === symbol.address + bias)) found.push({ name: symbol.name, address: symbol.address + bias });
    }
    return found;
  }

  private open(): { symbols: SymbolFile | undefined; bias: bigint } {
    if (!this.loaded) {
      const symbols = this.load(this.path);
      const [first] = this.mappings;
      const link = first && symbols?.linkAddressOf(first.offset);
      this.loaded = { symbols, bias: first && link !== undefined ? first.start - link : 0n };
    }
    return this.loaded;
  }
}

/** The modules of every task, remembered until `forget`. */
export class Modules {
  private readonly files = new Map<string, SymbolFile | undefined>();
  private readonly lists = new Map<number, Module[]>();

  /** `isSourceThere`: whether the person has the source file that a module's debug information names. */
  constructor(private readonly target: Target, private readonly openSymbols: OpenSymbols, private readonly isSourceThere: (file: string, modulePath: string) => boolean = () => true) {}

  /** After an exec, a new mapping or a stop: mappings are read anew. Symbol files stay. */
  forget(): void { this.lists.clear(); }

  /** Those of all tasks, each once. */
  all(): Module[] {
    const seen = new Set<string>();
    return this.target.tasks().flatMap(task => this.of(task.pid)).filter(module => {
      const key = `${module.path} ${module.start}`;
      return !seen.has(key) && seen.add(key);
    });
  }

  of(pid: number): readonly Module[] {
    let list = this.lists.get(pid);
    if (!list) {
      const byPath = new Map<string, Mapping[]>();
      for (const mapping of this.target.mappings(pid)) {
        if (!isFile(mapping.path)) continue;
        const group = byPath.get(mapping.path);
        if (group) group.push(mapping); else byPath.set(mapping.path, [mapping]);
      }
      list = [...byPath].filter(([, group]) => group.some(m => m.permissions.includes('x'))).map(([path, group]) => new Module(path, group, p => this.symbolFile(p)));
      this.lists.set(pid, list);
    }
    return list;
  }

  at(pid: number, address: bigint): Module | undefined {
    return this.of(pid).find(module => module.contains(address));
  }

  lineAt(pid: number, address: bigint): LineRow | undefined {
    return this.at(pid, address)?.lineAt(address);
  }

  /** The code at the address has a line in a file that the person has. */
  hasSource(pid: number, address: bigint): boolean {
    const module = this.at(pid, address);
    const row = module?.lineAt(address);
    return module !== undefined && row !== undefined && row.line > 0 && this.isSourceThere(row.file, module.path);
  }

  functionAt(pid: number, address: bigint): FunctionAt | undefined {
    return this.at(pid, address)?.functionAt(address);
  }

  /** `write+0x17`, by the ELF symbols or DWARF. */
  describe(pid: number, address: bigint): string | undefined {
    const module = this.at(pid, address);
    const symbol = module?.symbolAt(address);
    const named = symbol ?? module?.functionAt(address);
    if (!named) return undefined;
    const start = symbol ? symbol.address : (named as FunctionAt).low;
    return address === start ? named.name : `${named.name}+0x${(address - start).toString(16)}`;
  }

  private symbolFile(path: string): SymbolFile | undefined {
    if (!this.files.has(path)) {
      const contents = this.target.readFile(path);
      this.files.set(path, contents && this.openSymbols(path, contents, p => this.target.readFile(p)));
    }
    return this.files.get(path);
  }
}

const isFile = (path: string): boolean => path.startsWith('/') || path === '[vdso]' || path === '[kernel]';
