// A WebAssembly module in the making: types, imports, functions, exports, an element segment. WebAssembly 2.0, section 5.5.
import { Bytes } from './bytes';
import { TYPE_CODE, type Callee } from './code';
import type { Type } from './ops';

export class ModuleBuilder {
  private readonly types: string[] = [];
  private readonly typeBytes = new Bytes();
  private readonly imports = new Bytes();
  private importCount = 0;
  private importedFunctions = 0;
  private readonly functions: { type: number; body: Bytes }[] = [];
  private readonly exports = new Bytes();
  private exportCount = 0;
  private readonly elements = new Bytes();
  private elementCount = 0;

  type(params: readonly Type[], results: readonly Type[]): number {
    const key = `${params.join()}:${results.join()}`;
    const known = this.types.indexOf(key);
    if (known >= 0) return known;
    const out = this.typeBytes;
    out.byte(0x60);
    for (const list of [params, results]) { out.u32(list.length); for (const t of list) out.byte(TYPE_CODE[t]); }
    return this.types.push(key) - 1;
  }

  /** All function imports before the first function. */
  importFunction(module: string, name: string, params: readonly Type[], results: readonly Type[]): Callee {
    const type = this.type(params, results);
    this.imports.name(module); this.imports.name(name);
    this.imports.byte(0); this.imports.u32(type);
    this.importCount++;
    return { index: this.importedFunctions++, params, results };
  }

  importMemory(module: string, name: string): void {
    this.imports.name(module); this.imports.name(name);
    this.imports.bytes([2, 0, 0]);
    this.importCount++;
  }

  importTable(module: string, name: string): void {
    this.imports.name(module); this.imports.name(name);
    this.imports.bytes([1, 0x70, 0, 0]);
    this.importCount++;
  }

  addFunction(params: readonly Type[], results: readonly Type[], body: Bytes, exportName?: string): Callee {
    const index = this.importedFunctions + this.functions.length;
    this.functions.push({ type: this.type(params, results), body });
    if (exportName !== undefined) {
      this.exports.name(exportName);
      this.exports.byte(0); this.exports.u32(index);
      this.exportCount++;
    }
    return { index, params, results };
  }

  /** Puts functions into the first table, from a place on, when the module is instantiated. */
  addElements(place: number, functions: readonly Callee[]): void {
    const out = this.elements;
    out.bytes([0x00, 0x41]); out.s32(place); out.byte(0x0b);
    out.u32(functions.length);
    for (const { index } of functions) out.u32(index);
    this.elementCount++;
  }

  finish(): Uint8Array<ArrayBuffer> { return this.finishMarked().bytes; }

  /** The same, and where the numbers stand that its functions have marked. */
  finishMarked(): { bytes: Uint8Array<ArrayBuffer>; marks: readonly number[] } {
    const out = new Bytes();
    out.bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    section(out, 1, this.types.length, this.typeBytes);
    section(out, 2, this.importCount, this.imports);
    const types = new Bytes(), bodies = new Bytes();
    for (const f of this.functions) { types.u32(f.type); bodies.sized(f.body); }
    section(out, 3, this.functions.length, types);
    section(out, 7, this.exportCount, this.exports);
    this.writeHints(out);
    section(out, 9, this.elementCount, this.elements);
    section(out, 10, this.functions.length, bodies);
    return { bytes: out.view().slice(), marks: out.marks };
  }

  /** Which conditions hardly ever hold. WebAssembly branch hinting: a custom section that only some compilers read. */
  private writeHints(out: Bytes): void {
    const hinted = this.functions.map(({ body }, i) => ({ index: this.importedFunctions + i, rare: body.rare })).filter(({ rare }) => rare.length > 0);
    if (hinted.length === 0) return;
    const part = new Bytes();
    part.name('metadata.code.branch_hint');
    part.u32(hinted.length);
    for (const { index, rare } of hinted) {
      part.u32(index);
      part.u32(rare.length);
      for (const place of rare) { part.u32(place); part.bytes([1, 0]); }
    }
    out.byte(0);
    out.sized(part);
  }
}

function section(out: Bytes, id: number, count: number, content: Bytes): void {
  if (count === 0) return;
  const part = new Bytes();
  part.u32(count);
  part.append(content);
  out.byte(id);
  out.sized(part);
}
