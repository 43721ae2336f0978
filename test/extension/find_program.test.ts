// Which program F5 takes for a C file, in folders as people have them.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findPrograms, isElfPath, obviousProgram } from '../../src/extension/find_program';

const dynamic = path.resolve('examples/hello_write'), fixed = path.resolve('examples/hello_write.static');

describe('find_program', () => {
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'ringside-find-')); });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const put = (from: string, to: string): string => {
    const file = path.join(folder, to);
    mkdirSync(path.dirname(file), { recursive: true });
    copyFileSync(from, file);
    return file;
  };
  const source = (name = 'hello_write.c'): string => path.join(folder, name);

  /** A root that has the dynamic linker which the example asks for, whatever this computer has. */
  const withLinker = (): string => {
    mkdirSync(path.join(folder, 'root/lib64'), { recursive: true });
    writeFileSync(path.join(folder, 'root/lib64/ld-linux-x86-64.so.2'), '');
    return path.join(folder, 'root');
  };

  it('of the dynamic and the static build it takes the dynamic one where a linker is', async () => {
    const file = put(dynamic, 'hello_write');
    put(fixed, 'hello_write.static');
    assert.equal(obviousProgram(await findPrograms([folder], source(), withLinker())), file);
  });

  it('and the static one where no linker is', async () => {
    put(dynamic, 'hello_write');
    const file = put(fixed, 'hello_write.static');
    assert.equal(obviousProgram(await findPrograms([folder], source(), path.join(folder, 'nothing'))), file);
  });

  it('a program of another name is found by its debug information', async () => {
    const file = put(dynamic, 'a.out');
    assert.equal(obviousProgram(await findPrograms([folder], source(), withLinker())), file);
  });

  it('a program in build/ of the workspace is found', async () => {
    const file = put(dynamic, 'build/hello_write');
    mkdirSync(path.join(folder, 'src'));
    assert.equal(obviousProgram(await findPrograms([path.join(folder, 'src'), folder], path.join(folder, 'src/hello_write.c'), withLinker())), file);
  });

  it('two equally good programs are a question, and so is one that has nothing to do with the file', async () => {
    put(dynamic, 'one');
    put(dynamic, 'two');
    const root = withLinker();
    const both = await findPrograms([folder], source(), root);
    assert.deepEqual([both.length, obviousProgram(both)], [2, undefined]);
    assert.equal(obviousProgram(await findPrograms([folder], source('other.c'), root)), undefined);
  });

  it('scripts, empty files, folders and missing folders are passed over', async () => {
    writeFileSync(path.join(folder, 'hello_write'), '#!/bin/sh\n');
    writeFileSync(path.join(folder, 'empty'), '');
    mkdirSync(path.join(folder, 'hello_write.dir'));
    assert.deepEqual(await findPrograms([folder, path.join(folder, 'missing')], source()), []);
    assert.equal(await isElfPath(path.join(folder, 'missing')), false);
    assert.equal(await isElfPath(folder), false);
  });
});
