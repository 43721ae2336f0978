import assert from 'node:assert/strict';
import { argv, envp, int, path } from '../../src/abi/arg_types';
import { EventFan } from '../../src/machine/events';
import { LaunchCall } from '../../src/machine/launch_call';
import { noFacts } from '../../src/trace/format/printer';
import { defaultOptions } from '../../src/trace/options';
import { StraceLog, type LogSource } from '../../src/trace/strace_text';

describe('the execve of the first process', () => {
  it('is in the log with its arguments', () => {
    const call = new LaunchCall({ program: '/bin/echo', argv: ['echo', 'a "b"', ''], env: ['A=1', 'B=22'] });
    const source: LogSource = {
      declaration: () => ({ name: 'execve', args: { pathname: path, argv, envp }, ret: int }),
      memory: pid => call.memory(pid) ?? { read: () => null },
      facts: noFacts, now: () => 0n, instructionPointer: () => 0, stackPointer: () => 0,
    };
    let text = '';
    const events = new EventFan();
    events.listen(new StraceLog(source, defaultOptions, part => { text += part; }));
    call.begin(events);
    call.end(events);
    assert.match(text, /^execve\("\/bin\/echo", \["echo", "a \\"b\\"", ""\], 0x7fffffffe0[0-9a-f]{2} \/\* 2 vars \*\/\) = 0\n$/);
    assert.equal(call.memory(1001), null);
  });

  it('nobody hears a listener that was taken away', () => {
    const events = new EventFan();
    const heard: number[] = [];
    const stop = events.listen({ exec: pid => { heard.push(pid); } });
    events.listen({});
    events.exec(1, '/x');
    stop();
    events.exec(2, '/x');
    assert.deepEqual(heard, [1]);
  });
});
