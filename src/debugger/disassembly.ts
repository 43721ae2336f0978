// Disassembly with exactly as many rows as asked for, before and after an address. The formatter (iced-x86) is loaded on first use.
// Not here: the processor's own decoder.
import type { Decoder, Formatter } from 'iced-x86';
import type { Modules } from './modules';
import type { LineRow } from './symbols';
import type { Target } from './target';

export interface DisassemblyRow {
  address: bigint;
  bytes: Uint8Array;
  text: string;
  /** Set at the first instruction of a symbol. */
  symbol?: string;
  line?: LineRow;
  /** False: not an instruction, or memory that cannot be read. */
  isValid: boolean;
}

type Iced = typeof import('iced-x86');
let iced: Promise<Iced> | undefined;

async function load(): Promise<Iced> {
  iced ??= import('iced-x86').then(module => 'default' in module ? module.default as Iced : module);
  return iced;
}

const LONGEST = 15;
/** What stands where nothing is, such as before the kernel's first byte. */
const NOT_MAPPED = '(not mapped)';
/** How far before the address a known start of an instruction is looked for. */
const LOOK_BACK = 4096n;

/** `count` rows; row `-offset` is the instruction at `address` when `offset` is negative. */
export async function disassemble(target: Target, modules: Modules, pid: number, address: bigint, offset: number, count: number): Promise<DisassemblyRow[]> {
  const { Decoder, Formatter, FormatterSyntax, DecoderOptions } = await load();
  const formatter = new Formatter(FormatterSyntax.Intel);
  try {
    formatter.firstOperandCharIndex = 8;
    formatter.hexPrefix = '0x';
    formatter.hexSuffix = '';
    formatter.spaceAfterOperandSeparator = true;
    formatter.branchLeadingZeros = false;
    formatter.ripRelativeAddresses = true;
    const decode = (bytes: Uint8Array, at: bigint): Decoder => { const decoder = new Decoder(64, bytes, DecoderOptions.None); decoder.ip = at; return decoder; };
    const sweep = (from: bigint, rows: number, until?: bigint): DisassemblyRow[] => linear({ target, modules, pid, formatter, decode }, from, rows, until);
    const before = offset < 0 ? precedingRows(sweep, target, modules, pid, address, -offset) : [];
    const skipped = Math.max(0, offset);
    const after = sweep(address, Math.max(0, count - before.length) + skipped).slice(skipped);
    return [...before, ...after].slice(0, count);
  } finally {
    formatter.free();
  }
}

interface Sweep { target: Target; modules: Modules; pid: number; formatter: Formatter; decode(bytes: Uint8Array, at: bigint): Decoder }

function linear({ target, modules, pid, formatter, decode }: Sweep, from: bigint, count: number, until?: bigint): DisassemblyRow[] {
  const rows: DisassemblyRow[] = [];
  let at = from;
  while (rows.length < count && (until === undefined || at < until)) {
    const bytes = target.readMemory(pid, at, LONGEST);
    if (bytes.length === 0) { rows.push({ address: at, bytes, text: NOT_MAPPED, isValid: false }); at += 1n; continue; }
    const decoder = decode(bytes, at);
    const instruction = decoder.decode();
    const isValid = !instruction.isInvalid && (until === undefined || at + BigInt(instruction.length) <= until);
    const length = isValid ? instruction.length : 1;
    const place = modules.at(pid, at);
    const symbol = place?.symbolAt(at);
    let text = isValid ? formatter.format(instruction) : '(bad)';
    if (isValid) text += comment(modules, pid, instruction.isCallNear || instruction.isJmpShortOrNear || instruction.isJccShortOrNear ? instruction.nearBranchTarget : instruction.isIpRelMemoryOperand ? instruction.ipRelMemoryAddress : undefined);
    rows.push({ address: at, bytes: bytes.slice(0, length), text, symbol: symbol?.address === at ? symbol.name : undefined, line: place?.lineAt(at), isValid });
    at += BigInt(length);
    instruction.free();
    decoder.free();
  }
  return rows;
}

function comment(modules: Modules, pid: number, address: bigint | undefined): string {
  const name = address === undefined ? undefined : modules.describe(pid, address);
  return name === undefined ? '' : `  ; <${name}>`;
}

/** Sweeps from a place where an instruction is known to begin: the symbol's or function's start, or the nearest readable byte whose sweep meets `address`. */
function precedingRows(sweep: (from: bigint, rows: number, until?: bigint) => DisassemblyRow[], target: Target, modules: Modules, pid: number, address: bigint, count: number): DisassemblyRow[] {
  const found: DisassemblyRow[] = [];
  let end = address;
  while (found.length < count && address - end < LOOK_BACK * 16n) {
    const start = startBefore(target, modules, pid, end);
    if (start === undefined) break;
    const rows = sweep(start, 100_000, end);
    found.unshift(...rows);
    end = start;
  }
  const rows = found.slice(-count);
  while (rows.length < count) {
    const first = rows[0]?.address ?? address;
    rows.unshift({ address: first > 0n ? first - 1n : 0n, bytes: new Uint8Array(0), text: NOT_MAPPED, isValid: false });
  }
  return rows;
}

function startBefore(target: Target, modules: Modules, pid: number, end: bigint): bigint | undefined {
  if (end === 0n) return undefined;
  const module = modules.at(pid, end - 1n);
  const symbol = module?.symbolAt(end - 1n)?.address ?? module?.functionAt(end - 1n)?.low;
  if (symbol !== undefined && symbol < end && end - symbol <= LOOK_BACK * 4n) return symbol;
  const row = module?.lineAt(end - 1n);
  if (row && row.start < end && end - row.start <= LOOK_BACK) return row.start;
  // No symbol: sixteen readable bytes back resynchronise on most code.
  for (let distance = 16n; distance > 0n; distance--) if (end >= distance && target.readMemory(pid, end - distance, 1).length === 1) return end - distance;
  return undefined;
}
