// Which program belongs to the file in the active editor: the file itself when it is an ELF, else the ELF near it that was built from it.
// Knows nothing of VS Code, so that it can be tested with a folder.
import { open, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { isElf, namesSource, readElfFile } from './elf_file';

export interface Candidate {
  file: string;
  /** Its debug information names the source file that was asked about. */
  knowsSource: boolean;
  /** It is named after the source file: hello for hello.c (2), hello.static or hello-O2 (1), otherwise 0. */
  nameMatch: 0 | 1 | 2;
  /** It needs no dynamic linker, or this computer has the one that it needs. */
  canStart: boolean;
}

/** Where builds commonly leave programs, relative to the source's folder and to the workspace's. */
const buildFolders = ['.', 'build', 'out', 'bin', 'target/debug', 'target/release', 'cmake-build-debug', 'builddir', 'zig-out/bin'];
const largestSearched = 64 << 20;

/** True when the file begins with the ELF magic. */
export async function isElfPath(file: string): Promise<boolean> {
  try {
    if (!(await stat(file)).isFile()) return false; // opening a FIFO would wait for a writer
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
      return isElf(buffer.subarray(0, bytesRead));
    } finally { await handle.close(); }
  } catch (error) {
    if (isUnreadable(error)) return false;
    throw error;
  }
}

/** Every program in the places where builds leave them, best first. `source` may be absent: then all programs are equal. */
export async function findPrograms(folders: readonly string[], source?: string, libraryRoot = '/'): Promise<Candidate[]> {
  const places = new Set(folders.flatMap(folder => buildFolders.map(b => path.resolve(folder, b))));
  const stem = source ? path.basename(source, path.extname(source)) : undefined;
  const found: Candidate[] = [];
  for (const place of places) {
    for (const file of await filesIn(place)) {
      const bytes = await readProgram(file);
      const elf = bytes && readElfFile(bytes);
      if (!bytes || !elf?.isProgram) continue;
      const name = path.basename(file);
      const nameMatch = stem === undefined ? 0 : name === stem ? 2 : new RegExp(`^${escape(stem)}[._-]`).test(name) ? 1 : 0;
      found.push({
        file, nameMatch, knowsSource: source !== undefined && namesSource(bytes, path.basename(source)),
        canStart: elf.interpreter === undefined || await exists(path.join(libraryRoot, elf.interpreter)),
      });
    }
  }
  return found.sort((a, b) => score(b) - score(a) || (a.file < b.file ? -1 : 1));
}

/** The one program that is meant, when there is no doubt: it names the source, or is named after it, better than any other. */
export function obviousProgram(candidates: readonly Candidate[]): string | undefined {
  const [best, next] = candidates;
  if (!best || score(best) < 2) return undefined;
  return !next || score(next) < score(best) ? best.file : undefined;
}

function score(candidate: Candidate): number {
  return (candidate.knowsSource ? 8 : 0) + (candidate.canStart ? 4 : 0) * Number(candidate.knowsSource || candidate.nameMatch > 0) + candidate.nameMatch;
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder, { withFileTypes: true })).filter(e => e.isFile() || e.isSymbolicLink()).map(e => path.join(folder, e.name)).sort();
  } catch (error) {
    if (isUnreadable(error)) return [];
    throw error;
  }
}

async function readProgram(file: string): Promise<Uint8Array | undefined> {
  if (!await isElfPath(file)) return undefined;
  try {
    const { size } = await stat(file);
    return size <= largestSearched ? await readFile(file) : undefined;
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

async function exists(file: string): Promise<boolean> {
  try { await stat(file); return true; }
  catch (error) { if (isUnreadable(error)) return false; throw error; }
}

/** A file that vanished, or that the person may not read, is simply no candidate. */
function isUnreadable(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EISDIR', 'ELOOP', 'ENXIO'].includes(code);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
