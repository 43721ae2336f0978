// dist/cli.js: the command, compiled already if it ran before.
import path from 'node:path';
import { runBundle } from '../host/node/compiled_bundle';
import { isRunning } from './commands';

/** What identifies the contents of the bundle: esbuild.mjs puts it in. */
declare const CONTENT: string;

const command = process.argv[2] ?? '';
runBundle({ file: path.join(__dirname, 'cli_main.js'), content: CONTENT, use: isRunning(command) ? command : null }, require);
