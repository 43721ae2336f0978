// Run by the bundler: makes the content of prebuilt.ts.
import { Decoder, slotsOf } from './decode';
import { Handlers } from './handlers';
import { table } from './isa/index';
import { PhysicalMemory } from './physical_memory';
import type { Prebuilt } from './prebuilt';

export function prebuild(): Prebuilt {
  const decoder = new Decoder(table), none = (): number => 0;
  return { slots: slotsOf(table), ...new Handlers(new PhysicalMemory(), { slowPath: none, callHelper: none, hypercall: none }, decoder, 'none').snapshot(decoder) };
}
