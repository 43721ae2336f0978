// dist/cli.js: the command, compiled already if it ran before, and so what it loads only now and then.
import path from 'node:path';
import { runBundle } from '../host/node/compiled_bundle';
import { isRunning } from './commands';

/** What identifies the contents of the bundles: esbuild.mjs puts it in. */
declare const CONTENTS: [main: string, timing: string];

const command = process.argv[2] ?? '';
const use = isRunning(command) ? command : null;
const run = (name: string, content: string, load: NodeJS.Require): unknown => runBundle({ file: path.join(__dirname, name), content, use }, load);
const load = Object.assign((name: string): unknown => name === './timing.js' ? run('timing.js', CONTENTS[1], require) : require(name), require);
run('cli_main.js', CONTENTS[0], load);
