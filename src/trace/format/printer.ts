// One call while its text is made: its registers, the memory of its program, and the words that all formatters share.
// Not here: what a kind of argument looks like (the other files of this folder), lines and columns (strace_text.ts).
import type { ArgType } from '../../abi/arg_types';
import { isStruct, readBig, readNumber, type Scalar, type StructLayout } from '../../abi/struct';
import { readCString, readExactly, type MemoryReader } from '../memory';
import type { FdDetail, TextOptions } from '../options';
import { named } from './flags';
import { address, bytesOf, hex, quote, quoteBytes, signed, unsigned } from './text';

/** What the log may ask about a descriptor (-y, -yy). Strings are latin1 bytes. */
export interface FdFacts {
  /** As /proc/PID/fd/N links: '/etc/hostname', 'pipe:[74440]', 'socket:[5]', 'anon_inode:[eventpoll]'. */
  readonly path: string;
  readonly deleted?: boolean;
  readonly device?: { readonly type: 'char' | 'block'; readonly major: number; readonly minor: number };
  /** With -yy, in place of the path: 'TCP:[127.0.0.1:80]'. */
  readonly socket?: string;
  /** The process of a pidfd. */
  readonly pidfd?: number;
}

export interface Facts {
  fd(pid: number, fd: number): FdFacts | null;
  cwd(pid: number): string | null;
  /** The family of a netlink socket; -1 when it is not bound; null: it is none. */
  netlink?(pid: number, fd: number): number | null;
  /** The name of a task. */
  comm?(pid: number): string | null;
  /** The name of a system call number (si_syscall). */
  syscallName?(nr: number): string | undefined;
}

/** A path or name beside a number. */
export const inAngles = (text: string, hexStrings: TextOptions['hexStrings']): string => `<${quoteBytes(bytesOf(text), hexStrings, '<>')}>`;

export const noFacts: Facts = { fd: () => null, cwd: () => null };

export interface CallDeclaration {
  readonly name: string;
  readonly args: Readonly<Record<string, ArgType<number> | ArgType<bigint>>>;
  readonly ret: ArgType<number> | ArgType<bigint>;
  readonly noreturn?: boolean;
}

/** How a result is printed when it is not an error. */
export type ReturnForm = 'dec' | 'hex' | 'oct' | 'fd' | 'udec';

export class Printer {
  /** False until the call returns. */
  exiting = false;
  ret = 0;
  /** What stands in parentheses after the result. */
  aux: string | null = null;
  /** Set by the call's own text when its result has another form than declared. */
  returnForm: ReturnForm | null = null;
  /** The same of what stands for its result. */
  returnValue: number | null = null;
  /** Addresses that a double cannot hold, as text: those of wild pointers. */
  private exact: Map<number, string> | null = null;
  private own: readonly string[] | null = null;
  private kept: Map<string, string | number> | null = null;

  constructor(
    readonly pid: number,
    readonly call: CallDeclaration,
    /** Six arguments as pairs of unsigned words. */
    readonly args: ArrayLike<number>,
    readonly memory: MemoryReader,
    readonly options: TextOptions,
    readonly facts: Facts,
    /** By int 0x80: structures have the layouts of i386. */
    readonly isCompat = false,
  ) {}

  /** What a formatter saw at entry and needs at exit. */
  get saved(): Map<string, string | number> { return this.kept ??= new Map(); }
  get names(): readonly string[] { return this.own ??= Object.keys(this.call.args); }

  /** The same call at the same moment, with words of its own. */
  copy(): Printer {
    const copy = new Printer(this.pid, this.call, Float64Array.from(this.args), this.memory, this.options, this.facts);
    copy.exiting = this.exiting;
    copy.ret = this.ret;
    copy.aux = this.aux;
    copy.returnForm = this.returnForm;
    copy.returnValue = this.returnValue;
    copy.exact = this.exact && new Map(this.exact);
    copy.kept = this.kept && new Map(this.kept);
    return copy;
  }

  /** Out-memory is meaningful although the call failed: an interrupted sleep's remaining time. */
  trustMemory = false;

  /** The call returned an error. */
  get failed(): boolean { return this.exiting && this.ret < 0 && this.ret >= -4095 && !this.trustMemory; }
  /** The call was interrupted and may be restarted. Linux: include/linux/errno.h, 512 to 516. */
  get interrupted(): boolean { return this.exiting && this.ret <= -512 && this.ret >= -516; }

  lo(i: number): number { return (this.args[2 * i] ?? 0) >>> 0; }
  hi(i: number): number { return (this.args[2 * i + 1] ?? 0) >>> 0; }
  /** The argument as a signed int. */
  int(i: number): number { return this.lo(i) | 0; }
  /** The argument as an unsigned 64-bit number: exact for addresses and sizes. */
  num(i: number): number {
    const value = this.hi(i) * 4294967296 + this.lo(i);
    if (value >= 2 ** 53) (this.exact ??= new Map()).set(value, hex(this.lo(i), this.hi(i)));
    return value;
  }

  /** A pointer out of memory: as a number to read at, its text kept exact. */
  pointer(value: bigint): number {
    const at = Number(value);
    if (at >= 2 ** 53) (this.exact ??= new Map()).set(at, `0x${value.toString(16)}`);
    return at;
  }
  hex(i: number): string { return hex(this.lo(i), this.hi(i)); }
  address(i: number): string { return address(this.lo(i), this.hi(i)); }
  signed(i: number): string { return signed(this.lo(i), this.hi(i)); }
  unsigned(i: number): string { return unsigned(this.lo(i), this.hi(i)); }

  /** The argument of this name, as an unsigned number. */
  named(name: string | undefined): number {
    const i = name === undefined ? -1 : this.names.indexOf(name);
    return i < 0 ? 0 : this.hi(i) * 4294967296 + this.lo(i);
  }

  /** Memory of a structure; null when it cannot be read, or with -e verbose= shall not be. */
  read(at: number, length: number): Uint8Array | null { return this.options.dereferences ? readExactly(this.memory, at, length) : null; }

  /** Memory that the argument points at; null when the text must be the address: NULL, an error, unreadable. */
  fetch(i: number, length: number): Uint8Array | null {
    const at = this.num(i);
    return at === 0 || this.failed ? null : this.read(at, length);
  }

  /** `show` over the struct that argument i points at, or the address. */
  pointed(i: number, layout: StructLayout, show: (bytes: Uint8Array) => string): string {
    const bytes = this.fetch(i, layout.size);
    return bytes ? show(bytes) : this.address(i);
  }

  field(layout: StructLayout, bytes: Uint8Array, name: string, base = 0): number {
    const found = layout.fields[name];
    return found ? readNumber(bytes, base + found.offset, found.type as Scalar) : 0;
  }

  /** The same as text, exact. */
  decimal(layout: StructLayout, bytes: Uint8Array, name: string): string {
    const value = this.field(layout, bytes, name);
    return String(Number.isSafeInteger(value) ? value : this.big(layout, bytes, name));
  }

  big(layout: StructLayout, bytes: Uint8Array, name: string, base = 0): bigint {
    const found = layout.fields[name];
    return found ? readBig(bytes, base + found.offset, found.type as Scalar) : 0n;
  }

  /** Any struct, field by field: for those without a formatter of their own. */
  struct(layout: StructLayout, bytes: Uint8Array, base = 0): string {
    const parts: string[] = [];
    for (const field of Object.values(layout.fields)) {
      if (/^_|^pad/.test(field.name)) continue;
      const one = (at: number): string => {
        if (isStruct(field.type)) return this.struct(field.type, bytes, at);
        const value = readBig(bytes, at, field.type);
        return field.type === 'ptr' ? value === 0n ? 'NULL' : `0x${value.toString(16)}` : value.toString();
      };
      const step = field.size / field.count;
      const texts = Array.from({ length: field.count }, (_, k) => one(base + field.offset + k * step));
      parts.push(`${field.name}=${field.isArray ? `[${texts.join(', ')}]` : texts[0] ?? ''}`);
    }
    return `{${parts.join(', ')}}`;
  }

  /** Bytes of known length. */
  bytes(at: number, length: number, form: { hexStrings?: TextOptions['hexStrings'] } = {}): string {
    if (at === 0) return 'NULL';
    const { stringLimit } = this.options;
    const bytes = readExactly(this.memory, at, Math.min(length, stringLimit + 1));
    if (!bytes) return this.hexAddress(at);
    const shown = bytes.length > stringLimit ? bytes.subarray(0, stringLimit) : bytes;
    return this.quoted(shown, bytes, form.hexStrings) + (length > stringLimit ? '...' : '');
  }

  /** Quotes `shown`; `all` may hold one byte more, which decides the width of a last octal escape. */
  quoted(shown: Uint8Array, _all = shown, hexStrings = this.options.hexStrings): string { return quote(shown, hexStrings); }

  /** A string ended by NUL, cut at -s. */
  string(at: number): string {
    if (at === 0) return 'NULL';
    const { stringLimit } = this.options;
    const found = readCString(this.memory, at, stringLimit + 1);
    if (!found) return this.hexAddress(at);
    const cut = !found.terminated;
    return this.quoted(cut ? found.bytes.subarray(0, stringLimit) : found.bytes) + (cut ? '...' : '');
  }

  /** A file name: never cut below PATH_MAX. */
  path(at: number, limit = 4096): string {
    if (at === 0) return 'NULL';
    const found = readCString(this.memory, at, limit);
    if (!found) return this.hexAddress(at);
    return this.quoted(found.terminated ? found.bytes : found.bytes.subarray(0, limit - 1)) + (found.terminated ? '' : '...');
  }

  hexAddress(at: number): string { return this.exact?.get(at) ?? (at === 0 ? 'NULL' : hex(at % 4294967296, Math.floor(at / 4294967296))); }

  /** `count` elements of `size` bytes in brackets; -s limits the number too, unless -v. */
  array(i: number, at: number, count: number, size: number, show: (bytes: Uint8Array, at: number) => string): string {
    if (at === 0) return 'NULL';
    if (!this.options.dereferences) return this.hexAddress(at);
    if (count === 0) return '[]';
    if (count * size >= 2 ** 53) return this.hexAddress(at);
    const limit = this.options.verbose ? count : Math.min(count, this.options.stringLimit);
    const parts: string[] = [];
    for (let k = 0; k < count; k++) {
      if (k >= limit) { parts.push('...'); break; }
      const bytes = this.read(at + k * size, size);
      if (!bytes) {
        if (k === 0) return this.hexAddress(at);
        parts.push(`... /* ${this.hexAddress(at + k * size)} */`);
        break;
      }
      parts.push(show(bytes, at + k * size));
    }
    return `[${parts.join(', ')}]`;
  }

  /** Elements of a fixed number in brackets, of which -s shows so many unless -v. */
  items(texts: readonly string[]): string {
    const { verbose, stringLimit } = this.options;
    return `[${(verbose || texts.length <= stringLimit ? texts : [...texts.slice(0, stringLimit), '...']).join(', ')}]`;
  }

  /** A descriptor with what it is (-y). */
  fd(fd: number): string {
    if (this.options.fdDetail === null || fd < 0) return String(fd);
    return `${fd}${this.aboutFd(this.options.fdDetail, fd)}`;
  }

  /** What a descriptor is, in angle brackets: the first of what is asked for that can be told. strace: src/util.c (printfd) */
  private aboutFd(asked: ReadonlySet<FdDetail>, fd: number): string {
    const facts = this.facts.fd(this.pid, fd);
    if (!facts) return '';
    const { socket, device, pidfd } = facts, path = quoteBytes(bytesOf(facts.path), this.options.hexStrings, '<>');
    if (socket !== undefined && asked.has('socket')) return `<${socket}>`;
    if (device && asked.has('dev')) return `<${path}<${device.type} ${device.major}:${device.minor}>>`;
    if (pidfd !== undefined && asked.has('pidfd')) return `<pid:${pidfd}>`;
    return asked.has('path') ? `<${path}>${facts.deleted ? '(deleted)' : ''}` : '';
  }

  /** A process or thread, with its name (-Y). */
  process(pid: number): string {
    const comm = this.options.comm && pid > 0 ? this.facts.comm?.(pid) ?? null : null;
    return comm === null ? String(pid) : `${pid}${inAngles(comm, this.options.hexStrings)}`;
  }

  dirfd(fd: number): string {
    if (fd !== -100) return this.fd(fd);
    const word = named('-100', 'AT_FDCWD'), cwd = this.options.fdDetail?.has('path') ? this.facts.cwd(this.pid) : null;
    return cwd === null ? word : `${word}<${quoteBytes(bytesOf(cwd), this.options.hexStrings, '<>')}>`;
  }
}
