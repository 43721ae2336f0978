// Who may import whom: every import of every file under src/, including `import type`, against the table below; and no cycles inside a room.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, existsSync, statSync } from 'node:fs';
import path from 'node:path';

const node = ['node:'];
const table: Record<string, { rooms: string[]; packages?: string[]; forbidden?: RegExp }> = {
  base: { rooms: [] },
  abi: { rooms: ['base'] },
  elf: { rooms: ['base'], packages: ['fflate', 'fzstd'] },
  dwarf: { rooms: ['base', 'elf'] },
  cpu: { rooms: ['base'], forbidden: /\bDate\b|Math\.(random|sin|cos|tan|asin|acos|atan2?|exp|expm1|log|log2|log10|log1p|pow|cbrt|hypot|sinh|cosh|tanh)\b|\basync\b|\bawait\b/ },
  kernel: {
    rooms: ['base', 'abi', 'elf'],
    forbidden: /\bDate\b|Math\.(random|sin|cos|tan|asin|acos|atan2?|exp|expm1|log|log2|log10|log1p|pow|cbrt|hypot|sinh|cosh|tanh)\b|\bIntl\b|localeCompare|\btry\b|\basync\b|\bawait\b|\bfunction\s*\*|\byield\b/,
  },
  trace: { rooms: ['base', 'abi', 'kernel'] },
  machine: { rooms: ['base', 'abi', 'elf', 'cpu', 'kernel', 'trace'] },
  'host/node': { rooms: ['base', 'machine'], packages: node },
  'host/web': { rooms: ['base', 'machine'] },
  debugger: { rooms: ['base', 'abi', 'elf', 'dwarf', 'cpu', 'kernel', 'trace', 'machine'], packages: ['iced-x86'], forbidden: /debugprotocol|debugadapter/ },
  adapter: { rooms: ['base', 'debugger', 'machine', 'trace', 'host/node', 'host/web'], packages: [...node, '@vscode/debugadapter', '@vscode/debugprotocol'], forbidden: /from 'vscode'/ },
  cli: { rooms: ['base', 'machine', 'trace', 'debugger', 'charts', 'host/node'], packages: node },
  charts: { rooms: ['base', 'trace'], packages: ['echarts'] },
  webview: { rooms: ['base', 'charts', 'trace/columns', 'adapter/messages'], packages: ['echarts', '@vscode-elements/elements'] },
  extension: { rooms: ['base', 'adapter/messages', 'adapter/launchOptions', 'charts', 'trace/columns'], packages: ['vscode', ...node] },
};

/** What stands at the top; what a tool leaves there is not of the project. */
const TOP_LEVEL = [
  '.ci', '.gitignore', '.oxlintrc.json', '.vscodeignore', 'ARCHITECTURE.md', 'CHANGELOG.md', 'LICENSE', 'README.md', 'bench', 'esbuild.mjs', 'examples', 'media', 'package-lock.json',
  'package.json', 'scripts', 'src', 'syntaxes', 'test', 'tsconfig.base.json', 'tsconfig.json',
];

interface Import { from: string; line: number }

const sources = list('src').filter(f => f.endsWith('.ts') && !f.endsWith('.d.ts'));

/** The rooms that a recording has to repeat, and the files that may ask the host: the recorder's own, and those that put a machine together. */
const RECORDED = /^src\/(cpu|kernel|machine)\//;
const ASKS_THE_HOST = new Set(['assemble', 'launch', 'host', 'recorder', 'console', 'recording'].map(name => `src/machine/${name}.ts`));
/** What differs from run to run in the language itself; what a computer has beside it is unknown to the compiler in these rooms. */
const CHANCE = /\b(Date|Intl|globalThis|WeakRef|FinalizationRegistry|SharedArrayBuffer|Atomics)\b|Math\.random|toLocale[A-Z]/;
/** Real time decides when a checkpoint is taken, and how long a wait for a person was, which is recorded. */
const KEEPS_TIME = new Set(['machine', 'timeline', 'pace', 'assemble', 'host', 'recording'].map(name => `src/machine/${name}.ts`));

describe('the recorder', () => {
  it('nothing that runs reaches around it', () => {
    const wrong: string[] = [];
    for (const file of sources.filter(one => RECORDED.test(one))) {
      codeLines(file).forEach((text, i) => {
        if (CHANCE.test(text)) wrong.push(`${file}:${i + 1}: ${text.trim()}`);
        if (/\belapsedNs\b/.test(text) && !KEEPS_TIME.has(file)) wrong.push(`${file}:${i + 1} looks at the host's clock`);
        if (/\bHost(Console)?\b|\bhost\.(?!recorded)/.test(text) && !ASKS_THE_HOST.has(file)) wrong.push(`${file}:${i + 1} knows the host: ${text.trim()}`);
      });
    }
    assert.deepEqual(wrong, []);
  });
});

describe('layers', () => {
  it('nothing else is kept at the top level', function () {
    const { status, stdout } = spawnSync('git', ['ls-files'], { encoding: 'utf8', maxBuffer: 1 << 26 });
    // Not in a checkout.
    if (status !== 0) return this.skip();
    assert.deepEqual([...new Set(stdout.trim().split('\n').map(file => file.split('/')[0]))].sort(), TOP_LEVEL);
  });

  it('every room is in the table', () => {
    assert.deepEqual(sources.filter(f => roomOf(f) === undefined), []);
  });

  it('a room imports only the rooms and packages that the table allows', () => {
    const wrong: string[] = [];
    for (const file of sources) {
      const room = roomOf(file)!;
      const { rooms, packages = [] } = table[room]!;
      for (const { from, line } of importsOf(file)) {
        if (!from.startsWith('.')) {
          if (!packages.some(p => from === p || from.startsWith(p.endsWith(':') ? p : `${p}/`))) wrong.push(`${file}:${line} imports package '${from}'`);
          continue;
        }
        const target = path.normalize(path.join(path.dirname(file), from));
        if (!target.startsWith('src/')) { if (!/\.(S|elf|so|json|txt)$/.test(target)) wrong.push(`${file}:${line} imports '${from}' outside src`); continue; }
        const targetRoom = roomOf(`${target}.ts`) ?? '?';
        const allowed = targetRoom === room || rooms.some(r => r === targetRoom || target === `src/${r}`);
        if (!allowed) wrong.push(`${file}:${line}: ${room} may not import ${targetRoom} ('${from}')`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('no room uses what its table forbids', () => {
    const wrong: string[] = [];
    for (const file of sources) {
      const { forbidden } = table[roomOf(file)!]!;
      if (!forbidden) continue;
      codeLines(file).forEach((text, i) => { if (forbidden.test(text)) wrong.push(`${file}:${i + 1}: ${text.trim()}`); });
    }
    assert.deepEqual(wrong, []);
  });

  it('the files of a room import each other without cycles', () => {
    const graph = new Map(sources.map(f => [f, importsOf(f, true).flatMap(({ from }) => resolve(f, from))]));
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (file: string, trail: string[]): void => {
      if (state.get(file) === 'done') return;
      if (state.get(file) === 'open') { cycles.push([...trail.slice(trail.indexOf(file)), file].join(' -> ')); return; }
      state.set(file, 'open');
      for (const next of graph.get(file) ?? []) if (roomOf(next) === roomOf(file)) visit(next, [...trail, file]);
      state.set(file, 'done');
    };
    for (const file of sources) visit(file, []);
    assert.deepEqual(cycles, []);
  });
});

function list(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(e => e.isDirectory() ? list(`${folder}/${e.name}`) : [`${folder}/${e.name}`]);
}

function roomOf(file: string): string | undefined {
  return Object.keys(table).find(room => file.startsWith(`src/${room}/`));
}

function resolve(file: string, from: string): string[] {
  if (!from.startsWith('.')) return [];
  const target = path.normalize(path.join(path.dirname(file), from));
  return [`${target}.ts`, `${target}/index.ts`].filter(f => existsSync(f) && statSync(f).isFile());
}

/** The import and re-export statements of a file; `valuesOnly` leaves out those that are erased. */
function importsOf(file: string, valuesOnly = false): Import[] {
  const text = readFileSync(file, 'utf8');
  const found: Import[] = [];
  for (const m of text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm)) {
    if (valuesOnly && m[1]) continue;
    found.push({ from: m[2]!, line: text.slice(0, m.index).split('\n').length });
  }
  for (const m of text.matchAll(/\bimport\('([^']+)'\)/g)) found.push({ from: m[1]!, line: text.slice(0, m.index).split('\n').length });
  return found;
}

/** The lines of a file without comments and string contents. */
function codeLines(file: string): string[] {
  const text = readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, c => c.replace(/[^\n]/g, ' '))
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
    .replace(/`(?:[^`\\]|\\.)*`/g, t => t.replace(/[^\n]/g, ' '))
    .replace(/\/\/.*$/gm, '');
  return text.split('\n');
}
