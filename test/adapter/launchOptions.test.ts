import assert from 'node:assert/strict';
import { launchOptions, parseEpoch, readLaunchConfig } from '../../src/adapter/launchOptions';

describe('launch options', () => {
  it('fills in defaults', () => assert.deepEqual(readLaunchConfig({ program: '/a' }), {
    program: '/a', args: [], cwd: undefined, env: {}, stopOnEntry: false, sysroot: undefined, sourceMap: {}, stepInto: 'syscalls', epoch: undefined, noDebug: false, costModel: 'bare-metal', vdso: true, trace: { memoryMB: 256 }, recording: { memoryMB: 512 }, onPastEdit: 'ask',
  }));
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{}, /needs "program"/], [{ program: '' }, /needs "program"/], [{ program: 5 }, /"program".*must be a string, not 5/], [{ program: '/a', args: 'x' }, /"args".*an array/],
    [{ program: '/a', args: [{}] }, /"args".*must hold strings/], [{ program: '/a', env: [] }, /"env".*an object/], [{ program: '/a', stopOnEntry: 'yes' }, /"stopOnEntry".*a boolean/],
  ];
  for (const [config, message] of wrong) it(`${JSON.stringify(config)} is refused with a sentence`, () => { const result = readLaunchConfig(config); assert(typeof result === 'string' && message.test(result), String(result)); });
  it('names are unique', () => assert.equal(new Set(launchOptions.map(o => o.name)).size, launchOptions.length));
  it('an epoch is seconds or a date', () => {
    assert.equal(parseEpoch(5), 5_000_000_000n);
    assert.equal(parseEpoch('5.25'), 5_250_000_000n);
    assert.equal(parseEpoch('1970-01-01T00:00:01Z'), 1_000_000_000n);
    assert.match(String(parseEpoch('soon')), /neither/);
    assert.match(String(parseEpoch(-1)), /negative/);
  });
});
