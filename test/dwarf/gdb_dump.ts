// What gdb knows of the sample program at each marked line: frames, registers, variables, memory. And frames of ours over that memory.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { DebugInfo } from '../../src/dwarf/debug_info';
import type { Expression } from '../../src/dwarf/expr';
import type { UnwindRow } from '../../src/dwarf/frame_types';
import { bytesToBigInt, evaluateNumber, type FramePorts } from '../../src/dwarf/locate';
import { dwarfRegisterNumber } from '../../src/dwarf/registers';
import { markedLine } from './builds';

export interface GdbVariable { name: string; type: string; size: number; bytes: string | null; shown: string }
export interface GdbFrame { name: string; pc: bigint; inlined: boolean; line: number; registers: Record<string, string | null>; variables: GdbVariable[][] }
export interface GdbStop { main: bigint; frames: GdbFrame[]; memory: [number, Buffer][]; printed: Record<string, string> }

const allMarks = ['shadow', 'loop', 'vla', 'many', 'deepest', 'inline', 'after', 'end'];

/** `expressions`: what gdb's print shows for each at every stop; one that begins with `/x ` has a format. */
export function dumpWithGdb(file: string, marks: readonly string[] = allMarks, expressions: readonly string[] = []): GdbStop[] {
  const script = path.resolve('test/programs/dwarf/dump.py');
  const result = spawnSync('gdb', ['-batch', '-nx', '-x', script, file], {
    encoding: 'utf8', maxBuffer: 1 << 28, cwd: path.dirname(file), env: { ...process.env, DEBUGINFOD_URLS: '', LC_ALL: 'C', MARKS: marks.map(m => markedLine(m)).join(), EXPRESSIONS: JSON.stringify(expressions) },
  });
  return result.stdout.split('\n').filter(l => l.startsWith('DUMP ')).map(line => {
    // Addresses fit in 53 bits: they are user space.
    const raw = JSON.parse(line.slice(5)) as { main: number; frames: (Omit<GdbFrame, 'pc'> & { pc: number })[]; memory: [number, string][]; printed: Record<string, string> };
    return { printed: raw.printed, main: BigInt(raw.main), frames: raw.frames.map(f => ({ ...f, pc: BigInt(f.pc) })), memory: raw.memory.map(([low, hex]): [number, Buffer] => [low, Buffer.from(hex, 'hex')]) };
  });
}

/** One frame of ours: registers by DWARF number, over a stop's memory. */
export class TestFrame implements FramePorts {
  constructor(readonly info: DebugInfo, readonly stop: GdbStop, readonly bias: bigint, readonly registers: ReadonlyMap<number, bigint>, readonly isCaller: boolean) {}

  static innermost(info: DebugInfo, stop: GdbStop): TestFrame {
    const bias = stop.main - info.functionsNamed('main')[0]!.low!;
    const registers = new Map<number, bigint>();
    for (const [name, value] of Object.entries(stop.frames[0]!.registers)) if (value !== null) registers.set(dwarfRegisterNumber(name)!, BigInt(value));
    return new TestFrame(info, stop, bias, registers, false);
  }

  get pc(): bigint { return this.registers.get(16)!; }
  /** The file address to look up: within the call. */
  get lookup(): bigint { return this.pc - this.bias - (this.isCaller ? 1n : 0n); }
  get row(): UnwindRow | undefined { return this.info.unwindRow(this.lookup); }

  register(number: number, size: number): bigint | undefined { const v = this.registers.get(number); return v === undefined ? undefined : BigInt.asUintN(size * 8, v); }
  memory(address: bigint, size: number): Uint8Array | undefined {
    for (const [low, bytes] of this.stop.memory) {
      const at = Number(address) - low;
      if (at >= 0 && at + size <= bytes.length) return bytes.subarray(at, at + size);
    }
    return undefined;
  }
  cfa(): bigint | undefined {
    const { row } = this;
    if (!row) return undefined;
    if (row.cfa.kind === 'expression') return evaluateNumber(row.cfa.expression, this);
    const base = this.registers.get(row.cfa.register);
    return base === undefined ? undefined : BigInt.asUintN(64, base + BigInt(row.cfa.offset));
  }
  frameBase(): Expression | undefined { return this.info.frameBaseAt(this.lookup); }
  relocate(address: bigint): bigint { return address + this.bias; }
  tls(): undefined { return undefined; }
  entryValue(expression: Expression): bigint | undefined {
    const caller = this.caller();
    const site = caller && this.info.callSiteAt(caller.pc - this.bias);
    const found = site?.parameters.find(p => Buffer.compare(p.location.bytes, expression.bytes) === 0);
    return found && caller ? evaluateNumber(found.value, caller) : undefined;
  }

  caller(): TestFrame | undefined {
    const { row } = this;
    const cfa = this.cfa();
    if (!row || cfa === undefined) return undefined;
    const registers = new Map<number, bigint>();
    // Registers without a rule keep their value when they are callee-saved. psABI 3.2.1.
    for (const n of [3, 6, 12, 13, 14, 15]) { const v = this.registers.get(n); if (v !== undefined) registers.set(n, v); }
    registers.set(7, cfa);
    for (const [n, rule] of row.registers) {
      if (rule.kind === 'offset') { const bytes = this.memory(cfa + BigInt(rule.offset), 8); if (bytes) registers.set(n, bytesToBigInt(bytes)); }
      else if (rule.kind === 'undefined') registers.delete(n);
    }
    return registers.has(16) ? new TestFrame(this.info, this.stop, this.bias, registers, true) : undefined;
  }
}
