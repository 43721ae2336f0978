// A signal that ends a task: the program stands where it died, with all that it had, and goes on to its end from there. Or it is mended there, and lives.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DebugClient } from '@vscode/debugadapter-testsupport';

const SOURCE = path.resolve('test/adapter/deaths.c');
const SIGNALS = { SIGILL: 4, SIGABRT: 6, SIGSEGV: 11, SIGSYS: 31 };

/** How, of what, in which function of the program, what the last signal says, and whether all threads end with it. */
const DEATHS: readonly (readonly [string, keyof typeof SIGNALS, string, RegExp])[] = [
  ['write', 'SIGSEGV', 'writes', /si_code=SEGV_MAPERR, si_addr=NULL/], ['abort', 'SIGABRT', 'abort', /si_code=SI_TKILL, si_pid=1001/], ['illegal', 'SIGILL', 'main', /si_code=ILL_ILLOPN/],
  ['overflow', 'SIGSEGV', 'grows', /si_code=SEGV_MAPERR, si_addr=0x7ff/], ['sent', 'SIGABRT', 'waits', /si_code=SI_USER, si_pid=1002/],
  ['seccomp', 'SIGSYS', 'refuses', /a seccomp filter kills it for this call/], ['thread', 'SIGSEGV', 'thread', /si_addr=NULL/],
];

const hasCompiler = spawnSync('gcc', ['--version']).error === undefined;

(hasCompiler ? describe : describe.skip)(`deaths by a signal${hasCompiler ? '' : ' (skipped: gcc is missing)'}`, function () {
  this.timeout(60_000);
  let folder: string, program: string, client: DebugClient;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ringside-deaths-'));
    program = path.join(folder, 'deaths');
    const made = spawnSync('gcc', ['-g', '-O0', '-w', '-pthread', '-o', program, SOURCE], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    client = new DebugClient('node', path.resolve('dist/adapter.js'), 'ringside');
    client.defaultTimeout = 30_000;
    await client.start();
  });
  afterEach(() => client.stop());

  async function stopsOf(how: string): Promise<{ threadId: number; description: string; names: string[]; frameIds: number[] }> {
    await Promise.all([client.launch({ program, args: [how] }), client.waitForEvent('initialized')]);
    const [{ body }] = await Promise.all([client.waitForEvent('stopped'), client.configurationDoneRequest()]);
    return lookAt(body as { reason: string; description: string; threadId: number });
  }
  async function lookAt({ reason, description, threadId }: { reason: string; description: string; threadId: number }): Promise<{ threadId: number; description: string; names: string[]; frameIds: number[] }> {
    assert.equal(reason, 'exception');
    const { stackFrames } = (await client.stackTraceRequest({ threadId })).body;
    return { threadId, description, names: stackFrames.map(frame => frame.name), frameIds: stackFrames.map(frame => frame.id) };
  }
  async function endsWith(threadId: number, code: number): Promise<void> {
    const [exited] = await Promise.all([client.waitForEvent('exited'), client.waitForEvent('terminated'), client.continueRequest({ threadId })]);
    assert.equal(exited.body.exitCode, code);
  }

  for (const [how, name, where, facts] of DEATHS) {
    it(`${how}: stands in ${where}, then ends of ${name} as on the host`, async () => {
      const native = spawnSync(program, [how]);
      assert.equal(native.signal, name);
      const { threadId, description, names } = await stopsOf(how);
      assert.match(description, new RegExp(`^Paused on signal ${name}: .*${facts.source}`));
      assert(names.includes(where), names.join());
      assert(!description.includes('in the past'));
      await endsWith(threadId, 128 + SIGNALS[name]);
    });
  }

  it('a child: stands in it, and its parent goes on', async () => {
    const native = spawnSync(program, ['child'], { encoding: 'utf8' });
    const { threadId, names } = await stopsOf('child');
    assert.deepEqual([threadId, names[0]], [1002, 'writes']);
    let output = '';
    client.on('output', ({ body }: { body: { category: string; output: string } }) => { if (body.category === 'stdout') output += body.output; });
    await endsWith(threadId, native.status ?? -1);
    assert.equal(output, native.stdout);
  });

  it('back a step and forward again it stands there again; what is mended there lives', async () => {
    const first = await stopsOf('write');
    await Promise.all([client.waitForEvent('stopped'), client.stepBackRequest({ threadId: first.threadId })]);
    const [{ body }] = await Promise.all([client.waitForEvent('stopped'), client.continueRequest({ threadId: first.threadId })]);
    const again = await lookAt(body as { reason: string; description: string; threadId: number });
    assert.deepEqual(again.names, first.names);
    await client.evaluateRequest({ expression: '$rax = (long)&target', context: 'repl', frameId: again.frameIds[0] });
    await endsWith(again.threadId, 0);
  });
});
