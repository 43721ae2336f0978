// The served VS Code: the workbench and server inside the npm package code-server, for tests in a real VS Code and for
// `npm run vscode` where no desktop VS Code is installed. Kept in a git-ignored cache; set up only when absent.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const version = '4.100.3'; // VS Code 1.100.3; the newest code-server found to run whole under Node 20
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** The folder of the VS Code server (it has out/server-main.js), fetched through npm when absent. */
export function ensureServer(log = console.log) {
  const home = path.join(root, '.cache', 'vscode', version);
  const server = path.join(home, 'package', 'lib', 'vscode');
  if (existsSync(path.join(home, 'ready'))) return server;
  log(`fetching code-server ${version} (once; about 270 MB into .cache/vscode)`);
  mkdirSync(path.dirname(home), { recursive: true });
  const fresh = mkdtempSync(path.join(path.dirname(home), 'setup-'));
  const run = (command, args, cwd) => execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'], shell: process.platform === 'win32' });
  try {
    run(npm, ['pack', '--silent', `code-server@${version}`], fresh);
    run('tar', ['xzf', `code-server-${version}.tgz`], fresh);
    rmSync(path.join(fresh, `code-server-${version}.tgz`));
    // `npm ci` does not work here: the package's own shrinkwrap is incomplete.
    run(npm, ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], path.join(fresh, 'package', 'lib', 'vscode'));
    writeFileSync(path.join(fresh, 'ready'), '');
    rmSync(home, { recursive: true, force: true });
    renameSync(fresh, home);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
  return server;
}

/** A quiet workbench. `extra` settings win. */
export function settings(extra = {}) {
  return {
    'workbench.startupEditor': 'none', 'chat.disableAIFeatures': true, 'workbench.secondarySideBar.defaultVisibility': 'hidden', 'git.enabled': false,
    'security.workspace.trust.enabled': false, 'telemetry.telemetryLevel': 'off', 'update.mode': 'none', 'extensions.autoUpdate': false,
    'extensions.ignoreRecommendations': true, 'workbench.tips.enabled': false, 'workbench.enableExperiments': false, ...extra,
  };
}

/** The files that make up the installed extension: what .vscodeignore lets through. */
const shipped = ['package.json', 'README.md', 'LICENSE', 'dist', 'media', 'syntaxes'];

/** Copies the extension, as it would be installed, into an extensions folder. */
export function installExtension(extensions) {
  const { publisher, name, version: own } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const target = path.join(extensions, `${publisher}.${name}-${own}`);
  for (const entry of shipped) if (existsSync(path.join(root, entry))) cpSync(path.join(root, entry), path.join(target, entry), { recursive: true });
  return target;
}

/**
 * Starts the server on 127.0.0.1 and waits until it answers.
 * `home` holds user data and extensions; `port` 0 picks a free one.
 */
export async function startServer({ home, port = 0, args = [], userSettings = {}, onOutput = () => {} }) {
  const server = ensureServer();
  const userData = path.join(home, 'user'), extensions = path.join(home, 'extensions'), serverData = path.join(home, 'server');
  for (const folder of [path.join(userData, 'User'), extensions, serverData]) mkdirSync(folder, { recursive: true });
  for (const where of [userData, path.join(serverData, 'data')]) {
    mkdirSync(path.join(where, where === userData ? 'User' : 'Machine'), { recursive: true });
    writeFileSync(path.join(where, where === userData ? 'User' : 'Machine', 'settings.json'), JSON.stringify(settings(userSettings), null, 2));
  }
  const chosen = port || await freePort();
  const child = spawn(process.execPath, [path.join(server, 'out', 'server-main.js'), '--host', '127.0.0.1', '--port', String(chosen), '--without-connection-token',
    '--accept-server-license-terms', '--telemetry-level', 'off', '--server-data-dir', serverData, '--user-data-dir', userData, '--extensions-dir', extensions, ...args],
  { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_OPTIONS: '' } });
  let output = '', exited;
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => { output = (output + text).slice(-20_000); onOutput(String(text)); });
  child.on('exit', (code, signal) => { exited = signal ?? code; });
  const url = `http://127.0.0.1:${chosen}/`;
  const deadline = Date.now() + 30_000;
  while (!await answers(url)) {
    if (exited !== undefined) throw new Error(`the VS Code server ended (${exited}):\n${output}`);
    if (Date.now() > deadline) { child.kill(); throw new Error(`the VS Code server did not answer in 30 s:\n${output}`); }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  return { url, port: chosen, extensions, output: () => output, child, stop: () => new Promise(resolve => {
    if (exited !== undefined) { resolve(); return; }
    child.once('exit', () => resolve());
    child.kill();
    setTimeout(() => child.kill('SIGKILL'), 3000).unref();
  }) };
}

function answers(url) {
  return new Promise(resolve => {
    const request = http.get(url, response => { response.resume(); resolve(response.statusCode !== undefined && response.statusCode < 500); });
    request.on('error', () => resolve(false));
    request.setTimeout(2000, () => { request.destroy(); resolve(false); });
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => { const { port } = probe.address(); probe.close(() => resolve(port)); });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(ensureServer());
