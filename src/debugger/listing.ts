// The machine code of a function as a text, for functions that a step enters without source. Not here: the rows of a disassembly view (disassembly.ts).
import { disassemble } from './disassembly';
import type { Modules } from './modules';
import type { Target } from './target';

export interface Listing {
  /** Of the function. */
  name: string;
  module: string;
  text: string;
  /** From 1; two lines of heading come first. */
  lineOf(address: bigint): number | undefined;
  addressOf(line: number): bigint | undefined;
}

/** Lines above the first instruction. */
const HEADING = 2;
const LONGEST = 1n << 14n;
/** A function whose symbol has no size is shown for that many instructions. */
const UNKNOWN_ROWS = 64;

/** Of the function around `address`; undefined where no symbol says where it begins. */
export async function listingAt(target: Target, modules: Modules, pid: number, address: bigint): Promise<Listing | undefined> {
  const module = modules.at(pid, address), symbol = module?.symbolAt(address);
  if (!module || !symbol || address - symbol.address > LONGEST) return undefined;
  const rows = await disassemble(target, modules, pid, symbol.address, 0, symbol.size === 0n || symbol.size > LONGEST ? UNKNOWN_ROWS : Number(symbol.size));
  const own = rows.filter((row, i) => symbol.size === 0n ? i < UNKNOWN_ROWS : row.address < symbol.address + symbol.size);
  const lines = own.map(row => `0x${row.address.toString(16)}  ${row.text}`);
  return {
    name: symbol.name, module: module.name,
    text: [`; ${symbol.name} of ${module.path}: its source is not there.`, '; Step Over goes by instructions, Step Into on towards the kernel.', ...lines, ''].join('\n'),
    lineOf: at => { const index = own.findIndex(row => row.address === at); return index < 0 ? undefined : index + HEADING + 1; },
    addressOf: line => own[line - HEADING - 1]?.address,
  };
}
