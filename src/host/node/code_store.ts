// What earlier runs of a program decoded, in the user's cache folder: for a run of the same build it is as if the processor had been running all along.
import fs from 'node:fs';
import type { CodeStore } from '../../machine/host';
import { keptFile, readKept, writeKept, type KeptFile } from './kept_file';

/** A file for each program, of some megabytes. */
const MOST = { files: 64, bytes: 128 << 20 };

class NodeCodeStore implements CodeStore {
  private readonly build: string;
  /** Of the last program that was launched. */
  private keep: (() => void) | undefined;

  /** `bundle`: the file that holds the processor. */
  constructor(bundle: string) {
    const { size, mtimeMs } = fs.statSync(bundle);
    this.build = [bundle, size, mtimeMs].join('\n');
    process.on('exit', () => this.keep?.());
  }

  read(program: string): Uint8Array | null { return readKept(this.file(program)) ?? null; }

  keepAtEnd(program: string, code: () => Uint8Array | null): void {
    const file = this.file(program);
    this.keep = () => {
      const bytes = file.path === null ? null : code();
      if (bytes) writeKept(file, bytes);
    };
  }

  private file(program: string): KeptFile { return keptFile('decoded', 'code', [this.build, program].join('\n'), MOST); }
}

let store: CodeStore | undefined;

/** The store of this process, whose bundle is `bundle`. */
export function nodeCodeStore(bundle: string): CodeStore { return store ??= new NodeCodeStore(bundle); }
