// Variables: those that are visible at an address, block by block, and how each is found. DWARF5 3.4, 4.1.
import { DW_AT, DW_OP, DW_TAG } from './constants';
import { isSigned } from './ctype';
import type { DebugFiles } from './debug_files';
import type { Die } from './die';
import { declaring, type Functions, toAddresses } from './functions';
import type { LineIndex } from './line_index';
import { locationAt } from './loclists';
import type { Scope, Variable, VariableLocation } from './model';
import { rangesOf } from './rnglists';
import { qualifiedName, type TypeReader } from './types';
import type { UnitIndex } from './unit_index';

export class Scopes {
  constructor(
    private readonly files: DebugFiles, private readonly units: UnitIndex, private readonly lines: LineIndex, private readonly functions: Functions, private readonly types: TypeReader,
    private readonly findGlobal: (name: string, near: Die) => Die | undefined,
  ) {}

  /** Innermost first; the function's own block is the last. */
  at(pc: number): Scope[] {
    const fn = this.functions.dieAt(pc);
    if (!fn) return [];
    const scopes = [fn, ...this.functions.blocksAt(fn, pc)].map(die => this.scope(die, pc));
    return scopes.reverse();
  }

  private scope(die: Die, pc: number): Scope {
    const kind = die.tag === DW_TAG.subprogram ? 'function' : die.tag === DW_TAG.inlined_subroutine ? 'inlined' : 'block';
    const name = kind === 'block' ? undefined : qualifiedName(die);
    const variables = this.files.guard(() => this.variablesIn(die, pc), []);
    return { kind, ...(name && { name }), ranges: this.files.guard(() => rangesOf(die), []).map(toAddresses), variables };
  }

  private variablesIn(block: Die, pc: number): Variable[] {
    const variables: Variable[] = [];
    const collect = (parent: Die, depth: number): void => {
      for (const child of parent.children()) {
        if (child.tag === DW_TAG.lexical_block && depth < 16 && rangesOf(child).length === 0) { collect(child, depth + 1); continue; }
        if (child.tag !== DW_TAG.variable && child.tag !== DW_TAG.formal_parameter) continue;
        const variable = this.files.guard(() => this.variable(child, pc), undefined);
        if (variable) variables.push(variable);
      }
    };
    collect(block, 0);
    // What the compiler left out of a concrete copy altogether was optimised out.
    const abstract = block.reference(DW_AT.abstract_origin);
    const origins = new Set<number>();
    if (abstract) {
      const { ends } = block.unit.table;
      for (let i = block.index + 1; i < (ends[block.index] ?? 0); i++) {
        const origin = block.unit.die(i)?.reference(DW_AT.abstract_origin);
        if (origin) origins.add(origin.offset);
      }
    }
    for (const child of abstract?.children() ?? []) {
      if ((child.tag !== DW_TAG.variable && child.tag !== DW_TAG.formal_parameter) || origins.has(child.offset)) continue;
      const variable = this.files.guard(() => this.variable(child, pc), undefined);
      if (variable) variables.push(variable);
    }
    return variables;
  }

  /** `pc` undefined: without a place in the code, as for globals. */
  variable(die: Die, pc: number | undefined): Variable | undefined {
    const name = die.inherit(d => d.name);
    if (name === undefined) return undefined;
    let source = die;
    if (die.flag(DW_AT.declaration) && !die.has(DW_AT.location) && !die.has(DW_AT.const_value)) source = this.findGlobal(name, die) ?? die;
    const declared = declaring(source, DW_AT.decl_file);
    const file = declared && this.lines.fileOf(declared.unit, declared.number(DW_AT.decl_file));
    const line = source.inherit(d => d.number(DW_AT.decl_line));
    const { types, files } = this;
    const type = this.types.typeOf(source);
    return {
      name: pc === undefined ? qualifiedName(source) ?? name : name, type, location: files.guard(() => locationOf(source, pc, types), { kind: 'optimizedOut' }),
      isParameter: source.tag === DW_TAG.formal_parameter, isArtificial: source.inherit(d => d.has(DW_AT.artificial) ? d.flag(DW_AT.artificial) : undefined) ?? false,
      isExternal: source.inherit(d => d.has(DW_AT.external) ? d.flag(DW_AT.external) : undefined) ?? false,
      ...(file && { file }), ...(line !== undefined && { line }), id: this.units.ordinal(source.unit) * 2 ** 32 + source.offset,
    };
  }
}

function locationOf(die: Die, pc: number | undefined, types: TypeReader): VariableLocation {
  if (die.has(DW_AT.location)) {
    const expression = pc === undefined ? die.expression(DW_AT.location) : locationAt(die, DW_AT.location, pc);
    // An expression that adds an index of .debug_addr to nothing, or nothing at all, is a variable that is not there.
    if (!expression || expression.bytes.length === 0) return { kind: 'optimizedOut' };
    if (expression.bytes[0] === DW_OP.addr && expression.bytes.length === 9 && expression.bytes.subarray(1).every(b => b === 0)) return { kind: 'optimizedOut' };
    return { kind: 'expression', expression };
  }
  const holder = declaring(die, DW_AT.const_value);
  if (holder) {
    const bytes = holder.block(DW_AT.const_value);
    if (bytes) return { kind: 'bytes', bytes };
    const text = holder.string(DW_AT.const_value);
    if (text !== undefined) return { kind: 'bytes', bytes: Uint8Array.from([...text].map(c => c.charCodeAt(0)).concat(0)) };
    const value = holder.constant(DW_AT.const_value, isSigned(types.typeOf(die)));
    if (value !== undefined) return { kind: 'constant', value };
  }
  const origin = die.inherit(d => d.has(DW_AT.location) ? d : undefined);
  const expression = origin && (pc === undefined ? origin.expression(DW_AT.location) : locationAt(origin, DW_AT.location, pc));
  return expression ? { kind: 'expression', expression } : { kind: 'optimizedOut' };
}
