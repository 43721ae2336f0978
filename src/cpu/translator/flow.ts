// What the emitter has to know of a region's blocks beforehand: how far control may run between two looks at the budget, and where flags are wanted.
import { factsOf } from './facts';
import { successorsOf, type Block, type Region } from './region';
import { edge, type Structure } from './structure';

/** Where the budget is looked at: what goes back, and what goes through the dispatcher. */
function isTested(shape: Structure, from: number, to: number): boolean {
  return shape.viaDispatcher.has(edge(from, to)) || (shape.order[to] as number) <= (shape.order[from] as number);
}

/** By block: instructions on the longest way from its start to the next look at the budget, or out. */
export function longestRuns(blocks: readonly Block[], shape: Structure): number[] {
  const runs = blocks.map(block => block.instructions.length);
  const backwards = blocks.map((_, i) => i).sort((a, b) => (shape.order[b] as number) - (shape.order[a] as number));
  for (const from of backwards) {
    const block = blocks[from] as Block;
    const ways = successorsOf(block).filter(to => !isTested(shape, from, to)).map(to => runs[to] as number);
    runs[from] = block.instructions.length + Math.max(0, ...ways);
  }
  return runs;
}

/** By block: true unless all flags are set anew before anything reads them and before the region can be left. */
export function flagsLiveAt(blocks: readonly Block[], shape: Structure): boolean[] {
  const own = blocks.map(({ instructions }): boolean | undefined => {
    for (const { form } of instructions) {
      const { mayLeave, readsFlags, setsAllFlags, setsFlagsInside } = factsOf(form);
      if (mayLeave || readsFlags || setsFlagsInside) return true;
      if (setsAllFlags) return false;
    }
    return undefined;
  });
  const live = own.map(known => known === true);
  for (let changed = true; changed;) {
    changed = false;
    for (const block of blocks) {
      const { index } = block;
      if (live[index] || own[index] === false) continue;
      const leaves = block.ending === 'return' || block.ending === 'indirect' || block.ending === 'indirect call' || block.ending === 'syscall' || block.ending === 'hypercall' || (block.taken && block.taken.block === undefined)
        || ((block.ending === 'none' || block.ending === 'conditional') && block.next.block === undefined);
      if (leaves || successorsOf(block).some(to => live[to] || isTested(shape, index, to))) { live[index] = true; changed = true; }
    }
  }
  return live;
}

/** By block: the number of the loop that it is in, the outermost; undefined for what is in none. Loops with calls do not count: they last shorter. Indirect jumps lead to all that they may lead to. */
export function loopsOf({ blocks, indirect }: Region): (number | undefined)[] {
  const leadsTo = (block: Block): readonly number[] => block.ending === 'return' || block.ending === 'call' || block.ending === 'indirect call' || block.ending === 'syscall' ? [] : block.ending === 'indirect' ? [...successorsOf(block), ...indirect] : successorsOf(block);
  // Tarjan 1972: strongly connected components.
  const order: (number | undefined)[] = [], low: number[] = [], open: number[] = [], isOpen: boolean[] = [], loops: (number | undefined)[] = blocks.map(() => undefined);
  let met = 0;
  const visit = (at: number): void => {
    const first = order[at] = low[at] = met++;
    open.push(at);
    isOpen[at] = true;
    for (const to of leadsTo(blocks[at] as Block)) {
      if (order[to] === undefined) { visit(to); low[at] = Math.min(low[at], low[to] as number); }
      else if (isOpen[to]) low[at] = Math.min(low[at], order[to]);
    }
    if (low[at] !== first) return;
    const members = open.splice(open.indexOf(at));
    for (const member of members) isOpen[member] = false;
    if (members.length > 1 || leadsTo(blocks[at] as Block).includes(at)) for (const member of members) loops[member] = at;
  };
  for (const { index } of blocks) if (order[index] === undefined) visit(index);
  return loops;
}
