// `ringside record` and `ringside replay`, as they ship.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DebugClient } from '@vscode/debugadapter-testsupport';

const CLI = path.resolve('dist/cli.js');
const PROGRAMS = path.resolve('test/programs/time');

describe('ringside record and replay', function () {
  this.timeout(60_000);
  let cwd = '';
  const ringside = (words: string[], input = ''): { stdout: string; stderr: string; status: number | null } => spawnSync(process.execPath, [CLI, ...words], { cwd, input, encoding: 'utf8', timeout: 60_000 });
  beforeEach(() => { cwd = mkdtempSync(path.join(os.tmpdir(), 'ringside-record-')); });
  afterEach(() => rmSync(cwd, { recursive: true }));

  /** A recording of a program of the tests, which is not there any more. */
  const record = (name: string, input = ''): { stdout: string; status: number | null } => {
    copyFileSync(path.join(PROGRAMS, name), path.join(cwd, name));
    const { stdout, stderr, status } = ringside(['record', '-o', 'run.ringside', '--', `./${name}`], input);
    assert.match(stderr, /ringside: recorded [\d,]+ instructions in run\.ringside/);
    rmSync(path.join(cwd, name));
    return { stdout, status };
  };

  for (const [name, input] of [['exec.elf', ''], ['threads.elf', ''], ['chance.elf', ''], ['sleeps.elf', ''], ['terminal.elf', 'Ada\nGrace\n'], ['typing.elf', 'one\ntwo\n']] as const) {
    it(`${name}: prints the same and returns the same, without the program and its input`, () => {
      const { stdout, status } = record(name, input);
      assert.ok(stdout.length > 0);
      const again = ringside(['replay', 'run.ringside'], 'something else\n');
      assert.deepEqual([again.stdout, again.stderr, again.status], [stdout, '', status]);
    });
  }

  (existsSync('/usr/bin/ls') ? it : it.skip)(`ls -l of a large folder takes less than 5 MB${existsSync('/usr/bin/ls') ? '' : ' (skipped: there is no ls here)'}`, () => {
    const { stdout, status } = ringside(['record', '-o', 'ls.ringside', '--', 'ls', '-l', '/usr/bin']);
    assert.equal(status, 0);
    assert.ok(statSync(path.join(cwd, 'ls.ringside')).size < 5e6, String(statSync(path.join(cwd, 'ls.ringside')).size));
    assert.equal(ringside(['replay', 'ls.ringside']).stdout, stdout);
  });

  it('what is no recording, damaged, of another format or not the same any more is told in one sentence', () => {
    record('chance.elf');
    const file = path.join(cwd, 'run.ringside');
    const bytes = readFileSync(file), whole = gunzipSync(bytes);
    const replay = (contents: Uint8Array): string => { writeFileSync(file, contents); const { stderr, stdout } = ringside(['replay', 'run.ringside']); return stderr + stdout; };
    assert.match(replay(Buffer.from('hello')), /^ringside: run\.ringside is not a recording\n$/);
    assert.match(replay(gzipSync('hello')), /^ringside: run\.ringside is not a recording\n$/);
    assert.match(replay(bytes.subarray(0, bytes.length / 2)), /^ringside: run\.ringside is damaged: .*\n$/);
    const flipped = Buffer.from(bytes);
    flipped[bytes.length >> 1]! ^= 0x55;
    assert.match(replay(flipped), /^ringside: run\.ringside is damaged: .*\n$/);
    assert.match(replay(gzipSync(whole.subarray(0, whole.length - 1000))), /^ringside: run\.ringside is damaged: .*\n$/);
    const older = Buffer.from(whole);
    older.writeUInt32LE(0, 8);
    assert.match(replay(gzipSync(older)), /^ringside: run\.ringside is a recording of format 0; this Ringside reads format 1: record the program again\n$/);
    const newer = Buffer.from(whole);
    newer.writeUInt32LE(2, 8);
    assert.match(replay(gzipSync(newer)), /^ringside: run\.ringside is a recording of format 2, which a newer Ringside made; this one reads format 1\n$/);
    for (const length of [0, 1, 10, 20]) assert.match(replay(gzipSync(whole.subarray(0, length))), /^ringside: run\.ringside is not a recording\n$|damaged/);
    const other = Buffer.from(whole.toString('latin1').replace(/"memory":"[0-9a-f]/, match => `${match.slice(0, -1)}${match.endsWith('0') ? '1' : '0'}`), 'latin1');
    assert.match(replay(gzipSync(other)), /^ringside: the replay does not end as the recording did \(memory\)\n/);
    assert.match(ringside(['replay', 'none']).stderr, /^ringside: none cannot be read/);
    assert.match(ringside(['record', '--', 'true']).stderr, /^ringside: record needs a file/);
  });

  it('is debugged from the file: lines, variables, steps, backwards too', async () => {
    record('walk0.elf');
    const client = new DebugClient('node', path.resolve('dist/adapter.js'), 'ringside');
    client.defaultTimeout = 20_000;
    await client.start();
    const source = path.join(PROGRAMS, 'walk.c'), threadId = 1001;
    const line = readFileSync(source, 'utf8').split('\n').findIndex(text => text.includes('shared = sum')) + 1;
    await Promise.all([client.launch({ recording: path.join(cwd, 'run.ringside'), sourceMap: { '/walk': PROGRAMS } } as object), client.waitForEvent('initialized')]);
    await client.setBreakpointsRequest({ source: { path: source }, breakpoints: [{ line }] });
    await Promise.all([client.configurationDoneRequest(), client.assertStoppedLocation('breakpoint', { path: source, line })]);
    await Promise.all([client.nextRequest({ threadId }), client.assertStoppedLocation('step', { path: source, line: line + 1 })]);
    await Promise.all([client.customRequest('stepBack', { threadId }), client.assertStoppedLocation('step', { path: source, line })]);
    await Promise.all([client.waitForEvent('stopped'), client.continueRequest({ threadId })]);
    const [exited] = await Promise.all([client.waitForEvent('exited'), client.continueRequest({ threadId })]);
    assert.equal(exited.body.exitCode, 0);
    await client.stop();
  });
});
