// UTF-8 without TextDecoder, which not every room's library has. Ill-formed bytes become U+FFFD.

/** The text of bytes [start, end). */
export function decodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = '';
  let at = start;
  while (at < end) {
    const first = bytes[at++] ?? 0;
    if (first < 0x80) { text += String.fromCharCode(first); continue; }
    const length = first >= 0xf0 && first < 0xf5 ? 3 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xc2 && first < 0xe0 ? 1 : 0;
    let code = first & (0x3f >> length);
    let taken = 0;
    while (taken < length && at + taken < end && ((bytes[at + taken] ?? 0) & 0xc0) === 0x80) code = (code << 6) | ((bytes[at + taken++] ?? 0) & 0x3f);
    const wrong = length === 0 || taken < length || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) || (length === 2 && code < 0x800) || (length === 3 && code < 0x10000);
    if (wrong) { text += '\ufffd'; continue; }
    at += taken;
    text += String.fromCodePoint(code);
  }
  return text;
}

/** The UTF-8 bytes of `text`. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  }
  return Uint8Array.from(bytes);
}

/** The bytes of a text whose characters are bytes. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
