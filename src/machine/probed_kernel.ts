// The probed kernel beside the plain one: loaded when it is first needed, sharing state, types and the identity of the ops tables, whose entries are
// exchanged while it runs. Also what its table says about files, functions and lines.
import { Errno } from '../abi/errno';
import { assert } from '../base/assert';
import * as kobjects from '../kernel/kobject';
import { syscalls, syscalls32 } from '../kernel/syscall';
import type { KernelEntries, Resume } from './machine';
import { forgetJournal } from './probe';
import { loadProbeTable, loadProbedKernel, sharedModules, type ProbeTable } from './probed_build';

/** A function of the kernel, and the probe of its first statement. */
export interface KernelFunction { readonly name: string; readonly file: string; readonly line: number; readonly probes: readonly number[] }

/** The kernel's entries, and the way out of it, on which sleeping calls go on. */
export interface ProbedEntries extends KernelEntries { exit_to_user_mode(): Resume }

type Methods = Record<string, unknown>;

export class ProbedKernel {
  readonly table: ProbeTable = loadProbeTable();
  private made: ProbedEntries | undefined;
  private readonly exchanged: { table: Methods; key: string; plain: unknown; probed: unknown }[] = [];
  private starts: KernelFunction[] = [];
  private readonly constants = new Map<string, number | Errno>();
  private readonly callers: readonly (readonly number[])[];

  constructor() {
    const callers: number[][] = this.table.functions.map(() => []);
    this.table.calls.forEach((called, fn) => { for (const one of called) callers[one]?.push(fn); });
    this.callers = callers;
  }

  get entries(): ProbedEntries {
    return this.made ??= this.make();
  }

  private make(): ProbedEntries {
    const shared: Record<string, object> = { ...sharedModules(), 'kernel/kobject': { ...kobjects, kobject: declared, ops: (name: string, filled: Methods) => this.fill(name, filled) } };
    const entries = loadProbedKernel()(name => {
      const module = shared[name];
      assert(module, `the probed kernel wants '${name}', which is not shared`);
      return module;
    });
    // Loading changes registries only.
    forgetJournal();
    return entries;
  }

  /** Runs `body` with the probed functions in the ops tables. */
  with<T>(body: () => T): T {
    for (const { table, key, probed } of this.exchanged) table[key] = probed;
    try {
      return body();
    } finally {
      for (const { table, key, plain } of this.exchanged) table[key] = plain;
    }
  }

  /** Which entries may come to one of `functions`: system calls by ABI and number, and whether each entry may on its way back to ring 3, or by a fault or timer. */
  reaching(functions: Iterable<number>): { syscalls: ReadonlySet<number>[]; everywhere: boolean; faults: boolean } {
    const reached = new Set(functions);
    for (const fn of reached) for (const caller of this.callers[fn] ?? []) reached.add(caller);
    const isAny = this.table.loaded.some(fn => reached.has(fn));
    const named = (name: string): boolean => reached.has(this.functionNamed(name));
    const numbers = (table: ReadonlyMap<number, { name: string }>): Set<number> => new Set([...table].filter(([, { name }]) => isAny || reached.has(this.table.handlers[name] ?? -1)).map(([nr]) => nr));
    return { syscalls: [numbers(syscalls), numbers(syscalls32)], everywhere: named('exit_to_user_mode') || named('enter_syscall'), faults: isAny || named('exc') || named('timer_interrupt') || named('host_ready') };
  }

  functionNamed(name: string): number {
    return this.functions.findIndex(fn => fn.name === name);
  }

  /** Where each function begins. */
  get functions(): readonly KernelFunction[] {
    if (this.starts.length === 0) {
      const first: number[] = [];
      this.table.probes.forEach(([fn], probe) => { first[fn] ??= probe; });
      this.starts = this.table.functions.map(({ name, file, line }, fn) => ({ name, file: this.table.files[file]?.path ?? '', line: this.lineOf(first[fn]) ?? line, probes: first[fn] === undefined ? [] : [first[fn]] }));
    }
    return this.starts;
  }

  /** The statements that a breakpoint on a line stands for: the first of each function on the nearest line from there on that has any, but for those that stand in another such function. */
  statementsAt(file: string, line: number): { line: number; probes: number[] } | undefined {
    const index = this.table.files.findIndex(f => f.path === file);
    let nearest = Infinity;
    let found = new Map<number, number>();
    this.table.probes.forEach(([fn, at], probe) => {
      if (this.table.functions[fn]?.file !== index || at < line || at > nearest) return;
      if (at < nearest) found = new Map();
      nearest = at;
      if (!found.has(fn)) found.set(fn, probe);
    });
    const nameOf = (fn: number): string => this.table.functions[fn]?.name ?? '';
    const isWithin = (fn: number): boolean => [...found.keys()].some(outer => nameOf(fn).startsWith(`${nameOf(outer)}/`));
    return nearest === Infinity ? undefined : { line: nearest, probes: [...found].filter(([fn]) => !isWithin(fn)).map(([, probe]) => probe) };
  }

  /** The value of a constant that the kernel's files share: an integer such as FMODE_WRITE, an errno. */
  constant(name: string): number | Errno | undefined {
    if (this.constants.size === 0) {
      for (const module of Object.values(sharedModules())) for (const [key, value] of Object.entries(module)) if (typeof value === 'number' || value instanceof Errno) this.constants.set(key, value);
    }
    return this.constants.get(name);
  }

  /** The lines from `from` to `to` on which statements begin. */
  lines(file: string, from: number, to: number): number[] {
    const index = this.table.files.findIndex(f => f.path === file);
    const lines = new Set<number>();
    for (const [fn, line] of this.table.probes) if (line >= from && line <= to && this.table.functions[fn]?.file === index) lines.add(line);
    return [...lines].sort((a, b) => a - b);
  }

  private lineOf(probe: number | undefined): number | undefined {
    return probe === undefined ? undefined : this.table.probes[probe]?.[1];
  }

  /** An ops table keeps its identity; what the probed build would put in is kept for `with`. */
  private fill(name: string, filled: Methods): Methods {
    const table = kobjects.opsTables.get(name) as Methods | undefined;
    assert(table, `the plain kernel has no ops table '${name}'`);
    for (const key of Object.keys(filled)) if (typeof filled[key] === 'function') this.exchanged.push({ table, key, plain: table[key], probed: filled[key] });
    return table;
  }
}

let loaded: ProbedKernel | undefined;

/** Loads the next part of the probed kernel: its table, then its code. False: there is more. */
export function loadInPart(): boolean {
  const hasTable = loaded !== undefined, build = probedKernel();
  return hasTable && build.functions.length > 0 && build.entries !== undefined;
}

/** The probed kernel of this process, as there is one plain kernel. */
export const probedKernel = (): ProbedKernel => loaded ??= new ProbedKernel();

function declared(name: string): object {
  const type = kobjects.kobjectTypes.get(name);
  assert(type, `the plain kernel has no type '${name}'`);
  return type;
}
