// Errors that are not ours: a person asked the impossible, a file is malformed, an action was cancelled.

/** The person asked for something impossible; `message` is one sentence that tells what and why. */
export class UserError extends Error {
  override name = 'UserError';
}

/** A file (ELF, DWARF, recording) is malformed at `offset` of `section`. */
export class FormatError extends Error {
  override name = 'FormatError';
  constructor(readonly section: string, readonly offset: number, readonly sentence: string) {
    super(`${section}+0x${offset.toString(16)}: ${sentence}`);
  }
}

/** The person cancelled: nobody needs to be told. */
export class Cancelled extends Error {
  override name = 'Cancelled';
}
