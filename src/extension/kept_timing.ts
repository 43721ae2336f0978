// The events of the newest run in a file, for the next window that shows them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RunFacts } from '../charts/panel_messages';
import type { EventBatch } from '../trace/columns';

/** What stands in the file. A Ringside that reads another one reads nothing. */
const FORMAT = 'packed columns';

export interface TimingRun { run: string; facts: RunFacts; batches: EventBatch[] }
interface Kept extends Omit<TimingRun, 'batches'> { format: typeof FORMAT; batches: (Omit<EventBatch, 'columns'> & { columns: string })[] }

const fileIn = (folder: string): string => path.join(folder, 'timing.json');

/** Writes at once: a window that goes does not wait. */
export function keepTiming(folder: string, { run, facts, batches }: TimingRun): void {
  const kept: Kept = { format: FORMAT, run, facts, batches: batches.map(batch => ({ ...batch, columns: Buffer.from(batch.columns).toString('base64') })) };
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileIn(folder), JSON.stringify(kept));
}

/** Undefined: nothing was kept, or by another build, or by a window that was cut off while it wrote. */
export function readTiming(folder: string): TimingRun | undefined {
  try {
    const { format, run, facts, batches } = JSON.parse(readFileSync(fileIn(folder), 'utf8')) as Kept;
    return format === FORMAT ? { run, facts, batches: batches.map(batch => ({ ...batch, columns: new Uint8Array(Buffer.from(batch.columns, 'base64')) })) } : undefined;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
