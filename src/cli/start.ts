// dist/cli.js: the command, compiled already if it ran before, and so what it loads only now and then.
import { bundleLoader } from '../host/node/compiled_bundle';
import { isRunning } from './commands';

/** What identifies the contents of the bundles, by name: esbuild.mjs puts it in. */
declare const CONTENTS: Readonly<Record<string, string>>;

const command = process.argv[2] ?? '';
bundleLoader(__dirname, CONTENTS, isRunning(command) ? command : null, require)('./cli_main.js');
