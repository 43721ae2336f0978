// Tables that people read, against the declarations that they are made from. --update rewrites them.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';

interface Schema { type: string | string[]; default?: unknown; markdownDescription: string }

/** A marked table of README.md: from `<!-- NAME: ... -->` to `<!-- end -->`. */
function checkTable(name: string, rows: readonly string[]): void {
  const readme = readFileSync('README.md', 'utf8');
  const pattern = new RegExp(`(<!-- ${name}: [^\\n]*-->\\n\\|[^\\n]*\\n\\|[^\\n]*\\n)([^]*?)(<!-- end -->)`);
  const wanted = rows.map(row => `${row}\n`).join('');
  const [, , found] = pattern.exec(readme) ?? assert.fail(`README.md has no table "${name}"`);
  if (process.env['UPDATE_GOLDEN'] && found !== wanted) writeFileSync('README.md', readme.replace(pattern, (_, head: string, __, end: string) => head + wanted + end));
  else assert.equal(found, wanted, 'README.md is behind: node test/run.mjs --only tables --update');
}

describe('tables', () => {
  it('the launch options in README.md are those of package.json', () => {
    const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as { contributes: { debuggers: { configurationAttributes: { launch: { properties: Record<string, Schema> } } }[] } };
    const properties = contributes.debuggers[0]!.configurationAttributes.launch.properties;
    checkTable('launch options', Object.entries(properties).map(([name, { markdownDescription }]) => `| \`"${name}"\` | ${markdownDescription.replaceAll('|', '\\|')} |`));
  });
});
