// The adapter's connections: a client that goes away, one that says nonsense, and clients that come over TCP one after the other.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { DebugClient } from '@vscode/debugadapter-testsupport';

const PROGRAM = path.resolve('examples/hello_write.static');

function message(seq: number, command: string, args?: object): string {
  const text = JSON.stringify({ seq, type: 'request', command, arguments: args });
  return `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

describe('connections of the adapter', function () {
  this.timeout(30_000);
  let adapter: ChildProcess, said: string;

  function start(...args: string[]): void {
    said = '';
    adapter = spawn(process.execPath, ['dist/adapter.js', ...args], { stdio: 'pipe' });
    adapter.stderr?.on('data', (data: Buffer) => { said += data.toString(); });
  }

  async function saysOnStderr(text: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = text.exec(said);
      if (match) return match;
      assert(adapter.stderr);
      await once(adapter.stderr, 'data');
    }
  }

  afterEach(() => { adapter.kill(); });

  it('a client that goes away while it is written to leaves no trace of a crash', async () => {
    start();
    const ended = once(adapter, 'exit');
    assert(adapter.stdin && adapter.stdout);
    adapter.stdin.on('error', () => undefined);
    adapter.stdin.write(message(1, 'initialize', { adapterID: 'ringside' }));
    await once(adapter.stdout, 'data');
    adapter.stdout.destroy();
    adapter.stdin.write(message(2, 'launch', { program: PROGRAM }) + message(3, 'configurationDone'));
    assert.deepEqual(await ended, [0, null]);
    assert.equal(said, '');
  });

  it('a message that is no JSON is told on stderr, and the next one is answered', async () => {
    start();
    assert(adapter.stdin && adapter.stdout);
    adapter.stdin.write('Content-Length: 4\r\n\r\n{no}');
    await saysOnStderr(/Error handling data: /);
    adapter.stdin.write(message(2, 'initialize', { adapterID: 'ringside' }));
    const [answer] = await once(adapter.stdout, 'data') as [Buffer];
    assert.match(answer.toString(), /"request_seq":2,.*"success":true/);
  });

  async function connect(port: number): Promise<{ client: DebugClient; threadId: number }> {
    const client = new DebugClient('node', '', 'ringside');
    client.defaultTimeout = 20_000;
    await client.start(port);
    await Promise.all([client.launch({ program: PROGRAM, stopOnEntry: true }), client.waitForEvent('initialized')]);
    const [stopped] = await Promise.all([client.waitForEvent('stopped'), client.configurationDoneRequest()]);
    assert.equal(stopped.body.reason, 'entry');
    return { client, threadId: stopped.body.threadId as number };
  }
  async function runsToItsEnd({ client, threadId }: { client: DebugClient; threadId: number }): Promise<void> {
    const [exited] = await Promise.all([client.waitForEvent('exited'), client.waitForEvent('terminated'), client.continueRequest({ threadId })]);
    assert.equal(exited.body.exitCode, 0);
    await client.stop();
  }

  it('over TCP, one client after the other debugs a program, and others at the same time', async () => {
    start('--server=0');
    const port = Number((await saysOnStderr(/client on port (\d+)/))[1]);
    for (let turn = 0; turn < 2; turn++) {
      const first = await connect(port), second = await connect(port), third = await connect(port);
      assert.deepEqual([first.threadId, second.threadId, third.threadId], [1001, 1001, 1001]);
      for (const session of turn === 0 ? [second, first, third] : [first, third, second]) await runsToItsEnd(session);
    }
    assert.doesNotMatch(said, /refused|cannot/);
  });

  it('a second client over TCP that goes away leaves no process behind', async function () {
    if (!existsSync('/proc/self/task')) this.skip();
    start('--server=0');
    const port = Number((await saysOnStderr(/client on port (\d+)/))[1]), first = await connect(port);
    const intruder = net.connect(port, '127.0.0.1');
    intruder.write(message(1, 'initialize', { adapterID: 'ringside' }));
    await once(intruder, 'data');
    assert.equal(childrenOf(adapter.pid).length, 1);
    intruder.destroy();
    for (const deadline = Date.now() + 10_000; childrenOf(adapter.pid).length > 0;) {
      assert(Date.now() < deadline, 'the second adapter is still there');
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    await runsToItsEnd(first);
  });
});

/** As Linux tells. */
function childrenOf(pid: number | undefined): string[] {
  return readFileSync(`/proc/${pid ?? 'self'}/task/${pid ?? 'self'}/children`, 'utf8').split(' ').filter(child => child !== '');
}
