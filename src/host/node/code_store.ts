// What earlier runs of a program decoded, and V8's machine code of the processor's WebAssembly, in the user's cache folder: for a run of the same build it is as
// if the processor had been running all along.
import fs from 'node:fs';
import type { CodeStore } from '../../machine/host';
import { keptFile, readKept, writeKept, type KeptFile } from './kept_file';
import { NativeCode } from './native_code';

/** A file for each program, of some megabytes. */
const MOST = { files: 64, bytes: 128 << 20 };

class NodeCodeStore implements CodeStore {
  private readonly build: string;
  /** Of the last program that was launched. */
  private keep: (() => void) | undefined;
  /** What every program has of the interpreter, and by program what is its own. */
  private common: NativeCode | undefined;
  private readonly own = new Map<string, NativeCode>();

  /** `bundle`: the file that holds the processor. */
  constructor(bundle: string) {
    const { size, mtimeMs } = fs.statSync(bundle);
    this.build = [bundle, size, mtimeMs].join('\n');
    process.on('exit', () => this.keep?.());
  }

  read(program: string): Uint8Array | null { return readKept(this.file('decoded', 'code', program)) ?? null; }

  keepAtEnd(program: string, code: () => Uint8Array | null): void {
    const file = this.file('decoded', 'code', program);
    this.keep = () => {
      const bytes = file.path === null ? null : code();
      this.common?.keep(Infinity);
      if (bytes) writeKept(file, bytes);
      this.own.get(program)?.keep();
    };
  }

  compile(program: string, bytes: Uint8Array, isCommon: boolean): object {
    if (isCommon) return (this.common ??= new NativeCode(this.file('native', 'common', this.v8))).compile(bytes);
    let own = this.own.get(program);
    if (!own) this.own.set(program, own = new NativeCode(this.file('native', 'own', `${this.v8}\n${program}`)));
    return own.compile(bytes);
  }

  private get v8(): string { return [process.version, process.versions.v8, process.arch].join('\n'); }

  private file(kind: string, name: string, use: string): KeptFile { return keptFile(kind, name, [this.build, use].join('\n'), MOST); }
}

let store: CodeStore | undefined;

/** The store of this process, whose bundle is `bundle`. */
export function nodeCodeStore(bundle: string): CodeStore { return store ??= new NodeCodeStore(bundle); }
