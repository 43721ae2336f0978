// Notes: owner, type, description. Original: elf.h Elf64_Nhdr, gABI "Note Section".
import { decodeUtf8 } from '../base/text';
import { NT_GNU_BUILD_ID } from './constants';

export interface Note {
  owner: string;
  type: number;
  description: Uint8Array;
}

/** The notes of a note section's or segment's bytes; `align` is 4, or 8 for .note.gnu.property. A damaged tail ends the list. */
export function readNotes(bytes: Uint8Array, align = 4): Note[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const step = align === 8 ? 8 : 4;
  const up = (n: number): number => Math.ceil(n / step) * step;
  const notes: Note[] = [];
  for (let at = 0; at + 12 <= bytes.length;) {
    const nameSize = view.getUint32(at, true), descriptionSize = view.getUint32(at + 4, true), type = view.getUint32(at + 8, true);
    const description = up(at + 12 + nameSize);
    if (description + descriptionSize > bytes.length) break;
    notes.push({ owner: decodeUtf8(bytes, at + 12, at + 12 + Math.max(0, nameSize - 1)), type, description: bytes.subarray(description, description + descriptionSize) });
    at = up(description + descriptionSize);
  }
  return notes;
}

/** The build id in hex, when the notes have one. */
export function buildIdOf(notes: readonly Note[]): string | undefined {
  const note = notes.find(n => n.owner === 'GNU' && n.type === NT_GNU_BUILD_ID);
  return note && Array.from(note.description, byte => byte.toString(16).padStart(2, '0')).join('');
}
