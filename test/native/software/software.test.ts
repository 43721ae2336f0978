import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { whyNoJudge } from '../programs/compare';
import { makeFolder, missingPrograms, readBlocks, runBlocks, type Results } from './run_blocks';

const FOLDER = 'test/native/software';

describe('real programs do in the machine what they do on the host', function () {
  this.timeout(600_000);
  for (const name of readdirSync(FOLDER).filter(file => file.endsWith('.sh')).sort()) {
    const { needs, blocks } = readBlocks(path.join(FOLDER, name));
    describe(name.replace('.sh', ''), () => {
      let native: Results, ours: Results;
      before(function () {
        const missing = missingPrograms(needs);
        const why = process.platform !== 'linux' || process.arch !== 'x64' ? whyNoJudge() : missing.length > 0 ? `missing: ${missing.join(' ')}` : null;
        if (why) {
          console.log(`    skipped: ${why}`);
          return this.skip();
        }
        const folder = makeFolder();
        native = runBlocks(blocks, folder, false);
        ours = runBlocks(blocks, folder, true);
        rmSync(path.dirname(folder), { recursive: true, force: true });
        assert.equal(native.trouble, '', 'the host');
      });
      blocks.forEach(({ title }, i) => it(title, () => assert.equal(ours.outcomes[i] ?? `not reached: ${ours.trouble}`, native.outcomes[i])));
    });
  }
});
