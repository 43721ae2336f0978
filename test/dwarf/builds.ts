// Builds of the sample programs with every compiler, level, version and layout that the machine has, made once and kept in .cache.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { ElfFile } from '../../src/elf/elf';
import { openDebugInfo, type DebugInfo } from '../../src/dwarf/debug_info';
import { FormatError } from '../../src/base/errors';

export interface Build { name: string; compiler: string; level: string; version: number; isSplit: boolean; file: string }

const sources = ['sample.c', 'other.c'].map(f => path.resolve('test/programs/dwarf', f));

export function hasTool(tool: string): boolean {
  try { execFileSync(tool, ['--version'], { stdio: 'ignore' }); return true; } catch { return false; }
}

/** All builds that this machine can make. */
export function builds(): Build[] {
  const found: Build[] = [];
  for (const compiler of ['gcc', 'clang'].filter(hasTool)) {
    for (const level of ['-O0', '-O2']) {
      for (const version of [4, 5]) {
        for (const isSplit of [false, true]) {
          const name = `${compiler}${level}-dwarf${version}${isSplit ? '-split' : ''}`;
          found.push({ name, compiler, level, version, isSplit, file: path.resolve('.cache/dwarf', name, 'sample') });
        }
      }
    }
  }
  return found;
}

/** Compiles when the result is older than the sources. Each source becomes an object file, so that split builds leave .dwo files. */
export function compile(build: Build): string {
  const newest = Math.max(...sources.map(s => statSync(s).mtimeMs));
  if (existsSync(build.file) && statSync(build.file).mtimeMs > newest) return build.file;
  const folder = path.dirname(build.file);
  mkdirSync(folder, { recursive: true });
  const flags = ['-g', build.level, `-gdwarf-${build.version}`, '-w', ...(build.isSplit ? ['-gsplit-dwarf'] : [])];
  const objects = sources.map(s => path.basename(s, '.c') + '.o');
  sources.forEach((source, i) => execFileSync(build.compiler, [...flags, '-c', '-o', objects[i]!, source], { cwd: folder }));
  execFileSync(build.compiler, ['-o', build.file, ...objects], { cwd: folder });
  return build.file;
}

/** Opens debug information; malformed parts fail the test. */
export function open(file: string): DebugInfo {
  const strict = (problem: FormatError): void => { throw new Error(`${file}: ${problem.message}`); };
  return openDebugInfo(ElfFile.open(readFileSync(file)), { path: file, loadFile: p => existsSync(p) ? readFileSync(p) : undefined, onProblem: strict });
}

/** What the tool prints; its exit status does not matter (readelf gives 1 for warnings). */
export function run(tool: string, args: string[]): string {
  return spawnSync(tool, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, DEBUGINFOD_URLS: '', LC_ALL: 'C' } }).stdout;
}

/** Line of the sample's source that carries the mark `// BP:name`. */
export function markedLine(name: string, source = 'sample.c'): number {
  const lines = readFileSync(path.resolve('test/programs/dwarf', source), 'utf8').split('\n');
  const at = lines.findIndex(l => l.includes(`// BP:${name}`));
  if (at < 0) throw new Error(`no line is marked ${name}`);
  return at + 1;
}
