// Every errno that a kernel function gives back says which check refused the call.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { allErrnos } from '../../src/abi/errno';

/** Errno values that only say how a call is restarted; the entry code gives them their reason. */
const RESTARTS = /^ERESTART/;

describe('reasons of errnos', () => {
  const names = new Set(allErrnos().map(errno => errno.name));

  it('no function returns an errno without a reason', () => {
    const bare: string[] = [];
    for (const name of readdirSync('src/kernel', { recursive: true, encoding: 'utf8' }).filter(one => one.endsWith('.ts')).sort()) {
      const file = path.join('src/kernel', name);
      readFileSync(file, 'utf8').split('\n').forEach((line, i) => {
        if (/^\s*(\/\/|\*|\/\*)/.test(line)) return;
        for (const [, errno = ''] of line.matchAll(/(?<!\()(?:\breturn|\?\??|:|=>)\s+(E[A-Z0-9]+)(?=\s*[;,)]|\s+[:?])/g)) {
          if (line.slice(line.indexOf(errno)).includes(').because(')) continue;
          if (names.has(errno) && !RESTARTS.test(errno)) bare.push(`${file}:${i + 1}: ${line.trim()}`);
        }
      });
    }
    assert.deepEqual(bare, []);
  });
});
