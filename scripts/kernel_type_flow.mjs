// Which C type a plain number of the kernel has: numbers are places (variables, results, fields), joined by where values go; a declaration says the type of some,
// and each of the others has that of the nearest. Not here: reading the kernel's text (kernel_types.mjs).

/** How far a type goes, as costs: along an assignment, against it, into a sum, and between two that are compared. A type that only C's own rules give comes last. */
export const COST = { assigned: 1, against: 3, computed: 6, compared: 12, rule: 1000 };

/** A place for a number. `origin` is what declares its type: see TypeText in kernel_types.mjs. */
export class Place {
  joined = [];
  constructor(origin, isRule = false) {
    this.origin = origin;
    this.cost = origin === undefined ? Infinity : isRule ? COST.rule : 0;
    this.type = origin;
  }
}

/** Notes that a value goes from one place to another. */
export function join(from, to, cost = COST.assigned, back = cost === COST.assigned ? COST.against : cost) {
  if (from === to) return;
  from.joined.push(to, cost);
  to.joined.push(from, back);
}

/** Gives each of `places` the type of the declaration that is nearest. Of two as near, the one that was noted first counts. */
export function settle(places) {
  const buckets = [];
  const put = (place, cost) => { (buckets[cost] ??= []).push(place); };
  for (const place of places) if (place.origin !== undefined) put(place, place.cost);
  for (let cost = 0; cost < buckets.length; cost++) {
    for (const place of buckets[cost] ?? []) {
      if (place.cost !== cost || place.isSettled) continue;
      place.isSettled = true;
      for (let i = 0; i < place.joined.length; i += 2) {
        const to = place.joined[i], next = cost + place.joined[i + 1];
        if (next >= to.cost) continue;
        to.cost = next;
        to.type = place.type;
        put(to, next);
      }
    }
  }
}
