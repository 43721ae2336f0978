// Starts one of our bundles without compiling it: what V8 made of it the last time is kept in the user's cache folder. Compiling takes longer than most
// programs run. A file of the cache that is missing, damaged, of another build or of another Node is as none: then the bundle is compiled, and kept when
// the process ends. NODE_DISABLE_COMPILE_CACHE=1 turns it off, as it does Node's own.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import vm from 'node:vm';

/** A file of the cache: this header (u32 each), the key in UTF-8, zeros up to ALIGNED, V8's data. */
const HEADER = { magic: 0, keyBytes: 1, dataBytes: 2, checksum: 3 } as const, HEADER_BYTES = 16;
const MAGIC = 0x31435352;
const ALIGNED = 16;
/** A file for each bundle, use and version of Node; the oldest go. */
const MOST_FILES = 24;
/** A process of that age may take a moment at its end to see whether it compiled much that the cache has not got. */
const OLD_AGE_MS = 2000, WORTH_KEEPING = 1.1;

export interface Bundle {
  file: string;
  /** What its build said of its contents; a file that was changed since has another time or size. */
  content: string;
  /** What this process uses of it: each use is kept by itself, so that none reads what only another needs. Null: not to be kept. */
  use: string | null;
}

/** Runs a bundle as require() would. esbuild.mjs made it a function of `exports, require, module, __filename, __dirname`; it finds its neighbours by `require`. */
export function runBundle({ file, content, use }: Bundle, require: NodeJS.Require): void {
  const { size, mtimeMs } = fs.statSync(file);
  const key = [file, content, size, mtimeMs, process.version, process.versions.v8, process.arch].join('\n');
  const folder = use === null || process.env.NODE_DISABLE_COMPILE_CACHE ? null : cacheFolder();
  const kept = folder === null ? null : path.join(folder, `${path.basename(file, '.js')}-${use}-${checksum(Buffer.from(key.padEnd(key.length + 3))).toString(16)}`);
  const cachedData = kept === null ? undefined : readKept(kept, key);
  // esbuild writes ASCII.
  const script = new vm.Script(fs.readFileSync(file, 'latin1'), { filename: file, cachedData });
  const isGood = cachedData !== undefined && script.cachedDataRejected !== true;
  if (kept !== null) {
    // Else what ran once at the start is forgotten before it is written. V8's flags are part of its data: they have to be the same again by then.
    const v8 = isGood ? null : require('node:v8') as typeof import('node:v8');
    v8?.setFlagsFromString('--no-flush-bytecode');
    process.on('exit', () => {
      // VS Code ends an adapter that is about to end.
      process.on('SIGTERM', () => undefined);
      v8?.setFlagsFromString('--flush-bytecode');
      if (!isGood || process.uptime() * 1000 > OLD_AGE_MS) keep(kept, key, script, isGood ? cachedData.length : 0);
    });
  }
  const module = { exports: {} };
  (script.runInThisContext() as (...names: unknown[]) => void)(module.exports, require, module, file, path.dirname(file));
}

/** The user's folder for such files; null when there is none. */
function cacheFolder(): string | null {
  const { env, platform } = process;
  const base = platform === 'win32' ? env.LOCALAPPDATA : platform === 'darwin' ? path.join(os.homedir(), 'Library', 'Caches') : env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  return base && path.isAbsolute(base) ? path.join(base, 'ringside', 'compiled') : null;
}

/** V8's data in the file, or undefined when it is not what this user's process has written for this key. */
function readKept(file: string, key: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(file, 'r');
    const { uid, mode } = fs.fstatSync(descriptor);
    // What is in it is run: it has to be our own.
    if (process.getuid && (uid !== process.getuid() || mode & 0o022)) return undefined;
    const bytes = fs.readFileSync(descriptor);
    const header = new Uint32Array(bytes.buffer, bytes.byteOffset, HEADER_BYTES / 4), keyBytes = header[HEADER.keyBytes] as number;
    const data = bytes.subarray(dataStart(keyBytes));
    if (header[HEADER.magic] !== MAGIC || bytes.toString('utf8', HEADER_BYTES, HEADER_BYTES + keyBytes) !== key) return undefined;
    return header[HEADER.dataBytes] === data.length && header[HEADER.checksum] === checksum(data) ? data : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

/** Writes what V8 has compiled by now, if that is much more than `before` bytes. A folder that cannot be written leaves things as they are. */
function keep(file: string, key: string, script: vm.Script, before: number): void {
  const data = script.createCachedData();
  if (data.length <= before * WORTH_KEEPING) return;
  const keyBytes = Buffer.byteLength(key), bytes = Buffer.alloc(dataStart(keyBytes) + data.length), unfinished = `${file}.${process.pid}`;
  new Uint32Array(bytes.buffer, bytes.byteOffset, HEADER_BYTES / 4).set([MAGIC, keyBytes, data.length, checksum(data)]);
  bytes.write(key, HEADER_BYTES);
  bytes.set(data, dataStart(keyBytes));
  try {
    makeFolder(path.dirname(file));
    fs.writeFileSync(unfinished, bytes, { mode: 0o600 });
    fs.renameSync(unfinished, file);
    dropOldest(path.dirname(file));
  } catch {
    // Without the cache the next start takes as long as this one.
  }
}

/** The folder, ours, and the user's own above it. Not by `recursive`, which never ends where nothing can be made, as in /proc. */
function makeFolder(folder: string): void {
  for (const each of [path.dirname(path.dirname(folder)), path.dirname(folder), folder]) if (!fs.existsSync(each)) fs.mkdirSync(each, { mode: 0o700 });
}

function dropOldest(folder: string): void {
  const files = fs.readdirSync(folder).map(name => path.join(folder, name)).map(file => ({ file, mtimeMs: fs.statSync(file).mtimeMs }));
  for (const { file } of files.sort((a, b) => b.mtimeMs - a.mtimeMs).slice(MOST_FILES)) fs.rmSync(file, { force: true });
}

const dataStart = (keyBytes: number): number => Math.ceil((HEADER_BYTES + keyBytes) / ALIGNED) * ALIGNED;

/** Of the whole words of a buffer that begins at one. V8 looks at the length of its data, not at what is in it. */
function checksum(bytes: Uint8Array): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let sum = bytes.length;
  for (let i = 0; i < words.length; i++) sum = Math.imul(sum ^ (words[i] as number), 0x9e3779b1) + (sum >>> 15) | 0;
  return sum >>> 0;
}
