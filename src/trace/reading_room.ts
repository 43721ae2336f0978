// Where packed chunks are read: the columns of the last few that somebody looked at, each packed again when its place is wanted and it was changed.
import { Columns } from './event_columns';

export interface Reader {
  /** Gives its columns back. */
  leave(): Columns;
}

const SEATS = 4;

export class ReadingRoom {
  /** The one who came last is last. */
  private readonly readers: Reader[] = [];

  constructor(private readonly capacity: number) {}

  /** Columns for one who has none. */
  enter(reader: Reader): Columns {
    const columns = this.readers.length < SEATS ? new Columns(this.capacity) : this.readers.shift()?.leave() ?? new Columns(this.capacity);
    this.readers.push(reader);
    return columns;
  }

  /** One who has gone, with its columns. */
  forget(reader: Reader): void {
    const at = this.readers.indexOf(reader);
    if (at >= 0) this.readers.splice(at, 1);
  }
}
