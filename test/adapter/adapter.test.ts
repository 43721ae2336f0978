import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import '../../src/kernel/syscall_table';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import { requests } from '../../src/adapter/requests/index';
import { AdapterServer } from '../../src/adapter/server';
import type { Launcher } from '../../src/adapter/launcher';
import { catalog } from '../debugger/catalog';
import { lineOf, openSymbols, PID, PROGRAM, ReplayTarget, SOURCE } from '../debugger/replay_target';

const rows: string[] = [];
const launch: Launcher = (config, listener) => ({
  target: new ReplayTarget(text => { listener.output(1, Buffer.from(text)); rows.push(`write(1, ${JSON.stringify(text)}, 5) = 5\n`); }),
  log: { length: 0, rows: () => ({ text: '', places: [] }), take: () => rows.length > 0 ? { text: rows.splice(0).join(''), places: ['1.1'], from: 0 } : undefined },
  catalog, openSymbols, programPath: config.program, cwd: '/home/p', toHostPath: p => p,
  writtenFiles: () => [{ path: '/home/p/test.txt', size: 5, data: () => Buffer.from('hello') }],
  wait: ms => new Promise(resolve => setTimeout(resolve, ms)), close: () => undefined,
});

describe('adapter', () => {
  let server: net.Server;
  let client: DebugClient;
  beforeEach(async () => {
    server = net.createServer(socket => new AdapterServer(launch, () => socket.end()).start(socket, socket));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    client = new DebugClient('node', '', 'ringside');
    await client.start((server.address() as AddressInfo).port);
  });
  afterEach(async () => {
    await client.stop();
    server.close();
  });

  const config = (more: object = {}): object => ({ program: PROGRAM, ...more });
  async function stopAt(marker: string): Promise<number> {
    await Promise.all([client.launch(config()), client.waitForEvent('initialized')]);
    await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [{ line: lineOf(marker) }] });
    const [stopped] = await Promise.all([client.waitForEvent('stopped'), client.configurationDoneRequest()]);
    assert.equal(stopped.body.reason, 'breakpoint');
    return (await client.stackTraceRequest({ threadId: PID })).body.stackFrames[0]!.id;
  }
  async function variablesOf(frameId: number, scopeName: string): Promise<Record<string, { value: string; type?: string; variablesReference: number }>> {
    const { scopes } = (await client.scopesRequest({ frameId })).body;
    const scope = scopes.find(s => s.name === scopeName)!;
    const { variables } = (await client.variablesRequest({ variablesReference: scope.variablesReference })).body;
    return Object.fromEntries(variables.map(v => [v.name, v]));
  }

  it('every file of requests/ is in the registry', () => {
    const files = readdirSync('src/adapter/requests').filter(f => f !== 'index.ts').map(f => f.replace(/\.ts$/, '').replace(/^ringside(.)/, (_, c: string) => `ringside/${c.toLowerCase()}`));
    assert.deepEqual([...requests.keys()].sort(), files.sort());
  });
  it('capabilities come from the requests that are there', async () => {
    const { body } = await client.initializeRequest();
    assert(body?.supportsConfigurationDoneRequest && body.supportsDisassembleRequest && body.supportsReadMemoryRequest && body.supportsExceptionFilterOptions);
    assert.deepEqual(body.exceptionBreakpointFilters?.map(f => f.filter), ['syscall', 'syscall-exit', 'syscall-fail']);
    assert.equal(body.supportsStepBack, true);
  });
  it('an unknown request and a wrong launch are refused with a sentence', async () => {
    await assert.rejects(client.send('nonsense'), /does not know the request 'nonsense'/);
    await assert.rejects(client.launch({ program: 5 } as object), /"program" in the launch configuration must be a string/);
    await assert.rejects(client.threadsRequest(), /nothing has been launched/);
  });
  it('stops at main on entry', async () => {
    await Promise.all([client.launch(config({ stopOnEntry: true })), client.configurationSequence(), client.assertStoppedLocation('entry', { path: SOURCE, line: lineOf('main-first') })]);
  });
  it('runs to the end without stopping, with output, written files, exit status and termination', async () => {
    const output: string[] = [];
    client.on('output', (e: { body: { category: string; output: string } }) => output.push(`${e.body.category} ${e.body.output}`));
    const [, , written, trace, exited] = await Promise.all([
      client.launch(config()), client.configurationSequence(), client.waitForEvent('ringside/filesWritten'), client.waitForEvent('ringside/trace'), client.waitForEvent('exited'), client.waitForEvent('terminated'),
    ]);
    assert.equal(exited.body.exitCode, 21);
    assert.deepEqual(written.body.files, [{ path: '/home/p/test.txt', size: 5, data: Buffer.from('hello').toString('base64') }]);
    assert.equal(trace.body.text, 'write(1, "hello", 5) = 5\n');
    assert.deepEqual(output, ['stdout hello', 'console 1 file written in the sandbox: test.txt\n', 'console Program exited with status 21\n']);
  });
  it('shows threads, stack, locals and parts of values', async () => {
    const frameId = await stopAt('middle-after');
    assert.deepEqual((await client.threadsRequest()).body.threads, [{ id: PID, name: `steps.elf (${PID})` }]);
    const { stackFrames } = (await client.stackTraceRequest({ threadId: PID })).body;
    assert.deepEqual(stackFrames.map(f => f.name), ['middle', 'main', '_start']);
    assert.equal(stackFrames[1]!.line, lineOf('main-first'));
    const locals = await variablesOf(frameId, 'Locals');
    assert.equal(locals['total']!.value, '10');
    assert.equal(locals['total']!.type, 'int');
    const members = (await client.variablesRequest({ variablesReference: locals['p']!.variablesReference })).body.variables;
    assert.deepEqual(members.map(m => `${m.name}=${m.evaluateName}`), ['x=p->x', 'y=p->y', 'next=p->next', 'low=p->low', 'high=p->high']);
    const one = (await client.stackTraceRequest({ threadId: PID, startFrame: 1, levels: 1 })).body.stackFrames;
    assert.deepEqual(one.map(f => f.name), ['main']);
  });
  it('shows registers with ring, and writes them', async () => {
    const frameId = await stopAt('leaf');
    const registers = await variablesOf(frameId, 'Registers');
    assert.equal(registers['ring']!.value, '3');
    assert.match(registers['rip']!.value, /^0x401/);
    const { scopes } = (await client.scopesRequest({ frameId })).body;
    const reference = scopes.find(s => s.name === 'Registers')!.variablesReference;
    const set = await client.setVariableRequest({ variablesReference: reference, name: 'rax', value: '0x1234' });
    assert.equal(set.body.value, '0x1234');
    assert.equal((await client.evaluateRequest({ expression: '$ax', frameId: (await client.stackTraceRequest({ threadId: PID })).body.stackFrames[0]!.id })).body.result, '0x1234');
  });
  it('evaluates variables, parts, registers and integer expressions; says what is wrong', async () => {
    const frameId = await stopAt('middle-after');
    const evaluate = async (expression: string): Promise<string> => (await client.evaluateRequest({ expression, frameId })).body.result;
    assert.equal(await evaluate('a'), '3');
    assert.equal(await evaluate('p->next->y'), '-8');
    assert.equal(await evaluate('numbers'), '{1, 2, 3}');
    assert.equal(await evaluate('a * 2 + numbers[1]'), '8');
    assert.equal(await evaluate('greeting'), '"hello"');
    assert.equal(await evaluate('(double)a / 2'), '1.5');
    assert.equal(await evaluate('*p->next'), await evaluate('origin'));
    assert.equal(await evaluate('a + 100,x'), '0x67');
    assert.equal(await evaluate('sizeof(struct point) > 8 && greeting ~ "^hel"'), '1');
    await assert.rejects(evaluate('a = 4'), /would change the program, which is not allowed here/);
    assert.equal((await client.evaluateRequest({ expression: 'a = 4', frameId, context: 'repl' })).body.result, '4');
    assert.equal(await evaluate('a'), '4');
    await assert.rejects(evaluate('nothing'), /No symbol "nothing" in current context/);
    await assert.rejects(evaluate('$zax'), /no register/);
  });
  it('changes a variable in memory', async () => {
    const frameId = await stopAt('middle-after');
    const { scopes } = (await client.scopesRequest({ frameId })).body;
    const set = await client.setVariableRequest({ variablesReference: scopes[0]!.variablesReference, name: 'total', value: 'a + 40' });
    assert.equal(set.body.value, '43');
  });
  it('steps over, into and out', async () => {
    await stopAt('main-first');
    await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [] });
    await Promise.all([client.stepInRequest({ threadId: PID }), client.waitForEvent('stopped')]);
    assert.equal((await client.stackTraceRequest({ threadId: PID })).body.stackFrames[0]!.name, 'middle');
    await Promise.all([client.stepOutRequest({ threadId: PID }), client.assertStoppedLocation('step', { path: SOURCE, line: lineOf('main-first') })]);
    await Promise.all([client.nextRequest({ threadId: PID }), client.assertStoppedLocation('step', { path: SOURCE, line: lineOf('loop') })]);
  });
  it('stops at a system call with the decoded call; next returns to the C line', async () => {
    await Promise.all([client.launch(config()), client.waitForEvent('initialized')]);
    const set = await client.setExceptionBreakpointsRequest({ filters: [], filterOptions: [{ filterId: 'syscall', condition: 'write if fd == 1' }, { filterId: 'syscall-exit', condition: 'wriet' }] });
    const breakpoints = (set.body as { breakpoints: { verified: boolean; message?: string }[] }).breakpoints;
    assert.deepEqual(breakpoints.map(b => b.verified), [true, false]);
    assert.match(breakpoints[1]!.message!, /neither a system call/);
    const [stopped] = await Promise.all([client.waitForEvent('stopped'), client.configurationDoneRequest()]);
    assert.equal(stopped.body.reason, 'syscall');
    assert.match(stopped.body.description, /^Paused on syscall entry: write\(1/);
    const { stackFrames } = (await client.stackTraceRequest({ threadId: PID })).body;
    const user = stackFrames.find(frame => frame.line > 0)!;
    assert.deepEqual(stackFrames.slice(1, 3).map(frame => frame.presentationHint), ['label', 'label'], 'the border, which takes two rows');
    assert.equal(stackFrames[1]!.name, 'ring 0 above, ring 3 below:');
    assert.equal(user.line, lineOf('syscall'));
    const call = await variablesOf(user.id, 'Syscall');
    assert.equal(call['fd']!.value, '1');
    const info = await client.customRequest('exceptionInfo', { threadId: PID });
    assert.equal(info.body.exceptionId, 'write');
    await client.setExceptionBreakpointsRequest({ filters: [] });
    await Promise.all([client.stepOutRequest({ threadId: PID }), client.assertStoppedLocation('step', { path: SOURCE, line: lineOf('main-end') })]);
  });
  it('reads memory and counts what cannot be read; disassembles the rows asked for', async () => {
    await stopAt('leaf');
    const memory = await client.customRequest('readMemory', { memoryReference: '0x401000', count: 16 });
    assert.equal(Buffer.from(memory.body.data, 'base64').length, 16);
    const none = await client.customRequest('readMemory', { memoryReference: '0x10', count: 16 });
    assert.equal(none.body.unreadableBytes, 16);
    const { instructionPointerReference } = (await client.stackTraceRequest({ threadId: PID })).body.stackFrames[0]!;
    const rows = (await client.customRequest('disassemble', { memoryReference: instructionPointerReference, instructionOffset: -5, instructionCount: 12 })).body.instructions as { address: string; line?: number }[];
    assert.equal(rows.length, 12);
    assert.equal(rows[5]!.address, instructionPointerReference);
  });
  it('restarts with the breakpoints as they are', async () => {
    await stopAt('leaf');
    await Promise.all([client.customRequest('restart', {}), client.assertStoppedLocation('breakpoint', { path: SOURCE, line: lineOf('leaf') })]);
  });
  it('shows nothing of a stop that is gone, and refuses changes and questions there', async () => {
    const frameId = await stopAt('leaf');
    const { variablesReference } = (await client.scopesRequest({ frameId })).body.scopes[0]!;
    await Promise.all([client.nextRequest({ threadId: PID }), client.waitForEvent('stopped')]);
    assert.deepEqual((await client.scopesRequest({ frameId })).body.scopes, []);
    assert.deepEqual((await client.variablesRequest({ variablesReference })).body.variables, []);
    await assert.rejects(client.evaluateRequest({ expression: '1', frameId }), /went on since/);
    await assert.rejects(client.customRequest('setVariable', { variablesReference, name: 'x', value: '1' }), /went on since/);
    await assert.rejects(client.variablesRequest({ variablesReference: 1e9 }), /went on since/);
  });
  it('lists breakpoint locations, sources and modules', async () => {
    await stopAt('leaf');
    const locations = (await client.customRequest('breakpointLocations', { source: { path: SOURCE }, line: lineOf('leaf'), endLine: lineOf('leaf') + 2 })).body.breakpoints as { line: number }[];
    assert.deepEqual([...new Set(locations.map(l => l.line))], [lineOf('leaf'), lineOf('leaf') + 1, lineOf('leaf') + 2]);
    assert((await client.customRequest('loadedSources')).body.sources.some((s: { path: string }) => s.path === SOURCE));
    assert((await client.customRequest('modules', {})).body.modules.some((m: { name: string }) => m.name === 'steps.elf'));
  });
});
