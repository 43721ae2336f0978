// Where a function's lines begin: the places at which a step over may stop.
import type { Modules } from './modules';

/** `depth`: how many inlined calls the statement stands in. */
export interface StatementLine { file: string; line: number; depth: number }

export const isSameLine = (a: StatementLine, b: StatementLine): boolean => a.line === b.line && a.file === b.file && a.depth === b.depth;

/** The statements in [low, high) by address, outside of calls inlined deeper than `depth`. */
export function statementsOf(modules: Modules, pid: number, { low, high }: { low: bigint; high: bigint }, depth: number): Map<bigint, StatementLine> {
  const found = new Map<bigint, StatementLine>();
  for (let at = low; at < high;) {
    const row = modules.lineAt(pid, at);
    if (!row || row.end <= at) { at += 1n; continue; }
    const inlined = modules.functionAt(pid, row.start)?.inlined.length ?? 0;
    if (row.isStmt && row.line > 0 && row.start >= low && inlined <= depth) found.set(row.start, { file: row.file, line: row.line, depth: inlined });
    at = row.end;
  }
  return found;
}
