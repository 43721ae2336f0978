// `npm run package`: builds, then makes ringside-VERSION.vsix here (or the file that is named). A warning of vsce is a failure.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const vsce = path.join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
const run = spawnSync(process.execPath, [vsce, 'package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--out', path.resolve(process.argv[2] ?? path.join(root, `${name}-${version}.vsix`))], { cwd: root, encoding: 'utf8' });
const said = run.stdout + run.stderr;
console.log(said.trim());
if (run.status !== 0 || /^\s*WARNING\b/m.test(said)) { console.error('vsce warned or failed'); process.exit(1); }
