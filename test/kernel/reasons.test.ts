// Every errno that a kernel function gives back says which check refused the call.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { allErrnos } from '../../src/abi/errno';
import { globSync } from '../glob.mjs';

/** Errno values that only say how a call is restarted; the entry code gives them their reason. */
const RESTARTS = /^ERESTART/;

describe('reasons of errnos', () => {
  const names = new Set(allErrnos().map(errno => errno.name));

  it('no function returns an errno without a reason', () => {
    const bare: string[] = [];
    for (const file of globSync('src/kernel', /\.ts$/)) {
      readFileSync(file, 'utf8').split('\n').forEach((line, i) => {
        if (/^\s*(\/\/|\*|\/\*)/.test(line)) return;
        for (const [, name = ''] of line.matchAll(/(?<!\()(?:\breturn|\?\??|:|=>)\s+(E[A-Z0-9]+)(?=\s*[;,)]|\s+[:?])/g)) {
          if (line.slice(line.indexOf(name)).includes(').because(')) continue;
          if (names.has(name) && !RESTARTS.test(name)) bare.push(`${file}:${i + 1}: ${line.trim()}`);
        }
      });
    }
    assert.deepEqual(bare, []);
  });
});
