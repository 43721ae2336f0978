import assert from 'node:assert/strict';
import { normalize, SourceMap } from '../../src/debugger/source_map';

describe('source map', () => {
  const table: [string, Record<string, string>, string][] = [
    ['hello.c', {}, '/home/p/hello.c'], ['./src/../a.c', {}, '/home/p/a.c'], ['/usr/src/x.c', {}, '/usr/src/x.c'],
    ['/build/lib/x.c', { '/build': '/home/me' }, '/home/me/lib/x.c'], ['/build/lib/x.c', { '/build': '/a', '/build/lib/': '/b' }, '/b/x.c'], ['/builder/x.c', { '/build': '/a' }, '/builder/x.c'],
  ];
  for (const [source, map, local] of table) it(`${source} with ${JSON.stringify(map)} is ${local}`, () => {
    assert.equal(new SourceMap(map).toLocal(source, '/home/p/prog'), local);
    assert(new SourceMap(map).isSame(source, '/home/p/prog', local));
  });
  it('Windows paths become forward slashes', () => assert.equal(normalize('c:\\a\\..\\b\\x.c'), 'C:/b/x.c'));
  it('a path above the root stays at the root', () => assert.equal(normalize('/../../x'), '/x'));

  it('knows what debug information may call a file of the person, mapped as a whole or by its folder', () => {
    const map = new SourceMap({ '/build/src/generated.c': '/home/me/parser.y', '/build': '/home/me' });
    assert.deepEqual(map.namesOf('/home/me/parser.y'), ['parser.y', 'generated.c']);
    assert.deepEqual(map.namesOf('/home/me/lib/a.c'), ['a.c']);
    assert.ok(map.isSame('/build/src/generated.c', '/usr/bin/x', '/home/me/parser.y'));
  });
});
