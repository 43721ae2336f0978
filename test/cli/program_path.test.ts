import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findProgram, guestBytes, guestEnvironment } from '../../src/cli/program_path';
import { saveFiles, writtenSentence, type WrittenFile } from '../../src/cli/save';
import { NodeFiles } from '../../src/host/node/files';

const files = new NodeFiles();
const written = (name: string, text = ''): WrittenFile => ({ path: guestBytes(name), size: text.length, data: () => new Uint8Array(Buffer.from(text)) });

describe('program and environment of the command line', () => {
  let root = '';
  before(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'ringside-path-'));
    for (const [name, mode] of [['first/tool', 0o644], ['second/tool', 0o755]] as const) {
      mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
      writeFileSync(path.join(root, name), '', { mode });
    }
  });
  after(() => rmSync(root, { recursive: true }));

  it('a name without a slash is the first executable file along PATH', () => {
    assert.equal(findProgram(files, '/', '/', 'tool', `${root}/none:${root}/first:${root}/second`), `${root}/second/tool`);
    assert.equal(findProgram(files, root, '/second', 'tool', '/first:'), '/second/tool');
    assert.throws(() => findProgram(files, '/', '/', 'tool', `${root}/first`), /tool: no such program along PATH/);
  });

  it('a name with a slash is what it is', () => {
    assert.equal(findProgram(files, '/', '/', './tool', ''), './tool');
  });

  it('-E sets and removes variables', () => {
    assert.deepEqual(guestEnvironment({ A: '1', B: '2', GONE: undefined }, ['A', 'C=3=4', 'D=ü']), ['B=2', 'C=3=4', 'D=\u00c3\u00bc']);
  });
});

describe('files written in the sandbox', () => {
  it('are told in one line, relative to the working directory', () => {
    assert.equal(writtenSentence([], '/home'), null);
    assert.equal(writtenSentence([written('/home/test.txt')], '/home'), '1 file written in the sandbox: test.txt');
    assert.equal(writtenSentence([written('/home/ü'), written('/var/log')], '/home'), '2 files written in the sandbox: ü, /var/log');
    assert.match(writtenSentence(Array.from({ length: 12 }, (_, i) => written(`/home/${i}`)), '/home') ?? '', /, and 2 more$/);
  });

  it('are copied where --save says', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'ringside-save-'));
    saveFiles([written('/home/a/b', 'one'), written('/var/c', 'two')], '/home', folder);
    assert.deepEqual(['a/b', 'var/c'].map(name => readFileSync(path.join(folder, name), 'utf8')), ['one', 'two']);
    assert.throws(() => saveFiles([written('/home/a/b/c')], '/home', folder), (error: Error) => error.name === 'UserError' && /cannot be written/.test(error.message));
    rmSync(folder, { recursive: true });
  });
});
