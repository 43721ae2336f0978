// The probed kernel beside the plain one: loaded when it is first needed, sharing state, types and the identity of the ops tables, whose entries are
// exchanged while it runs. Also what its table says about files, functions and lines.
import { assert } from '../base/assert';
import * as kobjects from '../kernel/kobject';
import { syscalls, syscalls32 } from '../kernel/syscall';
import type { KernelEntries } from './machine';
import { forgetJournal } from './probe';
import { loadProbedBuild, sharedModules, type ProbeTable } from './probed_build';

type Methods = Record<string, unknown>;

export class ProbedKernel {
  readonly table: ProbeTable;
  readonly entries: KernelEntries;
  private readonly exchanged: { table: Methods; key: string; plain: unknown; probed: unknown }[] = [];
  private readonly callers: readonly (readonly number[])[];

  constructor() {
    const build = loadProbedBuild();
    this.table = build.table;
    const shared: Record<string, object> = { ...sharedModules, 'kernel/kobject': { ...kobjects, kobject: declared, ops: (name: string, filled: Methods) => this.fill(name, filled) } };
    this.entries = build.instantiate(name => {
      const module = shared[name];
      assert(module, `the probed kernel wants '${name}', which is not shared`);
      return module;
    });
    // Loading changes registries only.
    forgetJournal();
    const callers: number[][] = this.table.functions.map(() => []);
    this.table.calls.forEach((called, fn) => { for (const one of called) callers[one]?.push(fn); });
    this.callers = callers;
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
    return this.table.functions.findIndex(fn => fn.name === name);
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

/** The probed kernel of this process, as there is one plain kernel. */
export const probedKernel = (): ProbedKernel => loaded ??= new ProbedKernel();

function declared(name: string): object {
  const type = kobjects.kobjectTypes.get(name);
  assert(type, `the plain kernel has no type '${name}'`);
  return type;
}
