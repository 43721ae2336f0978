// Paths that calls name, as strings: read at each call, and mostly one that was read before. Not here: memory that is not there yet (task_memory.ts).
import { kernel } from '../kernel/state';
import { PAGE_SIZE, TASK_SIZE } from '../kernel/mm/types';
import type { LogSource } from '../trace/strace_text';
import type { GuestPages } from './physical_pages';
import { walkUserAddress } from './walk';

const PATH_MAX = 4096, KNOWN = 1024;

export class PathReader {
  /** By a number made of their bytes, the last of those. */
  private readonly known: string[] = Array.from({ length: KNOWN }, () => '');

  constructor(private readonly phys: GuestPages, private readonly source: LogSource) {}

  /** The string at an address of a task's memory, one char a byte, up to PATH_MAX; null: there is nothing. */
  read(pid: number, address: number): string | null {
    const { current } = kernel, task = current?.pid === pid ? current : kernel.tasks.get(pid), pgd = task?.mm?.pgd ?? 0;
    const found = pgd !== 0 && address < TASK_SIZE ? walkUserAddress(this.phys, pgd, address) : null;
    return (found && this.onePage(found.pa)) ?? this.anywhere(pid, address);
  }

  /** Whether that is the string there; false, too, where it takes more than a look to tell. */
  isAt(pid: number, address: number, text: string): boolean {
    const { current } = kernel, pgd = current?.pid === pid ? current.mm?.pgd ?? 0 : 0, { length } = text;
    if (pgd === 0 || address >= TASK_SIZE || address % PAGE_SIZE + length >= PAGE_SIZE) return false;
    const found = walkUserAddress(this.phys, pgd, address);
    return found !== null && this.phys.bytes[found.pa + length] === 0 && isText(text, this.phys.bytes, found.pa, found.pa + length);
  }

  /** A string that ends on the page where it begins; null: it does not. */
  private onePage(pa: number): string | null {
    const { bytes } = this.phys, end = pa - pa % PAGE_SIZE + PAGE_SIZE;
    let at = pa, sum = 0;
    for (let byte: number; at < end && (byte = bytes[at] as number) !== 0; at++) sum = Math.imul(sum, 31) + byte | 0;
    if (at === end) return null;
    const slot = sum & KNOWN - 1, known = this.known[slot] as string;
    return isText(known, bytes, pa, at) ? known : this.known[slot] = textOf(bytes, pa, at);
  }

  private anywhere(pid: number, address: number): string | null {
    const bytes = this.source.memory(pid).read(address, PATH_MAX);
    if (!bytes) return null;
    const end = bytes.indexOf(0);
    return textOf(bytes, 0, end < 0 ? bytes.length : end);
  }
}

function isText(text: string, bytes: Uint8Array, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[from + i]) return false;
  return true;
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at] as number);
  return text;
}
