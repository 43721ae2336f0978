// The text of a source file of the person's, remembered while it does not change.
import { existsSync, readFileSync, statSync } from 'node:fs';

const LARGEST = 1 << 20;
const known = new Map<string, { mtimeMs: number; text: string }>();

/** '' for a file that is not there or is very large. */
export function sourceAround(file: string | undefined): string {
  if (file === undefined || !existsSync(file)) return '';
  const { mtimeMs, size } = statSync(file);
  const found = known.get(file);
  if (found?.mtimeMs === mtimeMs) return found.text;
  const text = size > LARGEST ? '' : readFileSync(file, 'utf8');
  known.set(file, { mtimeMs, text });
  return text;
}
