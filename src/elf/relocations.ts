// Relocations as facts, and the names of procedure-linkage stubs that follow from them (`write@plt`). Original: elf.h Elf64_Rela, psABI 5.2.
import { type Address, addressToNumber, toAddress } from '../base/address';
import { ByteReader } from '../base/bytes';

export interface Relocation {
  /** Where it applies. */
  offset: Address;
  /** R_X86_64_*. */
  type: number;
  /** Index in the symbol table that the section links to. */
  symbol: number;
  addend: bigint;
}

export function readRelocations(bytes: Uint8Array): Relocation[] {
  const reader = new ByteReader(bytes, '.rela');
  const found: Relocation[] = [];
  while (reader.remaining >= 24) {
    const offset = reader.u64(), type = reader.u32(), symbol = reader.u32();
    found.push({ offset, type, symbol, addend: reader.i64() });
  }
  return found;
}

export interface PltStub { name: string; address: Address; size: number }

/**
 * Finds the stubs of a .plt, .plt.sec or .plt.got section: each jumps through a slot (`jmp *disp(%rip)`), and the slot's
 * relocation names the function.
 */
export function findPltStubs(code: Uint8Array, address: Address, stubSize: number, slotNames: ReadonlyMap<number, string>): PltStub[] {
  const stubs: PltStub[] = [];
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const base = addressToNumber(address);
  for (let stub = 0; stub + stubSize <= code.length; stub += stubSize) {
    for (let at = stub; at + 6 <= stub + stubSize; at++) {
      if (code[at] !== 0xff || code[at + 1] !== 0x25) continue;
      const name = slotNames.get(base + at + 6 + view.getInt32(at + 2, true));
      if (name) stubs.push({ name, address: toAddress(address + BigInt(stub)), size: stubSize });
      break;
    }
  }
  return stubs;
}
