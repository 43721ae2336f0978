// Run by the bundler: makes the content of prebuilt.ts.
import { Decoder, indexOf } from './decode';
import { Handlers } from './handlers';
import { allRows, lists, mnemonicsOf } from './isa/index';
import { PhysicalMemory } from './physical_memory';
import type { Prebuilt } from './prebuilt';

export function prebuild(): Prebuilt {
  const decoder = new Decoder(lists), none = (): number => 0;
  return { rows: indexOf(lists), mnemonics: mnemonicsOf(allRows()), ...new Handlers(new PhysicalMemory(), { slowPath: none, callHelper: none, hypercall: none }, decoder, 'none').snapshot(decoder) };
}
