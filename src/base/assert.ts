// Our own bugs: an assertion that stays on in release builds, and the mark of a place that cannot be reached.

/** A mistake in Ringside itself: shown to the person as such, with the last trace events. */
export class InternalError extends Error {
  override name = 'InternalError';
}

/** Throws InternalError with `sentence` unless `condition` holds. */
export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new InternalError(sentence);
}

/** Marks a case that the types exclude. */
export function unreachable(value: never): never {
  throw new InternalError(`unreachable: ${String(value)}`);
}
