// Starts one of our bundles without compiling it: what V8 made of it the last time is kept in the user's cache folder (kept_file.ts). Compiling takes longer
// than most programs run. Without a good file, or with one of another build or another Node, the bundle is compiled, and kept when the process ends.
import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { keptFile, readKept, writeKept } from './kept_file';

/** A file for each bundle, use and version of Node; the oldest go. */
const MOST = { files: 24, bytes: 128 << 20 };
/** A process that took so much processor time may take a moment at its end to see whether it compiled much that the cache has not got. */
const MUCH_MS = 2000, WORTH_KEEPING = 1.1;

export interface Bundle {
  file: string;
  /** What its build said of its contents; a file that was changed since has another time or size. */
  content: string;
  /** What this process uses of it: each use is kept by itself, so that none reads what only another needs. Null: not to be kept. */
  use: string | null;
}

/** Runs a bundle as require() would, whose result it gives. esbuild.mjs made it a function of `exports, require, module, __filename, __dirname`; it finds its neighbours by `require`. */
export function runBundle({ file, content, use }: Bundle, require: NodeJS.Require): unknown {
  const { size, mtimeMs } = fs.statSync(file);
  const key = [file, content, size, mtimeMs, process.version, process.versions.v8, process.arch].join('\n');
  const kept = use === null ? null : keptFile('compiled', `${path.basename(file, '.js')}-${use}`, key, MOST);
  // What was compiled is read to where the text was; what is not written to takes no memory.
  const room = Buffer.allocUnsafeSlow(2 * size), text = readText(file, room), cachedData = kept === null ? undefined : readKept(kept, room);
  const script = new vm.Script(text, { filename: file, cachedData });
  const isGood = cachedData !== undefined && script.cachedDataRejected !== true;
  if (kept !== null && kept.path !== null) {
    // Else what ran once at the start is forgotten before it is written. V8's flags are part of its data: they have to be the same again by then.
    const v8 = isGood ? null : require('node:v8') as typeof import('node:v8');
    v8?.setFlagsFromString('--no-flush-bytecode');
    process.on('exit', () => {
      // VS Code ends an adapter that is about to end.
      process.on('SIGTERM', () => undefined);
      v8?.setFlagsFromString('--flush-bytecode');
      if (!isGood || process.cpuUsage().user / 1000 > MUCH_MS) keep(script, isGood ? cachedData.length : 0, data => writeKept(kept, data));
    });
  }
  const module = { exports: {} };
  (script.runInThisContext() as (...names: unknown[]) => void)(module.exports, require, module, file, path.dirname(file));
  return module.exports;
}

/** A require() that runs the bundles of a folder so, `contents` by name; they find each other by it as './name', and anything else by `require`. */
export function bundleLoader(folder: string, contents: Readonly<Record<string, string>>, use: string | null, require: NodeJS.Require): NodeJS.Require {
  const made = new Map<string, unknown>();
  const load = (name: string): unknown => {
    const key = name.slice('./'.length), content = contents[key];
    if (content === undefined) return require(name);
    if (!made.has(key)) made.set(key, runBundle({ file: path.join(folder, key), content, use }, loader));
    return made.get(key);
  };
  const loader = Object.assign(load, require);
  return loader;
}

/** esbuild writes ASCII. */
function readText(file: string, room: Buffer): string {
  const descriptor = fs.openSync(file, 'r');
  try {
    return room.toString('latin1', 0, fs.readSync(descriptor, room, 0, room.length, 0));
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Writes what V8 has compiled by now, if that is much more than `before` bytes. */
function keep(script: vm.Script, before: number, write: (data: Uint8Array) => void): void {
  const data = script.createCachedData();
  if (data.length > before * WORTH_KEEPING) write(data);
}
