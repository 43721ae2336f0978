// Base64 (RFC 4648) without padding rules: code that is made when the product is built stands in it as text.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function toBase64(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const n = (bytes[i] as number) << 16 | (bytes[i + 1] ?? 0) << 8 | (bytes[i + 2] ?? 0);
    const digits = Math.min(4, bytes.length - i + 1);
    for (let k = 0; k < digits; k++) out += ALPHABET.charAt(n >> (18 - 6 * k) & 63);
  }
  return out;
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const value = new Uint8Array(128), out = new Uint8Array(Math.floor(text.length * 3 / 4));
  for (let i = 0; i < 64; i++) value[ALPHABET.charCodeAt(i)] = i;
  for (let i = 0, at = 0; i < text.length; i += 4) {
    const digit = (k: number): number => i + k < text.length ? value[text.charCodeAt(i + k)] as number : 0;
    const n = digit(0) << 18 | digit(1) << 12 | digit(2) << 6 | digit(3);
    if (at < out.length) out[at++] = n >> 16;
    if (at < out.length) out[at++] = n >> 8 & 255;
    if (at < out.length) out[at++] = n & 255;
  }
  return out;
}
