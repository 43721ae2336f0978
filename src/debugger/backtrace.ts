// A call stack as strace -k prints it: module, nearest function symbol and offset, place in the file. strace: src/unwind.c, unwind-libunwind.c.
// Not here: source lines (stack.ts). Differs: names of C++ stay as the linker has them.
import { ElfFile } from '../elf/elf';
import { FormatError } from '../base/errors';
import { Modules, type OpenSymbols } from './modules';
import type { Target } from './target';
import { unwind } from './unwind';

const STT_FUNC = 2, SHN_UNDEF = 0;
const MOST_FRAMES = 256;

interface FunctionSymbol { value: bigint; name: string }

export class Backtraces {
  private readonly modules: Modules;
  private readonly functions = new Map<string, FunctionSymbol[]>();

  constructor(private readonly target: Target, openSymbols: OpenSymbols) {
    this.modules = new Modules(target, openSymbols);
  }

  /** Memory of a task was mapped or unmapped. */
  mappingsChanged(): void { this.modules.forget(); }

  /** The ring-3 frames of a task, one line each; "" for what is no task of the machine yet. */
  text(pid: number): string {
    if (!this.target.tasks().some(task => task.pid === pid)) return '';
    let text = '', depth = 0;
    for (const { ring, pc, lookupPc } of unwind(this.target, this.modules, pid)) {
      if (ring !== 3) continue;
      if (depth++ === MOST_FRAMES) return `${text} > too many stack frames\n`;
      text += ` > ${this.place(pid, pc, lookupPc)}\n`;
    }
    return text;
  }

  private place(pid: number, pc: bigint, lookupPc: bigint): string {
    const module = this.modules.at(pid, lookupPc);
    const mapping = module?.mappings.find(m => lookupPc >= m.start && lookupPc < m.end);
    if (!module || !mapping) return `unexpected_backtracing_error [0x${pc.toString(16)}]`;
    const symbol = nearest(this.functionsOf(module.path), lookupPc - module.bias);
    const name = symbol ? `${symbol.name}+0x${(pc - module.bias - symbol.value).toString(16)}` : '';
    return `${module.path}(${name}) [0x${(pc - mapping.start + mapping.offset).toString(16)}]`;
  }

  /** By address; of several at one address the first of the table. */
  private functionsOf(path: string): FunctionSymbol[] {
    let found = this.functions.get(path);
    if (!found) {
      this.functions.set(path, found = readFunctions(this.target.readFile(path)));
      found.sort((a, b) => a.value < b.value ? -1 : a.value > b.value ? 1 : 0);
    }
    return found;
  }
}

function readFunctions(contents: Uint8Array | undefined): FunctionSymbol[] {
  if (!contents) return [];
  try {
    const elf = ElfFile.open(contents);
    return [...elf.symbols, ...elf.dynamicSymbols].filter(({ type, section }) => type === STT_FUNC && section !== SHN_UNDEF).map(({ value, name }) => ({ value, name }));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return [];
  }
}

/** The last symbol at or before `address`, whatever its size. */
function nearest(symbols: readonly FunctionSymbol[], address: bigint): FunctionSymbol | undefined {
  let low = 0, high = symbols.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((symbols[middle]?.value ?? 0n) <= address) low = middle + 1;
    else high = middle;
  }
  let at = low - 1;
  while (at > 0 && symbols[at - 1]?.value === symbols[at]?.value) at--;
  return symbols[at];
}
