// Containers of the libraries of C++, Rust and Go, over DAP on programs in the machine: C++ as gdb shows them natively.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DebugClient } from '@vscode/debugadapter-testsupport';

interface Row { name: string; value: string; type?: string; variablesReference: number; indexedVariables?: number; namedVariables?: number; evaluateName?: string }

const sourceOf = (name: string): string => path.resolve('test/programs/containers', name);
const lineOf = (source: string, mark: string): number => readFileSync(source, 'utf8').split('\n').findIndex(text => text.endsWith(`// ${mark}`)) + 1;
const missing = (...tools: string[]): string | undefined => tools.filter(tool => spawnSync(tool, [tool === 'go' ? 'version' : '--version']).error !== undefined).map(tool => `${tool} is missing`)[0];

/** Describes a program, made by `command`, stopped at a mark. */
function describeStopped(title: string, lacks: string | undefined, source: string, command: (program: string) => string[], body: (the: { program: string; rows(reference: number, more?: object): Promise<Row[]>; locals(): Promise<Map<string, Row>>; print(text: string): Promise<string>; stopAt(mark: string): Promise<void> }) => void): void {
  (lacks ? describe.skip : describe)(`${title}${lacks ? ` (skipped: ${lacks})` : ''}`, function () {
    this.timeout(120_000);
    let client: DebugClient, folder: string, frameId = 0;
    const the = {
      program: '',
      async rows(variablesReference: number, more: object = {}): Promise<Row[]> { return (await client.variablesRequest({ variablesReference, ...more })).body.variables; },
      async locals(): Promise<Map<string, Row>> {
        const [scope] = (await client.scopesRequest({ frameId })).body.scopes;
        return new Map((await the.rows(scope?.variablesReference ?? 0)).map(row => [row.name, row]));
      },
      print: async (expression: string): Promise<string> => (await client.evaluateRequest({ expression, frameId, context: 'watch' })).body.result,
      async stopAt(mark: string): Promise<void> {
        await client.setBreakpointsRequest({ source: { path: source }, breakpoints: [{ line: lineOf(source, mark) }] });
        const [{ body }] = await Promise.all([client.waitForEvent('stopped'), frameId === 0 ? client.configurationDoneRequest() : client.continueRequest({ threadId: 1001 })]);
        frameId = (await client.stackTraceRequest({ threadId: body.threadId as number })).body.stackFrames[0]?.id ?? 0;
      },
    };
    before(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'ringside-containers-'));
      the.program = path.join(folder, 'program');
      const [tool = '', ...args] = command(the.program), made = spawnSync(tool, args, { encoding: 'utf8' });
      assert.equal(made.status, 0, made.stderr);
      client = new DebugClient('node', path.resolve('dist/adapter.js'), 'ringside');
      client.defaultTimeout = 60_000;
      await client.start();
      await Promise.all([client.launch({ program: the.program }), client.waitForEvent('initialized')]);
      await the.stopAt('stop');
    });
    after(async () => {
      await client.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    body(the);
  });
}

/** gdb's words for each name at the mark; pointers differ from ours by where things are. */
function gdbPrints(program: string, source: string, names: readonly string[]): Map<string, string> {
  const commands = [`break ${lineOf(source, 'stop')}`, 'run', ...names.flatMap(name => [`echo @${name}=`, `output ${name}`, 'echo \\n'])];
  const { stdout } = spawnSync('gdb', ['-q', '-nx', '-batch', ...commands.flatMap(command => ['-ex', command]), program], { encoding: 'utf8', env: { ...process.env, DEBUGINFOD_URLS: '' } });
  return new Map([...stdout.matchAll(/^@(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
}

const masked = (text: string): string => text.replace(/0x[0-9a-f]{6,}/g, '0x...');

const CPP = sourceOf('containers.cpp');
/** Those that are printed whole. */
const NAMES = ['empty', 'longer', 'chosen', 'view', 'numbers', 'none', 'words', 'nested', 'pods', 'queue', 'few', 'chain', 'no_chain', 'names', 'lists', 'no_map', 'tags', 'letters', 'ages', 'ids', 'owner', 'no_owner', 'shared', 'no_shared', 'weak', 'some', 'nothing', 'text', 'both'];

describeStopped('containers of C++', missing('g++', 'gdb'), CPP, program => ['g++', '-std=c++17', '-g', '-O0', '-o', program, CPP], the => {
  it('print as gdb prints them', async () => {
    const theirs = gdbPrints(the.program, CPP, NAMES), ours = await the.locals();
    assert.equal(theirs.size, NAMES.length);
    const wrong = NAMES.filter(name => masked(ours.get(name)?.value ?? 'none') !== masked(theirs.get(name) ?? ''));
    assert.deepEqual(wrong.map(name => [name, masked(ours.get(name)?.value ?? 'none')]), wrong.map(name => [name, masked(theirs.get(name) ?? '')]));
  });

  it('unfold to their elements, in portions, each with an expression that gives it again, and to what they are made of', async () => {
    const locals = await the.locals(), open = async (name: string, more?: object): Promise<Row[]> => the.rows(locals.get(name)?.variablesReference ?? 0, more);
    assert.deepEqual((await open('numbers')).map(({ name, value }) => [name, value]), [['[0]', '1'], ['[1]', '2'], ['[2]', '3'], ['[raw]', '{...}']]);
    assert.deepEqual((await open('names')).map(({ name, value }) => [name, value]), [['[1]', '"one"'], ['[2]', '"two"'], ['[3]', '"three"'], ['[raw]', '{...}']]);
    assert.deepEqual((await open('lists')).map(({ name }) => name), ['["a"]', '["b"]', '[raw]']);
    assert.deepEqual([locals.get('queue')?.indexedVariables, locals.get('queue')?.namedVariables], [150, 1]);
    assert.deepEqual((await open('queue', { filter: 'indexed', start: 100, count: 2 })).map(({ name, value }) => [name, value]), [['[100]', '250'], ['[101]', '251']]);
    assert.deepEqual((await open('queue', { filter: 'named' })).map(({ name }) => name), ['[raw]']);
    const [first] = await open('words');
    assert.equal(await the.print(first?.evaluateName ?? ''), '"one"');
    const raw = (await open('numbers')).find(({ name }) => name === '[raw]');
    assert.match((await the.rows(raw?.variablesReference ?? 0))[0]?.name ?? '', /^std::_Vector_base/);
    assert.deepEqual((await open('owner')).map(({ name }) => name), ['*owner', '[raw]']);
  });

  it('take part in expressions: elements, what smart pointers lead to, texts', async () => {
    const asked = ['numbers[1]', 'words[1]', 'owner->id', '(*owner).id', '*shared + 1', 'item.name == "tea \\"cup\\""', 'chosen ~ "^abc"', 'named', 'reference + 1', 'item.id', 'item.color == shop::Color::Green', 'queue[3]'];
    assert.deepEqual(await Promise.all(asked.map(text => the.print(text))), ['2', '"two"', '7', '7', '10', '1', '1', '"tea \\"cup\\""', '3', '7', '1', '153']);
    await assert.rejects(the.print('numbers[3]'), /no such element: \[3\] of 3/);
  });

  it('a reference is shown as what it refers to, a scoped enumerator by its whole name', async () => {
    const locals = await the.locals();
    assert.deepEqual([locals.get('reference')?.value, locals.get('reference')?.type, locals.get('named')?.value], ['2', 'int &', '"tea \\"cup\\""']);
    assert.match(locals.get('item')?.value ?? '', /name = "tea \\"cup\\"", color = shop::Color::Green, size = shop::Large, price = 2.5\}$/);
  });

  it('in a method the members of its object answer to their names', async () => {
    await the.stopAt('in a method');
    const locals = await the.locals();
    assert.deepEqual([locals.has('this'), locals.get('by')?.value], [true, '"abcdefghijklmnopqrstuvwxyz"']);
    assert.deepEqual(await Promise.all(['id', 'price', 'twice', 'name', 'this->name == name'].map(text => the.print(text))), ['7', '2.5', '14', '"tea \\"cup\\""', '1']);
  });
});

const RUST = sourceOf('containers.rs');

describeStopped('containers of Rust', missing('rustc'), RUST, program => ['rustc', '-g', '-o', program, RUST], the => {
  it('print by what they hold, enums by the variant that they are', async () => {
    const locals = await the.locals();
    const wanted: Record<string, string> = {
      point: '{x = 1, y = -2, name = "pt \\303\\251"}', bytes: 'Vec(size=3) = {1, 2, 3}', words: 'Vec(size=2) = {"one", "two"}', nothing: 'Vec(size=0)', shapes: '{Circle(2), Rect {w = 2, h = 3}, Unit}',
      some: 'Some(5)', none: 'None', no_box: 'None', result: 'Err("bad")', slice: '&[u8](size=2) = {2, 3}', ages: 'HashMap(size=1) = {["kim"] = 30}', ids: 'HashSet(size=1) = {42}',
    };
    assert.deepEqual(Object.fromEntries(Object.keys(wanted).map(name => [name, locals.get(name)?.value])), wanted);
    assert.match(locals.get('niche')?.value ?? '', /^Some\(0x[0-9a-f]+\)$/);
    assert.match(locals.get('boxed')?.value ?? '', /\(size=2\) = \{7, 8\}$/);
    assert.match(locals.get('levels')?.value ?? '', /^\{\S*Level::Low, \S*Level::High\}$/);
  });

  it('unfold to their elements and fields, which expressions reach, too', async () => {
    const locals = await the.locals(), open = async (name: string): Promise<(string | undefined)[][]> => (await the.rows(locals.get(name)?.variablesReference ?? 0)).map(({ name: of, value }) => [of, value]);
    assert.deepEqual(await open('words'), [['[0]', '"one"'], ['[1]', '"two"'], ['[raw]', '{...}']]);
    assert.deepEqual(await open('ages'), [['["kim"]', '30'], ['[raw]', '{...}']]);
    const [circle, rect, unit] = await the.rows(locals.get('shapes')?.variablesReference ?? 0);
    assert.deepEqual((await the.rows(rect?.variablesReference ?? 0)).map(({ name, value, evaluateName }) => [name, value, evaluateName]), [['w', '2', 'shapes[1].Rect.w'], ['h', '3', 'shapes[1].Rect.h']]);
    assert.deepEqual([circle?.value, unit?.value, unit?.variablesReference], ['Circle(2)', 'Unit', 0]);
    assert.deepEqual(await Promise.all(['shapes[1].Rect.h', 'bytes[2]', 'point.name == "pt é"', 'some.Some.__0 + 1'].map(text => the.print(text))), ['3', '3', '1', '6']);
  });
});

const GO = sourceOf('containers.go');

describeStopped('strings and slices of Go', missing('go'), GO, program => ['go', 'build', '-gcflags=-N -l', '-o', program, GO], the => {
  it('print by what they hold, and unfold to it', async () => {
    const locals = await the.locals();
    const wanted = { p: '{x = 1, y = -2, name = "pt"}', words: '[]string of length 2, capacity 2 = {"one", "two"}', tail: '[]int of length 1, capacity 1 = {3}', nothing: '[]int of length 0, capacity 0' };
    assert.deepEqual(Object.fromEntries(Object.keys(wanted).map(name => [name, locals.get(name)?.value])), wanted);
    assert.deepEqual((await the.rows(locals.get('numbers')?.variablesReference ?? 0)).map(({ name, value }) => [name, value]), [['[0]', '1'], ['[1]', '2'], ['[2]', '3'], ['[raw]', '{...}']]);
    assert.deepEqual(await Promise.all(['words[1]', 'p.name == "pt"', 'numbers[0] + tail[0]'].map(text => the.print(text))), ['"two"', '1', '4']);
  });
});
