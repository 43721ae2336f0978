// The adapter as it ships, over stdio, on a real program in the real machine.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DebugClient } from '@vscode/debugadapter-testsupport';

const PROGRAM = path.resolve('examples/hello_write.static');
const SOURCE = path.resolve('examples/hello_write.c');
const lineWith = (text: string): number => readFileSync(SOURCE, 'utf8').split('\n').findIndex(l => l.includes(text)) + 1;

describe('adapter on the machine', () => {
  let client: DebugClient;
  beforeEach(async () => {
    client = new DebugClient('node', path.resolve('dist/adapter.js'), 'ringside');
    client.defaultTimeout = 20_000;
    await client.start();
  });
  afterEach(() => client.stop());

  it('stops at main, at the write system call on its C line, steps over it and ends', async () => {
    await Promise.all([client.launch({ program: PROGRAM, stopOnEntry: true }), client.waitForEvent('initialized')]);
    await client.setExceptionBreakpointsRequest({ filters: [], filterOptions: [{ filterId: 'syscall', condition: 'write if fd == 3' }] });
    const [entry] = await Promise.all([client.waitForEvent('stopped'), client.configurationDoneRequest()]);
    assert.equal(entry.body.reason, 'entry');
    const threadId = entry.body.threadId as number;
    assert.equal(threadId, 1001);
    assert.equal((await client.stackTraceRequest({ threadId })).body.stackFrames[0]!.name, 'main');

    const [call] = await Promise.all([client.waitForEvent('stopped'), client.continueRequest({ threadId })]);
    assert.equal(call.body.description, 'Paused on syscall entry: write(3, "Hello, World!\\n", 14)');
    const { stackFrames } = (await client.stackTraceRequest({ threadId })).body;
    const main = stackFrames.find(f => f.name === 'main')!;
    const rows = (await client.customRequest('disassemble', { memoryReference: main.instructionPointerReference, instructionCount: 3 })).body.instructions as { instruction: string }[];
    assert.equal(rows.length, 3);
    assert.equal(main.line, lineWith('write(fd'));
    assert.equal(main.source?.path, SOURCE);
    assert(stackFrames.some(f => f.presentationHint === 'label'));

    await Promise.all([client.nextRequest({ threadId }), client.assertStoppedLocation('step', { path: SOURCE, line: lineWith('close(fd)') })]);
    const [exited, written] = await Promise.all([client.waitForEvent('exited'), client.waitForEvent('ringside/filesWritten'), client.waitForEvent('terminated'), client.continueRequest({ threadId })]);
    assert.equal(exited.body.exitCode, 0);
    assert.equal(Buffer.from(written.body.files[0].data, 'base64').toString(), 'Hello, World!\n');
  });

  it('stops inside the vDSO and unwinds from there to the C line that asked for the time', async function () {
    if (!existsSync('/lib64/ld-linux-x86-64.so.2')) {
      console.log("    skipped: the library whose frame is between, this computer's glibc, is missing");
      return this.skip();
    }
    const program = path.resolve('examples/vdso_bench');
    await Promise.all([client.launch({ program }), client.waitForEvent('initialized')]);
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: '__vdso_clock_gettime' }] });
    const [stopped] = await Promise.all([client.waitForEvent('stopped'), client.configurationDoneRequest()]);
    assert.equal(stopped.body.reason, 'function breakpoint');
    const { stackFrames } = (await client.stackTraceRequest({ threadId: stopped.body.threadId as number })).body;
    assert.deepEqual(stackFrames.map(frame => frame.name).slice(0, 4), ['__vdso_clock_gettime', '__clock_gettime', 'now', 'main']);
    const [vdso, , now] = stackFrames;
    assert.match(vdso?.source?.path ?? vdso?.source?.name ?? '', /vdso\.S$/);
    assert.equal(now?.source?.path, path.resolve('examples/vdso_bench.c'));
  });

  it('a program that is not there is refused with one sentence', async () => {
    await assert.rejects(client.launch({ program: '/no/such/program' } as object), /\/no\/such\/program/);
  });

  it('npm start shows the stops and ends with status 0', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/start.mjs'], { encoding: 'utf8', timeout: 50_000 });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /Paused on entry/);
    assert.match(stdout, /Paused on syscall entry: write\(3, "Hello, World!\\n", 14\)/);
    assert.match(stdout, /\+\+\+ exited with 0 \+\+\+/);
  });
});
