// Each rule of advice on a C program that deserves it, down to the line, and on one that does not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { rules, type Finding } from '../../src/charts/advice/advice';

const SOURCE = path.resolve('test/programs/advice/advice.c');
const hasGcc = spawnSync('gcc', ['--version']).status === 0;
const lineOf = (mark: string): number => readFileSync(SOURCE, 'utf8').split('\n').findIndex(line => line.includes(`BAD:${mark} `)) + 1;

interface Figures { advice: Finding[]; vdso: Record<string, number | string>[] }

(hasGcc ? describe : describe.skip)(`advice${hasGcc ? '' : ' (skipped: gcc is absent)'}`, function () {
  this.timeout(30_000);
  let cwd = '';
  const stat = (...words: string[]): Figures => statOf('./advice', ...words);
  const statOf = (...words: string[]): Figures => {
    const done = spawnSync(process.execPath, [path.resolve('dist/cli.js'), 'stat', '--json', '-o', 'figures.json', '--', ...words], { cwd, encoding: 'utf8', timeout: 30_000 });
    assert.equal(done.status, 0, done.stderr);
    return JSON.parse(readFileSync(path.join(cwd, 'figures.json'), 'utf8')) as Figures;
  };

  before(() => {
    cwd = mkdtempSync(path.join(os.tmpdir(), 'ringside-advice-'));
    const built = spawnSync('gcc', ['-g', '-O0', '-Wno-unused-result', '-o', 'advice', SOURCE], { cwd, encoding: 'utf8' });
    assert.equal(built.status, 0, built.stderr);
  });
  after(() => rmSync(cwd, { recursive: true }));

  const deserved: Record<string, { calls: [number, number]; says: RegExp; saves: boolean }> = {
    'small-transfers': { calls: [1000, 1000], says: /^made 1,000 writes of one byte to \/.*\/small\.txt in [\d.]+ .s\.$/, saves: true },
    'failing-opens': { calls: [20, 20], says: /^tried openat of none\.conf 20 times and got ENOENT each time/, saves: true },
    'stat-storm': { calls: [50, 50], says: /^asked 50 times for the state of \/ \(newfstatat, /, saves: true },
    'busy-polling': { calls: [16, 1_000_000], says: /^got EAGAIN from read on pipe:\[\d+\] [\d,]+ times within /, saves: true },
    fsync: { calls: [12, 12], says: /^called fsync on .*\/log\.txt 12 times, each for about 24 B/, saves: true },
    'leaked-descriptors': { calls: [1, 1], says: /^opened descriptor 3 \(\/etc\/passwd\), which \S+ inherited without using it\.$/, saves: false },
    clocks: { calls: [100, 100], says: /^read CLOCK_MONOTONIC 100 times by the real clock_gettime call: /, saves: true },
    blocked: { calls: [1, 1], says: /^waited [\d.]+ ms in wait4, [\d.]+ % of the run, for task \d+ \(advice\)\.$/, saves: false },
  };

  it('a line of a library is found whose debug information lies beside it', () => {
    const run = (command: string, ...words: string[]): void => {
      const { status, stderr } = spawnSync(command, words, { cwd, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    };
    writeFileSync(path.join(cwd, 'lib.c'), '#include <unistd.h>\n\nvoid letters(int fd) {\n  for (int i = 0; i < 30; i++) write(fd, "x", 1);\n}\n');
    writeFileSync(path.join(cwd, 'main.c'), '#include <fcntl.h>\n\nvoid letters(int fd);\n\nint main(void) {\n  letters(open("letters.txt", O_CREAT | O_WRONLY, 0600));\n}\n');
    run('gcc', '-g', '-O0', '-Wno-unused-result', '-shared', '-fPIC', '-o', 'libletters.so', 'lib.c');
    run('objcopy', '--only-keep-debug', 'libletters.so', 'libletters.so.debug');
    run('objcopy', '--strip-debug', '--add-gnu-debuglink=libletters.so.debug', 'libletters.so');
    run('gcc', '-g', '-O0', '-o', 'advice_of_library', 'main.c', './libletters.so');
    const { advice } = statOf('./advice_of_library');
    assert.deepEqual(advice.map(({ rule, site, calls }) => [rule, site?.file, site?.line, site?.function, calls]), [['small-transfers', path.join(realpathSync(cwd), 'lib.c'), 4, 'letters', 30]]);
  });

  it('every rule is tested', () => assert.deepEqual(Object.keys(deserved).sort(), rules.map(rule => rule.id).sort()));

  for (const [id, { calls: [least, most], says, saves }] of Object.entries(deserved)) {
    it(`${id}: the program that deserves it gets it, with its line and figures`, () => {
      const found = stat(id, 'bad').advice.filter(finding => finding.rule === id);
      const finding = found.find(f => f.site?.line === lineOf(id));
      assert.ok(finding, JSON.stringify(found.map(f => [f.site, f.sentence])));
      assert.equal(finding.site?.file, SOURCE);
      assert.match(finding.sentence, says);
      assert.ok(finding.calls >= least && finding.calls <= most, `${finding.calls} calls`);
      assert.equal(finding.savedNs > 0, saves);
    });

    it(`${id}: the program that does not deserve it is left alone`, () => {
      assert.deepEqual(stat(id, 'good').advice.filter(finding => finding.rule === id).map(f => `${f.site?.line} ${f.sentence}`), []);
    });
  }

  it('fsync with nothing written since the one before is told on its own line', () => {
    const finding = stat('fsync', 'bad').advice.find(f => f.site?.line === lineOf('fsync-in-vain'));
    assert.match(finding?.sentence ?? '', /^called fsync on .* 1 time with nothing written since/);
  });

  it('small messages of a conversation are no small writes', () => assert.deepEqual(stat('conversation', 'bad').advice.filter(f => f.rule === 'small-transfers').map(f => f.sentence), []));

  it('a descriptor that the new program uses is no leak', () => assert.deepEqual(stat('inherit', 'bad').advice.filter(f => f.rule === 'leaked-descriptors').map(f => f.sentence), []));

  it('what the cost model says of a real call is what such a call takes', () => {
    const price = (words: string[]): number => Number(stat(...words).vdso.find(row => row['function'] === 'clock_gettime')?.['realEach']);
    const measured = price(['clocks', 'bad']), model = price(['clocks', 'good']);
    assert.ok(Math.abs(measured - model) <= measured * 0.02, `measured ${measured} ns, model ${model} ns`);
  });
});
