// The tests of a describe in one real VS Code: a folder of its own with what they need, and a screenshot of what failed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Workbench, missingVSCode } from './workbench';

export interface Opened { readonly workspace: string; readonly workbench: Workbench }

/** Why tests that debug an example cannot run here, or undefined. */
export function missingForDebugging(...built: string[]): string | undefined {
  return missingVSCode() ?? ['dist/adapter.js', ...built].filter(file => !existsSync(file)).map(file => `${file} is not built`)[0];
}

/** The same of tests that build a program of their own. */
export const missingForBuilding = (...built: string[]): string | undefined => missingForDebugging(...built) ?? (spawnSync('gcc', ['--version']).error && 'gcc is missing');

/** A describe in a real VS Code, which skips with `missing` as its reason. */
export function describeInVSCode(title: string, missing: string | undefined, body: (this: Mocha.Suite) => void): void {
  (missing ? describe.skip : describe)(`${title}${missing ? ` (skipped: ${missing})` : ''}`, function () {
    this.timeout(120_000);
    body.call(this);
  });
}

/** Copies an example's source and program. */
export function copyExample(name: string): (workspace: string) => void {
  return workspace => {
    for (const file of [`${name}.c`, name, `${name}.static`]) if (existsSync(path.join('examples', file))) cpSync(path.join('examples', file), path.join(workspace, file));
  };
}

/** Builds NAME.c, one of the tests' own, with a launch configuration of that name. */
export function buildProgram(name: string, configuration: Record<string, unknown> = {}, source = `test/vscode/${name}.c`): (workspace: string) => void {
  return workspace => {
    cpSync(source, path.join(workspace, `${name}.c`));
    const done = spawnSync('gcc', ['-g', '-O0', '-w', '-pthread', '-o', name, `${name}.c`], { cwd: workspace, encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
    mkdirSync(path.join(workspace, '.vscode'));
    const configurations = [{ type: 'ringside', request: 'launch', name, program: `\${workspaceFolder}/${name}`, stopOnEntry: true, ...configuration }];
    writeFileSync(path.join(workspace, '.vscode', 'launch.json'), JSON.stringify({ version: '0.2.0', configurations }));
  };
}

/** The line of test/vscode/NAME.c that holds `text`. */
export const lineWith = (name: string, text: string): number => readFileSync(`test/vscode/${name}.c`, 'utf8').split('\n').findIndex(line => line.includes(text)) + 1;

/** Opens `file` before the tests of this describe, in a folder that `fill` has filled. */
export function inWorkbench(file: string, fill: (workspace: string) => void, onOpened: (opened: Opened) => void, userSettings: Record<string, unknown> = {}): void {
  let workspace: string | undefined, workbench: Workbench | undefined;

  before(async function () {
    this.timeout(300_000);
    workspace = mkdtempSync(path.join(tmpdir(), 'ringside-workspace-'));
    fill(workspace);
    workbench = await Workbench.open(workspace, file, userSettings);
    onOpened({ workspace, workbench });
  });

  after(async () => {
    await workbench?.close();
    if (workspace) rmSync(workspace, { recursive: true, force: true });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench?.screenshot(`failed-${this.currentTest.title.replace(/\W+/g, '-')}`);
  });
}

/** The tests of this describe go on from each other: behind one that failed the rest is skipped. (mocha's bail() also leaves out tests when one of another file failed, and says nothing.) */
export function eachNeedsTheOneBefore(): void {
  let hasFailed = false;
  beforeEach(function () { if (hasFailed) this.skip(); });
  afterEach(function () { hasFailed ||= this.currentTest?.state === 'failed'; });
}
