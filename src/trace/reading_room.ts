// Where packed chunks are read: the rows of the last few that somebody looked at, each packed again when its place is wanted and it was changed.
import { Steps } from './event_steps';

export interface Reader {
  /** Gives its rows back. */
  leave(): Steps;
}

const SEATS = 4;

export class ReadingRoom {
  /** The one who came last is last. */
  private readonly readers: Reader[] = [];

  constructor(private readonly capacity: number) {}

  /** Rows for one who has none. */
  enter(reader: Reader): Steps {
    const steps = this.readers.length < SEATS ? new Steps(this.capacity) : this.readers.shift()?.leave() ?? new Steps(this.capacity);
    this.readers.push(reader);
    return steps;
  }

  /** One who has gone, with its rows. */
  forget(reader: Reader): void {
    const at = this.readers.indexOf(reader);
    if (at >= 0) this.readers.splice(at, 1);
  }
}
