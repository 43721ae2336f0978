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
/** A program that makes V8 compile so much more than is in the file of its use, which the first program made, has a file of its own; else an empty one. */
const MOST_PROGRAMS = { files: 64, bytes: 64 << 20 }, WORTH_A_FILE = 1.03, NOTHING = new Uint8Array(0);

export interface Bundle {
  file: string;
  /** What its build said of its contents; a file that was changed since has another time or size. */
  content: string;
  /** What this process uses of it: each use is kept by itself, so that none reads what only another needs. Null: not to be kept. */
  use: string | null;
  /** The program that it is used on, if that is known so early. */
  program?: string | undefined;
}

/** Runs a bundle as require() would, whose result it gives. esbuild.mjs made it a function of `exports, require, module, __filename, __dirname`; it finds its neighbours by `require`. */
export function runBundle({ file, content, use, program }: Bundle, require: NodeJS.Require): unknown {
  const { size, mtimeMs } = fs.statSync(file);
  const key = [file, content, size, mtimeMs, process.version, process.versions.v8, process.arch].join('\n');
  const name = `${path.basename(file, '.js')}-${use}`, common = use === null ? null : keptFile('compiled', name, key, MOST);
  const own = use === null || program === undefined ? null : keptFile('compiled_for_programs', name, `${key}\n${program}`, MOST_PROGRAMS);
  // What was compiled is read to where the text was; what is not written to takes no memory.
  const room = Buffer.allocUnsafeSlow(2 * size), text = readText(file, room), ownData = own === null ? undefined : readKept(own, room), hasOwn = ownData !== undefined && ownData.length > 0;
  const kept = hasOwn ? own : common, cachedData = hasOwn ? ownData : common === null ? undefined : readKept(common, room);
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
      const isLong = process.cpuUsage().user / 1000 > MUCH_MS, isFirst = own !== null && ownData === undefined;
      const data = !isGood || isLong ? compiledBeyond(script, isGood ? cachedData.length * WORTH_KEEPING : 0) : undefined;
      if (data) writeKept(kept, data);
      // A long run has forgotten what it began with.
      if (isFirst && !isLong) writeKept(own, isGood && compiledBeyond(script, cachedData.length * WORTH_A_FILE) || NOTHING);
    });
  }
  const module = { exports: {} };
  (script.runInThisContext() as (...names: unknown[]) => void)(module.exports, require, module, file, path.dirname(file));
  return module.exports;
}

/** A require() that runs the bundles of a folder so, `contents` by name; they find each other by it as './name', and anything else by `require`. */
export function bundleLoader(folder: string, contents: Readonly<Record<string, string>>, use: string | null, require: NodeJS.Require, program?: string): NodeJS.Require {
  const made = new Map<string, unknown>();
  const load = (name: string): unknown => {
    const key = name.slice('./'.length), content = contents[key];
    if (content === undefined) return require(name);
    if (!made.has(key)) made.set(key, runBundle({ file: path.join(folder, key), content, use, program }, loader));
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

/** What V8 has compiled by now, if that is more than so many bytes. */
function compiledBeyond(script: vm.Script, bytes: number): Buffer | undefined {
  const data = script.createCachedData();
  return data.length > bytes ? data : undefined;
}
