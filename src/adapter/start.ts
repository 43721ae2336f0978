// dist/adapter.js: the debug adapter, compiled already if it ran before.
import path from 'node:path';
import { runBundle } from '../host/node/compiled_bundle';

/** What identifies the contents of the bundle: esbuild.mjs puts it in. */
declare const CONTENTS: [main: string];

runBundle({ file: path.join(__dirname, 'adapter_main.js'), content: CONTENTS[0], use: 'debug' }, require);
