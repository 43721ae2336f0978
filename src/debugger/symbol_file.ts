// The symbols of one ELF file out of src/elf and src/dwarf, in the terms that symbols.ts asks for.
// Not here: where the file is loaded.
import { FormatError } from '../base/errors';
import type { DebugInfo } from '../dwarf/debug_info';
import { Evaluation } from '../dwarf/evaluate';
import type { Expression } from '../dwarf/expr';
import type { RegisterRule as DwarfRule } from '../dwarf/frame_types';
import type { FunctionInfo } from '../dwarf/model';
import type { ElfFile } from '../elf/elf';
import type { CodeLocation, FunctionAt, FunctionFacts, LineRow, RegisterRule, SourceFacts, SymbolFile, UnwindExpression, UnwindReader, UnwindRow } from './symbols';

const PT_LOAD = 1, STT_FUNC = 2, STT_NOTYPE = 0, STT_GNU_IFUNC = 10, SHN_UNDEF = 0, STT_TLS = 6;

export class ElfSymbolFile implements SymbolFile {
  private readonly rows = new WeakMap<object, UnwindRow>();

  constructor(private readonly elf: ElfFile, readonly info: DebugInfo) {}

  get hasLines(): boolean { return this.info.hasUnits; }
  get entry(): bigint { return this.elf.entry; }

  linkAddressOf(fileOffset: bigint): bigint | undefined {
    const offset = Number(fileOffset);
    const loads = this.elf.segments.filter(s => s.type === PT_LOAD);
    // A mapping begins at a page: at or before the segment's first byte.
    const segment = loads.find(s => offset >= Math.floor(s.offset / 4096) * 4096 && offset < s.offset + Math.max(s.filesz, 1));
    return segment && segment.vaddr + BigInt(offset - segment.offset);
  }

  lineAt(address: bigint): LineRow | undefined {
    const row = this.info.lineAt(address);
    return row && { file: row.file.path, line: row.line, column: row.column, isStmt: row.isStatement, start: row.address, end: row.end };
  }

  addressesFor(file: string, line: number): CodeLocation[] {
    return this.info.addressesFor(file, line).map(a => ({ address: a.address, file: a.file.path, line: a.line, column: a.column }));
  }

  breakpointLocations(file: string, from: number, to: number): CodeLocation[] {
    return this.info.breakpointLocations(file, from, to).map(p => ({ ...p, file }));
  }

  functionAt(address: bigint): FunctionAt | undefined {
    const found = this.info.functionAt(address);
    const facts = found && this.facts(found.function, address);
    return found && facts && {
      ...facts,
      inlined: [...found.inlined].reverse().map(call => ({
        name: call.function.name, callFile: call.callFile?.path ?? '', callLine: call.callLine ?? 0, callColumn: call.callColumn ?? 0, low: call.ranges[0]?.low ?? address,
      })),
    };
  }

  functionsNamed(pattern: string | RegExp): FunctionFacts[] {
    return this.info.functionsNamed(pattern).flatMap(fn => this.facts(fn, fn.low) ?? []);
  }

  symbolAt(address: bigint): { name: string; address: bigint; size: bigint } | undefined {
    const found = this.elf.symbolAt(address);
    return found && { name: found.symbol.name, address: found.symbol.value, size: BigInt(found.symbol.size) };
  }

  symbolsNamed(pattern: string | RegExp): { name: string; address: bigint }[] {
    const tables = [this.elf.symbols, this.elf.dynamicSymbols];
    const found = tables.flatMap(table => typeof pattern === 'string' ? table.allNamed(pattern) : table.matching(pattern));
    const unique = new Map(found.filter(s => s.section !== SHN_UNDEF && (s.type === STT_FUNC || s.type === STT_GNU_IFUNC || s.type === STT_NOTYPE) && s.value !== 0n).map(s => [s.value, { name: s.name, address: s.value }]));
    return [...unique.values()];
  }

  threadLocalNamed(name: string): bigint | undefined {
    return this.elf.symbols.allNamed(name).find(s => s.type === STT_TLS && s.section !== SHN_UNDEF)?.value;
  }

  unwindRow(address: bigint): UnwindRow | undefined {
    const row = this.info.unwindRow(address);
    if (!row) return undefined;
    let mine = this.rows.get(row);
    if (!mine) {
      mine = {
        cfa: row.cfa.kind === 'register' ? row.cfa : { kind: 'expression', evaluate: unwindExpression(row.cfa.expression) },
        rules: new Map([...row.registers].map(([number, rule]) => [number, ruleOf(rule)])),
        returnAddressRegister: row.returnAddress,
        isSignalFrame: row.isSignalFrame,
      };
      this.rows.set(row, mine);
    }
    return mine;
  }

  get isDistributions(): boolean { return this.info.hasInstalledFile; }

  sources(names?: readonly string[]): SourceFacts[] {
    return this.info.sources(names).map(source => ({ file: source.path, md5: source.md5 }));
  }

  private facts(fn: FunctionInfo, near: bigint | undefined): FunctionFacts | undefined {
    const range = fn.ranges.find(r => near !== undefined && near >= r.low && near < r.high) ?? fn.ranges[0];
    const low = range?.low ?? fn.low;
    const high = range?.high ?? fn.high;
    if (low === undefined || high === undefined) return undefined;
    return { name: fn.name, low, high, bodyStart: low === fn.low ? this.info.prologueEnd(fn) ?? low : low, file: fn.file?.path, line: fn.line };
  }
}

function ruleOf(rule: DwarfRule): RegisterRule {
  switch (rule.kind) {
    case 'sameValue': return { kind: 'same' };
    case 'expression': return { kind: 'expression', evaluate: unwindExpression(rule.expression) };
    case 'valExpression': return { kind: 'valExpression', evaluate: unwindExpression(rule.expression) };
    default: return rule;
  }
}

/** The value that the expression leaves on its stack. */
function unwindExpression(expression: Expression): UnwindExpression {
  return (reader, cfa) => {
    try {
      const evaluation = new Evaluation(expression, cfa === undefined ? [] : [cfa]);
      for (;;) {
        const outcome = evaluation.step();
        if (outcome.need === 'nothing') {
          const [piece] = outcome.pieces;
          return piece?.kind === 'memory' ? piece.address : piece?.kind === 'value' ? piece.value : undefined;
        }
        const answer = answerOf(reader, cfa, outcome);
        if (answer === undefined) return undefined;
        evaluation.answer(answer);
      }
    } catch (error) {
      if (error instanceof FormatError) return undefined;
      throw error;
    }
  };
}

function answerOf(reader: UnwindReader, cfa: bigint | undefined, outcome: { need: string; register?: number; address?: bigint; size?: number }): bigint | undefined {
  if (outcome.need === 'register') return reader.register(outcome.register ?? -1);
  if (outcome.need === 'memory') return reader.memory(outcome.address ?? 0n, outcome.size ?? 8);
  return outcome.need === 'cfa' ? cfa : undefined;
}
