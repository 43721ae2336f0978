// dist/cli.js: the command, compiled already if it ran before, and so what it loads only now and then.
import { setFlagsFromString } from 'node:v8';
import { bundleLoader } from '../host/node/compiled_bundle';
import { isRunning } from './commands';

/** What identifies the contents of the bundles, by name: esbuild.mjs puts it in. */
declare const CONTENTS: Readonly<Record<string, string>>;

// Optimizing what a short run calls some thousand times takes a quarter of its processor time: twice the bytecode has to run before. Measured in V8 of Node 20.
// With other flags than at its start Node compiles what it loads of its own modules, which takes four times as long: those that each run needs are there already.
if (process.versions.v8.startsWith('11.3.')) setFlagsFromString('--interrupt-budget=300000');

const command = process.argv[2] ?? '';
bundleLoader(__dirname, CONTENTS, isRunning(command) ? command : null, require)('./cli_main.js');
