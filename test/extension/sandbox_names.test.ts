// Names of sandbox files, and where they may be saved: never outside the workspace folder.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { placeInWorkspace, sandboxSentence } from '../../src/extension/sandbox_names';

describe('sandbox_names', () => {
  for (const [files, sentence] of [
    [['/w/test.txt'], '1 file written in the sandbox: test.txt'],
    [['/w/a/b', '/tmp/c'], '2 files written in the sandbox: a/b, /tmp/c'],
    [['/w/1', '/w/2', '/w/3', '/w/4', '/w/5', '/w/6', '/w/7'], '7 files written in the sandbox: 1, 2, 3, 4, 5 and 2 more'],
    [['/world/x'], '1 file written in the sandbox: /world/x'],
  ] as const) it(sentence, () => assert.equal(sandboxSentence(files, '/w'), sentence));

  for (const [file, cwd, folder, place] of [
    ['/w/src/test.txt', '/w/src', '/w', 'src/test.txt'], ['/elsewhere/test.txt', '/elsewhere', '/w', 'test.txt'], ['/tmp/x', '/w', '/w', 'sandbox/tmp/x'],
    ['/../../etc/passwd', '/w', '/w', 'sandbox/etc/passwd'], ['/w/../x', '/w', '/w', 'sandbox/x'], ['../../x', '/w', '/w', 'sandbox/x'],
  ] as const) it(`${file} of ${cwd} is saved in ${folder} as ${place}`, () => assert.equal(placeInWorkspace(file, cwd, folder).join('/'), place));

  it('no name leads out of the workspace', () => {
    const name = fc.array(fc.constantFrom('..', '.', '', 'a', 'w', 'b c'), { maxLength: 8 }).map(parts => `/${parts.join('/')}`);
    fc.assert(fc.property(name, name, name, (file, cwd, folder) => !placeInWorkspace(file, cwd, folder).includes('..')));
  });
});
