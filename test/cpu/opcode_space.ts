// Every opcode of the legacy and VEX maps under each mandatory prefix and W and L, with forms of modrm that tell extensions, registers and memory apart: one
// encoding every 32 bytes, the rest INT3s.
const STEP = 32;
/** All registers, and one memory form (without an index and with one) per extension. */
const MODRM = [...Array(64).keys()].map(n => 0xc0 | n).concat([...Array(8).keys()].flatMap(reg => [reg << 3 | 1, reg << 3 | 4 | 0x40]));
const FEW = [0xc1, 0xca, 0xd3, 0xdc, 0xe5, 0xee, 0xf7, 0xf8].concat([...Array(8).keys()].flatMap(reg => [reg << 3 | 1, reg << 3 | 4 | 0x40]));
/** Where all of modrm is opcode. */
const isFine = (map: number, opcode: number): boolean => (map === 0 && opcode >= 0xd8 && opcode <= 0xdf) || (map === 1 && [0x01, 0xae, 0xc7, 0x1e, 0x00].includes(opcode));

export function opcodeSpace(isWhole: boolean): Uint8Array[] {
  const made: Uint8Array[] = [];
  const add = (leads: readonly (readonly number[])[], opcode: number, modrms: readonly number[]): void => {
    const bytes = new Uint8Array(leads.length * modrms.length * STEP + 16).fill(0xcc);
    let at = 0;
    for (const lead of leads) for (const modrm of modrms) { bytes.set([...lead, opcode, modrm, 0x8b, 0x12], at); at += STEP; }
    made.push(bytes);
  };
  const prefixes = [[], [0x66], [0xf3], [0xf2], [0x48], [0x66, 0x48], [0xf3, 0x4c], [0xf2, 0x41], [0xf0], [0x67]];
  for (let map = 0; map < 4; map++) {
    for (let opcode = 0; opcode < 256; opcode++) {
      if (map === 0 && (opcode === 0x0f || opcode === 0xc4 || opcode === 0xc5 || opcode === 0x62 || (opcode & 0xf0) === 0x40 || [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3].includes(opcode))) continue;
      if (map === 1 && (opcode === 0x38 || opcode === 0x3a)) continue;
      add(prefixes.map(p => [...p, ...[[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]][map]!]), opcode, isWhole || isFine(map, opcode) ? MODRM : FEW);
    }
  }
  // vvvv: none, and register 6.
  for (let map = 1; map < 4; map++) {
    const leads = [...Array(32).keys()].map(n => [0xc4, 0xe0 | map, (n & 1 ? 0x80 : 0) | (n & 2 ? 0x78 : 0x48) | n >> 2 & 7]);
    for (let opcode = 0; opcode < 256; opcode++) add(leads, opcode, isWhole ? MODRM : FEW);
  }
  return made;
}
