// Builds a C program of this folder and runs it in the machine to a call of getppid(), for tests that look at the kernel's objects.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import assert from 'node:assert/strict';
import { NodeFiles } from '../../../src/host/node/files';
import { nodeFacts } from '../../../src/host/node/facts';
import { kernelCatalog } from '../../../src/debugger/catalog';
import { Debugger, type Report, type StopReport } from '../../../src/debugger/debugger';
import { symbolOpener } from '../../../src/debugger/open_symbols';
import { launchMachine } from '../../../src/machine/launch';
import type { Fact } from '../../../src/debugger/scopes/fact';
import type { Session } from '../../../src/machine/assemble';

export const FOLDER = path.resolve('test/debugger/objects');
export const whyNoCompiler = (): string | null => spawnSync('gcc', ['--version']).error ? 'gcc is missing' : null;

/** The program built from `name`.c of this folder, static. */
export function build(name: string): string {
  const folder = path.resolve('.cache/guests');
  mkdirSync(folder, { recursive: true });
  const source = path.join(FOLDER, `${name}.c`), program = path.join(folder, name);
  if (existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs) return program;
  const done = spawnSync('gcc', ['-g', '-O0', '-static', '-w', '-o', program, source, '-lpthread'], { encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  return program;
}

export interface Guest { session: Session; core: Debugger; output(): string }

export function start(program: string, args: string[] = []): Guest {
  let output = '';
  const session = launchMachine({ program, argv: [program, ...args], env: [], cwd: '/tmp', epochNs: 1_700_000_000_000_000_000n }, {
    files: new NodeFiles(), facts: { ...nodeFacts(), uid: 1000, gid: 1000, groups: [] }, epochNs: 1_700_000_000_000_000_000n, elapsedNs: () => 0,
    console: { kind: unit => unit === 0 ? 'null' : 'pipe', windowSize: () => ({ rows: 24, columns: 80 }), write: (_unit, bytes) => { output += Buffer.from(bytes).toString('latin1'); }, take: () => 'eof', wait: async () => true },
  });
  const core = new Debugger(session.target(), {
    catalog: kernelCatalog(), openSymbols: symbolOpener(() => undefined),
    listener: { breakpointChanged: () => undefined, logged: () => undefined, taskStarted: () => undefined, taskExited: () => undefined, modulesChanged: () => undefined },
  });
  return { session, core, output: () => output };
}

/** Goes on until something is reported that is not idleness. */
export function runOn(core: Debugger): Exclude<Report, { kind: 'idle' }> {
  for (let i = 0; i < 100_000; i++) {
    const report = core.runSlice(() => false);
    if (report && report.kind !== 'idle') return report;
  }
  assert.fail('nothing was reported');
}

/** The row of that name, then in it the next. */
export function findFact(facts: readonly Fact[], ...names: string[]): Fact {
  const [name, ...rest] = names;
  const found = facts.find(one => one.name === name);
  assert.ok(found, `no row '${name}' among ${facts.map(one => one.name).join(', ')}`);
  return rest.length === 0 ? found : findFact(found.children?.() ?? [], ...rest);
}

/** Stops at the entry or the return of a call. */
export function stopAtCall(core: Debugger, condition: string, phase: 'syscall' | 'syscall-exit' = 'syscall'): StopReport {
  core.setFilters([{ filter: phase, condition }]);
  core.continue();
  const report = runOn(core);
  assert.ok(report.kind === 'stopped', `${report.kind} before ${condition}`);
  return report;
}
