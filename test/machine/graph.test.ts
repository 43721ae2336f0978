import assert from 'node:assert/strict';
import { GraphStore } from '../../src/machine/graph';
import { checkGraph } from '../../src/machine/graph_check';
import { f, kobject, kobjectTypes, ops } from '../../src/kernel/kobject';
import { KernelState, kernel, useKernel } from '../../src/kernel/state';
import type { KObject } from '../../src/kernel/kobject';
import { hashOf, journeys, launchJourney } from './journeys';

const Thing = kobject('test_thing', {
  number: f.s32, name: f.str, next: f.ptr<KObject>('test_thing'), list: f.list(f.s32), byName: f.map(f.str, f.ptr<KObject>('test_thing')), set: f.set(f.str), bytes: f.bytes,
  place: f.struct({ x: f.s32, to: f.ptr<KObject>('test_thing') }), operations: f.ops<object>('test_operations'),
});
type Thing = ReturnType<typeof Thing.make>;

/** A kernel that holds one thing and nothing else. */
function withThing(): Thing {
  const thing = Thing.make({ number: 1, name: 'one', operations: ops('test_operations', {}) });
  useKernel(KernelState.make({}));
  kernel.subsystems.set('test', thing);
  return thing;
}

describe('the kernel graph, saved and put back', () => {
  after(() => { kobjectTypes.delete('test_thing'); });

  it('living objects are the same ones again, with what they held', () => {
    const thing = withThing();
    const other = Thing.make({ name: 'other' });
    Object.assign(thing, { next: other, list: [1, 2], set: new Set(['a']), bytes: Uint8Array.of(1), place: { x: 5, to: other } });
    const store = new GraphStore(), image = store.save();
    Object.assign(thing, { number: 2, next: null, list: [], place: { x: 6, to: null } });
    other.name = 'changed';
    thing.bytes[0] = 9;
    thing.set.add('b');
    store.load(image);
    assert.equal(kernel.subsystems.get('test'), thing);
    assert.equal(thing.next, other);
    assert.deepEqual([thing.number, thing.list, [...thing.set], [...thing.bytes], thing.place.x, thing.place.to === other, other.name], [1, [1, 2], ['a'], [1], 5, true, 'other']);
  });

  it('maps and sets come back in the order of their entries', () => {
    const thing = withThing();
    thing.byName.set('b', null).set('a', null);
    const store = new GraphStore(), image = store.save();
    thing.byName.delete('b');
    thing.byName.set('b', null);
    assert.deepEqual([...thing.byName.keys()], ['a', 'b']);
    store.load(image);
    assert.deepEqual([...thing.byName.keys()], ['b', 'a']);
  });

  it('the order of a map is part of the hash', () => {
    const { session } = launchJourney(journeys[0] ?? assert.fail());
    const before = hashOf(session).graph;
    const [first, ...rest] = [...kernel.mounts[0]?.mnt_root.d_children ?? assert.fail()];
    assert.ok(first && rest.length > 0, 'the root has some entries');
    const children = kernel.mounts[0]?.mnt_root.d_children ?? assert.fail();
    children.delete(first[0]);
    children.set(...first);
    assert.notEqual(hashOf(session).graph, before);
  });

  it('what has not changed is shared with the save before', () => {
    const thing = withThing();
    const store = new GraphStore();
    const first = store.save(), second = store.save();
    thing.number++;
    const third = store.save();
    const shared = (a: typeof first, b: typeof first): number => a.records.filter(record => b.records.includes(record)).length;
    assert.deepEqual([shared(first, second), shared(second, third)], [first.records.length, first.records.length - 1]);
  });

  for (const [title, spoil, message] of [
    ['an object that is not declared', (thing: Thing) => { thing.next = { name: 'x' } as unknown as KObject; }, /test_thing\.next .*not declare/],
    ['a function', (thing: Thing) => { thing.name = (() => 'x') as unknown as string; }, /test_thing\.name is a function/],
    ['a property that is not declared', (thing: Thing) => { Object.assign(thing, { hidden: 1 }); }, /test_thing has the property hidden/],
    ['a number where text is declared', (thing: Thing) => { thing.name = 5 as unknown as string; }, /test_thing\.name is a number/],
    ['an object of another type', (thing: Thing) => { thing.next = KernelState.make({}); }, /test_thing\.next is a KernelState/],
    ['an array that two fields share', (thing: Thing) => { const other = Thing.make({}); other.list = thing.list; thing.next = other; }, /test_thing\.list is shared/],
    ['an ops table without a name', (thing: Thing) => { thing.operations = {}; }, /test_thing\.operations is no table/],
  ] as const) {
    it(`${title} does not hide in it`, () => {
      const thing = withThing();
      checkGraph();
      spoil(thing);
      assert.throws(() => checkGraph(), message);
    });
  }
});
