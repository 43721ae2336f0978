// Numbers as a person reads them: three significant digits and a unit. Not here: axes (they choose their own steps).

const TIMES: readonly [number, string][] = [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs'], [1, 'ns']];

/** `98.9 µs`. NaN, which stands for not known or still open, is an en dash. */
export function formatNs(ns: number): string {
  if (Number.isNaN(ns)) return '–';
  const size = Math.abs(ns);
  const [unit, name] = TIMES.find(([unit]) => size >= unit) ?? [1, 'ns'];
  return `${significant(ns / unit)} ${name}`;
}

/** The unit that suits steps of this size, so that all labels of an axis share it. */
export function timeUnit(stepNs: number): { unit: number; name: string } {
  const [unit, name] = TIMES.find(([unit]) => stepNs >= unit * 0.999) ?? [1, 'ns'];
  return { unit, name };
}

export function significant(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

/** `1,234,567`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `12.3 %`; what is there but rounds to nothing is `<0.1 %`. */
export function formatShare(share: number): string {
  if (!Number.isFinite(share) || share === 0) return '0 %';
  if (share < 0.001) return '<0.1 %';
  return `${(share * 100).toFixed(share >= 0.9995 ? 0 : 1)} %`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const [unit, name] = bytes < 1 << 20 ? [1024, 'KiB'] as const : bytes < 2 ** 30 ? [1 << 20, 'MiB'] as const : [2 ** 30, 'GiB'] as const;
  return `${significant(bytes / unit)} ${name}`;
}

/** `1 call`, `2 calls`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
