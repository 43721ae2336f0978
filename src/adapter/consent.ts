// The person's agreement to a change in the past, which discards what was recorded after it. A client that can ask is asked, and the change waits for the
// answer; with any other the first try is refused with a sentence, and a second one at the same place counts as agreed.
import { UserError } from '../base/errors';

/** The change waits until the client has asked. */
export class NeedsConsent extends Error {}

export class Consent {
  /** The client has said that it asks. */
  isAsking = false;
  private agreedAt = '';
  private pending: ((isAgreed: boolean) => void) | undefined;

  get isPending(): boolean { return this.pending !== undefined; }

  /** Throws unless the person has agreed to changes at this place. */
  require(place: string): void {
    if (this.agreedAt === place) return;
    if (this.isAsking) throw new NeedsConsent(place);
    this.agreedAt = place;
    throw new UserError('this place is in the past: a change discards what was recorded after it. Make the change once more to go ahead');
  }

  /** `decided` is told of the answer. */
  wait(place: string, decided: (isAgreed: boolean) => void): void {
    this.answer(false);
    this.pending = isAgreed => {
      if (isAgreed) this.agreedAt = place;
      decided(isAgreed);
    };
  }

  answer(isAgreed: boolean): void {
    const { pending } = this;
    this.pending = undefined;
    pending?.(isAgreed);
  }
}
