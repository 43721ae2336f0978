// `npm run vscode`: a real VS Code with the extension and the examples. A desktop `code` when it is on the PATH
// (or named by CODE), else the served VS Code, whose address is printed. --served asks for the served one, --port N fixes its port.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../esbuild.mjs';
import { installExtension, startServer } from './vscode_server.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const examples = path.join(root, 'examples');
const source = path.join(examples, 'hello_write.c');
await ensureBuilt();

const desktop = process.env.CODE ?? 'code';
const windows = process.platform === 'win32';
const hasDesktop = !process.argv.includes('--served') && spawnSync(desktop, ['--version'], { shell: windows }).status === 0;
if (hasDesktop) {
  const code = spawn(desktop, ['--new-window', `--extensionDevelopmentPath=${root}`, examples, ...(existsSync(source) ? [source] : [])], { stdio: 'inherit', shell: windows });
  code.on('exit', status => process.exit(status ?? 1));
  console.log('VS Code opens with the examples. Open hello_write.c and press F5.');
} else {
  const at = process.argv.indexOf('--port');
  const home = path.join(root, '.cache', 'vscode', 'home');
  installExtension(path.join(home, 'extensions'));
  const served = await startServer({ home, port: at < 0 ? 0 : Number(process.argv[at + 1]) });
  const query = new URLSearchParams({ folder: examples });
  if (existsSync(source)) query.set('payload', JSON.stringify([['openFile', `vscode-remote://127.0.0.1:${served.port}${source}`]]));
  console.log(`VS Code with the extension and the examples: ${served.url}?${query}\nOpen hello_write.c and press F5. Ctrl+C here ends it.`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { void served.stop().then(() => process.exit(0)); });
  served.child.on('exit', status => process.exit(status ?? 0));
}
