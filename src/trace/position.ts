// A place in a run. All runs of the same inputs pass the same places in the same order, so a place is enough to go there again.
// Not here: how to go there (machine/timeline.ts).

export interface Position {
  /** Instructions retired by the whole machine. */
  readonly instructions: number;
  /** Kernel entries that the kernel has answered: it counts on where time passes without an instruction. */
  readonly entry: number;
  /** Inside the answer to the next kernel entry: how many probes of the probed kernel have passed. 0 at an instruction boundary. */
  readonly probe: number;
}

/** Negative when `a` is earlier, positive when it is later. */
export function comparePositions(a: Position, b: Position): number {
  return a.instructions - b.instructions || a.entry - b.entry || a.probe - b.probe;
}

/** One token: `1234.56`, or `1234.56.7` inside a kernel entry. */
export function formatPosition({ instructions, entry, probe }: Position): string {
  return probe === 0 ? `${instructions}.${entry}` : `${instructions}.${entry}.${probe}`;
}

/** Where something happened: a position, and in the kernel entry that comes there its event of that number, from 1 on: `1234.56+2`. 0: at the position itself. */
export interface EventPlace { readonly position: Position; readonly event: number }

export const formatEventPlace = ({ position, event }: EventPlace): string => event === 0 ? formatPosition(position) : `${formatPosition(position)}+${event}`;

/** The place that formatEventPlace wrote, or any position; undefined for other text. */
export function parseEventPlace(text: string): EventPlace | undefined {
  const [, before = '', event = '0'] = /^([\d.]*)(?:\+(\d{1,9}))?$/.exec(text) ?? [], position = parsePosition(before);
  return position && { position, event: Number(event) };
}

/** The position that formatPosition wrote; undefined for other text. */
export function parsePosition(text: string): Position | undefined {
  const [, instructions, entry, probe] = /^(\d{1,15})\.(\d{1,15})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  return instructions === undefined ? undefined : { instructions: Number(instructions), entry: Number(entry), probe: Number(probe ?? 0) };
}
