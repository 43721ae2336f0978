// Breakpoints and steps inside the simulated kernel, over the adapter as it ships.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DebugClient } from '@vscode/debugadapter-testsupport';

const PROGRAM = path.resolve('examples/hello_write.static');
const READ_WRITE = 'ringside-kernel:/fs/read_write.ts';
const kernelLine = (text: string, from = ''): number => {
  const lines = readFileSync('src/kernel/fs/read_write.ts', 'utf8').split('\n');
  const start = lines.findIndex(line => line.includes(from));
  return lines.findIndex((line, i) => i >= start && line.includes(text)) + 1;
};

interface Frame { id: number; name: string; line: number; source?: { path?: string; sourceReference?: number } }

describe('the kernel in the adapter', () => {
  let client: DebugClient;
  let threadId = 1001;
  const launch = async (program = PROGRAM, clientID = 'vscode', options = {}): Promise<void> => {
    client = new DebugClient('node', path.resolve('dist/adapter.js'), 'ringside');
    client.defaultTimeout = 20_000;
    await client.start();
    const initialized = client.waitForEvent('initialized');
    await client.initializeRequest({ adapterID: 'ringside', clientID, linesStartAt1: true, columnsStartAt1: true, pathFormat: 'path' });
    await Promise.all([client.launchRequest({ program, stopOnEntry: true, ...options } as object), initialized]);
  };
  afterEach(() => client.stop());

  const stopped = async (request: Promise<unknown>): Promise<{ reason: string; description?: string; hitBreakpointIds?: number[] }> => {
    const [event] = await Promise.all([client.waitForEvent('stopped'), request]);
    threadId = event.body.threadId as number;
    return event.body;
  };
  const frames = async (): Promise<Frame[]> => (await client.stackTraceRequest({ threadId })).body.stackFrames;
  const locals = async (frame: Frame): Promise<Record<string, string>> => {
    const scope = (await client.scopesRequest({ frameId: frame.id })).body.scopes.find(s => s.name === 'Locals')!;
    return Object.fromEntries((await client.variablesRequest({ variablesReference: scope.variablesReference })).body.variables.map(v => [v.name, v.value]));
  };

  it('stops at a kernel function whose condition holds, with the user stack below, and walks out to ring 3', async () => {
    await launch();
    const set = await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'vfs_write', condition: 'file->f_pos == 0 && current->pid == 1001' }, { name: 'vfs_read', condition: 'pos->x' }] });
    assert.deepEqual(set.body.breakpoints.map(b => [b.verified, b.source?.path]), [[true, READ_WRITE], [true, READ_WRITE]]);
    await stopped(client.configurationDoneRequest());
    const hit = await stopped(client.continueRequest({ threadId }));
    assert.deepEqual([hit.reason, hit.description], ['function breakpoint', 'Paused: inside write(3, "Hello, World!\\n", 14)']);
    const stack = await frames();
    assert.deepEqual(stack.map(f => f.name).slice(0, 10), [
      'vfs_write', 'ksys_write', '__x64_sys_write', 'invoke_syscall', 'run_call', 'enter_syscall', 'do_syscall_64', 'entry_SYSCALL_64', 'ring 0 above, ring 3 below:', 'entered by syscall 1 (write)',
    ]);
    assert.ok(stack.some(f => f.name === 'main'));
    assert.equal(stack[0]!.source?.path, READ_WRITE);
    assert.equal(stack[0]!.line, kernelLine('if (!(file.f_mode', 'function vfs_write'));
    assert.match((await locals(stack[0]!))['file'] ?? '', /test\.txt/);
    assert.equal((await client.evaluateRequest({ expression: 'file->f_pos', frameId: stack[0]!.id })).body.result, '0');
    assert.equal((await client.evaluateRequest({ expression: 'current->files->fdt->fd[3]->f_count + 1', frameId: stack[0]!.id })).body.result, '3');

    assert.equal((await client.evaluateRequest({ expression: 'file->f_mode & FMODE_WRITE', frameId: stack[0]!.id })).body.result, '2');
    const started = performance.now();
    let steps = 0;
    for (let [top] = stack; top?.name === 'vfs_write'; [top] = await frames()) {
      await stopped(client.nextRequest({ threadId }));
      steps++;
    }
    assert.ok(steps >= 8, `${steps} steps in ${performance.now() - started} ms`);
    const [caller] = await frames();
    assert.equal(caller!.name, 'ksys_write');
    assert.equal((await locals(caller!))['vfs_write()'], '14');
    const names: string[] = [];
    for (let [top] = await frames(); top?.name !== 'main'; [top] = await frames()) {
      names.push(top!.name);
      await stopped(client.stepOutRequest({ threadId }));
    }
    assert.deepEqual(names, ['ksys_write', '__x64_sys_write', 'invoke_syscall', 'run_call', 'enter_syscall', 'do_syscall_64', 'do_syscall_64', 'entry_SYSCALL_64']);
  });

  it('stops on a line of the kernel, serves its source, and logs there', async () => {
    await launch();
    const line = kernelLine('const done = file.f_op.write_iter');
    const set = await client.setBreakpointsRequest({ source: { path: READ_WRITE }, breakpoints: [{ line }, { line: line + 1, logMessage: 'wrote {done} at {at}' }] });
    assert.deepEqual(set.body.breakpoints.map(b => [b.verified, b.line]), [[true, line], [true, line + 1]]);
    await stopped(client.configurationDoneRequest());
    const hit = await stopped(client.continueRequest({ threadId }));
    assert.deepEqual([hit.reason, hit.hitBreakpointIds], ['breakpoint', [set.body.breakpoints[0]!.id]]);
    const [top] = await frames();
    assert.equal(top!.line, line);
    const { content } = (await client.customRequest('source', { source: { path: READ_WRITE }, sourceReference: 0 })).body as { content: string };
    assert.equal(content, readFileSync('src/kernel/fs/read_write.ts', 'utf8'));
    const targets = (await client.customRequest('stepInTargets', { frameId: top!.id })).body.targets as { id: number; label: string }[];
    const target = targets.find(t => t.label === 'generic_file_write_iter');
    assert.ok(target, JSON.stringify(targets));
    await stopped(client.stepInRequest({ threadId, targetId: target.id }));
    assert.equal((await frames())[0]!.name, 'generic_file_write_iter');
    const [output] = await Promise.all([client.waitForEvent('output'), client.waitForEvent('terminated'), client.continueRequest({ threadId })]);
    assert.equal(output.body.output, 'wrote 14 at 0\n');
  });

  it('shows variables with the types of the fields and of the arguments that they are', async () => {
    await launch();
    const typesAt = async (): Promise<Record<string, string | undefined>> => {
      const scope = (await client.scopesRequest({ frameId: (await frames())[0]!.id })).body.scopes.find(s => s.name === 'Locals')!;
      return Object.fromEntries((await client.variablesRequest({ variablesReference: scope.variablesReference })).body.variables.map(v => [v.name, v.type]));
    };
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: '__x64_sys_write' }] });
    await client.setBreakpointsRequest({ source: { path: READ_WRITE }, breakpoints: [{ line: kernelLine('const done = file.f_op.write_iter') }] });
    await stopped(client.configurationDoneRequest());
    await stopped(client.continueRequest({ threadId }));
    const handler = await typesAt();
    assert.deepEqual([handler['fd'], handler['buf'], handler['count']], ['int', 'const void *', 'size_t']);
    await stopped(client.continueRequest({ threadId }));
    const inside = await typesAt();
    assert.deepEqual(['file', 'from', 'pos', 'at'].map(name => inside[name]), ['struct file *', 'struct iov_iter *', 'loff_t', 'loff_t']);
    await stopped(client.stepOutRequest({ threadId }));
    const caller = await typesAt();
    assert.deepEqual(['vfs_write()', 'fd', 'buf', 'count'].map(name => caller[name]), ['ssize_t', 'int', 'void __user *', 'size_t']);
    const { result, type } = (await client.evaluateRequest({ expression: 'buf', frameId: (await frames())[0]!.id })).body;
    assert.deepEqual([type, result.startsWith('0x')], ['void __user *', true]);
  });

  describe('counts hits', () => {
    let isOpen = false;
    const start = async (program?: string): Promise<void> => {
      if (isOpen) await client.stop();
      await launch(program);
      isOpen = true;
    };
    beforeEach(() => { isOpen = false; });
    /** Where the program stops with these breakpoints: the function and its line, and `expression` there. */
    const stops = async (expression: string, limit = 20): Promise<string[]> => {
      const seen: string[] = [];
      await stopped(client.configurationDoneRequest());
      for (;;) {
        const next = new Promise<boolean>(resolve => { client.once('stopped', () => resolve(true)); client.once('terminated', () => resolve(false)); });
        await client.continueRequest({ threadId });
        if (!await next) return seen;
        const [top] = await frames();
        seen.push(`${top!.name}:${top!.line} ${(await client.evaluateRequest({ expression, frameId: top!.id })).body.result}`);
        if (seen.length === limit) return seen;
      }
    };
    const onFunctions = async (hitCondition?: string): Promise<string[]> => {
      await start(path.resolve('examples/batching.static'));
      const set = await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'vfs_*', ...(hitCondition !== undefined && { hitCondition }) }] });
      assert.deepEqual(set.body.breakpoints.map(b => b.verified), [true]);
      return stops('file->f_pos', 9);
    };

    it('of a glob of functions: those of all its functions together', async () => {
      const all = await onFunctions();
      assert.ok(all.length === 9, all.join());
      for (const [condition, expected] of [['2', all.slice(1, 2)], ['>=3', all.slice(2)], ['%4', [all[3], all[7]]], ['<3', all.slice(0, 2)], ['99999', []]] as const) assert.deepEqual((await onFunctions(condition)).slice(0, expected.length), expected, condition);
    });

    it('of functions by a regular expression; a wrong one is not set, with the reason', async () => {
      await start();
      const set = await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: '/re ^(vfs|ksys)_writ' }, { name: '/re (' }] });
      assert.deepEqual(set.body.breakpoints.map(b => b.verified), [true, false]);
      assert.match(set.body.breakpoints[1]!.message!, /is not a regular expression/);
      assert.deepEqual((await stops('current->pid')).map(row => row.replace(/:\d+/, '')), ['ksys_write 1001', 'vfs_write 1001']);
    });

    it('of a line of the kernel, and of one with a condition: that count alone', async () => {
      const line = kernelLine('const done = file.f_op.write_iter');
      const at = async (hitCondition: string, condition?: string): Promise<string[]> => {
        await start(path.resolve('examples/batching.static'));
        await client.setBreakpointsRequest({ source: { path: READ_WRITE }, breakpoints: [{ line, hitCondition, ...(condition !== undefined && { condition }) }] });
        return stops('at', 3);
      };
      assert.deepEqual(await at('500'), [`vfs_write:${line} 499`]);
      assert.deepEqual(await at('%400'), [`vfs_write:${line} 399`, `vfs_write:${line} 799`]);
      assert.deepEqual(await at('3', 'at % 100 == 7'), [`vfs_write:${line} 207`]);
    });

    it('and logs at a glob, with a condition and a count', async () => {
      const logged = async (name: string, more = {}): Promise<string[]> => {
        await start();
        const lines: string[] = [];
        client.on('output', event => { if (event.body.category !== 'stdout' && event.body.category !== 'telemetry') lines.push(event.body.output as string); });
        await client.setFunctionBreakpointsRequest({ breakpoints: [{ name, ...more }] });
        await stopped(client.configurationDoneRequest());
        await Promise.all([client.waitForEvent('terminated'), client.continueRequest({ threadId })]);
        return lines.filter(line => line.startsWith('in '));
      };
      assert.deepEqual(await logged('vfs_write log in {current->comm}: {from->count} bytes at {file->f_pos}'), ['in "hello_write.sta": 14 bytes at 0\n']);
      const all = await logged('vfs_* log in {current->pid}');
      assert.deepEqual(await logged('vfs_* log in {current->pid}', { hitCondition: '2' }), all.slice(1, 2));
      assert.deepEqual(await logged('vfs_* log in {current->pid}', { condition: 'current->pid == 7' }), []);
    });
  });

  it('goes back by statements, to a breakpoint, and out of the kernel into the past', async () => {
    await launch();
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'generic_file_write_iter' }, { name: 'vfs_write' }] });
    await stopped(client.configurationDoneRequest());
    await stopped(client.continueRequest({ threadId }));
    await stopped(client.continueRequest({ threadId }));
    const place = async (): Promise<string> => { const [top] = await frames(); return `${top!.name}:${top!.line} ${JSON.stringify(await locals(top!))}`; };
    const forwards = [await place()];
    for (let i = 0; i < 4; i++) {
      await stopped(client.nextRequest({ threadId }));
      forwards.push(await place());
    }
    assert.match(forwards[0]!, /^generic_file_write_iter/);
    for (let i = 3; i >= 0; i--) {
      await stopped(client.customRequest('stepBack', { threadId }));
      assert.equal(await place(), forwards[i]);
    }
    await stopped(client.customRequest('reverseContinue', { threadId }));
    assert.match(await place(), /^vfs_write/);
    for (let [top] = await frames(); top?.name !== 'main'; [top] = await frames()) await stopped(client.customRequest('stepBack', { threadId }));
    const [main] = await frames();
    assert.equal(main!.name, 'main');
    // What was looked into is recorded, up to the furthest statement: the breakpoints on the way there are met.
    for (const name of [/^vfs_write/, /^generic_file_write_iter/]) {
      assert.match((await stopped(client.continueRequest({ threadId }))).description ?? '', /\(in the past\)$/);
      assert.match(await place(), name);
    }
    assert.equal(await place(), forwards[0]);
    assert.equal((await stopped(client.continueRequest({ threadId }))).description, 'Paused: the end of the recording');
    assert.equal(await place(), forwards[4]);
  });

  it('steps from a C line to the syscall instruction, through the entry code into the handler', async () => {
    await launch();
    await client.setExceptionBreakpointsRequest({ filters: [] });
    await stopped(client.configurationDoneRequest());
    let [top] = await frames();
    const source = readFileSync('examples/hello_write.c', 'utf8').split('\n');
    while (!source[top!.line - 1]!.includes('write(fd')) {
      await stopped(client.nextRequest({ threadId }));
      [top] = await frames();
    }
    const targets = (await client.customRequest('stepInTargets', { frameId: top!.id })).body.targets as { id: number; label: string }[];
    assert.deepEqual(targets.map(t => t.label), ['the function that is called, also without source', 'the syscall instruction', "the kernel's handler of the system call"]);
    await stopped(client.stepInRequest({ threadId, targetId: targets[0]!.id }));
    assert.match((await frames())[0]!.name, /write/);
    // From there the machine's own instructions lead to the kernel's first statement.
    const names = new Set<string>();
    let count = 0;
    for ([top] = await frames(); top!.source?.path !== 'ringside-kernel:/arch/x86/entry.ts'; [top] = await frames()) {
      names.add(top!.name);
      assert.ok(count++ < 100, [...names].join());
      await stopped(client.stepInRequest({ threadId, granularity: 'instruction' }));
    }
    assert.deepEqual([...names].slice(1), ['entry_SYSCALL_64', 'do_syscall_64']);
    assert.equal(top!.name, 'do_syscall_64');
  });

  /** Steps over the lines of main to the one that matches. */
  const toLine = async (code: RegExp, example: string): Promise<void> => {
    const source = readFileSync(`examples/${example}.c`, 'utf8').split('\n');
    await stopped(client.configurationDoneRequest());
    for (let [top] = await frames(); !code.test(source[top!.line - 1]!); [top] = await frames()) await stopped(client.nextRequest({ threadId }));
  };
  const into = () => stopped(client.stepInRequest({ threadId }));

  it('Step Into at a line that makes a system call leads into the wrapper, to its instruction, through the entry code by lines, and into the kernel', async () => {
    await launch();
    await toLine(/write\(fd/, 'hello_write');
    assert.match((await into()).description ?? '', /^Paused: in \w*write, which has no source; Step Into leads on towards the kernel$/);
    const [wrapper] = await frames();
    assert.match(wrapper!.name, /write$/);
    const listing = (await client.sourceRequest({ sourceReference: wrapper!.source!.sourceReference! })).body.content.split('\n');
    assert.match(listing[wrapper!.line - 1]!, /^0x[0-9a-f]+ {2}(cmp|endbr64)/);
    await stopped(client.nextRequest({ threadId }));
    assert.equal((await frames())[0]!.line, wrapper!.line + 1);
    assert.match((await into()).description ?? '', /^Paused: at the system call of \w*write\+0x[0-9a-f]+; Step Into enters ring 0$/);
    assert.match(listing[(await frames())[0]!.line - 1]!, / syscall/);
    const names = new Set<string>(), lines = new Set<string>();
    let steps = 0;
    do {
      await into();
      const [top] = await frames();
      names.add(`${top!.name} ${path.posix.basename(top!.source?.path ?? '')}`);
      lines.add(`${top!.source?.path}:${top!.line}`);
      assert.ok(++steps < 60, [...names].join());
    } while (![...names].some(name => name.startsWith('enter_syscall')));
    assert.deepEqual([...names], ['entry_SYSCALL_64 entry.S', 'do_syscall_64 entry.S', 'do_syscall_64 entry.ts', 'enter_syscall entry.ts']);
    // A line of the entry code is one step, however many instructions its macros make.
    assert.equal(steps, lines.size);
    await stopped(client.customRequest('stepBack', { threadId }));
    assert.equal((await frames())[0]!.name, 'do_syscall_64');
  });

  it('Step Into enters the vDSO by way of the wrapper, steps over functions that only come to a call by others, and enters what "stepInto" says', async () => {
    await launch(path.resolve('examples/vdso_bench.static'));
    await toLine(/clock_gettime\(/, 'vdso_bench');
    await into();
    assert.match((await frames())[0]!.name, /clock_gettime$/);
    assert.equal((await into()).reason, 'step');
    const [vdso] = await frames();
    assert.deepEqual([vdso!.name, path.posix.basename(vdso!.source?.path ?? '')], ['__vdso_clock_gettime', 'vdso.S']);
    await client.stop();

    await launch(path.resolve('examples/errno.static'));
    await toLine(/perror\("open"/, 'errno');
    await into();
    assert.equal((await frames())[0]!.name, 'main');
    await client.stop();

    await launch(PROGRAM, 'vscode', { stepInto: 'source' });
    await toLine(/write\(fd/, 'hello_write');
    await into();
    assert.equal((await frames())[0]!.name, 'main');
    await client.stop();

    await launch(path.resolve('examples/errno.static'), 'vscode', { stepInto: 'all' });
    await toLine(/perror\("open"/, 'errno');
    await into();
    assert.match((await frames())[0]!.name, /perror$/);
  });

  it('goes from a system call into its handler with one step', async () => {
    await launch();
    await client.setExceptionBreakpointsRequest({ filters: [], filterOptions: [{ filterId: 'syscall', condition: 'openat' }] });
    await stopped(client.configurationDoneRequest());
    await stopped(client.continueRequest({ threadId }));
    const [top] = await frames();
    const targets = (await client.customRequest('stepInTargets', { frameId: top!.id })).body.targets as { label: string }[];
    assert.deepEqual(targets.map(t => t.label), ["the kernel's handler: __x64_sys_openat", 'the kernel from its entry: do_syscall_64']);
    await stopped(client.stepInRequest({ threadId }));
    assert.equal((await frames())[0]!.name, '__x64_sys_openat');
    await stopped(client.stepInRequest({ threadId }));
    assert.notEqual((await frames())[0]!.name, '__x64_sys_openat');
  });

  it('shows a call that goes on after its sleep on the stack of its own task, and stays with the task that is stepped', async () => {
    await launch(path.resolve('test/programs/time/fork_pipe.elf'));
    const set = await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'pipe_read', hitCondition: '2' }] });
    assert.equal(set.body.breakpoints[0]!.source?.path, 'ringside-kernel:/fs/pipe.ts');
    await stopped(client.configurationDoneRequest());
    await stopped(client.continueRequest({ threadId }));
    // The first time it sleeps; the second time the same call runs from its top, in the answer to another task's entry.
    assert.deepEqual((await frames()).map(f => f.name).slice(0, 8), ['pipe_read', 'vfs_read', 'ksys_read', '__x64_sys_read', 'invoke_syscall', 'run_call', 'do_syscall_64', 'entry_SYSCALL_64']);
    for (let i = 0; i < 7; i++) {
      await stopped(client.stepOutRequest({ threadId }));
      assert.equal(threadId, 1001);
    }
  });

  it('stops on a line of the entry code', async () => {
    await launch();
    const lines = readFileSync('src/machine/image/entry.S', 'utf8').split('\n');
    const line = lines.findIndex((text, i) => i > lines.findIndex(l => l.startsWith('SYM_CODE_START(entry_SYSCALL_64)') || l.startsWith('entry_SYSCALL_64')) && /swapgs/.test(text)) + 1;
    const set = await client.setBreakpointsRequest({ source: { path: 'ringside-kernel:/arch/x86/entry/entry.S' }, breakpoints: [{ line }] });
    assert.equal(set.body.breakpoints[0]!.verified, true);
    await stopped(client.configurationDoneRequest());
    assert.equal((await stopped(client.continueRequest({ threadId }))).reason, 'breakpoint');
    const [top] = await frames();
    assert.deepEqual([top!.name, top!.line, top!.source?.path], ['entry_SYSCALL_64', line, 'ringside-kernel:/arch/x86/entry/entry.S']);
  });

  interface Row { address: string; instruction: string; symbol?: string; presentationHint?: string }
  const disassemble = async (memoryReference: string, instructionOffset: number, instructionCount: number): Promise<Row[]> =>
    (await client.customRequest('disassemble', { memoryReference, instructionOffset, instructionCount })).body.instructions as Row[];

  it('stops at instructions of ring 0 and of the vDSO, as the Disassembly view sets them; before the kernel\'s first byte there is nothing', async () => {
    await launch(path.resolve('examples/vdso_bench.static'));
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: '__vdso_clock_gettime' }] });
    await stopped(client.configurationDoneRequest());
    await stopped(client.continueRequest({ threadId }));
    const [top] = await frames() as (Frame & { instructionPointerReference?: string })[];
    const inVdso = await disassemble(top!.instructionPointerReference!, 0, 8), entry = (await client.evaluateRequest({ expression: '$lstar', frameId: top!.id }).catch(() => undefined))?.body.result;
    assert.equal(entry, undefined);
    const { instructionReference } = (await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'entry_SYSCALL_64' }] })).body.breakpoints[0] as { instructionReference?: string };
    const inEntry = await disassemble(instructionReference!, 0, 6);
    assert.equal(inEntry[0]!.symbol, 'entry_SYSCALL_64');
    await client.setFunctionBreakpointsRequest({ breakpoints: [] });
    const wanted = [inVdso[3]!.address, inEntry[2]!.address];
    const set = (await client.customRequest('setInstructionBreakpoints', { breakpoints: wanted.map(address => ({ instructionReference: address })) })).body.breakpoints as { verified: boolean }[];
    assert.deepEqual(set.map(({ verified }) => verified), [true, true]);
    const seen = new Set<string>();
    for (let i = 0; i < 4000 && seen.size < 2; i++) {
      const { reason } = await stopped(client.continueRequest({ threadId }));
      assert.equal(reason, 'instruction breakpoint');
      seen.add((await frames() as (Frame & { instructionPointerReference?: string })[])[0]!.instructionPointerReference!);
      if (seen.size === 1) await client.customRequest('setInstructionBreakpoints', { breakpoints: wanted.filter(address => !seen.has(address)).map(address => ({ instructionReference: address })) });
    }
    assert.deepEqual([...seen].sort(), wanted.sort());
    const rows = await disassemble('0xffffffff81000000', -3, 4);
    assert.deepEqual(rows.map(({ instruction, presentationHint }) => [instruction, presentationHint]).slice(0, 3), Array(3).fill(['(not mapped)', 'invalid']));
    assert.equal(rows[3]!.presentationHint, undefined);
  });

  it('stops on a line of a listing of machine code, and says of one without an instruction that it has none', async () => {
    await launch(path.resolve('examples/batching.static'));
    const line = readFileSync('examples/batching.c', 'utf8').split('\n').findIndex(text => text.includes('write(fd, &data[i], 1)')) + 1;
    await client.setBreakpointsRequest({ source: { path: path.resolve('examples/batching.c') }, breakpoints: [{ line }] });
    await stopped(client.configurationDoneRequest());
    await stopped(client.continueRequest({ threadId }));
    await client.setBreakpointsRequest({ source: { path: path.resolve('examples/batching.c') }, breakpoints: [] });
    await stopped(client.stepInRequest({ threadId }));
    const [top] = await frames(), { sourceReference = 0 } = top!.source!;
    assert.ok(sourceReference >= 1_000_000, JSON.stringify(top));
    const { content } = (await client.sourceRequest({ sourceReference })).body, at = content.split('\n').findIndex(text => text.startsWith('0x')) + 2;
    const set = await client.setBreakpointsRequest({ source: { name: top!.name, sourceReference }, breakpoints: [{ line: at, hitCondition: '3' }, { line: 1 }] });
    assert.deepEqual(set.body.breakpoints.map(b => [b.verified, b.line, b.message]), [[true, at, undefined], [false, 1, 'there is no instruction on this line']]);
    const hit = await stopped(client.continueRequest({ threadId }));
    assert.deepEqual([hit.reason, hit.hitBreakpointIds], ['breakpoint', [set.body.breakpoints[0]!.id]]);
    const [there] = await frames();
    assert.deepEqual([there!.line, there!.source?.sourceReference], [at, sourceReference]);
  });

  it('gives editors that know no ringside-kernel: documents a reference to ask for', async () => {
    await launch(PROGRAM, 'neovim');
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'vfs_write' }] });
    await stopped(client.configurationDoneRequest());
    await stopped(client.continueRequest({ threadId }));
    const [top] = await frames();
    const { sourceReference = 0 } = top!.source!;
    assert.ok(sourceReference > 0);
    assert.equal((await client.sourceRequest({ sourceReference })).body.content, readFileSync('src/kernel/fs/read_write.ts', 'utf8'));
    const set = await client.setBreakpointsRequest({ source: { sourceReference }, breakpoints: [{ line: top!.line + 1 }] });
    assert.deepEqual([set.body.breakpoints[0]!.verified, set.body.breakpoints[0]!.line], [true, top!.line + 1]);
    assert.equal((await stopped(client.continueRequest({ threadId }))).reason, 'breakpoint');
    assert.equal((await frames())[0]!.line, top!.line + 1);
  });
});
