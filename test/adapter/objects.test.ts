// Kernel objects, scopes and hovers, over the adapter as it ships.
import assert from 'node:assert/strict';
import path from 'node:path';
import { DebugClient } from '@vscode/debugadapter-testsupport';

const PROGRAM = path.resolve('examples/hello_write.static');

describe('kernel objects in the adapter', () => {
  let client: DebugClient;
  let threadId = 1001;
  beforeEach(async () => {
    client = new DebugClient('node', path.resolve('dist/adapter.js'), 'ringside');
    client.defaultTimeout = 20_000;
    await client.start();
    const initialized = client.waitForEvent('initialized');
    await client.initializeRequest({ adapterID: 'ringside', clientID: 'vscode', linesStartAt1: true, columnsStartAt1: true, pathFormat: 'path' });
    await Promise.all([client.launchRequest({ program: PROGRAM, stopOnEntry: true } as object), initialized]);
  });
  afterEach(() => client.stop());

  interface Variable { name: string; value: string; type?: string; evaluateName?: string; variablesReference: number }
  const stopped = async (request: Promise<unknown>): Promise<void> => { const [event] = await Promise.all([client.waitForEvent('stopped'), request]); threadId = event.body.threadId as number; };
  const filter = (filterId: string, condition: string) => client.customRequest('setExceptionBreakpoints', { filters: [], filterOptions: [{ filterId, condition }] });
  const rows = async (variablesReference: number): Promise<Variable[]> => (await client.variablesRequest({ variablesReference })).body.variables;
  const frame = async (name: string): Promise<number> => (await client.stackTraceRequest({ threadId })).body.stackFrames.find(f => f.name === name)!.id;
  const scope = async (frameId: number, name: string): Promise<{ reference: number; rows: Record<string, Variable> }> => {
    const { variablesReference: reference } = (await client.scopesRequest({ frameId })).body.scopes.find(s => s.name === name)!;
    return { reference, rows: Object.fromEntries((await rows(reference)).map(row => [row.name, row])) };
  };

  it('the scopes of a call: arguments are edited at its entry, the result at its return, and the program sees them', async () => {
    await filter('syscall', 'write');
    await stopped(client.configurationDoneRequest());
    await stopped(client.continueRequest({ threadId }));
    const main = await frame('main');
    assert.deepEqual((await client.scopesRequest({ frameId: main })).body.scopes.map(s => s.name), ['Locals', 'Syscall', 'Registers', 'CPU state', 'Kernel']);
    const call = await scope(main, 'Syscall');
    assert.equal(call.rows['number']!.value, '1 on x86-64; 4 on i386');
    await client.setVariableRequest({ variablesReference: call.reference, name: 'count', value: '5' });
    await assert.rejects(client.setVariableRequest({ variablesReference: call.reference, name: 'number', value: '5' }), /number cannot be changed/);
    await filter('syscall-exit', 'write');
    await stopped(client.continueRequest({ threadId }));
    const exit = await scope(await frame('main'), 'Syscall');
    assert.equal(exit.rows['result']!.value, '5');
    await client.setVariableRequest({ variablesReference: exit.reference, name: 'result', value: '-28' });
    assert.equal((await scope(await frame('main'), 'Syscall')).rows['errno']!.value, 'ENOSPC (28) No space left on device');
  });

  it('expressions and hovers reach the kernel\'s objects', async () => {
    await filter('syscall', 'write');
    await stopped(client.configurationDoneRequest());
    await stopped(client.continueRequest({ threadId }));
    const frameId = await frame('main');
    const evaluate = async (expression: string, context = 'watch') => (await client.evaluateRequest({ expression, frameId, context })).body;
    assert.equal((await evaluate('current->files->fdt->fd[3]->f_pos')).result, '0');
    assert.match((await evaluate('$file(3)')).result, /^".*test\.txt" O_WRONLY.* @ 0xffff8881[0-9a-f]+$/);
    await assert.rejects(client.evaluateRequest({ expression: '$task(7)', frameId }), /there is no task 7/);
    const hover = await evaluate('fd', 'hover');
    assert.match(hover.result, /^3 → ".*test\.txt" O_WRONLY.*, position 0$/);
    const children = await rows(hover.variablesReference);
    assert.deepEqual(children.map(row => row.name), ['file', 'dentry', 'inode', 'references']);
    const inode = await rows(children[2]!.variablesReference);
    assert.match(inode.find(row => row.name === 'i_mode')!.value, /^01006\d\d -rw/);
    assert.equal((await evaluate('fd')).result, '3');
    assert.match((await evaluate('$why')).result, /it does not wait for anything/);
  });

  it('a hover in the kernel\'s source shows the kernel\'s values', async () => {
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'vfs_write' }] });
    await stopped(client.configurationDoneRequest());
    await stopped(client.continueRequest({ threadId }));
    const frameId = await frame('vfs_write');
    const hover = async (expression: string): Promise<string> => (await client.evaluateRequest({ expression, frameId, context: 'hover' })).body.result;
    assert.match(await hover('file'), /test\.txt" O_WRONLY/);
    assert.match(await hover('file.f_inode.i_mode'), /^01006\d\d -rw/);
    assert.equal(await hover('from.count'), '14');
    assert.match(await hover('FMODE_WRITE'), /^2$/);
  });

  it('the Kernel tree\'s requests: rows with expressions that give the rows again, and why a thread waits', async () => {
    await stopped(client.configurationDoneRequest());
    const { task, variablesReference } = (await client.customRequest('ringside/kernel', { threadId })).body as { task: string; variablesReference: number };
    assert.equal(task, 'hello_write.sta (1001)');
    const all = await rows(variablesReference);
    assert.deepEqual(all.map(row => row.name), ['task', 'files', 'memory', 'signals', 'credentials', 'seccomp', 'fs', 'process', 'children', 'tasks', 'run queue', 'wait queues', 'futexes', 'timers', 'mounts', 'all state']);
    const frameId = await frame('main');
    let checked = 0;
    for (const top of all.filter(one => one.variablesReference > 0)) {
      for (const row of await rows(top.variablesReference)) {
        if (!row.evaluateName) continue;
        assert.equal((await client.evaluateRequest({ expression: row.evaluateName, frameId })).body.result === row.value || row.name.includes('('), true, `${row.evaluateName}: ${row.value}`);
        checked++;
      }
    }
    assert.ok(checked > 100, String(checked));
    assert.match(((await client.customRequest('ringside/why', { threadId })).body as { lines: string[] }).lines[0]!, /^hello_write.sta \(1001\): it does not wait: on the processor$/);
  });

  it('numbers of kernel objects are edited at a stop of the program: the call goes on from them, and a step back finds them as they were edited', async () => {
    await stopped(client.configurationDoneRequest());
    const main = () => frame('main');
    const position = async (): Promise<string> => (await client.evaluateRequest({ expression: '$file(3)->f_pos', frameId: await main() })).body.result;
    const step = () => stopped(client.nextRequest({ threadId }));
    await step();
    await step();
    const kernel = await scope(await main(), 'Kernel');
    const three = (await rows(kernel.rows['files']!.variablesReference)).find(row => row.name === '3')!;
    assert.equal((await client.setVariableRequest({ variablesReference: three.variablesReference, name: 'f_pos', value: '2 + 1' })).body.value, '3');
    await assert.rejects(client.setVariableRequest({ variablesReference: three.variablesReference, name: 'f_count', value: '1 << 40' }), /1099511627776 is not a value of/);
    await assert.rejects(client.setVariableRequest({ variablesReference: three.variablesReference, name: 'f_op', value: '0' }), /f_op cannot be changed/);
    await step();
    assert.equal(await position(), '17');
    await stopped(client.customRequest('stepBack', { threadId }));
    assert.equal(await position(), '3');
    const edit = { expression: 'current->files->fdt->fd[3]->f_pos', value: '100', frameId: await main() };
    await assert.rejects(client.customRequest('setExpression', edit), /this place is in the past/);
    assert.equal((await client.customRequest('setExpression', edit)).body.value, '100');
    await step();
    assert.equal(await position(), '114');
  });

  it('inside a call, what the call has not changed yet is edited as of its entry: it stands at the same statement again, or where it goes another way', async () => {
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'vfs_write' }] });
    await stopped(client.configurationDoneRequest());
    await stopped(client.continueRequest({ threadId }));
    const top = async () => (await client.stackTraceRequest({ threadId })).body.stackFrames[0]!;
    const evaluate = async (expression: string, context = 'repl'): Promise<string> => (await client.evaluateRequest({ expression, frameId: (await top()).id, context })).body.result;
    const { line } = await top();
    assert.equal(await evaluate('file->f_pos = 5'), '5');
    assert.deepEqual([(await top()).name, (await top()).line, await evaluate('file->f_pos')], ['vfs_write', line, '5']);
    await assert.rejects(evaluate('append = 1'), /the arguments of the call can, in the scope Syscall/);
    // The call's own argument: the same statement of the call that is made with it.
    const call = await scope((await top()).id, 'Syscall');
    await client.setVariableRequest({ variablesReference: call.reference, name: 'count', value: '4' });
    assert.deepEqual([(await top()).line, await evaluate('from.count')], [line, '4']);
    await stopped(client.nextRequest({ threadId }));
    await stopped(client.customRequest('stepBack', { threadId }));
    assert.deepEqual([(await top()).line, await evaluate('from.count'), await evaluate('file->f_pos')], [line, '4', '5']);
    for (let i = 0; await evaluate('current->files->fdt->fd[3]->f_pos') !== '9'; i++) {
      assert.ok(i < 60);
      await stopped(client.nextRequest({ threadId }));
    }
    await assert.rejects(evaluate('current->files->fdt->fd[3]->f_pos = 1'), /this call has changed it itself before this statement/);
    assert.equal(await evaluate('current->files->fdt->fd[3]->f_pos'), '9');
    for (let i = 0; (await top()).name !== 'main'; i++) { assert.ok(i < 20); await stopped(client.stepOutRequest({ threadId })); }
    assert.equal(await evaluate('$file(3)->f_pos'), '9');
  });
});
