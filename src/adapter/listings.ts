// Machine code as DAP sources: where a step by lines has entered a function without source, a client is given its listing, or it would show the caller's line.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Listing } from '../debugger/listing';

/** References of listings begin here; below are those of the kernel's sources. */
const FIRST = 1_000_000;

export class Listings {
  private readonly known: Listing[] = [];

  source(listing: Listing): DebugProtocol.Source {
    let index = this.known.findIndex(({ text }) => text === listing.text);
    if (index < 0) index = this.known.push(listing) - 1;
    return { name: `${listing.name}.asm`, origin: `machine code of ${listing.module}`, sourceReference: FIRST + index };
  }

  at(reference: number | undefined): Listing | undefined { return reference === undefined ? undefined : this.known[reference - FIRST]; }
}
