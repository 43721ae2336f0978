// Time travel over the wire: the adapter as it ships, over stdio.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DebugClient } from '@vscode/debugadapter-testsupport';

const PROGRAM = path.resolve('test/programs/time/walk0.elf');
const SOURCE = path.resolve('test/programs/time/walk.c');
const lineWith = (text: string): number => readFileSync(SOURCE, 'utf8').split('\n').findIndex(l => l.includes(text)) + 1;
const threadId = 1001;

interface Stop { reason: string; description?: string }

describe('time travel in the adapter', () => {
  let client: DebugClient;
  beforeEach(async () => {
    client = new DebugClient('node', path.resolve('dist/adapter.js'), 'ringside');
    client.defaultTimeout = 20_000;
    await client.start();
  });
  afterEach(() => client.stop());

  const launch = async (options: object = {}): Promise<void> => {
    const launched = client.launch({ program: PROGRAM, stopOnEntry: true, sourceMap: { '/walk': path.dirname(SOURCE) }, ...options } as object);
    await Promise.all([launched, client.waitForEvent('initialized')]);
    await Promise.all([client.waitForEvent('stopped'), client.configurationDoneRequest()]);
  };
  const stop = async (command: string, args: object = { threadId }): Promise<Stop & { line: number; position: string; isInPast: boolean }> => {
    const [stopped, place] = await Promise.all([client.waitForEvent('stopped'), client.waitForEvent('ringside/position'), client.customRequest(command, args)]);
    const [top] = (await client.stackTraceRequest({ threadId, levels: 1 })).body.stackFrames;
    return { ...(stopped.body as Stop), line: top?.line ?? 0, position: String(place.body.position), isInPast: Boolean(place.body.isInPast) };
  };
  const local = async (name: string): Promise<{ value: string; reference: number }> => {
    const [top] = (await client.stackTraceRequest({ threadId, levels: 1 })).body.stackFrames;
    const scopes = (await client.scopesRequest({ frameId: top!.id })).body.scopes;
    const reference = scopes.find(scope => /local/i.test(scope.name))!.variablesReference;
    const found = (await client.variablesRequest({ variablesReference: reference })).body.variables.find(one => one.name === name);
    return { value: found?.value ?? '', reference };
  };

  it('says that it steps back, and does: over lines, to a breakpoint, to the beginning, and forwards to the end of the recording', async () => {
    const { body } = await client.initializeRequest();
    assert.deepEqual([body?.supportsStepBack, body?.supportsRestartFrame], [true, true]);
    await launch();
    await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [{ line: lineWith('say("two') }, { line: lineWith('int part =') }] });
    for (let i = 0; i < 4; i++) await stop('continue');
    const two = await stop('next');
    assert.deepEqual([two.line, two.isInPast], [lineWith('printf('), false]);
    const back = await stop('stepBack');
    assert.deepEqual([back.reason, back.line, back.description, back.isInPast], ['step', lineWith('say("two'), 'Paused on step (in the past)', true]);
    const part = await stop('reverseContinue');
    assert.deepEqual([part.reason, part.line], ['breakpoint', lineWith('int part =')]);
    await stop('reverseContinue');
    await stop('reverseContinue');
    const start = await stop('reverseContinue');
    assert.deepEqual([start.reason, start.description], ['entry', 'Paused: the beginning of the recording (in the past)']);
    const there = await stop('ringside/goTo', { position: part.position });
    assert.deepEqual([there.line, there.position], [part.line, part.position]);
    await stop('continue');
    const end = await stop('continue');
    assert.deepEqual([end.position, end.description, end.isInPast], [two.position, 'Paused: the end of the recording', false]);
    const printed: string[] = [];
    client.on('output', (event: { body: { category: string; output: string } }) => { if (event.body.category === 'stdout') printed.push(event.body.output); });
    await Promise.all([client.waitForEvent('terminated'), client.continueRequest({ threadId })]);
    assert.doesNotMatch(printed.join(''), /one|two/);
  });

  it('a change in the past is made the second time, and makes another future', async () => {
    await launch();
    await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [{ line: lineWith('shared = sum') }] });
    const stopped = await stop('continue');
    const first = (await local('sum')).value;
    await stop('next');
    const back = await stop('stepBack');
    assert.equal(back.position, stopped.position);
    const { value, reference } = await local('sum');
    assert.equal(value, first);
    await assert.rejects(client.setVariableRequest({ variablesReference: reference, name: 'sum', value: '7' }), /in the past.*once more/);
    await client.setVariableRequest({ variablesReference: reference, name: 'sum', value: '7' });
    const printed: string[] = [];
    client.on('output', (event: { body: { category: string; output: string } }) => { if (event.body.category === 'stdout') printed.push(event.body.output); });
    const next = await stop('next');
    assert.equal(next.isInPast, false);
    await Promise.all([client.waitForEvent('terminated'), client.continueRequest({ threadId })]);
    assert.match(printed.join(''), /two\s+7\s/);
    const { text } = (await client.customRequest('ringside/traceLog', {})).body as { text: string };
    assert.match(text, /--- the past was changed: .* ---\nwrite\(1, "two/);
  });

  it('a client that asks is asked before the past is changed: the change waits for the answer', async () => {
    await launch();
    await client.customRequest('ringside/client', { asksPastEdit: true });
    await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [{ line: lineWith('shared = sum') }] });
    const stopped = await stop('continue');
    await stop('next');
    await stop('stepBack');
    const { value, reference } = await local('sum');
    const change = (): Promise<unknown> => client.setVariableRequest({ variablesReference: reference, name: 'sum', value: '7' });
    const asked = async (isAgreed: boolean): Promise<void> => {
      const { body } = await client.waitForEvent('ringside/askPastEdit');
      assert.equal(body.position, stopped.position);
      await client.customRequest('ringside/answerPastEdit', { isAgreed });
    };
    await Promise.all([assert.rejects(change(), /nothing was changed/), asked(false)]);
    assert.equal((await local('sum')).value, value);
    await Promise.all([change(), asked(true)]);
    assert.equal((await local('sum')).value, '7');
    await client.setVariableRequest({ variablesReference: reference, name: 'sum', value: '8' });
    assert.equal((await stop('next')).isInPast, false);
    await assert.rejects(client.customRequest('ringside/answerPastEdit', { isAgreed: true }), /no change waits/);
  });

  it('steps back out: to the call in the caller, from inside the kernel to the statement that called, and from its entry to ring 3', async () => {
    await launch();
    await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [{ line: lineWith('return 1;') }] });
    await stop('continue');
    const names = async (): Promise<string[]> => (await client.stackTraceRequest({ threadId })).body.stackFrames.map(frame => frame.name);
    const deep = (await names()).filter(name => name === 'factorial').length;
    for (let depth = deep - 1; depth > 0; depth--) {
      const back = await stop('ringside/goBack', { to: 'caller' });
      assert.deepEqual([back.reason, back.line, (await names()).filter(name => name === 'factorial').length], ['step', lineWith('int below = factorial'), depth]);
    }
    assert.equal((await stop('ringside/goBack', { to: 'caller' })).line, lineWith('sum += factorial(4)'));

    await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [] });
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'kernel:vfs_write' }] });
    await stop('continue');
    if ((await names())[0] !== 'vfs_write') await stop('continue');
    assert.deepEqual((await names()).slice(0, 3), ['vfs_write', 'ksys_write', '__x64_sys_write']);
    await stop('ringside/goBack', { to: 'caller' });
    assert.deepEqual((await names()).slice(0, 2), ['ksys_write', '__x64_sys_write']);
    while ((await names())[0] !== 'do_syscall_64') await stop('ringside/goBack', { to: 'caller' });
    while (/do_syscall_64|entry_SYSCALL_64/.test((await names())[0] ?? '')) await stop('ringside/goBack', { to: 'caller' });
    const [top] = (await client.stackTraceRequest({ threadId })).body.stackFrames;
    const { instructions } = (await client.customRequest('disassemble', { memoryReference: top!.instructionPointerReference, instructionCount: 1 })).body as { instructions: { instruction: string }[] };
    assert.match(instructions[0]?.instruction ?? '', /^syscall/);
  });

  it('inside an open call, too, what has been shown is recorded: a step back leads into the past, the way forward to the end, a change discards the rest', async () => {
    await launch();
    const set = (names: string[]): Promise<unknown> => client.setFunctionBreakpointsRequest({ breakpoints: names.map(name => ({ name })) });
    const name = async (): Promise<string> => (await client.stackTraceRequest({ threadId, levels: 1 })).body.stackFrames[0]!.name;
    await set(['kernel:vfs_write']);
    const first = await stop('continue');
    const places = [first];
    for (let i = 0; i < 3; i++) places.push(await stop('next'));
    assert.deepEqual(places.map(place => [place.isInPast, /in the past/.test(place.description ?? '')]), places.map(() => [false, false]));
    const last = places.at(-1)!;
    for (const place of places.slice(0, -1).reverse()) {
      const back = await stop('stepBack');
      assert.deepEqual([back.position, back.isInPast, back.description?.endsWith('(in the past)')], [place.position, true, true]);
    }
    for (const place of places.slice(1)) {
      const next = await stop('next');
      assert.deepEqual([next.position, next.isInPast], [place.position, place === last ? false : true]);
    }
    // To the end of what is recorded, from inside the call, from before it, and by its position.
    const outOfTheKernel = async (): Promise<void> => {
      while (await name() !== 'do_syscall_64') await stop('ringside/goBack', { to: 'caller' });
      while (/do_syscall_64|entry_SYSCALL_64/.test(await name())) await stop('ringside/goBack', { to: 'caller' });
    };
    await set([]);
    for (const depart of [() => stop('stepBack'), outOfTheKernel, () => stop('reverseContinue')]) {
      await depart();
      const end = await stop('continue');
      assert.deepEqual([end.position, end.description, end.isInPast], [last.position, 'Paused: the end of the recording', false]);
    }
    await stop('ringside/goTo', { position: first.position });
    const there = await stop('ringside/goTo', { position: last.position });
    assert.deepEqual([there.position, there.isInPast], [last.position, false]);
    await stop('stepBack');
    const write = (): Promise<unknown> => client.customRequest('writeMemory', { memoryReference: '0x7fffffffe000', data: Buffer.from('x').toString('base64') });
    await assert.rejects(write(), /in the past.*once more/);
    await write();
    const forked = await stop('next');
    assert.equal(forked.isInPast, false);
    await Promise.all([client.waitForEvent('terminated'), client.continueRequest({ threadId })]);
  });

  it('goes back to the last system call, and to the one before that, whatever the filters are', async () => {
    await launch();
    await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [{ line: lineWith('shared = sum') }] });
    await stop('continue');
    const { text, places } = (await client.customRequest('ringside/traceLog', {})).body as { text: string; places: string[] };
    const calls = text.trimEnd().split('\n').map((line, i) => ({ line, place: places[i] })).filter(({ line }) => /^\w+\(/.test(line));
    for (const { line, place } of calls.slice(-3).reverse()) {
      const back = await stop('ringside/goBack', { to: 'syscall' });
      assert.deepEqual([back.reason, back.position, back.isInPast], ['syscall', place, true]);
      assert.ok(back.description?.includes(line.slice(0, line.indexOf('('))), `${back.description} ${line}`);
    }
  });

  it('"onPastEdit": "refuse" refuses', async () => {
    await launch({ onPastEdit: 'refuse' });
    await stop('next');
    await stop('stepBack');
    const { reference } = await local('sum');
    for (let i = 0; i < 2; i++) await assert.rejects(client.setVariableRequest({ variablesReference: reference, name: 'sum', value: '7' }), /refuses/);
  });

  it('a frame is started again', async () => {
    await launch();
    await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [{ line: lineWith('return 1;') }] });
    await stop('continue');
    const frames = (await client.stackTraceRequest({ threadId })).body.stackFrames;
    const outer = frames.filter(frame => frame.name === 'factorial').at(-1);
    assert.equal(outer?.canRestart, true);
    await stop('restartFrame', { frameId: outer.id });
    const names = (await client.stackTraceRequest({ threadId })).body.stackFrames.map(frame => frame.name);
    assert.deepEqual(names.slice(0, 2), ['factorial', 'main']);
  });

  it('a terminal is told what it showed at each place, and the console how far the program had come', async () => {
    let screen = '';
    const said: string[] = [];
    client.on('ringside/terminal', ({ body }: { body: { data: string; isFresh?: boolean } }) => { screen = (body.isFresh ? '' : screen) + Buffer.from(body.data, 'base64').toString(); });
    client.on('output', ({ body }: { body: { category: string; output: string } }) => { if (body.category === 'console') said.push(body.output); });
    await client.customRequest('ringside/client', { showsTerminal: true });
    await launch();
    await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [{ line: lineWith('say("one') }, { line: lineWith('say("two') }] });
    const seen = [];
    for (const command of ['continue', 'next', 'continue', 'next', 'stepBack', 'reverseContinue', 'continue', 'next']) {
      await stop(command);
      seen.push(screen.replaceAll('\r', ''));
    }
    assert.deepEqual(seen, ['', 'one\n', 'one\n', 'one\ntwo\n', 'one\n', '', 'one\n', 'one\ntwo\n']);
    assert.deepEqual(said.filter(text => text.startsWith('In the past')), ['In the past: the program had printed 5 of 10 bytes, up to: one\n', 'In the past: the program had printed nothing yet\n', 'In the past: the program had printed 5 of 10 bytes, up to: one\n']);
    await stop('restart', {});
    assert.equal(screen, '');
    await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [] });
    assert.match((await stop('continue')).description ?? '', /the end of the recording/);
    await Promise.all([client.waitForEvent('terminated'), client.continueRequest({ threadId })]);
    assert.equal(screen.match(/one/g)?.length, 1);
  });

  it('a restart begins at the first checkpoint: the same places, and nothing is printed again', async () => {
    await launch();
    await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [{ line: lineWith('sum += factorial') }] });
    const printed: string[] = [];
    client.on('output', (event: { body: { category: string; output: string } }) => { if (event.body.category === 'stdout') printed.push(event.body.output); });
    const stopped = await stop('continue');
    assert.equal(printed.join(''), 'one\n');
    const again = await stop('restart', {});
    assert.deepEqual([again.reason, again.isInPast], ['entry', true]);
    const there = await stop('continue');
    assert.deepEqual([there.line, there.position], [stopped.line, stopped.position]);
    await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [] });
    await Promise.all([client.waitForEvent('terminated'), client.continueRequest({ threadId })]);
    assert.equal(printed.join('').match(/one/g)?.length, 1);
    assert.match(printed.join(''), /two/);
  });

  it('a restart with other arguments is a launch', async () => {
    await launch();
    await stop('next');
    const again = await stop('restart', { arguments: { program: PROGRAM, stopOnEntry: true, args: ['x'], sourceMap: { '/walk': path.dirname(SOURCE) } } });
    assert.deepEqual([again.reason, again.isInPast], ['entry', false]);
  });

  it('each row of the strace log knows its instant, and one goes there: to the call, on its C line', async () => {
    await launch();
    await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [{ line: lineWith('printf(') }] });
    await stop('continue');
    const { text, places } = (await client.customRequest('ringside/traceLog', {})).body as { text: string; places: string[] };
    const rows = text.trimEnd().split('\n');
    assert.equal(places.length, rows.length);
    const row = rows.findIndex(line => line.startsWith('write(1, "one'));
    const there = await stop('ringside/goTo', { position: places[row] });
    assert.equal(there.position, places[row]);
    const frames = (await client.stackTraceRequest({ threadId })).body.stackFrames;
    assert.match(frames[0]?.name ?? '', /do_syscall_64|entry_SYSCALL_64/);
    assert.equal(frames.find(frame => frame.name === 'main')?.line, lineWith('say("one'));
    const after = await stop('next');
    assert.equal(after.isInPast, true);
  });

  it('a row that was begun while the kernel answered leads to the statement of the kernel that tells of it', async () => {
    await launch({ program: path.resolve('test/programs/time/signals.elf') });
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'kernel:do_group_exit' }] });
    await stop('continue');
    const { text, places } = (await client.customRequest('ringside/traceLog', {})).body as { text: string; places: string[] };
    const row = text.split('\n').findIndex(line => line.startsWith('--- SIG'));
    assert.match(places[row] ?? '', /^\d+\.\d+\+\d+$/);
    const there = await stop('ringside/goTo', { position: places[row] });
    const [top] = (await client.stackTraceRequest({ threadId, levels: 1 })).body.stackFrames;
    assert.deepEqual([top?.source?.path, there.isInPast, there.position.startsWith(`${places[row]?.split('+')[0]}.`)], ['ringside-kernel:/kernel/signal.ts', true, true]);
  });

  it('a trace of little memory is whole nevertheless: rows that were dropped are derived again, at the end and in the past', async () => {
    const told = { text: '', places: [] as string[] };
    client.on('ringside/trace', ({ body }: { body: typeof told }) => { told.text += body.text; told.places.push(...body.places); });
    await launch({ program: path.resolve('test/programs/time/busy.elf'), trace: { memoryMB: 0.5 } });
    await client.setExceptionBreakpointsRequest({ filters: [], filterOptions: [{ filterId: 'syscall', condition: 'exit_group' }] });
    await stop('continue');
    await stop('continue');
    const whole = async (): Promise<typeof told> => {
      const rows = { text: '', places: [] as string[] };
      for (let length = 1; rows.places.length < length;) {
        const { body } = await client.customRequest('ringside/traceLog', { from: rows.places.length }) as { body: typeof told & { length: number } };
        ({ length } = body);
        rows.text += body.text;
        rows.places.push(...body.places);
      }
      return rows;
    };
    const events = async (from: number): Promise<{ first: number; rows: number; length: number; columns: string }> => (await client.customRequest('ringside/timing', { limit: 1000, from })).body.batch;
    const log = await whole(), { first, length } = await events(0);
    assert.ok(first > 0 && told.places.length > 8000, `${first} of ${length}, ${told.places.length}`);
    assert.deepEqual(log, told);
    const early = (await events(500)).columns;
    await stop('ringside/goTo', { position: told.places[3000] });
    assert.deepEqual(await whole(), told);
    const again = await events(500);
    assert.deepEqual([again.rows, again.columns], [1000, early]);
    assert.equal((await stop('ringside/goTo', { position: told.places[3001] })).position, told.places[3001]);
  });

  it('after each move the client is told that what it shows is stale, memory that it has read included', async () => {
    await launch();
    await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [{ line: lineWith('printf(') }] });
    await stop('continue');
    const [top] = (await client.stackTraceRequest({ threadId, levels: 1 })).body.stackFrames;
    const { body } = await client.customRequest('evaluate', { expression: '&sum', frameId: top!.id, context: 'watch' });
    await client.customRequest('readMemory', { memoryReference: body.memoryReference, count: 4 });
    for (const [command, args] of [['stepBack', { threadId }], ['ringside/goBack', { to: 'syscall' }], ['reverseContinue', { threadId }], ['restart', {}]] as const) {
      const [stale, memory] = await Promise.all([client.waitForEvent('invalidated'), client.waitForEvent('memory'), stop(command, args)]);
      assert.deepEqual([stale.body.areas, memory.body.memoryReference], [['all'], body.memoryReference], command);
    }
  });

  for (const what of ['a register', 'memory', "a call's result", 'a variable'] as const) {
    it(`a change of ${what} in the past makes another future, which goes on live`, async () => {
      await launch({ onPastEdit: 'branch' });
      await client.setExceptionBreakpointsRequest({ filters: [], filterOptions: [{ filterId: 'syscall-exit', condition: 'write' }] });
      await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [{ line: lineWith('shared = sum') }] });
      const first = await stop('continue');
      assert.equal(first.reason, 'syscall');
      const second = await stop('continue');
      assert.equal(second.reason, 'breakpoint');
      await stop('continue');
      const past = await stop('reverseContinue');
      assert.deepEqual([past.position, past.isInPast], [second.position, true]);
      const rows = async (scope: RegExp): Promise<{ reference: number; variables: { name: string; value: string; variablesReference: number; memoryReference?: string }[] }> => {
        const [top] = (await client.stackTraceRequest({ threadId, levels: 1 })).body.stackFrames;
        const { scopes } = (await client.scopesRequest({ frameId: top!.id })).body;
        const reference = scopes.find(one => scope.test(one.name))?.variablesReference ?? 0;
        return { reference, variables: (await client.variablesRequest({ variablesReference: reference })).body.variables };
      };
      const set = async (variablesReference: number, name: string, value: string): Promise<void> => { await client.setVariableRequest({ variablesReference, name, value }); };
      if (what === 'a variable') await set((await rows(/local/i)).reference, 'sum', '7');
      else if (what === 'a register') {
        const groups = await rows(/register/i);
        const direct = groups.variables.some(({ name }) => name === 'rdx') ? groups.reference : groups.variables.find(({ name }) => /general/i.test(name))?.variablesReference ?? 0;
        await set(direct, 'rdx', '99');
      } else if (what === 'memory') {
        const [top] = (await client.stackTraceRequest({ threadId, levels: 1 })).body.stackFrames;
        const { body } = await client.customRequest('evaluate', { expression: '&sum', frameId: top!.id, context: 'watch' });
        await client.customRequest('writeMemory', { memoryReference: body.memoryReference, data: Buffer.from([7, 0, 0, 0]).toString('base64') });
      } else {
        const exit = await stop('reverseContinue');
        assert.deepEqual([exit.reason, exit.position], ['syscall', first.position]);
        await set((await rows(/^Syscall/)).reference, 'result', '2');
      }
      const printed: string[] = [];
      client.on('output', (event: { body: { category: string; output: string } }) => { if (event.body.category === 'stdout') printed.push(event.body.output); });
      const next = await stop('next');
      assert.equal(next.isInPast, false);
      await client.setBreakpointsRequest({ source: { path: SOURCE }, breakpoints: [] });
      await client.setExceptionBreakpointsRequest({ filters: [] });
      await Promise.all([client.waitForEvent('terminated'), client.continueRequest({ threadId })]);
      if (what === 'a variable' || what === 'memory') assert.match(printed.join(''), /two\s+7\s/);
      else assert.match(printed.join(''), /two/);
    });
  }
});
