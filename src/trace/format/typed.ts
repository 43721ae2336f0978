// strace's text of values as data: what `--json` writes. One grammar reads the text of every call, so both say the same. Not here: how the text is made (the other files of this folder).
//   numbers are numbers (those above 2^53 text), addresses and other hexadecimal or octal numbers text as printed, NULL null, named values text, several bits a list,
//   {a=1, b=2} an object, [1, 2] and [USR1 CHLD] lists, ~[...] { not: [...] }, 3</tmp/f> { fd: 3, path: "/tmp/f" }, [128 => 16] { in: 128, out: 16 }, makedev(1, 2) { makedev: [1, 2] }.
//   A string is a JSON string where its bytes are UTF-8, else { hex }; what was cut short is { string, isCut: true }. What follows no rule stays text.

export type Typed = null | number | boolean | string | readonly Typed[] | { readonly [name: string]: Typed };

const CLOSING: Record<string, string> = { '{': '}', '[': ']', '(': ')', '<': '>' };
/** Fields that were left out, as abbreviated structures have them. */
const MORE = '...';

/** The end of the quoted string that begins at `at`. */
function endOfString(text: string, at: number): number {
  let i = at + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
}

/** Text cut at `separator` where no bracket or string is open, without comments. */
export function splitTop(text: string, separator: string): string[] {
  const parts: string[] = [], open: string[] = [];
  let part = '';
  for (let i = 0; i < text.length;) {
    const c = text[i] ?? '';
    if (c === '"') {
      const end = endOfString(text, i);
      part += text.slice(i, end);
      i = end;
    } else if (text.startsWith('/*', i)) {
      const end = text.indexOf('*/', i);
      part = part.trimEnd();
      i = end < 0 ? text.length : end + 2;
    } else if (open.length === 0 && text.startsWith(separator, i)) {
      parts.push(part);
      part = '';
      i += separator.length;
    } else {
      // `<` opens the path of a descriptor only: not in `1<<3` or `=> `.
      if (c === '<' ? /[\w]$/.test(part) && text[i + 1] !== '<' : c in CLOSING) open.push(CLOSING[c] ?? '');
      else if (c === open.at(-1) && text.slice(i - 1, i + 1) !== '=>') open.pop();
      part += c;
      i++;
    }
  }
  if (part !== '' || parts.length > 0) parts.push(part);
  return parts.map(one => one.trim());
}

const ESCAPES: Record<string, number> = { t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

/** The bytes of what stands between quotes. */
function unquote(inside: string): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < inside.length; i++) {
    const c = inside[i] ?? '';
    if (c !== '\\') { bytes.push(c.charCodeAt(0) & 0xff); continue; }
    const [code = ''] = /^(x[0-9a-f]{2}|[0-7]{1,3}|.)/s.exec(inside.slice(i + 1)) ?? [];
    i += code.length;
    bytes.push(code.startsWith('x') && code.length > 1 ? parseInt(code.slice(1), 16) : ESCAPES[code] ?? parseInt(code, 8));
  }
  return Uint8Array.from(bytes);
}

/** UTF-8 as text; undefined where it is none. */
function utf8(bytes: Uint8Array): string | undefined {
  let text = '';
  for (let i = 0; i < bytes.length;) {
    const first = bytes[i++] ?? 0;
    const more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : -1;
    if (more < 0 || i + more > bytes.length) return undefined;
    let code = more === 0 ? first : first & (0x3f >> more);
    for (let k = 0; k < more; k++) {
      const next = bytes[i++] ?? 0;
      if ((next & 0xc0) !== 0x80) return undefined;
      code = code << 6 | next & 0x3f;
    }
    if (more === 2 && (code < 0x800 || code >= 0xd800 && code < 0xe000) || more === 3 && (code < 0x10000 || code > 0x10ffff)) return undefined;
    text += String.fromCodePoint(code);
  }
  return text;
}

function stringValue(text: string): Typed {
  const isCut = text.endsWith('"...');
  const bytes = unquote(text.slice(1, isCut ? -4 : -1));
  // A character that was cut in two is no reason to call the rest no text.
  const whole = utf8(bytes) ?? (isCut ? [1, 2, 3].map(n => utf8(bytes.subarray(0, -n))).find(one => one !== undefined) : undefined);
  const value: Typed = whole ?? { hex: Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('') };
  return isCut ? { string: value, isCut: true } : value;
}

/** Fields of a structure or of a call's arguments: values with their names, and those without. */
export function typedFields(text: string): { named: Record<string, Typed>; plain: Typed[] } {
  const named: Record<string, Typed> = {}, plain: Typed[] = [];
  for (const field of splitTop(text, ', ')) {
    const [, name, value = ''] = /^(\w+)=(?![>=])(.*)$/s.exec(field) ?? [];
    if (field === MORE) named.isCut = true;
    else if (name === undefined) plain.push(typedValue(field));
    else named[name] = typedValue(value);
  }
  return { named, plain };
}

function structure(inside: string): Typed {
  const { named, plain } = typedFields(inside);
  if (plain.length === 0) return named;
  return Object.keys(named).length === 0 ? plain : { ...named, values: plain };
}

function list(inside: string): Typed {
  if (inside === '') return [];
  // The signals of a set.
  if (/^[A-Z0-9_]+(?: [A-Z0-9_]+)+$/.test(inside)) return inside.split(' ');
  const change = splitTop(inside, ' => ');
  if (change.length === 2) return { in: typedValue(change[0] ?? ''), out: typedValue(change[1] ?? '') };
  return splitTop(inside, ', ').filter(item => item !== MORE).map(typedValue);
}

/** Whether the bracket that `text` begins with ends it. */
const isBracketed = (text: string): boolean => (text[0] ?? '') in CLOSING && text.endsWith(CLOSING[text[0] ?? ''] ?? '') && splitTop(text.slice(1, -1), '\0').length <= 1 && balanced(text);

/** False for `[0] => [18]`. */
function balanced(text: string): boolean {
  const open = text[0] ?? '', close = CLOSING[open] ?? '';
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') { i = endOfString(text, i) - 1; continue; }
    if (text[i] === open) depth++;
    else if (text[i] === close && --depth === 0) return i === text.length - 1;
  }
  return false;
}

/** One value. */
export function typedValue(given: string): Typed {
  const text = splitTop(given, '\0').join('\0').trim();
  if (text === 'NULL') return null;
  if (/^-?(?:0|[1-9]\d*)$/.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : text;
  if (text.startsWith('"')) return /^"(?:[^"\\]|\\.)*"(?:\.\.\.)?$/s.test(text) ? stringValue(text) : text;
  if (text.startsWith('~[') && text.endsWith(']')) return { not: list(text.slice(2, -1)) };
  if (isBracketed(text)) return text.startsWith('{') ? structure(text.slice(1, -1)) : text.startsWith('[') ? list(text.slice(1, -1)) : text;
  const change = splitTop(text, ' => ');
  if (change.length === 2) return { in: typedValue(change[0] ?? ''), out: typedValue(change[1] ?? '') };
  const [, fd, path] = /^(-?\d+|AT_FDCWD)<(.*)>$/s.exec(text) ?? [];
  if (fd !== undefined) return { fd: typedValue(fd), path: utf8(unquote(path ?? '')) ?? path ?? '' };
  const bits = splitTop(text, '|');
  if (bits.length > 1 && bits.every(bit => /^[\w<]+$/.test(bit))) return bits;
  const [, name, args] = /^([a-z_]\w*)\((.*)\)$/s.exec(text) ?? [];
  if (name !== undefined && !text.includes(' && ')) {
    const values = splitTop(args ?? '', ', ').map(typedValue);
    return { [name]: values.length === 1 ? values[0] ?? null : values };
  }
  return text;
}
