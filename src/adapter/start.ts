// dist/adapter.js: the debug adapter, compiled already if it ran before, and so the kernel that it looks into.
import { bundleLoader } from '../host/node/compiled_bundle';

/** What identifies the contents of the bundles, by name: esbuild.mjs puts it in. */
declare const CONTENTS: Readonly<Record<string, string>>;

bundleLoader(__dirname, CONTENTS, 'debug', require)('./adapter_main.js');
