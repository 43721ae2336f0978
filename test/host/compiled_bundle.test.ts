// What V8 compiled is kept and used again, and nothing that may be wrong with the kept file is ever seen. A bundle whose text was exchanged for one of the same
// length and time tells which of the two ran: V8 compares lengths only.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';

const text = (word: string): string => `(function (exports, require, module, __filename, __dirname) {\nconsole.log('${word}', require('node:path').basename(__filename), __dirname === require('node:path').dirname(__filename));\n})`;

describe('compiled bundles', function () {
  this.timeout(60_000);
  let home: string, bundle: string, cache: string;
  before(() => {
    home = mkdtempSync(path.join(tmpdir(), 'ringside-compiled-'));
    bundle = path.join(home, 'tool.js');
    buildSync({ entryPoints: ['src/host/node/compiled_bundle.ts'], outfile: path.join(home, 'starter.js'), bundle: true, platform: 'node', format: 'cjs' });
  });
  after(() => rmSync(home, { recursive: true, force: true }));
  beforeEach(() => {
    cache = mkdtempSync(path.join(home, 'cache-'));
    writeFileSync(bundle, text('old'));
    utimesSync(bundle, 1, 1);
  });

  const run = ({ use = 'run', content = 'a', program, environment = {} }: { use?: string | null; content?: string; program?: string; environment?: NodeJS.ProcessEnv } = {}): string =>
    execFileSync(process.execPath, ['-e', `require(${JSON.stringify(path.join(home, 'starter.js'))}).runBundle(${JSON.stringify({ file: bundle, content, use, program })}, require)`],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '', HOME: cache, LOCALAPPDATA: cache, XDG_CACHE_HOME: path.join(cache, 'user'), ...environment } }).split(' ')[0] ?? '';
  const exchange = (): void => { writeFileSync(bundle, text('new')); utimesSync(bundle, 1, 1); };
  const kept = (): string[] => readdirSync(cache, { recursive: true }).map(String).map(name => path.join(cache, name)).filter(file => statSync(file).isFile());

  it('run without being compiled the second time, by the same use of the same build only', () => {
    assert.equal(run(), 'old');
    const [file] = kept();
    assert.ok(file && kept().length === 1);
    exchange();
    assert.equal(run(), 'old');
    assert.equal(run({ use: 'stat' }), 'new');
    assert.equal(run({ content: 'b' }), 'new');
    assert.equal(kept().length, 3);
    assert.equal(run({ use: null }), 'new');
    assert.equal(run({ environment: { NODE_DISABLE_COMPILE_CACHE: '1' } }), 'new');
    writeFileSync(bundle, text('new'));
    assert.equal(run(), 'new');
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('find each other by name, are run once, and load anything else by require()', () => {
    const main = path.join(home, 'main.js');
    writeFileSync(main, `(function (exports, require, module, __filename, __dirname) { module.exports = [require('./part.js') === require('./part.js'), require('./part.js').name, require('node:path').sep.length]; })`);
    writeFileSync(path.join(home, 'part.js'), `(function (exports, require, module, __filename, __dirname) { module.exports = { name: require('node:path').basename(__filename) }; })`);
    const load = `console.log(JSON.stringify(require(${JSON.stringify(path.join(home, 'starter.js'))}).bundleLoader(${JSON.stringify(home)}, { 'main.js': 'a', 'part.js': 'b' }, 'run', require)('./main.js')))`;
    for (let i = 0; i < 2; i++) assert.equal(execFileSync(process.execPath, ['-e', load], { encoding: 'utf8', env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '', HOME: cache, LOCALAPPDATA: cache, XDG_CACHE_HOME: path.join(cache, 'user') } }), '[true,"part.js",1]\n');
    assert.deepEqual(readdirSync(path.join(cache, 'user', 'ringside', 'compiled')).map(name => name.split('-')[0]).sort(), ['main', 'part']);
  });

  it('are compiled when the kept file is damaged, anywhere, and it is written anew', () => {
    assert.equal(run(), 'old');
    const file = kept()[0] as string, bytes = readFileSync(file);
    exchange();
    for (const at of [0, 12, bytes.length >> 1]) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] as number) ^ 0x10;
      writeFileSync(file, damaged);
      assert.equal(run(), 'new', `a bit of byte ${at}`);
      assert.notDeepEqual(readFileSync(file), damaged);
    }
    for (const length of [0, 10, bytes.length >> 1]) {
      writeFileSync(file, bytes.subarray(0, length));
      assert.equal(run(), 'new', `cut to ${length}`);
    }
    writeFileSync(file, bytes);
    assert.equal(run(), 'old');
  });

  it('are kept for a program that makes V8 compile much more than the first one did', () => {
    const long = (word: string): string => `(function (exports, require, module, __filename, __dirname) {\nif (process.env.LONG) (function () {}, function () { let x = 0; ${'x += Math.sqrt(x); '.repeat(500)} })();\nif (process.env.LONG) later();\nconsole.log('${word}');\nfunction later() { let x = 0; ${'x += Math.sqrt(x); '.repeat(500)} }\n})`;
    const put = (word: string): void => { writeFileSync(bundle, long(word)); utimesSync(bundle, 1, 1); };
    const files = (kind: string): string[] => readdirSync(path.join(cache, 'user', 'ringside', kind)).map(name => path.join(cache, 'user', 'ringside', kind, name));
    put('old');
    const environment = { LOCALAPPDATA: path.join(cache, 'user'), LONG: '' }, short = { program: 'short', environment }, large = { program: 'large', environment: { ...environment, LONG: '1' } };
    for (const program of [short, large, short, large]) assert.equal(run(program), 'old\n');
    const sizes = files('compiled_for_programs').map(file => statSync(file).size).sort((a, b) => a - b);
    assert.equal(sizes.length, 2);
    assert.ok((sizes[0] as number) < 1000 && (sizes[1] as number) > statSync(files('compiled')[0] as string).size);
    put('new');
    for (const file of files('compiled')) rmSync(file);
    assert.equal(run(large), 'old\n');
    assert.equal(run(short), 'new\n');
  });

  it('are not taken from a file that another may have written', function () {
    if (process.platform === 'win32') this.skip();
    assert.equal(run(), 'old');
    exchange();
    chmodSync(kept()[0] as string, 0o622);
    assert.equal(run(), 'new');
  });

  it('run where nothing can be kept', () => {
    const file = path.join(cache, 'file');
    writeFileSync(file, '');
    for (const XDG_CACHE_HOME of [file, '/dev/null', 'relative', '/proc/1']) assert.equal(run({ environment: { XDG_CACHE_HOME, HOME: file, LOCALAPPDATA: file } }), 'old');
    assert.equal(existsSync('relative'), false);
  });

  it('of builds that are gone do not stay', () => {
    const folder = path.join(cache, 'user', 'ringside', 'compiled');
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < 40; i++) { const file = path.join(folder, `gone-${i}`); writeFileSync(file, 'x'); utimesSync(file, i, i); }
    assert.equal(run({ environment: { LOCALAPPDATA: path.join(cache, 'user') } }), 'old');
    assert.ok(readdirSync(folder).some(name => name.startsWith('tool-run-')));
    assert.equal(readdirSync(folder).length, 24);
  });
});
