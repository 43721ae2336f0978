// The measurements that decided something. Usage: npm run bench [NAME [ARGS...]]   NAME is a folder here; without one they are listed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const names = readdirSync(here).filter(name => existsSync(path.join(here, name, 'run.mjs'))).sort();
const [name, ...args] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  if (name !== undefined) console.error(`there is no measurement '${name}'`);
  for (const each of names) console.log(`npm run bench ${each.padEnd(12)} ${readFileSync(path.join(here, each, 'run.mjs'), 'utf8').split('\n')[0].replace(/^\/\/ /, '')}`);
  process.exit(name === undefined ? 0 : 2);
}
process.exit(spawnSync(process.execPath, [path.join(here, name, 'run.mjs'), ...args], { stdio: 'inherit' }).status ?? 1);
