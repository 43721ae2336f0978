// Files that make a later start faster, in the user's cache folder. One that is missing, damaged, of another key or somebody else's is as none.
// NODE_DISABLE_COMPILE_CACHE=1 turns them off, as it does Node's own.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { checksum } from './checksum';

/** A file of the cache: this header (u32 each), the key in UTF-8, zeros up to ALIGNED, the data. */
const HEADER = { magic: 0, keyBytes: 1, dataBytes: 2, checksum: 3 } as const, HEADER_BYTES = 16;
const MAGIC = 0x32435352;
const ALIGNED = 16;
const NO_ROOM = Buffer.alloc(0);

export interface KeptFile {
  /** Null when nothing is to be kept. */
  readonly path: string | null;
  readonly key: string;
  readonly most: Most;
}

/** Of a folder's files, so many stay and so many bytes, the one just written in any case; the oldest go. */
export interface Most {
  readonly files: number;
  readonly bytes: number;
}

/** The file of a kind, such as `compiled`, for a key; `name` begins its name. */
export function keptFile(kind: string, name: string, key: string, most: Most): KeptFile {
  const folder = process.env.NODE_DISABLE_COMPILE_CACHE ? null : cacheFolder();
  return { path: folder === null ? null : path.join(folder, kind, `${name}-${checksum(Buffer.from(key)).toString(16)}`), key, most };
}

/** The user's folder for files of this product; null when there is none. */
function cacheFolder(): string | null {
  const { env, platform } = process;
  const base = platform === 'win32' ? env.LOCALAPPDATA : platform === 'darwin' ? path.join(os.homedir(), 'Library', 'Caches') : env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  return base && path.isAbsolute(base) ? path.join(base, 'ringside') : null;
}

/**
 * The data in the file, or undefined when it is not what this user's process has written for this key. It is read into `room`, if it fits: touching new memory takes longer
 * than writing to it.
 */
export function readKept({ path: file, key }: KeptFile, room = NO_ROOM): Buffer | undefined {
  if (file === null) return undefined;
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(file, 'r');
    const { uid, mode, size } = fs.fstatSync(descriptor);
    // What is in it is run: it has to be our own.
    if (process.getuid && (uid !== process.getuid() || mode & 0o022)) return undefined;
    const bytes = (size <= room.length ? room : Buffer.allocUnsafeSlow(size)).subarray(0, size);
    if (fs.readSync(descriptor, bytes, 0, size, 0) !== size) return undefined;
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

/** Writes the data. A folder that cannot be written leaves things as they are. */
export function writeKept({ path: file, key, most }: KeptFile, data: Uint8Array): void {
  if (file === null) return;
  const keyBytes = Buffer.byteLength(key), bytes = Buffer.alloc(dataStart(keyBytes) + data.length), unfinished = `${file}.${process.pid}`;
  bytes.set(data, dataStart(keyBytes));
  new Uint32Array(bytes.buffer, bytes.byteOffset, HEADER_BYTES / 4).set([MAGIC, keyBytes, data.length, checksum(bytes.subarray(dataStart(keyBytes)))]);
  bytes.write(key, HEADER_BYTES);
  try {
    makeFolder(path.dirname(file));
    fs.writeFileSync(unfinished, bytes, { mode: 0o600 });
    fs.renameSync(unfinished, file);
    dropOldest(path.dirname(file), most);
  } catch {
    // Without the cache the next start takes as long as this one.
  }
}

/** The folder, ours, and the user's own above it. Not by `recursive`, which never ends where nothing can be made, as in /proc. */
function makeFolder(folder: string): void {
  for (const each of [path.dirname(path.dirname(folder)), path.dirname(folder), folder]) if (!fs.existsSync(each)) fs.mkdirSync(each, { mode: 0o700 });
}

function dropOldest(folder: string, most: Most): void {
  const files = fs.readdirSync(folder).map(name => path.join(folder, name)).map(file => ({ file, ...fs.statSync(file) }));
  let bytes = 0;
  for (const [i, { file, size }] of files.sort((a, b) => b.mtimeMs - a.mtimeMs).entries()) {
    bytes += size;
    if (i > 0 && (i >= most.files || bytes > most.bytes)) fs.rmSync(file, { force: true });
  }
}

const dataStart = (keyBytes: number): number => Math.ceil((HEADER_BYTES + keyBytes) / ALIGNED) * ALIGNED;
