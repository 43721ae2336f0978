// Internet addresses and numbers in the order of the network, as text.

export const be16 = (b: Uint8Array, at: number): number => ((b[at] ?? 0) << 8) | (b[at + 1] ?? 0);
export const be32 = (b: Uint8Array, at: number): number => (be16(b, at) * 65536 + be16(b, at + 2)) >>> 0;

export const ipv4 = (b: Uint8Array, at: number): string => Array.from(b.subarray(at, at + 4)).join('.');

/** RFC 5952, as inet_ntop of glibc writes it. */
export function ipv6(b: Uint8Array, at: number): string {
  const groups = Array.from({ length: 8 }, (_, k) => be16(b, at + 2 * k));
  let best = -1;
  let bestLength = 1;
  for (let k = 0; k < 8; k++) {
    let length = 0;
    while (k + length < 8 && groups[k + length] === 0) length++;
    if (length > bestLength) { best = k; bestLength = length; }
  }
  const mapped = best === 0 && (bestLength === 6 || (bestLength === 5 && groups[5] === 0xffff));
  const text = (from: number, to: number): string => {
    const list = groups.slice(from, to).map(g => g.toString(16));
    if (mapped && to === 8) return [...list.slice(0, Math.max(0, list.length - 2)), ipv4(b, at + 12)].join(':');
    return list.join(':');
  };
  return best < 0 ? text(0, 8) : `${text(0, best)}::${text(best + bestLength, 8)}`;
}
