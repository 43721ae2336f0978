// Control flow as WebAssembly can say it: which block dominates which, which edges go back, and which have to go through the dispatcher because their loop
// has several ways in. After Ramsey, "Beyond Relooper" (ICFP 2022).

export interface Structure {
  /** Blocks that the dispatcher leads to, in the order of its br_table. */
  readonly dispatched: readonly number[];
  /** Edges "from to" that go through the dispatcher. */
  readonly viaDispatcher: ReadonlySet<string>;
  /** True when anything goes back to the dispatcher, or it has more than one target. */
  readonly hasDispatcher: boolean;
  /** Position in reverse postorder. */
  readonly order: readonly number[];
  /** Children in the dominator tree; the last element is the dispatcher's. */
  readonly children: readonly (readonly number[])[];
  /** Reached by more than one forward edge. */
  readonly isMerge: readonly boolean[];
  /** The target of an edge that goes back. */
  readonly isLoop: readonly boolean[];
}

export const edge = (from: number, to: number): string => `${from} ${to}`;

/**
 * `successors` by block; `entries` may be entered from outside, `returning` leave to one of `dynamic` by an address that is compared at run time
 * (through the dispatcher).
 */
export function structure(successors: readonly (readonly number[])[], entries: readonly number[], dynamic: readonly number[]): Structure {
  const n = successors.length, D = n;
  const dispatched = new Set<number>([...entries, ...dynamic]);
  const via = new Set<string>();
  for (;;) {
    const edges: number[][] = successors.map((list, from) => [...new Set(list)].filter(to => !via.has(edge(from, to))));
    edges.push([...dispatched]);
    const { order, idom } = dominators(edges, D);
    const dominates = (a: number, b: number): boolean => { for (let at = b; ; at = idom[at] as number) { if (at === a) return true; if (at === D) return false; } };
    let changed = false;
    for (let from = 0; from < n; from++) {
      if ((order[from] as number) < 0) continue;
      for (const to of edges[from] as number[]) {
        if ((order[to] as number) > (order[from] as number) || dominates(to, from)) continue;
        via.add(edge(from, to));
        dispatched.add(to);
        changed = true;
      }
    }
    if (changed) continue;
    const children: number[][] = edges.map(() => []);
    const forward = new Uint32Array(n + 1), isLoop = Array.from({ length: n + 1 }, () => false);
    for (let from = 0; from <= n; from++) {
      if ((order[from] as number) < 0) continue;
      if (from !== D) (children[idom[from] as number] as number[]).push(from);
      for (const to of edges[from] as number[]) {
        if ((order[to] as number) > (order[from] as number)) forward[to] = (forward[to] as number) + 1;
        else isLoop[to] = true;
      }
    }
    const hasDispatcher = dispatched.size > 1 || via.size > 0 || dynamic.length > 0;
    // What the dispatcher leads to by its table needs a label.
    const isMerge = Array.from(forward, (count, i) => count > 1 || (hasDispatcher && dispatched.has(i)));
    return { dispatched: [...dispatched], viaDispatcher: via, hasDispatcher, order, children, isMerge, isLoop };
  }
}

/** Reverse postorder and immediate dominators; -1 for what is not reached. Cooper, Harvey, Kennedy 2001. */
function dominators(edges: readonly (readonly number[])[], root: number): { order: number[]; idom: number[] } {
  const order = Array.from({ length: edges.length }, () => -1), post: number[] = [], seen = new Uint8Array(edges.length);
  const stack: [number, number][] = [[root, 0]];
  seen[root] = 1;
  while (stack.length > 0) {
    const top = stack[stack.length - 1] as [number, number];
    const next = (edges[top[0]] as readonly number[])[top[1]++];
    if (next === undefined) { post.push(top[0]); stack.pop(); }
    else if (!seen[next]) { seen[next] = 1; stack.push([next, 0]); }
  }
  const reversed = post.reverse();
  reversed.forEach((node, i) => { order[node] = i; });
  const predecessors: number[][] = edges.map(() => []);
  for (const from of reversed) for (const to of edges[from] as readonly number[]) (predecessors[to] as number[]).push(from);
  const idom = Array.from({ length: edges.length }, () => -1);
  idom[root] = root;
  for (let changed = true; changed;) {
    changed = false;
    for (const node of reversed) {
      if (node === root) continue;
      let best = -1;
      for (const p of predecessors[node] as number[]) {
        if ((idom[p] as number) < 0) continue;
        if (best < 0) { best = p; continue; }
        let a = p, b = best;
        while (a !== b) {
          while ((order[a] as number) > (order[b] as number)) a = idom[a] as number;
          while ((order[b] as number) > (order[a] as number)) b = idom[b] as number;
        }
        best = a;
      }
      if (idom[node] !== best) { idom[node] = best; changed = true; }
    }
  }
  return { order, idom };
}
