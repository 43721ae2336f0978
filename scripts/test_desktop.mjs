// `npm run test:desktop`: the tests of test/vscode in a desktop VS Code that @vscode/test-electron downloads (or that DESKTOP_VSCODE names),
// instead of the served one. Further arguments go to the test runner.
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
let executable = process.env.DESKTOP_VSCODE;
if (!executable) {
  try {
    executable = await downloadAndUnzipVSCode({ cachePath: path.join(root, '.cache', 'vscode-desktop') });
  } catch (error) {
    console.error(`A desktop VS Code could not be downloaded (${error.message}). "npm test" runs the same tests in a served one.`);
    process.exit(1);
  }
}
const run = spawnSync(process.execPath, ['test/run.mjs', '--only', 'vscode/', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit', env: { ...process.env, DESKTOP_VSCODE: executable } });
process.exit(run.status ?? 1);
