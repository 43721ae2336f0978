// What the extension needs to know of an ELF file before the adapter reads it: can it be debugged, does it need a dynamic linker,
// does its debug information name a given source file. Not an ELF reader (that is src/elf, which this room may not import).

export interface ElfFile {
  /** x86-64 Linux program (not a library, an object file or another machine's). */
  isProgram: boolean;
  /** The dynamic linker that it asks for, or undefined when it is static. */
  interpreter?: string;
}

const EM_X86_64 = 62, ET_EXEC = 2, ET_DYN = 3, PT_DYNAMIC = 2, PT_INTERP = 3, DT_NULL = 0, DT_FLAGS_1 = 0x6ffffffb, DF_1_PIE = 0x08000000;

/** True for the first bytes of any ELF file, of whatever machine. */
export function isElf(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/** Reads the headers of an ELF file; undefined when it is not one (or is cut short). */
export function readElfFile(bytes: Uint8Array): ElfFile | undefined {
  if (!isElf(bytes) || bytes.length < 64) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint16(16, true), machine = view.getUint16(18, true);
  if (bytes[4] !== 2 || bytes[5] !== 1 || machine !== EM_X86_64) return { isProgram: false };
  const phoff = Number(view.getBigUint64(32, true)), phentsize = view.getUint16(54, true), phnum = view.getUint16(56, true);
  let interpreter: string | undefined, isPie = false;
  for (let i = 0; i < phnum; i++) {
    const at = phoff + i * phentsize;
    if (at + 56 > bytes.length) break;
    const kind = view.getUint32(at, true), offset = Number(view.getBigUint64(at + 8, true)), size = Number(view.getBigUint64(at + 32, true));
    const end = Math.min(offset + size, bytes.length);
    if (kind === PT_INTERP) interpreter = new TextDecoder().decode(bytes.subarray(offset, end)).replace(/\0.*$/s, '');
    if (kind === PT_DYNAMIC) {
      for (let d = offset; d + 16 <= end; d += 16) {
        const tag = Number(view.getBigInt64(d, true));
        if (tag === DT_NULL) break;
        if (tag === DT_FLAGS_1) isPie = (Number(view.getBigUint64(d + 8, true)) & DF_1_PIE) !== 0;
      }
    }
  }
  // libc.so.6 has an interpreter too, but it calls itself no PIE; a PIE linked before binutils 2.26 has an interpreter and no flag.
  const isProgram = type === ET_EXEC || (type === ET_DYN && (isPie || interpreter !== undefined));
  return { isProgram, interpreter };
}

/** Whether the file's strings (where DWARF keeps source names, uncompressed) hold this source file's name. */
export function namesSource(bytes: Uint8Array, sourceName: string): boolean {
  const name = new TextEncoder().encode(`${sourceName}\0`);
  const first = name[0];
  if (first === undefined || name.length === 1) return false;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    const before = bytes[at - 1];
    if ((before === 0 || before === 0x2f || before === 0x5c) && name.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}
