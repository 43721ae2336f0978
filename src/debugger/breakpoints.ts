// The person's breakpoints: what was asked, where it is bound in the modules of now, and whether a hit counts.
// Not here: asking the machine to stop (debugger.ts), decoding calls (syscall_filter.ts).
import { UserError } from '../base/errors';
import { findKernelFunctions, isImageSource, kernelDocument, kernelFile } from './kernel_source';
import { parseKernelExpression, type KernelExpression } from './objects/evaluate';
import type { Module } from './modules';
import { checkProgramExpression } from './program_expression';
import type { SourceMap } from './source_map';
import { normalize } from './source_map';
import { parseSyscallFilter, type CallPhase, type SyscallCatalog, type SyscallFilter } from './syscall_filter';
import type { KernelCode, Watchpoint } from './target';

export interface BreakpointOptions { condition?: string; hitCondition?: string; logMessage?: string }
/** `address`: in a listing of machine code, the instruction of that line; null where there is none. */
export interface SourceRequest extends BreakpointOptions { line: number; column?: number; address?: bigint | null }
export interface FunctionRequest extends BreakpointOptions { name: string }
export interface InstructionRequest extends BreakpointOptions { address: bigint }
export interface DataRequest extends BreakpointOptions, Watchpoint {}
export interface FilterRequest { filter: string; condition?: string }

export type BreakpointKind = 'source' | 'function' | 'instruction' | 'data' | 'filter';

export interface Breakpoint {
  readonly id: number;
  readonly kind: BreakpointKind;
  isVerified: boolean;
  /** Why it is not verified, one sentence. */
  message?: string;
  /** Where it stands: the person's path. */
  file?: string;
  line?: number;
  column?: number;
  addresses: bigint[];
  /** Statements of the simulated kernel. */
  probes: readonly number[];
  readonly condition?: string;
  /** The same text over the kernel's objects, for a breakpoint in the kernel. */
  readonly kernelCondition?: KernelExpression;
  readonly hitCondition?: (hits: number) => boolean;
  readonly logMessage?: string;
  readonly request: { source?: { path: string; asked: SourceRequest }; name?: string; watch?: Watchpoint; filter?: { id: string; calls?: SyscallFilter } };
}

/** The syscall filters that a person can tick; the phase at which each stops. */
export const CALL_FILTERS: Readonly<Record<string, CallPhase>> = { 'syscall': 'enter', 'syscall-exit': 'exit', 'syscall-fail': 'fail' };

export class Breakpoints {
  private nextId = 1;
  private readonly bySource = new Map<string, Breakpoint[]>();
  private functions: Breakpoint[] = [];
  private instructions: Breakpoint[] = [];
  private data: Breakpoint[] = [];
  private filters: Breakpoint[] = [];
  /** Whose functions and lines can be meant, too. */
  kernel: KernelCode | undefined;

  constructor(private readonly catalog: SyscallCatalog, private readonly sourceMap: SourceMap) {}

  setSource(path: string, requests: readonly SourceRequest[], modules: readonly Module[]): Breakpoint[] {
    const key = normalize(path);
    const list = requests.map(asked => this.make('source', asked, { source: { path: key, asked } }));
    this.bySource.set(key, list);
    for (const breakpoint of list) this.bind(breakpoint, modules);
    return list;
  }

  setFunctions(requests: readonly FunctionRequest[], modules: readonly Module[]): Breakpoint[] {
    this.functions = requests.map(asked => this.make('function', asked, { name: asked.name.trim() }));
    for (const breakpoint of this.functions) this.bind(breakpoint, modules);
    return this.functions;
  }

  setInstructions(requests: readonly InstructionRequest[]): Breakpoint[] {
    this.instructions = requests.map(asked => {
      const breakpoint = this.make('instruction', asked, {});
      breakpoint.addresses = [asked.address];
      breakpoint.isVerified = breakpoint.message === undefined;
      return breakpoint;
    });
    return this.instructions;
  }

  setData(requests: readonly DataRequest[]): Breakpoint[] {
    this.data = requests.map(asked => {
      const breakpoint = this.make('data', asked, { watch: { address: asked.address, size: asked.size, access: asked.access } });
      breakpoint.isVerified = breakpoint.message === undefined;
      return breakpoint;
    });
    return this.data;
  }

  setFilters(requests: readonly FilterRequest[]): Breakpoint[] {
    this.filters = requests.map(({ filter, condition = '' }) => {
      const phase = CALL_FILTERS[filter];
      const request: Breakpoint['request'] = { filter: { id: filter } };
      const breakpoint = this.make('filter', {}, request);
      if (!phase) breakpoint.message = `there is no filter '${filter}'`;
      else {
        breakpoint.message = reasonOf(() => { if (request.filter) request.filter.calls = parseSyscallFilter(phase, condition, this.catalog); });
        breakpoint.isVerified = breakpoint.message === undefined;
      }
      return breakpoint;
    });
    return this.filters;
  }

  /** Binds anew after code appeared; returns those whose place or state changed. */
  rebind(modules: readonly Module[]): Breakpoint[] {
    return [...this.bySource.values()].flat().concat(this.functions).filter(breakpoint => {
      const before = JSON.stringify([breakpoint.isVerified, breakpoint.line, breakpoint.addresses.map(String)]);
      this.bind(breakpoint, modules);
      return before !== JSON.stringify([breakpoint.isVerified, breakpoint.line, breakpoint.addresses.map(String)]);
    });
  }

  clear(): void {
    this.bySource.clear();
    this.functions = this.instructions = this.data = this.filters = [];
  }

  /** Those that stop at some of their hits only. */
  withHitCondition(): Breakpoint[] { return this.all().concat(this.data).filter(({ isVerified, hitCondition }) => isVerified && hitCondition); }

  addresses(): Set<bigint> {
    return new Set(this.all().filter(b => b.isVerified).flatMap(b => b.addresses));
  }

  at(address: bigint): Breakpoint[] {
    return this.all().filter(b => b.isVerified && b.addresses.includes(address));
  }

  probes(): Set<number> {
    return new Set(this.all().filter(b => b.isVerified).flatMap(b => b.probes));
  }

  atProbe(probe: number): Breakpoint[] {
    return this.all().filter(b => b.isVerified && b.probes.includes(probe));
  }

  watchpoints(): Watchpoint[] {
    return this.data.flatMap(b => b.isVerified && b.request.watch ? [b.request.watch] : []);
  }

  watching(address: bigint, size: number): Breakpoint[] {
    return this.data.filter(({ isVerified, request: { watch } }) => isVerified && watch && address < watch.address + BigInt(watch.size) && watch.address < address + BigInt(size));
  }

  /** The filters that look at calls at this phase; 'fail' is a phase of the return. */
  callFilters(phase: CallPhase): { breakpoint: Breakpoint; calls: SyscallFilter }[] {
    return this.filters.flatMap(breakpoint => {
      const calls = breakpoint.request.filter?.calls;
      return breakpoint.isVerified && calls?.phase === phase ? [{ breakpoint, calls }] : [];
    });
  }

  private all(): Breakpoint[] {
    return [...[...this.bySource.values()].flat(), ...this.functions, ...this.instructions];
  }

  private make(kind: BreakpointKind, options: BreakpointOptions, request: Breakpoint['request']): Breakpoint {
    let condition: string | undefined;
    let kernelCondition: KernelExpression | undefined;
    let hitCondition: ((hits: number) => boolean) | undefined;
    const text = options.condition?.trim() ?? '';
    const inProgram = text && reasonOf(() => { checkProgramExpression(text); condition = text; });
    const inKernel = text && reasonOf(() => { kernelCondition = parseKernelExpression(text); });
    const wrong = request.source && kernelFile(request.source.path) !== undefined || inProgram && request.name !== undefined ? inKernel : inProgram;
    const message = wrong || reasonOf(() => { if (options.hitCondition?.trim()) hitCondition = parseHitCondition(options.hitCondition); });
    return { id: this.nextId++, kind, isVerified: false, message, addresses: [], probes: [], condition, kernelCondition, hitCondition, logMessage: options.logMessage || undefined, request };
  }

  private bind(breakpoint: Breakpoint, modules: readonly Module[]): void {
    const { source, name } = breakpoint.request;
    if (breakpoint.message !== undefined && breakpoint.addresses.length === 0 && !breakpoint.message.startsWith(NOT_BOUND)) return;
    breakpoint.message = undefined;
    if (source) this.bindSource(breakpoint, source.path, source.asked, modules);
    else if (name !== undefined) bindFunction(breakpoint, name, modules, this.kernel);
  }

  private bindSource(breakpoint: Breakpoint, path: string, asked: SourceRequest, modules: readonly Module[]): void {
    if (asked.address !== undefined) {
      Object.assign(breakpoint, { line: asked.line, addresses: asked.address === null ? [] : [asked.address], isVerified: asked.address !== null });
      if (asked.address === null) breakpoint.message = 'there is no instruction on this line';
      return;
    }
    const file = kernelFile(path);
    if (file?.endsWith('.ts')) {
      const found = this.kernel?.statementsAt(file, asked.line);
      Object.assign(breakpoint, { file: path, line: found?.line ?? asked.line, probes: found?.probes ?? [], isVerified: found !== undefined });
      if (!found) breakpoint.message = `${NOT_BOUND} the kernel has no statement from this line on`;
      return;
    }
    const names = this.sourceMap.namesOf(path);
    const found = modules.flatMap(module => (module.symbols?.sources(names) ?? [])
      .filter(source => file === undefined ? this.sourceMap.isSame(source.file, module.path, path) : isImageSource(path, module, source.file))
      .flatMap(source => module.addressesFor(source.file, asked.line)));
    const [first] = asked.column === undefined ? found : [...found].sort((a, b) => Math.abs(a.column - (asked.column ?? 0)) - Math.abs(b.column - (asked.column ?? 0)));
    breakpoint.addresses = [...new Set((asked.column === undefined ? found : found.filter(f => f.column === first?.column)).map(f => f.address))];
    breakpoint.isVerified = breakpoint.addresses.length > 0;
    breakpoint.file = path;
    breakpoint.line = first?.line ?? asked.line;
    breakpoint.column = asked.column === undefined ? undefined : first?.column;
    if (!breakpoint.isVerified) breakpoint.message = `${NOT_BOUND} no loaded file has code for this line (was it compiled with -g?)`;
  }
}

const NOT_BOUND = 'Not bound yet:';

/** The kernel's functions are meant where no loaded file has one of that name, or by `kernel:NAME`. */
function bindFunction(breakpoint: Breakpoint, given: string, modules: readonly Module[], kernel: KernelCode | undefined): void {
  const name = given.replace(/^kernel:/, '');
  let found: { name: string; address: bigint }[] = [];
  breakpoint.message = reasonOf(() => { 
    const pattern = functionPattern(name);
    if (name === given) found = modules.flatMap(module => module.functionAddresses(pattern));
    if (found.length > 0 || !kernel) return;
    const functions = findKernelFunctions(kernel, pattern), [first] = functions;
    breakpoint.probes = functions.flatMap(fn => fn.probes);
    if (first) Object.assign(breakpoint, { file: kernelDocument(first.file), line: first.line });
  });
  breakpoint.addresses = [...new Set(found.map(f => f.address))];
  breakpoint.isVerified = breakpoint.addresses.length > 0 || breakpoint.probes.length > 0;
  if (!breakpoint.isVerified) breakpoint.message ??= `${NOT_BOUND} no loaded file has a function '${name}'`;
}

/** A name, a glob (`do_*`) or `/re EXPRESSION`. */
export function functionPattern(name: string): string | RegExp {
  const regular = /^\/re\s+(.*)$/.exec(name);
  try {
    if (regular?.[1]) return new RegExp(regular[1]);
  } catch (error) {
    throw new UserError(`'${regular?.[1]}' is not a regular expression: ${String(error)}`);
  }
  if (!/[*?]/.test(name)) return name;
  return new RegExp(`^${name.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`);
}

/** `N`, `=N` or `==N`: at the Nth hit alone; `>=N`: from it on; `%N`: every Nth; also `>N`, `<N`, `<=N`. */
export function parseHitCondition(text: string): (hits: number) => boolean {
  const match = /^\s*(>=|<=|==|=|>|<|%)?\s*(\d+)\s*$/.exec(text);
  const count = Number(match?.[2]);
  if (!match || match[1] === '%' && count === 0) throw new UserError(`'${text.trim()}' is not a hit condition: write 3, >=3, <3 or %3`);
  switch (match[1]) {
    case '<': return hits => hits < count;
    case '<=': return hits => hits <= count;
    case '>': return hits => hits > count;
    case '%': return hits => hits % count === 0;
    case '>=': return hits => hits >= count;
    default: return hits => hits === count;
  }
}

function reasonOf(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
