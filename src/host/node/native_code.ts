// V8's machine code of WebAssembly modules, kept from run to run as compiled_bundle.ts keeps what it made of JavaScript: a module whose code is kept runs at full
// speed from its first instruction, where else the baseline compiler, then the optimizing one have to come by. V8 has functions for it, which Node does not
// offer: those that its own tests call by `%`. Where they have not been tried, modules are compiled as ever.
import type inspector from 'node:inspector';
import vm from 'node:vm';
import type v8 from 'node:v8';
import { readKept, writeKept, type KeptFile } from './kept_file';

/** V8 of Node 20, 22 and 24. Electron has flags of its own. */
const isTried = (): boolean => /^(11\.3|12\.4|13\.6)\./.test(process.versions.v8) && !('electron' in process.versions);

/** V8's flags for optimizing at once. The first implies the last, which has to be taken back, too. */
const OPTIMIZING = ['no-liftoff', 'no-wasm-lazy-compilation', 'no-wasm-dynamic-tiering'];
/** For V8 to read what a module says of its branches, and to move what hardly ever runs out of the way. That of Node 24 takes no code back that was made so. */
const HINTED = process.versions.v8.startsWith('13.') ? [] : ['experimental-wasm-branch-hinting'];
/** A custom section without contents. V8 compiles no module of which it has another of the same bytes. */
const DISTINCTION = [0x00, 0x02, 0x01, 0x6b];

/** Bytes of WebAssembly optimized at the end of a process, by millisecond that it took: it ends about a tenth later. The rest is for the next. */
const BYTES_BY_MS = 100;
/** Of modules that a process had no use for, those used last stay in its file. */
const MOST_UNUSED_BYTES = 1 << 20;

/** What is used here of JavaScript's WebAssembly, which is not of Node's types. */
declare const WebAssembly: { Module: new (bytes: Uint8Array) => object };

/** V8's flags are part of its data: they have to be the same again. In Node 22 one that is experimental implies `experimental`, which stays when that is taken back. `require`: that of a bundle. */
function withFlags<T>(flags: readonly string[], act: () => T): T {
  const { setFlagsFromString, cachedDataVersionTag } = require('node:v8') as typeof v8, before = cachedDataVersionTag();
  for (const flag of flags) setFlagsFromString(`--${flag}`);
  try {
    return act();
  } finally {
    for (const flag of flags) setFlagsFromString(flag.startsWith('no-') ? `--${flag.slice(3)}` : `--no-${flag}`);
    if (cachedDataVersionTag() !== before) setFlagsFromString('--no-experimental');
  }
}

const compileHinted = (bytes: Uint8Array): object => isTried() && HINTED.length > 0 ? withFlags(HINTED, () => new WebAssembly.Module(bytes)) : new WebAssembly.Module(bytes);

type Serialize = (module: object) => ArrayBuffer;
type Deserialize = (code: ArrayBuffer, bytes: Uint8Array) => object | undefined;

/** The code of those of a module's functions that are optimized. V8 ends the process if none is. In parentheses a function is compiled at once. */
const SERIALIZE = '(function (module) { return %SerializeWasmModule(module); })';
/** Undefined: V8 does not take it. It does not compare the bytes. */
const DESERIALIZE = '(function (code, bytes) { return %DeserializeWasmModule(code, bytes); })';

const scriptOf = (text: string): vm.Script => withFlags(['allow-natives-syntax'], () => new vm.Script(text));

/** A function of those texts, to be made anew for each use, since V8 forgets what has not run for long. `compiled`: what V8 made of the text before, for which it needs no flag. */
function nativeOf<F>(text: string, compiled?: Buffer): F {
  try {
    if (compiled) return new vm.Script(text, { cachedData: compiled }).runInThisContext() as F;
  } catch {
    // V8 has other flags now.
  }
  return scriptOf(text).runInThisContext() as F;
}

/** What V8 makes of DESERIALIZE; null where it does not have those functions. */
function compileNatives(): Buffer | null {
  try {
    scriptOf(SERIALIZE);
    const script = scriptOf(DESERIALIZE);
    return script.createCachedData();
  } catch {
    return null;
  }
}

/** A module all functions of which are optimized, now. */
const optimize = (bytes: Uint8Array): object => withFlags([...OPTIMIZING, ...HINTED], () => new WebAssembly.Module(bytes));

/** A module's bytes, and V8's code of all its functions. */
interface Kept { readonly bytes: Uint8Array; readonly code: Uint8Array }
interface Made { readonly bytes: Uint8Array; readonly module: object; readonly kept: Kept | undefined }

/** Modules whose code is kept together in a file. */
export class NativeCode {
  private readonly kept: readonly Kept[];
  /** What V8 made of DESERIALIZE. */
  private readonly reader: Buffer | undefined;
  private readonly made: Made[] = [];

  constructor(private readonly file: KeptFile) {
    const data = isTried() ? readKept(file) : undefined;
    ({ modules: this.kept, reader: this.reader } = data ? readModules(data) : { modules: [], reader: undefined });
  }

  compile(bytes: Uint8Array): object {
    const known = this.made.find(one => isSame(one.bytes, bytes));
    if (known) return known.module;
    const found = this.kept.find(one => isSame(one.bytes, bytes)), module = found && nativeOf<Deserialize>(DESERIALIZE, this.reader)(new Uint8Array(found.code).buffer, distinct(bytes));
    const made = { bytes, module: module ?? compileHinted(bytes), kept: module && found };
    this.made.push(made);
    return made.module;
  }

  /** Optimizes modules that the file has not got, those used first, and writes it. `ms`: how long the process took, or as if it did. */
  keep(ms = process.uptime() * 1000): void {
    // For whom debugs us, V8 optimizes nothing.
    if (this.file.path === null || !isTried() || this.made.every(({ kept }) => kept) || (require('node:inspector') as typeof inspector).url() !== undefined) return;
    const reader = compileNatives();
    if (!reader) return;
    let room = ms * BYTES_BY_MS;
    const optimized = this.made.flatMap(({ bytes, kept }) => {
      if (kept || room < 0) return kept ?? [];
      room -= bytes.length;
      return { bytes, code: new Uint8Array(nativeOf<Serialize>(SERIALIZE)(optimize(distinct(bytes)))) };
    });
    let rest = MOST_UNUSED_BYTES;
    const unused = this.kept.filter(one => !optimized.some(({ bytes }) => isSame(bytes, one.bytes)) && (rest -= one.bytes.length + one.code.length) >= 0);
    writeKept(this.file, writeModules([...optimized, ...unused], reader));
  }
}

const distinct = (bytes: Uint8Array): Uint8Array => Buffer.concat([bytes, Buffer.from(DISTINCTION)]);
const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && Buffer.compare(a, b) === 0;

/** The lengths of each module's bytes and code, ended by a zero, then both, then what V8 made of DESERIALIZE. */
function writeModules(modules: readonly Kept[], reader: Uint8Array): Uint8Array {
  const lengths = Uint32Array.from([...modules.flatMap(({ bytes, code }) => [bytes.length, code.length]), 0]);
  return Buffer.concat([new Uint8Array(lengths.buffer), ...modules.flatMap(({ bytes, code }) => [bytes, code]), reader]);
}

function readModules(file: Buffer): { modules: Kept[]; reader: Buffer } {
  const lengths: [number, number][] = [];
  let at = 0;
  for (let length: number; (length = file.readUInt32LE(at)) !== 0; at += 8) lengths.push([length, file.readUInt32LE(at + 4)]);
  at += 4;
  const modules = lengths.map(([bytes, code]) => ({ bytes: file.subarray(at, at += bytes), code: file.subarray(at, at += code) }));
  return { modules, reader: file.subarray(at) };
}
