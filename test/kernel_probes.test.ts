import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { instrument, newTable } from '../scripts/kernel_instrument.mjs';
import { callGraph } from '../scripts/kernel_probes.mjs';

const probed = (text: string): string => instrument(text, 'fs/x.ts', newTable()).toString();
const inFunction = (body: string): string => `function f(o: any, xs: any[], n: number) {\n${body}\n}`;

describe('the plugin that puts probes into the kernel', () => {
  const refused: [what: string, text: string, why: RegExp][] = [
    ['try', inFunction('try { n++; } finally { n--; }'), /fs\/x\.ts:2:1: `try`/],
    ['async functions', 'async function f() {}', /fs\/x\.ts:1:1: an async function/],
    ['generators', 'function* f() {}', /fs\/x\.ts:1:1: an async function or generator/],
    ['var', inFunction('  var a = 1;'), /fs\/x\.ts:2:3: `var`/],
    ['classes inside functions', inFunction('class A {}'), /2:1: a class inside a function/],
    ['calls in default parameters', 'function g(a = f()) {}', /1:16: a call in a default parameter/],
    ['destructuring assignment', inFunction('[o.a, o.b] = xs;'), /2:1: a destructuring assignment/],
    ['module variables', 'let count = 0;', /1:1: a variable of the module/],
    ['a registry of the module that a function changes', 'const seen = new Set();\nfunction f(x: any) { seen.add(x); }', /2:22: a change of the module's own 'seen'/],
  ];
  for (const [what, text, why] of refused) it(`refuses ${what}, with file and line`, () => assert.throws(() => probed(text), why));

  it('accepts a local variable that hides one of the module', () => {
    assert.doesNotThrow(() => probed('const seen = new Set();\nfunction f() { const seen = new Set(); seen.add(1); }'));
  });

  it('passes only names that are declared and alive at a statement', () => {
    const text = probed(inFunction('const a = 1;\n{ g(a); const a = 2; h(a); }\nfor (const x of xs) if (x) return a;'));
    assert.match(text, /\$hit\(0\) && \$see\(\[o, xs, n\]\); const a = 1;/);
    assert.match(text, /\$hit\(1\) && \$see\(\[o, xs, n\]\); g\(a\)/);
    assert.match(text, /\$hit\(3\) && \$see\(\[o, xs, n, a\]\); h\(a\)/);
    assert.match(text, /\$hit\(6\) && \$see\(\[o, xs, n, a, x\]\); if \(x\) \{ \$hit\(7\) && \$see\(\[o, xs, n, a, x\]\); \{ const \$r = \( a\); \$leave\(\$r\); return \$r; \} \}/);
  });

  it('journals what a statement writes', () => {
    const text = probed(inFunction('o.a.b = 1;\no[n] += 2;\ndelete o.c;\no.list.push(n, 3);\no.map?.set(1, 2);\nxs.length = 0;\nn++;\no.d!.e++;\nObject.assign(o, { n });'));
    for (const part of ["$write(o.a, 'b').b = 1", '$write(o)[n] += 2', "delete $write(o, 'c').c", "$call(o.list, 'push', n, 3)", '$save(o.map)?.set(1, 2)', "$write(xs, 'length').length = 0", '; n++', "$write(o.d!, 'e').e++", 'Object.assign($save(o), { n })']) {
      assert.ok(text.includes(part), `${part} in\n${text}`);
    }
  });

  it('journals nothing of what is born in the call', () => {
    const text = probed(inFunction('const list: number[] = [], bytes = new Uint8Array(n), view = new DataView(bytes.buffer);\nlist.push(n);\nbytes[0] = n;\nview.setUint8(1, n);\nxs.forEach(x => list.push(x));\nlist.length = 0;\nObject.assign({}, o);'));
    assert.doesNotMatch(text, /\$(write|call|save)\(/);
  });

  it('journals what a name may lead to that was there before', () => {
    const text = probed(inFunction('const a = o.list, b = new Uint8Array(o.buffer, n), c = new DataView(o.bytes.buffer), d = { o };\na.push(n);\nb[0] = n;\nc.setUint8(0, n);\nd.o.x = n;\nlet e = [];\ne = xs;\ne.push(n);\n{ const f = []; f.push(n); }\n{ const f = xs; f.push(n); }\nconst g = (a: any) => { a.push(n); };'));
    for (const part of ["$call(a, 'push', n)", '$write(b)[0]', "$call(c, 'setUint8'", "$write(d.o, 'x')", "$call(e, 'push'", "$call(f, 'push', n); }\n$hit(12)"]) assert.ok(text.includes(part), `${part} in\n${text}`);
    assert.match(text.slice(text.indexOf('$enter(1)')), /\$call\(a, 'push', n\)/);
  });

  it('knows who may call whom: by name across files, by method through ops tables', () => {
    const table = newTable(), links = { files: new Map() };
    instrument("import { low } from './b';\nexport const sys_a = syscall({ nr: 0, name: 'a' }, task => low(task));\nfunction other() {}", 'fs/a.ts', table, links);
    instrument("export function low(file: any) { file.f_op.read_iter(file); }\nfunction pipe_read() {}\nconst pipe_fops = ops('pipe_fops', { name: 'pipe_fops', read_iter: pipe_read, poll() { return 1; } });", 'fs/b.ts', table, links);
    const { calls, handlers } = callGraph(table, links);
    const id = (name: string): number => table.functions.findIndex((fn: { name: string }) => fn.name === name);
    assert.deepEqual(handlers, { a: id('__x64_sys_a') });
    assert.deepEqual(calls[id('__x64_sys_a')], [id('low')]);
    assert.deepEqual(calls[id('low')], [id('pipe_read')]);
    assert.ok(id('pipe_fops.poll') >= 0);
    assert.deepEqual(calls[id('other')], []);
  });

  it('leaves the kernel what it is: its own tests pass on the probed build', function () {
    this.timeout(120_000);
    const { status, stdout, stderr } = spawnSync(process.execPath, ['test/run.mjs', '--probed', '--only', 'test/kernel/boot,test/kernel/fs'], { encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /\b[1-9]\d passed, 0 failed/);
  });
});
