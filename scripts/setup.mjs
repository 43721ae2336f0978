// What every npm script runs first: dependencies when node_modules is absent or older than the lock file. Needs only Node and npm.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const lowestNode = 20;
if (Number(process.versions.node.split('.')[0]) < lowestNode) fail(`Ringside needs Node ${lowestNode} or newer; this is ${process.version}.`);

const lock = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
const stamp = path.join(root, 'node_modules', '.ringside-lock');
const npmsOwn = path.join(root, 'node_modules', '.package-lock.json');
const fresh = existsSync(stamp) ? readFileSync(stamp, 'utf8') === lock : false;
if (!existsSync(npmsOwn) || (existsSync(stamp) && !fresh)) {
  console.log('setting up: npm ci');
  const npm = spawnSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (npm.error) fail(`npm could not be started: ${npm.error.message}`);
  if (npm.status !== 0) fail('npm ci failed; its messages are above.');
}
if (!fresh) writeFileSync(stamp, lock);

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
