// dist/cli.js: the command, compiled already if it ran before, and so what it loads only now and then.
import { bundleLoader } from '../host/node/compiled_bundle';
import { isRunning } from './commands';

/** What identifies the contents of the bundles, by name: esbuild.mjs puts it in. */
declare const CONTENTS: Readonly<Record<string, string>>;

const [command = '', ...words] = process.argv.slice(2);
bundleLoader(__dirname, CONTENTS, isRunning(command) ? command : null, require, programAmong(words))('./cli_main.js');

/** The program, where one can tell without the options: behind `--`, at the beginning, or behind the name of a log. */
function programAmong(words: readonly string[]): string | undefined {
  const end = words.indexOf('--'), first = words[0] === '-o' ? 2 : 0;
  const program = end >= 0 ? words[end + 1] : words[first];
  return program?.startsWith('-') ? undefined : program;
}
