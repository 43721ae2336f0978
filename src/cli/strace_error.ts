// What is wrong with a command line of `ringside strace`, in strace's own words.
import { UserError } from '../base/errors';

/** `pointsToHelp`: strace says where its options are listed, too. */
export class StraceError extends UserError {
  constructor(message: string, readonly pointsToHelp = false) { super(message); }

  /** What is written to standard error; the exit status is 1. */
  get text(): string { return `strace: ${this.message}\n${this.pointsToHelp ? "Try 'strace -h' for more information.\n" : ''}`; }
}
