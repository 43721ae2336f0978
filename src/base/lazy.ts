// A value that is computed on first use. A computation that comes to ask for itself gets `whenCyclic` instead of an endless recursion.

export function lazy<T>(compute: () => T, whenCyclic: T): () => T {
  let state: 'unknown' | 'busy' | 'known' = 'unknown';
  let value = whenCyclic;
  return () => {
    if (state === 'unknown') {
      state = 'busy';
      try {
        value = compute();
        state = 'known';
      } finally {
        if (state === 'busy') state = 'unknown';
      }
    }
    return value;
  };
}
