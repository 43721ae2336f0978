// V8's machine code of modules is kept and used again for the same bytes only. A file in which it was exchanged for that of another module tells which of the
// two ran: V8 does not compare.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { keptFile, readKept, writeKept } from '../../src/host/node/kept_file';
import { needs, nodes } from './nodes';

for (const { name, node } of nodes) describe(`machine code of WebAssembly, in ${name}`, function () {
  this.timeout(60_000);
  let home = '';
  const environment = { NODE_DISABLE_COMPILE_CACHE: '', HOME: '', LOCALAPPDATA: '', XDG_CACHE_HOME: '' }, before_ = { ...process.env };
  before(function () {
    needs(node, this);
    home = mkdtempSync(path.join(tmpdir(), 'ringside-native-'));
    buildSync({ entryPoints: ['src/host/node/native_code.ts', 'src/host/node/kept_file.ts'], outdir: home, bundle: true, platform: 'node', format: 'cjs' });
  });
  beforeEach(() => {
    const cache = mkdtempSync(path.join(home, 'cache-'));
    Object.assign(process.env, environment, { HOME: cache, LOCALAPPDATA: cache, XDG_CACHE_HOME: cache });
  });
  afterEach(() => { for (const name of Object.keys(environment)) if (before_[name] === undefined) delete process.env[name]; else process.env[name] = before_[name]; });
  after(() => { if (home) rmSync(home, { recursive: true, force: true }); });

  const MOST = { files: 8, bytes: 1 << 20 };
  const file = (key: string): ReturnType<typeof keptFile> => keptFile('native', 'test', key, MOST);
  /** (func (export "f") (result i32) (i32.const `value`)) */
  const moduleOf = (value: number): number[] => [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0, 10, 6, 1, 4, 0, 0x41, value, 0x0b];

  /** What the modules of the values give in a process of its own, which keeps their code by `key` as if it had taken `ms`. */
  const run = (key: string, values: readonly number[], ms = 1000, flags: readonly string[] = [], before = ''): unknown => JSON.parse(execFileSync(node, [...flags, '-e', `
    const { NativeCode } = require(${JSON.stringify(path.join(home, 'native_code.js'))}), { keptFile } = require(${JSON.stringify(path.join(home, 'kept_file.js'))});
    const code = new NativeCode(keptFile('native', 'test', '${key}', ${JSON.stringify(MOST)}));
    const modules = ${JSON.stringify(values.map(moduleOf))}.map(bytes => code.compile(new Uint8Array(bytes)));
    console.log(JSON.stringify(modules.map(module => new WebAssembly.Instance(module).exports.f())));
    ${before}
    code.keep(${ms});`], { encoding: 'utf8' }));
  const countIn = (key: string): number => {
    const words = readKept(file(key)) ?? assert.fail('nothing was kept');
    let count = 0;
    while (words.readUInt32LE(8 * count) !== 0) count++;
    return count;
  };
  /** Puts the code in one file, of one module, into another. */
  const exchange = (from: string, to: string): void => {
    const source = readKept(file(from)), target = readKept(file(to));
    assert.ok(source && target && source.length === target.length);
    const code = 12 + target.readUInt32LE(0);
    writeKept(file(to), Buffer.concat([target.subarray(0, code), source.subarray(code)]));
  };

  it('is what runs the next time', () => {
    assert.deepEqual(run('one', [1]), [1]);
    assert.deepEqual(run('two', [2]), [2]);
    exchange('two', 'one');
    assert.deepEqual(run('one', [1]), [2]);
  });

  it('is kept by a process that ran so long that V8 has forgotten what it compiled first', () => {
    run('one', [1], 1000, [], `
      require('node:v8').setFlagsFromString('--expose-gc'); require('node:v8').setFlagsFromString('--stress-flush-code');
      const collect = require('node:vm').runInNewContext('gc'); for (let i = 0; i < 20; i++) collect(); require('node:v8').setFlagsFromString('--no-stress-flush-code');`);
    assert.equal(countIn('one'), 1);
  });

  it('is not used for other bytes of the same length', () => {
    assert.deepEqual(run('one', [1]), [1]);
    assert.deepEqual(run('one', [3]), [3]);
    assert.deepEqual(run('one', [1, 3, 1]), [1, 3, 1]);
  });

  it('stays when a run had no use for it, and one module comes to it at least', () => {
    run('one', [1]);
    run('one', [2, 3, 4], 0);
    assert.equal(countIn('one'), 2);
    run('one', [2, 3, 4], 0);
    assert.equal(countIn('one'), 3);
  });

  it('is not used from a file with another key, nor where V8 has other flags', () => {
    run('one', [1]);
    run('two', [2]);
    exchange('two', 'one');
    assert.deepEqual(run('one', [1], 1000, ['--no-opt']), [1]);
    exchange('two', 'one');
    writeKept({ ...file('one'), key: 'another' }, readKept(file('one')) ?? assert.fail('nothing was kept'));
    assert.deepEqual(run('one', [1]), [1]);
  });
});
