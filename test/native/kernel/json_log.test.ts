import assert from 'node:assert/strict';
import { JsonLog } from '../../../src/trace/json_log';
import { defaultOptions } from '../../../src/trace/options';
import { whyNoJudge } from '../programs/compare';
import { build, casesOf, runMachine } from './cases';

interface Line { type: string; pid: number; name?: string; args?: Record<string, unknown>; return?: unknown; errno?: string; signal?: string; status?: number }

describe('strace --json says what the text log says', function () {
  this.timeout(60_000);
  before(function () {
    if (whyNoJudge()) this.skip();
  });

  for (const [family, name] of [['signals', 'stops_and_continues'], ['signal_frames', 'faults_tell_code_address_trap_and_error'], ['socket', 'several_messages_by_one_call'], ['open', 'openat_directories'], ['sysv', 'sem_timeout']] as const) {
    it(`${family}: ${name}`, () => {
      const one = casesOf(family).find(known => known.name === name);
      assert.ok(one, 'the case is there');
      const lines: Line[] = [];
      const { log } = runMachine(build(family), one, {}, ({ machine, logSource }) => {
        machine.listen(new JsonLog(logSource, { ...defaultOptions, follow: true }, line => lines.push(JSON.parse(line) as Line)));
      });
      const marked = lines.slice(lines.findIndex(line => line.name === 'close' && line.args?.fd === -1000) + 1);
      const brief = (line: Line): string | null => {
        if (line.type === 'syscall') return `${line.name} ${line.errno ?? ('return' in line ? typeof line.return === 'object' ? 'object' : 'ok' : '?')}`;
        if (line.type === 'signal') return `--- ${line.signal}`;
        return line.type === 'stopped' ? `stopped ${line.signal}` : line.type === 'exit' ? `+++ ${line.status ?? line.signal}` : null;
      };
      const briefText = (text: string): string => {
        const line = text.replace(/^\S+ /, ''), call = /^(\w+)\(.*\) = (?:(\?)$|-1 (E\w+)|\? (E\w+))?/s.exec(line), signal = /^--- (?:stopped by )?(\w+)/.exec(line), end = /^\+\+\+ (?:exited with (\d+)|killed by (\w+))/.exec(line);
        if (call) return `${call[1]} ${call[2] ?? call[3] ?? call[4] ?? 'ok'}`;
        if (end) return `+++ ${end[1] ?? end[2]}`;
        return line.startsWith('--- stopped') ? `stopped ${signal?.[1]}` : `--- ${signal?.[1]}`;
      };
      assert.deepEqual(marked.map(brief).sort(), log.map(briefText).sort());
      for (const line of marked) if (line.type === 'syscall') assert.equal(typeof line.args, 'object', JSON.stringify(line));
    });
  }
});
