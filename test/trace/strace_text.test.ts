// The log of captured runs against the host's strace 6.1, line by line. Recorded pairs serve where gcc or strace are absent (--update records anew).
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { hasStrace, mask, readPair, record, replay, writePair } from './capture';

const programs: { name: string; options?: string[]; text?: Parameters<typeof replay>[1] }[] = [
  { name: 'calls_files' },
  { name: 'calls_process' },
  { name: 'calls_net' },
  { name: 'calls_bounds' },
  { name: 'calls_bounds', options: ['-v', '-s', '100'], text: { verbose: true, stringLimit: 100 } },
  { name: 'calls_files', options: ['-v'], text: { verbose: true } },
  { name: 'calls_process', options: ['-v'], text: { verbose: true } },
  { name: 'calls_net', options: ['-v'], text: { verbose: true } },
  { name: 'calls_files', options: ['-x'], text: { hexStrings: 'nonascii' } },
  { name: 'calls_net', options: ['-xx'], text: { hexStrings: 'all' } },
  { name: 'calls_files', options: ['-s', '5'], text: { stringLimit: 5 } },
  { name: 'calls_process', options: ['-z'], text: { status: new Set(['successful'] as const) } },
  { name: 'calls_files', options: ['-Z'], text: { status: new Set(['failed'] as const) } },
  { name: 'calls_net', options: ['-a', '60', '-n'], text: { column: 60, callNumber: true } },
];

/** The order of a wait and of SIGCHLD is not fixed on a real kernel: SIGCHLD lines are compared among themselves. */
const childLast = (lines: string[]): string[] => [...lines.filter(l => !l.includes('SIGCHLD {')), ...lines.filter(l => l.includes('SIGCHLD {'))];

describe('trace/strace_text', () => {
  for (const { name, options = [], text = {} } of programs) {
    it(`${[name, ...options].join(' ')} is what strace prints`, function () {
      const id = [name, ...options].join('').replace(/[^a-zA-Z0-9_]/g, '');
      const stored = readPair(id, name);
      if (!hasStrace && !stored) { console.log('      skipped: strace 6.1 is not here'); this.skip(); }
      const pair = hasStrace && !process.env.STORED ? record(name, options) : stored!;
      if (process.env.UPDATE_GOLDEN && hasStrace) { mkdirSync('test/golden/trace', { recursive: true }); writePair(id, name, pair); }
      // The capture begins after execve.
      const expected = childLast(pair.strace.trim().split('\n').slice(text.status?.has('failed') ? 0 : 1).map(mask));
      const actual = childLast(replay(pair.capture, text).trim().split('\n').map(mask));
      if (process.env.SHOW_ALL) {
        for (let i = 0; i < Math.max(expected.length, actual.length); i++) if (expected[i] !== actual[i]) console.log(`- ${expected[i]}\n+ ${actual[i]}`);
      }
      assert.deepEqual(actual, expected);
    });
  }
});
